"""Journeys and documents of a fictional office in several states, for the demonstration of the screens.

Everything is entered through the services, by people who hold the purposes for it; what stands there already is left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sealtrace.custody.office import Office
from sealtrace.people import access, gates
from sealtrace.people import service as directory
from sealtrace.people.access import Purpose
from sealtrace.people.acts import identity, read_one
from sealtrace.people.duties import Actor, human
from sealtrace.people.gates import Module
from sealtrace.people.model import Person, PersonName, Source
from sealtrace.people.moments import whole
from sealtrace.posts import places
from sealtrace.posts.basis import add_months, midnight
from sealtrace.travel import documents, service
from sealtrace.travel.journeys import Plan, Stop
from sealtrace.travel.rules import Companion, Title

PERSONNEL, SECRECY, HEAD, OFFICER = human("op-061"), human("op-062"), human("op-063"), human("op-070")
COUNSEL, CHIEF = human("op-050"), human("op-002")
TRAVELLER, FREE, SECOND = "op-017", "op-031", "op-022"
DAY = timedelta(days=1)
NAMES = {
    TRAVELLER: ("林知远", "Lin Zhiyuan"), FREE: ("何静", "He Jing"), SECOND: ("周以宁", "Zhou Yining"),
}  # fmt: skip
PARTS = (Module.DIRECTORY, Module.POSTS, Module.TRAVEL, Module.DOCUMENTS)
PURPOSES = (Purpose.DIRECTORY, Purpose.DESIGNATION, Purpose.TRAVEL, Purpose.DOCUMENTS)


def fill(office: Office, say: Callable[[str], None]) -> None:
    """Enter the people, the designation, journeys and documents; nothing when there are journeys already."""
    documents.ready(office)
    if read_one(office, "SELECT 1 FROM journeys LIMIT 1") is not None:
        return
    say("declaring journeys of fictional people and taking two documents into custody")
    now = whole(office.clock.now())
    _open(office, now)
    people = {account: _person(office, account, now) for account in NAMES}
    for account in (TRAVELLER, SECOND):
        _designate(office, people[account], now)
    _journeys(office, people, now)
    _documents(office, people, now)


def _open(office: Office, now: datetime) -> None:
    """Switch the parts on and grant the purposes, where that was not done."""
    on = gates.assessed(office, now)
    for part in PARTS:
        if part not in on:
            gates.assess(office, part, f"DPIA 2026-{part}", COUNSEL, CHIEF, add_months(now, 24), now)
    if not gates.officers(office, now):
        gates.appoint(office, OFFICER.id, CHIEF, add_months(now, 24), now)
    for officer in (PERSONNEL, SECRECY, HEAD):
        for purpose in PURPOSES:
            access.grant(office, CHIEF, officer.id, purpose, add_months(now, 12), now)


def _person(office: Office, account: str, now: datetime) -> str:
    """The directory's person with an account, entered where there is none."""
    known = identity(office, human(account)).id
    if known != account:
        return known
    han, latin = NAMES[account]
    profile = Person("new", (PersonName(han, Source.EMPLOYER), PersonName(latin, Source.PASSPORT)))
    return directory.add(office, PERSONNEL, profile, now, accounts=(account,)).id


def _designate(office: Office, person: str, now: datetime) -> None:
    if any(held.holds(now) for held in places.designations(office, person)):
        return
    post = next(iter(places.posts(office)), None) or places.enter_post(
        office, PERSONNEL, title="分离车间技术主管 Head of separation", organisation="云岭分离厂（虚构）",
        grade="important", activity="solvent extraction", now=now,
    )  # fmt: skip
    places.designate(
        office, PERSONNEL, SECRECY, person, post.id, authority="单位保密委员会 Secrecy committee", document="2026-17",
        starts_at=now, ends_at=add_months(now, 24), now=now,
    )  # fmt: skip


def _plan(now: datetime, first: int, purpose: str, *stays: tuple[str, str, int], contacts: tuple[str, ...] = (),
          with_family: bool = False) -> Plan:  # fmt: skip
    """A plan that begins so many days from now, with stays of so many days each."""
    at, stops = midnight((now + first * DAY).date()), []
    for country, place, days in stays:
        stops.append(Stop(country, place, at, at + days * DAY))
        at += days * DAY
    family = (Companion("spouse", stops[0].country, stops[0].starts_at, at),) if with_family else ()
    return Plan(tuple(stops), purpose, contacts, family)


def _opinions(office: Office, journey: str, now: datetime, *offices: tuple[Actor, str, str, bool]) -> None:
    for who, name, reasons, favour in offices:
        service.give_opinion(office, who, journey, name, reasons, now, in_favour=favour)


def _journeys(office: Office, people: dict[str, str], now: datetime) -> None:
    """One journey in each state that matters: waiting, opinions given, decided both ways, voluntary, given up."""
    me, other, free = human(TRAVELLER), human(SECOND), human(FREE)
    for_it, also = (PERSONNEL, "personnel", "行前教育已安排。 Briefing arranged.", True), (
        SECRECY, "secrecy", "不携带涉密载体。 No carriers taken.", True,
    )  # fmt: skip

    def declare(who: Actor, plan: Plan) -> str:
        return service.declare(office, who, people[who.id], plan, now)

    meeting = _plan(
        now, 12, "稀土分离国际会议 Conference on separation", ("MY", "怡保 Ipoh", 3), ("TH", "曼谷 Bangkok", 2),
        contacts=("Prof. Lim, Universiti Malaya",), with_family=True,
    )  # fmt: skip
    allowed = declare(me, meeting)
    _opinions(office, allowed, now, for_it, also)
    service.decide(office, HEAD, allowed, "", now, allow=True)
    refused = declare(other, _plan(now, 9, "探亲 Family visit", ("JP", "大阪 Osaka", 6)))
    _opinions(
        office, refused, now, for_it, (SECRECY, "secrecy", "载体尚未清退。 Carriers are not returned.", False)
    )
    reasons = (
        "涉密载体尚未清退；清退后可以重新申报。 Carriers are not returned yet; declare again once they are."
    )
    service.decide(office, HEAD, refused, reasons, now, allow=False)
    half = declare(
        me, _plan(now, 33, "设备验收 Acceptance of equipment", ("DE", "哈瑙 Hanau", 5), ("CH", "", 2))
    )
    _opinions(office, half, now, for_it)
    ready = declare(other, _plan(now, 24, "学术访问 Academic visit", ("FR", "巴黎 Paris", 8)))
    _opinions(office, ready, now, for_it, also)
    declare(free, _plan(now, 18, "度假 Holiday", ("NZ", "皇后镇 Queenstown", 10)))
    given_up = declare(free, _plan(now, 40, "展会 Trade fair", ("VN", "河内 Hanoi", 4)))
    service.note(office, free, given_up, "withdrawn", "展会改期 The fair was moved", now)


def _documents(office: Office, people: dict[str, str], now: datetime) -> None:
    """An official passport in custody, and one in voluntary safekeeping that its owner wants back."""
    kept = ((TRAVELLER, Title.OFFICIAL_PASSPORT, "因公护照管理办法 第十二条", "PE1203345"),
            (SECOND, Title.REGISTERED_STAFF_RULE, "登记备案名单 2026-3", "E40928817"),
            (FREE, Title.VOLUNTARY_SAFEKEEPING, "本人书面申请 2026-11", "E77120934"))  # fmt: skip
    for account, title, document, number in kept:
        held = documents.take(
            office, HEAD, SECRECY, people[account], kind="护照 Passport", issuer="中国 CN", number=number, title=title,
            title_document=document, title_ends_at=add_months(now, 6), now=now,
        )  # fmt: skip
        if account != TRAVELLER:
            documents.ask_back(office, human(account), held.receipt, now)
