"""Fit the two small models of name screening and say how they do on names they have not seen.

    python -m benchmarks.train_watch names NAME_PAIRS.csv [PUBLIC_SPELLINGS.csv]
    python -m benchmarks.train_watch persons PERSON_PAIRS.csv

NAME_PAIRS has surname, given, right, label. PUBLIC_SPELLINGS has han, spelling and is fitted beside it. PERSON_PAIRS
has the columns of `sealtrace watch score --persons` and a label. Both models are logistic with a ridge, fitted by
Newton's method; figures are from ten folds cut by the left name, so that no name is both fitted and judged, and are of
the given pairs alone. Writes `src/sealtrace/watch/data/{name,person}_model.json`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parents[1] / "src" / "sealtrace" / "watch" / "data"
Array = NDArray[np.float64]


def fit(x: Array, y: Array, ridge: Array, weight: Array | None = None) -> Array:
    """Ridge-penalised, weighted logistic regression by Newton's method; 50 steps are far more than it needs."""
    w, v = np.zeros(x.shape[1]), np.ones(len(y)) if weight is None else weight
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (v * (p - y)) + ridge * w
        hessian = (x * (v * p * (1 - p))[:, None]).T @ x + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        w -= np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-8:
            break
    return w


def fold_of(name: str, folds: int) -> int:
    """A fold that depends on the name alone."""
    return hashlib.sha256(name.encode()).digest()[0] % folds


def auc(score: Array, label: Array) -> float:
    """Area under the ROC curve; ties count half."""
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    values = score[order]
    start = 0
    while start < len(values):
        end = start
        while end < len(values) and values[end] == values[start]:
            end += 1
        ranks[order[start:end]] = (start + end + 1) / 2
        start = end
    positive = label == 1
    n, m = positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def recall_at(score: Array, label: Array, precision: float) -> tuple[float, float]:
    """The largest recall at or above a precision, and its threshold; ties are accepted together."""
    order = np.argsort(-score, kind="stable")
    s, y = score[order], label[order]
    hits = np.cumsum(y)
    last = np.append(s[1:] != s[:-1], True)
    good = last & (hits / np.arange(1, len(y) + 1) >= precision)
    if not good.any():
        return 0.0, 1.0
    at = np.flatnonzero(good)[-1]
    return float(hits[at] / y.sum()), float(s[at])


def calibration_error(score: Array, label: Array, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(score[place == b].mean() - label[place == b].mean()) * (place == b).mean()
            for b in range(bins)
            if (place == b).any()
        )
    )


def cross_validate(
    rows: Sequence[dict[str, float]],
    y: Array,
    names: Sequence[str],
    keys: list[str],
    ridge: Callable[[str], float],
    weight: Array | None = None,
) -> tuple[Array, Array]:
    """Scores out of fold, and the coefficients from everything."""
    x = np.array([[r.get(k, 0.0) for k in keys] for r in rows])
    penalty = np.array([ridge(k) for k in keys])
    fold = np.array([fold_of(n, 10) for n in names])
    out, v = np.zeros(len(y)), np.ones(len(y)) if weight is None else weight
    for f in range(10):
        w = fit(x[fold != f], y[fold != f], penalty, v[fold != f])
        out[fold == f] = 1 / (1 + np.exp(-(x[fold == f] @ w)))
    return out, fit(x, y, penalty, v)


def balance(systems: Sequence[str]) -> Array:
    """Weights that lift rare systems of spelling: a roster from Penang or Busan is not the pairs' mixture."""
    count = {s: systems.count(s) for s in set(systems)}
    most = max(n for s, n in count.items() if s != "neg")
    weight = {s: min(4.0, (most / n) ** 0.5) for s, n in count.items()} | {
        "neg": 1.0,
        "public": PUBLIC_WEIGHT,
    }
    return np.array([weight[s] for s in systems])


INTERCEPTS = {"aligned", "none", "edits 1", "edits 2", "edits 0", "one"}


PUBLIC_WEIGHT = 1.0


def public_pairs(path: Path) -> list[dict[str, str]]:
    """Real spellings as pairs: each person with the own spelling, and with those of others of the same surname."""
    with path.open(encoding="utf-8", newline="") as stream:
        people = [(r["han"], r["spelling"]) for r in csv.DictReader(stream)]
    return [
        {
            "surname": a,
            "given": "",
            "right": s,
            "label": str(int(a == b)),
            "system": "public" if a == b else "neg",
        }
        for a in dict.fromkeys(han for han, _ in people)
        for b, s in people
        if a == b or (a[0] == b[0] and a[:2] != b[:2])
    ]


def train_names(path: Path, public: Path | None) -> None:
    """Fit the name model, print figures out of fold, write it."""
    from sealtrace.watch.lattice import lattice
    from sealtrace.watch.names import OTHER_HAN, SAME_HAN, observe, same_han
    from sealtrace.watch.written import parse

    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    pairs = len(rows)
    rows += public_pairs(public) if public else []
    score = np.zeros(len(rows))
    label = np.array([float(r["label"]) for r in rows])
    latin: list[int] = []
    features: list[dict[str, float]] = []
    for i, row in enumerate(rows):
        left, right = row["surname"] + row["given"], parse(row["right"])
        if right.han:
            score[i] = SAME_HAN if same_han(left, right.han) else OTHER_HAN
        else:
            latin.append(i)
            features.append(observe(lattice(left), right)[0])
    keys = sorted({k for f in features for k in f})
    out, w = cross_validate(
        features, label[latin], [rows[i]["surname"] + rows[i]["given"] for i in latin], keys,
        lambda k: 0.05 if k in INTERCEPTS else 0.3, balance([rows[i]["system"] for i in latin]),
    )  # fmt: skip
    score[latin] = out
    model = {
        "what": "name pair, logistic; made by benchmarks/train_watch.py names",
        "pairs": pairs,
        "public_spellings": sum(r["system"] == "public" for r in rows),
        "coefficients": {k: round(float(v), 4) for k, v in zip(keys, w, strict=True)},
    }
    (DATA / "name_model.json").write_text(json.dumps(model, indent=1, ensure_ascii=False) + "\n", "utf-8")
    report_names(rows[:pairs], score[:pairs], label[:pairs])
    print(json.dumps(model["coefficients"], ensure_ascii=False))


def report_names(rows: Sequence[dict[str, str]], score: Array, label: Array) -> None:
    """Print the figures of a scored list of name pairs."""
    recall95, threshold = recall_at(score, label, 0.95)
    recall99, _ = recall_at(score, label, 0.99)
    print(
        f"AUC {auc(score, label):.4f}  recall at 95 % precision {recall95:.4f} (score >= {threshold:.3f})  "
        f"at 99 % {recall99:.4f}  ECE {calibration_error(score, label):.4f}"
    )
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(row["system"] if row["label"] == "1" else f"other: {row['transform']}", []).append(
            i
        )
    for name, members in sorted(groups.items()):
        accepted = (score[members] >= threshold).mean()
        print(f"  {name:28} {len(members):5}  accepted {accepted:.3f}")


def train_persons(path: Path) -> None:
    """Fit the person model on top of the shipped name model, print figures out of fold, write it."""
    from sealtrace.watch.persons import observe

    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    label = np.array([float(r["label"]) for r in rows])
    features = [observe(r)[0] for r in rows]
    keys = sorted({k for f in features for k in f})
    score, w = cross_validate(
        features, label, [r["left_name"] for r in rows], keys, lambda k: 0.05 if k in INTERCEPTS else 0.1
    )
    model = {
        "what": "person pair, logistic; made by benchmarks/train_watch.py persons",
        "pairs": len(rows),
        "coefficients": {k: round(float(v), 4) for k, v in zip(keys, w, strict=True)},
    }
    (DATA / "person_model.json").write_text(json.dumps(model, indent=1, ensure_ascii=False) + "\n", "utf-8")
    report_persons(rows, score, label)
    print(json.dumps(model["coefficients"], ensure_ascii=False))


def report_persons(rows: Sequence[dict[str, str]], score: Array, label: Array) -> None:
    """Print the figures of a scored list of person pairs, overall and by number of stated context fields."""
    recall90, _ = recall_at(score, label, 0.9)
    recall95, threshold = recall_at(score, label, 0.95)
    recall99, _ = recall_at(score, label, 0.99)
    print(
        f"AUC {auc(score, label):.4f}  recall at 90 % precision {recall90:.4f}  at 95 % {recall95:.4f} "
        f"(score >= {threshold:.3f})  at 99 % {recall99:.4f}  ECE {calibration_error(score, label):.4f}"
    )
    known = np.array(
        [sum(bool(r[f"right_{f}"]) for f in ("prev_employer", "speciality", "school", "birth")) for r in rows]
    )
    for n in range(5):
        here = known == n
        if 0 < label[here].sum() < here.sum():
            print(f"  {n} context fields: {here.sum():5} pairs  AUC {auc(score[here], label[here]):.4f}")


def main() -> None:
    """Fit one of the two models."""
    what, path = sys.argv[1], Path(sys.argv[2])
    if what == "names":
        train_names(path, Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    else:
        train_persons(path)


if __name__ == "__main__":
    main()
