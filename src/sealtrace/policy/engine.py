"""Decide by the rules in rules.cedar, and say which rule decided. Source: Cedar language, version 4."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files

import cedarpy

from .model import ANYTHING, Actor, Attribute, Decision, DeviceState, Reason, Role, Subject

LEVELS = {"general": 0, "important": 1, "core": 2}
KEPT = 16_384  # decisions kept in memory; about 1 kB each

Attributes = tuple[tuple[str, Attribute], ...]


@cache
def rules() -> tuple[tuple[Reason, str], ...]:
    """Each rule: its words and its text, in the order of the file."""
    text = files(__package__).joinpath("rules.cedar").read_text("utf-8")
    found = []
    for rule in re.split(r"^(?=@id\()", text, flags=re.MULTILINE)[1:]:
        head = re.match(r'@id\("([^"]+)"\)\s*@en\("([^"]*)"\)\s*@zh\("([^"]*)"\)', rule)
        assert head, rule
        found.append((Reason(*head.groups()), rule))
    return tuple(found)


@cache
def actions() -> tuple[str, ...]:
    """Every action that a rule names, in order."""
    return tuple(sorted({name for _, text in rules() for name in re.findall(r'Action::"([^"]+)"', text)}))


@cache
def _policies() -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str("".join(text for _, text in rules()))


@cache
def _one(number: int) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str(rules()[number][1])


@lru_cache(KEPT)
def _entities(
    operator: str, clearance: str, organisation: str, advises: str, roles: frozenset[Role], kind: str, name: str,
    attributes: Attributes,
) -> cedarpy.Entities:  # fmt: skip
    groups: list[dict[str, object]] = [{"type": "Role", "id": role.value} for role in sorted(roles)]
    facts = {key: LEVELS[str(value)] if key == "level" else value for key, value in attributes}
    made: list[dict[str, object]] = [
        {
            "uid": {"type": "Actor", "id": operator},
            "attrs": {
                "code": operator,
                "clearance": LEVELS[clearance],
                "organisation": organisation,
                "advises": advises,
            },
            "parents": groups,
        },
        {"uid": {"type": kind, "id": name}, "attrs": facts, "parents": []},
    ]
    for role in groups:
        made.append({"uid": role, "attrs": {}, "parents": []})
    return cedarpy.Entities.from_json_str(json.dumps(made))


def _ask(
    policies: cedarpy.PolicySet, actor: Actor, action: str, subject: Subject, attributes: Attributes
) -> cedarpy.AuthzResult:
    request = {
        "principal": {"type": "Actor", "id": actor.operator},
        "action": {"type": "Action", "id": action},
        "resource": {"type": subject.kind, "id": subject.id},
        "context": {
            "device_state": actor.device_state.value,
            "internal": actor.internal,
            "bound": actor.bound,
            "stepped_up": actor.stepped_up,
            "purpose": actor.purpose,
            "within_hours": actor.within_hours,
            "exempted": f"{action} {subject.id}" in actor.exemptions,
        },
    }
    known = _entities(
        actor.operator, actor.clearance, actor.organisation, actor.advises, actor.roles, subject.kind, subject.id,
        attributes,
    )  # fmt: skip
    return cedarpy.is_authorized(request, policies, known)


def _allowed(result: cedarpy.AuthzResult) -> bool:
    return bool(result.allowed and not result.diagnostics.errors)


def _reasons(result: cedarpy.AuthzResult) -> tuple[Reason, ...]:
    numbers = sorted(int(name.removeprefix("policy")) for name in result.diagnostics.reasons)
    return tuple(rules()[number][0] for number in numbers)


@lru_cache(KEPT)
def _decide(actor: Actor, action: str, kind: str, name: str, attributes: Attributes) -> Decision:
    subject = Subject(kind, name)
    result = _ask(_policies(), actor, action, subject, attributes)
    allowed, step_up = _allowed(result), False
    if not (allowed or actor.stepped_up):
        step_up = _allowed(_ask(_policies(), replace(actor, stepped_up=True), action, subject, attributes))
    return Decision(allowed, action, _reasons(result), step_up=step_up)


def decide(actor: Actor, action: str, subject: Subject = ANYTHING) -> Decision:
    """Decide one request; never allowed when the rules can't be evaluated.

    The decision depends on its arguments alone, so equal questions are answered from memory.
    """
    return _decide(actor, action, subject.kind, subject.id, tuple(sorted(subject.attributes.items())))


def allowed(actor: Actor, action: str, subjects: Iterable[Subject]) -> Iterator[Subject]:
    """Keep the subjects that an actor may act on: the filter of every list."""
    return (subject for subject in subjects if decide(actor, action, subject).allowed)


def levels(actor: Actor, action: str, kind: str = "File") -> frozenset[str]:
    """The levels of which an actor may act on a record that names nobody: the condition of a query over a long list."""
    return frozenset(
        level for level in LEVELS if decide(actor, action, Subject(kind, "any", {"level": level})).allowed
    )


# -- why -------------------------------------------------------------------------------------------

_MET: tuple[tuple[str, dict[str, object]], ...] = (
    ("clearance", {"clearance": "core"}),
    ("device", {"device_state": DeviceState.ENROLLED}),
    ("network", {"internal": True}),
    ("step-up", {"stepped_up": True}),
    ("purpose", {"purpose": "stated"}),
    ("hours", {"within_hours": True}),
)


def explain(actor: Actor, action: str, subject: Subject = ANYTHING) -> Decision:
    """Decide, and when it is denied say which rules would allow it and what is lacking. Some milliseconds."""
    decision = decide(actor, action, subject)
    if decision.allowed:
        return decision
    attributes = tuple(sorted(subject.attributes.items()))
    ideal = replace(actor, roles=frozenset(Role))
    for _, facts in _MET:
        ideal = replace(ideal, **facts)  # type: ignore[arg-type]
    missing, needs = [], []
    for number, (words, text) in enumerate(rules()):
        if f'"{action}"' not in text and "action, resource)" not in text:
            continue
        alone = _one(number)
        if words in decision.reasons:  # it forbids: which facts lift it?
            needs += [
                name
                for name, facts in _MET
                if not _ask(alone, replace(actor, **facts), action, subject, attributes).diagnostics.reasons  # type: ignore[arg-type]
            ]
        elif _allowed(_ask(alone, ideal, action, subject, attributes)):
            missing.append(words)
            needs += _lacking(alone, ideal, actor, action, subject, attributes)
    return replace(decision, missing=tuple(missing), needs=tuple(dict.fromkeys(needs)))


def _lacking(
    rule: cedarpy.PolicySet, ideal: Actor, actor: Actor, action: str, subject: Subject, attributes: Attributes
) -> Iterator[str]:
    """What an actor lacks for a rule that would allow it under the best facts."""
    if not _allowed(_ask(rule, replace(ideal, roles=actor.roles), action, subject, attributes)):
        for role in Role:
            if _allowed(_ask(rule, replace(ideal, roles=actor.roles | {role}), action, subject, attributes)):
                yield f"role:{role.value}"
    for name, facts in _MET:
        own: dict[str, object] = {key: getattr(actor, key) for key in facts}
        if not _allowed(_ask(rule, replace(ideal, **own), action, subject, attributes)):  # type: ignore[arg-type]
            yield name
