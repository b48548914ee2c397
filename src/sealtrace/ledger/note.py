"""C2SP signed notes and checkpoints."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .keys import ED25519_KEY_TYPE, note_key_hash
from .model import TreeHead

EM_DASH = "\u2014"


def checkpoint_text(origin: str, head: TreeHead) -> str:
    """Write a checkpoint's text: origin, size, root. Source: C2SP tlog-checkpoint."""
    return f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Sign a note with one Ed25519 line. Source: C2SP signed-note."""
    digest = note_key_hash(name, ED25519_KEY_TYPE, key.public_key().public_bytes_raw())
    line = base64.b64encode(digest + key.sign(text.encode())).decode()
    return f"{text}\n{EM_DASH} {name} {line}\n"
