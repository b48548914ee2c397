"""Write the golden vectors: `python -m tests.golden.generate`. The same bytes each time it is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from . import evidence_cases, log_cases, proof_cases
from .vectors import DATA, Lines, Vector


def all_files(lines: Lines) -> dict[str, bytes]:
    """Every file of the golden data by its path, the list of vectors among them."""
    made = list(_vectors(lines))
    files = {path: data for vector in made for path, data in vector.files.items()}
    files["vectors.json"] = _json([vector.as_dict() for vector in made])
    files["proofs.json"] = _json(proof_cases.proofs())
    files["lines.json"] = _json(dict(sorted(lines.kept.items())))
    return files


def _vectors(lines: Lines) -> Iterator[Vector]:
    yield from evidence_cases.vectors(lines)
    yield from log_cases.vectors(lines)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def main(folder: Path = DATA) -> int:
    """Write what is missing; say what differs, since what was released is never edited."""
    different = []
    for path, data in all_files(Lines()).items():
        place = folder / path
        if place.exists() and place.read_bytes() != data and "--replace" not in sys.argv:
            different.append(path)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for path in different:
        print(f"differs from what is kept: {path}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
