"""The public Korean customs declarations: model beside the dictionary, on the raw split and grouped by template.

./run bench customs FOLDER

FOLDER holds df_syn_train_eng.csv and df_syn_valid_eng.csv (github.com/Seondong/Customs-Declaration-Datasets, MIT). Rows
of this set are near-copies of templates (heading, mass) with the template's label, so a look-up solves it: the raw
figures are a regression guard. Skill is what is left when no template stands on both sides of the split.
"""

import argparse
import os
import platform
from pathlib import Path

import numpy as np
import polars as pl

from sealtrace.trade.customs import KOREAN, dictionary, fit_and_score, templates
from sealtrace.trade.evaluate import average_precision, group_folds, precision_at


def read(path: Path) -> pl.DataFrame:
    """Read one file; codes stay text."""
    texts = dict.fromkeys(KOREAN.categories, pl.String)
    return pl.read_csv(path, schema_overrides=texts)


def line(name: str, truth: np.ndarray, scores: np.ndarray) -> str:
    """Precision at 1, 2, 5 and 10 % and average precision."""
    at = "  ".join(
        f"P@{share:.0%} {precision_at(truth, scores, share):.3f}" for share in (0.01, 0.02, 0.05, 0.10)
    )
    return f"{name:34s} {at}  AP {average_precision(truth, scores):.3f}"


def main() -> None:
    """Train, score, print model and dictionary side by side."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder", type=Path)
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    train, test = (read(args.folder / f"df_syn_{part}_eng.csv") for part in ("train", "valid"))
    truth = test["Fraud"].to_numpy()
    print(f"train {len(train):,} rows of 2020, test {len(test):,} rows of Q1 2021, {truth.mean():.3f} fraud")
    rows = [str(i) for i in range(len(train))]
    print(line("raw split: dictionary", truth, dictionary(train, test, KOREAN)))
    print(line("raw split: LightGBM", truth, fit_and_score(train, test, KOREAN, group_folds(rows, 5))))
    whole = pl.concat([train, test])
    names = templates(whole, KOREAN)
    fold = group_folds(names, 3)
    truth = whole["Fraud"].to_numpy()
    model, lookup = np.empty(len(whole)), np.empty(len(whole))
    for number in range(3):
        away = fold == number
        kept, held = whole.filter(pl.Series(~away)), whole.filter(pl.Series(away))
        inner = group_folds([n for n, out in zip(names, away, strict=True) if not out], 5)
        model[away] = fit_and_score(kept, held, KOREAN, inner)
        lookup[away] = dictionary(kept, held, KOREAN)
    print(line("grouped by template: dictionary", truth, lookup))
    print(line("grouped by template: LightGBM", truth, model))


if __name__ == "__main__":
    main()
