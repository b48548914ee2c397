"""`sealtrace trade`: import, rank, select, verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import SourceUnreachable, UsageProblem

from . import words
from .show import Output, fields, json_option, table
from .trade_control import blocked, leave, lodge, withdraw

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sealtrace.trade.model import Problem

SHOWN = 10
SHARED_PART_BYTES = 50_000_000
SCHEDULER_WAIT_S = 10


@click.group()
def trade() -> None:
    """Trade supervision: rank declarations with reasons, pick what to inspect, check a past draw."""


def _day(_ctx: click.Context, _param: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day (YYYY-MM-DD)") from None


@trade.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--book",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The book that keeps every version of every declaration; made when it is not there.",
)
@click.option(
    "--valid-from",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day from which corrections hold; by default a declaration's own date.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything, keep nothing.")
@json_option
def import_declarations(
    paths: tuple[Path, ...], book: Path, valid_from: datetime | None, dry_run: bool, output: Output
) -> int:
    """Import declarations from CSV, Parquet or JSON lines: the same row changes nothing, a changed one is a version.

    Exit code 3 when some rows could not be taken; each is named.
    """
    from sealtrace.trade.book import Book, Taken
    from sealtrace.trade.declarations import read

    done, rows = Taken(0, 0, 0), 0
    problems: list[Problem] = []
    with Book(book) as kept:
        for path in paths:
            for batch in read(path):
                day = valid_from.date() if valid_from else None
                done += kept.take(batch.frame, datetime.now(UTC), valid_from=day, dry_run=dry_run)
                problems += batch.problems
                rows += batch.rows
    answer = {
        "ok": True,
        "dry_run": dry_run,
        "rows": rows,
        "new": done.new,
        "corrected": done.corrected,
        "known": done.known,
        "problems": [p.as_dict() for p in problems],
    }
    output.answer(
        answer,
        lambda: fields(
            [
                ("rows", f"{rows:,}"),
                ("new", f"{done.new:,}"),
                ("corrected", f"{done.corrected:,}"),
                ("known already", f"{done.known:,}"),
            ]
        ),
    )
    return _told(problems, output)


@trade.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--inspected",
    type=click.Path(path_type=Path),
    help="Outcomes of inspections: decl_id, date, label (1 fraud, 0 clean).",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The ranking: decl_id, score, reasons; best first, every declaration.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    help="Language of the reasons. Default: that of the terminal.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes of this machine that weigh parts at the same time.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Weigh parts on a Dask cluster with this scheduler, such as tcp://10.0.0.5:8786; needs distributed.",
)
@click.option(
    "--scratch",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder for parts; on a cluster one that all machines share. Default: the system's.",
)
@json_option
def rank(
    folder: Path,
    inspected: Path | None,
    out: Path,
    language: str | None,
    processes: int,
    scheduler: str | None,
    scratch: Path | None,
    output: Output,
) -> int:
    """Rank every declaration of a folder, with reasons in words and numbers for those worth looking at.

    DIR holds declarations and, where there are any, licences, xrf and mirror, each as .csv, .parquet or .jsonl.
    Without --inspected, outcomes in the declarations' own column label_observed are used.
    """
    from sealtrace.trade.ranking import PART_BYTES, read_labels
    from sealtrace.trade.ranking import rank as rank_folder
    from sealtrace.trade.supervise import replace

    labels = None if inspected is None else read_labels(inspected)
    with _workers(processes, scheduler) as executor:
        size = PART_BYTES if executor is None else SHARED_PART_BYTES
        ranking = rank_folder(
            folder, labels=labels, language=language or words.language(), executor=executor, scratch=scratch,
            part_bytes=size,
        )  # fmt: skip
    frame = ranking.frame()
    replace(out, frame.write_csv())
    model = ranking.model
    answer = {
        "ok": True,
        "declarations": len(frame),
        "breaches": int(ranking.exact.sum()),
        "out": str(out),
        "model": None
        if model is None
        else {"outcomes": model.rows, "frauds": model.hits, "training_sha256": model.training_sha256},
        "problems": [p.as_dict() for p in ranking.problems],
    }
    first = list(frame.head(SHOWN).iter_rows())
    output.answer(
        answer,
        lambda: "\n".join(
            [
                fields(
                    [
                        ("declarations", f"{len(frame):,}"),
                        ("breaches", f"{answer['breaches']:,}"),
                        ("outcomes", f"{model.rows:,}" if model else "0"),
                    ]
                ),
                "",
                table(
                    [words.say("declaration"), words.say("score"), words.say("reasons")],
                    [(i, f"{s:.1f}", _short(r)) for i, s, r in first],
                ),
            ]
        ),
    )
    return _told(ranking.problems, output)


@contextmanager
def _workers(processes: int, scheduler: str | None) -> Iterator[Executor | None]:
    """The processes or machines that weigh parts; None for this process alone."""
    if scheduler:
        try:
            dask: Any = import_module("distributed")
        except ImportError:
            raise UsageProblem(
                "--scheduler needs the package distributed", advice="Install it: pip install distributed."
            ) from None
        try:
            client = dask.Client(scheduler, timeout=SCHEDULER_WAIT_S)
        except (OSError, TimeoutError, ValueError) as e:
            raise SourceUnreachable(f"no scheduler answers at {scheduler}: {e}") from e
        with client:
            yield client.get_executor()
    elif processes > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            yield pool
    else:
        yield None


def _short(line: str) -> str:
    first = line.split(" | ", 1)[0]
    return first if len(first) <= 90 else first[:89] + "…"


@trade.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--until",
    required=True,
    callback=_day,
    help="The last day to look at (YYYY-MM-DD); nothing later is read.",
)
@click.option(
    "--inspected",
    required=True,
    type=click.Path(path_type=Path),
    help="Outcomes of inspections so far: decl_id, date, label (1 fraud, 0 clean).",
)
@click.option(
    "--budget", required=True, type=click.IntRange(min=1), help="How many declarations can be inspected."
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The picks: decl_id, propensity, arm. Beside them OUT.draw.json, the record of the draw.",
)
@click.option(
    "--audit-share",
    type=float,
    default=0.10,
    show_default=True,
    help="Share of the budget drawn at random, 0.02 to 0.5.",
)
@click.option(
    "--window",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="Days back from --until in which goods can still be inspected.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help=(
        "Key of the random draw, made when it is not there. Default: OUT.key. Keep it secret until "
        "the round is over."
    ),
)
@json_option
def select(
    folder: Path,
    until: date,
    inspected: Path,
    budget: int,
    out: Path,
    audit_share: float,
    window: int,
    key: Path | None,
    output: Output,
) -> int:
    """Pick what to inspect next: most of the budget by rank, a share at random by a key, each with its propensity."""
    from sealtrace.trade import supervise
    from sealtrace.trade.ranking import read_labels

    secret = supervise.audit_key(key or out.with_name(out.name + ".key"))
    made = supervise.select(
        folder,
        until=until,
        labels=read_labels(inspected),
        budget=budget,
        key=secret,
        audit_share=audit_share,
        window_days=window,
    )
    record = supervise.write_picks(made, out)
    at_random = sum(p.arm == "random" for p in made.picks)
    answer = {
        "ok": True,
        "picks": len(made.picks),
        "targeted": len(made.picks) - at_random,
        "random": at_random,
        "candidates": len(made.candidates),
        "commitment": made.commitment,
        "out": str(out),
        "record": str(record),
        "alarms": [a.as_dict() for a in made.alarms],
        "problems": [p.as_dict() for p in made.ranking.problems],
    }
    output.answer(
        answer,
        lambda: fields(
            [
                ("candidates", f"{len(made.candidates):,}"),
                ("targeted", f"{len(made.picks) - at_random:,}"),
                ("random", f"{at_random:,}"),
                ("commitment", made.commitment),
                *(("alarm", f"{a.what}: {a.value:.3f} ({a.bound})") for a in made.alarms),
            ]
        ),
    )
    return _told(made.ranking.problems, output)


@trade.command()
@click.argument("picks", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key that was published after the round.",
)
@json_option
def verify(picks: Path, key: Path, output: Output) -> int:
    """Check a past draw with its key: the random picks are those the key drew, at the stated propensities.

    Exit code 1 when it does not hold.
    """
    from sealtrace.trade.supervise import check_draw

    wrong = check_draw(picks, key)
    output.answer(
        {"ok": True, "holds": not wrong, "wrong": wrong}, lambda: "\n".join(wrong) or words.say("draw holds")
    )
    return 1 if wrong else 0


@trade.command()
@click.argument("parties", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The answer: party, entity; records of one entity are one party.",
)
@click.option(
    "--sure",
    type=click.FloatRange(0.5, 0.999999),
    default=0.95,
    show_default=True,
    help="Least chance at which two records are taken for one party.",
)
@json_option
def resolve(parties: Path, out: Path, sure: float, output: Output) -> int:
    """Find records that are one party: aliases, other spellings, shared telephones and addresses.

    PARTIES has columns party, name and, where known, address, phone, country. Every link comes with its bits of
    evidence and what agreed; a person decides what follows.
    """
    from sealtrace.trade.declarations import read
    from sealtrace.trade.model import Kind
    from sealtrace.trade.parties import Party
    from sealtrace.trade.parties import resolve as find
    from sealtrace.trade.supervise import replace

    names = ("party", "name", "address", "phone", "country")
    records: list[Party] = []
    problems: list[Problem] = []
    for batch in read(parties, kinds=dict.fromkeys(names, Kind.TEXT), required=names[:2]):
        problems += batch.problems
        rows = batch.frame.select(*names).iter_rows()
        records += [Party(*(value or "" for value in row)) for row in rows]
    found = find(records, sure=sure)
    lines = [
        f'"{a}","{b}"'
        for a, b in ((p.replace('"', '""'), e.replace('"', '""')) for p, e in found.entity.items())
    ]
    replace(out, "\n".join(["party,entity", *lines]) + "\n")
    answer = {
        "ok": True,
        "parties": len(records),
        "entities": len(set(found.entity.values())),
        "compared": found.compared,
        "links": [link.as_dict() for link in found.links],
        "problems": [p.as_dict() for p in problems],
    }
    shown = [(k.left, k.right, f"{k.bits:.1f}", f"{k.probability:.3f}") for k in found.links[:SHOWN]]
    head = [words.say(w) for w in ("party", "party", "bits", "chance")]
    output.answer(
        answer,
        lambda: "\n".join(
            [
                fields([("parties", f"{len(records):,}"), ("entities", f"{answer['entities']:,}")]),
                "",
                table(head, shown) if shown else words.say("not found"),
            ]
        ),
    )
    return _told(problems, output)


for verb in (lodge, leave, withdraw, blocked):
    trade.add_command(verb)


def _told(problems: list[Problem], output: Output) -> int:
    """Name the first rows that could not be taken; 3 when there were any."""
    for problem in problems[:SHOWN]:
        output.note(f"{problem.source}:{problem.line} {problem.column} {problem.message}")
    if len(problems) > SHOWN:
        output.note(f"… {len(problems) - SHOWN:,}")
    return 3 if problems else 0
