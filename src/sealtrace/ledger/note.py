"""C2SP signed notes: a text and the lines of those who signed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sealtrace.errors import ProofInvalid

from .model import TreeHead
from .notekey import NoteKey, from_base64, read_head

MAX_NOTE_BYTES = 1 << 20
MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line: who, the 4-byte key id, the signature."""

    name: str
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; nothing is verified yet."""

    text: str
    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Take a note apart at its last blank line. Source: C2SP signed-note.

        Raises:
            ProofInvalid: it is not a signed note.
        """
        text, blank, signatures = note.rpartition("\n\n")
        rows = signatures.split("\n")
        if not blank or len(note) > MAX_NOTE_BYTES or rows[-1] or not 2 <= len(rows) <= MAX_LINES + 1:
            raise ProofInvalid("this is not a signed note")
        return cls(text + "\n", tuple(_line(row) for row in rows[:-1]))

    def held_by(self, keys: Iterable[NoteKey]) -> list[NoteKey]:
        """The given keys whose line is there and holds; lines of unknown keys are ignored.

        Raises:
            ProofInvalid: a line of a given key does not hold.
        """
        held = []
        for key in keys:
            mine = [line for line in self.lines if (line.name, line.digest) == (key.name, key.digest)]
            for line in mine:
                key.verify(self.text, line.signature)
            if mine:
                held.append(key)
        return held


def _line(row: str) -> Line:
    parts = row.split(" ")
    try:
        mark, name, encoded = parts
        raw = from_base64(encoded)
    except ValueError as e:
        raise ProofInvalid("a signature line of the note is malformed") from e
    if mark != "\N{EM DASH}" or not name or "+" in name or len(raw) < 5:
        raise ProofInvalid("a signature line of the note is malformed")
    return Line(name, raw[:4], raw[4:])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint whose signature held."""

    origin: str
    size: int
    root: bytes

    @property
    def head(self) -> TreeHead:
        """Size and root."""
        return TreeHead(self.size, self.root)


def open_checkpoint(note: str, verifier_keys: Sequence[str]) -> Checkpoint:
    """Check a signed checkpoint with any of the given C2SP verifier keys and read it.

    Lines of unknown keys are ignored; every line of a given key must hold. Sources: C2SP signed-note,
    tlog-checkpoint.

    Raises:
        ProofInvalid: malformed, or no line of a given key is there, or one does not hold.
    """
    parsed = Note.parse(note)
    origin, head = read_head(parsed.text)
    keys = [NoteKey.parse(key) for key in verifier_keys]
    if not parsed.held_by(key for key in keys if key.name == origin):
        raise ProofInvalid("no signature on the checkpoint holds under the given keys")
    return Checkpoint(origin, head.size, head.root)
