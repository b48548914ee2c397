"""`sealtrace licence`: classify, and the further verbs of the licence desk. Classifying needs no home."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from sealtrace.errors import InputMissing, InputUnreadable, StorageFailed

from . import (
    licence_account,
    licence_case,
    licence_decide,
    licence_gate,
    licence_library,
    licence_measure,
    licence_paper,
    licence_screening,
    words,
)
from .licence_control import control
from .licence_lease import lease
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option


@click.group()
def licence() -> None:
    """Export licensing: classify goods, account for licensed quantities, issue and verify licences."""


@licence.command()
@click.option("--cases", required=True, type=click.Path(path_type=Path), help="JSON lines, one case a line.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="JSON lines to write, in the same order."
)
@json_option
def classify(cases: Path, out: Path, output: Output) -> int:
    """Decide for each case whether a licence is needed. Exit code 3 when some lines were malformed.

    A case has a date, a form and a composition; names, formula, evidence, route and end use are read when
    given. Whatever can't be told is referred to a person. Needs no home.
    """
    from sealtrace.licences.cases import answers, shipped

    began, tally = time.monotonic(), dict[str, int]()
    with _read(cases) as lines, _replace(out) as written:
        for answer in answers(lines, shipped()):
            kind = str(answer.get("decision", "malformed"))
            tally[kind] = tally.get(kind, 0) + 1
            written.write(_line(answer))
    bad = tally.get("malformed", 0)
    seconds = round(time.monotonic() - began, 3)
    obj = {
        "ok": True,
        "cases": sum(tally.values()),
        "decisions": tally,
        "malformed": bad,
        "path": str(out),
        "seconds": seconds,
    }
    output.answer(
        obj, lambda: fields([*((kind, str(n)) for kind, n in sorted(tally.items())), ("path", str(out))])
    )
    if bad:
        output.note(f"{bad} {words.say('malformed lines')}")
    return 3 if bad else 0


@licence.command("file")
@click.argument("code")
@click.option(
    "--on",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day of export; today without it.",
)
@json_option
@click.pass_obj
def judge_file(settings: Settings, code: str, on: datetime | None, output: Output) -> int:
    """Put a registered file under the technology catalogue by its own words, before it goes to an outsider.

    Exit code 1 when it is prohibited, needs a licence, or a person has to look.
    """
    from sealtrace.licences.carriers import judge
    from sealtrace.licences.classify import Decision

    with custody_of(settings) as custody:
        made = judge(custody.office, custody.version(code), on.date() if on else None)
    said = [r.zh if words.language() == "zh" else r.en for r in made.reasons]
    output.answer({"ok": True, **made.as_dict()}, lambda: "\n".join([words.say(made.decision.value), *said]))
    return 0 if made.decision is Decision.NOT_CONTROLLED else 1


for _verb in ("add", "draw", "reserve", "release", "correct", "show", "list_licences", "check"):
    licence.add_command(getattr(licence_account, _verb))
for _verb in ("step", "appeals"):
    licence.add_command(getattr(licence_measure, _verb))
for _verb in ("issue", "verify", "key", "status", "deadline", "credential", "page"):
    licence.add_command(getattr(licence_paper, _verb))
for _verb in ("apply", "answer", "advise", "question", "case_group"):
    licence.add_command(getattr(licence_case, _verb))
for _verb in ("decide", "notify", "notice", "appeal"):
    licence.add_command(getattr(licence_decide, _verb))
for _verb in ("screen", "clear", "screening"):
    licence.add_command(getattr(licence_screening, _verb))
for _verb in ("gate", "flows"):
    licence.add_command(getattr(licence_gate, _verb))
for _verb in ("draft", "drafts", "changes", "effects", "release", "drop", "raise_all"):
    control.add_command(getattr(licence_library, _verb))
licence.add_command(control)
licence.add_command(lease)


def _line(answer: dict[str, object]) -> bytes:
    try:
        return (json.dumps(answer, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate in what was given
        return (json.dumps(answer) + "\n").encode("ascii")


@contextmanager
def _read(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise InputMissing(f"there is no file {path}") from None
    except OSError as e:
        raise InputUnreadable(f"{path}: {e.strerror}") from e
    with opened:
        yield opened


@contextmanager
def _replace(path: Path) -> Iterator[BinaryIO]:
    """Write beside the final place and move there when whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as opened:
            yield opened
        beside.replace(path)
    except OSError as e:
        raise StorageFailed(f"writing {path}: {e.strerror}") from e
    finally:
        beside.unlink(missing_ok=True)
