"""Key shares: any k of n give the secret back, fewer tell nothing, and each bad share is refused by name."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import StorageFailed, UsageProblem, WrongKey
from sealtrace.vault.keyring import Keyring, ShareOrder
from sealtrace.vault.shares import Share, _inverse, _times, join, parse_count, split


def test_the_field_is_that_of_fips_197() -> None:
    assert (_times(0x57, 0x83), _times(0x57, 0x13)) == (0xC1, 0xFE)  # FIPS 197, 4.2
    assert all(_times(a, _inverse(a)) == 1 for a in range(1, 256))


@given(st.binary(min_size=1, max_size=48), st.integers(2, 5), st.integers(0, 3), st.data())
def test_any_k_of_n_give_the_secret_back(secret: bytes, needed: int, more: int, data: st.DataObject) -> None:
    made = split(secret, needed, needed + more)
    chosen = data.draw(st.permutations(made))[:needed]
    assert join([Share.parse(share.text) for share in chosen]) == secret
    assert join(made) == secret


def test_one_share_too_few_fits_every_secret() -> None:
    """For two of three shares' worth of one-byte secrets: each secret is possible with the same first share."""
    fixed = bytes([0x5A])
    possible = set()
    for slope in range(256):
        secret = 0x5A ^ _times(slope, 1)  # the line through (1, 0x5a) with this slope
        made = split(bytes([secret]), 2, 3, random=lambda n, s=slope: bytes([s]) * n)
        assert made[0].data == fixed
        possible.add(secret)
    assert possible == set(range(256))


def test_every_subset_of_five_and_none_smaller(tmp_path: Path) -> None:
    made = split(b"k" * 32, 3, 5)
    for count in range(1, 6):
        for chosen in itertools.combinations(made, count):
            if count >= 3:
                assert join(chosen) == b"k" * 32
            else:
                with pytest.raises(WrongKey, match="3 different key shares are needed"):
                    join(chosen)
    with pytest.raises(WrongKey):
        join([made[0]] * 3)


def test_shares_of_two_sets_do_not_mix() -> None:
    with pytest.raises(WrongKey, match="one set"):
        join([*split(b"a" * 32, 2, 3)[:1], *split(b"b" * 32, 2, 3)[:1]])


@given(st.integers(0, 200), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 !"))
def test_a_mistyped_share_is_refused(at: int, character: str) -> None:
    text = split(b"k" * 32, 2, 2, random=bytes)[0].text
    at = len("sealtrace-key-share-1 ") + at % (len(text) - len("sealtrace-key-share-1 "))
    mistyped = text[:at] + character + text[at + 1 :]
    try:
        read = Share.parse(mistyped)
    except WrongKey:
        return
    assert read == Share.parse(text), "only what changes nothing is read"


@pytest.mark.parametrize("text", ["", "3", "1/3", "4/3", "3/256", "a/b", "0/0", "-2/3"])
def test_counts_that_make_no_sense_are_usage_problems(text: str) -> None:
    with pytest.raises(UsageProblem):
        parse_count(text)


def test_a_keyring_opens_with_enough_shares_and_holds_no_secret(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "out").mkdir()
    order = ShareOrder(2, 3, tmp_path / "out")
    made = Keyring.create(tmp_path / "keys", passphrase=None, shares=order)
    assert [p.name for p in sorted((tmp_path / "keys").iterdir())] == ["keyring.json"]
    kept = json.loads((tmp_path / "keys" / "keyring.json").read_text())
    assert set(kept) == {"kept", "needed", "of", "check"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in order.paths)
    for chosen in itertools.combinations(order.paths, 2):
        assert Keyring.open(tmp_path / "keys", passphrase=None, shares=chosen).secret("x") == made.secret("x")
    with pytest.raises(WrongKey, match="opens with 2 of 3 key shares"):
        Keyring.open(tmp_path / "keys", passphrase=None)
    with pytest.raises(WrongKey, match="2 different"):
        Keyring.open(tmp_path / "keys", passphrase=None, shares=order.paths[:1])
    other = tmp_path / "other"
    other.mkdir()
    (other / "out").mkdir()
    Keyring.create(other, passphrase=None, shares=ShareOrder(2, 3, other / "out"))
    with pytest.raises(WrongKey, match="another home"):
        Keyring.open(tmp_path / "keys", passphrase=None, shares=ShareOrder(2, 3, other / "out").paths[:2])
    with pytest.raises(WrongKey, match="can't be read"):
        Keyring.open(tmp_path / "keys", passphrase=None, shares=[tmp_path / "gone"])


def test_shares_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "share-2-of-2.txt").write_text("mine")
    (tmp_path / "keys").mkdir()
    with pytest.raises(StorageFailed):
        Keyring.create(tmp_path / "keys", passphrase=None, shares=ShareOrder(2, 2, tmp_path))
    assert (tmp_path / "share-2-of-2.txt").read_text() == "mine"
    assert not (tmp_path / "share-1-of-2.txt").exists()
