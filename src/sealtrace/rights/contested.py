"""Who took what a person contests: that person never answers it."""

from __future__ import annotations

from sealtrace.custody.office import Office
from sealtrace.people.acts import read_one

from .erasing import ready

_DECIDERS = {
    "access": "SELECT actor FROM accesses WHERE entry = ?",
    "journey": "SELECT actor FROM journey_decisions WHERE journey = ?",
    "document": "SELECT coalesce(refused_by, taken_by) FROM held_documents WHERE receipt = ?",
    "candidate": "SELECT actor FROM candidate_events WHERE candidate = ? ORDER BY id DESC LIMIT 1",
    "restriction": "SELECT decider FROM restrictions WHERE id = ?",
    "designation": "SELECT decider FROM designations WHERE id = ?",
    "change": "SELECT reviewer FROM profile_changes WHERE id = ?",
    "disclosure": "SELECT approver FROM disclosures WHERE id = ?",
}


def decider(office: Office, about: str) -> str:
    """Who decided the thing that `about` names as kind:name; blank where nobody did."""
    ready(office)
    kind, _, name = about.partition(":")
    row = read_one(office, _DECIDERS[kind], (name,)) if kind in _DECIDERS else None
    return str(row[0]) if row is not None and row[0] is not None else ""
