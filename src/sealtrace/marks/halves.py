"""Two keys: a codeword of two halves, each drawn under the key of another party.

The first half of the symbols is the office's, the second the notary's; the layout spreads both over all
places. Each half is a codeword of its own, with biases of its own, and is weighed by itself. Let the smaller of
a copy's two e-values decide: it is at most the e-value of the half whose key is secret, so its mean over
innocent copies is at most 1 whichever of the two parties is honest, and with it the bound on false accusations
holds against either. Source of the idea: asymmetric fingerprinting, Pfitzmann & Schunter, EUROCRYPT '96, which
asks that nobody but the recipient's side can make the recipient's copy; two markers are its plainest form.

A half covers one channel: a table with two keys carries its mark in cells alone, never in the order of its rows
or in decoys, so that a joined codeword (`JointBook`) and a halved one never stand in each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.ids import CopyId

from .codewords import CodeBook
from .evalue import SoftSymbols


class Party(StrEnum):
    """Whose key a half is drawn under, in the order of the symbols."""

    OFFICE = "office"
    NOTARY = "notary"


class Words(Protocol):
    """Gives the other party's half of codewords, packed, one for each copy asked for."""

    def __call__(self, copies: Sequence[CopyId], /) -> Sequence[bytes]:
        """Raise an error of ours where they are refused."""
        ...


class HalvedBook:
    """The code book of a version whose copies carry two halves: one's own, and one that another party gives."""

    def __init__(self, own: CodeBook, words: Words) -> None:
        self.own, self._words = own, words
        self.channel, self.layout_key = own.channel, own.layout_key
        self.symbols = 2 * own.symbols

    @property
    def parts_of(self) -> tuple[tuple[str, int], ...]:
        """The channels that a codeword covers, each with its symbols: one alone, both halves of it."""
        return ((self.channel, self.symbols),)

    def word(self, copy: CopyId) -> NDArray[np.uint8]:
        """Return one copy's codeword as (symbols,) bits, both halves."""
        [other] = self._words([copy])
        return joined(self.own.word(copy), other)


Book = CodeBook | HalvedBook


def joined(own: NDArray[np.uint8], other: bytes) -> NDArray[np.uint8]:
    """Put the office's bits and the notary's packed half together."""
    return np.concatenate([own, np.unpackbits(np.frombuffer(other, np.uint8))])


def parted(symbols: SoftSymbols) -> tuple[SoftSymbols, SoftSymbols]:
    """Take a leak's symbols apart: the office's half, the notary's half."""
    half = len(symbols) // 2
    return (
        SoftSymbols(symbols.sums[:half], symbols.information[:half]),
        SoftSymbols(symbols.sums[half:], symbols.information[half:]),
    )
