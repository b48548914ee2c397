"""Trade supervision on scenario folders with a known truth: recall, precision, the weekly loop, speed.

./run bench trade FOLDER... [--loop | --speed | --memory TIMES]

FOLDER holds declarations.csv, licences.csv, mirror.csv, xrf.csv and oracle.csv (decl_id, illicit, typology), of which
only this program reads the last. The ranking learns from outcomes of the first 70 % of days and is measured
on the rest, with spectrometer readings left out (they exist only for inspected rows) unless --readings is given.
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sealtrace.trade import desk, learn, ranking, supervise
from sealtrace.trade.declarations import newest, read
from sealtrace.trade.evaluate import average_precision, recall_at
from sealtrace.trade.gate import Gate


def truth_of(folder: Path) -> pl.DataFrame:
    """The sealed truth: decl_id, illicit, typology."""
    oracle = pl.read_csv(folder / "oracle.csv", schema_overrides={"decl_id": pl.String})
    return oracle.select("decl_id", "illicit", pl.col("typology").fill_null(""))


def observed(folder: Path) -> pl.DataFrame:
    """What the scenario's own inspections found: decl_id, date, label."""
    rows = pl.read_csv(
        folder / "declarations.csv", schema_overrides={"decl_id": pl.String}, try_parse_dates=True
    )
    seen = rows.filter(pl.col("label_observed") >= 0)
    return seen.select("decl_id", "date", pl.col("label_observed").cast(pl.Float64).alias("label"))


def view(folder: Path, scratch: Path, *, readings: bool) -> Path:
    """The folder as the product sees it: without the truth, and without readings unless asked for."""
    for name in ("declarations.csv", "licences.csv", "mirror.csv", *(["xrf.csv"] if readings else [])):
        (scratch / name).symlink_to((folder / name).resolve())
    return scratch


def measure(folder: Path, *, readings: bool) -> dict[str, float]:
    """Rank one scenario; recall at 1 % and average precision on its last 30 % of days, fused and checks alone."""
    labels = observed(folder)
    with tempfile.TemporaryDirectory() as tmp:
        seen = view(folder, Path(tmp), readings=readings)
        days = pl.read_csv(folder / "declarations.csv", columns=["date"], try_parse_dates=True)["date"]
        cut = days.min() + timedelta(days=int(0.7 * ((days.max() - days.min()).days + 1)))
        known = labels.filter(pl.col("date") < cut)
        began = time.perf_counter()
        found = ranking.rank(seen, labels=known, explain=False)
        seconds = time.perf_counter() - began
    truth = dict(truth_of(folder).select("decl_id", "illicit").iter_rows())
    y = np.array([truth[i] for i in found.decl_id], dtype=np.int64)
    test = found.day >= (cut.toordinal() - ranking.EPOCH_ORDINAL)
    checks = np.where(found.exact, found.checks + 1e6, found.checks)
    return {
        "hits": float(known["label"].sum()),
        "R@1%": recall_at(y[test], found.score[test], 0.01),
        "AP": average_precision(y[test], found.score[test]),
        "checks R@1%": recall_at(y[test], checks[test], 0.01),
        "checks AP": average_precision(y[test], checks[test]),
        "all R@1%": recall_at(y, found.score, 0.01),
        "all AP": average_precision(y, found.score),
        "seconds": seconds,
    }


def loop(folder: Path, *, budget: float = 0.02, audit_share: float = 0.10) -> None:
    """Inspect week by week, starting without any outcome; print what was found."""
    truth = {i: (bool(y), t) for i, y, t in truth_of(folder).iter_rows()}
    days = pl.read_csv(folder / "declarations.csv", columns=["date"], try_parse_dates=True)["date"]
    counts = Counter(days.to_list())
    outcomes: list[tuple[str, object, float]] = []
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as tmp:
        seen = view(folder, Path(tmp), readings=False)
        until = days.min() + timedelta(days=6)
        while until <= days.max():
            week = sum(counts[until - timedelta(days=d)] for d in range(7))
            labels = pl.DataFrame(
                outcomes, schema={"decl_id": pl.String, "date": pl.Date, "label": pl.Float64}, orient="row"
            )
            picks = supervise.select(
                seen,
                until=until,
                labels=labels,
                budget=round(budget * week),
                key=bytes(32),
                audit_share=audit_share,
            ).picks
            for pick in picks:
                fraud, typology = truth[pick.decl_id]
                outcomes.append((pick.decl_id, until, float(fraud)))
                if fraud:
                    found[typology] += 1
                    found[f"arm {pick.arm}"] += 1
            until += timedelta(days=7)
    there = Counter(t for fraud, t in truth.values() if fraud)
    total = sum(n for name, n in found.items() if not name.startswith("arm "))
    kinds = ", ".join(f"{t} {found[t]}/{n}" for t, n in sorted(there.items()))
    print(f"loop     {folder.name}: {total} of {sum(there.values())} found with {len(outcomes)} inspections "
          f"({found['arm random']} by the random arm): {kinds}", flush=True)  # fmt: skip


def speed(folder: Path) -> None:
    """Rows scored in bulk in a second of one core's time, and milliseconds of it for one declaration with reasons.

    Processor time, so that other work on the machine does not count.
    """
    clock = time.process_time
    rows = newest(batch.frame for batch in read(folder / "declarations.csv"))
    papers = ranking.papers(folder, observed(folder), None)
    history, last = rows.head(len(rows) - 500), rows.tail(500)
    began = clock()
    around = desk.Surroundings.fit(history.lazy(), papers)
    fitted = clock()
    found = desk.weigh(around.gather(history))
    x = learn.features(found.frame, found.parts, found.total)
    weighed = clock()
    places = (
        pl.DataFrame({"decl_id": found.frame["decl_id"]})
        .with_row_index("place")
        .join(around.labels, on="decl_id")
    )
    model = learn.train(x[places["place"].to_numpy()], places["label"].to_numpy())
    booster = model.booster() if model else None
    trained = clock()
    if booster is not None:
        booster.predict(x, num_threads=1)
    predicted = clock()
    scoring = (weighed - fitted) + (predicted - trained)
    rate, what = len(history) / scoring, "context, checks, evidence, model"
    print(f"bulk     {rate:,.0f} declarations in a second of one core ({what})")
    print(f"fit      what is usual {fitted - began:.2f} s, training {trained - weighed:.2f} s of one core")
    gate = Gate(around, found, model)
    times = []
    for row in last.iter_rows(named=True):
        began = clock()
        gate.answer(row)
        times.append((clock() - began) * 1e3)
    median, most = np.median(times), np.quantile(times, 0.9)
    print(f"one      median {median:.2f} ms of one core, 9 in 10 below {most:.2f} ms, with reasons")


def memory(folder: Path, times: int) -> None:
    """Rank the first folder repeated under other names, in parts on disk; rows, seconds, peak resident memory."""
    rows = pl.read_csv(folder / "declarations.csv", infer_schema=False)
    renamed = ("decl_id", "exporter", "consignee", "consignee_addr", "consignee_phone", "licence")
    with tempfile.TemporaryDirectory() as tmp:
        seen = Path(tmp)
        with (seen / "declarations.csv").open("wb") as file:
            for number in range(times):
                copies = (pl.when(pl.col(n) != "").then(pl.col(n) + f"-{number}").alias(n) for n in renamed)
                rows.with_columns(*copies).write_csv(file, include_header=number == 0)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        found = ranking.rank(seen, explain=True, part_bytes=20_000_000)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory   {len(found.decl_id):,} declarations from CSV to ranking with reasons: {seconds:.0f} s, "
          f"peak {peak / 1024:,.0f} MiB resident (before: {before / 1024:,.0f} MiB)")  # fmt: skip


def main() -> None:
    """Measure what was asked for, print figures with the machine."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folders", nargs="+", type=Path)
    ap.add_argument("--loop", action="store_true", help="run the weekly loop instead of the ranking")
    ap.add_argument("--speed", action="store_true", help="measure speed on the first folder instead")
    ap.add_argument(
        "--memory", type=int, metavar="TIMES", help="rank the first folder repeated so often instead"
    )
    ap.add_argument("--readings", action="store_true", help="let the ranking see spectrometer readings")
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"polars {pl.__version__} on {pl.thread_pool_size()} thread")  # fmt: skip
    if args.speed:
        speed(args.folders[0])
        return
    if args.memory:
        memory(args.folders[0], args.memory)
        return
    if args.loop:
        for folder in args.folders:
            loop(folder)
        return
    table = []
    for folder in args.folders:
        table.append(row := measure(folder, readings=args.readings))
        print(f"{folder.name:8s} " + "  ".join(f"{k} {v:.3f}" for k, v in row.items()), flush=True)
    for name, what in (("mean", np.mean), ("worst", np.min)):
        print(f"{name:8s} " + "  ".join(f"{k} {what([r[k] for r in table]):.3f}" for k in table[0]))
    for metric in ("R@1%", "AP"):
        gaps = [r[metric] - r[f"checks {metric}"] for r in table]
        print(f"{metric} over the checks alone: mean {np.mean(gaps):+.3f}, worst {min(gaps):+.3f}")


if __name__ == "__main__":
    main()
