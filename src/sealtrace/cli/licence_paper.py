"""`sealtrace licence issue|verify|key|status|deadline|credential|page`: licences as signed objects."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealtrace.errors import LicenceNotInForce, UsageProblem

from . import words
from .licence_account import day_option, kilograms
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.licences.issuing import Verdict
    from sealtrace.licences.token import GoodsLine, Licence


@click.command()
@click.argument("licence")
@click.option(
    "--line", "lines", multiple=True, required=True, metavar="ENTRY:ELEMENT:KG[:GROSS_KG[:VALUE]]",
    help="What may leave, such as 1C905.b:Dy:25; value in fen. Repeat for each line.",
)  # fmt: skip
@click.option("--holder", required=True, help="Who holds the licence.")
@click.option("--end-user", required=True, help="Who uses the goods in the end.")
@click.option(
    "--destination", required=True, metavar="CC", help="Country code of the destination, such as DE."
)
@click.option("--end-use", required=True, help="What the goods are used for.")
@day_option("--from", "first", "First day.")
@day_option("--to", "last", "Last day, included.")
@click.option(
    "--kind", type=click.Choice(["single", "general", "registration"]), default="single", show_default=True,
    help="Kind of licence.",
)  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF to write.")
@json_option
@click.pass_obj
def issue(
    settings: Settings, licence: str, lines: tuple[str, ...], holder: str, end_user: str, destination: str,
    end_use: str, first: datetime, last: datetime, kind: str, out: Path, output: Output,
) -> None:  # fmt: skip
    """Issue a licence: signed, on the ledger, its quantities granted, as a page with a QR symbol.

    The same words again write the same licence again.
    """
    from sealtrace.custody.home import storage_guard
    from sealtrace.licences import issuing
    from sealtrace.licences.desk import Terms
    from sealtrace.licences.document import write_pdf

    terms = Terms(licence, kind, first.date(), last.date())
    goods = tuple(_goods(line) for line in lines)
    what = issuing.Particulars(terms, holder.strip(), end_user.strip(), destination, end_use.strip(), goods)
    with custody_of(settings) as custody:
        issuing.check_page(what, custody.office.home.config.org)
        made = issuing.issue(custody.office, what)
        page = write_pdf(made.licence, made.text, custody.office.home.config.org)
    with storage_guard(f"writing {out}"):
        out.write_bytes(page)
    obj = made.receipt.as_dict() | {
        "path": str(out), "text": made.text, "status_index": made.licence.status_index, "state": "issued",
    }  # fmt: skip
    output.answer(obj, lambda: f"{licence_text(made.licence)}\n{fields([('path', str(out))])}")


def _goods(line: str) -> GoodsLine:
    from sealtrace.catalogue.units import kilograms_mg
    from sealtrace.licences.account import Amount, LineKey
    from sealtrace.licences.token import GoodsLine

    parts = line.split(":")
    if not 3 <= len(parts) <= 5 or (len(parts) == 5 and not parts[4].isdecimal()):
        raise UsageProblem(f"{line!r} is not ENTRY:ELEMENT:KG, with GROSS_KG and VALUE after it if wanted")
    gross = kilograms_mg(parts[3]) if len(parts) > 3 else 0
    value = int(parts[4]) if len(parts) > 4 else 0
    return GoodsLine(LineKey(parts[0], parts[1]), Amount(kilograms_mg(parts[2]), gross, value))


@click.command()
@click.argument("source")
@click.option(
    "--key", "keys", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The issuer's public key, PEM; without it, the key of this home is used.",
)  # fmt: skip
@click.option(
    "--status", "status_file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The issuer's status list, as `licence status` writes it.",
)  # fmt: skip
@click.option(
    "--on",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day of use; today without it.",
)
@json_option
@click.pass_obj
def verify(
    settings: Settings, source: str, keys: tuple[Path, ...], status_file: Path | None, on: datetime | None,
    output: Output,
) -> None:  # fmt: skip
    """Verify a licence offline: a scanned text, a file that holds it, or its PDF.

    Exit code 20 when it is no licence of the issuer, 41 when it is one and may not be used on the day.
    """
    from sealtrace.licences import issuing, status
    from sealtrace.licences.states import day_of

    if keys:
        trusted = [issuing.read_key(path.read_bytes()) for path in keys]
    else:
        with custody_of(settings) as custody:
            trusted = [issuing.read_key(issuing.public_key(custody.office).encode())]
    now = datetime.now(UTC)
    statuses = status.verify(status_file.read_bytes(), trusted) if status_file else None
    day = on.date() if on else day_of(now)
    verdict = issuing.verify(issuing.read_text(source), trusted, day, statuses, now)
    obj = {"ok": verdict.usable, **licence_dict(verdict.licence), "state": verdict.state, "on": day.isoformat(),
           "status_at": verdict.status_at.isoformat() if verdict.status_at else None,
           "status_stale": verdict.status_stale}  # fmt: skip
    if not verdict.usable:
        output.note(licence_text(verdict.licence))
        why = (
            "the status list is out of date"
            if verdict.status_stale
            else f"the licence is {verdict.state} on {day}"
        )
        raise LicenceNotInForce(f"{verdict.licence.number}: {why}")
    output.answer(obj, lambda: _verdict_text(verdict))


def _verdict_text(verdict: Verdict) -> str:
    checked = verdict.status_at.isoformat() if verdict.status_at else words.say("no status list")
    return f"{words.say('licence holds')}\n\n{licence_text(verdict.licence)}\n{fields([('status list', checked)])}"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="File to write; without it the key is printed.")
@json_option
@click.pass_obj
def key(settings: Settings, out: Path | None, output: Output) -> None:
    """Give the public key that verifies this office's licences and status lists, as PEM."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.licences import issuing

    with custody_of(settings) as custody:
        pem = issuing.public_key(custody.office)
    if out is not None:
        with storage_guard(f"writing {out}"):
            out.write_text(pem, "ascii")
    output.answer({"ok": True, "key": pem}, pem.rstrip())


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long it may be relied on."
)
@json_option
@click.pass_obj
def status(settings: Settings, out: Path, days: int, output: Output) -> None:
    """Write the signed status list: which licences issued here are suspended, revoked or ended."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.licences import issuing

    with custody_of(settings) as custody:
        made, data = issuing.status_list(custody.office, days)
    with storage_guard(f"writing {out}"):
        out.write_bytes(data)
    obj = {"ok": True, "path": str(out), "licences": made.count, "exceptions": len(made.exceptions),
           "size_bytes": len(data), "until": made.until.isoformat()}  # fmt: skip
    rows = [
        ("path", str(out)),
        ("licences", str(made.count)),
        ("exceptions", str(len(made.exceptions))),
        ("size", f"{len(data)} B"),
    ]
    output.answer(obj, lambda: fields(rows))


@click.command()
@day_option("--from", "start", "Day of the event; the first working day after it counts as one.")
@click.option(
    "--working-days", "count", type=click.IntRange(1, 2000), default=45, show_default=True, help="How many."
)
@json_option
def deadline(start: datetime, count: int, output: Output) -> None:
    """Compute a deadline in China's working days: 45 for a decision, 7 for an answer to customs."""
    from sealtrace.licences import workdays

    made = workdays.shipped().after(start.date(), count)
    obj = {
        "ok": True,
        "from": start.date().isoformat(),
        "working_days": count,
        "day": made.day.isoformat(),
        "provisional": made.provisional,
    }
    note = [("note", words.say("provisional"))] if made.provisional else []
    output.answer(obj, lambda: fields([("time", made.day.isoformat()), *note]))


@click.command()
@click.argument("licence")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File for the JWT; without it the object is printed."
)
@json_option
@click.pass_obj
def credential(settings: Settings, licence: str, out: Path | None, output: Output) -> None:
    """Give a licence issued here as a W3C Verifiable Credential (data model 2.0), secured as a JWT.

    A view for systems that read those: the signed text in the QR symbol stays the licence.
    """
    import json

    from sealtrace.custody.home import storage_guard
    from sealtrace.licences import service

    with custody_of(settings) as custody:
        made, jwt = service.credential(custody.office, licence)
    if out is not None:
        with storage_guard(f"writing {out}"):
            out.write_text(jwt, "ascii")
    text = fields([("path", str(out))]) if out else json.dumps(made, ensure_ascii=False, indent=2)
    output.answer({"ok": True, "credential": made, "jwt": jwt}, text)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="HTML file to write.")
@json_option
def page(out: Path, output: Output) -> None:
    """Write the page that verifies licences offline: one file, for any browser, without a network."""
    from sealtrace.custody.home import storage_guard
    from sealtrace.verifier import licence_page

    with storage_guard(f"writing {out}"):
        out.write_bytes(licence_page())
    output.answer({"ok": True, "path": str(out)}, str(out))


def licence_dict(licence: Licence) -> dict[str, object]:
    """Give a licence as an object."""
    return {
        "licence": licence.number, "kind": licence.kind, "issuer": licence.issuer, "holder": licence.holder,
        "end_user": licence.end_user, "destination": licence.destination, "end_use": licence.end_use,
        "from": licence.valid_from.isoformat(), "to": licence.valid_to.isoformat(),
        "issued_at": licence.issued_at.isoformat(), "status_index": licence.status_index,
        "list_digest": licence.list_digest.hex(),
        "lines": [
            {"entry": n.key.entry, "element": n.key.element, "element_mg": n.amount.element_mg,
             "gross_mg": n.amount.gross_mg, "value_minor": n.amount.value_minor}
            for n in licence.lines
        ],
    }  # fmt: skip


def licence_text(licence: Licence) -> str:
    """Lay out a licence's content for people."""
    top = fields([
        ("licence", licence.number), ("issuer", licence.issuer), ("holder", licence.holder),
        ("end user", licence.end_user), ("destination", licence.destination), ("end use", licence.end_use),
        ("from", str(licence.valid_from)), ("to", str(licence.valid_to)),
    ])  # fmt: skip
    rows = [[n.key.entry, n.key.element, kilograms(n.amount.element_mg)] for n in licence.lines]
    return f"{top}\n\n{table([words.say('entry code'), words.say('element'), 'kg'], rows)}"
