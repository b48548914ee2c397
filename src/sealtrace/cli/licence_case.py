"""`sealtrace licence apply|answer|case|advise|question`: applications and their cases up to a decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import ApplicationIncomplete, MalformedCase, UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, dry_run_option, fields, json_option, table

if TYPE_CHECKING:
    from datetime import datetime

    from sealtrace.licences.review.case import Case
    from sealtrace.people.duties import Actor

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def as_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as: the person who acts, handed on as `actor`."""

    def take(_ctx: click.Context, _param: click.Parameter, value: str) -> Actor:
        from sealtrace.people.duties import Actor, ActorKind

        return Actor(value, ActorKind.HUMAN)

    return click.option("--as", "actor", required=True, callback=take, metavar="NAME", help="Who does this.")(
        function
    )


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises MalformedCase."""
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as e:
        raise MalformedCase(f"{path} is not JSON: {e}") from e


def case_dict(case: Case) -> dict[str, Any]:
    """Give a case as an object."""
    from sealtrace.licences.workdays import shipped as calendar

    due, said = case.deadline(calendar()), (case.assessment or {}).get("goods", ())
    goods = [{k: g[k] for k in ("id", "decision", "entries", "charges")} for g in said]
    return {
        "ok": True, "case": case.id, "state": case.state.value, "version": case.version, "licence": case.licence,
        "flags": list(case.flags), "due": due.day.isoformat() if due else None,
        "provisional": bool(due and due.provisional),
        "goods": goods,
        "determined": {k: v["decision"] for k, v in case.determined.items()},
        "advice": [
            {"department": a.department, "view": a.view, "reason": a.reason, "due": a.due.isoformat(), "stale": a.stale}
            for a in case.advice
        ],
        "hits": [{**h.data, "same": h.same, "judged_by": h.by, "reason": h.reason} for h in case.hits.values()],
        "questions": [{"text": q.text, "answer": q.answer, "open": q.answered_at is None} for q in case.questions],
        "decision": case.decisions[-1].outcome if case.decisions else None,
        "entry": {"index": case.timeline[-1].entry},
    }  # fmt: skip


def show_case(output: Output, case: Case) -> None:
    """Give a case as the answer."""
    obj = case_dict(case)

    def text() -> str:
        note = f" ({words.say('provisional')})" if obj["provisional"] else ""
        pairs = [
            ("case", case.id), ("state", words.say(f"case.{case.state.value}")), ("version", str(case.version)),
            ("until", (obj["due"] or "-") + note), ("licence", case.licence or "-"),
            ("flags", ", ".join(case.flags) or "-"),
        ]  # fmt: skip
        top = fields(pairs)
        goods = [(g["id"], words.say(g["decision"]), ", ".join(g["entries"])) for g in obj["goods"]]
        advice = [
            (a.department, a.view or "-", a.due.isoformat(), a.reason) for a in case.advice if not a.stale
        ]
        hits = [
            (h.id, h.party, str(h.data["name"]), {None: "?", True: "=", False: "≠"}[h.same])
            for h in case.hits.values()
        ]
        parts = [table(["", "", ""], rows) for rows in (goods,) if rows]
        parts += [table(["", "", "", ""], rows) for rows in (advice, hits) if rows]
        return "\n".join([top, *parts])

    output.answer(obj, text)


@click.command()
@click.argument("application", type=FILE)
@as_option
@click.option("--case", "name", help="Save into this case, or amend it when it is under review.")
@click.option(
    "--enclose", "papers", multiple=True, metavar="KIND:PATH",
    help="A document: contract, end_use_statement, test_report, compliance_programme or other; repeat.",
)  # fmt: skip
@click.option("--submit", is_flag=True, help="Hand it in when it is complete.")
@dry_run_option
@json_option
@click.pass_obj
def apply(
    settings: Settings, application: Path, actor: Actor, name: str | None, papers: tuple[str, ...], submit: bool,
    dry_run: bool, output: Output,
) -> int:  # fmt: skip
    """Open a case with an application in JSON, or save a new version of one. With --dry-run, tell what it lacks."""
    from sealtrace.licences import service
    from sealtrace.licences.review.steps import State

    document = read_json(application)
    if dry_run:
        lacking = service.missing(service.read_application(document))
        said = "\n".join(m.zh if words.language() == "zh" else m.en for m in lacking)
        obj = {"ok": not lacking, "dry_run": True, "missing": [m.as_dict() for m in lacking]}
        output.answer(obj, said or words.say("complete"))
        return 1 if lacking else 0
    held = [_paper(text) for text in papers]
    with custody_of(settings) as custody:
        office = custody.office
        if name is None:
            case = service.open_case(office, actor, document)
        else:
            under_review = service.get_case(office, name).state not in (State.DRAFT, State.RETURNED)
            case = (service.amend if under_review else service.save)(office, actor, name, document)
        for kind, path in held:
            case = service.enclose(office, actor, case.id, path, service.Enclosure(kind), path.name)
        try:
            case = service.submit(office, actor, case.id) if submit else case
        except ApplicationIncomplete as e:
            raise ApplicationIncomplete(
                e.message, advice=f"It is kept as {case.id}: add what is missing with --case {case.id}."
            ) from None
    show_case(output, case)
    return 0


def _paper(text: str) -> tuple[str, Path]:
    from sealtrace.licences.service import Enclosure

    kind, _, path = text.partition(":")
    if kind not in tuple(Enclosure) or not Path(path).is_file():
        raise UsageProblem(
            f"{text!r} is not KIND:PATH, the kind one of {', '.join(Enclosure)}, the path a file"
        )
    return kind, Path(path)


@click.group("case")
def case_group() -> None:
    """Cases: list, show, accept, return, assess, determine, ask for advice, flag, withdraw."""


@case_group.command("list")
@json_option
@click.pass_obj
def list_cases(settings: Settings, output: Output) -> None:
    """List all cases with their state and the last day for a decision."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.board(custody.office)
    names = ("id", "state", "version", "kind", "destination", "due", "outcome", "licence")
    rows = [{n: getattr(r, n) for n in names} for r in found]
    cells = [
        (r.id, words.say(f"case.{r.state}"), r.destination, r.due or "-", r.licence or "-") for r in found
    ]
    head = [words.say(w) for w in ("case", "state", "destination", "until", "licence")]
    output.answer({"ok": True, "cases": rows}, lambda: table(head, cells))


@case_group.command("show")
@click.argument("case")
@json_option
@click.pass_obj
def show_one(settings: Settings, case: str, output: Output) -> None:
    """Show a case: class of its goods, advice, hits, clock."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.get_case(custody.office, case)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@json_option
@click.pass_obj
def history(settings: Settings, case: str, output: Output) -> None:
    """Show everything that happened to a case, with its ledger entries, and what each version changed."""
    from sealtrace.licences import service
    from sealtrace.licences.review.application import changes

    with custody_of(settings) as custody:
        found = service.get_case(custody.office, case)
    events = [{"at": e.at, "what": e.kind, "by": e.actor, "entry": e.entry} for e in found.timeline]
    pairs = zip(found.versions, found.versions[1:], strict=False)
    diffs = [
        {"version": b.number, "place": c.place, "before": c.before, "after": c.after}
        for a, b in pairs for c in changes(a.document, b.document)
    ]  # fmt: skip
    head = [words.say(w) for w in ("time", "state", "operator", "entry")]
    cells = [(e.at[:16], e.kind, e.actor, str(e.entry)) for e in found.timeline]
    more = [f"v{d['version']}  {d['place']}: {d['before']} -> {d['after']}" for d in diffs]
    output.answer(
        {"ok": True, "events": events, "changes": diffs}, lambda: "\n".join([table(head, cells), *more])
    )


@case_group.command()
@click.argument("case")
@as_option
@json_option
@click.pass_obj
def accept(settings: Settings, case: str, actor: Actor, output: Output) -> None:
    """Accept an application: the clock of 45 working days begins; it is screened and assessed."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.accept(custody.office, actor, case)
    show_case(output, found)


@case_group.command("return")
@click.argument("case")
@as_option
@click.option("--missing", "what", multiple=True, required=True, help="What is missing; repeat, all at once.")
@json_option
@click.pass_obj
def give_back(settings: Settings, case: str, actor: Actor, what: tuple[str, ...], output: Output) -> None:
    """Return an application that is not fit to be accepted."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.give_back(custody.office, actor, case, what)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@as_option
@json_option
@click.pass_obj
def assess(settings: Settings, case: str, actor: Actor, output: Output) -> None:
    """Assess the newest version by the lists and rules in use today."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.evaluate(custody.office, actor, case)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@click.argument("goods")
@as_option
@click.option(
    "--decision", type=click.Choice(["licence_required", "not_controlled"]), required=True, help="The class."
)
@click.option("--entry", "entries", multiple=True, help="Entry the goods are under; repeat.")
@click.option("--reason", required=True, help="Why; kept.")
@json_option
@click.pass_obj
def determine(
    settings: Settings, case: str, goods: str, actor: Actor, decision: str, entries: tuple[str, ...], reason: str,
    output: Output,
) -> None:  # fmt: skip
    """Decide the class of goods that the classifier referred to a person."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.determine(custody.office, actor, case, goods, decision, entries, reason)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@as_option
@click.option("--department", "departments", multiple=True, help="Ask these; by the rules in use without it.")
@json_option
@click.pass_obj
def ask(settings: Settings, case: str, actor: Actor, departments: tuple[str, ...], output: Output) -> None:
    """Ask departments for advice, in parallel, each with its day."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.ask_advice(custody.office, actor, case, departments)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@click.argument("name")
@as_option
@click.option("--reason", required=True, help="Why; kept.")
@click.option("--remove", is_flag=True, help="Take the flag away.")
@json_option
@click.pass_obj
def flag(
    settings: Settings, case: str, name: str, actor: Actor, reason: str, remove: bool, output: Output
) -> None:
    """Set a flag by hand, or take one away that a person set."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = (service.unflag if remove else service.flag)(custody.office, actor, case, name, reason)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@as_option
@click.option("--reason", required=True, help="Why; kept.")
@json_option
@click.pass_obj
def withdraw(settings: Settings, case: str, actor: Actor, reason: str, output: Output) -> None:
    """Withdraw an application before it is decided."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.withdraw(custody.office, actor, case, reason)
    show_case(output, found)


@case_group.command()
@click.argument("case")
@json_option
@click.pass_obj
def reproduce(settings: Settings, case: str, output: Output) -> int:
    """Make every assessment of a case again from stored facts and list digests. Exit code 1 when one differs."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.reproduce(custody.office, case)
    same = all(held for _, held in found)
    rows = [{"entry": entry, "same": held} for entry, held in found]
    output.answer(
        {"ok": same, "assessments": rows},
        "\n".join(f"{e}  {words.say('yes' if s else 'no')}" for e, s in found),
    )
    return 0 if same else 1


@case_group.command("statistics")
@click.option("--from-events", is_flag=True, help="Count from the events alone instead of the board.")
@json_option
@click.pass_obj
def statistics_of(settings: Settings, from_events: bool, output: Output) -> int:
    """Count cases, times to decision and quantities. Exit code 1 when the board and the events disagree."""
    from sealtrace.licences import service
    from sealtrace.licences.review.desk import today

    with custody_of(settings) as custody:
        office = custody.office
        found = service.statistics(office, today(office), from_events=from_events)
        problems = service.check_board(office)
    pairs = [*found.by_state.items(), *found.by_outcome.items(), ("late", found.late)]
    obj = {"ok": not problems, **found.as_dict(), "problems": problems}
    output.answer(obj, lambda: "\n".join([*(f"{name}  {count}" for name, count in pairs), *problems]))
    return 1 if problems else 0


@click.command()
@click.argument("case")
@as_option
@click.option("--department", required=True, help="The department that was asked.")
@click.option("--view", type=click.Choice(["for", "conditions", "against"]), required=True, help="Its view.")
@click.option("--reason", required=True, help="Why; kept for ever.")
@click.option("--conditions", default="", help="The conditions, when the view has some.")
@click.option("--dissent", default="", help="What some of the department hold otherwise.")
@click.option(
    "--paper", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="Day of the letter that it is entered from, on the department's behalf.",
)  # fmt: skip
@json_option
@click.pass_obj
def advise(
    settings: Settings, case: str, actor: Actor, department: str, view: str, reason: str, conditions: str,
    dissent: str, paper: datetime | None, output: Output,
) -> None:  # fmt: skip
    """Give a department's advice on a case, or amend it until its day."""
    from sealtrace.licences import service

    day = paper.date() if paper else None
    with custody_of(settings) as custody:
        found = service.advise(
            custody.office, actor, case, department, view, reason, conditions, dissent=dissent, paper=day
        )
    show_case(output, found)


@click.command()
@click.argument("case")
@as_option
@click.option("--text", required=True, help="The question.")
@click.option(
    "--part", "parts", multiple=True, required=True, help="parties, goods, end_use, terms, documents; repeat."
)
@json_option
@click.pass_obj
def question(
    settings: Settings, case: str, actor: Actor, text: str, parts: tuple[str, ...], output: Output
) -> None:
    """Ask the applicant; the clock stands until the answer."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.question(custody.office, actor, case, text, parts)
    show_case(output, found)


@click.command()
@click.argument("case")
@as_option
@click.option("--text", required=True, help="The answer.")
@json_option
@click.pass_obj
def answer(settings: Settings, case: str, actor: Actor, text: str, output: Output) -> None:
    """Answer the open question; the clock goes on."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.answer(custody.office, actor, case, text)
    show_case(output, found)
