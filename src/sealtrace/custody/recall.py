"""Read a kept trace again: the answer as it was given, names put to its copies, and what every number rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
import numpy as np
from numpy.typing import NDArray

from sealtrace.errors import NotRegistered
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import HalvedBook, Party
from sealtrace.marks.joint import weigher_of
from sealtrace.marks.models import MIXTURES
from sealtrace.trace.weigh import MIXTURE_OF

from . import circumstances, store
from .books import readable
from .circumstances import Circumstance
from .issue import person_of
from .model import Recipient, Version
from .office import Office

MOST_SCORES = 1_000  # copies whose scores are worked out again for a plot
_FIELDS = ("by_operator", "by_device", "by_ip")


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """One piece of the leak: its digest, size and kind; its bytes are not kept with the trace."""

    sha256: bytes
    size_bytes: int
    kind: str


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """An accused copy with its recipient of record, and the bound on naming it wrongly."""

    id: CopyId
    ref: str
    who: Recipient
    issued_at: str
    purpose: str
    page: int | None
    entry: int
    chance_of_error: float
    channels: tuple[str, ...]
    log_e: float | None
    round: int
    halves: tuple[tuple[str, float, float], ...] = ()
    """With two keys: for each half whose it is, its log e-value and its own chance of error."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptWeighing:
    """One version's copies weighed against the leak. `pages` and `tables` are as the findings hold them."""

    ref: str
    channel: str
    symbols: SoftSymbols
    best: float | None
    runner_up: float | None
    pages: tuple[Mapping[str, Any], ...]
    tables: tuple[Mapping[str, Any], ...]
    half: str = ""
    """With two keys: whose half of the codeword these symbols are."""
    alone: int = 0
    """With two keys: how many copies this half points to and the other does not."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptTrace:
    """The answer of one trace. asked: who ran it, None for a trace that did not say."""

    id: str
    at: str
    entry: int
    result: str
    file: str | None
    title: str | None
    versions: tuple[int, ...]
    considered: int
    chance: float
    looks: int
    threshold: float
    pieces: tuple[KeptPiece, ...]
    copies: tuple[KeptCopy, ...]
    channels: tuple[Mapping[str, Any], ...]
    weighed: tuple[KeptWeighing, ...]
    notes: tuple[str, ...]
    asked: Recipient | None
    seconds: float | None
    circumstances: tuple[Circumstance, ...] = ()
    """What is known beside the proof, and not part of it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Log e-values of copies weighed again. issued: how many copies the version had when the leak was traced."""

    scores: tuple[tuple[CopyId, float], ...]
    issued: int


def recall(office: Office, trace_id: str) -> KeptTrace:
    """Read one trace.

    Raises:
        NotRegistered: no trace has this id.
    """
    found = store.trace_by_id(office.db, trace_id)
    if found is None:
        raise NotRegistered(
            f"no trace has the id {trace_id!r}", advice="`sealtrace leak list` shows the traces made so far."
        )
    name, entry, sealed = found
    record = office.subjects.unseal_office(sealed, name.encode())
    kept, opening = cbor2.loads(record["kept"]), record["opening"]
    asked = [opening[field][1] for field in _FIELDS if field in opening]
    return KeptTrace(
        id=name,
        at=kept["at"],
        entry=entry,
        result=kept["result"],
        file=kept["file"],
        title=record.get("title") or _title(office, kept["file"]),
        versions=tuple(kept["versions"]),
        considered=kept["considered"],
        chance=kept["chance"],
        looks=kept["looks"],
        threshold=kept["threshold"],
        pieces=tuple(KeptPiece(p["sha256"], p["size_bytes"], p["kind"]) for p in kept["leak"]),
        copies=tuple(_copy(office, accused) for accused in kept["accused"]),
        channels=tuple(kept["channels"]),
        weighed=tuple(_weighing(w) for w in kept["weighed"]),
        notes=tuple(kept["notes"]),
        asked=Recipient(*asked) if len(asked) == len(_FIELDS) else None,
        seconds=record.get("seconds"),
        circumstances=circumstances.of(
            office, record.get("claimed", ()), [_id(accused) for accused in kept["accused"]]
        ),
    )


def _title(office: Office, ref: str | None) -> str | None:
    return office.version(VersionRef.parse(ref)).title if ref else None


def _id(accused: Mapping[str, Any]) -> CopyId:
    return CopyId(int.from_bytes(accused["copy"], "big"))


def _copy(office: Office, accused: Mapping[str, Any]) -> KeptCopy:
    row = office.copy(_id(accused))
    return KeptCopy(
        row.id, accused["version"], person_of(office, row), row.issued_at, str(row.purpose), row.page, row.entry,
        accused["chance_of_error"], tuple(accused["channels"]), accused["log_e"], accused.get("round", 1),
        tuple((half, s["log_e"], s["chance_of_error"]) for half, s in _by_party(accused.get("halves", {}))),
    )  # fmt: skip


def _by_party(scores: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(party.value, scores[party]) for party in Party if party in scores]


def _weighing(kept: Mapping[str, Any]) -> KeptWeighing:
    symbols = SoftSymbols(np.frombuffer(kept["sums"], "<f8"), np.frombuffer(kept["information"], "<f8"))
    return KeptWeighing(
        kept["version"], kept.get("channel", "page"), symbols, kept["best"], kept["runner_up"],
        tuple(kept["pages"]), tuple(kept.get("tables", ())), kept.get("half", ""),
        kept.get("alone", 0),
    )  # fmt: skip


def scores(office: Office, kept: KeptTrace, weighing: KeptWeighing) -> Scored:
    """Weigh the version's copies issued before the trace again, at most MOST_SCORES of them and the accused.

    The same symbols, keys and models as in the trace, so the accused copy of the first round gets the log
    e-value on record. The notary's half can't be weighed here.
    """
    version = office.version(VersionRef.parse(weighing.ref))
    book = readable(office, version, weighing.channel)
    before = store.copy_ids_before(office.db, version.row, kept.entry)
    if isinstance(book, HalvedBook):
        book = book.own if weighing.half == Party.OFFICE else None
    if book is None or not before:
        return Scored((), len(before))
    step = -(-len(before) // MOST_SCORES)
    accused = [copy.id.value for copy in kept.copies if copy.ref == weighing.ref]
    ids = np.array(list(dict.fromkeys([*before[::step], *accused])), np.uint64)
    lengths = [count for _, count in book.parts_of]
    weigher = weigher_of(weighing.symbols, book.biases, lengths, MIXTURES[MIXTURE_OF[weighing.channel]])
    values = weigher.log_e(book.words(ids))
    return Scored(tuple((CopyId(int(i)), float(v)) for i, v in zip(ids, values, strict=True)), len(before))


def word_of(office: Office, version: Version, copy: CopyId) -> NDArray[np.uint8] | None:
    """A copy's bits on the page channel, (symbols,); None when the version has none, or this home only half of them."""
    book = readable(office, version, "page")
    return book.word(copy) if isinstance(book, CodeBook) else None
