"""Who acts, and which roles must be held by different people. Only people take decisions about people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sealtrace.errors import DutiesNotSeparated, HumanRequired


class ActorKind(StrEnum):
    """Who acts: a named person or a program."""

    HUMAN = "human"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts."""

    id: str
    kind: ActorKind


def human(name: str) -> Actor:
    """A person who acts under this name."""
    return Actor(name, ActorKind.HUMAN)


def require_human(actor: Actor, step: str) -> None:
    """Stop a program from changing a person's position.

    Raises:
        HumanRequired: `actor` is not a person.
    """
    if actor.kind is not ActorKind.HUMAN:
        raise HumanRequired(f"{step} is for a named person, not for a program")


def require_different(**roles: str) -> None:
    """Hold roles apart: no two of them may be one person.

    Raises:
        DutiesNotSeparated: two roles have the same holder.
    """
    names = list(roles)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if roles[first] == roles[second]:
                raise DutiesNotSeparated(f"{first} and {second} must be different people")
