"""Before leaks are weighed together, what choosing them costs; afterwards, the answer as it was given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2

from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.trace.model import family_bound

from . import store
from .issue import person_of
from .model import Recipient
from .office import Office
from .recall import KeptTrace
from .standing import MOST_TRACES, WEIGHED, Share, Terms, Unfit, named, terms_of, unfit


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Traces somebody thinks of putting together. terms: by chance; none while fewer than two of them fit."""

    traces: tuple[KeptTrace, ...]
    unfit: Mapping[str, Unfit]
    terms: tuple[Terms, ...]

    @property
    def counted(self) -> tuple[str, ...]:
        """The ids of those that can be weighed, oldest first."""
        return tuple(kept.id for kept in self.traces if kept.id not in self.unfit)


@dataclass(frozen=True, slots=True)
class KeptCopyOf:
    """A copy that a named recipient had of one of the documents, as the register has it."""

    id: CopyId
    ref: str
    who: Recipient
    issued_at: str
    entry: int


@dataclass(frozen=True, slots=True)
class KeptStood:
    """A recipient who was named, with their copies and what each document says."""

    copies: tuple[KeptCopyOf, ...]
    log_e: float
    chance_of_error: float
    shares: tuple[Share, ...]

    @property
    def operator(self) -> str:
        """The recipient of record."""
        return self.copies[0].who.operator


@dataclass(frozen=True, slots=True)
class KeptStanding:
    """The answer of leaks weighed together. log_paid: ln(C K), what choosing just these traces costs.

    closest: with nobody named, what each document says of the closest recipient, whose name is not kept.
    """

    id: str
    entry: int
    opened: int
    at: str
    traces: tuple[str, ...]
    recipients: int
    chance: float
    threshold: float
    models: str
    named: tuple[KeptStood, ...]
    best: float | None
    runner_up: float | None
    closest: tuple[Share, ...]
    asked: Recipient | None

    @property
    def result(self) -> str:
        """STRONG, or not enough evidence."""
        return "strong" if self.named else "inconclusive"

    @property
    def log_paid(self) -> float:
        """The natural logarithm of C K."""
        return self.threshold - math.log(self.recipients / self.chance)


def choose(office: Office, names: Sequence[str], chances: Sequence[float]) -> Choice:
    """Work out what putting these traces together would cost at each chance. Nothing is weighed and nothing entered.

    Raises:
        NotRegistered: there is no such trace.
        UsageProblem: more traces than can be weighed together.
    """
    if len(names) > MOST_TRACES:
        raise UsageProblem(
            f"{len(names)} traces can't be weighed together", advice=f"Give 2 to {MOST_TRACES} traces."
        )
    traces = named(office, names)
    problems = unfit(traces)
    fit = [kept for kept in traces if kept.id not in problems]
    terms = tuple(terms_of(office, fit, chance) for chance in chances) if len(fit) > 1 else ()
    return Choice(tuple(traces), problems, terms)


def newest(office: Office, before: int | None, count: int) -> list[KeptStanding]:
    """The answers given so far, newest first; those entered before `before`."""
    return [_read(office, entry, box) for entry, box in store.newest_acts(office.db, WEIGHED, before, count)]


def recall(office: Office, entry: int) -> KeptStanding:
    """Read one answer, by its entry.

    Raises:
        NotRegistered: this entry is none.
    """
    found = store.act(office.db, entry)
    if found is None or found[0] != WEIGHED:
        raise NotRegistered(f"entry {entry} is no answer of leaks weighed together")
    return _read(office, entry, found[1])


def _read(office: Office, entry: int, box: bytes) -> KeptStanding:
    said = _opening(office, WEIGHED, box)
    found = store.act(office.db, said["opened"])
    assert found is not None, "what is weighed was opened before, in a transaction of its own"
    opened = _opening(office, *found)
    findings = cbor2.loads(said["findings"])
    recipients, chance = int(said["considered"]), float(said["chance"])
    threshold = float(opened["threshold"])
    paid = threshold - math.log(recipients / chance)
    asked = [str(opened[name]) for name in ("by_operator", "by_device", "by_ip") if opened.get(name)]
    return KeptStanding(
        said["standing"], entry, said["opened"], said["at"], tuple(said["traces"].split(",")), recipients, chance,
        threshold, opened["models"], tuple(_stood(office, one, recipients, paid) for one in findings["named"]),
        findings["best"], findings["runner_up"], tuple(map(_share, findings.get("closest", ()))),
        Recipient(*asked) if len(asked) == 3 else None,
    )  # fmt: skip


def _opening(office: Office, event: str, box: bytes) -> dict[str, Any]:
    opened = office.subjects.unseal_office(box, store.act_bound_to(event))
    return {name: pair[1] for name, pair in opened.items()}


def _stood(office: Office, found: Mapping[str, Any], recipients: int, paid: float) -> KeptStood:
    copies = [_copy(office, CopyId(int.from_bytes(copy, "big"))) for copy in found["copies"]]
    bound = family_bound(found["log_e"] - paid, recipients)
    return KeptStood(tuple(copies), found["log_e"], bound, tuple(map(_share, found["documents"])))


def _copy(office: Office, copy: CopyId) -> KeptCopyOf:
    row = office.copy(copy)
    ref = str(store.version_by_row(office.db, row.version).ref)
    return KeptCopyOf(copy, ref, person_of(office, row), row.issued_at, row.entry)


def _share(found: Mapping[str, Any]) -> Share:
    traces = tuple((one["trace"], _logged(one["log_e"])) for one in found["traces"])
    return Share(found["file"], _logged(found["log_e"]), traces)


def _logged(log_e: float | None) -> float:
    """What can't be told as a number was nothing at all: minus infinity."""
    return -math.inf if log_e is None else float(log_e)
