"""How answers look: one JSON object on stdout, or plain aligned text; talk goes to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from sealtrace.errors import SealtraceError, UsageProblem

from . import words

if TYPE_CHECKING:
    from sealtrace.ledger.model import Entry


class Output:
    """Writes one command's answer in the form that was asked for."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def answer(self, obj: Mapping[str, Any], text: Callable[[], str] | str) -> None:
        """Give the answer: the object with --json, else the text."""
        if self.as_json:
            click.echo(json.dumps(obj, ensure_ascii=False))
        else:
            click.echo(text if isinstance(text, str) else text())

    def failure(self, error: SealtraceError) -> None:
        """Tell what went wrong and what to do; the object on stdout with --json, else words on stderr."""
        if self.as_json:
            click.echo(json.dumps(error.as_dict(), ensure_ascii=False))
        click.echo(f"sealtrace: {error.message}\n  {error.hint}  [{error.code}]", err=True)

    def failure_beside(self, error: SealtraceError) -> None:
        """Tell on stderr about one part that failed while others were done."""
        click.echo(f"sealtrace: {error.message}\n  {error.hint}  [{error.code}]", err=True)

    def note(self, text: str) -> None:
        """Say something beside the answer."""
        if not self.as_json:
            click.echo(text, err=True)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json and hand the command an Output as `output`."""

    def take(_ctx: click.Context, _param: click.Parameter, value: bool) -> Output:
        return Output(as_json=value)

    return click.option(
        "--json", "output", is_flag=True, callback=take, help="Give one JSON object on standard output."
    )(function)


def dry_run_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --dry-run: check everything, tell what would be done, write nothing."""
    return click.option("--dry-run", is_flag=True, help="Tell what would be done, write nothing.")(function)


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --yes, for what can't be undone."""
    return click.option("--yes", is_flag=True, help="Do not ask again; this can't be undone.")(function)


def confirmed(question: str, *, yes: bool) -> None:
    """Ask before what can't be undone.

    Raises:
        UsageProblem: nobody is there to ask, and --yes was not given.
        click.Abort: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageProblem("this can't be undone, and there is no terminal to ask at", advice="Give --yes.")
    click.confirm(question, abort=True, err=True)


def entry_fields(entry: Entry) -> dict[str, object]:
    """An entry in an answer."""
    return {"index": entry.index, "leaf": entry.leaf.hex()}


def width(text: str) -> int:
    """Columns a text takes on a terminal: wide characters take two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out rows under their heads, aligned for mixed Chinese and Latin text."""
    lines = [list(map(str, head)), *[list(map(str, row)) for row in rows]]
    widths = [max(width(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def fields(pairs: Iterable[tuple[str, str]]) -> str:
    """Lay out name and value lines."""
    kept = [(words.say(name), value) for name, value in pairs]
    wide = max((width(name) for name, _ in kept), default=0)
    return "\n".join(f"{name}{' ' * (wide - width(name))}  {value}" for name, value in kept)


class Bar:
    """A progress bar on a terminal; silent elsewhere. Called with (done, total)."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=None)
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=total)
