"""Circumstances in the report: apart from the proof, under what they are not, and without a say in any number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest

from sealtrace.errors import ProofInvalid
from sealtrace.trace.report import LANGUAGES, beside, report_on
from sealtrace.trace.report.words import Language, say

from .test_report import FAILING, must_have, path_of, squeezed, text_of, written

AUTHOR, DEVICE = "someone@nowhere", "dev-somewhere"


def rows(copy: str) -> list[dict[str, Any]]:
    """One of each kind, as an answer gives them."""
    return [
        {"what": "file", "fits": None, "piece": 0, "copy": None, "kind": "jpeg", "author": AUTHOR,
         "producer": "Camera 3", "created": "2026-03-02T09:00:00+08:00"},
        {"what": "issued", "fits": False, "piece": 0, "copy": copy, "issued_at": "2026-03-02T08:30:00Z",
         "file_at": "2026-03-02T09:00:00+08:00"},
        {"what": "looked", "fits": True, "piece": None, "copy": copy, "at": "2026-03-01T08:00:00Z", "device": DEVICE,
         "ip": "10.1.2.3"},
    ]  # fmt: skip


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page without its foot's count of pages."""
    document = pypdfium2.PdfDocument(pdf)
    return [
        re.sub(r"(第 \d+ 页，共 \d+ 页|Page \d+ of \d+)", "", page.get_textpage().get_text_bounded())
        for page in document
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_stand_last_on_their_own_page_and_change_nothing_before(language: Language) -> None:
    without = written("strong", language)
    [copy] = without.facts.named
    done = report_on(path_of("strong"), language, circumstances=rows(copy.id))
    assert done.facts == without.facts
    plain, beside_it = pages_of(without.pdf), pages_of(done.pdf)
    assert beside_it[: len(plain)] == plain
    last = "\n".join(beside_it[len(plain) :])
    limits = say("beside.limits", language)
    parts = [say("beside", language), limits, AUTHOR, "Camera 3", copy.id, DEVICE, "10.1.2.3"]
    parts += [say(f"beside.fits.{fits}", language) for fits in (True, False)]
    at = [squeezed(last).index(squeezed(part)) for part in parts[:3]]
    assert at == sorted(at), "its head, then what it is not, then the first of it"
    must_have(last, *parts)
    again = report_on(path_of("strong"), language, circumstances=rows(copy.id))
    assert again.pdf == done.pdf


def test_a_file_that_does_not_hold_gets_none() -> None:
    done = report_on(
        path_of(next(name for name in FAILING if name.startswith("strong"))), "en", circumstances=rows("C")
    )
    assert not done.facts.holds
    for word in (AUTHOR, DEVICE, say("beside", "en")):
        assert squeezed(word) not in squeezed(text_of(done.pdf))


def test_nothing_is_said_of_copies_whose_recipient_is_withheld() -> None:
    facts = written("strong", "en").facts
    [copy] = facts.named
    found = beside.read([*rows(copy.id), *rows("C0000-0000-0000-000")])
    assert [one.copy for one in beside.fitting(found, facts)] == ["", copy.id, copy.id, ""]
    withheld = replace(facts, named=(replace(copy, operator=""),))
    assert [one.what for one in beside.fitting(found, withheld)] == ["file", "file"]


@pytest.mark.parametrize(
    "change", [{"what": "proof"}, {"fits": 1}, {"fits": "yes"}, {"piece": "0"}, {"piece": True}]
)
def test_what_is_no_circumstance_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProofInvalid, match="not the circumstances"):
        beside.read([{**rows("C")[0], **change}])
