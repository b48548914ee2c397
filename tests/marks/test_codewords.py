"""Codewords: a keyed random function of the copy's id, with the document's biases."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.ids import CopyId
from sealtrace.marks.codewords import HIGHEST_BIAS, LOWEST_BIAS, CodeBook, biases_from_key
from sealtrace.marks.keystream import encrypt_blocks, subkey, uint64s

KEY = bytes(range(32))


def plain_word(book: CodeBook, document_key: bytes, copy: CopyId) -> list[int]:
    """The codeword computed block by block, as the format says, with nothing vectorised."""
    aes = Cipher(algorithms.AES256(subkey(document_key, f"{book.channel}/word")), modes.ECB()).encryptor()
    bits = []
    for symbol in range(book.symbols):
        uniform = 0
        for plane in range(8):
            block = bytes(copy) + (symbol // 128).to_bytes(4, "big") + bytes([plane, 0, 0, 0])
            bit = int.from_bytes(aes.update(block), "big") >> (127 - symbol % 128) & 1
            uniform |= bit << plane
        bits.append(int(uniform < book.biases[symbol]))
    return bits


@pytest.mark.parametrize("symbols", [8, 136, 256, 1024])
def test_word_agrees_with_the_format_written_out(symbols: int) -> None:
    book = CodeBook(KEY, "page", symbols)
    for value in (0, 1, 2**64 - 1, 0x0123456789ABCDEF):
        assert book.word(CopyId(value)).tolist() == plain_word(book, KEY, CopyId(value))


def test_words_never_change() -> None:
    """A released codeword is found again after decades: this digest may never change."""
    words = CodeBook(KEY, "page", 2048).words(np.arange(64, dtype=np.uint64))
    assert hashlib.sha256(words.tobytes()).hexdigest() == GOLDEN_WORDS
    biases = biases_from_key(KEY, 4096)
    assert hashlib.sha256(biases.tobytes()).hexdigest() == GOLDEN_BIASES


GOLDEN_WORDS = "d30eb0ad5118cfd98a07ff0dcbfffc8ce680939397550e682cc1dd7dd02b2e9d"
GOLDEN_BIASES = "0291d9cc35d5436a4b3aefa576786263d0d08a34214126780e3f1d207d1d7817"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=6), st.sampled_from([8, 64, 256, 2048]))
def test_words_in_bulk_are_the_single_words(ids: list[int], symbols: int) -> None:
    book = CodeBook(KEY, "page", symbols)
    words = book.words(np.array(ids, np.uint64))
    assert words.shape == (len(ids), symbols // 8)
    for value, word in zip(ids, words, strict=True):
        assert np.array_equal(np.unpackbits(word), book.word(CopyId(value)))


def test_words_in_bulk_across_chunks_are_the_single_words() -> None:
    book = CodeBook(KEY, "page", 2048)
    words = book.words(np.arange(5000, dtype=np.uint64))
    for value in (0, 2047, 2048, 4096, 4999):
        assert np.array_equal(np.unpackbits(words[value]), book.word(CopyId(value)))


def test_each_symbol_has_its_bias_and_copies_are_independent() -> None:
    book, copies = CodeBook(KEY, "page", 512), 40_000
    bits = np.unpackbits(book.words(np.arange(copies, dtype=np.uint64)), axis=1)
    p = book.biases / 256
    deviation = (bits.mean(axis=0) - p) / np.sqrt(p * (1 - p) / copies)
    assert (
        np.abs(deviation).max() < 4.5
    )  # 512 symbols; chance 3.5e-3 under the right law, and the key is fixed
    assert 0.9 < deviation.std() < 1.1
    centred = (bits - p) / np.sqrt(p * (1 - p))
    between = (centred[:2000] @ centred[2000:4000].T) / np.sqrt(book.symbols)
    assert abs(between.std() - 1) < 0.01
    assert np.abs(between).max() < 6.5  # four million pairs
    across = centred.T @ centred / np.sqrt(copies)
    assert abs(across[~np.eye(512, dtype=bool)].std() - 1) < 0.02


def test_biases_follow_the_cut_arcsine_law() -> None:
    biases = biases_from_key(KEY, 1 << 16).astype(int)
    assert biases.min() == LOWEST_BIAS
    assert biases.max() == HIGHEST_BIAS
    angle = np.arcsin(np.sqrt((np.arange(LOWEST_BIAS, HIGHEST_BIAS + 1) + 0.5) / 256))
    first, last = np.arcsin(np.sqrt((LOWEST_BIAS - 0.5) / 256)), angle[-1]
    law = (angle - first) / (last - first)
    seen = np.cumsum(np.bincount(biases, minlength=249)[LOWEST_BIAS:]) / len(biases)
    assert np.abs(seen - law).max() < 1.63 / np.sqrt(len(biases))  # Kolmogorov-Smirnov, 1 %


def test_documents_channels_and_purposes_are_independent() -> None:
    a = CodeBook(KEY, "page", 1024)
    b, c = CodeBook(KEY, "text", 1024), CodeBook(bytes(32), "page", 1024)
    keys = {book.bias_key for book in (a, b, c)} | {book.layout_key for book in (a, b, c)}
    assert len(keys) == 6
    copy = CopyId(99)
    for other in (b, c):
        differs = np.mean(a.word(copy) != other.word(copy))
        assert 0.35 < differs < 0.65
    assert np.array_equal(biases_from_key(a.bias_key, 1024), a.biases)


def test_a_shorter_codeword_is_the_beginning_of_a_longer_one() -> None:
    """Biases and bits of a position don't depend on the length: a stated, tested property of the format."""
    short, long = CodeBook(KEY, "page", 256), CodeBook(KEY, "page", 2048)
    assert np.array_equal(short.biases, long.biases[:256])
    assert np.array_equal(short.word(CopyId(5)), long.word(CopyId(5))[:256])


@pytest.mark.parametrize("symbols", [0, -8, 7, 12])
def test_odd_lengths_are_refused(symbols: int) -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        CodeBook(KEY, "page", symbols)


def test_wrong_keys_and_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CodeBook(b"short", "page", 256)
    with pytest.raises(ValueError, match="one row"):
        CodeBook(KEY, "page", 256).words(np.zeros((2, 2), np.uint64))
    with pytest.raises(ValueError, match="16"):
        encrypt_blocks(KEY, np.zeros((3, 8), np.uint8))


def test_keystreams_of_two_numbers_don_t_meet() -> None:
    first, second = uint64s(KEY, 4096, stream=0), uint64s(KEY, 4096, stream=1)
    assert not set(first.tolist()) & set(second.tolist())
    assert np.array_equal(uint64s(KEY, 10), first[:10])
