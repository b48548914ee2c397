"""Leases: an offline post can't over-issue, whatever it does; settling posts its uses and gives back the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.cli.main import main
from sealtrace.clock import stamp
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    Corrupted,
    KeyReused,
    LicenceNotInForce,
    NotOnLicence,
    ProofInvalid,
    QuantityExceeded,
    UsageProblem,
)
from sealtrace.licences import desk, issuing, leases, store
from sealtrace.licences.account import Amount, LineKey, Want
from sealtrace.licences.states import Step
from sealtrace.licences.token import GoodsLine

from ..conftest import AT

LINE = LineKey("1C905.b", "Dy")
UNTIL = AT + timedelta(days=3)


@pytest.fixture
def leased(custody: Custody) -> tuple[Custody, leases.Lease, str]:
    terms = desk.Terms("L-1", "single", date(2026, 1, 1), date(2026, 12, 31))
    desk.add(custody.office, terms, LINE.entry, LINE.element, Amount(1_000))
    made, text = leases.grant(custody.office, "L-1", "lease 1", "Post 7", (Want("Dy", Amount(400)),), UNTIL)
    return custody, made, text


def use(key: str, mg: int, at: datetime = AT, line: LineKey = LINE) -> leases.Use:
    return leases.Use(key, at, (GoodsLine(line, Amount(mg)),))


def balance(custody: Custody) -> tuple[int, int, int]:
    [line] = store.lines(custody.office.db, "L-1")
    return line.balance.reserved.element_mg, line.balance.drawn.element_mg, line.balance.available.element_mg


def test_a_lease_is_reserved_and_comes_back(leased: tuple[Custody, leases.Lease, str]) -> None:
    custody, made, text = leased
    assert balance(custody) == (400, 0, 600)
    again, same = leases.grant(custody.office, "L-1", "lease 1", "Post 7", (Want("Dy", Amount(400)),), UNTIL)
    assert (again, same) == (made, text)
    keys = [issuing.read_key(issuing.public_key(custody.office).encode())]
    assert leases.read(text, keys) == made
    with pytest.raises(ProofInvalid):
        issuing.verify(text, keys, date(2026, 6, 1))
    desk.step(custody.office, "L-1", Step.SUSPEND, "what left under a lease has left")
    for _ in range(2):
        leases.settle(custody.office, text, [use("a", 100), use("b", 50)])
        assert balance(custody) == (0, 150, 850)
    assert desk.check(custody.office) == []


def test_more_than_the_lease_is_refused_at_the_post_and_at_the_centre(
    leased: tuple[Custody, leases.Lease, str],
) -> None:
    custody, made, text = leased
    spent = leases.spend(made, (), use("a", 400))
    with pytest.raises(QuantityExceeded):
        leases.spend(made, spent, use("b", 1))
    with pytest.raises(QuantityExceeded):
        leases.settle(custody.office, text, [use("a", 400), use("b", 1)])
    with pytest.raises(LicenceNotInForce):
        leases.spend(made, (), use("a", 1, UNTIL + timedelta(seconds=1)))
    with pytest.raises(NotOnLicence):
        leases.spend(made, (), use("a", 1, line=LineKey("1C904.b", "Tb")))
    with pytest.raises(KeyReused):
        leases.spend(made, spent, use("a", 399))
    assert leases.spend(made, spent, use("a", 400)) == spent
    assert balance(custody) == (400, 0, 600)


def test_an_unsettled_lease_stays_reserved_and_is_overdue(leased: tuple[Custody, leases.Lease, str]) -> None:
    custody, _, text = leased
    assert store.overdue_leases(custody.office.db, stamp(UNTIL)) == []
    late = stamp(UNTIL + timedelta(seconds=1))
    assert [row[:2] for row in store.overdue_leases(custody.office.db, late)] == [("L-1", "lease 1")]
    assert balance(custody)[0] == 400
    leases.settle(custody.office, text, [])
    assert store.overdue_leases(custody.office.db, late) == []
    assert balance(custody) == (0, 0, 1_000)


def test_a_lease_states_what_the_licence_limits(custody: Custody) -> None:
    terms = desk.Terms("L-1", "single", date(2026, 1, 1), date(2026, 12, 31))
    desk.add(custody.office, terms, LINE.entry, LINE.element, Amount(1_000, gross_mg=1_200))
    with pytest.raises(UsageProblem):
        leases.grant(custody.office, "L-1", "k", "P", (Want("Dy", Amount(400)),), UNTIL)
    made, text = leases.grant(
        custody.office, "L-1", "k", "P", (Want("Dy", Amount(400, gross_mg=500)),), UNTIL
    )
    heavy = leases.Use("a", AT, (GoodsLine(LINE, Amount(1, gross_mg=501)),))
    with pytest.raises(QuantityExceeded):
        leases.spend(made, (), heavy)
    leases.settle(custody.office, text, [replace(heavy, lines=(GoodsLine(LINE, Amount(1, gross_mg=500)),))])
    assert desk.check(custody.office) == []
    for place, until in (("P", AT), (" ", UNTIL)):
        with pytest.raises(UsageProblem):
            leases.grant(custody.office, "L-1", "k2", place, (Want("Dy", Amount(1, gross_mg=1)),), until)


LEASE = leases.Lease("urn:x", "L", "k", "P", UNTIL, (GoodsLine(LINE, Amount(400)),), AT)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-5, 300)), max_size=12))
def test_uses_never_add_up_to_more_than_the_lease(tries: list[tuple[str, int]]) -> None:
    spent: tuple[leases.Use, ...] = ()
    for key, mg in tries:
        try:
            spent = leases.spend(LEASE, spent, use(key, mg))
        except (QuantityExceeded, KeyReused):
            continue
    total = sum(n.amount.element_mg for u in spent for n in u.lines)
    assert 0 <= total <= 400
    assert leases.left(LEASE, spent) == [(LINE, Amount(400 - total))]


def test_the_book_survives_a_cut_line(tmp_path: Path) -> None:
    book = leases.Book(tmp_path / "book")
    assert book.uses() == ()
    book.spend(LEASE, use("a", 100))
    with (tmp_path / "book").open("ab") as f:
        f.write(b'{"key": "b", "at": "2026')
    assert len(book.uses()) == 1
    assert len(book.spend(LEASE, use("c", 300))) == 2
    assert [u.key for u in book.uses()] == ["a", "c"]
    with pytest.raises(QuantityExceeded):
        book.spend(LEASE, use("d", 1))
    (tmp_path / "book").write_bytes(b"nothing\n")
    with pytest.raises(Corrupted):
        book.uses()


def call(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return int(left.value.code or 0)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, lease, book, pem = tmp_path / "h", tmp_path / "lease", tmp_path / "book", tmp_path / "k.pem"
    assert call("--home", home, "init", "--org", "T") == 0
    at = ("--home", home, "licence")
    terms = ("--from", "2020-01-01", "--to", "2099-12-31", "--kind", "general")
    assert call(*at, "add", "L-1", "--entry", "1C905.b", "--element", "Dy", "--kg", "1", *terms) == 0
    assert call(*at, "key", "--out", pem) == 0
    line = ("--element", "Dy", "--kg", "0.4", "--key", "x")
    assert (
        call(*at, "lease", "grant", "L-1", *line, "--post", "P", "--until", "2098-01-01", "--out", lease) == 0
    )
    away = (
        "licence",
        "lease",
        "draw",
        lease,
        "--book",
        book,
        "--issuer",
        pem,
        "--entry",
        "1C905.b",
        "--element",
        "Dy",
    )
    capsys.readouterr()
    assert call(*away, "--kg", "0.3", "--key", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["left"][0]["element_mg"] == 100_000
    assert call(*away, "--kg", "0.2", "--key", "2") == 40
    assert call(*at, "lease", "overdue") == 0
    assert call(*at, "lease", "settle", lease, "--book", book) == 0
    capsys.readouterr()
    assert call(*at, "show", "L-1", "--json") == 0
    shown = json.loads(capsys.readouterr().out)["lines"][0]
    assert (shown["drawn_mg"], shown["reserved_mg"]) == (300_000, 0)


def test_times_are_in_the_lease(leased: tuple[Custody, leases.Lease, str]) -> None:
    assert leased[1].until == UNTIL.replace(microsecond=0)
    assert leased[1].until.tzinfo == UTC
