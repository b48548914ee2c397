"""What a scan tells: is the licence real and in force, are these the goods it is for, is enough left.

Nothing is written. The goods are classified again from what is declared, never from what the licence says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.custody.office import Office
from sealtrace.errors import MalformedQuantity, ProofInvalid
from sealtrace.licences import issuing, library, store
from sealtrace.licences.classify import Classification, Classifier, Decision
from sealtrace.licences.lots import Charge, charges, classify, lines
from sealtrace.licences.screening.match import plain
from sealtrace.licences.states import USABLE, day_of, state_on
from sealtrace.licences.status import StatusList
from sealtrace.licences.token import GoodsLine, Licence

from .shipment import Declaration, State

PROBLEMS = {
    "not-genuine": ("许可证无效：{what}", "this is no licence of a trusted issuer: {what}"),
    "no-licence": ("未出示许可证", "no licence is presented"),
    "not-in-force": ("许可证不可用：{what}", "the licence may not be used: {what}"),
    "exporter-differs": ("出口人与持证人不一致：{what}", "the exporter is not the holder: {what}"),
    "end-user-differs": ("最终用户不一致：{what}", "the end user is another: {what}"),
    "destination-differs": ("目的地不一致：{what}", "the destination is another: {what}"),
    "class-open": ("归类待定：{what}", "the class of the goods is open: {what}"),
    "prohibited": ("禁止出口：{what}", "the goods may not leave: {what}"),
    "not-on-licence": ("许可证不含该物项：{what}", "the licence does not name these goods: {what}"),
    "quantity-open": ("元素含量未申报：{what}", "the quantity can't be told: {what}"),
    "too-much": ("数量不足：{what}", "not enough is left: {what}"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit."""

    code: str
    what: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give it as an object, in both languages."""
        zh, en = (text.format(what=self.what).rstrip("：: ") for text in PROBLEMS[self.code])
        return {"code": self.code, "zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found."""

    state: State  # clear, free or doubt
    licence: Licence | None
    problems: tuple[Problem, ...]
    goods: tuple[Classification, ...]
    lines: tuple[GoodsLine, ...]  # what the shipment takes from the licence
    charges: tuple[Charge, ...]
    on: date
    list_digest: bytes
    here: bool  # the licence's account is kept in this home

    def as_dict(self) -> dict[str, Any]:
        """Give it as an object."""
        return {
            "state": self.state.value, "licence": self.licence.number if self.licence else None, "here": self.here,
            "problems": [p.as_dict() for p in self.problems], "goods": [g.as_dict() for g in self.goods],
            "charges": [c.as_dict() for c in self.charges], "on": self.on.isoformat(), "list": self.list_digest.hex(),
        }  # fmt: skip


def scan(
    office: Office,
    text: str,
    declared: Declaration,
    on: date | None = None,
    keys: Sequence[ec.EllipticCurvePublicKey] = (),
    statuses: StatusList | None = None,
) -> Scan:
    """Judge a licence's text and a declaration together. Without `keys`, this home's own key is trusted.

    An empty text is no licence: goods that need none are free, all others are in doubt.
    """
    now = office.clock.now()
    day = on or day_of(now)
    trusted = list(keys) or [issuing.signing_key(office).public_key()]
    by = library.classifier(office)
    licence, problems = _licence(text, trusted, day, statuses, now)
    goods, found, doubts = judge_goods(declared, by, day)
    taken = lines(found)
    row = store.licence(office.db, licence.number) if licence else None
    here = row is not None and row.token == text.strip().encode()
    if not taken and not doubts:
        return Scan(State.FREE, licence, (), goods, (), (), day, by.controls.digest, here)
    problems += doubts
    if licence is not None:
        problems += _agreement(licence, declared, taken)
        problems += _account(office, row, day, taken) if row is not None and here else []
    state = State.DOUBT if problems else State.CLEAR
    return Scan(state, licence, tuple(problems), goods, taken, tuple(found), day, by.controls.digest, here)


def _licence(
    text: str,
    keys: Sequence[ec.EllipticCurvePublicKey],
    day: date,
    statuses: StatusList | None,
    now: datetime,
) -> tuple[Licence | None, list[Problem]]:
    if not text.strip():
        return None, [Problem("no-licence")]
    try:
        verdict = issuing.verify(text, keys, day, statuses, now)
    except ProofInvalid as e:
        return None, [Problem("not-genuine", e.message)]
    if verdict.usable:
        return verdict.licence, []
    return verdict.licence, [
        Problem("not-in-force", "status list out of date" if verdict.status_stale else verdict.state)
    ]


def judge_goods(
    declared: Declaration, by: Classifier, day: date
) -> tuple[tuple[Classification, ...], list[Charge], list[Problem]]:
    """Classify and charge declared goods on a day. Pure: the same declaration, day and list give the same."""
    use: Mapping[str, Any] = {"end_user": {"name": declared.end_user, "country": declared.destination}}
    made, found, problems = [], list[Charge](), list[Problem]()
    for lot in declared.goods:
        one = classify(lot, by, day, declared.destination, use)
        made.append(one)
        if one.decision in (Decision.REFER, Decision.STATUS_UNKNOWN):
            problems.append(Problem("class-open", lot.id))
        elif one.decision in (Decision.PROHIBITED_END_USE, Decision.PROHIBITED_TECHNOLOGY):
            problems.append(Problem("prohibited", lot.id))
        elif one.decision is Decision.LICENCE_REQUIRED:
            try:
                found += charges(lot, one.entries, by, day)
            except MalformedQuantity as e:
                problems.append(Problem("quantity-open", e.message))
    return tuple(made), found, problems


def _agreement(licence: Licence, declared: Declaration, taken: Sequence[GoodsLine]) -> list[Problem]:
    problems = []
    users = {plain(name) for name in licence.end_user.split(";")}
    if plain(declared.exporter) != plain(licence.holder):
        problems.append(Problem("exporter-differs", f"{declared.exporter} / {licence.holder}"))
    if plain(declared.end_user) not in users:
        problems.append(Problem("end-user-differs", f"{declared.end_user} / {licence.end_user}"))
    if declared.destination != licence.destination:
        problems.append(Problem("destination-differs", f"{declared.destination} / {licence.destination}"))
    named = {line.key for line in licence.lines}
    return problems + [
        Problem("not-on-licence", f"{n.key.entry} {n.key.element}") for n in taken if n.key not in named
    ]


def _account(office: Office, row: store.LicenceRow, day: date, taken: Sequence[GoodsLine]) -> list[Problem]:
    state = state_on(row.state, row.valid_to, day)
    if state not in USABLE:
        return [Problem("not-in-force", state.value)]
    balances = {line.key: line.balance for line in store.lines(office.db, row.number)}
    return [
        Problem("too-much", f"{n.key.entry} {n.key.element}: {n.amount.element_mg} mg, "
                            f"{balances[n.key].available.element_mg} mg")
        for n in taken if n.key in balances and not balances[n.key].covers(n.amount)
    ]  # fmt: skip
