"""The work of a trace: lay the pieces out, trace them for who asked, keep which trace came of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sealtrace.custody.model import Recipient
from sealtrace.errors import UsageProblem
from sealtrace.policy.model import Actor

from .. import site
from ..jobs import service as jobs
from ..jobs.service import Tell, work
from . import intake
from .intake import Kept
from .models import Leak

KIND = "leak:trace"
LARGEST_CHANCE = 1e-2
CHANCES = ("1e-6", "1e-9", "1e-12")


def chance_of(text: str) -> float:
    """The chance of error that a form asks for.

    Raises:
        UsageProblem: it is no number above 0 and up to the largest.
    """
    try:
        chance = float(text)
    except ValueError:
        chance = 0.0
    if not 0 < chance <= LARGEST_CHANCE:
        raise UsageProblem(_("The chance of error is no number above 0 and up to 0.01."))
    return chance


def take(
    actor: Actor, pieces: Sequence[Kept], *, chance: float = 1e-9, ground: str = "", via: str = "upload",
    batch: str = "",
) -> Leak:  # fmt: skip
    """Take one leak in and start tracing it. `pieces` belong together."""
    leak = Leak.objects.create(
        via=via, pieces=[piece.as_dict() for piece in pieces], chance=chance, ground=ground[:200],
        operator=actor.operator, batch=batch,
    )  # fmt: skip
    leak.job = jobs.start(KIND, actor, {"leak": leak.pk}).pk
    leak.save(update_fields=["job"])
    return leak


def take_each(
    actor: Actor, pieces: Sequence[Kept], *, chance: float = 1e-9, ground: str = "", via: str = "upload"
) -> str:
    """Take many leaks in, a trace for each; returns the name of the batch."""
    batch = secrets.token_hex(8)
    for piece in pieces:
        take(actor, [piece], chance=chance, ground=ground, via=via, batch=batch)
    return batch


def asking(actor: Actor) -> Recipient:
    """Who asks, as the ledger records people."""
    return Recipient(actor.operator, actor.device or "none", actor.ip)


@work(KIND)
def trace(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Trace a leak that was taken in. One that has its trace already keeps it."""
    leak = Leak.objects.get(pk=arguments["leak"])
    if not leak.trace:
        with intake.laid_out(leak.pieces) as paths:
            answer = site.custody().trace(
                paths, chance=leak.chance, by=asking(actor), tell=lambda stage: tell(stage, 0, 0)
            )
        leak.trace, leak.result = answer.trace, str(answer.answer.result)
        leak.answered_at = timezone.now()
        leak.save(update_fields=["trace", "result", "answered_at"])
    return {"trace": leak.trace, "result": leak.result}
