"""The fictional office's people: a post, a leaving, a restriction soon to be reviewed, one under appeal, a proposal."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sealtrace.custody.service import Custody
from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.people.gates import Module
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.people.moments import whole
from sealtrace.posts import bases, checklist, designating, places, proposals
from sealtrace.posts import service as restrictions
from sealtrace.posts.basis import add_months, midnight
from sealtrace.posts.designating import Offer
from sealtrace.posts.model import Scope
from sealtrace.posts.proposals import Terms

ADMINISTRATOR, COUNSEL, OFFICER = human("op-002"), human("op-062"), human("op-070")
KEEPER, DECIDER = human("op-060"), human("op-061")
WORK = (
    Purpose.DIRECTORY, Purpose.DESIGNATION, Purpose.LEAVING, Purpose.RESTRICTION, Purpose.COMPENSATION, Purpose.REPORT,
    Purpose.TRAVEL, Purpose.DOCUMENTS, Purpose.SCREENING, Purpose.CASE,
)  # fmt: skip
SECRETS, CONTRACT = "state-secrets-46@1", "labour-contract-23-24@1"
PLACE, FIELD = "云岭分离厂（虚构）", "solvent extraction"
DAY = timedelta(days=1)
PEOPLE = (
    (("陈国栋", "Tan Kok Tong", "技术总监 technical director", 1974, "镝铽级联 Dy/Tb cascade"), ("op-208",)),
    (
        ("陈立群", "Chen Liqun", "工艺工程师 process engineer", 1986, "重稀土线 Heavy line"),
        ("op-017", "陈立群 Chen Liqun"),
    ),
    (("林少华", "Lim Siew Hua", "分析室主任 head of analysis", 1969, "杂质图谱 Impurity atlas"), ("op-209",)),
    (("黄雅琴", "Huang Yaqin", "计划员 planner", 1990, "产能模型 Capacity model"), ()),
)
"""Name, passport spelling, role, year of birth, project; and the accounts of the house, some of which hold copies."""


def _person(name: str, spelling: str, role: str, year: int, project: str) -> Person:
    return Person(
        "new", (PersonName(name, Source.EMPLOYER), PersonName(spelling, Source.PASSPORT)),
        specialities=("溶剂萃取 solvent extraction", "镝铽分离 Dy/Tb separation"),
        education=("江西某大学 冶金工程 硕士",), projects=(project,), birth_year=year,
        employments=(Employment(PLACE, role, date(2016, 3, 1)),),
    )  # fmt: skip


def fill(custody: Custody) -> None:
    """Enter the people of the demonstration; a home that has people already is left as it is."""
    office = custody.office
    if service.count(office):
        return
    now = whole(office.clock.now())
    _open(custody, now)
    ago = add_months(now, -11) - 5 * DAY
    made = service.add_many(office, KEEPER, [(_person(*said), accounts) for said, accounts in PEOPLE], ago)
    director, engineer, chemist, planner = (one.id for one in made)
    post = places.enter_post(
        office, KEEPER, title="技术总监 Technical director", organisation=PLACE, grade="important", activity=FIELD,
        cooling_off_months=6, now=ago,
    ).id  # fmt: skip
    line = places.enter_post(
        office, KEEPER, title="萃取线工艺工程师 Process engineer, extraction", organisation=PLACE, grade="general",
        activity=FIELD, now=ago,
    ).id  # fmt: skip
    for person, where, end in ((director, post, ago + DAY), (engineer, line, add_months(now, 24))):
        places.designate(
            office, KEEPER, DECIDER, person, where, authority="单位保密委员会", document="保委〔2023〕12号",
            starts_at=ago, ends_at=end, now=ago,
        )  # fmt: skip
    _restrict(custody, director, SECRETS, ago + DAY, add_months(ago + DAY, 24), ago + DAY)
    [held] = places.designations(office, engineer)
    checklist.open_leaving(office, KEEPER, held.id, midnight((now + 30 * DAY).date()), now)
    _contested(custody, chemist, now)
    _proposed(custody, planner, line, now)


def _open(custody: Custody, now: datetime) -> None:
    office, year = custody.office, add_months(now, -12)
    for module in Module:
        gates.assess(office, module, f"DPIA-{module}", COUNSEL, ADMINISTRATOR, add_months(year, 36), year)
    gates.appoint(office, OFFICER.id, ADMINISTRATOR, add_months(year, 36), year)
    for at in (year, now):
        for who in (KEEPER, DECIDER):
            for purpose in WORK:
                access.grant(office, ADMINISTRATOR, who.id, purpose, add_months(at, 12), at)
        access.grant(office, ADMINISTRATOR, OFFICER.id, Purpose.APPEAL, add_months(at, 12), at)
        access.grant(office, ADMINISTRATOR, "op-050", Purpose.OVERSIGHT, add_months(at, 12), at)
    for ref in (SECRETS, CONTRACT):
        bases.adopt(office, ADMINISTRATOR, COUNSEL, ref, source="全国人大常委会公报 NPC gazette")


def _restrict(
    custody: Custody, person: str, basis: str, starts: datetime, ends: datetime, at: datetime,
    files: tuple[str, ...] = (),
) -> str:  # fmt: skip
    office = custody.office
    terms = Terms(
        "单位保密委员会 2026-17", basis, "important", Scope(FIELD, "MY"), "掌握镝铽级联的全部参数", starts, ends,
        compensation_agreed=bool(files), files=files,
    )  # fmt: skip
    proposed = proposals.propose(office, KEEPER, person, terms, at)
    made = proposals.decide(office, DECIDER, proposed, at, impose=True, notice="保通 2026-17")
    assert made is not None, "imposing gives a name"
    restrictions.serve(office, KEEPER, made, "当面，本人签收 in person, signed", at)
    return made


def _contested(custody: Custody, person: str, now: datetime) -> None:
    """A contractual restriction with a month unpaid, contested by the person."""
    office, at = custody.office, now - 12 * DAY
    known = next(custody.versions(), None)
    starts = add_months(now, -2) - DAY
    ends = add_months(starts, 18)
    files = (f"{known.code}@{known.version}",) if known else ()
    made = _restrict(custody, person, CONTRACT if files else SECRETS, starts, ends, at, files)
    if files:
        restrictions.pay(office, KEEPER, made, 0, "凭证 V-0311", at + DAY)
    restrictions.appeal(
        office,
        human("op-209"),
        made,
        "我从未接触过级联参数。I never had the cascade's parameters.",
        at + 4 * DAY,
    )


def _proposed(custody: Custody, person: str, post: str, now: datetime) -> None:
    """What waits for a second person: a restriction, a designation, a change."""
    office, at = custody.office, now - 2 * DAY
    starts = midnight((now + 20 * DAY).date())
    proposals.propose(
        office, KEEPER, person,
        Terms("单位保密委员会 2026-31", SECRETS, "general", Scope(FIELD, "any"), "参与排产，知悉产能", starts,
              add_months(starts, 12)), at,
    )  # fmt: skip
    designating.propose(
        office,
        KEEPER,
        person,
        Offer(post, "单位保密委员会", "保委〔2026〕9号", starts, add_months(starts, 36)),
        at,
    )
    projects = (PEOPLE[3][0][4], "排产系统 Production planning")
    service.propose_change(office, KEEPER, person, "projects", projects, at)
