"""What applicants and officers do with a case up to a decision; each is one event, entered with its ledger entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import CaseUnknown, InputEmpty, InputTooLarge, UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.licences import journal, library
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.screening import desk as screening
from sealtrace.licences.states import day_of
from sealtrace.licences.workdays import shipped as calendar
from sealtrace.people.duties import Actor

from . import board, rules
from .application import Enclosure, Missing, missing, read_application
from .assess import assess
from .case import Case, fold
from .steps import EVENTS, State, Step

MAX_ENCLOSURE = 64 << 20
QUESTION_PARTS = ("parties", "goods", "end_use", "terms", "documents")


def get_case(office: Office, name: str) -> Case:
    """Find a case. Raises CaseUnknown."""
    events = journal.read(office, "case", name)
    if not events:
        raise CaseUnknown(f"there is no case {name!r}")
    return fold(name, events)


def today(office: Office) -> date:
    """The day in China."""
    return day_of(office.clock.now())


def step(office: Office, case: Case, what: Step, actor: Actor, body: Mapping[str, Any]) -> Case:
    """Enter a step: the table of states allows it, the board follows it, the ledger has it; all or nothing."""
    if what is not Step.OPENED:
        rules.may_step(case, what)
    after: list[Case] = []

    def rows(db: apsw.Connection, entry: Entry) -> None:
        event = journal.Event(entry.index, what.value, actor.id, journal.now(office), body)
        after.append(fold(case.id, [*case.timeline, event]))
        board.put(db, office, after[-1])

    journal.append(office, "case", case.id, case.seq, EVENTS[what], actor, body, rows)
    return after[-1]


# -- the applicant --------------------------------------------------------------------------------


def open_case(office: Office, actor: Actor, document: object) -> Case:
    """Begin an application; it may be incomplete until it is submitted."""
    made = read_application(document)
    with office.writing(WAIT_S):
        name = board.next_name(office, today(office).year)
        return step(office, Case(name), Step.OPENED, actor, {"document": dict(made.document)})


def save(office: Office, actor: Actor, name: str, document: object) -> Case:
    """Save a new version of an application that is not in yet, or was returned."""
    made = read_application(document)
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        return step(office, case, Step.SAVED, actor, {"document": dict(made.document)})


def enclose(
    office: Office, actor: Actor, name: str, source: Path | bytes, kind: Enclosure, title: str
) -> Case:
    """Enclose a document: its bytes go to the vault, the application names them by their SHA-256.

    Raises:
        InputEmpty, InputTooLarge: it has no bytes, or more than 64 MiB.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    if not data:
        raise InputEmpty(f"{title!r} has no bytes")
    if len(data) > MAX_ENCLOSURE:
        raise InputTooLarge(f"{title!r} has more than {MAX_ENCLOSURE} bytes")
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        stored = office.vault.put_bytes(data)
        document = dict(case.versions[-1].document)
        others = [d for d in document["documents"] if d["id"] != stored.sha256.hex()]
        added = {"id": stored.sha256.hex(), "kind": kind.value, "title": rules.text(title, "the title", 1),
                 "size_bytes": stored.size_bytes}  # fmt: skip
        document["documents"] = [*others, added]
        read_application(document)
        what = Step.SAVED if case.state in (State.DRAFT, State.RETURNED) else Step.AMENDED
        return step(office, case, what, actor, {"document": document})


def enclosure(office: Office, name: str, sha256: str) -> bytes:
    """Give an enclosed document's bytes. Raises CaseUnknown when no version of the case encloses it."""
    case = get_case(office, name)
    if not any(d["id"] == sha256 for v in case.versions for d in v.document["documents"]):
        raise CaseUnknown(f"{name} encloses no document {sha256[:16]!r}")
    return office.vault.read(bytes.fromhex(sha256))


def lacking(office: Office, name: str) -> list[Missing]:
    """What the newest version lacks; empty when it can be submitted."""
    return missing(get_case(office, name).application)


def submit(office: Office, actor: Actor, name: str) -> Case:
    """Hand a complete application in. Raises ApplicationIncomplete, naming everything it lacks."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        rules.may_submit(case)
        return step(office, case, Step.SUBMITTED, actor, {"version": case.version})


def amend(office: Office, actor: Actor, name: str, document: object) -> Case:
    """Change an application under review: a new version; advice on the parts it changes must be asked again."""
    made = read_application(document)
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        if made.document == case.versions[-1].document:
            return case
        return step(office, case, Step.AMENDED, actor, {"document": dict(made.document)})


def answer(office: Office, actor: Actor, name: str, text: str) -> Case:
    """Answer the open question; the clock goes on. Corrections are made with `amend` before it."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        return step(office, case, Step.ANSWERED, actor, {"text": rules.text(text, "an answer")})


def withdraw(office: Office, actor: Actor, name: str, reason: str) -> Case:
    """Withdraw an application before it is decided."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_applicant(case, actor.id)
        return step(office, case, Step.WITHDRAWN, actor, {"reason": rules.text(reason, "the reason")})


# -- officers -------------------------------------------------------------------------------------


def give_back(office: Office, actor: Actor, name: str, missing_things: Sequence[str]) -> Case:
    """Return an application that is not fit to be accepted, naming what is missing all at once."""
    wanted = [rules.text(m, "what is missing") for m in missing_things]
    if not wanted:
        raise UsageProblem("say what is missing")
    return _officer(office, actor, name, Step.RETURNED, {"missing": [{"en": m, "zh": m} for m in wanted]})


def accept(office: Office, actor: Actor, name: str) -> Case:
    """Accept an application: the clock of 45 working days begins, and it is assessed and screened."""
    with office.writing(WAIT_S):
        _officer(office, actor, name, Step.ACCEPTED, {})
        screen(office, actor, name)
        return evaluate(office, actor, name)


def evaluate(office: Office, actor: Actor, name: str) -> Case:
    """Assess the newest version by the lists and rules in use today: classes, charges, flags, departments."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        hits = [str(h.data["effect"]) for h in case.hits.values() if h.same is not False]
        found = assess(
            case.application, today(office), library.classifier(office), library.case_rules(office), hits
        )
        return _officer(office, actor, name, Step.ASSESSED, {**found, "version": case.version})


def reproduce(office: Office, name: str) -> list[tuple[int, bool]]:
    """Make every assessment of a case again from stored facts and digests: ledger entry, and whether it is the same."""
    case, made = get_case(office, name), []
    for event in case.timeline:
        if event.kind != Step.ASSESSED:
            continue
        said = dict(event.body)
        document = case.versions[said.pop("version") - 1].document
        again = assess(
            read_application(document), date.fromisoformat(said["on"]), library.classifier_of(office, said["list"]),
            library.rules_of(office, said["rules"]), list(said["hits"]),
        )  # fmt: skip
        made.append((event.entry, journal.packed(again) == journal.packed(said)))
    return made


def determine(
    office: Office, actor: Actor, name: str, goods: str, decision: str, entries: Sequence[str], reason: str
) -> Case:
    """Have a person decide the class of goods that the classifier referred; the reason is kept."""
    from sealtrace.licences.classify import Decision as Class
    from sealtrace.licences.lots import charges

    case = get_case(office, name)
    lot = next((g for g in case.application.goods if g.id == goods), None)
    if lot is None:
        raise UsageProblem(f"{name} has no goods {goods!r}")
    if decision not in (Class.LICENCE_REQUIRED, Class.NOT_CONTROLLED) or bool(entries) == (
        decision == Class.NOT_CONTROLLED
    ):
        raise UsageProblem("goods are determined as licence_required under entries, or as not_controlled")
    found = charges(lot, tuple(entries), library.classifier(office), today(office))
    if entries and not found:
        raise UsageProblem(f"{', '.join(entries)} list nothing that is in {goods}")
    body = {"goods": goods, "decision": decision, "entries": list(entries), "reason": rules.text(reason, "the reason"),
            "charges": [c.as_dict() for c in found], "list": library.controls(office).digest.hex()}  # fmt: skip
    return _officer(office, actor, name, Step.DETERMINED, body)


def ask_advice(office: Office, actor: Actor, name: str, departments: Sequence[str] = ()) -> Case:
    """Ask departments in parallel, each with its own day; by the rules in use when none are named.

    Whoever advised on parts that did not change since is not asked again by the rules.
    """
    with office.writing(WAIT_S):
        case = get_case(office, name)
        day, in_use = today(office), library.case_rules(office)
        routes = {r.department: r for r in reversed(in_use.routes)}
        standing = {a.department for a in case.advice if not a.stale}
        by_rule = [r.department for r in in_use.routes if r.id in (case.assessment or {}).get("routes", ())]
        wanted = list(departments) or [d for d in dict.fromkeys(by_rule) if d not in standing]
        unknown = [d for d in wanted if d not in routes]
        if unknown or not wanted:
            raise UsageProblem(
                f"no route leads to {', '.join(unknown)}" if unknown else "every department was asked already"
            )
        asked = []
        for department in wanted:
            due = calendar().after(day, routes[department].working_days)
            asked.append({"department": department, "parts": list(routes[department].parts),
                          "due": due.day.isoformat(), "provisional": due.provisional})  # fmt: skip
        return _officer(
            office, actor, name, Step.ADVICE_ASKED, {"asked": asked, "rules": in_use.digest.hex()}
        )


def advise(
    office: Office, actor: Actor, name: str, department: str, view: str, reason: str, conditions: str = "", *,
    dissent: str = "", paper: date | None = None,
) -> Case:  # fmt: skip
    """Give a department's advice, or amend it until its day: for, with conditions, against; on record for ever.

    `dissent` is what some of the department hold otherwise; `paper` the day of the letter that an officer enters it
    from, on the department's behalf.
    """
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.may_advise(case, department, view, today(office))
        if paper is not None and paper > today(office):
            raise UsageProblem(f"{paper} is not yet: give the day of the paper")
        if view == "conditions" and not conditions.strip():
            raise UsageProblem("advice with conditions states them")
        body = {"department": department, "view": view, "reason": rules.text(reason, "the reason"),
                "conditions": conditions.strip(), "dissent": dissent.strip(),
                "paper": paper.isoformat() if paper else None}  # fmt: skip
        return _officer(office, actor, name, Step.ADVISED, body)


def question(office: Office, actor: Actor, name: str, text: str, parts: Sequence[str]) -> Case:
    """Ask the applicant; the clock stands until the answer."""
    if not parts or set(parts) - set(QUESTION_PARTS):
        raise UsageProblem(f"a question is about some of {', '.join(QUESTION_PARTS)}")
    body = {"text": rules.text(text, "a question"), "parts": list(parts)}
    return _officer(office, actor, name, Step.QUESTIONED, body)


def flag(office: Office, actor: Actor, name: str, flag_name: str, reason: str) -> Case:
    """Set a flag by hand; derived flags are not touched by it."""
    body = {"flag": rules.text(flag_name, "a flag"), "reason": rules.text(reason, "the reason")}
    return _officer(office, actor, name, Step.FLAGGED, body)


def unflag(office: Office, actor: Actor, name: str, flag_name: str, reason: str) -> Case:
    """Take a flag away that a person set."""
    if flag_name not in get_case(office, name).human_flags:
        raise UsageProblem(f"nobody set the flag {flag_name!r} on {name}")
    return _officer(
        office, actor, name, Step.UNFLAGGED, {"flag": flag_name, "reason": rules.text(reason, "the reason")}
    )


def screen(office: Office, actor: Actor, name: str) -> Case:
    """Screen every party of the newest version against every list in use; judged hits stay judged."""
    with office.writing(WAIT_S):
        case = get_case(office, name)
        found = screening.screen(office, case.application.parties, today(office))
        body = {"version": case.version, "lists": [k.as_dict() for k in screening.lists(office)],
                "hits": [r.as_dict() for r in found]}  # fmt: skip
        return _officer(office, actor, name, Step.SCREENED, body)


def clear(office: Office, actor: Actor, name: str, hit: str, *, same: bool, reason: str) -> Case:
    """Judge a hit: the same party, or another one. The reason is kept, and the judgement can be given anew."""
    if hit not in get_case(office, name).hits:
        raise CaseUnknown(f"{name} has no hit {hit!r}")
    body = {"hit": hit, "same": same, "reason": rules.text(reason, "the reason")}
    return _officer(office, actor, name, Step.CLEARED, body)


def _officer(office: Office, actor: Actor, name: str, what: Step, body: Mapping[str, Any]) -> Case:
    with office.writing(WAIT_S):
        case = get_case(office, name)
        rules.must_be_officer(case, actor.id)
        return step(office, case, what, actor, body)
