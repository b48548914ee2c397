"""What customs do with a shipment; each is one event with its ledger entry, and a replay gives the same receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.custody.office import Office
from sealtrace.errors import CaseUnknown, KeyReused, NotOnLicence, StepRefused, UsageProblem
from sealtrace.licences import accounts, journal, library
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.review.rules import text
from sealtrace.licences.states import day_of
from sealtrace.licences.status import StatusList
from sealtrace.licences.workdays import QUESTION_DAYS
from sealtrace.licences.workdays import shipped as calendar
from sealtrace.people.duties import Actor

from .scanning import judge_goods, scan
from .shipment import CONCLUSIONS, EVENTS, PAPERS, Shipment, State, Step, after, fold, read_declaration


def get_shipment(office: Office, number: str) -> Shipment:
    """Find a shipment by the number of its declaration. Raises CaseUnknown."""
    events = journal.read(office, "shipment", number)
    if not events:
        raise CaseUnknown(f"no shipment was presented under {number!r}")
    return fold(number, events)


def shipments(office: Office) -> list[Shipment]:
    """All shipments, in the order they were presented."""
    return [get_shipment(office, number) for number in journal.subjects(office, "shipment")]


def present(
    office: Office, actor: Actor, licence: str, declaration: object,
    keys: Sequence[ec.EllipticCurvePublicKey] = (), statuses: StatusList | None = None,
) -> Shipment:  # fmt: skip
    """Scan a licence with a declaration and enter what was found; the same again gives the same shipment.

    Raises:
        KeyReused: the declaration's number stands for another declaration or licence.
    """
    declared = read_declaration(declaration)
    with office.writing(WAIT_S):
        known = journal.read(office, "shipment", declared.number)
        if known:
            if journal.packed(known[0].body["declaration"]) != journal.packed(declared.document) or (
                known[0].body["text"] != licence.strip()
            ):
                raise KeyReused(f"{declared.number} was presented before with another declaration or licence")
            return fold(declared.number, known)
        found = scan(office, licence, declared, None, keys, statuses)
        body = {"declaration": dict(declared.document), "text": licence.strip(), "scan": found.as_dict()}
        journal.append(office, "shipment", declared.number, 0, EVENTS[Step.PRESENTED], actor, body)
        return get_shipment(office, declared.number)


def reproduce(office: Office, number: str) -> bool:
    """Classify and charge a shipment's goods again, by the list of then; tell if the answer is the same."""
    said = get_shipment(office, number).scan
    by = library.classifier_of(office, said["list"])
    declared = read_declaration(get_shipment(office, number).declaration)
    goods, found, _ = judge_goods(declared, by, date.fromisoformat(said["on"]))
    again = {"goods": [g.as_dict() for g in goods], "charges": [c.as_dict() for c in found]}
    return journal.packed(again) == journal.packed({name: said[name] for name in again})


def _step(office: Office, actor: Actor, found: Shipment, what: Step, body: Mapping[str, Any]) -> Shipment:
    after(found.state, what, CONCLUSIONS[body["outcome"]] if what is Step.CONCLUDED else None)
    journal.append(office, "shipment", found.number, found.seq, EVENTS[what], actor, body)
    return get_shipment(office, found.number)


# -- questions ------------------------------------------------------------------------------------


def question(office: Office, actor: Actor, number: str, why: str) -> Shipment:
    """Question a shipment: the exporter has 7 working days to answer, and nothing is released meanwhile."""
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        due = calendar().after(_today(office), QUESTION_DAYS)
        body = {"text": text(why, "a question"), "due": due.day.isoformat(), "provisional": due.provisional}
        return _step(office, actor, found, Step.QUESTIONED, body)


def file_answer(
    office: Office, actor: Actor, number: str, papers: Mapping[str, Path | bytes], said: str
) -> Shipment:
    """File the exporter's answer: declaration, contract, explanation, test report; the bytes go to the vault.

    A late answer is taken, and is marked as late.
    """
    if not papers or set(papers) - set(PAPERS):
        raise UsageProblem(f"an answer has some of {', '.join(PAPERS)}")
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        after(found.state, Step.FILED)
        held = []
        for kind, source in sorted(papers.items()):
            stored = office.vault.put_bytes(source if isinstance(source, bytes) else source.read_bytes())
            held.append({"kind": kind, "id": stored.sha256.hex(), "size_bytes": stored.size_bytes})
        body = {"papers": held, "text": said.strip(), "late": found.late(calendar(), _today(office))}
        return _step(office, actor, found, Step.FILED, body)


def conclude(office: Office, actor: Actor, number: str, outcome: str, reason: str) -> Shipment:
    """Conclude a question: no_licence_needed, licence_needed, expert or covered.

    Raises:
        StepRefused: it was not answered and the 7 working days are not over, or it is to be covered by a licence
            that does not cover it.
    """
    if outcome not in CONCLUSIONS:
        raise UsageProblem(f"a question ends as {', '.join(CONCLUSIONS)}, not {outcome!r}")
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        if found.state is State.HELD and not found.late(calendar(), _today(office)):
            due = found.answer_due(calendar())
            raise StepRefused(f"{number} may be answered until {due.day if due else '-'}")
        if outcome == "covered" and not (found.scan["here"] and found.scan["charges"]):
            raise StepRefused("no licence that is accounted for here covers it: a new declaration names one")
        return _step(
            office, actor, found, Step.CONCLUDED, {"outcome": outcome, "reason": text(reason, "the reason")}
        )


def refuse(office: Office, actor: Actor, number: str, reason: str) -> Shipment:
    """Refuse a shipment that is in doubt, without a question, giving the reason."""
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        return _step(office, actor, found, Step.REFUSED, {"reason": text(reason, "the reason")})


# -- quantity -------------------------------------------------------------------------------------


def reserve(office: Office, actor: Actor, number: str) -> Shipment:
    """Hold the shipment's quantity on its licence. Raises QuantityExceeded, LicenceNotInForce: nothing is held."""
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        if found.state is State.RESERVED:
            return found
        after(found.state, Step.RESERVED)
        receipt = accounts.post(office, _request(found, Kind.RESERVE))
        return _step(office, actor, found, Step.RESERVED, {"entry": receipt.entry})


def endorse(office: Office, actor: Actor, number: str) -> Shipment:
    """Draw the shipment's quantity and release it; done again, it gives the same receipt.

    Raises:
        QuantityExceeded, LicenceNotInForce: nothing is drawn, and the goods stay.
    """
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        if found.state is State.ENDORSED:
            return found
        after(found.state, Step.ENDORSED)
        held = f"gate {number} reserve" if found.state is State.RESERVED else None
        receipt = accounts.post(office, _request(found, Kind.DRAW, held)).as_dict()
        receipt.pop("replayed")
        return _step(office, actor, found, Step.ENDORSED, {"receipt": receipt})


def cancel(office: Office, actor: Actor, number: str, reason: str) -> Shipment:
    """Give back what was held for a shipment that does not leave."""
    with office.writing(WAIT_S):
        found = get_shipment(office, number)
        after(found.state, Step.CANCELLED)
        accounts.post(office, _request(found, Kind.RELEASE, f"gate {number} reserve"))
        return _step(office, actor, found, Step.CANCELLED, {"reason": text(reason, "the reason")})


def _request(found: Shipment, kind: Kind, ref: str | None = None) -> Request:
    if not found.scan["here"]:
        raise NotOnLicence(
            f"the account of {found.scan['licence']} is not kept here",
            advice="Ask its office for a lease, or go there.",
        )
    sums: dict[tuple[str, str], Amount] = {}
    for c in found.scan["charges"]:
        key = c["entry"], c["element"]
        sums[key] = sums.get(key, Amount(0)) + Amount(c["element_mg"], c["gross_mg"], c["value_minor"])
    wants = tuple(Want(element, amount, entry) for (entry, element), amount in sums.items())
    return Request(
        found.scan["licence"],
        kind,
        f"gate {found.number} {kind.value}",
        wants,
        ref,
        f"declaration {found.number}",
    )


def _today(office: Office) -> date:
    return day_of(office.clock.now())
