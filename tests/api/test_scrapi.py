"""SCRAPI as a client of another make sees it: registering, receipts, keys, tiles, and refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cbor2
import pytest
import scitt_cose
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from werkzeug.test import Client, TestResponse

from sealtrace.api.scrapi import log_app
from sealtrace.custody import keys, publication, retention
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody

from ..conftest import prose

COSE_TYPE = "application/cose"
ISSUER = "urn:example:partner"


class Partner:
    """Another organisation with an ES256 key, which builds its statements by RFC 9052, 4.4, with no code of ours."""

    def __init__(self, name: str = ISSUER) -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        public = self.key.public_key()
        spki = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.kid = hashlib.sha256(spki).digest()[:8]
        self.pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def statement(self, number: int, **changes: object) -> bytes:
        protected = {
            1: -7, 4: self.kid, 15: {1: self.name, 2: f"subject-{number}"}, 258: -16, 259: "text/plain",
            **{int(label.removeprefix("l")): value for label, value in changes.items() if label != "payload"},
        }  # fmt: skip
        payload = changes.get("payload", hashlib.sha256(str(number).encode()).digest())
        assert isinstance(payload, bytes)
        header = cbor2.dumps(protected)
        signed = cbor2.dumps(["Signature1", header, b"", payload])
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, signature]))


@pytest.fixture
def partner(custody: Custody) -> Partner:
    made = Partner()
    publication.trust_issuer(custody.office, made.name, made.pem)
    return made


@pytest.fixture
def client(custody: Custody, tmp_path: Path) -> Client:
    (tmp_path / "tiles").mkdir()
    return Client(log_app(custody, tmp_path / "tiles"))


def post(client: Client, data: bytes, content_type: str = COSE_TYPE) -> TestResponse:
    return client.post("/entries", data=data, content_type=content_type)


def pem_of(key: dict[int, object]) -> str:
    """Turn a COSE key into PEM, as a client would."""
    assert (key[1], key[3], key[-1]) == (2, -7, 1)
    point = b"\x04" + bytes(key[-2]) + bytes(key[-3])  # type: ignore[call-overload]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_a_foreign_statement_gets_a_receipt_that_verifies_under_the_discovered_key(
    client: Client, partner: Partner
) -> None:
    statement = partner.statement(1)
    answer = post(client, statement)
    assert (answer.status_code, answer.mimetype) == (201, COSE_TYPE)
    [key] = cbor2.loads(client.get("/.well-known/scitt-keys").data)
    resolved = client.get(answer.headers["Location"].removeprefix("http://localhost"))
    assert resolved.status_code == 200
    for receipt in (answer.data, resolved.data):
        held = scitt_cose.verify_receipt(
            receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=pem_of(key)
        )
        assert held.ok, held.errors
    entry = client.get(f"{answer.headers['Location'].removeprefix('http://localhost')}/statement")
    assert (entry.data, entry.mimetype) == (statement, COSE_TYPE)


def test_scitt_media_types_are_spoken_too(client: Client, partner: Partner) -> None:
    statement = partner.statement(77)
    answer = post(client, statement, "application/scitt-statement+cose")
    assert (answer.status_code, answer.mimetype) == (201, "application/scitt-receipt+cose")
    place = answer.headers["Location"].partition("/entries/")[2]
    for path, kind in ((place, "receipt"), (f"{place}/statement", "statement")):
        wanted = f"application/scitt-{kind}+cose"
        got = client.get(f"/entries/{path}", headers={"Accept": wanted})
        plain = client.get(f"/entries/{path}")
        assert (got.mimetype, plain.mimetype) == (wanted, COSE_TYPE)
        assert got.data[:1] == plain.data[:1] == b"\xd2"


def test_registering_again_keeps_the_entry(client: Client, custody: Custody, partner: Partner) -> None:
    first, size = post(client, partner.statement(1)), 0
    statement = client.get(f"{first.headers['Location'].removeprefix('http://localhost')}/statement").data
    size = custody.office.ledger.size()
    again = post(client, statement)
    assert (again.status_code, again.headers["Location"]) == (201, first.headers["Location"])
    assert custody.office.ledger.size() == size


def test_an_unprotected_header_is_not_entered(client: Client, custody: Custody, partner: Partner) -> None:
    plain = partner.statement(1)
    tagged = cbor2.loads(plain)
    header, _, payload, signature = tagged.value
    dressed = cbor2.dumps(cbor2.CBORTag(18, [header, {99: "personal remark"}, payload, signature]))
    assert post(client, dressed).status_code == 201
    last = custody.office.ledger.size() - 1
    assert custody.office.ledger.entry(last).statement == plain


def test_a_batch_is_entered_whole_or_not_at_all(client: Client, custody: Custody, partner: Partner) -> None:
    statements = [partner.statement(i) for i in range(30)]
    answer = post(client, cbor2.dumps(statements), "application/cbor")
    assert answer.status_code == 201
    receipts = cbor2.loads(answer.data)
    pem = custody.office.ledger.keys().receipt_keys[0]
    for statement, receipt in zip(statements, receipts, strict=True):
        assert scitt_cose.verify_receipt(receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=pem).ok
    size = custody.office.ledger.size()
    bad = [partner.statement(50), Partner("urn:nobody").statement(51)]
    assert post(client, cbor2.dumps(bad), "application/cbor").status_code == 403
    assert custody.office.ledger.size() == size
    for wrong in (
        b"",
        b"\xff",
        cbor2.dumps([]),
        cbor2.dumps([1]),
        cbor2.dumps({}),
        cbor2.dumps([b"x"] * 1001),
    ):
        assert post(client, wrong, "application/cbor").status_code == 400


def test_refusals_say_why_in_concise_problem_details(
    client: Client, custody: Custody, partner: Partner
) -> None:
    impostor = Partner(partner.name)
    good = partner.statement(1)
    size = custody.office.ledger.size()
    cases = {
        "nothing": (b"", COSE_TYPE, 400),
        "not COSE": (b"\xff\xff", COSE_TYPE, 400),
        "an array": (cbor2.dumps([1, 2, 3, 4]), COSE_TYPE, 400),
        "detached": (_detached(good), COSE_TYPE, 400),
        "no claims": (partner.statement(1, l15=None), COSE_TYPE, 400),
        "no hash envelope": (partner.statement(1, l258=-44), COSE_TYPE, 400),
        "clear text payload": (partner.statement(1, payload=b"Li Wei took it"), COSE_TYPE, 400),
        "unknown issuer": (Partner("urn:nobody").statement(1), COSE_TYPE, 403),
        "unknown key of a known issuer": (impostor.statement(1), COSE_TYPE, 400),
        "altered": (good[:-1] + bytes([good[-1] ^ 1]), COSE_TYPE, 400),
        "another type": (good, "text/plain", 415),
        "too large": (b"x" * (9 << 20), COSE_TYPE, 413),
    }
    for name, (data, content_type, status) in cases.items():
        answer = post(client, data, content_type)
        assert answer.status_code == status, name
        assert answer.mimetype == "application/concise-problem-details+cbor", name
        said = cbor2.loads(answer.data)
        assert said[-1], name
        assert said[-2], name
    assert custody.office.ledger.size() == size


def _detached(statement: bytes) -> bytes:
    header, unprotected, _, signature = cbor2.loads(statement).value
    return cbor2.dumps(cbor2.CBORTag(18, [header, unprotected, None, signature]))


@pytest.mark.parametrize("name", ["99", "ff" * 32, "zz", "-1", "1" * 19, "1" * 30, "0x0", " 0"])
def test_404_for_entries_that_are_not_there(client: Client, name: str) -> None:
    for tail in ("", "/statement"):
        answer = client.get(f"/entries/{name}{tail}")
        assert answer.status_code == 404
        assert answer.mimetype == "application/concise-problem-details+cbor"


def test_410_for_a_purged_body_whose_receipt_stays(client: Client, custody: Custody, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("\n".join(prose(1, 30)), "utf-8")
    [done] = custody.register([tmp_path / "notes.txt"])
    custody.issue_many(str(done.code), [Recipient("op", "dev", "10.0.0.1")] * 260, None)
    statement = custody.office.ledger.entry(9).statement
    retention.close_shard(custody.office, "first")
    assert client.get("/entries/9/statement").data == statement
    retention.purge_shard(custody.office, "first", authority="a", basis="b")
    assert client.get("/entries/9/statement").status_code == 410
    pem = custody.office.ledger.keys().receipt_keys[0]
    receipt = client.get("/entries/9").data
    assert scitt_cose.verify_receipt(receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=pem).ok


def test_keys_are_found_by_their_id_and_follow_a_rotation_in_another_process(
    client: Client, custody: Custody, tmp_path: Path
) -> None:
    import base64

    with Custody.open(tmp_path / "home") as other:
        keys.rotate(other.office)
    found = cbor2.loads(client.get("/.well-known/scitt-keys").data)
    assert len(found) == 2
    for key in found:
        kid = base64.urlsafe_b64encode(key[2]).rstrip(b"=").decode()
        assert cbor2.loads(client.get(f"/.well-known/scitt-keys/{kid}").data) == key
    assert client.get("/.well-known/scitt-keys/AAAA").status_code == 404
    receipt = client.get("/entries/0").data
    statement = client.get("/entries/0/statement").data
    assert scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=pem_of(found[0])
    ).ok


def test_the_published_log_and_nothing_else_is_served(
    client: Client, custody: Custody, tmp_path: Path
) -> None:
    assert client.get("/checkpoint").status_code == 404, "nothing before it is published"
    (tmp_path / "secret").write_text("secret")
    note = custody.export_log(tmp_path / "tiles")
    answer = client.get("/checkpoint")
    assert (answer.text, answer.headers["Cache-Control"]) == (note, "no-cache")
    tile = client.get("/tile/0/000.p/1", buffered=True)
    assert tile.data == custody.office.ledger.leaf(0)
    assert "immutable" in tile.headers["Cache-Control"]
    assert client.get("/tile/entries/000.p/1", buffered=True).status_code == 200
    for path in (
        "/tile/../../secret",
        "/tile/%2e%2e/%2e%2e/secret",
        "/tile/0/../../../secret",
        "/tile/0",
        "/tile/0/001",
    ):
        assert client.get(path).status_code == 404, path
    assert Client(log_app(custody)).get("/tile/0/000.p/1").status_code == 404


def test_other_methods_and_places_are_refused(client: Client) -> None:
    assert client.get("/entries").status_code == 405
    assert client.delete("/entries/0").status_code == 405
    assert client.get("/").status_code == 404
