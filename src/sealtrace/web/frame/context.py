"""What the frame of every page shows: who you are, the ledger's health, the rail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sealtrace.policy import engine
from sealtrace.policy.model import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the rail: address name, words, icon, and the action it needs."""

    name: str
    words: str | Promise
    icon: str
    action: str


RAIL: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    (
        _("Custody"),
        (
            Place("home", _("Home"), "home", "home:see"),
            Place("register", _("Register"), "register", "file:list"),
            Place("issue", _("Issue"), "issue", "copy:issue"),
            Place("trace", _("Trace"), "trace", "leak:trace"),
            Place("view", _("View"), "view", "page:list"),
            Place("ledger", _("Ledger"), "ledger", "ledger:see"),
        ),
    ),
    (
        _("Registers"),
        (
            Place("people", _("People"), "person", "person:list"),
            Place("rosters", _("Rosters"), "audit", "roster:list"),
            Place("travel", _("Travel"), "travel", "journey:own"),
            Place("documents", _("Documents in custody"), "custody", "document:own"),
            Place("licences", _("Licences"), "licence", "licence:list"),
            Place("applications", _("My applications"), "licence", "licence:apply"),
            Place("advice", _("Advice"), "note", "licence:consulted"),
            Place("gate", _("Gate"), "customs", "gate:scan"),
            Place("customs", _("Customs"), "customs", "trade:list"),
            Place("cases", _("Cases"), "case", "case:list"),
        ),
    ),
    (
        _("Rights and oversight"),
        (
            Place("own-page", _("My data"), "person", "own:see"),
            Place("appeals", _("Appeals"), "appeal", "appeal:list"),
            Place("policy", _("Policy"), "policy", "policy:why"),
            Place("audit", _("Audit"), "audit", "audit:see"),
            Place("operators", _("Operators"), "person", "operator:list"),
        ),
    ),
)


def rail(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The places this person may go to, with the present one marked."""
    groups = []
    for heading, places in RAIL:
        shown = []
        for place in places:
            try:
                address = reverse(place.name)
            except NoReverseMatch:
                continue
            decision = engine.decide(actor, place.action)
            if decision.allowed or decision.step_up:
                shown.append(
                    {
                        "words": place.words,
                        "icon": place.icon,
                        "address": address,
                        "here": f"{here}-".startswith(f"{place.name}-"),
                    }
                )
        if shown:
            groups.append({"heading": heading, "places": shown})
    return groups


def frame(request: HttpRequest) -> dict[str, Any]:
    """Django's hook: the frame's facts for a signed-in person; nothing else for others."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    from ..accounts.sittings import CONFIRMED
    from ..custody import health

    sitting = getattr(request, "sitting", None)
    confirmed = sitting.confirmed_at if sitting else None
    match = request.resolver_match
    here = (match.url_name or "") if match else ""
    return {
        "confirmed_until": int((confirmed + CONFIRMED).timestamp()) if confirmed else 0,
        "actor": actor, "rail": rail(actor, here), "health": health.of_ledger(),
    }  # fmt: skip
