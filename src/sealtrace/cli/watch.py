"""`sealtrace watch`: score pairs without a home; screen one published roster; review what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sealtrace.errors import UsageProblem

from . import words
from .acting import MOMENT, Desk, acting, either
from .show import Output, fields, json_option


@click.group()
def watch() -> None:
    """Screening: compare names across scripts and spellings, with and without context."""


@watch.command()
@click.option(
    "--names",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV with the columns left,right: a name, and what may be a spelling of it.",
)
@click.option(
    "--persons",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV with left_name, left_employer, left_speciality, left_school, left_birth and the same of the right.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV to write: the rows with scores.",
)
@json_option
def score(names: Path | None, persons: Path | None, out: Path, output: Output) -> None:
    """Score pairs from 0 to 1, row by row; nothing is kept and no case comes of it.

    A high score on a name alone says that the spelling fits, not that it is the person: the output says how many
    others in a million the spelling fits too. Columns about relatives are refused.
    """
    from sealtrace.watch import service

    if (names is None) == (persons is None):
        raise UsageProblem("give either --names or --persons")
    if names is not None:
        rows = service.score_names(names, out)
    else:
        assert persons is not None
        rows = service.score_persons(persons, out)
    output.answer(
        {"ok": True, "path": str(out), "rows": rows},
        lambda: f"{fields([('path', str(out)), ('rows', f'{rows:,}')])}\n{words.say('name alone')}",
    )


@watch.command()
@click.argument("roster", type=click.Path(path_type=Path))
@click.option("--source", required=True, help="Address where it was published.")
@click.option("--publisher", required=True, help="Who published it.")
@click.option("--purpose", required=True, help="What it is looked at for.")
@click.option("--lawful-because", required=True, help="Why it may be used for that.")
@click.option("--activity", required=True, help="The roster's field, as in the restrictions' scope.")
@click.option("--territory", required=True, help="Its country, of two letters.")
@click.option("--retrieved", type=MOMENT, required=True, help="When it was retrieved.")
@click.option(
    "--column", "columns", multiple=True, nargs=2, metavar="FIELD HEADING",
    help="Which heading is name, employer, speciality, school or birth; repeat.",
)  # fmt: skip
@acting
def screen(
    desk: Desk, roster: Path, source: str, publisher: str, purpose: str, lawful_because: str, activity: str,
    territory: str, retrieved: datetime, columns: tuple[tuple[str, str], ...],
) -> Mapping[str, Any]:  # fmt: skip
    """Compare one published ROSTER (CSV, XLSX, HTML, PDF) with people under a restriction that covers it.

    Without such a person the file is not read. A row that fits by its name alone is counted and not kept.
    """
    from sealtrace.watch import desk as screening

    declared = screening.Source(source, publisher, purpose, lawful_because, activity, territory, retrieved)
    done = screening.screen(desk.office, desk.me, roster, declared, desk.now, columns=dict(columns))
    return {"screened": done, "note": words.say("name alone")}


@watch.command("list")
@acting
def list_waiting(desk: Desk) -> Mapping[str, Any]:
    """List candidates that wait for a step; no names, no reasons."""
    from sealtrace.watch import desk as screening

    return {"candidates": screening.waiting(desk.office, desk.me, desk.now)}


@watch.command()
@acting
def rosters(desk: Desk) -> Mapping[str, Any]:
    """List the rosters that were screened, with digest, source and declared purpose."""
    from sealtrace.watch import candidates

    return {"rosters": candidates.rosters(desk.office)}


@watch.command()
@click.argument("candidate")
@click.option(
    "--whole", is_flag=True, help="With the restriction: for the second reviewer, never for the first."
)
@acting
def card(desk: Desk, candidate: str, whole: bool) -> Mapping[str, Any]:
    """Show a CANDIDATE side by side with the person; the first reviewer does not see why."""
    from sealtrace.watch import desk as screening

    view = screening.second_view if whole else screening.first_view
    return {"card": view(desk.office, desk.me, candidate, desk.now)}


@watch.command()
@click.argument("candidate")
@click.option("--same", is_flag=True, help="The row is the person.")
@click.option("--other", is_flag=True, help="The row is somebody else.")
@click.option("--second", is_flag=True, help="The second review, knowing the reason.")
@click.option("--reasons", required=True, help="Why.")
@acting
def review(
    desk: Desk, candidate: str, same: bool, other: bool, second: bool, reasons: str
) -> Mapping[str, Any]:
    """Review a CANDIDATE: two people, the first blind to the reason."""
    from sealtrace.watch import desk as screening

    yes = either(same, other, "--same, --other")
    step = screening.review_second if second else screening.review_first
    return {"state": step(desk.office, desk.me, candidate, reasons, desk.now, same=yes).state}


@watch.command()
@click.argument("candidate")
@click.argument("answer")
@acting
def hear(desk: Desk, candidate: str, answer: str) -> Mapping[str, Any]:
    """Record what the person answered, before any allegation."""
    from sealtrace.watch import desk as screening

    return {"state": screening.hear(desk.office, desk.me, candidate, answer, desk.now).state}


@watch.command("open-case")
@click.argument("candidate")
@click.option("--reasons", required=True, help="Why; the person reads it.")
@acting
def open_case(desk: Desk, candidate: str, reasons: str) -> Mapping[str, Any]:
    """Open a case on a confirmed CANDIDATE whose person was heard. A name alone never opens one."""
    from sealtrace.watch import desk as screening

    return {"state": screening.open_case(desk.office, desk.me, candidate, reasons, desk.now).state}


@watch.command()
@click.argument("candidate")
@click.option("--reasons", required=True, help="Why.")
@acting
def reject(desk: Desk, candidate: str, reasons: str) -> Mapping[str, Any]:
    """Reject a CANDIDATE: somebody else, or lawfully there. The pair is not shown again."""
    from sealtrace.watch import desk as screening

    return {"entry": screening.reject(desk.office, desk.me, candidate, reasons, desk.now)}
