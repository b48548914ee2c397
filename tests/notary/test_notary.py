"""What a notary gives and refuses, and what its journal says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from sealtrace.api.notary import notary_app
from sealtrace.clock import FixedClock
from sealtrace.errors import (
    HomeExists,
    InputMissing,
    NoHome,
    NotaryRefused,
    NotRegistered,
    ProofInvalid,
    SealtraceError,
    UsageProblem,
    WrongKey,
)
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.notary.service import Notary
from sealtrace.trace import notary as messages
from sealtrace.trace.notary import Card

from ..conftest import AT

LOG, DOCUMENT = "sealtrace/tw/log", bytes(range(16))
OFFICE = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
COPIES = [CopyId(n) for n in (1, 2, 3)]
SYMBOLS = 256
ABOUT = {
    "log": LOG, "document": DOCUMENT, "code": "ABCD-EFGH-JK", "version": 1, "channel": "page",
    "symbols": SYMBOLS,
}  # fmt: skip


@pytest.fixture
def notary(tmp_path: Path) -> Iterator[Notary]:
    with Notary.create(tmp_path / "notary", "City Notary", FixedClock(AT)) as made:
        made.admit(LOG, OFFICE.public_key().public_bytes_raw())
        yield made


def order(copies: list[CopyId], /, *, words: bool = True, **other: Any) -> bytes:
    asked = ABOUT | {"copies": [bytes(c) for c in copies], "words": words} | other
    return messages.sign(messages.ORDER, asked, OFFICE)


def weighing(sums: np.ndarray, /, **other: Any) -> bytes:
    asked = ABOUT | {
        "trace": "T0", "considered": 3, "chance": 1e-9, "looks": 4, "round": 1, "named": b"",
        "sums": sums.astype("<f8").tobytes(), "information": np.ones(SYMBOLS).tobytes(),
        "copies": b"".join(map(bytes, COPIES)),
    }  # fmt: skip
    return messages.sign(messages.WEIGHING, asked | other, OFFICE)


def read(notary: Notary, answer: bytes, form: str) -> dict[str, Any]:
    return messages.read(answer, form, notary.card.key)


def word_of(notary: Notary, copy: CopyId) -> np.ndarray:
    return CodeBook(notary._document_key(LOG, DOCUMENT), "page", SYMBOLS).word(copy)


def test_a_copy_s_half_is_marked_and_given_once(notary: Notary) -> None:
    asked = order(COPIES)
    given_ = read(notary, notary.answer("mark", asked), messages.MARKS)
    assert given_["order_sha256"] == messages.digest(asked)
    for copy, mark, word in zip(COPIES, given_["marks"], given_["words"], strict=True):
        said = read(notary, mark, messages.MARK)
        assert (said["copy"], said["codeword_sha256"]) == (bytes(copy), messages.digest(word))
        assert np.array_equal(np.unpackbits(np.frombuffer(word, np.uint8)), word_of(notary, copy))
    with pytest.raises(NotaryRefused, match="given before"):
        notary.answer("mark", order(COPIES[:1]))
    assert read(notary, notary.answer("mark", order(COPIES[:1], words=False)), messages.MARKS)["words"] == []
    notary.allow(LOG, COPIES[0], why="lost")
    notary.answer("mark", order(COPIES[:1]))
    with pytest.raises(NotaryRefused, match="given before"):
        notary.answer("mark", order(COPIES[:1]))
    assert notary.journal.counts() == [(LOG, 3, 1)]
    assert [(act.act, act.why) for act in notary.journal.acts()] == [("admitted", ""), ("allowed", "lost")]


def test_a_refused_order_gives_nothing_of_its_other_copies_away(notary: Notary) -> None:
    notary.answer("mark", order(COPIES[:1]))
    with pytest.raises(NotaryRefused):
        notary.answer("mark", order([COPIES[1], COPIES[0]]))
    notary.answer("mark", order([COPIES[1]]))  # it was not counted as given


def test_only_copies_that_the_leak_points_to_are_told(notary: Notary) -> None:
    notary.answer("mark", order(COPIES, words=False))
    leaked = 2.0 * word_of(notary, COPIES[1]) - 1
    told = read(notary, notary.answer("weigh", weighing(leaked)), messages.WEIGHED)
    [one] = told["above"]
    assert one["copy"] == bytes(COPIES[1])
    assert one["log_e"] == told["best"] > told["runner_up"]
    noise = np.random.default_rng(3).standard_normal(SYMBOLS)
    nothing = read(notary, notary.answer("weigh", weighing(noise, trace="T1")), messages.WEIGHED)
    assert (nothing["above"], nothing["best"], nothing["runner_up"], nothing["bias_key"]) == (
        [],
        None,
        None,
        None,
    )
    assert [row.found for row in notary.journal.weighings()] == [1, 0]


def test_a_leak_is_weighed_as_often_as_its_bound_pays_for(notary: Notary) -> None:
    notary.answer("mark", order(COPIES, words=False))
    silence = np.zeros(SYMBOLS)
    for _ in range(2):
        notary.answer("weigh", weighing(silence))
    with pytest.raises(NotaryRefused, match="as often as its bound pays for"):
        notary.answer("weigh", weighing(silence))
    notary.answer("weigh", weighing(silence, round=2))
    notary.answer("weigh", weighing(silence, trace="T1"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"considered": 2}, {"chance": 0.5}, {"chance": 0}, {"looks": 0}, {"round": 11}, {"sums": b"123"},
        {"copies": bytes(COPIES[0]) * 2}, {"copies": bytes(CopyId(9))}, {"named": bytes(CopyId(9))},
        {"symbols": 0}, {"symbols": 12}, {"channel": "stamp"}, {"document": b"x"}, {"log": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_a_weighing_that_is_not_bounded_is_refused(notary: Notary, wrong: dict[str, Any]) -> None:
    notary.answer("mark", order(COPIES, words=False))
    with pytest.raises(NotaryRefused):
        notary.answer("weigh", weighing(np.zeros(SYMBOLS), **wrong))
    assert notary.journal.weighings() == []


@pytest.mark.parametrize(
    "wrong",
    [{"copies": []}, {"copies": [b"1"]}, {"copies": [bytes(8)] * 2}, {"words": 1}, {"version": "1"}],
    ids=str,
)
def test_an_order_that_is_none_is_refused(notary: Notary, wrong: dict[str, Any]) -> None:
    with pytest.raises(NotaryRefused):
        notary.answer("mark", order(COPIES, **wrong))


def test_a_copy_belongs_to_one_document(notary: Notary) -> None:
    notary.answer("mark", order(COPIES, words=False))
    with pytest.raises(NotaryRefused, match="another document"):
        notary.answer("mark", order(COPIES[:1], document=bytes(16)))


def test_messages_of_strangers_are_refused(notary: Notary) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
    asked = ABOUT | {"copies": [bytes(COPIES[0])], "words": True}
    with pytest.raises(ProofInvalid, match="not signed by the key"):
        notary.answer("mark", messages.sign(messages.ORDER, asked, stranger))
    with pytest.raises(ProofInvalid):
        notary.answer("weigh", order(COPIES))
    with pytest.raises(UsageProblem):
        notary.answer("sing", order(COPIES))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_hostile_bytes_are_no_message(data: bytes) -> None:
    with pytest.raises(ProofInvalid):
        messages.read(data, messages.ORDER, None)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.integers(1, 255))
def test_an_altered_message_is_refused(at: int, flip: int) -> None:
    data = bytearray(order(COPIES))
    data[at % len(data)] ^= flip
    with pytest.raises(ProofInvalid):
        messages.read(bytes(data), messages.ORDER, OFFICE.public_key().public_bytes_raw())


def test_it_opens_again_with_the_same_keys_and_memory(notary: Notary, tmp_path: Path) -> None:
    notary.answer("mark", order(COPIES))
    with Notary.open(tmp_path / "notary", FixedClock(AT)) as again:
        assert again.card == notary.card
        with pytest.raises(NotaryRefused, match="given before"):
            again.answer("mark", order(COPIES))
    assert (tmp_path / "notary" / "notary.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(HomeExists):
        Notary.create(tmp_path / "notary", "x")
    with pytest.raises(UsageProblem):
        Notary.create(tmp_path / "nameless", " ")
    with pytest.raises(NoHome):
        Notary.open(tmp_path)
    (tmp_path / "notary" / "notary.json").write_text("{}")
    with pytest.raises(NoHome, match="damaged"):
        Notary.open(tmp_path / "notary")


def test_people_s_acts_are_checked(notary: Notary) -> None:
    with pytest.raises(UsageProblem):
        notary.admit(LOG, b"short")
    with pytest.raises(NotRegistered):
        notary.allow(LOG, CopyId(9), why="lost")
    with pytest.raises(UsageProblem):
        notary.allow(LOG, COPIES[0], why=" ")
    with pytest.raises(NotRegistered):
        notary.disclose("T0", to="an expert", why="case 7")
    with pytest.raises(UsageProblem):
        notary.disclose("T0", to="", why="case 7")


def test_a_card_is_read_as_it_was_written(notary: Notary, tmp_path: Path) -> None:
    place = tmp_path / "card.json"
    place.write_text(notary.card.to_text(), "utf-8")
    assert Card.read(place) == notary.card
    for wrong in ("{}", "nonsense", json.dumps({"format": messages.CARD, "name": "x", "key": "00"})):
        place.write_text(wrong)
        with pytest.raises(WrongKey):
            Card.read(place)
    with pytest.raises(InputMissing):
        Card.read(tmp_path / "none")


def test_over_http(notary: Notary) -> None:
    client = Client(notary_app(notary))
    assert json.loads(client.get("/card").text)["key"] == notary.card.key.hex()
    done = client.post("/mark", data=order(COPIES))
    assert done.status_code == 200
    assert len(read(notary, done.data, messages.MARKS)["words"]) == 3
    assert client.post("/mark", data=order(COPIES)).status_code == 403
    assert client.post("/mark", data=b"nonsense").status_code == 400
    assert client.post("/sing", data=b"").status_code == 404
    assert client.get("/mark").status_code == 405
    assert issubclass(NotaryRefused, SealtraceError)
