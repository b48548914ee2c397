"""Run the campaign: season, exact controls, ranking, forty cases, one told in full, outcomes back as labels."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click
import polars as pl

from sealtrace.cases import service as cases
from sealtrace.cases.alerts import return_labels
from sealtrace.cases.words import say as case_word
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import UsageProblem
from sealtrace.licences import declared, desk
from sealtrace.licences.account import Amount
from sealtrace.licences.declared import Declared, State
from sealtrace.trade import service
from sealtrace.trade.book import Book
from sealtrace.trade.flows import Goods
from sealtrace.trade.model import Source
from sealtrace.trade.selection import Arm, Pick, base_rate, choose
from sealtrace.trade.service import Desk

from . import story
from .inspections import Worked, work
from .season import ROWS, Season, write
from .words import say

CASES = 40
KEY = bytes(range(32))
LODGING = "P2"
MARKER = ".sealtrace-demo-trade"
FOLDERS = ("season", "home", "cases", "pictures")


def run(out: Path, *, lang: str = "en", many: int = CASES, rows: int = ROWS) -> int:
    """Run the campaign into folder `out`, in a home of its own there; returns the exit code.

    0: the neodymium was found, every scope held and every record is whole; 1: something was not so. What an earlier
    run left in `out` is replaced; a folder that holds anything else is refused.

    Raises:
        UsageProblem: `out` holds other things.
    """
    _prepare(out)
    season = write(out / "season", rows_made=rows)
    click.echo(say("season", lang, rows=f"{len(season.rows):,}"))
    now = datetime.combine(season.until + timedelta(days=1), time(1), UTC)
    with Custody.create(
        out / "home", org="联合办案中心（虚构） Joint Office", org_code="JO", clock=FixedClock(now)
    ) as home:
        office = home.office
        lodged, blocked = _lodge(office, season)
        click.echo(say("ledger", lang, lodged=f"{lodged:,}", blocked=blocked))
        seen = service.open_desk(season.folder)
        picks = _picks(seen, season, many)
        told = next((p for p in picks if p.decl_id in season.hidden), None)
        if told is None:
            click.echo(say("missed", lang))
            return 1
        at_random = sum(p.arm is Arm.RANDOM for p in picks)
        click.echo(say("ranked", lang, targeted=len(picks) - at_random, random=at_random, cases=len(picks)))
        done = [work(office, seen, season, pick, lang) for pick in picks if pick is not told]
        _pictures(seen, out / "pictures", lang)
        ended = story.tell(office, seen, season, told, out / "cases", lang, click.echo)
        done.append(ended.worked)
        click.echo("\n" + _table(sorted(done, key=lambda w: w.alert.rank), lang))
        right = _learn(office, out / "outcomes.db", done, picks, season, lang)
        problems = cases.check(office)
        click.echo(say("checked", lang, problems=len(problems), entries=f"{office.ledger.size():,}"))
    click.echo(say("where", lang, path=out))
    click.echo(say("prompt", lang))
    return 0 if right and not problems and ended.scoped and ended.chain_holds and ended.tamper_found else 1


def _prepare(out: Path) -> None:
    if out.exists() and not (out / MARKER).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageProblem(
            f"{out} is not empty and holds no campaign", advice="Give --out a new or an empty folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).touch()
    (out / "outcomes.db").unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
        if name != "home":
            (out / name).mkdir()


def _lodge(office: Office, season: Season) -> tuple[int, int]:
    """Set up the licences cited at one port and lodge what cites them, in order of time."""
    grants = {
        r["licence"]: r for r in pl.read_csv(season.folder / "licences.csv", infer_schema=False).to_dicts()
    }
    citing = [r for r in season.rows.values() if r["licence"] and r["office"] == LODGING]
    citing.sort(key=lambda r: (r["date"], r["decl_id"]))
    for name in dict.fromkeys(r["licence"] for r in citing):
        grant = grants[name]
        asked = Declared.read(
            {"decl_id": name, "licence": name, "decl_element": grant["element"], "net_kg": grant["grant_kg"]}
        )
        terms = desk.Terms(name, "single", date(2031, 1, 1), date(2032, 12, 31))
        desk.add(office, terms, "demo", grant["element"], Amount(asked.element_mg), unlisted=True)
    controls = declared.lodge_many(office, [Declared.read(r) for r in citing])
    return len(controls), sum(c.state is State.BLOCKED for c in controls)


def _picks(seen: Desk, season: Season, many: int) -> list[Pick]:
    """Nine in ten by rank, one pair of parties at most twice; one in ten by lot among all others."""
    pairs: dict[tuple[str, str], int] = {}
    first: list[str] = []
    rest: list[str] = []
    for name in seen.ranking.decl_id:
        pair = season.rows[name]["exporter"], season.rows[name]["consignee"]
        pairs[pair] = pairs.get(pair, 0) + 1
        joint = name in season.hidden and any(other in season.hidden for other in first)
        (first if pairs[pair] <= 2 and not joint else rest).append(name)
    ranked = [*first[: many - max(1, round(many * 0.1))], *rest, *first[many - max(1, round(many * 0.1)) :]]
    ranked = [name for name in ranked if name not in season.hidden or name in first]
    return choose(ranked, budget=many, key=KEY, round_name="campaign", audit_share=0.1)


def _pictures(seen: Desk, folder: Path, lang: str) -> None:
    """The map of strategic goods, their quantity over time, mirror gaps, and the pictures of the first alert."""
    made: dict[str, Any] = {
        "map": service.goods_map(seen, lang, goods=Goods.STRATEGIC)[1],
        "clay-map": service.goods_map(seen, lang, heading="2507")[1],
        "months": service.over_time(seen, "net_kg", lang, goods=Goods.STRATEGIC)[1],
        "mirror": service.mirror(seen, lang, partner="VN", heading="284690")[1],
    }
    for why in service.alert(seen, seen.ranking.decl_id[0], lang).why:
        made[f"first-{why.reason.check}"] = why.picture
    for name, picture in made.items():
        if picture:
            (folder / f"{name}.svg").write_text(picture, "utf-8")


def _table(done: list[Worked], lang: str) -> str:
    from unicodedata import east_asian_width

    def wide(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    rows = [[say(f"head.{n}", lang) for n in ("case", "port", "goods", "rank", "why", "outcome")]]
    for w in done:
        rank = (
            f"{w.alert.rank:,}" if w.pick.arm is Arm.TARGETED else f"{w.alert.rank:,} ({say('drawn', lang)})"
        )
        rows.append(
            [
                w.number,
                say("port", lang, n=str(w.alert.declaration["office"])[1:]),
                str(w.alert.declaration["desc"]),
                rank,
                w.alert.why[0].name if w.alert.why else "—",
                case_word(f"result.{w.result}", lang),
            ]
        )
    widths = [max(wide(row[i]) for row in rows) for i in range(6)]
    return "\n".join(
        "  ".join(cell + " " * (w - wide(cell)) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _learn(
    office: Office, book: Path, done: list[Worked], picks: list[Pick], season: Season, lang: str
) -> bool:
    """Put the outcomes into the book; what the book then says must be what inspections found."""
    with Book(book) as kept:
        found = [label for w in done for label in return_labels(office, w.number, kept)]
        now = office.clock.now()
        known = kept.outcomes(valid_on=season.until, known_at=now)
    fraud = sum(known.values())
    appeals = sum(label.source is Source.APPEAL for label in found) + 1
    click.echo("\n" + say("learned", lang, fraud=fraud, clean=len(known) - fraud, appeals=appeals))
    rate = base_rate(known, picks)
    click.echo(
        say(
            "estimate", lang, n=rate.inspected, hits=rate.hits, low=f"{rate.low:.1%}", high=f"{rate.high:.1%}"
        )
    )
    return all(known[name] == (name in season.truth) for name in known)
