"""How long one decision takes: answered from memory, with known people and records, and with everything new."""

from __future__ import annotations

import platform
import time
from dataclasses import replace

from sealtrace.policy import engine
from sealtrace.policy.model import Actor, DeviceState, Role, Subject

ROUNDS = 2000


def per_decision(label: str, fresh: bool, clear: bool) -> float:
    """Decide ROUNDS times and print the mean, in microseconds."""
    reader = Actor("op-1", "d", "10.0.0.1", "YL", frozenset({Role.READER}), "core", DeviceState.ENROLLED)
    began = time.perf_counter()
    for number in range(ROUNDS):
        if clear:
            engine._decide.cache_clear()
        who = replace(reader, operator=f"op-{number}") if fresh else reader
        engine.decide(who, "file:open", Subject("File", "x", {"level": "core"}))
    mean = (time.perf_counter() - began) / ROUNDS * 1e6
    print(f"{label:<44} {mean:8.1f} us")
    return mean


def main() -> None:
    """Print the three figures and their ratios."""
    print(f"machine: {platform.machine()}, Python {platform.python_version()}; {ROUNDS} decisions each")
    new = per_decision("everything new", fresh=True, clear=True)
    known = per_decision("decided again, person and record known", fresh=False, clear=True)
    kept = per_decision("the same question", fresh=False, clear=False)
    print(f"ratios: {new / known:.1f} and {new / kept:.0f}")


if __name__ == "__main__":
    main()
