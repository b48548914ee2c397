"""The joint case: neodymium powder declared as ceramic raw material and routed through a third country."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sealtrace.cases import chain, disclosure, exports, files
from sealtrace.cases import service as cases
from sealtrace.cases.exports import Form
from sealtrace.cases.model import Actor, Department, Result, SubjectKind
from sealtrace.cases.words import say as case_word
from sealtrace.custody.office import Office
from sealtrace.trade.selection import Pick
from sealtrace.trade.service import Desk, alert

from .inspections import BASIS, LI, WANG, ZHANG, Worked, inspect, open_case, tick
from .season import PURITY_PCT, VIA, Season
from .words import say

MEI, CHEN, SUN = (
    Actor("Mei", Department.COMMERCE), Actor("Chen", Department.INDUSTRY), Actor("Sun", Department.POLICE),
)  # fmt: skip
OF = {LI.department: LI, MEI.department: MEI, CHEN.department: CHEN, SUN.department: SUN}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it, for the demonstration's own judgement."""

    worked: Worked
    scoped: bool
    chain_holds: bool
    tamper_found: bool


def tell(office: Office, desk: Desk, season: Season, pick: Pick, out: Path, language: str,
         print_: Callable[[str], None]) -> Told:  # fmt: skip
    """Work the joint case in four departments and tell it as it goes."""
    zh = language == "zh"
    found = alert(desk, pick.decl_id, language)
    row = found.declaration
    number = open_case(office, found, pick, language)
    print_("\n" + say("story", language, case=number))
    port = say("port", language, n=str(row["office"])[1:])
    print_(say("alert", language, day=row["date"], port=port, desc=row["desc"], kg=f"{row['net_kg']:,.0f}", via=VIA,
               rank=found.rank, of=f"{found.of:,}"))  # fmt: skip
    for why in found.why:
        print_(say("reason", language, name=why.name, text=why.reason.text))
    print_(say("reason.doubt", language, doubt=found.why[0].doubt))
    print_(say("opened", language))
    tick(office, hours=2)
    reading = inspect(office, number, season, pick.decl_id, language)
    sample = cases.collect(
        office, LI, number, title="第 4 桶样品 200 g" if zh else "Sample of drum 4, 200 g", kind="sample",
        where=port, method="取样" if zh else "sampling", authority=BASIS[language], acquired_at=office.clock.now(),
        seal_no="S-0417",
    ).act.item  # fmt: skip
    print_(say("taken", language, content=84.9))
    _industry(office, number, sample, reading, language)
    print_(say("industry", language, purity=PURITY_PCT))
    _commerce(office, number, language)
    print_(say("commerce", language))
    lead = _police(office, number, reading, language)
    print_(say("police", language))
    case = files.load(office, number)
    seen = {d: len(disclosure.view(case, who).items) for d, who in OF.items()}
    print_(say("scope", language, seen=", ".join(f"{case_word(d, language)} {n}" for d, n in seen.items())))
    hidden = lead not in disclosure.view(case, LI).items
    print_(say("informant", language, hidden=say("yes" if hidden else "no", language)))
    joined = [name for name in season.hidden if name != pick.decl_id]
    for name in joined:
        cases.name_subject(office, LI, number, SubjectKind.DECLARATION, name, arm="targeted",
                           valid_from=season.rows[name]["date"])  # fmt: skip
    print_(say("linked", language, n=len(joined)))
    kg = sum(float(season.rows[name]["net_kg"]) for name in season.hidden)
    outcome = _end(office, number, kg, language)
    print_(say("outcome", language, kg=f"{kg:,.0f}"))
    print_(say("appeal", language))
    acts = len(files.load(office, number).acts)
    print_(say("closed", language, n=acts))
    holds, found_out = _exports(office, number, sample, out)
    print_(say("chain", language, holds=say("holds" if holds else "fails", language),
               fails=say("fails" if found_out else "holds", language)))  # fmt: skip
    worked = Worked(number, pick, found, True, outcome)
    return Told(worked, hidden and seen[Department.COMMERCE] < seen[Department.CUSTOMS], holds, found_out)


def _industry(office: Office, number: str, sample: str, reading: str, language: str) -> None:
    zh = language == "zh"
    r = cases.refer(
        office, LI, number, Department.INDUSTRY, [sample, reading],
        subject="一份粉末样品的化验" if zh else "Assay of a powder", purpose="鉴定" if zh else "identify it",
        basis="海关法第七条" if zh else "Customs Law, art. 7", due=office.clock.now() + timedelta(days=10),
    ).act.item  # fmt: skip
    cases.answer_referral(office, CHEN, number, r, accept=True, reason="受理" if zh else "taken on")
    cases.offer_evidence(office, LI, number, sample, to=CHEN, purpose="化验" if zh else "assay")
    tick(office, days=1)
    cases.answer_offer(
        office, CHEN, number, sample, accept=True, condition="封志 S-0417 完好" if zh else "seal S-0417 whole"
    )
    cases.split_sample(office, CHEN, number, sample, title="分样 5 g" if zh else "Aliquot, 5 g",
                       purpose="化验" if zh else "assay")  # fmt: skip
    assay = {"method": "ICP-OES", "Nd2O3_pct": PURITY_PCT}
    report = cases.collect(
        office, CHEN, number, title="化验报告" if zh else "Assay report", kind="document",
        where="实验室" if zh else "laboratory", method="ICP-OES", authority=BASIS[language],
        acquired_at=office.clock.now(), original=json.dumps(assay).encode(),
    ).act.item  # fmt: skip
    cases.examine(
        office, CHEN, number, sample, method="ICP-OES", purpose="化验" if zh else "assay", result=report
    )
    back = cases.refer(
        office, CHEN, number, Department.CUSTOMS, [report], subject="化验结果" if zh else "Result of the assay",
        purpose="供定性" if zh else "for the finding", basis="海关法第七条" if zh else "Customs Law, art. 7",
    ).act.item  # fmt: skip
    cases.answer_referral(office, LI, number, back, accept=True, reason="收悉" if zh else "received")


def _commerce(office: Office, number: str, language: str) -> None:
    zh = language == "zh"
    r = cases.refer(
        office, LI, number, Department.COMMERCE, ["s-1"], subject="是否持有许可证" if zh else "Is there a licence",
        purpose="核对许可" if zh else "look it up", basis="出口管制法第十二条" if zh else "Export Control Law, art. 12",
    ).act.item  # fmt: skip
    cases.answer_referral(office, MEI, number, r, accept=True, reason="受理" if zh else "taken on")
    task = cases.set_task(
        office,
        LI,
        number,
        title="查询许可证" if zh else "Look for a licence",
        assignee=Department.COMMERCE,
        due=office.clock.now() + timedelta(days=5),
    ).act.item
    tick(office, days=2)
    cases.finish_task(office, MEI, number, task, result="无钕许可" if zh else "no licence for neodymium")


def _police(office: Office, number: str, reading: str, language: str) -> str:
    zh = language == "zh"
    r = cases.refer(
        office,
        LI,
        number,
        Department.POLICE,
        ["s-1", "a-1", reading],
        subject="涉嫌走私" if zh else "Suspected smuggling",
        purpose="立案侦查" if zh else "criminal investigation",
        basis="海关法第八十二条" if zh else "Customs Law, art. 82",
    ).act.item
    cases.approve_referral(office, WANG, number, r)
    tick(office, hours=5)
    cases.answer_referral(office, SUN, number, r, accept=True, reason="受理" if zh else "taken on")
    return cases.note(office, SUN, number, "线索：转口地的收货人无加工能力" if zh
                      else "Lead: the consignee at the place of trans-shipment has no plant").act.item  # fmt: skip


def _end(office: Office, number: str, kg: float, language: str) -> Result:
    zh = language == "zh"
    tick(office, days=6)
    cases.settle_allegation(
        office,
        LI,
        number,
        "a-1",
        substantiated=True,
        reason="化验为高纯氧化钕" if zh else "the assay says neodymium oxide of high purity",
    )
    proposed = cases.propose_outcome(
        office,
        LI,
        number,
        Result.SEIZED,
        text="高纯氧化钕伪报为陶瓷原料，经第三国转口"
        if zh
        else "Neodymium oxide of high purity declared as ceramic raw material, routed through a third country",
        alternatives="装错货：五票同样，封志完好；钕玻璃原料：纯度与用途不符"
        if zh
        else "loaded by mistake: five loads alike, seals whole; raw material of glass: purity and use do not fit",
        basis="海关法第八十二条" if zh else "Customs Law, art. 82",
        goods_mg=round(kg * 10**6),
        element="Nd2O3",
    ).act.item
    cases.sign_outcome(office, WANG, number, proposed)
    tick(office, days=9)
    appeal = cases.lodge_appeal(
        office,
        LI,
        number,
        proposed,
        appellant="收货人" if zh else "the consignee",
        grounds="称系装货混淆" if zh else "says that the loads were mixed up",
    ).act.item
    cases.decide_appeal(office, ZHANG, number, appeal, granted=False,
                        reason="五票相同，非偶然" if zh else "five loads alike are no accident")  # fmt: skip
    cases.close_case(office, WANG, number, reason="结果生效" if zh else "the outcome stands")
    return Result.SEIZED


def _exports(office: Office, number: str, sample: str, out: Path) -> tuple[bool, bool]:
    """Write reports and exports; check the chain offline, whole and with one byte altered."""
    to, purpose = "court", "hearing"
    forms = (
        (Form.REPORT, "report.zh.pdf", "zh"),
        (Form.REPORT, "report.en.pdf", "en"),
        (Form.STIX, "case.stix.json", "en"),
        (Form.CASE, "case.jsonld", "en"),
    )
    for form, name, spoken in forms:
        data, _ = exports.export(office, LI, number, form, to=to, purpose=purpose, language=spoken)  # type: ignore[arg-type]
        (out / name).write_bytes(data)
    data, _ = exports.export(office, LI, number, Form.CHAIN, to=to, purpose=purpose, item=sample)
    (out / "custody-chain.json").write_bytes(data)
    altered = data.replace(b"S-0417", b"S-0418", 1)
    return not chain.verify(data).problems, bool(chain.verify(altered).problems)
