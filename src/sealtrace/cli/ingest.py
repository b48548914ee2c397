"""`sealtrace ingest`: collect live data from OPC UA, SQL and folders; list and show sealed batches."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .ingest_options import (
    Options,
    collecting,
    moment_of,
    node_of,
    secret_of,
    shape_of,
    source_of,
    table_options,
)
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody
    from sealtrace.ingest.collect import Collector, Live
    from sealtrace.ingest.model import Batch, Source

PARTLY = 3


@click.group()
def ingest() -> None:
    """Live production data: collect it, seal it in registered batches, list and show them."""


@ingest.command()
@click.argument("url")
@click.option("--table", "table_name", required=True, help="Table or view, as NAME or SCHEMA.NAME.")
@click.option("--by", help="Column that grows, a key or a time; by default the column of source times.")
@click.option(
    "--overlap", default=0.0, show_default=True,
    help="How far back each look starts, for rows committed late: seconds, or units of a numeric key.",
)  # fmt: skip
@click.option(
    "--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the database password, to keep it off the command line.",
)  # fmt: skip
@table_options
@collecting
@click.pass_obj
def sql(settings: Settings, /, url: str, output: Output, **options: Any) -> int:
    """Collect new rows of a table of any database that SQLAlchemy speaks to, such as sqlite:///PATH."""
    from sealtrace.ingest.sql import SqlCollector, Where

    key = options["by"] or options["time_column"]
    where = Where(options["table_name"], key, options["overlap"])
    collector = SqlCollector(url, where, shape_of(options, leave=(key,)), secret_of(options["password_file"]))
    try:
        with custody_of(settings) as custody:
            return _collect(custody, collector, source_of("sql", collector.place, options), options, output)
    finally:
        collector.close()


@ingest.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--encoding", default="utf-8", show_default=True, help="Text encoding, such as gb18030.")
@click.option(
    "--settle",
    default=5.0,
    show_default=True,
    help="Seconds a file must rest before an unended line is taken.",
)
@table_options
@collecting
@click.pass_obj
def folder(settings: Settings, /, path: Path, output: Output, **options: Any) -> int:
    """Collect rows appended to a folder's CSV, TSV, JSONL and Parquet files."""
    from sealtrace.ingest.folder import FolderCollector

    with custody_of(settings) as custody:
        collector = FolderCollector(
            path,
            shape_of(options),
            custody.office.clock,
            encoding=options["encoding"],
            rest_s=options["settle"],
        )
        return _collect(custody, collector, source_of("folder", collector.place, options), options, output)


@ingest.command()
@click.argument("url")
@click.option(
    "--node", "nodes", multiple=True, help="Node to follow, as NODEID or NODEID=NAME; by default all."
)
@click.option("--user", help="User name at the server.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with its password.",
)
@click.option("--security", help="Security: POLICY,MODE,CERTIFICATE,KEY[,SERVER_CERTIFICATE].")
@click.option("--publish", default=500.0, show_default=True, help="Milliseconds between publications.")
@click.option("--sample", default=100.0, show_default=True, help="Milliseconds between the server's samples.")
@click.option(
    "--since", help="Also take the server's history from this time on (ISO 8601), at the first start."
)
@collecting
@click.pass_obj
def opcua(settings: Settings, /, url: str, output: Output, **options: Any) -> int:
    """Collect from an OPC UA server: history for what was missed, then every change as it is published."""
    from sealtrace.ingest.opcua import follow
    from sealtrace.ingest.opcua_link import Link, Tag, names_of, place_of

    link = Link(
        url, options["user"], secret_of(options["password_file"]), options["security"],
        options["publish"], options["sample"],
    )  # fmt: skip
    tags = [Tag(*node_of(text)) for text in options["nodes"]]
    source = source_of("opcua", place_of(url), options)
    since = moment_of(options["since"])
    _quiet()
    with custody_of(settings) as custody:
        if options["dry_run"]:
            names = asyncio.run(names_of(link, tags))
            output.answer(
                {"ok": True, "dry_run": True, "source": source.name, "tags": names}, "\n".join(names)
            )
            return 0
        from sealtrace.ingest.collect import live

        with live(custody, source) as held:
            report = _Report(custody, held, options, output)

            async def pause() -> None:
                await asyncio.sleep(options["poll"])

            asyncio.run(
                follow(
                    held, link, tags, once=options["once"], close=options["close"], since=since,
                    sealed=report.sealed, pause=pause,
                )
            )  # fmt: skip
            return report.end()


def _collect(custody: Custody, collector: Collector, source: Source, options: Options, output: Output) -> int:
    from sealtrace.ingest.collect import known_state, live, preview, run

    if options["dry_run"]:
        samples, notes = preview(collector, known_state(custody, source.name))
        answer = {"ok": True, "dry_run": True, "source": source.name, "samples": samples, "notes": notes}
        output.answer(answer, f"{words.say('samples')}: {samples}\n" + "\n".join(notes))
        return 0
    with live(custody, source) as held:
        report = _Report(custody, held, options, output)
        for batch in run(
            held,
            collector,
            once=options["once"],
            close=options["close"],
            wait=lambda: time.sleep(options["poll"]),
        ):
            report.sealed(batch)
        return report.end()


class _Report:
    """Tells of sealed batches: each as it is sealed, or all at the end of --once."""

    def __init__(self, custody: Custody, held: Live, options: Options, output: Output) -> None:
        if options["close"] and not options["once"]:
            raise UsageProblem("--close needs --once")
        self._custody, self._live, self._output = custody, held, output
        self._once, self._receipts = options["once"], options["receipts"]
        if not self._once:  # which runs on and on: notes are told as they come
            held.tell = output.note
        self._before, self._batches = held.held.taken, list[dict[str, Any]]()

    def sealed(self, batch: Batch) -> None:
        """Tell of one batch, and write its receipt."""
        told = batch.as_dict()
        if self._receipts is not None:
            entry = self._custody.office.entry(batch.entry)
            told["receipt"] = str(self._custody.write_receipt(entry, self._receipts))
        if self._once:
            self._batches.append(told)
        else:
            self._output.answer({"ok": True, **told}, f"{batch.code}  {batch.window}  {told['samples']}")

    def end(self) -> int:
        """Tell what was taken; exit code 3 when something of the source could not be."""
        held = self._live
        answer = {
            "ok": True,
            "source": held.held.source.name,
            "taken": held.held.taken - self._before,
            "waiting": held.waiting(),
            "batches": self._batches,
            "notes": held.noted,
        }
        self._output.answer(answer, lambda: _told(answer))
        return PARTLY if held.noted else 0


def _told(answer: dict[str, Any]) -> str:
    head = fields(
        [("source", answer["source"]), ("taken", str(answer["taken"])), ("waiting", str(answer["waiting"]))]
    )
    parts = [head, _batch_table(answer["batches"])] if answer["batches"] else [head]
    return "\n\n".join([*parts, *(["\n".join(answer["notes"])] if answer["notes"] else [])])


def _batch_table(batches: Iterable[dict[str, Any]]) -> str:
    columns = ("duplicates", "conflicts", "gaps", "clock_jumps", "late")
    names = ["code", "source", "window", "samples", *(c.replace("_", " ") for c in columns), "corrects"]
    return table(
        [words.say(name) for name in names],
        [
            (
                b["code"], b["source"], b["window"][:19] or "-", str(b["samples"]),
                *(str(b["findings"][c]) for c in columns), b["corrects"] or "",
            )
            for b in batches
        ],
    )  # fmt: skip


@ingest.command("list")
@click.option("--source", help="Only this source.")
@json_option
@click.pass_obj
def list_batches(settings: Settings, source: str | None, output: Output) -> None:
    """List sources, what waits in them, and sealed batches with what was found in each."""
    from sealtrace.ingest import service

    with custody_of(settings) as custody:
        standings = [s.as_dict() for s in service.standings(custody) if source in (None, s.name)]
        batches = [b.as_dict() for b in service.batches(custody, source)]

    def text() -> str:
        names = ("source", "kind", "place", "taken", "waiting", "batches")
        sources = [
            (s["name"], s["kind"], s["place"], str(s["taken"]), str(s["waiting"]), str(s["batches"]))
            for s in standings
        ]
        return f"{table([words.say(n) for n in names], sources)}\n\n{_batch_table(batches)}"

    output.answer({"ok": True, "sources": standings, "batches": batches}, text)


@ingest.command()
@click.argument("code")
@json_option
@click.pass_obj
def show(settings: Settings, code: str, output: Output) -> None:
    """Show one sealed batch: its gaps, duplicates, clock jumps and late data, and what corrects it."""
    from sealtrace.ingest import service

    with custody_of(settings) as custody:
        batch, corrections = service.batch(custody, code)
    told = batch.as_dict() | {"corrections": [c.as_dict() for c in corrections]}

    def text() -> str:
        found = told["findings"]
        head = fields(
            [
                ("code", batch.code), ("source", batch.source), ("window", batch.window), ("entry", str(batch.entry)),
                ("corrects", batch.corrects or "-"), ("samples", str(told["samples"])),
                ("tags", ", ".join(told["tags"])), ("identity", batch.sha256.hex()),
            ]
        )  # fmt: skip
        lines = [
            *(f"{words.say('gaps')}: {g['tag']}  {g['after']} … {g['before']}" for g in found["gap_list"]),
            *(
                f"{words.say('clock jumps')}: {j['tag']}  {j['from']} → {j['to']}"
                for j in found["clock_jump_list"]
            ),
            *(
                f"{words.say('conflicts')}: {c['tag']}  {c['at']}  {c['kept']} / {c['dropped']}"
                for c in found["conflict_list"]
            ),
            *(f"{words.say('note')}: {n}" for n in found["notes"]),
        ]
        return "\n\n".join(filter(None, (head, _batch_table([told, *told["corrections"]]), "\n".join(lines))))

    output.answer({"ok": True, "batch": told}, text)


@ingest.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=4840, show_default=True, help="Port to listen at.")
@click.option("--every", default=1.0, show_default=True, help="Seconds between two readings.")
@click.option("--no-history", is_flag=True, help="Serve without history.")
@json_option
@click.pass_obj
def plant(_settings: Settings, host: str, port: int, every: float, no_history: bool, output: Output) -> None:
    """Serve a simulated separation cascade over OPC UA, to try collecting, until interrupted."""
    from sealtrace.clock import SystemClock
    from sealtrace.demo.plant.operation import steady
    from sealtrace.demo.plant.server import PlantServer

    _quiet()

    async def serve() -> None:
        async with PlantServer(
            host=host, port=port, history=not no_history, cascade=steady(), begin=SystemClock().now(),
            step_length=timedelta(seconds=every),
        ) as served:  # fmt: skip
            output.answer({"ok": True, "url": served.url}, f"{words.say('serving at')} {served.url}")
            while True:
                await asyncio.sleep(every)
                await served.step()

    asyncio.run(serve())


def _quiet() -> None:
    """Leave telling what went wrong to us: the OPC UA library also logs what it recovers from."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
