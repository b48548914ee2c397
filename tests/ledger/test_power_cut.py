"""The power goes at each of a thousand operations: nothing acknowledged is lost, nothing forks."""

from __future__ import annotations

import copy
import random
import shutil
from pathlib import Path

import pytest

from sealtrace.testing.disk import Fate, Image, Operation, watched, write_files

from .power import Day, Told, found, ledger_keys, must_hold

CUTS = 1000
PARTS = 4


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Image, list[Operation | Told]]:
    """One day, operation by operation, with what was acknowledged between them."""
    root = tmp_path_factory.mktemp("day") / "disk"
    root.mkdir()
    found(root)
    start = Image.of_folder(root)
    journal: list[Operation | Told] = []

    def observe(operation: Operation) -> Fate:
        journal.append(operation)
        return Fate.DONE

    with watched(root, observe):
        day = Day(root, lambda told: journal.append(told.copy()))
        day.work()
        day.close()
    return root, start, journal


def test_the_day_is_long_enough(recorded: tuple[Path, Image, list[Operation | Told]]) -> None:
    _, _, journal = recorded
    assert sum(isinstance(step, Operation) for step in journal) >= CUTS


@pytest.mark.parametrize("part", range(PARTS))
def test_after_a_power_cut(
    part: int, recorded: tuple[Path, Image, list[Operation | Told]], memory: Path
) -> None:
    root, _, journal = recorded
    image = copy.deepcopy(recorded[1])
    home_keys, told = ledger_keys(root), Told()
    operations = [at for at, step in enumerate(journal) if isinstance(step, Operation)]
    step = len(operations) / CUTS
    cuts = {operations[int(number * step)] for number in range(part, CUTS, PARTS)}
    for at, operation in enumerate(journal):
        if isinstance(operation, Told):
            told = operation
            continue
        if at in cuts:
            rnd, place, whole = random.Random(at), memory / str(at), at % 17 == 0
            left = image.after_cut(rnd)
            write_files({n: d for n, d in left.items() if whole or not n.startswith("backup/")}, place)
            try:
                must_hold(place, home_keys, told, rnd, whole=whole)
            except BaseException as e:
                e.add_note(f"power cut before operation {at}: {operation.kind} {operation.path}")
                raise
            shutil.rmtree(place)
        image.apply(operation)
