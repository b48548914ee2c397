"""Fuzz one target with atheris: `python -m fuzz.run receipt [libFuzzer options]`.

The corpus is kept in fuzz/corpus/TARGET; what crashes becomes a file there, which the test suite replays.
Without atheris the targets run in the test suite all the same, on mutations drawn by hypothesis.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from .targets import TARGETS, samples

CORPUS = Path(__file__).parent / "corpus"


def main(arguments: list[str]) -> int:
    """Run one target until it is stopped or something is found."""
    if not arguments or arguments[0] not in TARGETS:
        sys.stderr.write(f"usage: python -m fuzz.run {'|'.join(TARGETS)} [libFuzzer options]\n")
        return 2
    try:
        import atheris
    except ImportError:
        sys.stderr.write("atheris is not installed: pip install atheris (needs clang)\n")
        return 2
    name = arguments[0]
    place = CORPUS / name
    place.mkdir(parents=True, exist_ok=True)
    for data in samples(name):
        (place / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], str(place), *arguments[1:]], TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
