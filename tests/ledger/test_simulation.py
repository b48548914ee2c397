"""A thousand worlds of three organisations and three witnesses; and two broken witnesses that must not pass."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Protocol

import pytest

from sealtrace.ledger import witness
from sealtrace.testing.simulation import Violation, World, simulate, template

SEEDS = 1000
PARTS = 20
MUTATION_SEEDS = range(60)


class Run(Protocol):
    """Runs one seed."""

    def __call__(self, seed: int, *, lying_disks: bool = False) -> World: ...


@pytest.fixture
def run(memory: Path) -> Run:
    """Run one seed in a folder of its own; a failure names its seed, and the seed replays exactly."""
    made = template(memory / "template")

    def one(seed: int, *, lying_disks: bool = False) -> World:
        root = Path(tempfile.mkdtemp(dir=memory))
        try:
            return simulate(seed, root, made, lying_disks=lying_disks)
        except BaseException as e:
            e.add_note(f"seed {seed}")
            raise
        finally:
            shutil.rmtree(root)

    return one


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_nothing_is_violated(part: int, run: Run) -> None:
    worlds = [run(seed) for seed in range(part, SEEDS, PARTS)]
    assert sum(world.crashes for world in worlds) > 8, "hardly any node lost power"
    assert sum(world.refusals for world in worlds) > 20, "hardly any quorum was missed"
    assert sum(world.detected for world in worlds) > 5, "hardly any old backup or fork was refused"


@pytest.mark.parametrize("seed", [3, 14, 159, 265])
def test_a_seed_replays_exactly(seed: int, run: Run) -> None:
    first, again = run(seed), run(seed)
    assert first.writes == again.writes
    assert first.rnd.random() == again.rnd.random()


def all_of(run: Run, *, lying_disks: bool = False) -> None:
    """Run the seeds that a broken witness is tried on."""
    for seed in MUTATION_SEEDS:
        run(seed, lying_disks=lying_disks)


def test_a_witness_that_answers_before_it_has_persisted_is_caught(run: Run) -> None:
    with pytest.raises(Violation, match="cosigned two histories"):
        all_of(run, lying_disks=True)


def test_a_witness_that_skips_the_consistency_proof_is_caught(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "verify_consistency", lambda *_: None)
    with pytest.raises(Violation, match="cosigned two histories"):
        all_of(run)
