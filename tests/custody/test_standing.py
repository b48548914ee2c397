"""A recipient's standing over several leaks: what adds up, what it costs, what is entered, whom it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cbor2
import numpy as np
import pytest

from sealtrace.clock import FixedClock
from sealtrace.content.tables import delimited
from sealtrace.custody import standing, standings
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing.answer import TraceAnswer
from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ledger.check import EVERYTHING
from sealtrace.testing import tables as attacks

from ..conftest import AT
from .test_tables import as_csv

CHANCE = 1e-32  # far between what a weak leak and what all of them together score, whatever keys were drawn
GUILTY, PEOPLE = 2, [Recipient(f"op-{i}", f"dev-{i}", f"10.9.0.{i}") for i in range(5)]


@dataclass
class Leaked:
    """Two tables out in a copy for each, and extracts too small to name anybody."""

    custody: Custody
    folder: Path
    copies: list[list[IssuedCopy]]

    def extract(self, table: int, rows: slice, name: str, who: int = GUILTY) -> TraceAnswer:
        path = self.copies[table][who].path
        assert path is not None
        [copy] = delimited.read(path)
        part = attacks.of_numbers(copy.numbers[rows, 1:])
        out = self.folder / f"{name}.csv"
        out.write_text(as_csv(part, header=False), "utf-8")
        return self.custody.trace([out], chance=CHANCE)


@pytest.fixture(scope="module")
def leaked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leaked]:
    folder = tmp_path_factory.mktemp("standing")
    with Custody.create(folder / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as custody:
        copies = []
        for seed in (21, 23):
            table = attacks.readings(np.random.default_rng(seed), 300, 8)
            (folder / f"{seed}.csv").write_text(as_csv(table), "utf-8")
            [done] = custody.register([folder / f"{seed}.csv"], uncertainty=attacks.uncertainties(table))
            copies.append(custody.issue_many(str(done.code), PEOPLE, folder / f"out-{seed}"))
        yield Leaked(custody, folder, copies)


@pytest.fixture(scope="module")
def weak(leaked: Leaked) -> list[TraceAnswer]:
    """Three leaks of each document, by turns; none of them names anybody."""
    starts = [(table, start) for start in (20, 110, 200) for table in (0, 1)]
    return [leaked.extract(table, slice(at, at + 40), f"leak-{table}-{at}") for table, at in starts]


def opening(custody: Custody, event: str, entry: int) -> dict[str, object]:
    return {name: pair[1] for name, pair in dict(custody.office.acts(event))[entry].items()}


def test_weak_leaks_of_two_documents_name_together_whom_none_names(
    leaked: Leaked, weak: list[TraceAnswer]
) -> None:
    custody, traces = leaked.custody, [answer.trace for answer in weak]
    assert {answer.answer.result for answer in weak} == {"inconclusive"}
    answer = custody.together(traces[::-1], chance=CHANCE, by=Recipient("officer", "desk", "10.9.1.1"))
    assert answer.result == "strong"
    [stood] = answer.named
    assert stood.operator == f"op-{GUILTY}"
    assert set(stood.copies) == {copies[GUILTY].id for copies in leaked.copies}
    assert answer.recipients == len(PEOPLE)
    assert stood.chance_of_error <= answer.chance
    assert stood.log_e == pytest.approx(sum(share.log_e for share in stood.shares))
    assert [
        {name for name, _ in share.traces} >= set(part)
        for share, part in zip(stood.shares, (traces[::2], traces[1::2]), strict=True)
    ] == [True, True]
    assert answer.runner_up is not None
    assert answer.runner_up < answer.threshold - 20
    opened = opening(custody, standing.OPENED, answer.opened)
    said = opening(custody, standing.WEIGHED, answer.entry.index)
    assert opened["traces"] == said["traces"] == ",".join(traces)
    assert (opened["considered"], opened["chance"]) == (len(PEOPLE), "1e-32")
    assert float(str(opened["threshold"])) == answer.threshold
    assert opened["by_operator"] == "officer"
    assert (said["opened"], said["result"]) == (answer.opened, "strong")
    findings = cbor2.loads(said["findings"])
    assert findings["named"][0]["log_e"] == stood.log_e
    assert custody.check(EVERYTHING) == []


def test_the_same_traces_have_the_same_answer_whenever_they_are_put_together(
    leaked: Leaked, weak: list[TraceAnswer], tmp_path: Path
) -> None:
    chosen = [weak[0].trace, weak[1].trace]
    before = leaked.custody.together(chosen)
    later = [Recipient("newcomer", "dev-n", "10.9.0.99")]
    leaked.custody.issue_many(str(leaked.copies[0][0].code), later, tmp_path / "later")
    again = leaked.custody.together(chosen)
    assert (again.threshold, again.best) == (before.threshold, before.best)
    assert again.recipients == len(PEOPLE)


def test_leaks_of_different_people_name_nobody_and_nobody_is_told(
    leaked: Leaked, weak: list[TraceAnswer]
) -> None:
    other = leaked.extract(0, slice(200, 212), "other", who=0)
    answer = leaked.custody.together([weak[1].trace, other.trace], chance=CHANCE)
    assert (answer.result, answer.named) == ("inconclusive", ())
    assert answer.shares
    assert "op-" not in str(answer.as_dict())


def test_what_can_not_be_put_together_is_refused(leaked: Leaked, weak: list[TraceAnswer]) -> None:
    custody, first = leaked.custody, weak[0].trace
    exact = custody.trace([leaked.copies[0][1].path or Path()]).trace
    again = custody.trace([leaked.folder / "leak-0-20.csv"]).trace
    size = custody.office.ledger.size()
    for names, why in (
        ([first], "1 traces"), ([first, first], "1 traces"), ([first, exact], "no symbols"),
        ([first, again], "one leak"),
    ):  # fmt: skip
        with pytest.raises(UsageProblem, match=why):
            custody.together(names)
    with pytest.raises(UsageProblem, match="chance"):
        custody.together([first, weak[1].trace], chance=0.5)
    with pytest.raises(NotRegistered):
        custody.together([first, "T0"])
    assert custody.office.ledger.size() == size


def test_a_trace_that_stops_reading_when_a_copy_is_named_pays_for_its_stops(
    leaked: Leaked, weak: list[TraceAnswer]
) -> None:
    kept = leaked.custody.recall(weak[0].trace)
    assert standing.stops(kept) == 1
    pictured = replace(kept, looks=6, weighed=(replace(kept.weighed[0], channel="page"),))
    assert standing.stops(pictured) == 18


def test_an_answer_is_read_again_as_it_was_given_and_tells_nobody_who_was_not_named(
    leaked: Leaked, weak: list[TraceAnswer]
) -> None:
    custody, traces = leaked.custody, [answer.trace for answer in weak]
    officer, stages = Recipient("officer", "desk", "10.9.1.1"), list[str]()
    given = custody.together(traces, chance=CHANCE, by=officer, tell=stages.append)
    assert tuple(stages) == standing.STAGES
    kept = custody.recall_standing(given.entry.index)
    assert (kept.id, kept.result, kept.traces, kept.asked) == (given.id, "strong", given.traces, officer)
    assert (kept.threshold, kept.best, kept.runner_up) == (given.threshold, given.best, given.runner_up)
    assert kept.log_paid == pytest.approx(given.threshold - np.log(len(PEOPLE) / CHANCE))
    [stood], [told] = kept.named, given.named
    assert (stood.operator, stood.log_e, stood.shares) == (told.operator, told.log_e, told.shares)
    assert stood.chance_of_error == pytest.approx(told.chance_of_error)
    assert [(copy.id, copy.who.ip) for copy in stood.copies] == [(c, "10.9.0.2") for c in told.copies]
    nobody = custody.together(traces[:2], chance=1e-100)
    again = custody.recall_standing(nobody.entry.index)
    assert (again.named, again.closest, again.asked) == ((), nobody.shares, None)
    assert "op-" not in str(again)
    assert [one.entry for one in standings.newest(custody.office, None, 2)] == [again.entry, kept.entry]
    assert standings.newest(custody.office, again.entry, 1)[0].entry == kept.entry
    for entry in (nobody.opened, weak[0].entry.index):
        with pytest.raises(NotRegistered):
            custody.recall_standing(entry)


def test_what_a_choice_costs_is_told_before_anything_is_weighed(
    leaked: Leaked, weak: list[TraceAnswer]
) -> None:
    custody, first = leaked.custody, weak[0].trace
    exact = custody.trace([leaked.copies[0][1].path or Path()]).trace
    again = custody.trace([leaked.folder / "leak-0-20.csv"]).trace
    size = custody.office.ledger.size()
    choice = custody.choose([again, exact, weak[1].trace, first, first], (1e-6, CHANCE))
    assert choice.counted == (first, weak[1].trace)
    assert choice.unfit == {exact: standing.Unfit("bare"), again: standing.Unfit("same", first)}
    assert custody.choose([first, exact], (1e-6,)).terms == ()
    assert custody.office.ledger.size() == size
    assert custody.together([first, weak[1].trace], chance=CHANCE).threshold == choice.terms[1].threshold
