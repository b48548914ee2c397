"""Forty cases: each alert becomes a case, is inspected, signed by two people and closed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sealtrace.cases import service as cases
from sealtrace.cases.model import Actor, CaseKind, Department, Result, SubjectKind
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.trade.selection import Arm, Pick
from sealtrace.trade.service import Alert, Desk, alert

from .season import LOD_PCT, Season

LI, WANG, ZHANG = (Actor(n, Department.CUSTOMS) for n in ("Li", "Wang", "Zhang"))
BASIS = {"zh": "海关法第六条", "en": "Customs Law, art. 6"}


@dataclass(frozen=True, slots=True)
class Worked:
    """One case as it ended."""

    number: str
    pick: Pick
    alert: Alert
    fraud: bool
    result: Result


def at(season: Season, hour: int = 9) -> datetime:
    """The morning after the season's last day."""
    return datetime.combine(season.until, time(hour), UTC)


def work(office: Office, desk: Desk, season: Season, pick: Pick, language: str) -> Worked:
    """Open a case on a pick, inspect, sign, close. Inspecting tells what the goods really were."""
    found = alert(desk, pick.decl_id, language)
    row, number = season.rows[pick.decl_id], open_case(office, found, pick, language)
    _collect(office, number, found, row, language)
    fraud = pick.decl_id in season.truth
    inspect(office, number, season, pick.decl_id, language)
    result = (
        (Result.SEIZED if season.truth[pick.decl_id] == "hidden" else Result.PENALTY)
        if fraud
        else Result.NO_FAULT
    )
    zh = language == "zh"
    done = cases.propose_outcome(
        office, LI, number, result,
        text=("查验所见与申报不符" if zh else "what was found is not what was declared") if fraud
        else ("查验所见与申报相符" if zh else "what was found is what was declared"),
        alternatives="装货混淆：封志完好，已排除" if zh else "a mix-up at loading: the seals were whole",
        basis=BASIS[language],
    )  # fmt: skip
    cases.sign_outcome(office, WANG, number, done.act.item)
    cases.close_case(office, WANG, number, reason="查验完毕" if zh else "inspection finished")
    return Worked(number, pick, found, fraud, result)


def open_case(office: Office, found: Alert, pick: Pick, language: str) -> str:
    """Open the case of an alert: what it is about, how it was picked, and the first reason as the allegation."""
    zh = language == "zh"
    row = found.declaration
    title = f"{row['decl_id']} {row['desc']}"
    number = cases.open_case(office, LI, CaseKind.SMUGGLING, title, basis=BASIS[language]).case
    arm = "random" if pick.arm is Arm.RANDOM else "targeted"
    cases.name_subject(
        office,
        LI,
        number,
        SubjectKind.DECLARATION,
        str(row["decl_id"]),
        arm=arm,
        text=f"{row['desc']}, HS {row['hs6']}, {row['net_kg']:,} kg",
        valid_from=str(row["date"]),
    )
    if found.why:
        first = found.why[0]
        cases.allege(office, LI, number, typology=first.reason.check, text=first.reason.text,
                     statute="海关法第八十二条" if zh else "Customs Law, art. 82")  # fmt: skip
    return number


def _collect(office: Office, number: str, found: Alert, row: dict[str, str], language: str) -> None:
    zh = language == "zh"
    taken = {"where": f"P{row['office'][1:]}", "method": "系统导出" if zh else "system export",
             "authority": BASIS[language], "acquired_at": office.clock.now()}  # fmt: skip
    cases.collect(office, LI, number, title="报关单" if zh else "Declaration", kind="document",
                  original=json.dumps(row, ensure_ascii=False).encode(), **taken)  # type: ignore[arg-type]  # fmt: skip
    picture = next((why.picture for why in found.why if why.picture), None)
    if picture is not None:
        cases.collect(office, LI, number, title="预警图" if zh else "Picture of the alert", kind="image",
                      original=picture.encode(), **taken)  # type: ignore[arg-type]  # fmt: skip


def inspect(office: Office, number: str, season: Season, decl_id: str, language: str) -> str:
    """Read the goods with the spectrometer and keep the reading; gives the item's name."""
    element = season.element.get(decl_id) or season.rows[decl_id]["decl_element"]
    reading = {
        "declaration": decl_id,
        "element": element or None,
        "wt_pct": 84.9 if element else 0.0,
        "lod": LOD_PCT,
    }
    zh = language == "zh"
    done = cases.collect(
        office, LI, number, title="荧光读数" if zh else "X-ray fluorescence reading", kind="reading",
        where=season.rows[decl_id]["office"], method="手持 XRF" if zh else "handheld XRF", authority=BASIS[language],
        acquired_at=office.clock.now(), original=json.dumps(reading).encode(),
    )  # fmt: skip
    return done.act.item


def tick(office: Office, **more: float) -> None:
    """Let time pass at the demonstration's own clock."""
    from datetime import timedelta

    clock = office.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(**more)
