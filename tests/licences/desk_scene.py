"""People, an application and the way through a case, for the tests of the desk."""

from __future__ import annotations

import copy
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.licences.review import deciding, desk
from sealtrace.licences.review.application import Enclosure
from sealtrace.licences.review.case import Case
from sealtrace.licences.review.deciding import Proposal
from sealtrace.people.duties import Actor, ActorKind

APPLICANT, CLERK, SECOND, THIRD, TECH, DUAL = (
    Actor(name, ActorKind.HUMAN) for name in ("ap-1", "op-052", "op-060", "op-070", "te-1", "du-1")
)
PROGRAM = Actor("robot", ActorKind.PROGRAM)


def application(**change: Any) -> dict[str, Any]:
    """A complete application but for its enclosures: 100 kg of dysprosium as oxide."""
    document: dict[str, Any] = {
        "parties": [
            {"id": "a", "role": "applicant", "name": "赣州某某稀土", "country": "CN", "address": "赣州"},
            {"id": "u", "role": "end_user", "name": "Plant C Magnets", "country": "DE", "address": "Hamburg"},
            {"id": "c", "role": "consignee", "name": "D Logistics", "country": "DE", "address": "Bremen"},
        ],
        "goods": [
            {
                "id": "g1",
                "name_zh": "氧化镝",
                "form": "oxide",
                "formula": "Dy2O3",
                "gross_kg": "114.771",
                "value_minor": 900,
            }
        ],
        "end_use": {"text": "drive motors for passenger cars"},
        "terms": {"kind": "single", "from": "2026-03-01", "to": "2026-12-31"},
    }
    return copy.deepcopy(document | change)


def entered(office: Office, document: dict[str, Any] | None = None, applicant: Actor = APPLICANT) -> Case:
    """A case that was submitted with its documents."""
    case = desk.open_case(office, applicant, document or application())
    for kind in (Enclosure.CONTRACT, Enclosure.END_USE_STATEMENT):
        desk.enclose(office, applicant, case.id, f"{kind} of {case.id}".encode(), kind, kind.value)
    return desk.submit(office, applicant, case.id)


def ready(office: Office, document: dict[str, Any] | None = None) -> Case:
    """A case whose advice is in: both departments for."""
    case = entered(office, document)
    desk.accept(office, CLERK, case.id)
    case = desk.ask_advice(office, CLERK, case.id)
    for advice in case.advice:
        case = desk.advise(office, TECH, case.id, advice.department, "for", "fits the capacity")
    return case


def grant(**change: Any) -> Proposal:
    return Proposal(**({"outcome": "grant", "reasons": "civil end use, verified"} | change))


def refuse(**change: Any) -> Proposal:
    given = {"outcome": "refuse", "reasons": "the amount does not fit", "criteria": ("end-use-implausible",),
             "dissent": "the capacity named is not there"}  # fmt: skip
    return Proposal(**(given | change))


def granted(office: Office, document: dict[str, Any] | None = None, **change: Any) -> Case:
    case = ready(office, document)
    deciding.propose(office, CLERK, case.id, grant(**change))
    return deciding.approve(office, SECOND, case.id)
