"""Write the golden vectors: `python -m tests.golden.generate`. The same bytes each time it is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from . import blend_cases, evidence_cases, halves_cases, log_cases, opening_cases, proof_cases
from .vectors import DATA, Lines, Scores, Vector


def all_files(lines: Lines, scores: Scores) -> dict[str, bytes]:
    """Every file of the golden data by its path, the list of vectors among them."""
    made = list(_vectors(lines, scores))
    files = {path: data for vector in made for path, data in vector.files.items()}
    files["vectors.json"] = _json([vector.as_dict() for vector in made])
    files["proofs.json"] = _json(proof_cases.proofs())
    files["lines.json"] = _json(dict(sorted(lines.kept.items())))
    files["scores.json"] = _json(dict(sorted(scores.all.items())))
    return files


def _vectors(lines: Lines, scores: Scores) -> Iterator[Vector]:
    yield from evidence_cases.vectors(lines, scores)
    yield from blend_cases.vectors(lines, scores)
    yield from opening_cases.vectors(lines, scores)
    yield from halves_cases.vectors(lines, scores)
    yield from log_cases.vectors(lines)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _grown(path: str, kept: bytes, data: bytes) -> bool:
    """Whether a list of vectors, lines or scores only has more rows than the one that is kept."""
    if path not in ("vectors.json", "lines.json", "scores.json"):
        return False
    old, new = json.loads(kept), json.loads(data)
    if isinstance(old, list):
        return all(row in new for row in old)
    return all(new.get(name) == row for name, row in old.items())


def main(folder: Path = DATA) -> int:
    """Write what is missing and lists that grew; say what differs, since what was released is never edited."""
    different = []
    for path, data in all_files(Lines(), Scores()).items():
        place = folder / path
        kept = place.read_bytes() if place.exists() else data
        if not (kept == data or _grown(path, kept, data) or "--replace" in sys.argv):
            different.append(path)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for path in different:
        print(f"differs from what is kept: {path}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
