"""Outcomes as labels for learning: guilty, innocent or taken back, each with since when it is known."""

from __future__ import annotations

from datetime import date

from sealtrace.trade.model import Label, Source

from .model import Act, Case, Item, ItemKind, Result, SubjectKind, What

_ARMS = {source.value: source for source in (Source.RANDOM, Source.TARGETED, Source.TIP)}


def labels(case: Case) -> list[Label]:
    """Give what the case's signed outcomes and granted appeals say of its declarations, in the order it became known.

    An outcome without fault is a label as much as one with. What nobody signed is none.
    """
    subjects = [i for i in case.of(ItemKind.SUBJECT) if i.text("kind") == SubjectKind.DECLARATION.value]
    found = []
    for act in case.acts:
        outcome = _outcome(case, act)
        if outcome is None:
            continue
        fraud = False if act.what is What.APPEAL_GRANTED else Result(outcome.text("result")).at_fault
        for subject in subjects:
            source = Source.APPEAL if act.what is What.APPEAL_GRANTED else _source(subject, outcome)
            day = subject.text("valid_from")
            valid = date.fromisoformat(day) if day else subject.acts[0].at.date()
            found.append(Label(subject.text("ref"), fraud, valid, act.at, source, f"case {case.number}"))
    return found


def _outcome(case: Case, act: Act) -> Item | None:
    if act.what is What.OUTCOME_SIGNED:
        return case.items[act.item]
    if act.what is What.APPEAL_GRANTED:
        return case.items[case.items[act.item].text("outcome")]
    return None


def _source(subject: Item, outcome: Item) -> Source:
    if outcome.text("result") in (Result.ACQUITTED, Result.PROSECUTION):
        return Source.COURT
    return _ARMS.get(subject.text("arm"), Source.TIP)
