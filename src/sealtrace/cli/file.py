"""`sealtrace file`: register, watch, list, show, report, view, label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.model import RegisteredFile, Version
    from sealtrace.custody.register import Refused

LEVELS = click.Choice(["core", "important", "general"])
PARTLY = 3


@click.group()
def file() -> None:
    """Registered files: register, watch a folder, list, show, mark report, view a page, label."""


@file.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--level", type=LEVELS, default="general", show_default=True, help="How secret the files are.")
@click.option("--title", help="Title; by default the document's own, else its file name.")
@click.option("--new-version-of", "code", help="Register as the next version of this file code.")
@click.option(
    "--uncertainty",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with the declared measurement uncertainty of table columns.",
)
@click.option(
    "--row-order-free", is_flag=True, help="The order of the rows says nothing: give each copy its own."
)
@click.option(
    "--decoy-rows", is_flag=True, help="Rows that were never measured may stand in copies: give each its own."
)
@click.option(
    "--notice",
    type=click.Choice(["beside", "comment", "member"]),
    help="Where the notice of a marked copy goes if its format has no place: a file beside it (the rule), a first"
    " line with # (CSV, TSV), a member of the object (JSON).",
)
@click.option(
    "--opaque", is_flag=True, help="Do not parse the content; the file can then be traced whole only."
)
@click.option("--dry-run", is_flag=True, help="Tell what would be registered, write nothing.")
@json_option
@click.pass_obj
def register(
    settings: Settings,
    paths: tuple[Path, ...],
    level: str,
    title: str | None,
    code: str | None,
    uncertainty: Path | None,
    row_order_free: bool,
    decoy_rows: bool,
    notice: str | None,
    opaque: bool,
    dry_run: bool,
    output: Output,
) -> int:
    """Register files (folders are walked). Bytes already registered answer with their code."""
    from sealtrace.custody.register import Refused, preview
    from sealtrace.custody.uncertainty import read_uncertainty

    if code is not None and len(paths) != 1:
        raise UsageProblem("--new-version-of takes exactly one file")
    declared = read_uncertainty(uncertainty) if uncertainty else None
    with custody_of(settings) as custody:
        if dry_run:
            rows = preview(custody.office, paths, opaque=opaque)
            output.answer(
                {"ok": True, "dry_run": True, "files": rows},
                lambda: table(
                    [words.say("path"), words.say("kind"), words.say("note")],
                    [(str(r["path"]), r["kind"] or "", str(r["note"])) for r in rows],
                ),
            )
            return 0
        results = list(
            custody.register_each(
                paths, level=level, title=title, new_version_of=code, uncertainty=declared, opaque=opaque,
                order_free=row_order_free, decoys_safe=decoy_rows, notice=notice,
            )
        )  # fmt: skip
    done = [r for r in results if not isinstance(r, Refused)]
    refused = [r for r in results if isinstance(r, Refused)]
    return _report_registered(done, refused, output)


def _report_registered(done: list[RegisteredFile], refused: list[Refused], output: Output) -> int:
    if refused and not done:
        raise refused[0].error
    obj: dict[str, Any] = {"ok": True, "files": [r.as_dict() for r in done]}
    if refused:
        obj["refused"] = [{"path": str(r.path), **r.error.as_dict()} for r in refused]
    output.answer(
        obj,
        lambda: table(
            [words.say(w) for w in ("code", "version", "kind", "path", "note")],
            [(str(r.code), str(r.version), str(r.kind), r.path.name, "; ".join(r.notes)) for r in done],
        ),
    )
    for r in refused:
        output.failure_beside(r.error)
    return PARTLY if refused else 0


@file.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--level", type=LEVELS, default="general", show_default=True, help="How secret the files are.")
@click.option("--once", is_flag=True, help="Register what is there now, then stop.")
@click.option("--settle", default=1.0, show_default=True, help="Seconds a file must rest before it is read.")
@json_option
@click.pass_obj
def watch(settings: Settings, folder: Path, level: str, once: bool, settle: float, output: Output) -> int:
    """Register what appears or changes in a folder; changed content becomes a new version.

    Runs until interrupted and gives one JSON object a line with --json. Temporary and hidden files are
    left alone. What was registered is remembered in the home, so a restart takes up where it stopped.
    """
    from sealtrace.custody.watch import Watched, watch_folder

    refused = 0
    with custody_of(settings) as custody:
        for event in watch_folder(custody.office, folder, level=level, once=once, settle_s=settle):
            if isinstance(event, Watched):
                registered = event.file
                output.answer(
                    {"ok": True, **registered.as_dict()},
                    f"{registered.code}@{registered.version}  {registered.path}",
                )
            else:
                refused += 1
                output.failure(event.error)
    return PARTLY if refused and once else 0


@file.command("list")
@json_option
@click.pass_obj
def list_files(settings: Settings, output: Output) -> None:
    """List every registered version."""
    with custody_of(settings) as custody:
        versions = list(custody.versions())
    output.answer(
        {"ok": True, "files": [_version_dict(v) for v in versions]},
        lambda: table(
            [words.say(w) for w in ("code", "version", "level", "kind", "title", "registered")],
            [
                (str(v.code), str(v.version), str(v.level), str(v.kind), v.title, v.registered_at[:19])
                for v in versions
            ],
        ),
    )


def _version_dict(v: Version) -> dict[str, object]:
    return {
        "code": str(v.code),
        "urn": v.code.urn,
        "version": v.version,
        "title": v.title,
        "level": str(v.level),
        "kind": str(v.kind),
        "name": v.name,
        "size_bytes": v.size_bytes,
        "pages": v.pages,
        "sha256": v.sha256.hex(),
        "iscc": v.iscc,
        "registered_at": v.registered_at,
        "entry": v.entry,
    }


@file.command()
@click.argument("code")
@json_option
@click.pass_obj
def show(settings: Settings, code: str, output: Output) -> None:
    """Show one file: all its versions and how many copies each has."""
    with custody_of(settings) as custody:
        chain = custody.chain(code)
    obj = {"ok": True, "versions": [{**_version_dict(v), "copies": n} for v, n in chain]}

    def text() -> str:
        newest = chain[-1][0]
        head = fields(
            [
                ("code", f"{newest.code}    {newest.code.urn}"),
                ("title", newest.title),
                ("level", str(newest.level)),
            ]
        )
        rows = [
            (str(v.version), str(v.kind), f"{v.size_bytes:,}", v.registered_at[:19], str(n), v.iscc)
            for v, n in chain
        ]
        names = [words.say(w) for w in ("version", "kind", "size", "registered", "copies", "identity")]
        return f"{head}\n\n{table(names, rows)}"

    output.answer(obj, text)


@file.command()
@click.argument("code")
@json_option
@click.pass_obj
def report(settings: Settings, code: str, output: Output) -> None:
    """Mark report: what each page or table can carry, and the smallest piece that can be traced."""
    with custody_of(settings) as custody:
        found = custody.mark_report(code)
    output.answer({"ok": True, "code": code, **found.to_dict()}, lambda: found.to_text(words.language()))


@file.command()
@click.argument("code")
@click.option("--page", type=int, default=1, show_default=True, help="Page number, from 1.")
@click.option("--to", "operator", required=True, help="Operator who looks.")
@click.option("--device", required=True, help="Registered device.")
@click.option("--ip", required=True, help="Address the request came from.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PNG file to write.")
@json_option
@click.pass_obj
def view(
    settings: Settings, code: str, page: int, operator: str, device: str, ip: str, out: Path, output: Output
) -> None:
    """Look at one page as an individually marked picture."""
    from sealtrace.custody.model import Recipient

    with custody_of(settings) as custody:
        shown = custody.view(code, page, Recipient(operator, device, ip), out)
    output.answer({"ok": True, "copy": shown.as_dict()}, f"{shown.id}  {out}")


@file.command()
@click.argument("code")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="SVG or PNG file to write.")
@json_option
@click.pass_obj
def label(settings: Settings, code: str, out: Path, output: Output) -> None:
    """Write the file's code as a QR label (its URN), for binders and carriers."""
    from sealtrace.custody.label import write_label

    with custody_of(settings) as custody:
        version = custody.version(code)
    write_label(version.code, out)
    output.answer(
        {"ok": True, "code": str(version.code), "urn": version.code.urn, "path": str(out)}, str(out)
    )
