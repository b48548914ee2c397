"""The report on an evidence file for a court: a few A4 pages in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealtrace.trace.verify import Report

from .facts import Facts, gather
from .words import LANGUAGES, Language

__all__ = ["LANGUAGES", "Language", "Written", "report_on"]


@dataclass(frozen=True, slots=True)
class Written:
    """A finished report and what it rests on."""

    pdf: bytes
    facts: Facts
    report: Report | None
    """The verifier's report; None where the file could not be read as evidence."""


def report_on(
    path: Path, language: Language, *, expected_key: str | None = None, cosigners: tuple[str, ...] = (),
    circumstances: Sequence[Mapping[str, Any]] = (),
) -> Written:  # fmt: skip
    """Verify an evidence file and set the report on it. The same arguments give the same bytes.

    A file that does not hold gets a report too: it says so first and names nobody. `circumstances`, as the trace's
    answer gives them, are set after everything else, as no part of the proof; they change nothing before them.

    Raises:
        InputMissing, InputTooLarge: there is no file of a sensible size.
        ProofInvalid: the circumstances are not written as an answer gives them.
    """
    from . import beside
    from .pages import lay_out

    rows = beside.read(circumstances)
    facts, report = gather(path, expected_key, cosigners)
    return Written(lay_out(facts, language, beside.fitting(rows, facts)), facts, report)
