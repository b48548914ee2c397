"""The vault: speed of storing and reading beside the raw floor, and memory for a large file.

./run bench vault [--size-mb 2048]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealtrace.vault.store import Vault

MIB = 1 << 20


def floor(source: Path, target: Path) -> None:
    """What cannot be saved: hash twice (to name, to verify), encrypt once, write once, synchronise."""
    cipher = AESGCM(bytes(32))
    for seal in (False, True):
        whole = hashlib.sha256()
        with source.open("rb") as plain, target.open("wb") as out:
            for number, chunk in enumerate(iter(lambda: plain.read(MIB), b"")):
                whole.update(chunk)
                if seal:
                    out.write(cipher.encrypt(number.to_bytes(12, "big"), chunk, None))
            out.flush()
            os.fsync(out.fileno())


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Store, read, compare, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--size-mb", type=int, default=2048)
    args = ap.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {args.size_mb} MiB"
    )
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as tmp:
        folder = Path(tmp)
        block = os.urandom(MIB)
        with (folder / "source").open("wb") as out:
            for _ in range(args.size_mb):
                out.write(block)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        vault = Vault(folder / "vault", bytes(32))
        least = timed(lambda: floor(folder / "source", folder / "floor"))
        (folder / "floor").unlink()
        put = timed(lambda: vault.put(folder / "source"))
        digest = hashlib.sha256()
        with (folder / "source").open("rb") as plain:
            for chunk in iter(lambda: plain.read(MIB), b""):
                digest.update(chunk)
        (folder / "source").unlink()
        export = timed(lambda: vault.export(digest.digest(), folder / "out"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, seconds in (("floor", least), ("put", put), ("export", export)):
        print(
            f"{name:8} {seconds:7.2f} s  {args.size_mb / seconds:7.0f} MiB/s  {seconds / least:5.2f} x floor"
        )
    print(f"resident, peak: {peak / 1024:.0f} MB (before the work {before / 1024:.0f} MB)")


if __name__ == "__main__":
    main()
