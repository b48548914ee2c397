"""Weigh several traced leaks together: whose copies do they all point to, and how sure is that?

    documents                      keys of their own: a recipient's e-values are multiplied
    several leaks of one document  one codeword: their symbols are added and weighed once
    several copies of a recipient  any of them may be the source: averaged

A recipient is named whose product reaches ln(N C K / eps). N counts everybody who had any copy before the newest of
these leaks was traced; C is what choosing just these traces costs (`combine.log_choices`); K is at how many points
each trace could have stopped reading. All are entered in the ledger with the chance before anything is weighed, the
answer before it is given. Innocent here means: no copy of theirs is a source of ANY of these leaks.
Not for homes with two keys: the notary weighs one leak at a time and tells no score below its threshold.
KNOWN LIMIT: recipients are weighed once; there are no further rounds for what the named ones explain.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import apsw
import cbor2
import numpy as np
from numpy.typing import NDArray

from sealtrace.errors import UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.ledger.model import Entry
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.combine import log_choices
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.trace import software
from sealtrace.trace.model import family_bound
from sealtrace.trace.pictures import CANDIDATE_PAGES
from sealtrace.trace.together import Document, factors
from sealtrace.trace.weigh import models_text

from . import store
from .books import reading_book
from .issue import person_of
from .model import Recipient, entry_dict
from .office import Office
from .recall import KeptTrace, recall

OPENED, WEIGHED = "standing:opened", "standing:weighed"
FINDINGS = "sealtrace-standing/1"
MOST_TRACES = 64
STAGES = ("open", "weigh", "enter")
"""What `tell` is called with, in this order."""
BARE, SAME = "bare", "same"
Codewords = dict[tuple[str, str], list[tuple[str, SoftSymbols]]]
"""By version and channel: what each trace read of that codeword."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one document says of a recipient, and what each trace of it says by itself; natural logs of e-values.

    Where several traces read one document, what they say by themselves does not add up to the document's.
    """

    ref: str
    log_e: float
    traces: tuple[tuple[str, float], ...]

    def as_dict(self) -> dict[str, object]:
        """Its numbers."""
        alone = [{"trace": trace, "log_e": _told(log_e)} for trace, log_e in self.traces]
        return {"file": self.ref, "log_e": _told(self.log_e), "traces": alone}


@dataclass(frozen=True, slots=True)
class Stood:
    """A recipient at or above the threshold, with the bound on naming any innocent one."""

    operator: str
    copies: tuple[CopyId, ...]
    log_e: float
    chance_of_error: float
    shares: tuple[Share, ...]

    def as_dict(self) -> dict[str, object]:
        """The answer's row."""
        return {
            "operator": self.operator,
            "copies": [str(copy) for copy in self.copies],
            "log_e": self.log_e,
            "chance_of_error": self.chance_of_error,
            "documents": [share.as_dict() for share in self.shares],
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer. best and runner_up: the highest log e-value, and the highest among those not named."""

    id: str
    traces: tuple[str, ...]
    recipients: int
    chance: float
    threshold: float
    named: tuple[Stood, ...]
    best: float | None
    runner_up: float | None
    shares: tuple[Share, ...]
    """With nobody named: what the documents say of the closest recipient, whoever that is."""
    opened: int
    entry: Entry

    @property
    def result(self) -> str:
        """STRONG, or not enough evidence."""
        return "strong" if self.named else "inconclusive"

    def as_dict(self) -> dict[str, object]:
        """One JSON-able object."""
        return {
            "ok": True,
            "standing": self.id,
            "result": self.result,
            "traces": list(self.traces),
            "recipients": [stood.as_dict() for stood in self.named],
            "considered": self.recipients,
            "chance": self.chance,
            "threshold": self.threshold,
            "best": _told(self.best),
            "runner_up": _told(self.runner_up),
            "documents": [share.as_dict() for share in self.shares],
            "opened": self.opened,
            "entry": entry_dict(self.entry),
        }


def _told(log_e: float | None) -> float | None:
    return log_e if log_e is not None and math.isfinite(log_e) else None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the answer is judged by, fixed by which traces are put together. log_paid: ln(C K)."""

    recipients: int
    before: int
    log_paid: float
    chance: float

    @property
    def threshold(self) -> float:
        """ln(N C K / eps)."""
        return math.log(self.recipients / self.chance) + self.log_paid


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a trace can't be put together with others: it has no symbols (BARE), or is of a piece of `other` (SAME)."""

    why: str
    other: str = ""


def together(
    office: Office, names: Sequence[str], *, chance: float = 1e-9, by: Recipient | None = None,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Standing:  # fmt: skip
    """Weigh the leaks of these traces together, for `by`; `tell` hears of each stage.

    Raises:
        NotRegistered: there is no such trace.
        UsageProblem: fewer than two traces, one without symbols, two of one leak, a home with two keys.
        KeySealed: what tells copies apart is sealed, and no release is in force.
    """
    if not 0 < chance <= 0.01:
        raise UsageProblem(
            f"chance {chance} is outside (0, 0.01]", advice="Give a small chance, such as 1e-9."
        )
    tell("open")
    traces = chosen(office, names)
    codewords = codewords_of(traces)
    books = [_book(office, *codeword) for codeword in codewords]
    with office.writing():
        terms = terms_of(office, traces, chance)
        name = f"S{os.urandom(8).hex()}"
        opened = _open(office, name, traces, terms, by)
    tell("weigh")
    weighed = _weigh(office, codewords, books, terms.before)
    tell("enter")
    with office.writing():
        return _enter(office, name, traces, terms, weighed, opened)


def chosen(office: Office, names: Sequence[str]) -> list[KeptTrace]:
    """Read the traces to put together, oldest first. Raises as `together` does."""
    if office.two_keys:
        raise UsageProblem(
            "in a home with two keys each leak is weighed by itself: the notary tells no score below its threshold, "
            "so that the scores of several leaks can't be put together",
            advice="Trace the pieces of one document's leaks in one command.",
        )
    traces = named(office, names)
    if not 2 <= len(traces) <= MOST_TRACES:
        raise UsageProblem(
            f"{len(traces)} traces can't be weighed together", advice=f"Give 2 to {MOST_TRACES} traces."
        )
    for trace, found in unfit(traces).items():
        if found.why == BARE:
            raise UsageProblem(
                f"trace {trace} has no symbols to weigh: it was answered by exact bytes or a stamp, or nothing "
                "could be read",
                advice="Leave it out. A copy named by its bytes or stamp needs no other leak.",
            )
        raise UsageProblem(
            f"traces {found.other} and {trace} are of the same piece: that is one leak, not two",
            advice="Leave one of them out.",
        )
    return traces


def named(office: Office, names: Sequence[str]) -> list[KeptTrace]:
    """Read traces by their ids, each once, oldest first. Raises NotRegistered."""
    found = {kept.id: kept for kept in (recall(office, name) for name in names)}
    return sorted(found.values(), key=lambda kept: kept.entry)


def unfit(traces: Sequence[KeptTrace]) -> dict[str, Unfit]:
    """Which of these traces can't be put together, and why; of two traces of one piece the later one."""
    found: dict[str, Unfit] = {}
    seen: dict[bytes, str] = {}
    for kept in traces:
        others = [seen[piece.sha256] for piece in kept.pieces if piece.sha256 in seen]
        if not kept.weighed:
            found[kept.id] = Unfit(BARE)
        elif others:
            found[kept.id] = Unfit(SAME, others[0])
        else:
            seen |= {piece.sha256: kept.id for piece in kept.pieces}
    return found


def codewords_of(traces: Sequence[KeptTrace]) -> Codewords:
    """Sort what the traces read by the codeword it is of."""
    read: Codewords = defaultdict(list)
    for kept in traces:
        for weighing in kept.weighed:
            read[weighing.ref, weighing.channel].append((kept.id, weighing.symbols))
    return dict(read)


def terms_of(office: Office, traces: Sequence[KeptTrace], chance: float) -> Terms:
    """Fix N, C and K. The same traces have the same terms whenever they are put together."""
    newest = max(kept.entry for kept in traces)
    places = [store.place_of_trace(office.db, kept.entry) for kept in traces]
    paid = log_choices(places) + sum(math.log(stops(kept)) for kept in traces)
    return Terms(max(1, store.count_recipients(office.db, newest)), newest, paid, chance)


def stops(kept: KeptTrace) -> int:
    """At how many points a trace could have stopped reading because a copy was named: what it kept depends on that.

    After each picture, on each page that it may show; tables are all read.
    """
    pictured = any(weighing.channel == "page" for weighing in kept.weighed)
    return max(1, kept.looks // 2) * CANDIDATE_PAGES if pictured else 1


def _book(office: Office, ref: str, channel: str) -> CodeBook:
    book = reading_book(office, office.version(VersionRef.parse(ref)))
    assert isinstance(book, CodeBook), "what was weighed in a home with one key has a whole code book"
    assert book.channel == channel, "a version's copies carry one codeword"
    return book


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """Every recipient's factors, (documents, recipients), with what they were made of."""

    names: tuple[tuple[str, tuple[str, ...]], ...]
    documents: tuple[Document, ...]
    factors: NDArray[np.float64]

    def shares(self, owner: int) -> tuple[Share, ...]:
        """What each document says of a recipient who had a copy of it."""
        return tuple(
            Share(ref, float(factor), tuple(zip(traces, document.alone(owner), strict=True)))
            for (ref, traces), document, factor in zip(
                self.names, self.documents, self.factors[:, owner], strict=True
            )
            if (document.owners == owner).any()
        )

    def copies(self, owner: int) -> tuple[CopyId, ...]:
        """The copies that a recipient had of these documents."""
        return tuple(CopyId(int(i)) for d in self.documents for i in d.copies[d.owners == owner])


def _weigh(office: Office, codewords: Codewords, books: Sequence[CodeBook], before: int) -> _Weighed:
    numbers: dict[bytes, int] = {}
    documents = []
    for ((ref, channel), read), book in zip(codewords.items(), books, strict=True):
        owned = store.owned_copies_before(office.db, office.version(VersionRef.parse(ref)).row, before)
        owners = [numbers.setdefault(subject, len(numbers)) for _, subject in owned]
        copies = np.array([copy for copy, _ in owned], np.uint64)
        symbols = tuple(part for _, part in read)
        documents.append(Document(symbols, channel, book, copies, np.array(owners, np.int64)))
    names = tuple((ref, tuple(trace for trace, _ in read)) for (ref, _), read in codewords.items())
    return _Weighed(names, tuple(documents), factors(documents, len(numbers)))


def _open(
    office: Office, name: str, traces: Sequence[KeptTrace], terms: Terms, by: Recipient | None
) -> Entry:
    """Fix in the log what the answer will be judged by, durable before anything is weighed."""
    release = office.released() if office.tracing_key is not None else None
    fields: dict[str, str | int | bytes | None] = {
        "standing": name,
        "traces": _listed(traces),
        "considered": terms.recipients,
        "chance": repr(terms.chance),
        "threshold": repr(terms.threshold),
        "models": models_text(),
        "software_sha256": software.digest(),
        "release": release.entry.index if release else None,
        **({"by_operator": by.operator, "by_device": by.device, "by_ip": by.ip} if by else {}),
    }
    return office.record_act(OPENED, name, fields, _nothing_more)


def _enter(
    office: Office, name: str, traces: Sequence[KeptTrace], terms: Terms, weighed: _Weighed, opened: Entry
) -> Standing:
    """Enter the answer with every number it rests on, then put names to the recipients."""
    log_e = weighed.factors.sum(axis=0)
    order = [int(i) for i in np.argsort(-log_e, kind="stable")]
    above = [i for i in order if log_e[i] >= terms.threshold]
    rest = order[max(len(above), 1) :]
    best, runner_up = (float(log_e[some[0]]) if some else None for some in (order, rest))
    shares = {i: weighed.shares(i) for i in above or order[:1]}
    copies = {i: weighed.copies(i) for i in above}
    findings = {
        "format": FINDINGS,
        "documents": [{"version": ref, "traces": list(names)} for ref, names in weighed.names],
        "best": _told(best),
        "runner_up": _told(runner_up),
        "named": [
            {"copies": [bytes(copy) for copy in copies[i]], "log_e": float(log_e[i]),
             "documents": [share.as_dict() for share in shares[i]]}
            for i in above
        ],
        **({} if above else {"closest": [share.as_dict() for i in order[:1] for share in shares[i]]}),
    }  # fmt: skip
    fields: dict[str, str | int | bytes | None] = {
        "standing": name,
        "opened": opened.index,
        "traces": _listed(traces),
        "result": "strong" if above else "inconclusive",
        "copies": b"".join(sorted(bytes(copy) for i in above for copy in copies[i])),
        "considered": terms.recipients,
        "chance": repr(terms.chance),
        "findings": cbor2.dumps(findings, canonical=True),
    }
    entry = office.record_act(WEIGHED, name, fields, _nothing_more)
    named = tuple(
        Stood(
            person_of(office, office.copy(copies[i][0])).operator, copies[i], float(log_e[i]),
            family_bound(float(log_e[i]) - terms.log_paid, terms.recipients), shares[i],
        )
        for i in above
    )  # fmt: skip
    return Standing(
        name, tuple(kept.id for kept in traces), terms.recipients, terms.chance, terms.threshold, named, best,
        runner_up, () if above else tuple(share for i in order[:1] for share in shares[i]), opened.index, entry,
    )  # fmt: skip


def _listed(traces: Sequence[KeptTrace]) -> str:
    return ",".join(kept.id for kept in traces)


def _nothing_more(_db: apsw.Connection, _entry: Entry) -> None:
    """All that is kept is the act itself."""
