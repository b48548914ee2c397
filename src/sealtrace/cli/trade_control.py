"""`sealtrace trade lodge|leave|withdraw|blocked`: declarations that cite a licence, at the quantity ledger."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, fields, json_option, table


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def lodge(settings: Settings, paths: tuple[Path, ...], output: Output) -> int:
    """Judge declarations that cite a licence: reserved whole, or blocked. Exit code 1 when one is blocked.

    The files are those of `trade import`. A declaration without a licence is passed over; the same one again gets
    the same answer; a changed one is a correction.
    """
    from sealtrace.errors import SealtraceError
    from sealtrace.licences.declared import Control, Declared, State, lodge_many
    from sealtrace.trade.declarations import read

    found: list[Control] = []
    problems: list[dict[str, object]] = []
    with custody_of(settings) as custody:
        for path in paths:
            for batch in read(path):
                problems += [p.as_dict() for p in batch.problems]
                citing: list[Declared] = []
                for row in batch.frame.iter_rows(named=True):
                    if row["licence"]:
                        try:
                            citing.append(Declared.read(row))
                        except SealtraceError as e:
                            problems.append(
                                {"source": path.name, "declaration": row["decl_id"], "message": e.message}
                            )
                found += lodge_many(custody.office, citing)
    stopped = [c for c in found if c.state is State.BLOCKED]
    obj = {
        "ok": True, "lodged": len(found), "reserved": len(found) - len(stopped),
        "blocked": [c.as_dict() for c in stopped], "problems": problems,
    }  # fmt: skip
    output.answer(obj, lambda: "\n".join([
        fields([("lodged", f"{len(found):,}"), ("reserved", f"{len(found) - len(stopped):,}"),
                ("blocked", f"{len(stopped):,}")]),
        _table(stopped[:20]),
    ]).rstrip())  # fmt: skip
    for problem in problems[:10]:
        output.note(" ".join(str(v) for v in problem.values()))
    return 1 if stopped else 3 if problems else 0


def _table(controls: list) -> str:  # type: ignore[type-arg]  # Control, which is loaded late
    if not controls:
        return ""
    head = [words.say(w) for w in ("declaration", "licence", "code", "reasons")]
    return "\n" + table(head, [(c.declaration, c.licence, c.code, c.said) for c in controls])


@click.command()
@click.argument("declaration")
@json_option
@click.pass_obj
def leave(settings: Settings, declaration: str, output: Output) -> None:
    """The goods of a declaration leave: draw what it reserved, once."""
    from sealtrace.licences import declared

    from .licence_account import receipt_text

    with custody_of(settings) as custody:
        receipt = declared.leave(custody.office, declaration)
    output.answer(receipt.as_dict(), lambda: receipt_text(receipt))


@click.command()
@click.argument("declaration")
@json_option
@click.pass_obj
def withdraw(settings: Settings, declaration: str, output: Output) -> None:
    """A declaration is withdrawn: give back what it reserved, once."""
    from sealtrace.licences import declared

    from .licence_account import receipt_text

    with custody_of(settings) as custody:
        receipt = declared.withdraw(custody.office, declaration)
    output.answer(receipt.as_dict(), lambda: receipt_text(receipt))


@click.command()
@click.option("--licence", help="Only refusals at this licence.")
@json_option
@click.pass_obj
def blocked(settings: Settings, licence: str | None, output: Output) -> None:
    """List the declarations that the ledger refused, newest first, with the reason."""
    from sealtrace.licences import declared

    with custody_of(settings) as custody:
        found = declared.blocked(custody.office, licence=licence)
    output.answer(
        {"ok": True, "blocked": [c.as_dict() for c in found]},
        lambda: _table(found).lstrip() or words.say("not found"),
    )
