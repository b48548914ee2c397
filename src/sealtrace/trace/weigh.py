"""Weigh the copies really issued against a leak's symbols, under one family-wise bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sealtrace.ids import CopyId
from sealtrace.marks.evalue import SoftSymbols, Weigher

from .model import Accused, PageFinding, Weighed, family_bound, threshold
from .pictures import Held


def weigh(
    version: int,
    findings: Sequence[PageFinding],
    symbols: SoftSymbols,
    held: Held,
    *,
    considered: int,
    chance: float,
    looks: int,
) -> Weighed:
    """Give every copy of a version its e-value.

    `considered` is the number of ALL copies ever issued by the installation: the family is fixed before
    the leak is looked at, and a larger family than needed only raises the threshold. `looks` is how many
    times a copy may be weighed before the search stops, fixed by the number of leaked pictures.
    """
    book, ids = held.book(version), held.copies(version)
    assert book is not None, "only versions with a page channel are weighed"
    if not len(ids):
        return Weighed(version, symbols, tuple(findings), considered, -np.inf, None)
    scores = Weigher(symbols, book.biases).log_e(book.words(ids))
    order = np.argsort(-scores, kind="stable")
    limit = threshold(considered, chance, looks)
    above = [int(i) for i in order if scores[i] >= limit]
    rest = order[len(above) :]
    return Weighed(
        version,
        symbols,
        tuple(findings),
        considered,
        best=float(scores[order[0]]),
        runner_up=float(scores[rest[0]]) if len(rest) else None,
        copies=tuple((CopyId(int(ids[i])), float(scores[i])) for i in above),
    )


def accuse(weighed: Weighed, looks: int) -> list[Accused]:
    """Turn the copies above the threshold into accusations with their stated bound."""
    return [
        Accused(copy, weighed.version, family_bound(log_e, weighed.considered, looks), ("page",), log_e)
        for copy, log_e in weighed.copies
    ]
