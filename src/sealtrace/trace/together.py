"""Weigh several leaks together: each recipient's product over the documents that leaked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.combine import averages
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.joint import weigher_of
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.table import extras

from .weigh import MIXTURE_OF

_AT_ONCE = 20_000  # copies whose codewords are held at a time
Floats = NDArray[np.float64]


class Words(Protocol):
    """What weighing needs of a code book."""

    @property
    def biases(self) -> NDArray[np.uint8]:
        """k of p = k/256 for each symbol."""
        ...

    @property
    def parts_of(self) -> tuple[tuple[str, int], ...]:
        """Its channels in their order, each with its symbols."""
        ...

    def words(self, copies: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """The packed codewords of copies."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One codeword in several leaks: what each read of it, and whose every copy is. Keys differ between documents.

    owners: a number for each of `copies`, the same for one recipient in all documents.
    """

    read: tuple[SoftSymbols, ...]
    channel: str
    book: Words
    copies: NDArray[np.uint64]
    owners: NDArray[np.int64]

    def factor(self, recipients: int) -> Floats:
        """Each recipient's log e-value, (recipients,): the leaks' symbols added, their copies averaged.

        Who has no copy of the document has 0.
        """
        added = reduce(lambda one, other: extras.together(one, other, self.book), self.read)
        return self._averages(added, self.copies, self.owners, recipients)

    def alone(self, owner: int) -> list[float]:
        """What each leak by itself says of one recipient. These do not add up: they are of one codeword."""
        mine = self.copies[self.owners == owner]
        return [
            float(self._averages(symbols, mine, np.zeros(len(mine), np.int64), 1)[0]) for symbols in self.read
        ]

    def _averages(
        self, symbols: SoftSymbols, copies: NDArray[np.uint64], owners: NDArray[np.int64], count: int
    ) -> Floats:
        lengths = [count for _, count in self.book.parts_of]
        weigher = weigher_of(symbols, self.book.biases, lengths, MIXTURES[MIXTURE_OF[self.channel]])
        steps = range(0, len(copies), _AT_ONCE)
        found = [weigher.log_e(self.book.words(copies[i : i + _AT_ONCE])) for i in steps]
        return averages(np.concatenate(found) if found else np.zeros(0), owners, count)


def factors(documents: Sequence[Document], recipients: int) -> Floats:
    """What each document says of each recipient, (documents, recipients), in logs; their sum is the product's."""
    return np.array([document.factor(recipients) for document in documents]).reshape(-1, recipients)
