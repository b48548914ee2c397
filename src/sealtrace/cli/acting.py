"""What verbs about people share: who acts, at which second, and one way to answer in JSON or in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .opening import custody_of
from .show import Output, json_option, width
from .words_people import NAMES, TRANSLATED, VALUES

if TYPE_CHECKING:
    from sealtrace.custody.office import Office
    from sealtrace.people.duties import Actor

    from .main import Settings


if TYPE_CHECKING:
    _Type = click.ParamType[datetime]
else:
    _Type = click.ParamType


@dataclass(frozen=True, slots=True)
class Desk:
    """The open home, who acts at it, and the second it is."""

    office: Office
    me: Actor
    now: datetime


def acting(function: Callable[..., Mapping[str, Any]]) -> Callable[..., Any]:
    """Make a verb of a function that takes a Desk and gives an object: open the home, act as --as, answer."""

    def run(settings: Settings, operator: str, output: Output, **given: Any) -> int:
        from sealtrace.people.duties import human
        from sealtrace.people.moments import whole
        from sealtrace.rights.export import plain

        with custody_of(settings) as custody:
            desk = Desk(custody.office, human(operator), whole(custody.office.clock.now()))
            made = plain(function(desk, **given))
        wrong = bool(made.get("problems"))
        output.answer({"ok": not wrong, **made}, lambda: "\n".join(_lines(made)))
        return 1 if wrong else 0

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    acts_as = click.option(
        "--as", "operator", required=True, envvar="SEALTRACE_OPERATOR",
        help="Who acts: your account in the house. [env: SEALTRACE_OPERATOR]",
    )  # fmt: skip
    return acts_as(json_option(click.pass_obj(run)))


def _lines(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Lay an object out: names and values, lists below their name."""
    shown = {k: v for k, v in value.items() if v not in (None, "", [], {})}
    wide = max((width(_name(k)) for k, v in shown.items() if not isinstance(v, (dict, list))), default=0)
    for key, inner in shown.items():
        name = _name(key)
        if isinstance(inner, dict):
            yield f"{indent}{name}"
            yield from _lines(inner, indent + "  ")
        elif isinstance(inner, list):
            yield f"{indent}{name}"
            for one in inner:
                if isinstance(one, dict):
                    yield from _item(one, indent)
                else:
                    yield f"{indent}  {_word(key, one)}"
        else:
            yield f"{indent}{name}{' ' * (wide - width(name))}  {_word(key, inner)}"
    if not shown:
        yield f"{indent}{words.say('not found')}"


def _item(one: Mapping[str, Any], indent: str) -> Iterator[str]:
    for number, line in enumerate(_lines(one, "")):
        yield f"{indent}  {'- ' if number == 0 else '  '}{line}"


def _name(key: str) -> str:
    name = key.replace("_", " ")
    return NAMES.get(name, words.say(name)) if words.language() == "zh" else name


def _word(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    if isinstance(value, float):
        return f"{value:.3g}"
    text = str(value)
    return VALUES.get(text, text) if key in TRANSLATED and words.language() == "zh" else text


class Moment(_Type):
    """A day, or a time to the second with its zone; a day begins at midnight UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read 2026-01-31 or 2026-01-31T08:00:00Z."""
        if isinstance(value, datetime):
            return value
        try:
            if len(value) == 10:
                return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            read = datetime.fromisoformat(value)
            if read.tzinfo is None or read.microsecond:
                raise ValueError(value)
        except ValueError:
            self.fail(f"{value!r} is no day as 2026-01-31 and no time as 2026-01-31T08:00:00Z", param, ctx)
        return read.astimezone(UTC)


MOMENT = Moment()


def either(yes: bool | None, no: bool | None, names: str) -> bool:
    """Give the answer of a pair of flags. Raises UsageProblem unless exactly one is set."""
    if bool(yes) == bool(no):
        raise UsageProblem(f"give one of {names}")
    return bool(yes)
