"""`sealtrace case`: open, list, show, work and close joint cases. What a department sees is what it may see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import words
from .case_evidence import evidence
from .case_options import DEPARTMENTS, Step, person_option, step_options, text_option, when
from .case_share import appeal, outcome, referral
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.cases.disclosure import View


@click.group()
def case() -> None:
    """Joint cases of customs, commerce, industry and police: leaks, licences, restrictions, smuggling."""


@case.command("open")
@click.argument("kind", type=click.Choice(["leak", "licence", "restriction", "smuggling"]))
@text_option("--title", "What the case is called; seen by the department that leads it.")
@text_option("--basis", "Legal ground on which it is opened.")
@text_option("--severity", "How grave, in your words.", required=False)
@step_options
def open_case(step: Step, kind: str, title: str, basis: str, severity: str) -> None:
    """Open a case, led by your department."""
    from sealtrace.cases import service
    from sealtrace.cases.model import CaseKind

    with step.home() as custody:
        step.tell(service.open_case(custody.office, step.by, CaseKind(kind), title, basis=basis, severity=severity,
                                    **step.more))  # fmt: skip


@case.command("list")
@person_option
@json_option
@click.pass_obj
def list_cases(settings: Settings, by: str, output: Output) -> None:
    """List the cases you may see, newest first, with what waits for your department."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Actor

    with custody_of(settings) as custody:
        cards = service.board(custody.office, Actor.parse(by))
    head = [words.say(w) for w in ("case", "kind", "state", "title", "awaits answer")]
    rows = [
        (c.view.number, _say(f"kind.{c.view.kind}"), _say(f"state.{c.view.state}"), c.view.title,
         " ".join(i.id for i in c.waiting))
        for c in cards
    ]  # fmt: skip
    output.answer({"ok": True, "cases": [c.as_dict() for c in cards]},
                  lambda: table(head, rows) if rows else words.say("not found"))  # fmt: skip


def _say(word: str) -> str:
    from sealtrace.cases.words import say

    return say(word, words.language())


@case.command()
@click.argument("number")
@text_option("--purpose", "Why you read it; it is entered in the ledger.")
@person_option
@json_option
@click.pass_obj
def show(settings: Settings, number: str, purpose: str, by: str, output: Output) -> None:
    """Show what you may see of a case. The reading is in the ledger first."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Actor

    with custody_of(settings) as custody:
        view = service.read_case(custody.office, Actor.parse(by), number, purpose=purpose)
    output.answer(view_dict(view), lambda: _view_text(view))


def view_dict(view: View) -> dict[str, Any]:
    """A view as an object."""
    items = [
        {
            "item": i.id, "kind": i.kind.name.lower(), "department": i.department.value, "state": i.state,
            "fields": {n: v.hex() if isinstance(v, bytes) else v for n, v in i.fields.items()},
            "acts": [{"what": a.what.value, "by": str(a.by), "at": a.at.isoformat(), "entry": a.entry} for a in i.acts],
        }
        for i in view.items.values()
    ]  # fmt: skip
    return {"ok": True, "case": view.number, "kind": view.kind.value, "owner": view.owner.value, "title": view.title,
            "state": view.state, "joined": view.joined, "items": items}  # fmt: skip


def _view_text(view: View) -> str:
    top = fields([("case", view.number), ("title", view.title), ("kind", _say(f"kind.{view.kind}")),
                  ("state", _say(f"state.{view.state}"))])  # fmt: skip
    rows = [
        (i.id, _say(i.kind.name.lower()), _say(f"state.{i.state}"), _say(i.department),
         (i.text("title") or i.text("text") or i.text("subject") or i.text("ref") or i.text("grounds"))[:70])
        for i in view.items.values()
    ]  # fmt: skip
    head = [words.say(w) for w in ("item", "kind", "state", "department", "text")]
    return f"{top}\n\n{table(head, rows)}" if rows else top


@case.command()
@click.argument("number")
@text_option("--reason", "Why; it is kept.")
@step_options
def close(step: Step, number: str, reason: str) -> None:
    """Close a case that has a signed outcome and nothing open."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.close_case(custody.office, step.by, number, reason=reason, **step.more))


@case.command()
@click.argument("number")
@text_option("--reason", "Why; it is kept.")
@step_options
def reopen(step: Step, number: str, reason: str) -> None:
    """Open a closed case again."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.reopen_case(custody.office, step.by, number, reason=reason, **step.more))


@case.command()
@click.argument("number")
@click.argument("person")
@text_option("--reason", "Why; it is kept.")
@step_options
def wall(step: Step, number: str, person: str, reason: str) -> None:
    """Keep a person with a conflict of interest out of a case."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.wall(custody.office, step.by, number, person, reason=reason, **step.more))


@case.command()
@click.argument("number")
@click.argument("kind", type=click.Choice(["declaration", "licence", "trace", "restriction", "party"]))
@click.argument("ref")
@text_option("--text", "What it says.", required=False)
@click.option("--arm", type=click.Choice(["random", "targeted", "tip"]), default="tip", show_default=True,
              help="How a declaration came to be inspected; its outcome is a label from there.")  # fmt: skip
@step_options
def subject(step: Step, number: str, kind: str, ref: str, text: str, arm: str) -> None:
    """Say which record the case is about."""
    from sealtrace.cases import service
    from sealtrace.cases.model import SubjectKind

    with step.home() as custody:
        step.tell(service.name_subject(custody.office, step.by, number, SubjectKind(kind), ref, text=text,
                                       arm=arm if kind == "declaration" else "", **step.more))  # fmt: skip


@case.command()
@click.argument("number")
@text_option("--typology", "Kind of breach, such as misdescription.")
@text_option("--text", "What is alleged.")
@text_option("--statute", "Which rule it would breach.")
@text_option("--confidence", "How sure, in your words.", required=False)
@step_options
def allege(step: Step, number: str, typology: str, text: str, statute: str, confidence: str) -> None:
    """State an allegation."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.allege(custody.office, step.by, number, typology=typology, text=text, statute=statute,
                                 confidence=confidence, **step.more))  # fmt: skip


@case.command()
@click.argument("number")
@click.argument("allegation")
@click.option("--borne-out/--refuted", "substantiated", required=True, help="Whether it holds.")
@text_option("--reason", "Why; it is kept.")
@step_options
def settle(step: Step, number: str, allegation: str, substantiated: bool, reason: str) -> None:
    """Say whether an allegation was borne out."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.settle_allegation(custody.office, step.by, number, allegation, substantiated=substantiated,
                                            reason=reason, **step.more))  # fmt: skip


@case.command()
@click.argument("number")
@click.argument("text")
@click.option("--revises", help="The note that this one replaces; the earlier wording stays on record.")
@step_options
def note(step: Step, number: str, text: str, revises: str | None) -> None:
    """Write a note."""
    from sealtrace.cases import service

    with step.home() as custody:
        if revises:
            done = service.revise_note(custody.office, step.by, number, revises, text, **step.more)
        else:
            done = service.note(custody.office, step.by, number, text, **step.more)
    step.tell(done)


@case.command()
@click.argument("number")
@text_option("--at", "When it happened, such as 2026-03-02T09:00.")
@text_option("--text", "What happened.")
@text_option("--source", "Who says so.")
@step_options
def event(step: Step, number: str, at: str, text: str, source: str) -> None:
    """Put something that happened on the timeline."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.report_event(custody.office, step.by, number, happened_at=when(at), text=text, source=source,
                                       **step.more))  # fmt: skip


@case.command()
@click.argument("number")
@click.option("--title", help="What is to be done; for a new task.")
@click.option("--for", "assignee", type=DEPARTMENTS, help="Department that is to do it.")
@click.option("--due", help="Until when.")
@click.option("--done", "finished", metavar="TASK", help="This task is done; --result says with what.")
@click.option(
    "--drop", "dropped", metavar="TASK", help="This task is not needed any more; --result says why."
)
@text_option("--result", "What came of it, or why it was dropped.", required=False)
@step_options
def task(
    step: Step, number: str, title: str | None, assignee: str | None, due: str | None, finished: str | None,
    dropped: str | None, result: str,
) -> None:  # fmt: skip
    """Set a task, finish or drop it."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Department

    with step.home() as custody:
        office = custody.office
        if finished:
            done = service.finish_task(office, step.by, number, finished, result=result, **step.more)
        elif dropped:
            done = service.drop_task(office, step.by, number, dropped, reason=result, **step.more)
        else:
            to = Department(assignee) if assignee else step.by.department
            done = service.set_task(
                office, step.by, number, title=title or "", assignee=to, due=when(due), **step.more
            )
    step.tell(done)


@case.command()
@click.argument("number")
@click.option("--due", help="Until when; for a new deadline or a new time.")
@text_option("--text", "What is due, how it was met, or why it moves.")
@click.option("--basis", default="", help="Rule it comes from.")
@click.option("--met", metavar="DEADLINE", help="This deadline was met.")
@click.option("--move", metavar="DEADLINE", help="This deadline moves to --due.")
@step_options
def deadline(step: Step, number: str, due: str | None, text: str, basis: str, met: str | None,
             move: str | None) -> None:  # fmt: skip
    """Set a deadline, meet or move it."""
    from sealtrace.cases import service

    with step.home() as custody:
        office = custody.office
        if met:
            done = service.meet_deadline(office, step.by, number, met, result=text, **step.more)
        elif move:
            done = service.move_deadline(
                office, step.by, number, move, due=when(due), reason=text, **step.more
            )
        else:
            done = service.set_deadline(
                office, step.by, number, due=when(due), text=text, basis=basis, **step.more
            )
    step.tell(done)


@case.command()
@person_option
@json_option
@click.pass_obj
def due(settings: Settings, by: str, output: Output) -> int:
    """List what has a time limit for your department, the most urgent first. Exit code 1 when something is overdue."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Actor

    with custody_of(settings) as custody:
        found = service.due(custody.office, Actor.parse(by), custody.office.clock.now())
    rows = [
        (d.until.isoformat()[:16], d.case, d.item.id, words.say("yes") if d.overdue else "") for d in found
    ]
    obj = [
        {"case": d.case, "item": d.item.id, "until": d.until.isoformat(), "overdue": d.overdue} for d in found
    ]
    head = [words.say(w) for w in ("until", "case", "item", "overdue")]
    output.answer({"ok": True, "due": obj}, lambda: table(head, rows) if rows else words.say("not found"))
    return 1 if any(d.overdue for d in found) else 0


@case.command()
@click.argument("number")
@click.option("--form", type=click.Choice(["report", "stix", "case", "chain"]), required=True,
              help="report: PDF; stix: STIX 2.1; case: CASE/UCO JSON-LD; chain: one chain of custody.")  # fmt: skip
@click.option("--item", default="", help="Piece of evidence, for a chain.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@text_option("--to", "Who gets it; entered in the disclosure log.")
@text_option("--purpose", "What for; entered in the disclosure log.")
@click.option(
    "--language", type=click.Choice(["en", "zh"]), help="Language of the report; by default the user's."
)
@person_option
@json_option
@click.pass_obj
def export(settings: Settings, number: str, form: str, item: str, out: Path, to: str, purpose: str,
           language: str | None, by: str, output: Output) -> None:  # fmt: skip
    """Write what you may see of a case as a file. Its SHA-256 is in the disclosure log first."""
    from sealtrace.cases.exports import Form
    from sealtrace.cases.exports import export as write
    from sealtrace.cases.model import Actor
    from sealtrace.custody.issue import checked_target
    from sealtrace.ledger.tiles import write_whole

    target = checked_target(out)
    spoken: Any = language or words.language()
    with custody_of(settings) as custody:
        data, done = write(custody.office, Actor.parse(by), number, Form(form), to=to, purpose=purpose, item=item,
                           language=spoken)  # fmt: skip
        write_whole(target, data)
    output.answer({"ok": True, "out": str(out), "bytes": len(data), **done.as_dict()}, str(out))


@case.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key-file",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM key you trust, from elsewhere; repeat for several. Without it, the file's own keys count.",
)
@json_option
def verify(file: Path, key_files: tuple[Path, ...], output: Output) -> int:
    """Check a chain of custody offline, without a home. Exit code 1 when it does not hold."""
    from sealtrace.cases import chain
    from sealtrace.errors import InputMissing

    if not file.is_file():
        raise InputMissing(f"{file} is not there")
    found = chain.verify(file.read_bytes(), [k.read_text("utf-8") for k in key_files])
    obj = found.as_dict() | {"keys": "given" if key_files else "the file's own"}
    output.answer(obj, lambda: "\n".join(found.problems) or words.say("holds"))
    return 1 if found.problems else 0


@case.command()
@json_option
@click.pass_obj
def check(settings: Settings, output: Output) -> int:
    """Compare every case with the ledger and the vault, byte for byte. Exit code 1 when something differs."""
    from sealtrace.cases import service

    with custody_of(settings) as custody:
        problems = service.check(custody.office)
    output.answer({"ok": not problems, "problems": problems}, "\n".join(problems) or words.say("cases hold"))
    return 1 if problems else 0


for group in (evidence, referral, outcome, appeal):
    case.add_command(group)
