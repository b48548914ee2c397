"""The golden package of two keys, worked out again from each party's keys; and what gives a false one away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import pytest

from sealtrace.marks.halves import Party
from sealtrace.trace import recompute
from sealtrace.trace.recompute import DocumentKeys, write
from sealtrace.trace.verify import package_members, verify
from tests.golden.evidence_cases import REF, put
from tests.golden.halves_cases import IDS_OF_ALL, NOTARY_DOCUMENT, OFFICE_DOCUMENT

DATA = Path(__file__).parents[1] / "golden" / "data" / "evidence"
OFFICE, NOTARY = f"{REF}, the office's half", f"{REF}, the notary's half"
TRACE = "T00c0ffee00c0ffee"
KEY, COPIES, SCORES = (
    "the document key is the one committed to at issue", "the copies are those that were weighed",
    "the scores are those that the key gives",
)  # fmt: skip


def keys(party: Party, document: bytes | None = None, ids: Any = IDS_OF_ALL, trace: str = TRACE) -> bytes:
    own = OFFICE_DOCUMENT if party is Party.OFFICE else NOTARY_DOCUMENT
    return write(trace, [DocumentKeys(str(REF), document or own, ids)], party)


def found(
    name: str, *given: bytes, change: Callable[[dict[str, Any]], None] = lambda _: None
) -> dict[str, Any]:
    """What each claim comes to; `change` alters the findings after they were verified."""
    report = verify(DATA / f"{name}.evidence")
    findings = cbor2.loads(cbor2.dumps(report.findings))
    change(findings)
    return {c.claim: c.holds for c in recompute.recompute(report.content, findings, *given)}


def failing(claims: dict[str, Any]) -> set[str]:
    return {claim for claim, holds in claims.items() if holds is False}


def test_the_package_holds_and_its_own_keys_give_every_score_again() -> None:
    members = package_members(DATA / "halves-package.evidence")
    assert members is not None
    claims = found("halves-package", members["document-keys.cbor"], members["notary-keys.cbor"])
    assert set(claims.values()) == {True}
    named = [claim for claim in claims if "is named by its codeword in the" in claim]
    assert len(named) == 2
    assert {f"{half}: {what}" for half in (OFFICE, NOTARY) for what in (KEY, COPIES, SCORES)} <= set(claims)


@pytest.mark.parametrize("name", ["halves-table", "halves-table-of-two", "halves-inconclusive"])
def test_tables_blends_and_silence_are_worked_out_again(name: str) -> None:
    claims = found(name, keys(Party.OFFICE), keys(Party.NOTARY))
    assert set(claims.values()) == {True}


def test_an_office_that_framed_a_copy_is_shown_by_both_keys() -> None:
    """Its own half points to the copy, the notary's does not: that is what the findings say, and both keys bear out."""
    name, both = "halves-of-the-office-alone", (keys(Party.OFFICE), keys(Party.NOTARY))
    office, notary = verify(DATA / f"{name}.evidence").findings["weighed"]
    assert (office["alone"], notary["alone"], notary["best"]) == (1, 0, None)
    assert office["best"] > 40
    assert set(found(name, *both).values()) == {True}
    hidden = found(name, *both, change=put("weighed", 0, "alone", to=0))
    assert failing(hidden) == {f"{OFFICE}: {SCORES}"}
    told = found(name, *both, change=put("weighed", 1, "alone", to=1))
    assert failing(told) == {f"{NOTARY}: {SCORES}"}


def test_one_partys_keys_alone_leave_the_other_half_unchecked() -> None:
    claims = found("halves-strong", keys(Party.OFFICE))
    assert {claim for claim, holds in claims.items() if holds is None} == {f"{NOTARY}: {SCORES}"}
    assert not failing(claims)


@pytest.mark.parametrize("party", Party)
def test_keys_that_were_not_committed_to_fail_in_their_half_alone(party: Party) -> None:
    half = OFFICE if party is Party.OFFICE else NOTARY
    given = {one: keys(one, bytes(32) if one is party else None) for one in Party}
    failed = failing(found("halves-strong", *given.values()))
    assert {f"{half}: {KEY}", f"{half}: {SCORES}"} <= failed
    assert all(half in claim or f"in the {party}'s half" in claim for claim in failed)
    fewer = {one: keys(one, ids=IDS_OF_ALL[1:] if one is party else IDS_OF_ALL) for one in Party}
    assert f"{half}: {COPIES}" in failing(found("halves-strong", *fewer.values()))
    strange = keys(party, trace="T0")
    assert "the keys are for this trace" in failing(found("halves-strong", strange))


@pytest.mark.parametrize(
    ("change", "half"),
    [
        (put("weighed", 0, "best", to=60.0), OFFICE),
        (put("weighed", 0, "runner_up", to=9.0), OFFICE),
        (put("weighed", 1, "best", to=60.0), NOTARY),
        (put("weighed", 1, "sums", to=lambda s: np.zeros(len(s) // 8).tobytes()), NOTARY),
        (put("threshold", to=20.0), OFFICE),
    ],
)
def test_numbers_that_the_keys_do_not_give_fail_by_name(change: Any, half: str) -> None:
    claims = found("halves-strong", keys(Party.OFFICE), keys(Party.NOTARY), change=change)
    assert f"{half}: {SCORES}" in failing(claims)
