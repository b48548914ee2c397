"""Cases as JSON lines: one answer for each line, in order; a bad line gets its own answer and stops nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sealtrace.catalogue import lists, technology
from sealtrace.errors import MalformedCase

from .classify import Classifier
from .facts import read_case

MAX_LINE_BYTES = 1 << 20


@cache
def shipped() -> Classifier:
    """The classifier over the lists that come with Sealtrace."""
    return Classifier(lists.shipped(), technology.shipped())


def answers(lines: Iterable[bytes], classifier: Classifier) -> Iterator[dict[str, Any]]:
    """Classify each line. Empty lines at the end are not lines; an empty one before others is malformed."""
    waiting = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            waiting += 1
            continue
        for empty in range(number - waiting, number):
            yield _malformed(empty, MalformedCase("the line is empty"))
        waiting = 0
        yield _answer(number, line, classifier)


def _answer(number: int, line: bytes, classifier: Classifier) -> dict[str, Any]:
    try:
        return classifier.classify(read_case(_parse(line))).as_dict()
    except MalformedCase as e:
        return _malformed(number, e)


def _parse(line: bytes) -> object:
    if len(line) > MAX_LINE_BYTES:
        raise MalformedCase(f"the line has more than {MAX_LINE_BYTES} bytes")
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_once)
    except UnicodeDecodeError as e:
        raise MalformedCase(f"the line is not UTF-8: {e.reason} at byte {e.start}") from e
    except RecursionError:
        raise MalformedCase("the line nests too deep") from None
    except ValueError as e:
        raise MalformedCase(f"the line is not JSON: {e}") from e


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _malformed(number: int, error: MalformedCase) -> dict[str, Any]:
    return {"line": number, "ok": False, "code": error.code, "message": error.message}
