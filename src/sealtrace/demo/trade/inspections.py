"""Forty cases: each alert becomes a case, is inspected, signed by two people and closed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from sealtrace.cases import service as cases
from sealtrace.cases.alerts import open_on_alert
from sealtrace.cases.model import Actor, Department, Result
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


def work(office: Office, desk: Desk, season: Season, pick: Pick, language: str) -> Worked:
    """Open a case on a pick, inspect, sign, close. Inspecting tells what the goods really were."""
    found = alert(desk, pick.decl_id, language)
    number = open_case(office, found, pick, language)
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
    """Open the case of an alert."""
    statute = "海关法第八十二条" if language == "zh" else "Customs Law, art. 82"
    arm = "random" if pick.arm is Arm.RANDOM else "targeted"
    return open_on_alert(office, LI, found, basis=BASIS[language], statute=statute, arm=arm).case


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
    clock = office.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(**more)
