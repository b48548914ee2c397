"""Codewords: which bits each copy of a document carries, a keyed random function of the copy's id.

Bits of different copies are independent, bit i of every copy is 1 with the document's bias p_i = k_i/256.
That independence is what the bound on false accusations rests on, so no error-correcting code is used: a
linear code's words are not independent. Biases follow Tardos' arcsine density (J. ACM 55(2), 2008) in
256ths, cut at 8 and 248, which makes blends of several copies traceable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sealtrace.ids import CopyId

from .keystream import KEY_BYTES, encrypt_blocks, subkey, uint64s

LOWEST_BIAS, HIGHEST_BIAS = 8, 248
_PLANES = 8  # bits of a bias
BLOCK_SYMBOLS = 128  # of one cipher block
_CHUNK_BYTES = 4 << 20  # of keystream at a time; fits the cache, bounds the memory


def biases_from_key(bias_key: bytes, symbols: int) -> NDArray[np.uint8]:
    """Return the document's biases as (symbols,) uint8 k, p = k/256: public once `bias_key` is disclosed."""
    uniform = uint64s(bias_key, symbols) >> np.uint64(32)
    return (LOWEST_BIAS + np.searchsorted(_ARCSINE, uniform, side="right")).astype(np.uint8)


def _arcsine_thresholds() -> NDArray[np.uint64]:
    """Where, on 32-bit uniforms, the arcsine law cut to the allowed biases steps from each k to the next."""
    edges = np.arange(LOWEST_BIAS, HIGHEST_BIAS + 2) - 0.5
    angle = np.arcsin(np.sqrt(edges / 256))
    law = (angle - angle[0]) / (angle[-1] - angle[0])
    thresholds: NDArray[np.uint64] = np.rint(law[1:-1] * 2.0**32).astype(np.uint64)
    return thresholds


_ARCSINE = _arcsine_thresholds()


class CodeBook:
    """The codewords of all copies of one document on one channel.

    biases: (symbols,) uint8 k of p = k/256, from the document key only.
    bias_key, layout_key: 32 bytes each; disclosing them tells nothing of any copy's codeword.
    word_secret: 32 bytes that the codewords come from where the document key is not to tell them.
    """

    def __init__(
        self, document_key: bytes, channel: str, symbols: int, word_secret: bytes | None = None
    ) -> None:
        if len(document_key) != KEY_BYTES:
            raise ValueError(f"a document key has {KEY_BYTES} bytes, not {len(document_key)}")
        if symbols <= 0 or symbols % 8:
            raise ValueError(f"a codeword has a positive multiple of 8 symbols, not {symbols}")
        self.channel = channel
        self.symbols = symbols
        self.bias_key = subkey(document_key, f"{channel}/bias")
        self.layout_key = subkey(document_key, f"{channel}/layout")
        self.word_secret = word_secret
        self._word_key = subkey(document_key if word_secret is None else word_secret, f"{channel}/word")
        self.biases = biases_from_key(self.bias_key, symbols)
        self._bias_planes = _planes(self.biases)

    def words(self, copies: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the copies' codewords as (n, symbols // 8) bytes, first symbol in the highest bit.

        About a second for 100,000 copies of 2,048 symbols, in a few megabytes beside the result.
        """
        return np.ascontiguousarray(self.parts(copies, np.arange(self.blocks))[:, : self.symbols // 8])

    @property
    def parts_of(self) -> tuple[tuple[str, int], ...]:
        """The channels that a codeword covers, each with its symbols, in their order: this one alone."""
        return ((self.channel, self.symbols),)

    @property
    def blocks(self) -> int:
        """How many blocks of 128 symbols a codeword has; the last one may be padded with zeros."""
        return -(-self.symbols // BLOCK_SYMBOLS)

    def parts(self, copies: NDArray[np.uint64], blocks: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return some blocks of the copies' codewords, (n, 16 x blocks) bytes, without deriving the rest."""
        ids = np.ascontiguousarray(copies, dtype=np.uint64)
        if ids.ndim != 1:
            raise ValueError(f"copy ids come as one row, not with shape {ids.shape}")
        found = np.empty((len(ids), len(blocks) * 16), np.uint8)
        bias = self._bias_planes.reshape(_PLANES, self.blocks, 16)[:, blocks].reshape(_PLANES, -1)
        step = max(1, _CHUNK_BYTES // (_PLANES * len(blocks) * 16))
        for start in range(0, len(ids), step):
            uniform = self._uniform(ids[start : start + step], blocks)
            found[start : start + step] = _below(uniform, bias)
        return found

    def word(self, copy: CopyId) -> NDArray[np.uint8]:
        """Return one copy's codeword as (symbols,) bits 0 and 1."""
        return np.unpackbits(self.words(np.array([copy.value], np.uint64))[0])

    def _uniform(self, ids: NDArray[np.uint64], blocks: NDArray[np.int64]) -> NDArray[np.uint8]:
        return _uniform(self._word_key, ids, blocks)


class BatchBook(CodeBook):
    """A code book whose copies were issued in batches, each with a word secret of its own.

    batches: (n,) which secret each of `ids` belongs to; copies that are not among them are unknown.
    """

    def __init__(
        self,
        document_key: bytes,
        channel: str,
        symbols: int,
        secrets: Sequence[bytes],
        ids: NDArray[np.uint64],
        batches: NDArray[np.int64],
    ) -> None:
        super().__init__(document_key, channel, symbols)
        order = np.argsort(ids, kind="stable")
        self._ids, self._batches = ids[order].astype(np.uint64), batches[order]
        self._keys = [subkey(secret, f"{channel}/word") for secret in secrets]

    def _uniform(self, ids: NDArray[np.uint64], blocks: NDArray[np.int64]) -> NDArray[np.uint8]:
        places = np.searchsorted(self._ids, ids)
        if len(ids) and (
            not len(self._ids) or (self._ids[np.minimum(places, len(self._ids) - 1)] != ids).any()
        ):
            raise ValueError("a copy is in none of the batches")
        made = np.empty((len(ids), _PLANES, len(blocks) * 16), np.uint8)
        of = self._batches[places] if len(ids) else np.zeros(0, np.int64)
        for batch in np.unique(of):
            mine = of == batch
            made[mine] = _uniform(self._keys[int(batch)], ids[mine], blocks)
        return made


class JointBook(CodeBook):
    """Code books of one document's independently keyed channels, put end to end: main channel first.

    A copy's codeword is the channels' words one after another, each a multiple of 128 symbols. `bias_key` is
    every channel's key with its number of symbols behind it, 36 bytes each, so that whoever commits to it
    commits to where one channel ends.
    """

    def __init__(self, books: Sequence[CodeBook]) -> None:
        if any(book.symbols % BLOCK_SYMBOLS for book in books):
            raise ValueError(f"joined codewords have multiples of {BLOCK_SYMBOLS} symbols")
        self.books = tuple(books)
        self.channel, self.word_secret = books[0].channel, books[0].word_secret
        self.layout_key = books[0].layout_key
        self.symbols = sum(book.symbols for book in books)
        self.bias_key = b"".join(book.bias_key + book.symbols.to_bytes(4, "big") for book in books)
        self.biases = np.concatenate([book.biases for book in books])

    @property
    def parts_of(self) -> tuple[tuple[str, int], ...]:
        """The channels in their order, each with its symbols."""
        return tuple((book.channel, book.symbols) for book in self.books)

    def parts(self, copies: NDArray[np.uint64], blocks: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return some blocks of the copies' codewords, counted over all channels."""
        found, first = [], 0
        for book in self.books:
            mine = blocks[(blocks >= first) & (blocks < first + book.blocks)] - first
            if len(mine):
                found.append(book.parts(copies, mine))
            first += book.blocks
        return np.concatenate(found, axis=1)

    def layout_keys(self) -> dict[str, bytes]:
        """The layout key of each channel."""
        return {book.channel: book.layout_key for book in self.books}


def split_key(bias_key: bytes, symbols: int) -> list[tuple[bytes, int]]:
    """Tell the bias keys and the numbers of symbols in a code book's `bias_key`: one, or those of joined books.

    Raises ValueError when they do not come to `symbols`.
    """
    if len(bias_key) == KEY_BYTES:
        return [(bias_key, symbols)]
    step = KEY_BYTES + 4
    pieces = [bias_key[i : i + step] for i in range(0, len(bias_key), step)]
    found = [(piece[:KEY_BYTES], int.from_bytes(piece[KEY_BYTES:], "big")) for piece in pieces]
    if len(bias_key) % step or not pieces or sum(n for _, n in found) != symbols:
        raise ValueError(f"a bias key of {len(bias_key)} bytes does not cover {symbols} symbols")
    return found


def _uniform(key: bytes, ids: NDArray[np.uint64], blocks: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return (n, planes, 16 x blocks) uniform bytes: AES of copy id || block counter || plane."""
    made = np.zeros((len(ids), _PLANES, len(blocks), 16), np.uint8)
    made[..., :8] = ids.astype(">u8").view(np.uint8).reshape(-1, 1, 1, 8)
    made[..., 8:12] = blocks.astype(">u4").view(np.uint8).reshape(1, 1, -1, 4)
    made[..., 12] = np.arange(_PLANES, dtype=np.uint8)[:, None]
    return encrypt_blocks(key, made).reshape(len(ids), _PLANES, -1)


def _below(uniform: NDArray[np.uint8], bias: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Compare bit-sliced: 1 where the 8-bit uniform, one bit from each plane, is below the bias.

    From the lowest bit up, `below` becomes the majority of (not u, k, below).
    """
    below = np.zeros((len(uniform), uniform.shape[-1] // 8), np.uint64)
    planes, wanted = uniform.view(np.uint64), np.ascontiguousarray(bias).view(np.uint64)
    for plane in range(_PLANES):
        zero, k = ~planes[:, plane], wanted[plane]
        below = (zero & (k | below)) | (k & below)
    return below.view(np.uint8)


def _planes(biases: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Slice the biases into (planes, 16 x blocks) packed bits, lowest plane first, padded with zeros."""
    padded = np.pad(biases, (0, -len(biases) % BLOCK_SYMBOLS))
    bits = (padded[None, :] >> np.arange(_PLANES, dtype=np.uint8)[:, None]) & 1
    return np.packbits(bits, axis=1)
