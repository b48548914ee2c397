"""Text as keyed 4-grams: what the text index stores and compares.

Normalised text keeps Han characters, letters and digits alone, folded by NFKC and lower case, so that
line breaks, spacing and punctuation do not matter. Every 4 characters in a row give a 32-bit keyed hash.
"""

from __future__ import annotations

import hmac
import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

GRAM = 4  # measured: 20 characters with 10 % errors are found with recall .99 (facts: 3-grams .93 at 20 %)
DROPPED = re.compile(r"[\W_]+")

Grams = NDArray[np.uint32]


def normalise(text: str) -> str:
    """Fold a text to what is compared: NFKC, lower case, letters, digits and Han characters only."""
    return DROPPED.sub("", unicodedata.normalize("NFKC", text).lower())


class GramHasher:
    """Hashes grams under a key, so that the index alone does not give the text away.

    KNOWN LIMIT: whoever has the key can try a dictionary of common grams.
    """

    def __init__(self, key: bytes) -> None:
        stream = b"".join(hmac.digest(key, b"gram %d" % i, "sha256") for i in range(2))
        self._factors = np.frombuffer(stream[: 8 * (GRAM + 1)], np.uint64) | np.uint64(1)

    def grams(self, text: str) -> Grams:
        """Return the distinct gram hashes of a normalised text, sorted; empty below 4 characters."""
        codes = np.frombuffer(text.encode("utf-32-le", "ignore"), np.uint32).astype(np.uint64)
        count = len(codes) - GRAM + 1
        if count <= 0:
            return np.empty(0, np.uint32)
        mixed = np.full(count, self._factors[GRAM], np.uint64)
        for place in range(GRAM):
            mixed = (mixed ^ (codes[place : place + count] + np.uint64(1))) * self._factors[place]
            mixed ^= mixed >> np.uint64(29)
        return np.unique((mixed >> np.uint64(31)).astype(np.uint32))
