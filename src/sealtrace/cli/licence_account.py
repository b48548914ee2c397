"""`sealtrace licence add|draw|reserve|release|correct|show|list|check`: quantity accounts of licences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.licences.account import Kind, Want
    from sealtrace.licences.desk import Account
    from sealtrace.licences.turn import Receipt

KG = Decimal(10**6)


def day_option(name: str, parameter: str, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add an option that takes a day."""
    kind = click.DateTime(["%Y-%m-%d"])
    return click.option(name, parameter, required=True, type=kind, metavar="YYYY-MM-DD", help=text)


def kilograms(mg: int) -> str:
    """Write milligrams as kilograms, exactly."""
    return f"{(Decimal(mg) / KG).normalize():f}"


@click.command()
@click.argument("licence")
@click.option("--entry", required=True, help="Code of the control list's entry, such as 1C905.b.")
@click.option("--element", required=True, help="Symbol of the element that is counted.")
@click.option("--kg", required=True, help="Kilograms of the element, exact to the milligram.")
@click.option("--gross-kg", help="Kilograms of goods, when the licence limits them too.")
@click.option(
    "--value", type=click.IntRange(min=1), help="Value in minor units (fen, cents), when it is limited."
)
@day_option("--from", "first", "First day.")
@day_option("--to", "last", "Last day, included.")
@click.option(
    "--kind", type=click.Choice(["single", "general", "registration"]), default="single", show_default=True,
    help="Kind of licence.",
)  # fmt: skip
@click.option("--key", help="Idempotency key; give another one to add to a line that was granted before.")
@click.option("--unlisted", is_flag=True, help="The entry is of a list that is not shipped.")
@json_option
@click.pass_obj
def add(
    settings: Settings, licence: str, entry: str, element: str, kg: str, gross_kg: str | None, value: int | None,
    first: datetime, last: datetime, kind: str, key: str | None, unlisted: bool, output: Output,
) -> None:  # fmt: skip
    """Open the account of a licence granted elsewhere, or add a line to it."""
    from sealtrace.catalogue.units import kilograms_mg
    from sealtrace.licences import desk
    from sealtrace.licences.account import Amount

    amount = Amount(kilograms_mg(kg), kilograms_mg(gross_kg) if gross_kg else 0, value or 0)
    terms = desk.Terms(licence, kind, first.date(), last.date())
    with custody_of(settings) as custody:
        made, receipt = desk.add(custody.office, terms, entry, element, amount, key=key, unlisted=unlisted)
    output.answer(receipt.as_dict() | {"account": made.as_dict()}, lambda: account_text(made))


def posting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options every posting has."""
    for option in (
        click.option(
            "--element", "elements", multiple=True, required=True, help="Element; repeat for each line, all or nothing."
        ),
        click.option("--kg", "masses", multiple=True, help="Kilograms of the element, one for each --element."),
        click.option("--gross-kg", "gross", multiple=True, help="Kilograms of goods, one for each --element."),
        click.option("--formula", help="The goods' formula: the element's mass follows from --gross-kg, rounded up."),
        click.option("--value", "values", multiple=True, type=int, help="Value in minor units, for each --element."),
        click.option("--entry", "entries", multiple=True, help="Entry of each line, where the element has several."),
        click.option("--key", required=True, help="Idempotency key: the same request with it is made once."),
        click.option("--note", default="", help="A remark that is kept with the posting."),
    ):  # fmt: skip
        function = option(function)
    return json_option(click.pass_obj(click.argument("licence")(function)))


def wants(
    elements: Sequence[str], masses: Sequence[str], gross: Sequence[str], formula: str | None,
    values: Sequence[int], entries: Sequence[str], *, sign: int = 1,
) -> tuple[Want, ...]:  # fmt: skip
    """Read the lines of a request from the options."""
    from sealtrace.catalogue import formula as formulas
    from sealtrace.catalogue.units import element_mg, kilograms_mg
    from sealtrace.licences.account import Amount, Want

    for given, name in ((masses, "--kg"), (gross, "--gross-kg"), (values, "--value"), (entries, "--entry")):
        if given and len(given) != len(elements):
            raise UsageProblem(f"{name} is given {len(given)} times, --element {len(elements)} times")
    if bool(masses) == bool(formula) or (formula and not gross):
        raise UsageProblem("give --kg of the element, or --formula with --gross-kg")
    made = []
    for i, element in enumerate(elements):
        gross_mg = kilograms_mg(gross[i]) if gross else 0
        if formula:
            fraction = formulas.parse(formula).fraction(element)
            if not fraction:
                raise UsageProblem(f"{formula} has no {element}")
            mg = element_mg(gross_mg, fraction)
        else:
            mg = kilograms_mg(masses[i])
        amount = Amount(sign * mg, sign * gross_mg, sign * (values[i] if values else 0))
        made.append(Want(element, amount, entries[i] if entries else None))
    return tuple(made)


def _post(settings: Settings, kind: Kind, licence: str, key: str, lines: tuple[Want, ...], ref: str | None, note: str,
          output: Output, *, dry_run: bool = False) -> None:  # fmt: skip
    from sealtrace.licences import accounts
    from sealtrace.licences.account import Request

    request = Request(licence, kind, key, lines, ref, note)
    with custody_of(settings) as custody:
        if dry_run:
            obj = accounts.preview(custody.office, request)
            output.answer(
                obj, lambda: fields((name, str(value)) for name, value in obj.items() if name != "ok")
            )
            return
        receipt = accounts.post(custody.office, request)
    output.answer(receipt.as_dict(), lambda: receipt_text(receipt))


@click.command()
@posting_options
@click.option("--from-reservation", "ref", help="Key of the reservation to draw from.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen; move nothing.")
def draw(settings: Settings, licence: str, elements: tuple[str, ...], masses: tuple[str, ...], gross: tuple[str, ...],
         formula: str | None, values: tuple[int, ...], entries: tuple[str, ...], key: str, note: str, ref: str | None,
         dry_run: bool, output: Output) -> None:  # fmt: skip
    """Draw quantity on a licence: never more than is left, once for each key, all lines or none."""
    from sealtrace.licences.account import Kind

    lines = wants(elements, masses, gross, formula, values, entries)
    _post(settings, Kind.DRAW, licence, key, lines, ref, note, output, dry_run=dry_run)


@click.command()
@posting_options
def reserve(settings: Settings, licence: str, elements: tuple[str, ...], masses: tuple[str, ...],
            gross: tuple[str, ...], formula: str | None, values: tuple[int, ...], entries: tuple[str, ...], key: str,
            note: str, output: Output) -> None:  # fmt: skip
    """Hold quantity for a shipment; its key names the reservation."""
    from sealtrace.licences.account import Kind

    _post(
        settings,
        Kind.RESERVE,
        licence,
        key,
        wants(elements, masses, gross, formula, values, entries),
        None,
        note,
        output,
    )


@click.command()
@posting_options
@click.option("--reservation", "ref", required=True, help="Key of the reservation.")
def release(settings: Settings, licence: str, elements: tuple[str, ...], masses: tuple[str, ...],
            gross: tuple[str, ...], formula: str | None, values: tuple[int, ...], entries: tuple[str, ...], key: str,
            note: str, ref: str, output: Output) -> None:  # fmt: skip
    """Give back what a reservation holds."""
    from sealtrace.licences.account import Kind

    _post(
        settings,
        Kind.RELEASE,
        licence,
        key,
        wants(elements, masses, gross, formula, values, entries),
        ref,
        note,
        output,
    )


@click.command()
@posting_options
@click.option("--draw", "ref", required=True, help="Key of the draw that is corrected.")
@click.option(
    "--back", is_flag=True, help="Give back what was drawn too much; without it, draw what was too little."
)
def correct(settings: Settings, licence: str, elements: tuple[str, ...], masses: tuple[str, ...],
            gross: tuple[str, ...], formula: str | None, values: tuple[int, ...], entries: tuple[str, ...], key: str,
            note: str, ref: str, back: bool, output: Output) -> None:  # fmt: skip
    """Correct a draw by a further posting; what was written stays."""
    from sealtrace.licences.account import Kind

    lines = wants(elements, masses, gross, formula, values, entries, sign=-1 if back else 1)
    _post(settings, Kind.CORRECT, licence, key, lines, ref, note, output)


@click.command()
@click.argument("licence")
@json_option
@click.pass_obj
def show(settings: Settings, licence: str, output: Output) -> None:
    """Show a licence: state, lines, what is left, and everything that happened to it."""
    from sealtrace.licences import desk

    with custody_of(settings) as custody:
        made = desk.account(custody.office, licence)
        rows = desk.history(custody.office, licence)
    output.answer({"ok": True, **made.as_dict(), "history": rows}, lambda: account_text(made))


@click.command("list")
@json_option
@click.pass_obj
def list_licences(settings: Settings, output: Output) -> None:
    """List the licences known here, each with its state and dates."""
    from sealtrace.licences import desk

    with custody_of(settings) as custody:
        found = desk.accounts(custody.office)
    head = [words.say(w) for w in ("licence", "state", "from", "to", "lines")]
    goods = [", ".join(f"{n.key.entry} {n.key.element}" for n in a.lines) for a in found]
    rows = [
        (a.row.number, words.say(f"state.{a.state}"), str(a.row.valid_from), str(a.row.valid_to), said)
        for a, said in zip(found, goods, strict=True)
    ]
    obj = {"ok": True, "licences": [a.as_dict() for a in found]}
    output.answer(obj, table(head, rows) if rows else words.say("not found"))


@click.command()
@click.option(
    "--finish",
    metavar="NAME",
    help="First finish, as this person, what a stopped run left: grants and measures.",
)
@json_option
@click.pass_obj
def check(settings: Settings, finish: str | None, output: Output) -> int:
    """Add up every posting; compare events of the desk with the ledger. Exit code 1 for a difference."""
    from sealtrace.licences import desk, service
    from sealtrace.people.duties import human

    finished: list[str] = []
    with custody_of(settings) as custody:
        if finish:
            finished = [
                *service.recover(custody.office, human(finish)),
                *service.recover_measures(custody.office),
            ]
        problems = [*desk.check(custody.office), *service.check_board(custody.office)]
        count = len(desk.accounts(custody.office))
    obj = {"ok": not problems, "licences": count, "problems": problems, "finished": finished}
    output.answer(obj, "\n".join(problems) or words.say("accounts hold"))
    return 1 if problems else 0


def account_text(account: Account) -> str:
    """Lay out a licence for people."""
    top = fields([
        ("licence", account.row.number), ("state", words.say(f"state.{account.state}")),
        ("from", str(account.row.valid_from)), ("to", str(account.row.valid_to)),
    ])  # fmt: skip
    kinds = ("granted", "reserved", "drawn", "lapsed", "available")
    head = [words.say("entry code"), words.say("element"), *(f"{words.say(kind)} kg" for kind in kinds)]
    rows = [
        [
            line.key.entry,
            line.key.element,
            *(kilograms(getattr(line.balance, kind).element_mg) for kind in kinds),
        ]
        for line in account.lines
    ]
    return f"{top}\n\n{table(head, rows)}"


def receipt_text(receipt: Receipt) -> str:
    """Lay out a posting for people."""
    rows = [[k.entry, k.element, kilograms(a.element_mg), kilograms(left)] for k, a, left in receipt.lines]
    head = [words.say("entry code"), words.say("element"), "kg", f"{words.say('available')} kg"]
    again = [("note", words.say("posted before"))] if receipt.replayed else []
    return f"{table(head, rows)}\n{fields([('entry', str(receipt.entry)), *again])}"
