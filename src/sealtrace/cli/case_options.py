"""Words that every verb of `sealtrace case` takes, and how its answer looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option

if TYPE_CHECKING:
    from sealtrace.cases.files import Done
    from sealtrace.cases.model import Actor
    from sealtrace.custody.service import Custody

DEPARTMENTS = click.Choice(["customs", "commerce", "industry", "police"])


class Step:
    """What a verb of a case was called with: home, person, key; and how to answer."""

    def __init__(self, settings: Settings, by: str, key: str | None, dry_run: bool, output: Output) -> None:
        from sealtrace.cases.model import Actor

        self.settings, self.output = settings, output
        self.by: Actor = Actor.parse(by)
        self.more: dict[str, Any] = {"key": key, "dry_run": dry_run}

    def home(self) -> AbstractContextManager[Custody]:
        """Open the home."""
        return custody_of(self.settings)

    def tell(self, done: Done) -> None:
        """Answer with what was done."""
        obj = {"ok": True, "dry_run": self.more["dry_run"], **done.as_dict()}
        self.output.answer(obj, lambda: fields([
            ("case", done.case), ("item", done.act.item or "—"), ("done", done.act.what.value),
            ("state", done.item.state if done.item else "—"),
            ("entry", str(done.act.entry) if done.act.leaf else "—"),
            *([("note", words.say("posted before"))] if done.replayed else []),
        ]))  # fmt: skip


def person_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as."""
    return click.option(
        "--as", "by", required=True, metavar="NAME@DEPARTMENT", help="Who does it, and for which department."
    )(function)


def step_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every verb that does something in a case; the verb gets them as one `step`."""

    def run(settings: Settings, by: str, key: str | None, dry_run: bool, output: Output, **more: Any) -> Any:
        return function(Step(settings, by, key, dry_run, output), **more)

    run.__doc__, run.__name__ = function.__doc__, function.__name__
    made: Callable[..., Any] = run
    if hasattr(function, "__click_params__"):
        made.__click_params__ = function.__click_params__  # type: ignore[attr-defined]
    made = click.option("--key", help="Idempotency key: the same request with it is done once.")(made)
    made = click.option("--dry-run", is_flag=True, help="Judge it, tell what would be done, write nothing.")(
        made
    )
    return json_option(person_option(click.pass_obj(made)))


def when(text: str | None) -> datetime:
    """Read a time: ISO 8601; without an offset it is UTC. Raises UsageProblem."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        raise UsageProblem(f"{text!r} is no time written YYYY-MM-DDTHH:MM") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def text_option(name: str, text: str, *, required: bool = True) -> Callable[..., Any]:
    """Add an option that takes a text."""
    return click.option(name, required=required, default=None if required else "", help=text)
