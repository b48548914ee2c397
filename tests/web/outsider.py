"""Somebody outside who opens a package with its code and signs its receipt, as the page inside does."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sealtrace.custody.outgoing import receipt
from sealtrace.custody.outgoing.package import read_code, unseal
from sealtrace.ids import CopyId


def signed(page: bytes, copy: str, code: str, name: str = "王工") -> str:
    """The receipt's text that a package's page makes of a signature."""
    sealed = base64.b64decode(page.decode().split('id="sealed">')[1].split("</script>")[0])
    head, _ = unseal(read_code(code), CopyId.parse(copy), sealed)
    key = load_der_private_key(base64.b64decode(str(head["receipt_key"])), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    words = receipt.digest(str(head["undertaking"])) if head["undertaking"] else ""
    said = receipt.Receipt(CopyId.parse(copy), name, "2026-11-28T10:00:00Z", b"", words)
    r, s = decode_dss_signature(key.sign(said.signed, ec.ECDSA(SHA256())))
    made = replace(said, signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    text = {"copy": copy, "name": name, "at": made.at, "signature": base64.b64encode(made.signature).decode()}
    return json.dumps(text | ({"undertaking": words} if words else {}))
