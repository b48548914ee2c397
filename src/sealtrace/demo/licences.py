"""The licence desk at work on seven elements: end users granted and refused, an amendment, a revocation, an end.

Everything runs for real in a home of its own: applications with documents, screening, advice, decisions by two
people, signed licences, the gate, the account. Every decision is then made again from what is stored.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import SealtraceError
from sealtrace.licences import desk as licences
from sealtrace.licences import service, store
from sealtrace.licences.review.case import Case
from sealtrace.licences.service import Enclosure, Proposal
from sealtrace.licences.states import LicenceState, Step, day_of
from sealtrace.people.duties import Actor, ActorKind

HOLDER = "赣州样例稀土有限公司"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LISTED = "id,name,person,countries,remarks\n1,Northern Trade Bureau,no,AE,registered 77-1\n2,Lumen Optics SpA,no,RU,\n"
APPLICANT, CLERK, HEAD, OTHER, TECHNICAL = (
    Actor(name, ActorKind.HUMAN) for name in ("ap-Ganzhou", "op-052", "op-060", "op-071", "te-004")
)
Say = Callable[[str, str], None]
OXIDES = {"Dy": ("Dy2O3", "114.771"), "Tb": ("Tb4O7", "23.524"), "Gd": ("Gd2O3", "57.631"), "Lu": ("Lu2O3", "11.372"),
          "Sc": ("Sc2O3", "7.670"), "Y": ("Y2O3", "126.994")}  # fmt: skip
MAGNET = {"id": "Sm", "name_zh": "钐钴磁钢", "form": "magnet_primary", "gross_kg": "400", "value_minor": 64_000_000,
          "composition_wt_pct": {"Sm": 25, "Co": 52, "Fe": 15, "Cu": 6, "Zr": 2}}  # fmt: skip


def goods(*elements: str) -> list[dict[str, Any]]:
    """Goods of the demo by element: oxides, and samarium as cobalt magnets."""
    made = []
    for element in elements:
        if element == "Sm":
            made.append(dict(MAGNET))
            continue
        formula, kilograms = OXIDES[element]
        made.append({"id": element, "name_en": f"{formula} powder", "form": "oxide", "formula": formula,
                     "gross_kg": kilograms, "value_minor": 9_000_000})  # fmt: skip
    return made


def application(user: str, country: str, use: str, *elements: str, replaces: str = "") -> dict[str, Any]:
    """An application of the demo's one applicant."""
    terms = {"kind": "single", "from": "2026-03-02", "to": "2027-02-28"} | (
        {"replaces": replaces} if replaces else {}
    )
    return {
        "parties": [
            {"id": "applicant", "role": "applicant", "name": HOLDER, "country": "CN", "address": "赣州"},
            {"id": "user", "role": "end_user", "name": user, "country": country, "address": f"{user}, {country}"},
            {"id": "consignee", "role": "consignee", "name": user, "country": country, "address": f"{user}, {country}"},
        ],
        "goods": goods(*elements), "end_use": {"text": use}, "terms": terms,
    }  # fmt: skip


class Scene:
    """The desk of the demo: its office, its clock, and what was expected of it."""

    def __init__(self, office: Office, clock: FixedClock, say: Say) -> None:
        self.office, self.clock, self.say = office, clock, say
        self.failed: list[str] = []

    def expect(self, what: str, held: object) -> None:
        """Note an expectation that did not hold."""
        if not held:
            self.failed.append(what)

    def days(self, count: int) -> None:
        """Let days pass."""
        self.clock.at += timedelta(days=count)

    def apply(self, document: dict[str, Any]) -> Case:
        """Hand an application in with its documents, accept it, hear every department that is to be asked."""
        case = service.open_case(self.office, APPLICANT, document)
        for kind, title in (
            (Enclosure.CONTRACT, "contract"),
            (Enclosure.END_USE_STATEMENT, "end-use statement"),
        ):
            data = f"{title} of {case.id}".encode()
            service.enclose(self.office, APPLICANT, case.id, data, kind, title)
        service.submit(self.office, APPLICANT, case.id)
        self.days(1)
        service.accept(self.office, CLERK, case.id)
        case = service.ask_advice(self.office, CLERK, case.id)
        for advice in case.advice:
            case = service.advise(
                self.office, TECHNICAL, case.id, advice.department, "for", "amount and use agree"
            )
        return case

    def decide(self, case: Case, proposal: Proposal) -> Case:
        """Propose, have a second person approve, serve."""
        service.propose(self.office, CLERK, case.id, proposal)
        self.days(2)
        made = service.approve(self.office, HEAD, case.id)
        service.notify(self.office, CLERK, case.id, "registered letter")
        user = made.application.parties[1].name
        elements = ", ".join(g.id for g in made.application.goods)
        if proposal.outcome == "grant":
            self.say(f"{case.id}  {elements:8} {user}：准予，许可证 {made.licence}",
                     f"{case.id}  {elements:8} {user}: granted, licence {made.licence}")  # fmt: skip
        else:
            self.say(f"{case.id}  {elements:8} {user}：不予许可（{'、'.join(proposal.criteria)}）",
                     f"{case.id}  {elements:8} {user}: refused ({', '.join(proposal.criteria)})")  # fmt: skip
        return made

    def ship(self, number: str, licence: str, lots: list[dict[str, Any]], user: str, country: str) -> str:
        """Present a shipment at the gate, and endorse it when it is clear; gives its state."""
        row = store.licence(self.office.db, licence)
        assert row is not None
        assert row.token is not None
        declaration = {
            "number": number,
            "exporter": "赣州样例稀土",
            "end_user": user,
            "destination": country,
            "goods": lots,
        }
        found = service.present(self.office, OTHER, row.token.decode("ascii"), declaration)
        if found.state == "clear":
            found = service.endorse(self.office, OTHER, number)
        why_zh = "；".join(p["zh"] for p in found.scan["problems"])
        why_en = "; ".join(p["en"] for p in found.scan["problems"])
        self.say(f"{number}  {licence}：{ZH[found.state]}{f'（{why_zh}）' if why_zh else ''}",
                 f"{number}  {licence}: {found.state}{f' ({why_en})' if why_en else ''}")  # fmt: skip
        return str(found.state)


def refused(what: Callable[[], object]) -> bool:
    """Whether the desk refuses something."""
    try:
        what()
    except SealtraceError:
        return True
    return False


ZH_STATES = {
    LicenceState.ISSUED: "有效", LicenceState.EXHAUSTED: "已用尽", LicenceState.REVOKED: "已撤销",
    LicenceState.SURRENDERED: "已交回",
}  # fmt: skip
ZH = {
    "endorsed": "已验放",
    "doubt": "存疑，不放行",
    "clear": "可放行",
    "free": "无需许可",
    "refused": "不放行",
}


def run(folder: Path, lang: str, tell: Callable[[str], None]) -> int:
    """Play the scene in a fresh home under `folder`; gives the exit code."""
    home = folder / "licence-home"
    if home.exists():
        shutil.rmtree(home)
    clock = FixedClock(START)

    def say(zh: str, en: str) -> None:
        tell(zh if lang == "zh" else en)

    with Custody.create(home, org="样例主管部门 Sample Authority", org_code="DEMO", clock=clock) as custody:
        scene = Scene(custody.office, clock, say)
        play(scene)
        close(scene, folder)
    for what in scene.failed:
        say(f"未如预期：{what}", f"not as expected: {what}")
    return 1 if scene.failed else 0


def play(scene: Scene) -> None:
    """Seven elements, eight applications, and what became of their licences."""
    office, say = scene.office, scene.say
    say("— 筛查名单", "— screening list")
    service.take_list(
        office, CLERK, service.import_list(LISTED.encode(), "own", "sample", "2026-03", "barred")
    )
    say("— 申请与决定", "— applications and decisions")
    civil = Proposal(
        "grant", "civil end use, verified on site", ("end-use-civil-verified",), "report each use in 30 days"
    )
    motors = scene.decide(
        scene.apply(application("Nordwind Motoren GmbH", "DE", "traction motors", "Dy", "Tb")), civil
    )
    scene.decide(scene.apply(application("Hikari Imaging KK", "JP", "medical imaging", "Gd")), civil)
    lasers = scene.decide(
        scene.apply(application("Polar Lasers Oy", "FI", "laser crystals", "Lu", "Y")), civil
    )
    servo = scene.decide(
        scene.apply(application("Orbit Servo SAS", "FR", "industrial servo drives", "Sm")), civil
    )
    asked = scene.apply(application("Lumen Optics Srl", "IT", "optical glass", "Y"))
    for hit in asked.hits:
        service.clear(
            office, CLERK, asked.id, hit, same=False, reason="another body: registered in Milan in 1998"
        )
    service.question(office, CLERK, asked.id, "Which glass, and for whom?", ["end_use"])
    scene.days(7)
    service.answer(office, APPLICANT, asked.id, "Lenses for microscopes.")
    scene.decide(asked, civil)
    barred = scene.apply(application("Northern Trade Bureau", "AE", "resale", "Dy"))
    for hit in barred.hits:
        service.clear(office, CLERK, barred.id, hit, same=True, reason="the register number is the same")
    no = Proposal(
        "refuse", "the end user is barred", ("end-user-barred",), dissent="a bar leaves no room for the use"
    )
    scene.decide(barred, no)
    service.appeal(office, APPLICANT, barred.id, "the bureau was renamed")
    service.decide_appeal(office, OTHER, barred.id, "uphold", "the number did not change with the name")
    say(
        f"{barred.id}  复议：由未参与决定者维持",
        f"{barred.id}  appeal: upheld by somebody who had no part in it",
    )
    fighters = scene.apply(application("Aero Structures Inc", "US", "airframes for the air force", "Sc"))
    scene.decide(fighters, Proposal("refuse", "military end use, barred by No. 46 of 2024", ("end-use-military",),
                                    dissent="the bar is law; the amount does not matter"))  # fmt: skip
    shipping(scene, str(motors.licence), str(lasers.licence), str(servo.licence), civil)


def shipping(scene: Scene, motors: str, lasers: str, servo: str, civil: Proposal) -> None:
    """An amendment, an exhausted licence, a revoked one, and the gate."""
    office, say = scene.office, scene.say
    say("— 变更", "— amendment")
    larger = application("Nordwind Motoren GmbH", "DE", "traction motors", "Dy", "Tb", replaces=motors)
    larger["goods"][0]["gross_kg"] = "150"
    changed = str(scene.decide(scene.apply(larger), civil).licence)
    scene.expect(
        "the amended licence ended", licences.account(office, motors).state is LicenceState.SURRENDERED
    )
    say("— 口岸", "— the gate")
    part = [g | {"gross_kg": "40"} if g["id"] == "Dy" else g | {"gross_kg": "5"} for g in goods("Dy", "Tb")]
    scene.expect(
        "two elements leave", scene.ship("D-001", changed, part, "Nordwind Motoren", "DE") == "endorsed"
    )
    scene.expect(
        "the old licence is refused", scene.ship("D-002", motors, part, "Nordwind Motoren", "DE") == "doubt"
    )
    paste = [
        {"id": "paste", "name_zh": "锡膏", "form": "oxide", "lab_composition": {"Dy": 71}, "gross_kg": "2"}
    ]
    scene.expect(
        "a misdeclaration is held", scene.ship("D-003", lasers, paste, "Polar Lasers Oy", "FI") == "doubt"
    )
    all_of_it = goods("Lu", "Y")
    scene.expect(
        "the last gram leaves", scene.ship("D-004", lasers, all_of_it, "Polar Lasers Oy", "FI") == "endorsed"
    )
    scene.expect("exhausted", licences.account(office, lasers).state is LicenceState.EXHAUSTED)
    scene.expect(
        "nothing beyond it", scene.ship("D-005", lasers, all_of_it, "Polar Lasers Oy", "FI") == "doubt"
    )
    law = "Regulations on Export Control of Dual-Use Items (State Council Decree 792)"
    may_be = service.Ground("goods may have been passed on against the undertaking", law)
    service.suspend(office, CLERK, servo, may_be, day_of(office.clock.now()) + timedelta(days=30))
    asked = service.propose_measure(
        office, CLERK, servo, Step.REVOKE, service.Ground("goods were passed on against the undertaking", law)
    )
    service.object_to(office, APPLICANT, asked.name, "one consignment only, by mistake")
    scene.expect(
        "one person alone revokes nothing",
        refused(lambda: service.approve_measure(office, CLERK, asked.name)),
    )
    service.approve_measure(office, HEAD, asked.name, "three consignments, by their papers")
    say(
        f"{servo}  中止，听取持证人申辩后由第二人撤销",
        f"{servo}  suspended, then revoked by a second person who heard the holder",
    )
    scene.expect("revoked", scene.ship("D-006", servo, goods("Sm"), "Orbit Servo SAS", "FR") == "doubt")


def close(scene: Scene, folder: Path) -> None:
    """Add everything up, make every decision again, write the month's flow file."""
    office, say = scene.office, scene.say
    say("— 账户", "— accounts")
    for one in licences.accounts(office):
        for line in one.lines:
            b = line.balance
            granted, drawn, lapsed = (_kg(a.element_mg) for a in (b.granted, b.drawn, b.lapsed))
            head = f"{one.row.number}  {line.key.entry:9} {line.key.element:2}  "
            say(f"{head}批准 {granted}  已用 {drawn}  失效 {lapsed} kg  {ZH_STATES.get(one.state, one.state)}",
                f"{head}granted {granted}  drawn {drawn}  lapsed {lapsed} kg  {one.state}")  # fmt: skip
    again = [same for row in service.board(office) for _, same in service.reproduce(office, row.id)]
    again += [service.reproduce_scan(office, one.number) for one in service.shipments(office)]
    scene.days(31)
    months = [m.month for m in service.flow_months(office)]
    digest = [service.write_flows(office, OTHER, m, folder / f"flows-{m}.csv") for m in months][-1]
    problems = [
        *service.check_accounts(office),
        *service.check_board(office),
        *map(str, office.ledger.check()),
    ]
    scene.expect("every decision can be made again", again and all(again))
    scene.expect("accounts, board and ledger add up", not problems)
    seen = {g.id for row in service.board(office) for g in service.get_case(office, row.id).application.goods}
    scene.expect("all seven elements", seen == {"Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y"})
    say(f"— {len(again)} 项评定与查验全部逐位重现；账本 {office.ledger.size()} 条；流向文件 {digest[:16]}…",
        f"— {len(again)} assessments and scans made again bit for bit; ledger of {office.ledger.size()} entries; "
        f"flow file {digest[:16]}…")  # fmt: skip


def _kg(mg: int) -> str:
    return f"{mg / 1_000_000:,.3f}"
