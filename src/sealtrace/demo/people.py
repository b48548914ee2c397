"""The demonstration about people: a director leaves, and a name like his stands on a foreign plant's list.

Three rows matter: the right man, a namesake, and a man whose restriction had lapsed. Every name is made up. The whole
story runs on the real services in a home of its own; each line is checked, and the exit code is 1 when one is wrong.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from sealtrace.clock import FixedClock
from sealtrace.custody.model import Recipient
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import PurposeMissing, SealtraceError, StepRefused, UsageProblem
from sealtrace.people import access, gates, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import Actor, human
from sealtrace.people.gates import Module
from sealtrace.people.model import Employment, Person, PersonName, Source
from sealtrace.posts import bases, checklist, places, proposals
from sealtrace.posts import service as posts
from sealtrace.posts.basis import add_months
from sealtrace.posts.checklist import Item
from sealtrace.posts.model import Scope
from sealtrace.posts.rules import Status
from sealtrace.rights import export, page
from sealtrace.watch import candidates, desk
from sealtrace.watch.candidates import Card

MARKER = ".sealtrace-demo-people"
LEFT = datetime(2025, 5, 12, 9, tzinfo=UTC)
FOUND = LEFT + timedelta(days=21)
CHIEF, COUNSEL, OFFICER, KEEPER = human("op-001"), human("op-002"), human("op-070"), human("op-060")
PROPOSER, DECIDER = human("op-061"), human("op-062")
BLIND, SECOND, CASE = human("op-064"), human("op-065"), human("op-066")
MAY = {
    KEEPER: (Purpose.DIRECTORY, Purpose.DESIGNATION, Purpose.LEAVING, Purpose.RESTRICTION),
    PROPOSER: (Purpose.RESTRICTION, Purpose.DESIGNATION), DECIDER: (Purpose.RESTRICTION, Purpose.DESIGNATION),
    BLIND: (Purpose.SCREENING,), SECOND: (Purpose.CASE,), CASE: (Purpose.CASE,), OFFICER: (Purpose.APPEAL,),
}  # fmt: skip
SCOPE = Scope("solvent extraction", "MY")
BASIS = "state-secrets-46@1"
ROWS = (
    ("Tan Kok Tong", "Hetao Separation Works", "solvent extraction", "1974"),  # the right man
    ("Tan Kok Tong", "Ipoh General Hospital", "anaesthesia", "1991"),  # a namesake
    ("Lim Siew Hua", "Hetao Separation Works", "solvent extraction", "1969"),  # his restriction had lapsed
    ("Ahmad bin Ismail", "Perak Tin", "solvent extraction", "1980"),
    ("Priya Nair", "", "analytical chemistry", "1985"),
    ("Chen Guo Dong", "", "", ""),  # his name in pinyin, and nothing else
)


class Story:
    """Tells the story line by line, and keeps whether all of it was true."""

    def __init__(self, language: str) -> None:
        self.language, self.holds, self.step = language, True, 0

    def head(self, zh: str, en: str) -> None:
        """Begin a part."""
        self.step += 1
        click.echo(f"\n{self.step}. {zh if self.language == 'zh' else en}")

    def line(self, zh: str, en: str, holds: bool = True) -> None:
        """Say one thing that was checked."""
        self.holds = self.holds and holds
        click.echo(f"   {'✓' if holds else '✗'} {zh if self.language == 'zh' else en}")


def run(out: Path, *, lang: str = "en") -> int:
    """Run the story into folder `out`; returns the exit code, 0 when every line holds.

    Raises:
        UsageProblem: `out` holds other things than an earlier run.
    """
    _prepare(out)
    story, clock = Story(lang), FixedClock(LEFT - timedelta(days=370))
    with Custody.create(out / "home", org="Hetao (made up)", org_code="HT", clock=clock) as custody:
        office = custody.office
        _open(office, clock)
        director, lapsed = _people(office, clock)
        _refused(story, office, clock, out)
        _leaving(story, custody, clock, director, out)
        _restricted(story, office, clock, director, lapsed)
        candidate = _screened(story, office, clock, director, lapsed, out)
        _reviewed(story, office, clock, candidate)
        _contested(story, office, clock, director, out)
        _over(story, office, director)
    story.head("结束", "The end")
    zh, en = ("每一行都成立", "every line holds") if story.holds else ("有一行不成立", "a line does not hold")
    story.line(zh, en, story.holds)
    return 0 if story.holds else 1


def _prepare(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise UsageProblem(f"{out} holds other things", advice="Give an empty folder with --out.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARKER).touch()


def _open(office: Office, clock: FixedClock) -> None:
    """Assess every part, name an appeal officer, grant purposes, adopt the legal basis."""
    for module in Module:
        gates.assess(office, module, f"dpia-{module}", COUNSEL, CHIEF, add_months(clock.at, 36), clock.at)
    gates.appoint(office, OFFICER.id, CHIEF, add_months(clock.at, 36), clock.at)
    _grant(office, clock.at)
    bases.adopt(office, CHIEF, COUNSEL, BASIS, source="NPC gazette, 2024-02-27")


def _grant(office: Office, at: datetime) -> None:
    for actor, purposes in MAY.items():
        for purpose in purposes:
            access.grant(office, CHIEF, actor.id, purpose, add_months(at, 12), at)


def _people(office: Office, clock: FixedClock) -> tuple[str, str]:
    """Enter both specialists; the second one's restriction is imposed, served, and then forgotten."""
    director = Person(
        "new", (PersonName("陈国栋", Source.EMPLOYER), PersonName("Tan Kok Tong", Source.PASSPORT)),
        specialities=("solvent extraction",), birth_year=1974,
        employments=(Employment("Hetao Separation Works", "technical director", date(2016, 3, 1)),),
    )  # fmt: skip
    other = replace(
        director, names=(PersonName("林少华", Source.EMPLOYER), PersonName("Lim Siew Hua", Source.PASSPORT)),
        birth_year=1969,
    )  # fmt: skip
    made = service.add_many(office, KEEPER, [(director, ("op-208",)), (other, ("op-209",))], clock.at)
    post = places.enter_post(
        office, PROPOSER, title="technical director", organisation="Hetao Separation Works", grade="important",
        activity=SCOPE.activity, now=clock.at, cooling_off_months=6,
    )  # fmt: skip
    places.designate(
        office, PROPOSER, DECIDER, made[0].id, post.id, authority="Hetao Separation Works", document="no. 2024-3",
        starts_at=clock.at, ends_at=add_months(clock.at, 36), now=clock.at,
    )  # fmt: skip
    _impose(office, made[1].id, clock.at)
    clock.at = LEFT
    _grant(office, clock.at)
    return made[0].id, made[1].id


def _impose(office: Office, person: str, at: datetime) -> str:
    terms = proposals.Terms(
        "Secrecy committee, no. 2025-17",
        BASIS,
        "important",
        SCOPE,
        "knew the Dy/Tb cascade",
        at,
        add_months(at, 24),
    )
    proposal = proposals.propose(office, PROPOSER, person, terms, at)
    restriction = proposals.decide(office, DECIDER, proposal, at, impose=True, notice="n-2025-17")
    assert restriction is not None, "it was imposed"
    posts.serve(office, KEEPER, restriction, "in person", at)
    return restriction


def _roster(out: Path) -> Path:
    head = ("Name", "Formerly", "Field", "Born")
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    path = out / "consultants.html"
    path.write_text(
        f"<html><body><h1>Our consultants</h1><table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{rows}"
        "</table></body></html>",
        "utf-8",
    )
    return path


def _screen(office: Office, at: datetime, out: Path) -> desk.Screened:
    source = desk.Source(
        "https://plant.example/consultants", "Ipoh Rare Earth (made up)", "compliance with no. 2025-17",
        "published by the plant on its own page", SCOPE.activity, SCOPE.territory, at,
    )  # fmt: skip
    return desk.screen(office, BLIND, _roster(out), source, at)


def _refused(story: Story, office: Office, clock: FixedClock, out: Path) -> None:
    story.head("先问目的", "First the purpose")
    try:
        _screen(office, clock.at, out)
        story.line("无有效限制也比对了名单", "the list was compared without a restriction in force", False)
    except PurposeMissing:
        story.line(
            "没有人处于有效限制之下：名单不被读取，什么也不保存",
            "nobody is under a restriction in force: the list is not read and nothing is kept",
        )


def _leaving(story: Story, custody: Custody, clock: FixedClock, director: str, out: Path) -> None:
    office = custody.office
    story.head("总工程师离职（2025-05-12）", "The technical director leaves (2025-05-12)")
    paper = out / "cascade.txt"
    paper.write_text("Dy/Tb cascade: 64 stages, organic to aqueous 1.4, scrub 0.6.\n" * 40, "utf-8")
    code = custody.register([paper], level="core", title="Dy/Tb cascade")[0].code
    issued = custody.issue(
        str(code), Recipient("op-208", "dev-2c70", "10.20.1.8"), out / "copy.zip", wrapped=True
    )
    [made] = places.designations(office, director)
    leaving = checklist.open_leaving(office, KEEPER, made.id, clock.at + timedelta(days=1), clock.at)
    held = checklist.leaving(office, KEEPER, leaving, clock.at).holding
    story.line(
        f"仍持有副本 {len(held.copies)} 份（{code}），设备 {', '.join(held.devices)}",
        f"he still holds {len(held.copies)} copy of {code} and the device {', '.join(held.devices)}",
        [c.id for c in held.copies] == [issued.id],
    )
    checklist.do_item(office, KEEPER, leaving, Item.TALK, "minutes 5", clock.at)
    try:
        checklist.do_item(office, KEEPER, leaving, Item.CARRIERS_RETURNED, "receipt 8", clock.at)
        refused = False
    except StepRefused:
        refused = True
    story.line("未交还前不能结清", "leaving can't be settled before they are back", refused)
    checklist.take_back(
        office,
        KEEPER,
        director,
        copies=[str(issued.id)],
        devices=["dev-2c70"],
        receipt="receipt 8",
        now=clock.at,
    )
    for item in (Item.CARRIERS_RETURNED, Item.UNDERTAKING, Item.ACCESS_REVOKED):
        checklist.do_item(office, KEEPER, leaving, item, f"{item} 8", clock.at)
    done = checklist.leaving(office, KEEPER, leaving, clock.at).complete
    story.line("谈话、承诺书、交还、权限收回均已完成", "talk, undertaking, return and access are done", done)


def _restricted(story: Story, office: Office, clock: FixedClock, director: str, lapsed: str) -> None:
    story.head("合法、告知、到期、可申诉的限制", "A restriction: lawful, notified, expiring, contestable")
    _impose(office, director, clock.at)
    [one] = posts.shown(office, director, clock.at)
    r = one.record.restriction
    story.line(
        f"{r.authority}；依据 {r.basis.clause}；范围 {r.scope.activity}，{r.scope.territory}；至 {r.ends_at:%Y-%m-%d}",
        f"{r.authority}; on {r.basis.title['en']}; limits {r.scope.activity} in {r.scope.territory};"
        f" until {r.ends_at:%Y-%m-%d}",
        one.status is Status.EFFECTIVE,
    )
    story.line(
        f"提出、决定、申诉是三个人：{r.proposer.id}、{r.decider.id}、{r.appeal.officer}",
        f"proposed, decided and heard by three people: {r.proposer.id}, {r.decider.id}, {r.appeal.officer}",
        len({r.proposer.id, r.decider.id, r.appeal.officer}) == 3,
    )
    [old] = posts.shown(office, lapsed, clock.at)
    story.line(
        f"另一人的限制因 {old.record.due:%Y-%m-%d} 未复核而失效",
        f"the other man's restriction lapsed: its review was due on {old.record.due:%Y-%m-%d}",
        old.status is Status.LAPSED,
    )


def _screened(story: Story, office: Office, clock: FixedClock, director: str, lapsed: str, out: Path) -> str:
    clock.at = FOUND
    story.head("三周后：国外工厂的顾问名单", "Three weeks later: a foreign plant's list of consultants")
    done = _screen(office, clock.at, out)
    story.line(
        f"名单 {done.rows} 行，SHA-256 {done.sha256.hex()[:12]}…，只比对受限制的 {done.watched} 人",
        f"{done.rows} rows, SHA-256 {done.sha256.hex()[:12]}…, compared with {done.watched} person under restriction",
        (done.rows, done.watched) == (6, 1),
    )
    story.line(
        f"同名者与仅有拼音的一行：只凭姓名，计数 {done.name_only}，不保存",
        f"the namesake and the row that is only a name: counted ({done.name_only}), not kept",
        done.name_only == 2,
    )
    unseen = not candidates.of_person(office, lapsed, clock.at) and not [
        s for s in access.looks(office, lapsed) if s.purpose == "screening"
    ]
    story.line(
        "限制已失效的人：完全吻合，但没有人比对他",
        "the man whose restriction lapsed: his row fits in everything, and nobody looked for him",
        unseen,
    )
    story.line("候选一人", "one candidate", len(done.candidates) == 1)
    assert director, "the director is in the directory"
    return done.candidates[0]


def _reviewed(story: Story, office: Office, clock: FixedClock, candidate: str) -> None:
    story.head("两名复核人，第一人不知缘由", "Two reviewers, the first blind to the reason")
    card = desk.first_view(office, BLIND, candidate, clock.at)
    _show(story, card)
    desk.review_first(office, BLIND, candidate, "former employer, field and year agree", clock.at, same=True)
    whole = desk.second_view(office, SECOND, candidate, clock.at)
    desk.review_second(office, SECOND, candidate, "agreed", clock.at, same=True)
    story.line(
        "第二人看到限制的理由与申诉情况",
        "the second sees the reason, and any appeal",
        bool(whole.restrictions),
    )
    try:
        desk.open_case(office, CASE, candidate, "works there", clock.at)
        early = False
    except StepRefused:
        early = True
    story.line("未听取本人说明前不能立案", "no case before the person was heard", early)
    desk.hear(office, CASE, candidate, "he advises on waste water, he says", clock.at)
    state = desk.open_case(office, CASE, candidate, "to be looked into; he was heard", clock.at).state
    story.line(
        "听取后由人决定立案，并告知本人", "heard; a person opens the case and he is told", state == "case"
    )


def _show(story: Story, card: Card) -> None:
    agree = ", ".join(f"{field}: {says}" for field, says in card.agreement.items())
    own = " / ".join(n.text for n in card.person.names)
    story.line(f"名单：{card.row.text}", f"the list: {card.row.text}")
    story.line(f"档案：{own}", f"the file: {own}")
    story.line(
        f"读法 {card.reading}；{agree}；等级 {card.band}",
        f"read as {card.reading}; {agree}; band {card.band}",
        card.restrictions == (),
    )
    story.line(
        f"每百万华人姓名中预计另有 {card.expected_others:.1f} 人可这样书写",
        f"of a million people with Chinese names, {card.expected_others:.1f} others may be written so",
        card.expected_others > 0,
    )


def _contested(story: Story, office: Office, clock: FixedClock, director: str, out: Path) -> None:
    story.head("本人的页面", "His own page")
    me: Actor = human("op-208")
    [one] = posts.shown(office, director, clock.at)
    posts.appeal(office, me, one.record.restriction.id, "waste water is not solvent extraction", clock.at)
    seen = page.own_page(office, me, clock.at)
    lookers = sorted({s.actor for s in seen.looks if s.purpose != "own"})
    story.line(f"谁看过：{', '.join(lookers)}", f"who looked: {', '.join(lookers)}", BLIND.id in lookers)
    [again] = posts.restrictions(office, DECIDER, director, "follow-up", clock.at)
    story.line(
        "未决申诉随限制处处显示", "his open appeal is shown wherever the restriction is", bool(again.appeals)
    )
    (out / "own-page.json").write_bytes(export.as_json(seen))
    language: export.Language = "zh" if story.language == "zh" else "en"
    (out / "own-page.pdf").write_bytes(export.as_pdf(seen, language))
    story.line(
        f"导出：{out / 'own-page.pdf'}、own-page.json", f"taken along: {out / 'own-page.pdf'}, own-page.json"
    )


def _over(story: Story, office: Office, director: str) -> None:
    story.head("到期", "The end of the restriction")
    [one] = posts.shown(office, director, FOUND)
    end = one.ends_by_itself
    before = posts.shown(office, director, end - timedelta(seconds=1))[0].status
    after = posts.shown(office, director, end)[0].status
    story.line(
        f"{end:%Y-%m-%d %H:%M:%S} 前一秒：{before}；到时：{after}，无需任何人申请",
        f"a second before {end:%Y-%m-%d %H:%M:%S} it is {before}; at it, {after}, without anybody asking",
        before is Status.EFFECTIVE and after is not Status.EFFECTIVE,
    )
    try:
        problems: list[str] = [p.problem for p in Custody(office).check()]
    except SealtraceError as e:
        problems = [e.message]
    story.line(
        f"账本 {office.ledger.size()} 条，完好", f"{office.ledger.size()} ledger entries, sound", not problems
    )
