"""HTTP message signatures: RFC 9421's own vector, our requests, and what must not pass."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import SignatureRefused
from sealtrace.web.devices import forms, signatures

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signed(
    method="POST", path="/issue", query="", body=b"x=1", at=NOW, key=KEY, leave_out=""
) -> dict[str, str]:
    components = tuple(name for name in (*signatures.COVERED, signatures.BODY) if name != leave_out)
    if not body:
        components = signatures.COVERED
    values = {
        "@method": method, "@path": path, "@query": f"?{query}", signatures.BODY: signatures.content_digest(body),
    }  # fmt: skip
    said = signatures.parameters(components, created=int(at.timestamp()), keyid="dev-1", nonce="n1")
    made = base64.b64encode(key.sign(signatures.base(components, values, said))).decode()
    return {
        "signature-input": f"device={said}", "signature": f"device=:{made}:",
        "content-digest": signatures.content_digest(body),
    }  # fmt: skip


def test_the_published_ed25519_vector_holds() -> None:
    """RFC 9421, appendix B.2.6."""
    key = base64.b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    components = ("date", "@method", "@path", "@authority", "content-type", "content-length")
    values = {
        "date": "Tue, 20 Apr 2021 02:07:55 GMT", "@method": "POST", "@path": "/foo", "@authority": "example.com",
        "content-type": "application/json", "content-length": "18",
    }  # fmt: skip
    inside = " ".join(f'"{name}"' for name in components)
    message = signatures.base(components, values, f'({inside});created=1618884473;keyid="test-key-ed25519"')
    made = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    signatures.check(key, message, made)
    with pytest.raises(SignatureRefused):
        signatures.check(key, message.replace(b"/foo", b"/bar"), made)


def test_a_signed_request_passes_and_says_who_and_which() -> None:
    found = signatures.verify("POST", "/issue", "a=1", signed(query="a=1"), b"x=1", PUBLIC, NOW)
    assert (found.keyid, found.nonce) == ("dev-1", "n1")
    signatures.verify("GET", "/files", "", signed("GET", "/files", body=b""), b"", PUBLIC, NOW)


@pytest.mark.parametrize(
    ("change", "call"),
    [
        ({}, ("PUT", "/issue", "", b"x=1")),
        ({}, ("POST", "/revoke", "", b"x=1")),
        ({}, ("POST", "/issue", "force=1", b"x=1")),
        ({}, ("POST", "/issue", "", b"x=2")),
        ({"at": NOW - timedelta(minutes=6)}, ("POST", "/issue", "", b"x=1")),
        ({"at": NOW + timedelta(minutes=6)}, ("POST", "/issue", "", b"x=1")),
        ({"leave_out": "@path"}, ("POST", "/issue", "", b"x=1")),
        ({"leave_out": "@query"}, ("POST", "/issue", "", b"x=1")),
        ({"leave_out": "content-digest"}, ("POST", "/issue", "", b"x=1")),
        ({"key": Ed25519PrivateKey.from_private_bytes(bytes(32))}, ("POST", "/issue", "", b"x=1")),
    ],
)
def test_what_differs_from_what_was_signed_is_refused(change, call) -> None:
    method, path, query, body = call
    with pytest.raises(SignatureRefused):
        signatures.verify(method, path, query, signed(**change), body, PUBLIC, NOW)


@pytest.mark.parametrize(
    "field",
    [
        "", "device=()", 'device=("@method");created=1', 'device=("@method" "@method");created=1;keyid="k";nonce="n"',
        'device=("@method");created=1;created=2;keyid="k";nonce="n"',
        'device=("@method");created=x;keyid="k";nonce="n"',
        'device=("@method" );created=1;keyid="k";nonce="n"', 'other=("@method");created=1;keyid="k";nonce="n"',
        'device=("@method");created=1;keyid="k";nonce="n", b=();created=1', 'device=("@method");created=1;keyid="k"',
        "device=" + "(" * 5000,
    ],
)  # fmt: skip
def test_anything_but_our_strict_form_is_refused(field: str) -> None:
    with pytest.raises(SignatureRefused):
        signatures.read(field, "device=:AAAA:")


def test_a_browsers_p256_key_signs_with_r_and_s() -> None:
    key = generate_private_key(SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    r, s = decode_dss_signature(key.sign(b"m", ECDSA(SHA256())))
    signatures.check(public, b"m", r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    with pytest.raises(SignatureRefused):
        signatures.check(public, b"m", r.to_bytes(32, "big") + r.to_bytes(32, "big"))
    with pytest.raises(SignatureRefused):
        signatures.check(public, b"m", b"short")


def test_keys_of_other_kinds_are_refused() -> None:
    rsa = generate_rsa(65537, 2048).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for key in (rsa, b"", b"\x30\x00"):
        with pytest.raises(SignatureRefused):
            signatures.load(key)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=200))
def test_no_field_makes_the_reader_fall_over(said: str, made: str) -> None:
    with pytest.raises(SignatureRefused):
        signatures.read(said, made)


ENTRIES = st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=8)), max_size=5)


@settings(max_examples=60, deadline=None)
@given(ENTRIES, ENTRIES)
def test_two_forms_have_the_same_digest_only_when_they_say_the_same(one, two) -> None:
    def sorted_form(entries):
        return sorted((forms.text(*entry) for entry in entries), key=lambda entry: entry[0])

    same = sorted_form(one) == sorted_form(two)
    assert (forms.digest(map(forms.text, *zip(*one, strict=True)) if one else []) ==
            forms.digest(map(forms.text, *zip(*two, strict=True)) if two else [])) == same  # fmt: skip
