"""Evidence of tables and of blends: copies named by cells, in one round or in several, and what forges them.

As in `evidence_cases`, a forger holds the office's keys: only the claim in question gives the file away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sealtrace.trace.model import Result

from .evidence_cases import IDS, RESULT, Scene, flipped, put, weighed
from .log import Keys
from .vectors import Lines, Scores, Vector

TABLE: dict[str, Any] = {"channel": "table", "result": Result.STRONG, "looks": 2}
BLEND: dict[str, Any] = {**TABLE, "accused": (1, 3), "shares": (150, 106)}
"""Two copies' cells, of the one more than of the other, which is therefore named in the second round only."""
BETWEEN_ROUNDS = 12 * math.exp(-25)
"""A chance at which the first copy of the blend is above its round's limit, and the second below its own."""


def scenes() -> Iterator[tuple[Scene, dict[str, Any]]]:
    """Each scene with what is expected of it."""
    key = Keys("1").checkpoint.public.text
    both = [weighed(1), weighed(3)]
    yield Scene("table", shares=(256,), **TABLE), {"key": key}
    yield Scene("table-inconclusive", **(TABLE | {"accused": (), "result": Result.INCONCLUSIVE})), {}
    yield Scene("table-of-two", **BLEND), {"key": key}
    yield Scene("table-of-three", accused=(0, 2, 5), symbols=384, shares=(110, 80, 66), **TABLE), {}
    yield Scene("strong-2104-symbols", channel="page", result=Result.STRONG, symbols=2104), {"key": key}
    yield (
        Scene("table-as-a-page", findings=_as_a_page, **BLEND),
        {"fails": both},
    )
    yield (
        Scene("mixture-another", findings=put("weighed", 0, "mixture", to="averaging"), **BLEND),
        {"fails": both},
    )
    yield (
        Scene("mixture-unknown", findings=put("weighed", 0, "mixture", to="guesses"), **BLEND),
        {"fails": both},
    )
    yield (
        Scene("round-left-out", findings=lambda found: found["accused"][1].pop("round"), **BLEND),
        {"fails": [weighed(3)]},
    )
    yield (
        Scene("round-another", findings=put("accused", 1, "round", to=3), **BLEND),
        {"fails": [weighed(3)]},
    )
    yield Scene("round-unknown", findings=put("accused", 1, "round", to=11), **BLEND), {"fails": both}
    yield (
        Scene("round-without-an-earlier-one", findings=put("accused", 0, "round", to=2), **BLEND),
        {"fails": both},
    )
    yield (
        Scene("round-not-paid-for", findings=put("accused", 1, "chance_of_error", to=lambda e: e / 2), **BLEND),
        {"fails": [weighed(3)]},
    )  # fmt: skip
    yield (
        Scene("round-below-its-threshold", findings=put("chance", to=BETWEEN_ROUNDS), **BLEND),
        {"fails": [weighed(3), RESULT]},
    )
    yield (
        Scene("earlier-codeword-missing", content=put("accused", 0, "codeword", to=None), **BLEND),
        {"fails": both},
    )
    yield (
        Scene("earlier-codeword-flipped", content=flipped("accused", 0, "codeword"), **BLEND),
        {"fails": both},
    )
    yield (
        Scene(
            "earlier-copy-left-out",
            findings=lambda found: found["accused"].pop(0),
            entered=put("accused", to=bytes(IDS[3])),
            content=lambda content: content["accused"].pop(0),
            **BLEND,
        ),
        {"fails": [weighed(3)]},
    )
    yield (
        Scene("accused-by-an-unknown-channel", findings=put("accused", 0, "channels", to=["table", "rumour"]), **BLEND),
        {"fails": [RESULT]},
    )  # fmt: skip


def _as_a_page(found: dict[str, Any]) -> None:
    """Drop what tells cells from a page, so that the models of a page are taken."""
    for name in ("channel", "mixture", "tables"):
        del found["weighed"][0][name]
    for accused in found["accused"]:
        accused["channels"] = ["page"]


def vectors(lines: Lines, scores: Scores) -> Iterator[Vector]:
    """All evidence vectors of tables and blends."""
    for scene, expected in scenes():
        data = scene.build(lines, scores)
        yield Vector("evidence", scene.name, {f"evidence/{scene.name}.evidence": data}, **expected)
