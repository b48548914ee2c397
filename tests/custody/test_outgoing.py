"""Packages that wait here until they are handed over, once; their undertakings, receipts, ends and lists."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sealtrace.custody import controls, erasure, store
from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing import handing, receipt
from sealtrace.custody.outgoing.package import (
    Conditions,
    Packaged,
    made_before,
    package,
    read_code,
    unseal,
    waiting_place,
)
from sealtrace.custody.service import Custody
from sealtrace.errors import CopyEnded, Corrupted, Denied, NotRegistered, ProofInvalid, UndertakingMissing
from sealtrace.ids import FileCode
from sealtrace.ledger.check import EVERYTHING

from ..conftest import AT

OUTSIDE = Recipient("Lab 4", "outside", "203.0.113.7")
WORDS = "I pass it on to nobody."
UNDER = Conditions("op-009", AT + timedelta(days=3), "Assay Ltd", "round robin", WORDS, "order-1")


@pytest.fixture
def code(custody: Custody, page_png: Callable[..., Path]) -> FileCode:
    return custody.register([page_png(23, size=(620, 877))])[0].code


def made_of(custody: Custody, code: FileCode, under: Conditions = UNDER) -> Packaged:
    return package(custody.office, custody.version(str(code)).ref, OUTSIDE, None, under)


def opened(made: Packaged, html: bytes) -> dict[str, object]:
    sealed = base64.b64decode(html.decode().split('id="sealed">')[1].split("</script>")[0])
    return unseal(read_code(made.code), made.copy.id, sealed)[0]


def signed(head: dict[str, object], said: receipt.Receipt) -> receipt.Receipt:
    key = load_der_private_key(base64.b64decode(str(head["receipt_key"])), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(said.signed, ec.ECDSA(SHA256())))
    return replace(said, signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_a_package_is_made_handed_over_once_and_receipted(custody: Custody, code: FileCode) -> None:
    office = custody.office
    made = made_of(custody, code)
    copy = made.copy.id
    found = handing.show(office, copy)
    assert (found.state, found.waits, found.organisation, found.purpose) == (
        handing.State.MADE, True, "Assay Ltd", "round robin",
    )  # fmt: skip
    assert found.standing.expires_at is not None
    with pytest.raises(Denied):
        made_of(custody, code)
    with handing.hand_over(office, copy, by="op-009", device="dev-1") as out:
        html = out.read()
    assert not waiting_place(office, copy).exists()
    with pytest.raises(Denied):
        handing.hand_over(office, copy, by="op-009", device="dev-1")
    head = opened(made, html)
    assert head["undertaking"] == WORDS
    bare = receipt.Receipt(copy, "王工", "2026-03-02T09:00:00.000Z", b"", receipt.digest(WORDS))
    for wrong in (replace(bare, undertaking=""), replace(bare, undertaking=receipt.digest("nothing"))):
        with pytest.raises(ProofInvalid):
            receipt.register(office, signed(head, wrong))
    entry = receipt.register(office, signed(head, bare))
    found = handing.show(office, copy)
    assert found.received is not None
    assert (found.state, found.received.who, found.received.entry, found.signed_at[:10]) == (
        handing.State.RECEIVED, "王工", entry.index, "2026-03-02",
    )  # fmt: skip
    assert found.handed_over is not None
    assert found.handed_over.who == "op-009"
    erasure.erase(office, OUTSIDE.operator, authority="court", basis="PIPL 47")
    gone = handing.show(office, copy)
    assert gone.received is not None
    assert (gone.received.who, gone.organisation, gone.copy.operator) == ("", "", "(erased)")
    assert custody.check(EVERYTHING) == []


def test_what_is_revoked_ended_or_altered_is_not_handed_over(custody: Custody, code: FileCode) -> None:
    office = custody.office
    revoked = made_of(custody, code, replace(UNDER, key="")).copy.id
    controls.revoke(office, revoked, by="op-009", reason="wrong address")
    with pytest.raises(CopyEnded):
        handing.hand_over(office, revoked, by="op-009", device="d")
    ended = made_of(custody, code, replace(UNDER, key="", until=AT)).copy.id
    altered = made_of(custody, code, replace(UNDER, key="")).copy.id
    waiting_place(office, altered).write_text("something else")
    size = office.ledger.size()
    for copy, error in ((ended, CopyEnded), (altered, Corrupted)):
        with pytest.raises(error):
            handing.hand_over(office, copy, by="op-009", device="d")
    assert office.ledger.size() == size
    assert handing.sweep(office) == 2
    assert waiting_place(office, altered).exists()
    rows = handing.listed(office, None, 2)
    assert [row.copy.id for row in rows] == [altered, ended]
    assert [row.copy.id for row in handing.listed(office, rows[-1].copy.entry.index, 5)] == [revoked]
    issued = custody.issue(str(code), OUTSIDE, office.home.folder / "copy.png").id
    with pytest.raises(NotRegistered):
        handing.show(office, issued)
    plan = office.db.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM copies WHERE purpose = 'package' AND entry < 9 ORDER BY entry DESC LIMIT 5"
    )
    assert "copies_packaged" in str(list(plan))


def test_a_file_that_asks_for_an_undertaking_leaves_with_it(custody: Custody, code: FileCode) -> None:
    office = custody.office
    controls.ask_undertaking(office, code, "I lock the door.", by="op-009")
    with pytest.raises(UndertakingMissing):
        made_of(custody, code)
    made = made_of(custody, code, replace(UNDER, undertaking=f"{WORDS}\nI lock the door."))
    assert handing.show(office, made.copy.id).undertaking.endswith("I lock the door.")


@pytest.mark.parametrize("kept", [False, True], ids=["not-kept", "kept"])
def test_a_handing_over_that_fails_leaves_it_here_or_on_record(
    custody: Custody, code: FileCode, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its entry, the package waits; killed after it, it is never given out again."""
    office, copy = custody.office, made_of(custody, code).copy.id
    whole = controls.enter

    class Killed(BaseException):
        pass

    def killed(*args: object, **kwargs: object) -> None:
        if kept:
            whole(*args, **kwargs)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(controls, "enter", killed)
        with pytest.raises(Killed):
            handing.hand_over(office, copy, by="op-009", device="d")
    assert waiting_place(office, copy).exists()
    if kept:
        with pytest.raises(Denied):
            handing.hand_over(office, copy, by="op-009", device="d")
        assert handing.sweep(office) == 1
    else:
        handing.hand_over(office, copy, by="op-009", device="d").close()
    assert handing.show(office, copy).handed_over is not None


def test_a_package_whose_process_died_after_its_entry_is_made_only_once(
    custody: Custody, code: FileCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sealtrace.custody.outgoing import package as packaging

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    office = custody.office
    with monkeypatch.context() as patch:
        patch.setattr(packaging, "deliver", killed)
        with pytest.raises(Killed):
            made_of(custody, code)
    with pytest.raises(Denied):
        made_of(custody, code)
    [row] = store.newest_packages(office.db, None, 5)
    assert not handing.show(office, row.id).waits
    assert made_before(office, custody.version(str(code)), OUTSIDE, UNDER) == row.id


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xfe{", b"[" * 4000, b"{}", b"[]", b"null", b"1" * 4000, b'{"copy": 1, "name": "a", "at": "b"}',
        json.dumps({"copy": "7F3A-2K9M-5T8C-X", "name": "\ud800", "at": "2026-03-02", "signature": ""}).encode(),
        json.dumps({"copy": "0000-0000-0000-0", "name": "a", "at": "yesterday", "signature": "AAAA"}).encode(),
        json.dumps({"copy": "0000-0000-0000-0", "name": "\u202e" * 9, "at": "2026-03-02", "signature": ""}).encode(),
        json.dumps({"copy": "nonsense", "name": "a", "at": "2026-03-02", "signature": "AAAA"}).encode(),
        b"A" * 100_000,
    ],
)  # fmt: skip
def test_a_hostile_receipt_is_refused_in_our_words(hostile: bytes) -> None:
    with pytest.raises(ProofInvalid) as refused:
        receipt.read_bytes(hostile)
    assert len(str(refused.value)) < 250
