"""The office's side of two keys: asks the notary for its half at issue, and to weigh its half of a leak.

The home holds the notary's public key, never a secret of it. What the notary gives of a copy is used to make that
copy and then forgotten; what stays is the mark that the notary signed, in the copy's entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.errors import NotaryAway, NotaryRefused, ProofInvalid
from sealtrace.ids import CopyId
from sealtrace.ledger.transport import exchange
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import HalvedBook
from sealtrace.marks.rounds import Source
from sealtrace.trace import notary as messages

from .model import Version

if TYPE_CHECKING:
    from .office import Office

TWO_KEYS = "two-keys"
Wire = Callable[[str, bytes], bytes]
"""Carries a signed message to the notary: (verb, message) -> answer. Raises NotaryAway, NotaryRefused."""


def wire_to(url: str) -> Wire:
    """Reach a notary over HTTP at the address it serves."""

    def carry(verb: str, message: bytes) -> bytes:
        if not url:
            raise NotaryAway("this home has two keys, and no address of the notary who holds the other one")
        try:
            status, answer, _ = exchange("POST", f"{url.rstrip('/')}/{verb}", message, messages.MAX_BYTES)
        except OSError as e:
            raise NotaryAway(str(e)) from e
        if status != 200:
            raise (NotaryRefused if status in (400, 403) else NotaryAway)(_problem(answer, status))
        return answer

    return carry


def _problem(answer: bytes, status: int) -> str:
    """The title of concise problem details. Source: RFC 9290."""
    import cbor2

    try:
        return str(cbor2.loads(answer)[-1])[:300]
    except Exception:  # whatever answers there, it is no notary
        return f"the notary's address answered {status}"


@dataclass(frozen=True, slots=True)
class Marked:
    """What the notary gave for one copy: the signed mark for its entry; its half, where it was asked for."""

    mark: bytes
    word: bytes | None = field(repr=False)


class Desk:
    """Writes to the notary in the home's name and checks what comes back."""

    def __init__(self, office: Office, wire: Wire) -> None:
        self._office, self._wire = office, wire
        self._key: bytes = office.founding["notary_key"]

    def marks(
        self, version: Version, book: CodeBook, copies: Sequence[CopyId], *, words: bool
    ) -> list[Marked]:
        """Have copies marked; with `words` their halves come too, which the notary gives once.

        Raises:
            NotaryAway, NotaryRefused, ProofInvalid: what came back is not signed by the home's notary, or is not
                for these copies.
        """
        found = list[Marked]()
        for start in range(0, len(copies), messages.MOST_COPIES):
            found += self._some(version, book, copies[start : start + messages.MOST_COPIES], words=words)
        return found

    def _some(
        self, version: Version, book: CodeBook, copies: Sequence[CopyId], *, words: bool
    ) -> list[Marked]:
        about = self._about(version, book)
        order = about | {"copies": [bytes(copy) for copy in copies], "words": words}
        answer = self._ask("mark", messages.ORDER, order, messages.MARKS, "order_sha256")
        marks, halves = answer["marks"], answer["words"] if words else [None] * len(copies)
        if not len(marks) == len(halves) == len(copies):
            raise ProofInvalid("the notary answered for another number of copies")
        for copy, mark, half in zip(copies, marks, halves, strict=True):
            said = messages.read(mark, messages.MARK, self._key)
            wanted = {name: about[name] for name in ("log", "code", "version", "channel", "symbols")}
            fits = {name: said.get(name) for name in wanted} == wanted and said.get("copy") == bytes(copy)
            same = half is None or (
                len(half) * 8 == book.symbols and messages.digest(half) == said["codeword_sha256"]
            )
            if not (fits and same):
                raise ProofInvalid(f"the notary's mark is not of copy {copy} or not of the half it gave")
        return [Marked(mark, half) for mark, half in zip(marks, halves, strict=True)]

    def weigh(self, version: Version, book: CodeBook, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Have the notary's half of a leak weighed. Raises as `marks` does."""
        fields = self._about(version, book) | dict(asked)
        return self._ask("weigh", messages.WEIGHING, fields, messages.WEIGHED, "weighing_sha256")

    def _about(self, version: Version, book: CodeBook) -> dict[str, Any]:
        return {
            "log": self._office.home.config.origin,
            "document": version.key_id,
            "code": str(version.code),
            "version": version.version,
            "channel": book.channel,
            "symbols": book.symbols,
        }

    def _ask(
        self, verb: str, form: str, fields: Mapping[str, Any], answer_form: str, names: str
    ) -> dict[str, Any]:
        from .prove import signing_key

        message = messages.sign(form, fields, signing_key(self._office.home))
        answer = messages.read(self._wire(verb, message), answer_form, self._key)
        if answer.get(names) != messages.digest(message):
            raise ProofInvalid("the notary answered another message")
        return answer


class NotaryBook(HalvedBook):
    """The code book of a version with two keys: one half from this home, the other asked of the notary.

    given: what the notary gave of some copies beforehand.
    """

    def __init__(
        self, office: Office, version: Version, own: CodeBook, given: Mapping[CopyId, Marked] | None = None
    ) -> None:
        super().__init__(own, self._halves)
        self._office, self._version = office, version
        self._marked: dict[CopyId, Marked] = dict(given or {})

    def prepare(self, copies: Sequence[CopyId], *, words: bool) -> None:
        """Have copies marked in one order, before they are made or entered."""
        new = [copy for copy in copies if copy not in self._marked]
        if new:
            marked = self._office.notary.marks(self._version, self.own, new, words=words)
            self._marked |= dict(zip(new, marked, strict=True))

    def mark(self, copy: CopyId) -> bytes:
        """The mark that the notary signed for a copy: goes into its entry."""
        self.prepare([copy], words=False)
        return self._marked[copy].mark

    def forget(self) -> None:
        """Let go of the halves given; copies made from now on are asked for anew."""
        self._marked.clear()

    def _halves(self, copies: Sequence[CopyId], /) -> list[bytes]:
        self.prepare(copies, words=True)
        found = [self._marked[copy].word for copy in copies]
        if None in found:
            raise NotaryRefused("a copy was marked without its half, and is to be made now")
        return [half for half in found if half is not None]


class NotaryHalf:
    """The notary's half of one leak, as `marks.rounds.Half` wants it: each round is asked of the notary."""

    single = False

    def __init__(
        self, office: Office, version: Version, book: CodeBook, symbols: SoftSymbols,
        copies: NDArray[np.uint64], bound: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self._office, self._version, self._book = office, version, book
        self._asked = {
            **bound,
            "sums": symbols.sums.astype("<f8").tobytes(),
            "information": symbols.information.astype("<f8").tobytes(),
            "copies": copies.astype(">u8").tobytes(),
        }
        self.best, self.runner_up = -math.inf, None
        self.words: dict[CopyId, list[bytes]] = {}

    best: float
    runner_up: float | None

    def above(self, round_: int, named: Sequence[CopyId]) -> list[Source]:
        """Give the copies that the notary's half points to in a round, and keep their words for the evidence."""
        asked = self._asked | {"round": round_, "named": b"".join(bytes(copy) for copy in named)}
        answer = self._office.notary.weigh(self._version, self._book, asked)
        if round_ == 1 and answer["above"]:
            self.best, self.runner_up = float(answer["best"]), answer["runner_up"]
        found = []
        for one in answer["above"]:
            copy = CopyId(int.from_bytes(one["copy"], "big"))
            self.words[copy] = [one["codeword"], answer["bias_key"]]
            found.append(Source(copy, float(one["log_e"]), round_, float(one["log_chance"])))
        return found
