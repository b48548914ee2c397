"""`sealtrace licence gate|flows`: the customs gate and the monthly flow file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .licence_case import FILE, as_option, read_json
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.licences.gate.shipment import Shipment
    from sealtrace.people.duties import Actor


@click.group()
def gate() -> None:
    """The customs gate: scan, present, question, conclude, reserve, endorse."""


def licence_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a scan takes: the declaration, the licence, the issuer's key and status list."""
    for option in (
        click.argument("declaration", type=FILE),
        click.option(
            "--licence", "source", default="", help="The scanned text, a file that holds it, or the PDF."
        ),
        click.option(
            "--key", "keys", multiple=True, type=FILE, help="The issuer's public key, PEM; else this home's."
        ),
        click.option("--status", "status_file", type=FILE, help="The issuer's status list."),
    ):
        function = option(function)
    return function


def _read(source: str, keys: tuple[Path, ...], status_file: Path | None) -> tuple[str, list[Any], Any]:
    from sealtrace.licences import issuing, status

    trusted = [issuing.read_key(path.read_bytes()) for path in keys]
    if status_file is not None and not trusted:
        raise UsageProblem("a status list is read with --key, its issuer's")
    statuses = status.verify(status_file.read_bytes(), trusted) if status_file else None
    return issuing.read_text(source) if source else "", trusted, statuses


@gate.command()
@licence_options
@json_option
@click.pass_obj
def scan(
    settings: Settings,
    declaration: Path,
    source: str,
    keys: tuple[Path, ...],
    status_file: Path | None,
    output: Output,
) -> int:
    """Judge a licence and a declaration together, writing nothing. Exit code 1 when something does not fit."""
    from sealtrace.licences import service
    from sealtrace.licences.gate.shipment import read_declaration

    declared = read_declaration(read_json(declaration))
    text, trusted, statuses = _read(source, keys, status_file)
    with custody_of(settings) as custody:
        found = service.scan(custody.office, text, declared, None, trusted, statuses)
    obj = found.as_dict()
    output.answer({"ok": not found.problems, **obj}, lambda: _scan_text(obj))
    return 1 if found.problems else 0


def _scan_text(said: Any) -> str:
    language = words.language()
    problems = [p[language] for p in said["problems"]]
    charges = [f"{c['entry']} {c['element']}  {c['element_mg']} mg  × {c['factor']}" for c in said["charges"]]
    return "\n".join([words.say(f"shipment.{said['state']}"), *problems, *charges])


def _answer(output: Output, found: Shipment) -> None:
    obj = {
        "ok": True, "shipment": found.number, "state": found.state.value, "scan": found.scan, "receipt": found.receipt,
        "question": found.question or None, "conclusions": found.conclusions,
        "entry": {"index": found.timeline[-1].entry},
    }  # fmt: skip
    output.answer(obj, lambda: f"{found.number}  {_scan_text({**found.scan, 'state': found.state.value})}")


@gate.command()
@licence_options
@as_option
@json_option
@click.pass_obj
def present(
    settings: Settings, declaration: Path, source: str, keys: tuple[Path, ...], status_file: Path | None, actor: Actor,
    output: Output,
) -> int:  # fmt: skip
    """Enter a shipment with what its scan found. Exit code 1 when it is in doubt."""
    from sealtrace.licences import service

    document = read_json(declaration)
    text, trusted, statuses = _read(source, keys, status_file)
    with custody_of(settings) as custody:
        found = service.present(custody.office, actor, text, document, trusted, statuses)
    _answer(output, found)
    return 1 if found.state.value == "doubt" else 0


def _verb(
    name: str, text: str, *options: Callable[..., Any]
) -> Callable[[Callable[..., Shipment]], click.Command]:
    """Make a verb that takes a shipment and who acts, and shows the shipment afterwards."""

    def make(function: Callable[..., Shipment]) -> click.Command:
        @click.pass_obj
        def run(settings: Settings, /, shipment: str, actor: Actor, output: Output, **more: Any) -> None:
            with custody_of(settings) as custody:
                found = function(custody.office, actor, shipment, **more)
            _answer(output, found)

        command: Callable[..., Any] = json_option(as_option(click.argument("shipment")(run)))
        for option in options:
            command = option(command)
        return gate.command(name, help=text)(command)

    return make


REASON = click.option("--reason", required=True, help="Why; kept.")


@_verb("question", "Question a shipment: 7 working days to answer, and nothing is released meanwhile.",
       click.option("--text", "why", required=True, help="The question."))  # fmt: skip
def question(office: Any, actor: Actor, shipment: str, why: str) -> Shipment:
    """Question a shipment."""
    from sealtrace.licences import service

    return service.question_shipment(office, actor, shipment, why)


@_verb("file", "File the exporter's answer: declaration, contract, explanation, test_report.",
       click.option("--paper", "papers", multiple=True, required=True, metavar="KIND:PATH", help="A document; repeat."),
       click.option("--text", "said", default="", help="The explanation in words."))  # fmt: skip
def file_answer(office: Any, actor: Actor, shipment: str, papers: tuple[str, ...], said: str) -> Shipment:
    """File an answer."""
    from sealtrace.licences import service

    held = {kind: Path(path) for kind, _, path in (p.partition(":") for p in papers)}
    if not all(path.is_file() for path in held.values()):
        raise UsageProblem("--paper is KIND:PATH, the path that of a file")
    return service.file_answer(office, actor, shipment, held, said)


@_verb("conclude", "Conclude a question.",
       click.option("--outcome", required=True, help="How it ends.",
                    type=click.Choice(["no_licence_needed", "licence_needed", "expert", "covered"])),
       REASON)  # fmt: skip
def conclude(office: Any, actor: Actor, shipment: str, outcome: str, reason: str) -> Shipment:
    """Conclude a question."""
    from sealtrace.licences import service

    return service.conclude(office, actor, shipment, outcome, reason)


@_verb("refuse", "Refuse a shipment that is in doubt.", REASON)
def refuse(office: Any, actor: Actor, shipment: str, reason: str) -> Shipment:
    """Refuse a shipment."""
    from sealtrace.licences import service

    return service.refuse_shipment(office, actor, shipment, reason)


@_verb("cancel", "Give back what was reserved for a shipment that does not leave.", REASON)
def cancel(office: Any, actor: Actor, shipment: str, reason: str) -> Shipment:
    """Cancel a reservation."""
    from sealtrace.licences import service

    return service.cancel_shipment(office, actor, shipment, reason)


@_verb("reserve", "Hold a clear shipment's quantity on its licence.")
def reserve(office: Any, actor: Actor, shipment: str) -> Shipment:
    """Reserve."""
    from sealtrace.licences import service

    return service.reserve(office, actor, shipment)


@_verb("endorse", "Draw a clear shipment's quantity and release it; done again, it gives the same receipt.")
def endorse(office: Any, actor: Actor, shipment: str) -> Shipment:
    """Endorse."""
    from sealtrace.licences import service

    return service.endorse(office, actor, shipment)


@gate.command("show")
@click.argument("shipment")
@json_option
@click.pass_obj
def show(settings: Settings, shipment: str, output: Output) -> None:
    """Show a shipment."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.get_shipment(custody.office, shipment)
    _answer(output, found)


@gate.command("list")
@json_option
@click.pass_obj
def list_shipments(settings: Settings, output: Output) -> None:
    """List the shipments that were presented."""
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        found = service.shipments(custody.office)
    rows = [{"shipment": s.number, "state": s.state.value, "licence": s.scan["licence"]} for s in found]
    head = [words.say(w) for w in ("declaration", "state", "licence")]
    cells = [(s.number, words.say(f"shipment.{s.state.value}"), s.scan["licence"] or "-") for s in found]
    output.answer({"ok": True, "shipments": rows}, lambda: table(head, cells))


@click.command()
@click.argument("month", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="CSV file to write for the month.")
@click.option("--as", "name", help="Who writes it.")
@json_option
@click.pass_obj
def flows(settings: Settings, month: str | None, out: Path | None, name: str | None, output: Output) -> int:
    """List the months with flows, or write the file of a month for product traceability, due by the 10th.

    Exit code 1 when a file is overdue.
    """
    from sealtrace.licences import service
    from sealtrace.licences.review.desk import today
    from sealtrace.people.duties import Actor, ActorKind

    if month is not None and (out is None or name is None):
        raise UsageProblem("a month's file needs --out and --as")
    with custody_of(settings) as custody:
        office = custody.office
        if month is not None and out is not None and name is not None:
            digest = service.write_flows(office, Actor(name, ActorKind.HUMAN), month, out)
            output.answer(
                {"ok": True, "month": month, "path": str(out), "sha256": digest},
                fields([("path", str(out)), ("identity", digest)]),
            )
            return 0
        found, day = service.flow_months(office), today(office)
    rows = [
        {"month": m.month, "due": m.due.isoformat(), "flows": m.flows, "written": m.written, "current": m.current,
         "overdue": m.overdue(day)}
        for m in found
    ]  # fmt: skip
    head = [words.say(w) for w in ("window", "until", "rows", "known already")]
    cells = [
        (m.month, m.due.isoformat(), str(m.flows), words.say("yes" if m.current else "no")) for m in found
    ]
    late = any(m.overdue(day) for m in found)
    output.answer({"ok": not late, "months": rows}, lambda: table(head, cells))
    return 1 if late else 0
