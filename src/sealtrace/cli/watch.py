"""`sealtrace watch`: score. Comparing pairs of names or persons; needs no home and keeps nothing."""

from __future__ import annotations

from pathlib import Path

import click

from sealtrace.errors import UsageProblem

from . import words
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
