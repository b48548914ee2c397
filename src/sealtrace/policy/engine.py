"""Decide by the rules in rules.cedar, and say which rule decided. Source: Cedar language, version 4."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import cedarpy

from .model import ANYTHING, Actor, Decision, Reason, Subject

LEVELS = {"general": 0, "important": 1, "core": 2}


@cache
def rules() -> tuple[str, dict[str, Reason]]:
    """The policy text, and each rule's words by the name Cedar gives it (policy0, policy1, ... in order)."""
    text = files(__package__).joinpath("rules.cedar").read_text("utf-8")
    found = re.findall(r'@id\("([^"]+)"\)\s*@en\("([^"]*)"\)\s*@zh\("([^"]*)"\)', text)
    return text, {f"policy{n}": Reason(*words) for n, words in enumerate(found)}


@cache
def _policies() -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str(rules()[0])


def _entities(actor: Actor, subject: Subject) -> list[dict[str, object]]:
    roles = [{"type": "Role", "id": role.value} for role in sorted(actor.roles)]
    groups: list[dict[str, object]] = [{"uid": role, "attrs": {}, "parents": []} for role in roles]
    attributes = dict(subject.attributes)
    if "level" in attributes:
        attributes["level"] = LEVELS[str(attributes["level"])]
    return [
        {
            "uid": {"type": "Operator", "id": actor.operator},
            "attrs": {"clearance": LEVELS[actor.clearance], "organisation": actor.organisation},
            "parents": roles,
        },
        *groups,
        {"uid": {"type": subject.kind, "id": subject.id}, "attrs": attributes, "parents": []},
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def decide(actor: Actor, action: str, subject: Subject = ANYTHING) -> Decision:
    """Decide one request. About 0.2 ms; never allowed when the rules can't be evaluated."""
    request = {
        "principal": f"Operator::{_quoted(actor.operator)}",
        "action": f"Action::{_quoted(action)}",
        "resource": f"{subject.kind}::{_quoted(subject.id)}",
        "context": {
            "device_state": actor.device_state.value,
            "internal": actor.internal,
            "stepped_up": actor.stepped_up,
        },
    }
    result = cedarpy.is_authorized(request, _policies(), _entities(actor, subject))
    words = rules()[1]
    reasons = tuple(words[name] for name in result.diagnostics.reasons)
    return Decision(result.allowed and not result.diagnostics.errors, action, reasons)
