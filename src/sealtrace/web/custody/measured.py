"""What was measured about the chance of error, as printed in docs/benchmarks.md; a test compares the figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Measured:
    """A test of a channel: what it found, the figure as docs/benchmarks.md prints it, and its command."""

    words: str | Promise
    figure: str
    command: str


BY_CHANNEL = {
    "page": Measured(
        _("294 of 294 damaged pages traced among 1,000 copies, none wrong"),
        "294 of 294 traced at 10<sup>-9</sup> among 1,000 copies, none wrong",
        "./run bench page",
    ),
    "table": Measured(
        _("1,000 of 1,000 extracts named for each kind of change, no innocent copy"),
        "1,000 of 1,000 named for each, no innocent",
        "./run bench tables --trials 1000 --parts leaks --processes 2",
    ),
}
LUCK = Measured(
    _("of 10,000,008 innocent copies the highest log e-value was 14.1"),
    "highest log e-value 14.1",
    "./run bench codes --trials 5",
)
