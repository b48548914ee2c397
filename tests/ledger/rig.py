"""Logs, witnesses and partners to test with: fixed secrets, no network, no clock of the machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sealtrace.clock import FixedClock
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys, Profile
from sealtrace.ledger.notekey import COSIGN_ED25519, COSIGN_ML_DSA, NoteSigner
from sealtrace.ledger.quorum import Policy
from sealtrace.ledger.witness import Reply, Witness

AT = datetime(2026, 3, 2, tzinfo=UTC)
CLOCK = FixedClock(AT)


def keys(name: str = "test.example/log", profile: Profile = Profile.DEFAULT) -> LedgerKeys:
    """A log's names and seeds; the same name always has the same keys."""
    return LedgerKeys(
        name, "urn:test:issuer", lambda p: hashlib.sha256(f"{name} {p}".encode()).digest(), profile
    )


def draft(number: int, event: str = "copy:issued") -> Draft:
    return Draft(event, f"{number:016x}", commit({"n": number}).digest, "application/vnd.test+cbor")


def log_of(place: Path, entries: int, first: int = 0, profile: Profile = Profile.DEFAULT) -> Ledger:
    """A log with so many entries; logs with another `first` have another history and the same keys."""
    made = Ledger.create(place, keys(profile=profile), CLOCK)
    if entries:
        made.append([draft(first + i) for i in range(entries)])
    return made


def signers(name: str) -> list[NoteSigner]:
    seed = hashlib.sha256(name.encode()).digest()
    return [NoteSigner.from_seed(name, kind, seed) for kind in (COSIGN_ED25519, COSIGN_ML_DSA)]


class Town:
    """Witnesses that can be asked by URL, and be unreachable."""

    def __init__(self, folder: Path, names: int, vkeys: tuple[str, ...]) -> None:
        self.witnesses = {
            f"http://w{i}.example": Witness(folder / f"w{i}.db", signers(f"w{i}.example"), CLOCK)
            for i in range(names)
        }
        self.down: set[str] = set()
        self.asked: list[str] = []
        for witness in self.witnesses.values():
            for vkey in vkeys:
                witness.add_log(vkey)

    def post(self, url: str, body: bytes) -> Reply:
        self.asked.append(url)
        if url in self.down:
            raise OSError("connection refused")
        return self.witnesses[url].add_checkpoint(body)

    def policy(self, needed: int) -> Policy:
        return Policy(tuple((key, url) for url, w in self.witnesses.items() for key in w.keys), needed)

    def close(self) -> None:
        for witness in self.witnesses.values():
            witness.close()


def every_byte(*places: Path, without: Callable[[Path], bool] = lambda _: False) -> list[tuple[Path, bytes]]:
    """Every file below the given places with its bytes."""
    files = [p for place in places for p in place.rglob("*") if p.is_file() and not without(p)]
    return [(path, path.read_bytes()) for path in files]
