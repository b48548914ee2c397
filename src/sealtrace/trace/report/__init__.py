"""The report on an evidence file for a court: a few A4 pages in Chinese or English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    path: Path, language: Language, *, expected_key: str | None = None, cosigners: tuple[str, ...] = ()
) -> Written:
    """Verify an evidence file and set the report on it. The same file, keys and language give the same bytes.

    A file that does not hold gets a report too: it says so first and names nobody.

    Raises:
        InputMissing, InputTooLarge: there is no file of a sensible size.
    """
    from .pages import lay_out

    facts, report = gather(path, expected_key, cosigners)
    return Written(lay_out(facts, language), facts, report)
