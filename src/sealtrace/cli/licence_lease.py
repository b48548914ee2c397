"""`sealtrace licence lease`: quantity for posts without a network: grant, draw at the post, settle, overdue."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from . import words
from .licence_account import kilograms, posting_options, receipt_text, wants
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def lease() -> None:
    """Leases: quantity reserved for a post that works offline, never more than the licence has."""


@lease.command()
@posting_options
@click.option("--post", "place", required=True, help="The post that will use it.")
@click.option(
    "--until", required=True, type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]), metavar="TIME",
    help="End, in UTC: YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="File to write the signed lease to."
)
def grant(settings: Settings, licence: str, elements: tuple[str, ...], masses: tuple[str, ...], gross: tuple[str, ...],
          formula: str | None, values: tuple[int, ...], entries: tuple[str, ...], key: str, note: str, place: str,
          until: datetime, out: Path, output: Output) -> None:  # fmt: skip
    """Reserve quantity for a post and sign a lease for it; --key names the lease."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.licences import leases

    del note
    lines = wants(elements, masses, gross, formula, values, entries)
    with custody_of(settings) as custody:
        made, text = leases.grant(custody.office, licence, key, place, lines, until.replace(tzinfo=UTC))
    with storage_guard(f"writing {out}"):
        out.write_text(text + "\n", "ascii")
    obj = {
        "ok": True,
        "licence": licence,
        "key": key,
        "post": place,
        "until": made.until.isoformat(),
        "path": str(out),
    }
    output.answer(
        obj, lambda: fields([("licence", licence), ("until", made.until.isoformat()), ("path", str(out))])
    )


@lease.command()
@click.argument("lease_file", type=FILE)
@click.option("--book", required=True, type=click.Path(path_type=Path), help="The post's book of this lease.")
@click.option(
    "--issuer", "issuers", multiple=True, required=True, type=FILE, help="The issuer's public key, PEM."
)
@click.option("--entry", required=True, help="Entry of the line.")
@click.option("--element", required=True, help="Element of the line.")
@click.option("--kg", required=True, help="Kilograms of the element.")
@click.option("--gross-kg", help="Kilograms of goods, when the lease states them.")
@click.option("--key", required=True, help="Idempotency key of this use.")
@json_option
def draw(
    lease_file: Path, book: Path, issuers: tuple[Path, ...], entry: str, element: str, kg: str, gross_kg: str | None,
    key: str, output: Output,
) -> None:  # fmt: skip
    """Use part of a lease at the post: no home, no network, never more than it holds."""
    from sealtrace.catalogue.units import kilograms_mg
    from sealtrace.licences import leases
    from sealtrace.licences.account import Amount, LineKey
    from sealtrace.licences.issuing import read_key
    from sealtrace.licences.token import GoodsLine

    held = leases.read(lease_file.read_text("ascii", "replace"), [read_key(p.read_bytes()) for p in issuers])
    amount = Amount(kilograms_mg(kg), kilograms_mg(gross_kg) if gross_kg else 0)
    use = leases.Use(key, datetime.now(UTC), (GoodsLine(LineKey(entry, element), amount),))
    uses = leases.Book(book).spend(held, use)
    left = leases.left(held, uses)
    rows = [[k.entry, k.element, kilograms(a.element_mg)] for k, a in left]
    obj = {
        "ok": True, "licence": held.licence, "lease": held.key, "key": key, "uses": len(uses),
        "left": [{"entry": k.entry, "element": k.element, "element_mg": a.element_mg} for k, a in left],
    }  # fmt: skip
    output.answer(
        obj,
        lambda: table([words.say("entry code"), words.say("element"), f"{words.say('available')} kg"], rows),
    )


@lease.command()
@click.argument("lease_file", type=FILE)
@click.option("--book", required=True, type=FILE, help="The post's book of this lease.")
@json_option
@click.pass_obj
def settle(settings: Settings, lease_file: Path, book: Path, output: Output) -> None:
    """Post what the post used and give back the rest. Safe to repeat."""
    from sealtrace.licences import leases

    with custody_of(settings) as custody:
        made = leases.settle(
            custody.office, lease_file.read_text("ascii", "replace"), leases.Book(book).uses()
        )
    output.answer(
        {"ok": True, "postings": [r.as_dict() for r in made]}, lambda: "\n".join(map(receipt_text, made))
    )


@lease.command()
@json_option
@click.pass_obj
def overdue(settings: Settings, output: Output) -> int:
    """List leases that ran out and were not settled. Exit code 1 when there are any."""
    from sealtrace.clock import stamp
    from sealtrace.licences import store

    with custody_of(settings) as custody:
        rows = store.overdue_leases(custody.office.db, stamp(custody.office.clock.now()))
    obj = {"ok": not rows, "leases": [{"licence": n, "key": k, "until": u} for n, k, u in rows]}
    head = [words.say("licence"), words.say("name"), words.say("until")]
    output.answer(obj, table(head, rows) if rows else words.say("not found"))
    return 1 if rows else 0
