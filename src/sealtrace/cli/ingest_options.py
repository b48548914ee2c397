"""Options of `sealtrace ingest` and what they mean: the source, the shape of rows, times, nodes, secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from .show import dry_run_option, json_option

if TYPE_CHECKING:
    from sealtrace.ingest.model import Source
    from sealtrace.ingest.rows import Shape

LEVELS = click.Choice(["core", "important", "general"])
Options = dict[str, Any]


def collecting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every collecting verb, handed on as one dictionary with the verb's own."""
    for option in (
        click.option("--name", required=True, help="Name of the source in this home."),
        click.option(
            "--batch", "cut", default="hour", show_default=True,
            help="Seal by hour, day, rows:N samples, lot:TAG or campaign:TAG.",
        ),
        click.option(
            "--grace", default=60.0, show_default=True,
            help="Seconds to wait for late data after a window's end, and to gather what comes later still.",
        ),
        click.option("--period", type=float, help="Seconds between readings of a tag; longer silences are gaps."),
        click.option("--level", type=LEVELS, default="general", show_default=True, help="How secret the data is."),
        click.option(
            "--uncertainty", type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="YAML with the declared measurement uncertainty of tags, so that copies can be marked.",
        ),
        click.option("--once", is_flag=True, help="Take what is there, seal what is due, then stop."),
        click.option("--close", is_flag=True, help="With --once: seal what waits, too, due or not."),
        click.option("--poll", default=5.0, show_default=True, help="Seconds between two looks at the source."),
        click.option(
            "--receipts", type=click.Path(path_type=Path, file_okay=False),
            help="Folder to write each batch's receipt to.",
        ),
        dry_run_option,
        json_option,
    ):  # fmt: skip
        function = option(function)
    return function


def table_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How rows become samples."""
    for option in (
        click.option("--time", "time_column", required=True, help="Column of source times."),
        click.option("--tag", help="Column that names the tag, when each row is one reading."),
        click.option(
            "--column", "columns", multiple=True, help="A value column; repeat. By default all others."
        ),
        click.option("--timezone", default="UTC", show_default=True, help="Zone of times that name none."),
        click.option(
            "--epoch", default="s", show_default=True, help="Unit of times given as numbers: s, ms, us."
        ),
    ):
        function = option(function)
    return function


def source_of(kind: str, place: str, options: Options) -> Source:
    """The source the options describe. Raises UsageProblem."""
    from sealtrace.custody.model import Level
    from sealtrace.custody.uncertainty import read_uncertainty
    from sealtrace.ingest.model import Cut, Source

    declared = read_uncertainty(options["uncertainty"]) if options["uncertainty"] else None
    cut = Cut.parse(options["cut"])
    return Source(
        options["name"],
        kind,
        place,
        cut,
        options["grace"],
        options["period"],
        Level(options["level"]),
        declared,
    )


def shape_of(options: Options, leave: tuple[str, ...] = ()) -> Shape:
    """How rows are to be read; `leave` names columns that hold no values. Raises UsageProblem."""
    from sealtrace.ingest.model import Cut
    from sealtrace.ingest.rows import Shape

    return Shape(
        options["time_column"], options["tag"], options["columns"], leave, Cut.parse(options["cut"]).tag,
        options["timezone"], options["epoch"],
    )  # fmt: skip


def secret_of(path: Path | None) -> str | None:
    """A password from its file, without its line end. Raises UsageProblem."""
    if path is None:
        return None
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageProblem(f"the password file can't be read: {e}") from e


def node_of(text: str) -> tuple[str, str]:
    """NODEID or NODEID=NAME, where the id is written such as ns=2;s=flow."""
    parts = text.split(";")
    node, _, name = parts[-1].partition("=")[2].partition("=")
    return ";".join([*parts[:-1], f"{parts[-1].partition('=')[0]}={node}"]), name


def moment_of(text: str | None) -> datetime | None:
    """A time as typed; without a zone it is UTC."""
    from sealtrace.ingest.model import moment
    from sealtrace.ingest.rows import Shape, time_us

    return None if text is None else moment(time_us(text, Shape("since")))
