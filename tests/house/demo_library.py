"""The demo's documents, written once for all tests that look at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sealtrace.demo.library import Plant, run_plant, write_library


@dataclass(frozen=True, slots=True)
class Library:
    """The simulated plant and the folder its documents are in."""

    plant: Plant
    folder: Path


@cache
def plant() -> Plant:
    """The plant, simulated once a process."""
    return run_plant()


def library(folder: Path) -> Library:
    """Write the documents into a folder."""
    list(write_library(folder, plant()))
    return Library(plant(), folder)
