"""Weigh very many copies of one document in little time: choose by a part of the codeword, weigh the chosen.

The choice costs power only. A copy that is not chosen is not weighed, hence not accused; every copy counts in
the threshold all the same. Whether a copy is chosen depends on the leak and on that copy's own word, never
on other copies' words: `weigh`'s rounds rest on that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .codewords import BLOCK_SYMBOLS, CodeBook
from .evalue import Floats, Weigher
from .joint import JointWeigher

WEIGHED_ALL = 20_000  # copies up to which nothing is chosen
CHOSEN = 8_000  # copies expected to be weighed of more
PART = 4  # a part of a quarter of the symbols, at least two blocks, chooses
_STEP = 1 << 16  # copies looked at together: bounds the memory


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The copies that were weighed: ids (n,), their packed words (n, symbols // 8), log e-values (n,)."""

    ids: NDArray[np.uint64]
    words: NDArray[np.uint8]
    log_e: Floats


def scan(
    weigher: Weigher | JointWeigher, book: CodeBook, copies: NDArray[np.uint64], chosen: int = CHOSEN
) -> Scores:
    """Weigh copies, all of them when they are few, else those that a part of their codeword speaks for.

    About `chosen` innocent copies are weighed of many, whatever their number; memory does not grow with it.
    """
    ids = np.ascontiguousarray(copies, np.uint64)
    if len(ids) > WEIGHED_ALL:
        ids = _choose(weigher.lean(), book, ids, chosen / len(ids))
    words = book.words(ids)
    return Scores(ids, words, weigher.log_e(words))


def _choose(lean: Floats, book: CodeBook, ids: NDArray[np.uint64], share: float) -> NDArray[np.uint64]:
    """Keep the copies whose part of the codeword agrees with the leak as the best `share` of innocent ones do.

    The limit comes from the mean and the variance of an innocent copy's sum, by the normal law.
    """
    p = book.biases / 256.0
    blocks = _telling(np.square(lean) * p * (1 - p), book)
    padded = np.pad(lean, (0, -len(lean) % BLOCK_SYMBOLS)).reshape(-1, BLOCK_SYMBOLS)[blocks].ravel()
    chance = np.pad(p, (0, -len(p) % BLOCK_SYMBOLS)).reshape(-1, BLOCK_SYMBOLS)[blocks].ravel()
    spread = math.sqrt(float((np.square(padded) * chance * (1 - chance)).sum()))
    limit = float(padded @ chance) + NormalDist().inv_cdf(1 - share) * spread
    table = _sums_by_pair(padded)
    kept = []
    for start in range(0, len(ids), _STEP):
        some = ids[start : start + _STEP]
        pairs = book.parts(some, blocks).view(np.uint16)
        total = np.zeros(len(some), np.float32)
        for place in range(pairs.shape[1]):
            total += table[place][pairs[:, place]]
        kept.append(some[total >= limit])
    return np.concatenate(kept)


def _telling(information: Floats, book: CodeBook) -> NDArray[np.int64]:
    """The blocks that tell most, a quarter of all and at least two, in order."""
    per_block = (
        np.pad(information, (0, -len(information) % BLOCK_SYMBOLS)).reshape(-1, BLOCK_SYMBOLS).sum(axis=1)
    )
    most = np.argsort(-per_block, kind="stable")[: max(2, book.blocks // PART)]
    return np.sort(most)


def _sums_by_pair(lean: Floats) -> NDArray[np.float32]:
    """For every two bytes of a codeword, as a little-endian number, what their 16 symbols add up to."""
    bits = np.unpackbits(np.arange(1 << 16, dtype="<u2").view(np.uint8).reshape(-1, 2), axis=1)
    return np.ascontiguousarray((bits.astype(np.float32) @ lean.astype(np.float32).reshape(-1, 16).T).T)
