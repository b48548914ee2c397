"""Licences as signed texts and status lists: what was signed comes back, everything else is refused."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import base45 as other_base45
import cbor2
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import ProofInvalid
from sealtrace.ledger import cose
from sealtrace.licences import base45, status, token
from sealtrace.licences.account import Amount, LineKey
from sealtrace.licences.states import LicenceState
from sealtrace.licences.status import StatusList
from sealtrace.licences.token import GoodsLine, Licence, to_text, verify

KEY, OTHER = (ec.derive_private_key(n, ec.SECP256R1()) for n in (7, 8))
PUBLIC = [KEY.public_key()]
AT = datetime(2026, 2, 27, 3, tzinfo=UTC)
FIVE = [
    ("1C905.b", "Dy", 2_500_000_000, 2_870_000_000, 12_345_678_900),
    ("1C904.b", "Tb", 500_000_000, 590_000_000, 2_345_678_900),
    ("1C905.a.4", "Dy", 120_000_000, 4_000_000_000, 345_678_900),
    ("1C908.b", "Y", 9_800_000_000, 0, 0),
    ("1C902.a.4", "Sm", 33_000_000, 99_000_000, 77_777_700),
]
LICENCE = Licence(
    "urn:sealtrace:org:demo",
    "DU-2026-0104233",
    "single",
    "赣州某某稀土新材料股份有限公司",
    "Nordwind Elektromotoren GmbH, Hamburg",
    "DE",
    "新能源汽车驱动电机用永磁体生产",
    date(2026, 3, 1),
    date(2027, 2, 28),
    AT,
    tuple(GoodsLine(LineKey(e, s), Amount(*parts)) for e, s, *parts in FIVE),
    104_233,
    bytes(range(8)),
)
TEXT = to_text(LICENCE, KEY)


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
)
def test_examples_of_rfc_9285(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=300))
def test_base_45_agrees_with_another_library(data: bytes) -> None:
    text = base45.encode(data)
    assert text == other_base45.b45encode(data).decode()
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["A", "GGW", ":::", "::", "ab", "AB\n", "ÄÄ"])
def test_what_no_encoder_writes_is_refused(text: str) -> None:
    with pytest.raises(ProofInvalid):
        base45.decode(text)


def test_a_licence_comes_back_and_fits_its_symbol() -> None:
    assert verify(TEXT, PUBLIC) == LICENCE
    assert verify(f"\n {TEXT} \n", PUBLIC) == LICENCE
    symbol = segno.make(TEXT, error="q", micro=False, boost_error=False)
    assert int(symbol.version) <= 20


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
amounts = st.builds(Amount, st.integers(1, 10**15), st.integers(0, 10**15), st.integers(0, 10**15))
licences = st.builds(
    Licence,
    names,
    names,
    st.sampled_from(token.KINDS),
    names,
    names,
    st.just("DE"),
    names,
    st.dates(date(1971, 1, 1), date(2100, 1, 1)),
    st.dates(date(1971, 1, 1), date(2100, 1, 1)),
    st.integers(10**5, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.lists(st.builds(GoodsLine, st.builds(LineKey, names, names), amounts), max_size=5).map(tuple),
    st.integers(0, 1 << 22),
    st.binary(min_size=8, max_size=8),
)


@settings(max_examples=40)
@given(licences)
def test_any_licence_comes_back(licence: Licence) -> None:
    assert verify(to_text(licence, KEY), PUBLIC) == licence


def test_every_changed_byte_is_refused() -> None:
    signed = token.unpack(TEXT)
    for place in range(len(signed)):
        broken = bytearray(signed)
        broken[place] ^= 1 << place % 8
        with pytest.raises(ProofInvalid):
            verify(token.pack(bytes(broken)), PUBLIC)


def test_every_changed_character_is_refused() -> None:
    for place in range(0, len(TEXT), 3):
        wrong = "0" if TEXT[place] != "0" else "1"
        with pytest.raises(ProofInvalid):
            verify(TEXT[:place] + wrong + TEXT[place + 1 :], PUBLIC)


def test_others_keys_and_types_are_refused() -> None:
    with pytest.raises(ProofInvalid):
        verify(TEXT, [OTHER.public_key()])
    with pytest.raises(ProofInvalid):
        verify(TEXT, [])
    listed = StatusList("x", AT, AT, 5, {})
    with pytest.raises(ProofInvalid):
        verify(token.pack(status.sign(listed, KEY)), PUBLIC)
    with pytest.raises(ProofInvalid):
        status.verify(token.unpack(TEXT), PUBLIC)


def signed(
    claims: object, *, payload: bytes | None = None, unprotected: dict[int, object] | None = None
) -> str:
    protected = {
        cose.ALG: cose.ES256,
        cose.KID: token.key_id(KEY.public_key()),
        token.TYP: token.LICENCE_TYPE,
    }
    body = payload if payload is not None else cose.encode(claims)
    return token.pack(cose.sign1(KEY, protected, body, unprotected=unprotected))


def test_only_the_one_form_is_read_even_when_signed() -> None:
    claims = cbor2.loads(cose.parse(token.unpack(TEXT))[3] or b"")
    assert verify(signed(claims), PUBLIC) == LICENCE
    longer = cbor2.dumps(dict(reversed(claims.items())))
    for text in (
        signed(claims, payload=longer),
        signed(claims, unprotected={33: b"x"}),
        signed(claims | {99: 1}),
        signed({k: v for k, v in claims.items() if k != token.EXP}),
        signed(claims | {token.EXP: claims[token.EXP] + 1}),
        signed(claims | {token.PARTICULARS: claims[token.PARTICULARS][:-1]}),
        signed([1]),
        signed(claims | {token.IAT: "yesterday"}),
        signed(claims | {token.IAT: 1 << 70}),
    ):
        with pytest.raises(ProofInvalid):
            verify(text, PUBLIC)


def test_a_field_that_stands_twice_is_refused() -> None:
    body = cose.encode({1: "a", 2: "b"})
    twice = bytes([body[0] + 1]) + body[1:] + body[1:4]
    with pytest.raises(ProofInvalid):
        verify(signed(None, payload=twice), PUBLIC)


def test_a_small_text_that_unpacks_to_much_is_refused() -> None:
    bomb = token.PREFIX + base45.encode(zlib.compress(bytes(10_000_000), 9)[:2000])
    with pytest.raises(ProofInvalid):
        verify(bomb, PUBLIC)
    with pytest.raises(ProofInvalid):
        verify(token.PREFIX + base45.encode(zlib.compress(token.unpack(TEXT)) + b"more"), PUBLIC)


@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_text_is_refused(text: str, data: bytes) -> None:
    for wild in (text, token.PREFIX + text, token.pack(data), token.PREFIX + base45.encode(data)):
        with pytest.raises(ProofInvalid):
            verify(wild, PUBLIC)


# -- status lists ---------------------------------------------------------------------------------


@settings(max_examples=50)
@given(
    st.integers(1, 5_000).flatmap(
        lambda n: st.tuples(
            st.just(n), st.dictionaries(st.integers(0, n - 1), st.integers(1, 3), max_size=200)
        )
    )
)
def test_exceptions_come_back_exactly(given_: tuple[int, dict[int, int]]) -> None:
    count, exceptions = given_
    assert status.decode(count, *status.encode(count, exceptions)) == exceptions


@pytest.mark.parametrize(("rate", "most"), [(0, 200), (0.001, 600), (0.01, 4096), (0.05, 9000)])
def test_a_list_of_131_072_licences_is_small(rate: float, most: int) -> None:
    rnd, count = random.Random(3), 131_072
    exceptions = {i: rnd.randint(1, 3) for i in rnd.sample(range(count), int(count * rate))}
    data = status.sign(
        StatusList("urn:sealtrace:org:demo", AT, AT + timedelta(days=7), count, exceptions), KEY
    )
    assert len(data) <= most
    made = status.verify(data, PUBLIC)
    assert made.exceptions == exceptions
    wrong = [i for i in range(0, count, 7) if (made.state(i) == "in_force") != (i not in exceptions)]
    assert wrong == []


def test_a_status_list_says_nothing_of_later_licences() -> None:
    made = StatusList("x", AT, AT, 5, {3: 2})
    assert [made.state(i) for i in range(5)] == ["in_force"] * 3 + ["revoked", "in_force"]
    for index in (-1, 5):
        with pytest.raises(ProofInvalid):
            made.state(index)


def test_every_changed_byte_of_a_status_list_is_refused() -> None:
    data = status.sign(StatusList("x", AT, AT, 500, {3: 2, 77: 1}), KEY)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 1
        with pytest.raises(ProofInvalid):
            status.verify(bytes(broken), PUBLIC)


@given(st.integers(-1, 30), st.binary(max_size=40))
def test_any_bits_are_read_or_refused(k: int, data: bytes) -> None:
    try:
        made = status.decode(1_000, k, data)
    except ProofInvalid:
        return
    assert all(0 <= i < 1_000 and code in (1, 2, 3) for i, code in made.items())


def test_every_state_has_its_code() -> None:
    in_force = {LicenceState.DRAFT, LicenceState.ISSUED, LicenceState.REINSTATED}
    assert {s for s in LicenceState if status.code_of(s) == 0} == in_force


def test_content_decides_not_the_object() -> None:
    assert verify(to_text(replace(LICENCE, end_user="another"), KEY), PUBLIC) != LICENCE
