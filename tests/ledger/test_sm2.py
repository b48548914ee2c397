"""SM2 through libcrypto: the standard's own example, OpenSSL's command line, and a pure-Python implementation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import gmalg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.ledger import sm2

# GB/T 32918.5-2017, annex A.2
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
MESSAGE = b"message digest"


def test_the_standards_example() -> None:
    assert sm2.PrivateKey(PRIVATE).public == PUBLIC
    sm2.PublicKey(PUBLIC).verify(encode_dss_signature(R, S), MESSAGE)
    with pytest.raises(InvalidSignature):
        sm2.PublicKey(PUBLIC).verify(encode_dss_signature(R, S), MESSAGE + b".")


@settings(max_examples=12, deadline=None)
@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32), st.integers(0, 7))
def test_what_is_signed_verifies_and_altered_does_not(message: bytes, seed: bytes, bit: int) -> None:
    key = sm2.PrivateKey.from_seed(seed)
    assert sm2.PrivateKey.from_seed(seed).public == key.public
    signature = key.sign(message)
    public = sm2.PublicKey(key.public)
    public.verify(signature, message)
    with pytest.raises(InvalidSignature):
        public.verify(signature, message + bytes([bit]))
    with pytest.raises(InvalidSignature):
        public.verify(signature[:-1] + bytes([signature[-1] ^ 1 << bit]), message)


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + bytes(64), PUBLIC[:-1], PUBLIC[:-1] + b"\x00"])
def test_what_is_no_point_is_no_key(public: bytes) -> None:
    with pytest.raises(ValueError, match="not an SM2 key"):
        sm2.PublicKey(public).verify(encode_dss_signature(R, S), MESSAGE)


def test_a_pure_implementation_agrees_both_ways() -> None:
    ours = sm2.PrivateKey(PRIVATE)
    theirs = gmalg.SM2(PRIVATE.to_bytes(32, "big"), sm2.DEFAULT_ID, PUBLIC)
    r, s = decode_dss_signature(ours.sign(MESSAGE))
    assert theirs.verify(MESSAGE, r.to_bytes(32, "big"), s.to_bytes(32, "big"))
    r_bytes, s_bytes = theirs.sign(MESSAGE)
    pair = int.from_bytes(r_bytes, "big"), int.from_bytes(s_bytes, "big")
    sm2.PublicKey(PUBLIC).verify(encode_dss_signature(*pair), MESSAGE)


def test_the_openssl_command_agrees_both_ways(tmp_path: Path) -> None:
    def openssl(*words: str) -> bytes:
        done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, check=True)
        return done.stdout

    (tmp_path / "message").write_bytes(MESSAGE)
    openssl("genpkey", "-algorithm", "SM2", "-out", "key.pem")
    text = openssl("pkey", "-in", "key.pem", "-text", "-noout").decode()
    number, point = (
        bytes.fromhex("".join(part.split(end)[0].split()).replace(":", ""))
        for part, end in ((text.split("priv:")[1], "pub:"), (text.split("pub:")[1], "ASN1"))
    )
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
    how = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sm2.DEFAULT_ID.decode()}"]
    openssl("pkeyutl", "-sign", "-inkey", "key.pem", "-in", "message", "-out", "theirs", *how)
    sm2.PublicKey(point).verify((tmp_path / "theirs").read_bytes(), MESSAGE)
    ours = sm2.PrivateKey(int.from_bytes(number, "big"))
    assert ours.public == point
    (tmp_path / "ours").write_bytes(ours.sign(MESSAGE))
    check = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "public.pem",
        "-in",
        "message",
        "-sigfile",
        "ours",
        *how,
    ]
    assert b"Verified Successfully" in openssl(*check)
    (tmp_path / "message").write_bytes(MESSAGE + b".")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*check)
