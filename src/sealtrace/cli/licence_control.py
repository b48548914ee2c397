"""`sealtrace licence control`: the control list itself: show, alarms, diff, import, sign, verify."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import words
from .licence_account import day_option
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def control() -> None:
    """Control lists: what stands on them on a day, what changes between two, what runs out."""


@control.command()
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day; today without it."
)
@click.option(
    "--known-at", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="As it was known on this day."
)
@json_option
def show(on: datetime | None, known_at: datetime | None, output: Output) -> None:
    """Show the shipped list: its digest, and each instrument's standing on a day."""
    from sealtrace.catalogue.instruments import FOREVER, state
    from sealtrace.catalogue.lists import shipped

    made, day = shipped(), _day(on)
    known = known_at.date() if known_at else FOREVER
    rows = [
        (i.id, part or "", state(i, part, day, known)) for i in made.instruments.values() for part in i.parts
    ]
    obj = {
        "ok": True, "id": made.id, "version": made.version, "sha256": made.digest.hex(), "on": day.isoformat(),
        "entries": len(made.entries),
        "instruments": [
            {"id": i, "part": part or None, "standing": s.standing.value, "until": s.until and s.until.isoformat()}
            for i, part, s in rows
        ],
    }  # fmt: skip
    cells = [(i, part, words.say(s.standing.value), str(s.until or "")) for i, part, s in rows]
    head = [words.say("instrument"), "", words.say("state"), words.say("until")]
    output.answer(obj, lambda: f"{made.id} {made.version}\n{made.digest.hex()}\n\n{table(head, cells)}")


@control.command()
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The day; today without it."
)
@json_option
def alarms(on: datetime | None, output: Output) -> int:
    """List suspensions that run out within 90 days, or ran out with nothing recorded after. Exit code 1 for any."""
    from sealtrace.catalogue.lists import shipped

    found = shipped().alarms(_day(on))
    rows = [
        {"instrument": a.instrument, "part": a.part, "until": a.until.isoformat(), "days_left": a.days_left,
         "level": a.level}
        for a in found
    ]  # fmt: skip
    head = [words.say("instrument"), "", words.say("until"), words.say("days left")]
    cells = [(a.instrument, a.part or "", a.until.isoformat(), str(a.days_left)) for a in found]
    output.answer({"ok": not found, "alarms": rows}, table(head, cells) if found else words.say("no alarm"))
    return 1 if found else 0


@control.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--cases", type=FILE, help="JSON lines of cases: tell which decisions would change.")
@json_option
def diff(old: Path, new: Path, cases: Path | None, output: Output) -> int:
    """Compare two list files in YAML; with --cases, show the effect before anything is released."""
    from sealtrace.catalogue import technology
    from sealtrace.catalogue.lists import diff as differences
    from sealtrace.catalogue.lists import load_yaml, read_list
    from sealtrace.licences.cases import answers
    from sealtrace.licences.classify import Classifier

    before, after = (load_yaml(path.read_bytes()) for path in (old, new))
    lists = [read_list(document) for document in (before, after)]
    changes = differences(before, after)
    effects = []
    if cases is not None:
        lines = cases.read_bytes().splitlines()
        judged = [list(answers(lines, Classifier(one, technology.shipped()))) for one in lists]
        effects = [
            {"id": a.get("id"), "before": a.get("decision"), "after": b.get("decision")}
            for a, b in zip(*judged, strict=True)
            if (a.get("decision"), a.get("entries")) != (b.get("decision"), b.get("entries"))
        ]
    obj = {
        "ok": True, "old": lists[0].digest.hex(), "new": lists[1].digest.hex(),
        "changes": [{"place": c.place, "before": c.before, "after": c.after} for c in changes], "effects": effects,
    }  # fmt: skip
    rows = [*((c.place, str(c.before), str(c.after)) for c in changes),
            *((str(e["id"]), str(e["before"]), str(e["after"])) for e in effects)]  # fmt: skip
    output.answer(obj, "\n".join("  ".join(row) for row in rows) or words.say("no change"))
    return 1 if changes else 0


@control.command("import")
@click.argument("source", type=FILE)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="List file to write, YAML.")
@click.option("--id", "list_id", required=True, help="Name of the list.")
@click.option("--version", "version", required=True, help="Its version.")
@click.option("--title", required=True, help="Its title.")
@click.option("--instrument", required=True, help="The regulation its entries stand in.")
@day_option("--published", "published", "Day of publication.")
@day_option("--commences", "commences", "Day from which it applies.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Name of our field in the table; repeat.",
)
@json_option
def import_list(
    source: Path, out: Path, list_id: str, version: str, title: str, instrument: str, published: datetime,
    commences: datetime, columns: tuple[str, ...], output: Output,
) -> None:  # fmt: skip
    """Take in another control list (EU, US, an own one) from a CSV or YAML table; all of it or nothing."""
    import yaml

    from sealtrace.catalogue.imports import FIELDS, ImportAs, import_csv, import_yaml
    from sealtrace.custody.home import storage_guard

    pairs = [(field, column) for field, _, column in (c.partition("=") for c in columns)]
    if any(field not in FIELDS or not column for field, column in pairs):
        raise UsageProblem(f"--column is FIELD=COLUMN, the field one of {', '.join(FIELDS)}")
    how = ImportAs(
        list_id, version, title, instrument, published.date(), commences.date(), _day(None), dict(pairs)
    )
    take = import_yaml if source.suffix.lower() in (".yaml", ".yml") else import_csv
    made = take(source.read_bytes(), how)
    with storage_guard(f"writing {out}"):
        out.write_text(yaml.safe_dump(dict(made.document), allow_unicode=True, sort_keys=False), "utf-8")
    obj = {"ok": True, "path": str(out), "entries": len(made.entries), "sha256": made.digest.hex()}
    output.answer(obj, lambda: fields([("path", str(out)), ("entries", str(len(made.entries)))]))


@control.command()
@click.argument("source", type=FILE)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Signed list to write.")
@click.option("--beside", type=FILE, help="A signed file of the same list by somebody else: sign beside it.")
@json_option
@click.pass_obj
def sign(settings: Settings, source: Path, out: Path, beside: Path | None, output: Output) -> None:
    """Sign a list file with this home's licence key; two offices' signatures release a list."""
    from sealtrace.catalogue.lists import load_yaml, read_list
    from sealtrace.catalogue.signed import sign_list
    from sealtrace.custody.home import storage_guard
    from sealtrace.licences.issuing import signing_key

    document = load_yaml(source.read_bytes())
    with custody_of(settings) as custody:
        data = sign_list(document, signing_key(custody.office), beside.read_bytes() if beside else None)
    with storage_guard(f"writing {out}"):
        out.write_bytes(data)
    digest = read_list(document).digest.hex()
    output.answer(
        {"ok": True, "path": str(out), "sha256": digest}, fields([("path", str(out)), ("identity", digest)])
    )


@control.command("verify")
@click.argument("source", type=FILE)
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    type=FILE,
    help="A trusted signer's public key, PEM; repeat.",
)
@click.option(
    "--needed", type=click.IntRange(1, 16), default=2, show_default=True, help="How many must have signed."
)
@json_option
def verify_list(source: Path, keys: tuple[Path, ...], needed: int, output: Output) -> None:
    """Check a signed list: enough of the trusted keys signed it, and it is whole."""
    from sealtrace.catalogue.signed import open_list
    from sealtrace.licences.issuing import read_key

    made = open_list(source.read_bytes(), [read_key(path.read_bytes()) for path in keys], needed)
    obj = {
        "ok": True,
        "id": made.id,
        "version": made.version,
        "sha256": made.digest.hex(),
        "entries": len(made.entries),
    }
    output.answer(obj, fields([("name", f"{made.id} {made.version}"), ("identity", made.digest.hex())]))


def _day(given: datetime | None) -> date:
    from sealtrace.licences.states import day_of

    return given.date() if given else day_of(datetime.now(UTC))
