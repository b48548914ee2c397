"""The trace answer as the page shows it: everything in the order in which an officer reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from sealtrace.custody import leakmap, recall
from sealtrace.custody.recall import KeptCopy, KeptTrace, KeptWeighing
from sealtrace.errors import SealtraceError
from sealtrace.marks.halves import Party
from sealtrace.trace.report.words import odds

from .. import site
from . import measured, plot
from .models import Leak

RESULTS = {
    "exact": _("Exact"),
    "strong": _("Strong"),
    "inconclusive": _("Inconclusive"),
    "none": _("No match"),
}
CHANNELS = {
    "exact": _("Exact bytes"),
    "stamp": _("Signed stamp"),
    "page": _("Page picture"),
    "text": _("Text"),
    "table": _("Table cells"),
    "order": _("Order of rows"),
    "decoy": _("Decoy rows"),
}
HALVES = {"office": _("office’s half"), "notary": _("notary’s half")}
"""With two keys: whose half of the codeword."""
FULL = 1.6  # a meter is full at this many thresholds


@dataclass(frozen=True, slots=True)
class Meter:
    """One channel's score against its threshold; width and mark in percent of the track."""

    words: str | Promise
    score: float
    threshold: float
    found: bool
    width: float
    mark: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One leaked picture that was read: where it stands in the findings, and the page it shows."""

    weighing: int
    number: int
    page: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The plot of one version's copies, and the table behind it."""

    ref: str
    plot: plot.Plot
    issued: int
    best: float | None
    runner_up: float | None
    rows: tuple[tuple[str, float, bool], ...]


def word(result: str) -> str | Promise:
    """A result's word."""
    return RESULTS[result]


def odds_in_words(chance: float) -> str:
    """A chance of error in words of the page's language."""
    return odds(chance, "en" if get_language() == "en" else "zh")


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def times(log: float) -> str:
    """A factor of at least 1, given by its natural logarithm: × 33,000; from a million on as a power of ten."""
    exponent = math.floor(log / math.log(10))
    digits = math.exp(log - exponent * math.log(10))
    if exponent < 6:
        return f"× {float(f'{digits:.2g}') * 10**exponent:,.{max(0, 1 - exponent)}f}"
    return f"× {digits:.1f} × 10{str(exponent).translate(_RAISED)}"


def page_of(kept: KeptTrace, copy: KeptCopy | None) -> list[int]:
    """The pages the leak shows, from 1: of the accused copy's version, else of the document recognised."""
    if copy is not None and copy.page is not None:
        return [copy.page]
    ref = copy.ref if copy else kept.file
    return sorted({p["page"] + 1 for w in kept.weighed if w.ref == ref for p in w.pages})


def meters(kept: KeptTrace) -> list[Meter]:
    """Every channel that said something."""
    return [meter(_label(c["channel"]), c["score"], c["threshold"], found=c["found"]) for c in kept.channels]


def meter(words: str | Promise, score: float, threshold: float, *, found: bool) -> Meter:
    """A score against its threshold."""
    share = score / threshold if threshold > 0 and math.isfinite(score) else 0.0
    width = min(1.0, max(0.0, share / FULL)) * 100
    return Meter(words, score, threshold, found, round(width, 1), round(100 / FULL, 1))


def _label(channel: str) -> str:
    """A channel's words; with two keys those of one half of its codeword."""
    name, _slash, half = channel.partition("/")
    words = str(CHANNELS.get(name, name))
    return f"{words} · {HALVES[half]}" if half in HALVES else words


def pictures(kept: KeptTrace) -> list[Picture]:
    """The leaked pictures that carry an accused copy's marks."""
    accused = {copy.ref for copy in kept.copies if "page" in copy.channels}
    return [
        Picture(i, n, found["page"] + 1, found["coverage"])
        for i, w in enumerate(kept.weighed)
        if w.ref in accused and w.channel == "page" and w.half != Party.NOTARY
        for n, found in enumerate(w.pages)
    ]


@lru_cache(maxsize=64)
def _scored(trace: str, number: int) -> recall.Scored:
    office = site.custody().office
    kept = recall.recall(office, trace)
    return recall.scores(office, kept, kept.weighed[number])


def charts(kept: KeptTrace) -> list[Chart]:
    """A plot for each version that was weighed and that the answer is about."""
    found = []
    for number, weighing in enumerate(kept.weighed):
        if kept.copies and not any(copy.ref == weighing.ref for copy in kept.copies):
            continue
        found.append(_chart(kept, number, weighing))
    return [chart for chart in found if chart.plot.shown or chart.plot.named][:3]


def _chart(kept: KeptTrace, number: int, weighing: KeptWeighing) -> Chart:
    scored = _scored(kept.id, number)
    said = {
        str(c.id): {half: log_e for half, log_e, _ in c.halves}.get(weighing.half, c.log_e)
        for c in kept.copies
        if c.ref == weighing.ref and c.log_e is not None
    }
    others = [(str(copy), value) for copy, value in scored.scores if str(copy) not in said]
    named = list(said.items())
    rows = sorted(
        [*((c, v, True) for c, v in named), *((c, v, False) for c, v in others)], key=lambda r: -r[1]
    )
    drawn = plot.plot(
        others, [(f"{copy[:5]}…", value) for copy, value in named], kept.threshold, weighing.runner_up
    )
    ref = f"{weighing.ref} ({HALVES[weighing.half]})" if weighing.half else weighing.ref
    return Chart(ref, drawn, scored.issued, weighing.best, weighing.runner_up, tuple(rows[:10]))


def agreements(kept: KeptTrace) -> dict[str, leakmap.Agreement]:
    """How many symbols agree, for each accused copy of the page channel."""
    found = {}
    for copy in kept.copies:
        weighing = next((w for w in kept.weighed if w.ref == copy.ref and w.channel == "page"), None)
        if weighing is not None and "page" in copy.channels:
            said = leakmap.agreement(site.custody().office, weighing, copy.id)
            if said is not None:
                found[str(copy.id)] = said
    return found


def evidence_of(kept: KeptTrace) -> list[measured.Measured]:
    """The tests that measured the chance of error of the channels that named a copy."""
    channels = dict.fromkeys(c for copy in kept.copies for c in copy.channels)
    found = [measured.BY_CHANNEL[c] for c in channels if c in measured.BY_CHANNEL]
    return [*found, measured.LUCK] if found else []


def context(kept: KeptTrace) -> dict[str, Any]:
    """Everything the answer page shows."""
    first = kept.copies[0] if kept.copies else None
    leak = Leak.objects.filter(trace=kept.id).first()
    said = agreements(kept)
    return {
        "kept": kept,
        "code": (first_ref(kept) or "").partition("@")[0],
        "version": (first_ref(kept) or "").partition("@")[2],
        "other_versions": [v for v in kept.versions if first and f"@{v}" not in first.ref],
        "word": word(kept.result),
        "first": first,
        "copies": [
            {"copy": copy, "halves": [(HALVES[half], *score) for half, *score in copy.halves],
             "odds": odds_in_words(copy.chance_of_error), "agreement": said.get(str(copy.id)),
             "channels": [CHANNELS.get(c, c) for c in copy.channels], "pages": page_of(kept, copy)}
            for copy in kept.copies
        ],
        "pages": page_of(kept, first),
        "odds": odds_in_words(max(c.chance_of_error for c in kept.copies)) if kept.copies else "",
        "limit_words": odds_in_words(kept.chance),
        "charts": charts(kept),
        "meters": meters(kept),
        "pictures": pictures(kept) if leak else [],
        "tests": evidence_of(kept),
        "tables": [t for w in kept.weighed for t in w.tables if kept.copies and w.ref == first_ref(kept)],
        "leak": leak,
        "sizes": sum(p.size_bytes for p in kept.pieces),
        "total_s": (leak.answered_at - leak.created_at).total_seconds() if leak and leak.answered_at else None,
        "lead": lead(kept, first),
    }  # fmt: skip


def first_ref(kept: KeptTrace) -> str | None:
    """The version of the first accused copy."""
    return kept.copies[0].ref if kept.copies else kept.file


def lead(kept: KeptTrace, first: KeptCopy | None) -> str:
    """Which sentence leads: the template has one for each."""
    if kept.result == "none":
        return "none"
    if first is None:
        by_digest = any("registered original" in note for note in kept.notes)
        return "original" if by_digest else "inconclusive"
    if len(kept.copies) > 1:
        return "blend"
    return "stamp" if "stamp" in first.channels else "exact" if "exact" in first.channels else "strong"


@dataclass(frozen=True, slots=True)
class Listed:
    """One trace in the list."""

    id: str
    at: datetime | str
    entry: int
    result: str
    word: str | Promise
    title: str | None
    file: str | None
    who: str
    problem: str = ""
    symbols: bool = False
    """Whether it read symbols, so that it can be weighed together with others."""


def listed(trace_id: str, at: str, entry: int) -> Listed:
    """A trace in one line; one whose file is gone says so instead of breaking the list."""
    try:
        kept = site.custody().recall(trace_id)
    except SealtraceError as e:
        return Listed(trace_id, at, entry, "none", "", None, None, "", e.message)
    who = ", ".join(copy.who.operator for copy in kept.copies[:3])
    if len(kept.copies) > 3:
        who += gettext(" and %(n)d more") % {"n": len(kept.copies) - 3}
    return Listed(
        trace_id,
        at,
        entry,
        kept.result,
        word(kept.result),
        kept.title,
        kept.file,
        who,
        symbols=bool(kept.weighed),
    )
