"""Controls of copies and readers: revoking, ends, reading only, undertakings; prints and packages."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.custody import controls, controls_rows, erasure, store, undertaking
from sealtrace.custody.controls_rows import ControlRow
from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing import package, receipt
from sealtrace.custody.printing import print_copy
from sealtrace.custody.reading import Reader
from sealtrace.custody.service import Custody
from sealtrace.errors import CopyEnded, Denied, MalformedCode, ProofInvalid, UndertakingMissing, UsageProblem
from sealtrace.ids import CopyId, FileCode
from sealtrace.ledger.check import EVERYTHING

from ..conftest import AT

WHO = Recipient("op-031", "dev-2c70", "10.20.1.8")
BY = package.Conditions("op-009")


@pytest.fixture
def code(custody: Custody, page_png: Callable[..., Path]) -> FileCode:
    return custody.register([page_png(21, size=(620, 877))])[0].code


def test_a_revoked_copy_is_not_handed_out_and_closes_its_holders_pages(
    custody: Custody, code: FileCode, tmp_path: Path
) -> None:
    office, reader = custody.office, Reader(WHO, "s1")
    ref = custody.version(str(code)).ref
    copy = custody.issue(str(code), WHO, tmp_path / "a.png").id
    office.reading_room.open_page(ref, 1, reader)
    controls.revoke(office, copy, by="op-009", reason="left the project")
    size = office.ledger.size()
    with pytest.raises(CopyEnded):
        custody.fetch(copy, tmp_path / "b.png")
    with pytest.raises(CopyEnded):
        office.reading_room.open_page(ref, 1, reader)
    with pytest.raises(CopyEnded):
        custody.view(str(code), 1, WHO, tmp_path / "v.png")
    assert office.ledger.size() == size
    assert not (tmp_path / "b.png").exists()
    office.reading_room.open_page(ref, 1, Reader(Recipient("op-032", "dev-1", "10.0.0.1"), "s2"))
    controls.reinstate(office, copy, by="op-009", reason="came back")
    custody.fetch(copy, tmp_path / "b.png")
    assert custody.check(EVERYTHING) == []


def test_a_copy_ends_by_itself(custody: Custody, code: FileCode, tmp_path: Path) -> None:
    copy = custody.issue(str(code), WHO, tmp_path / "a.png").id
    controls.expire(custody.office, copy, AT + timedelta(hours=1), by="op-009")
    assert controls.standing(custody.office, copy).ended is None
    controls.expire(custody.office, copy, AT, by="op-009")
    with pytest.raises(CopyEnded):
        controls.require_in_force(custody.office, copy)
    with pytest.raises(UsageProblem):
        controls.expire(custody.office, copy, AT.replace(tzinfo=None), by="op-009")


events = st.lists(st.sampled_from([controls.REVOKED, controls.REINSTATED, controls.EXPIRY]), max_size=8)


@given(events, st.lists(st.sampled_from(["2026-01-01", "2026-06-01"]), min_size=8, max_size=8))
def test_only_the_newest_decision_counts(made: list[str], ends: list[str]) -> None:
    rows = [
        ControlRow(n, e, 1, 1, None, "2026", end, b"")
        for n, (e, end) in enumerate(zip(made, ends, strict=False))
    ]
    found = controls.standing_of(rows, "2026-03-01")
    turned = [r.event for r in rows if r.event != controls.EXPIRY]
    until = next((r.until for r in reversed(rows) if r.event == controls.EXPIRY), None)
    assert found.revoked == bool(turned and turned[-1] == controls.REVOKED)
    assert (found.ended is not None) == (found.revoked or until == "2026-01-01")


def test_a_file_for_reading_here_only_is_read_and_not_taken(
    custody: Custody, code: FileCode, people: list[Recipient], tmp_path: Path
) -> None:
    office, ref = custody.office, custody.version(str(code)).ref
    before = custody.issue(str(code), WHO, tmp_path / "a.png").id
    controls.set_view_only(office, code, operator=WHO.operator, by="op-009")
    custody.issue(str(code), people[0], tmp_path / "b.png")
    for take in (
        lambda: custody.issue(str(code), WHO, tmp_path / "c.png"),
        lambda: custody.issue_many(str(code), [people[1], WHO], tmp_path / "many"),
        lambda: custody.fetch(before, tmp_path / "c.png"),
        lambda: print_copy(office, ref, WHO, tmp_path / "c.pdf"),
        lambda: package.package(office, ref, WHO, tmp_path / "c.html", BY),
    ):
        with pytest.raises(Denied):
            take()
    office.reading_room.open_page(ref, 1, Reader(WHO, "s1"))
    controls.set_view_only(office, code, operator=WHO.operator, by="op-009", only=False)
    custody.issue(str(code), WHO, tmp_path / "c.png")


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _spki(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_an_undertaking_is_signed_before_the_file_opens(custody: Custody, code: FileCode) -> None:
    office, version = custody.office, custody.version(str(code))
    controls.ask_undertaking(office, code, "I keep this to myself.", by="op-009")
    with pytest.raises(UndertakingMissing):
        office.reading_room.open_page(version.ref, 1, Reader(WHO, "s1"))
    words = undertaking.due(office, version, WHO)
    assert words == "I keep this to myself."
    device, other = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    message = undertaking.to_sign(version, words, WHO)
    with pytest.raises(ProofInvalid):
        undertaking.give(office, version, WHO, _spki(other), _sign(device, message))
    with pytest.raises(ProofInvalid):
        undertaking.give(office, version, WHO, _spki(device), _sign(device, message + b"."))
    undertaking.give(office, version, WHO, _spki(device), _sign(device, message))
    office.reading_room.open_page(version.ref, 1, Reader(WHO, "s1"))
    [given_] = undertaking.given(office, code)
    assert (given_.operator, given_.device, given_.holds) == ("op-031", "dev-2c70", True)
    controls.ask_undertaking(office, code, "And I lock the door.", by="op-009")
    with pytest.raises(UndertakingMissing):
        office.reading_room.open_page(version.ref, 1, Reader(WHO, "s1"))
    erasure.erase(office, WHO.operator, authority="court", basis="PIPL 47")
    assert undertaking.given(office, code) == []
    assert custody.check(EVERYTHING) == []


def test_a_print_is_a_copy_of_its_own_and_traces(custody: Custody, code: FileCode, tmp_path: Path) -> None:
    made = print_copy(custody.office, custody.version(str(code)).ref, WHO, tmp_path / "p.pdf")
    assert made.purpose == "print"
    assert custody.trace([tmp_path / "p.pdf"]).as_dict()["result"] == "exact"
    from sealtrace.content.kinds import Kind
    from sealtrace.content.pages import render_here

    sheet = tmp_path / "sheet.png"
    import cv2

    cv2.imwrite(str(sheet), render_here(tmp_path / "p.pdf", Kind.PDF, [0])[0])
    found = custody.trace([sheet]).as_dict()
    assert found["result"] == "strong"
    assert [c["id"] for c in found["copies"]] == [str(made.id)]  # type: ignore[attr-defined]


def test_a_package_opens_with_its_code_alone_and_its_receipt_is_registered_once(
    custody: Custody, code: FileCode, tmp_path: Path
) -> None:
    office, out = custody.office, tmp_path / "p.html"
    asked = package.Conditions("op-009", AT + timedelta(days=1))
    made = package.package(office, custody.version(str(code)).ref, WHO, out, asked)
    html = out.read_text()
    assert "op-031" not in html
    assert custody.trace([out]).as_dict()["result"] == "exact"
    sealed = base64.b64decode(html.split('id="sealed">')[1].split("</script>")[0])
    head, pictures = package.unseal(package.read_code(made.code.lower()), made.copy.id, sealed)
    assert (head["copy"], head["recipient"], len(pictures)) == (str(made.copy.id), "op-031", 1)
    (tmp_path / "leak.jpg").write_bytes(pictures[0])
    leak = custody.trace([tmp_path / "leak.jpg"]).as_dict()
    assert [c["id"] for c in leak["copies"]] == [str(made.copy.id)]  # type: ignore[attr-defined]
    with pytest.raises(InvalidTag):
        package.unseal(bytes(20), made.copy.id, sealed)
    key = load_der_private_key(base64.b64decode(str(head["receipt_key"])), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    bare = receipt.Receipt(made.copy.id, "王工", "2026-03-02T09:00:00Z", b"")
    said = {
        "copy": str(bare.copy), "name": bare.name, "at": bare.at,
        "signature": base64.b64encode(_sign(key, bare.signed)).decode(),
    }  # fmt: skip
    entry = receipt.register(office, receipt.read(json.dumps(said)))
    assert receipt.register(office, receipt.read(json.dumps(said))) == entry
    with pytest.raises(ProofInvalid):
        receipt.register(office, receipt.read(json.dumps(said | {"name": "somebody else"})))
    assert custody.check(EVERYTHING) == []


@given(st.binary(min_size=20, max_size=20))
def test_a_packages_code_reads_back(secret: bytes) -> None:
    code = package.write_code(secret)
    assert package.read_code(code.replace("-", " ").lower()) == secret
    with pytest.raises(MalformedCode):
        package.read_code(code[:-1])


@given(st.text(max_size=300))
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ProofInvalid):
        receipt.read(text)


def test_a_home_of_an_earlier_version_takes_prints(custody: Custody, code: FileCode, tmp_path: Path) -> None:
    kept = custody.issue(str(code), WHO, tmp_path / "a.png").id

    def as_before(db: apsw.Connection, _: object) -> None:
        for table in ("views", "looks", "controls"):
            db.execute(f"DROP TABLE {table}")
        sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'copies'").fetchone()[0]
        db.execute("ALTER TABLE copies RENAME TO newer")
        for index in ("copies_of_version", "copies_by_digest", "copies_of_subject", "copies_on_device"):
            db.execute(f"DROP INDEX {index}")
        db.execute(sql.replace(", 'print', 'package'", ""))
        db.execute("INSERT INTO copies SELECT * FROM newer")
        db.execute("DROP TABLE newer")

    custody.office.ledger.append([], as_before)
    assert not store.searches_current(custody.office.db)
    with Custody.open(custody.office.home.folder) as again:
        assert store.searches_current(again.office.db)
        assert again.copy(kept).operator == "op-031"
        print_copy(again.office, again.version(str(code)).ref, WHO, tmp_path / "p.pdf")
        assert list(controls_rows.all_rows(again.office.db)) == []
        assert CopyId.parse(str(kept)) == kept
