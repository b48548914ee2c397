"""Trade supervision on scenario folders with a known truth: recall, precision, the weekly loop, speed.

./run bench trade FOLDER... [--loop] [--speed]

FOLDER holds declarations.csv, licences.csv, mirror.csv, xrf.csv and oracle.csv (decl_id, illicit, typology), of which
only this program reads the last. The ranking learns from outcomes of the first 70 % of days and is measured
on the rest, with spectrometer readings left out (they exist only for inspected rows) unless --readings is given.
"""

import argparse
import os
import platform
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
    """Rows a second scored in bulk on one core, and milliseconds for one declaration with reasons."""
    rows = newest(batch.frame for batch in read(folder / "declarations.csv"))
    papers = ranking.papers(folder, observed(folder), None)
    history, last = rows.head(len(rows) - 500), rows.tail(500)
    began = time.perf_counter()
    around = desk.Surroundings.fit(history.lazy(), papers)
    fitted = time.perf_counter()
    found = desk.weigh(around.gather(history))
    x = learn.features(found.frame, found.parts, found.total)
    weighed = time.perf_counter()
    places = (
        pl.DataFrame({"decl_id": found.frame["decl_id"]})
        .with_row_index("place")
        .join(around.labels, on="decl_id")
    )
    model = learn.train(x[places["place"].to_numpy()], places["label"].to_numpy())
    booster = model.booster() if model else None
    trained = time.perf_counter()
    if booster is not None:
        booster.predict(x, num_threads=1)
    predicted = time.perf_counter()
    scoring = (weighed - fitted) + (predicted - trained)
    print(f"bulk     {len(history) / scoring:10,.0f} declarations/s scored (context, checks, evidence, model); "
          f"fitting what is usual {fitted - began:.2f} s, training {trained - weighed:.2f} s")  # fmt: skip
    gate = Gate(around, found, model)
    times = []
    for row in last.iter_rows(named=True):
        began = time.perf_counter()
        gate.answer(row)
        times.append((time.perf_counter() - began) * 1e3)
    print(
        f"one      median {np.median(times):.2f} ms, 9 in 10 below {np.quantile(times, 0.9):.2f} ms, with reasons"
    )


def main() -> None:
    """Measure what was asked for, print figures with the machine."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folders", nargs="+", type=Path)
    ap.add_argument("--loop", action="store_true", help="run the weekly loop instead of the ranking")
    ap.add_argument("--speed", action="store_true", help="measure speed on the first folder instead")
    ap.add_argument("--readings", action="store_true", help="let the ranking see spectrometer readings")
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"polars {pl.__version__} on {pl.thread_pool_size()} thread")  # fmt: skip
    if args.speed:
        speed(args.folders[0])
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
