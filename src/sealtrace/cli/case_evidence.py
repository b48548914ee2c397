"""`sealtrace case evidence …`: collect, hand over, take over, examine, divide, return, destroy, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .case_options import Step, person_option, step_options, text_option, when
from .main import Settings
from .opening import custody_of
from .show import Output, json_option


@click.group()
def evidence() -> None:
    """Evidence and its chain of custody: two sides to each transfer, nothing changed afterwards."""


@evidence.command()
@click.argument("number")
@text_option("--title", "What it is.")
@click.option("--kind", type=click.Choice(["document", "sample", "image", "reading", "seal", "device"]), required=True,
              help="Kind of evidence.")  # fmt: skip
@text_option("--where", "Where it was taken.")
@text_option("--method", "How it was taken.")
@text_option("--authority", "By which order.")
@text_option("--at", "When it was taken, such as 2026-03-02T09:00.")
@click.option("--file", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The original; it goes to the vault.")  # fmt: skip
@text_option("--seal-no", "Number of the seal on it.", required=False)
@text_option("--parent", "Piece of evidence it was made from.", required=False)
@step_options
def collect(step: Step, number: str, at: str, path: Path | None, **said: Any) -> None:
    """Take a piece of evidence into custody."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.collect(custody.office, step.by, number, acquired_at=when(at), original=path, **said,
                                  **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@text_option("--seal-no", "Number of the new seal.")
@text_option("--purpose", "Why.")
@step_options
def seal(step: Step, number: str, item: str, seal_no: str, purpose: str) -> None:
    """Put a new seal on a piece of evidence in hand."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.seal_evidence(custody.office, step.by, number, item, seal_no=seal_no, purpose=purpose,
                                        **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@text_option("--to", "NAME@DEPARTMENT, or a department.")
@text_option("--purpose", "What for.")
@step_options
def offer(step: Step, number: str, item: str, to: str, purpose: str) -> None:
    """Hand a piece of evidence over; the transfer is open until the other side takes it."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Actor, Department

    receiver = Department(to) if to in list(Department) else Actor.parse(to)
    with step.home() as custody:
        step.tell(service.offer_evidence(custody.office, step.by, number, item, to=receiver, purpose=purpose,
                                         **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@click.option("--accept/--decline", required=True, help="Whether you take it.")
@text_option("--condition", "In what condition it is, or why you decline.")
@step_options
def answer(step: Step, number: str, item: str, accept: bool, condition: str) -> None:
    """Take a piece of evidence that is offered, or decline it. An original is hashed anew first."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.answer_offer(custody.office, step.by, number, item, accept=accept, condition=condition,
                                       **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@text_option("--method", "How it is examined.")
@text_option("--purpose", "What for.")
@text_option("--findings", "Item that holds the findings.", required=False)
@step_options
def examine(step: Step, number: str, item: str, method: str, purpose: str, findings: str) -> None:
    """Record an examination of a piece of evidence in hand."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.examine(custody.office, step.by, number, item, method=method, purpose=purpose,
                                  result=findings, **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@text_option("--title", "What the part is.")
@text_option("--purpose", "What for.")
@step_options
def split(step: Step, number: str, item: str, title: str, purpose: str) -> None:
    """Divide a sample; the part is a piece of evidence of its own."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.split_sample(custody.office, step.by, number, item, title=title, purpose=purpose,
                                       **step.more))  # fmt: skip


@evidence.command("return")
@click.argument("number")
@click.argument("item")
@text_option("--to", "To whom.")
@text_option("--reason", "Why.")
@step_options
def give_back(step: Step, number: str, item: str, to: str, reason: str) -> None:
    """Give a piece of evidence back to whom it belongs."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(
            service.return_evidence(custody.office, step.by, number, item, to=to, reason=reason, **step.more)
        )


@evidence.command()
@click.argument("number")
@click.argument("item")
@text_option("--order", "By whose order.")
@text_option("--witness", "Before which witness.")
@step_options
def destroy(step: Step, number: str, item: str, order: str, witness: str) -> None:
    """Record the destruction of a piece of evidence in hand. A file in the vault stays there."""
    from sealtrace.cases import service

    with step.home() as custody:
        step.tell(service.destroy_evidence(custody.office, step.by, number, item, authority=order, witness=witness,
                                           **step.more))  # fmt: skip


@evidence.command()
@click.argument("number")
@click.argument("item")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@text_option("--purpose", "Why you read it; it is entered in the ledger.")
@person_option
@json_option
@click.pass_obj
def get(settings: Settings, number: str, item: str, out: Path, purpose: str, by: str, output: Output) -> None:
    """Write a piece of evidence's original. The reading is in the ledger first."""
    from sealtrace.cases import service
    from sealtrace.cases.model import Actor
    from sealtrace.custody.issue import checked_target

    target = checked_target(out)
    with custody_of(settings) as custody:
        digest = service.original(custody.office, Actor.parse(by), number, item, target, purpose=purpose)
    output.answer({"ok": True, "out": str(out), "sha256": digest.hex()}, str(out))
