"""Logs as JSON lines: what, how long, how it ended; never who, from where, or on which record.

Who did what is in the ledger, under the policy's rules. Source: OWASP ASVS 5.0, V16.2.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

FIELDS = (
    "request",
    "method",
    "route",
    "status",
    "ms",
)  # Django's own records have a whole request by this name


class Lines(logging.Formatter):
    """One JSON object a line, in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Give time, level, logger, message and the request's fields; of an error its type and place only."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _said(record),
        }
        facts = {name: getattr(record, name, None) for name in FIELDS}
        line |= {name: fact for name, fact in facts.items() if isinstance(fact, str | int | float)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            trace, frames = record.exc_info[2], []
            while trace is not None:
                frames.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["trace"] = frames[-12:]
        return json.dumps(line, ensure_ascii=False)


def _said(record: logging.LogRecord) -> str:
    """A record's message; of Django's about a request only what happened, since the rest is the address."""
    if hasattr(record, "status_code") and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


def begin(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log of this process to a stream, standard error by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for loud in ("botocore", "boto3", "urllib3", "django.server", "procrastinate"):
        logging.getLogger(loud).setLevel(logging.WARNING)
