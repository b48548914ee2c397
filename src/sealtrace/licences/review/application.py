"""An application as a document: parties, goods, end use, terms, enclosures; what it lacks, what a change changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sealtrace.catalogue.lists import Change, diff
from sealtrace.errors import MalformedCase, SealtraceError
from sealtrace.licences.lots import Lot, must_be_kept, read_lot

SCHEMA = "sealtrace/application/1"
PARTS = ("parties", "goods", "end_use", "terms", "documents")
KINDS = ("single", "general", "registration")
LONGEST_DAYS = {"single": 366, "general": 1096, "registration": 366}  # Decree 792: one year, three years
MAX_TEXT = 4000
MAX_ROWS = 100
COUNTRY = re.compile(r"[A-Z]{2}")


class Role(StrEnum):
    """What a party is to the shipment."""

    APPLICANT = "applicant"
    END_USER = "end_user"
    CONSIGNEE = "consignee"
    INTERMEDIARY = "intermediary"


class Enclosure(StrEnum):
    """What an enclosed document is."""

    CONTRACT = "contract"
    END_USE_STATEMENT = "end_use_statement"
    TEST_REPORT = "test_report"
    COMPLIANCE_PROGRAMME = "compliance_programme"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in the shipment. `names` are further spellings it is known under."""

    id: str
    role: Role
    name: str
    country: str
    address: str
    names: tuple[str, ...] = ()
    person: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    """One version of an application, readable in all its parts; whether it is complete is another question."""

    document: Mapping[str, Any]
    parties: tuple[Party, ...]
    goods: tuple[Lot, ...]
    kind: str
    valid_from: date | None
    valid_to: date | None
    end_use: str
    enclosures: tuple[Mapping[str, Any], ...]

    def with_role(self, role: Role) -> tuple[Party, ...]:
        """The parties in a role."""
        return tuple(p for p in self.parties if p.role is role)

    @property
    def destination(self) -> str:
        """The country of the end user; empty while none is named."""
        return next((p.country for p in self.with_role(Role.END_USER)), "")

    @property
    def use(self) -> dict[str, Any]:
        """What the classifier's bars read: end use and end users."""
        users = [{"name": p.name, "country": p.country} for p in self.with_role(Role.END_USER)]
        return {"end_use": self.end_use, "end_user": users[0] if users else {}}

    @property
    def replaces(self) -> str | None:
        """The licence this application is to replace, when it asks for an amendment of one."""
        found = self.document["terms"].get("replaces")
        return found if isinstance(found, str) and found else None


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing an application lacks."""

    code: str
    zh: str
    en: str
    place: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give it as an object."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "place": self.place}


def read_application(document: object) -> Application:
    """Read an application, complete or not.

    Raises:
        MalformedCase: a part is of the wrong kind, or a name stands twice.
    """
    if not isinstance(document, Mapping) or set(document) - {"schema", *PARTS}:
        raise MalformedCase(f"an application is an object with {', '.join(PARTS)}")
    must_be_kept(document)
    whole: dict[str, Any] = {"schema": SCHEMA, **{part: document.get(part) or _empty(part) for part in PARTS}}
    try:
        parties = tuple(_party(p) for p in _rows(whole, "parties"))
        goods = tuple(read_lot(g) for g in _rows(whole, "goods"))
        terms, end_use = whole["terms"], whole["end_use"]
        made = Application(
            whole, parties, goods, _text(terms, "kind") or "single", _day(terms, "from"), _day(terms, "to"),
            _text(end_use, "text"), tuple(_enclosure(d) for d in _rows(whole, "documents")),
        )  # fmt: skip
    except (KeyError, AttributeError, TypeError, ValueError) as e:
        raise MalformedCase(f"the application can't be read: {e}") from e
    for what, names in (("party", [p.id for p in parties]), ("goods", [g.id for g in goods])):
        if len(set(names)) != len(names):
            raise MalformedCase(f"two of the application's {what} have the same id")
    if made.kind not in KINDS:
        raise MalformedCase(f"a licence is {', '.join(KINDS)}, not {made.kind!r}")
    return made


def _empty(part: str) -> object:
    return {} if part in ("end_use", "terms") else []


def _rows(document: Mapping[str, Any], part: str) -> list[Any]:
    rows = document[part]
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise MalformedCase(f"{part} is a list of at most {MAX_ROWS}")
    return rows


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise MalformedCase(f"{name} is not a text of at most {MAX_TEXT} characters")
    return value.strip()


def _day(holder: Mapping[str, Any], name: str) -> date | None:
    text = _text(holder, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise MalformedCase(f"{name} is {text[:20]!r}, not a day written YYYY-MM-DD") from None


def _party(raw: Mapping[str, Any]) -> Party:
    names = raw.get("names", [])
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise MalformedCase("the further names of a party are a list of texts")
    return Party(
        _text(raw, "id"), Role(raw["role"]), _text(raw, "name"), _text(raw, "country").upper(),
        _text(raw, "address"), tuple(names), raw.get("person") is True,
    )  # fmt: skip


def _enclosure(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    Enclosure(raw["kind"])
    if re.fullmatch(r"[0-9a-f]{64}", _text(raw, "id")) is None:
        raise MalformedCase("an enclosed document is named by the SHA-256 of its bytes")
    return raw


# -- what is lacking ------------------------------------------------------------------------------


def missing(made: Application) -> list[Missing]:
    """List what an application lacks before it can be taken in; empty when it is complete."""
    return [*_parties_lacking(made), *_goods_lacking(made), *_use_lacking(made), *_terms_lacking(made)]


def _parties_lacking(made: Application) -> Iterator[Missing]:
    for role, zh in ((Role.APPLICANT, "申请人"), (Role.END_USER, "最终用户"), (Role.CONSIGNEE, "收货人")):
        if not made.with_role(role):
            yield Missing(
                f"no-{role.value}", f"缺少{zh}", f"no {role.value.replace('_', ' ')} is named", "parties"
            )
    if len(made.with_role(Role.APPLICANT)) > 1:
        yield Missing("one-applicant", "申请人只能有一个", "there is more than one applicant", "parties")
    users = made.with_role(Role.END_USER)
    if made.kind != "general" and len(users) > 1:
        yield Missing(
            "one-end-user", "单项许可只能有一个最终用户", "a single licence has one end user", "parties"
        )
    if len({p.country for p in users}) > 1:
        yield Missing(
            "one-destination", "最终用户须在同一国家", "the end users are in one country", "parties"
        )
    for party in made.parties:
        whole = party.id and party.name and party.address and COUNTRY.fullmatch(party.country)
        if not whole:
            yield Missing(
                "party-incomplete", "当事方缺少名称、国家代码或地址",
                "a party lacks its name, its country code or its address", party.id or party.name,
            )  # fmt: skip


def _goods_lacking(made: Application) -> Iterator[Missing]:
    if not made.goods:
        yield Missing("no-goods", "缺少货物", "no goods are named", "goods")
    for lot in made.goods:
        if not lot.gross_mg:
            yield Missing("no-mass", "缺少毛重", "the gross mass is not stated", lot.id)
        if not lot.facts(date.max, "", {}).stated:
            yield Missing(
                "no-composition", "缺少成分或化学式", "neither composition nor formula is stated", lot.id
            )


def _use_lacking(made: Application) -> Iterator[Missing]:
    if len(made.end_use) < 2:
        yield Missing("no-end-use", "缺少最终用途", "the end use is not stated", "end_use")
    held = {d["kind"] for d in made.enclosures}
    wanted = [(Enclosure.CONTRACT, "合同"), (Enclosure.END_USE_STATEMENT, "最终用户和最终用途证明")]
    if made.kind == "general":
        wanted.append((Enclosure.COMPLIANCE_PROGRAMME, "出口管制内部合规制度"))
    for kind, zh in wanted:
        if kind.value not in held:
            yield Missing(
                f"no-{kind.value}",
                f"缺少文件：{zh}",
                f"the {kind.value.replace('_', ' ')} is not enclosed",
                "documents",
            )


def _terms_lacking(made: Application) -> Iterator[Missing]:
    if made.valid_from is None or made.valid_to is None:
        yield Missing("no-period", "缺少有效期", "first and last day are not stated", "terms")
    elif made.valid_to < made.valid_from:
        yield Missing("period-reversed", "有效期起止颠倒", "the last day is before the first", "terms")
    elif (made.valid_to - made.valid_from).days > LONGEST_DAYS[made.kind]:
        yield Missing(
            "period-too-long", "有效期超过上限", "the period is longer than this kind may last", "terms"
        )


# -- versions -------------------------------------------------------------------------------------


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """List what differs between two versions, by part and name."""
    return diff(old, new)


def parts_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """The parts that differ between two versions: advice on these has to be asked again."""
    return frozenset(part for part in PARTS if old.get(part) != new.get(part))


def problem(document: object) -> SealtraceError | None:
    """The error that reading a document meets, for forms that show it beside the field."""
    try:
        read_application(document)
    except SealtraceError as e:
        return e
    return None
