"""A recipient's standing over several leaks: what adds up, what it costs, what is entered, whom it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cbor2
import numpy as np
import pytest

from sealtrace.clock import FixedClock
from sealtrace.content.tables import delimited
from sealtrace.custody import standing
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing import TraceAnswer
from sealtrace.errors import KeySealed, NotRegistered, UsageProblem
from sealtrace.ledger.check import EVERYTHING
from sealtrace.testing import tables as attacks

from ..conftest import AT
from .test_tables import as_csv

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
        return self.custody.trace([out])


@pytest.fixture(scope="module")
def leaked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leaked]:
    folder = tmp_path_factory.mktemp("standing")
    with Custody.create(folder / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as custody:
        copies = []
        for seed in (21, 22):
            table = attacks.readings(np.random.default_rng(seed), 300, 8)
            (folder / f"{seed}.csv").write_text(as_csv(table), "utf-8")
            [done] = custody.register([folder / f"{seed}.csv"], uncertainty=attacks.uncertainties(table))
            copies.append(custody.issue_many(str(done.code), PEOPLE, folder / f"out-{seed}"))
        yield Leaked(custody, folder, copies)


@pytest.fixture(scope="module")
def weak(leaked: Leaked) -> list[TraceAnswer]:
    """Two leaks of the first document, one of the second; none names anybody."""
    made = [(0, slice(40, 52), "a1"), (0, slice(150, 162), "a2"), (1, slice(80, 92), "b")]
    return [leaked.extract(*one) for one in made]


def test_x(leaked, weak):
    print([(w.answer.result, [(c.channel, c.score, c.threshold) for c in w.answer.channels], w.seconds) for w in weak])
    a = leaked.custody.together([w.trace for w in weak])
    print(a.as_dict())
    a = leaked.custody.together([weak[0].trace, weak[2].trace])
    print(a.as_dict())
