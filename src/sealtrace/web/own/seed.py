"""A fictional person with an own page, an open appeal, and a roster on which a name like theirs stands.

Everything goes through the real services, dated as if it had happened over the last weeks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sealtrace.custody.office import Office
from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.people.gates import Module
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.policy.model import Role
from sealtrace.posts import bases, places, proposals
from sealtrace.posts import service as posts
from sealtrace.posts.basis import add_months
from sealtrace.posts.model import Scope
from sealtrace.watch import desk

ACCOUNT = "op-218"
CHIEF, COUNSEL, OFFICER = human("op-900"), human("op-901"), human("op-070")
KEEPER, PROPOSER, DECIDER = human("op-060"), human("op-061"), human("op-062")
BLIND, SECOND, ERASES = human("op-064"), human("op-065"), human("op-002")
PEOPLE: tuple[tuple[str, tuple[Role, ...]], ...] = (
    (ACCOUNT, (Role.READER,)), (OFFICER.id, (Role.APPEALS,)), (BLIND.id, (Role.PERSONNEL,)),
    (SECOND.id, (Role.PERSONNEL,)),
)  # fmt: skip
"""The person concerned, who hears appeals, and the two reviewers."""
MAY = {
    KEEPER: (Purpose.DIRECTORY, Purpose.RESTRICTION), PROPOSER: (Purpose.RESTRICTION, Purpose.DESIGNATION),
    DECIDER: (Purpose.RESTRICTION, Purpose.DESIGNATION), BLIND: (Purpose.SCREENING,),
    SECOND: (Purpose.SCREENING, Purpose.CASE), OFFICER: (Purpose.APPEAL,),
    ERASES: (Purpose.DIRECTORY,),
}  # fmt: skip
BASIS, PLANT = "state-secrets-46@1", "云岭分离厂（虚构）"
ACTIVITY, TERRITORY = "溶剂萃取", "MY"
ROSTER = """Name,Formerly,Field,Born
Zhou Qi Ming,云岭分离厂（虚构）,溶剂萃取,1979
Ahmad bin Ismail,Perak Tin,Magnets,1980
Priya Nair,Ipoh General Hospital,Anaesthesia,1985
Zhou Qiming,,,
"""


@dataclass(frozen=True, slots=True)
class Made:
    """The names of what was entered: the person, the restriction, the appeal, the candidates."""

    person: str
    restriction: str
    petition: str
    candidates: tuple[str, ...]


def fill(office: Office, say: Callable[[str], None], now: datetime) -> Made:
    """Make the scene. `now` is a whole second. About a second."""
    say("entering a person who contests a restriction, and a roster with a candidate")
    open_house(office, now - timedelta(days=60))
    return enter(office, now)


def open_house(office: Office, at: datetime) -> None:
    """Assess every part, name the appeal officer, grant purposes, adopt the legal basis unless it is."""
    for module in Module:
        gates.assess(office, module, f"影响评估 {module}", COUNSEL, CHIEF, add_months(at, 36), at)
    gates.appoint(office, OFFICER.id, CHIEF, add_months(at, 36), at)
    for actor, purposes in MAY.items():
        for purpose in purposes:
            access.grant(office, CHIEF, actor.id, purpose, add_months(at, 12), at)
    if not any(b.basis.ref == BASIS and b.adopted for b in bases.listed(office, at.date())):
        bases.adopt(office, CHIEF, COUNSEL, BASIS, source="全国人大公报 2024-02-27")


def enter(
    office: Office,
    now: datetime,
    *,
    account: str = ACCOUNT,
    territory: str = TERRITORY,
    screened: bool = True,
) -> Made:
    """Enter a person whose restriction binds in `territory`, the appeal, a look, and a roster when `screened`."""
    person = _person(office, now - timedelta(days=59), account)
    restriction, petition = _restricted(office, person, now - timedelta(days=9), account, territory)
    service.show(office, KEEPER, person, Purpose.DIRECTORY, "年度核对档案", now - timedelta(days=5))
    candidates = _screened(office, now - timedelta(days=1), territory) if screened else ()
    return Made(person, restriction, petition, candidates)


def _person(office: Office, at: datetime, account: str) -> str:
    profile = Person(
        "new", (PersonName("周启明", Source.EMPLOYER), PersonName("Zhou Qiming", Source.PASSPORT)),
        specialities=("溶剂萃取",), education=("江西理工大学 冶金工程 2001",), projects=("镝铽级联",),
        employments=(Employment(PLANT, "技术主任", date(2012, 7, 2)),), birth_year=1979,
    )  # fmt: skip
    made = service.add(office, KEEPER, profile, at, accounts=(account,))
    post = places.enter_post(
        office, PROPOSER, title="技术主任", organisation=PLANT, grade="important", activity=ACTIVITY, now=at
    )
    places.designate(
        office, PROPOSER, DECIDER, made.id, post.id, authority="单位保密委员会", document="2026-3 号",
        starts_at=at, ends_at=add_months(at, 36), now=at,
    )  # fmt: skip
    return made.id


def _restricted(office: Office, person: str, at: datetime, account: str, territory: str) -> tuple[str, str]:
    """Impose a restriction, serve it, and let the person appeal four days later."""
    terms = proposals.Terms(
        "单位保密委员会 2026-17 号", BASIS, "important", Scope(ACTIVITY, territory),
        "离岗前掌握镝铽级联的级数与相比", at,
        add_months(at, 18),
    )  # fmt: skip
    proposal = proposals.propose(office, PROPOSER, person, terms, at)
    made = proposals.decide(office, DECIDER, proposal, at, impose=True, notice="2026-17 号")
    assert made is not None, "it was imposed"
    posts.serve(office, KEEPER, made, "当面送达", at)
    grounds = "级联参数在我离岗前一年已由他人负责，我只审核过月报。请核对岗位记录。"
    return made, posts.appeal(office, human(account), made, grounds, at + timedelta(days=4))


def _screened(office: Office, at: datetime, territory: str) -> tuple[str, ...]:
    source = desk.Source(
        "https://plant.example/consultants", "怡保稀土（虚构） Ipoh Rare Earth", "核对 2026-17 号限制是否得到遵守",
        "该厂在其网站上向公众发布", ACTIVITY, territory, at,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "consultants.csv"
        path.write_text(ROSTER, "utf-8")
        return desk.screen(office, BLIND, path, source, at).candidates
