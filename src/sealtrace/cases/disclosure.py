"""What a person may see of a case: one function, through which every reading and writing goes.

A department sees what it contributed, what was referred to it and accepted, and tasks given to it. Nothing else:
not the title, not the other departments' notes, not even that other items exist. The department that leads the
case is no exception. An offered referral shows its subject and purpose, so that it can be answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from sealtrace.errors import NotRegistered

from .model import Act, Actor, Case, CaseKind, Department, Item, ItemKind, What


@dataclass(frozen=True, slots=True)
class View:
    """A case as one person may see it."""

    number: str
    kind: CaseKind
    owner: Department
    title: str
    """The case's own for the department that leads it; for others the subject under which it was referred."""
    state: str
    viewer: Actor
    items: Mapping[str, Item]
    acts: tuple[Act, ...]
    """The acts on these items, and those of the case that concern all who take part."""
    joined: bool
    """Whether the viewer takes part: leads the case, or accepted a referral."""

    def of(self, kind: ItemKind) -> list[Item]:
        """The items of one kind, oldest first."""
        return [item for item in self.items.values() if item.kind is kind]

    def item(self, name: str, kind: ItemKind | None = None) -> Item:
        """One item. Raises NotRegistered, the same whether it is hidden or not there."""
        found = self.items.get(name)
        if found is None or (kind is not None and found.kind is not kind):
            raise NotRegistered(f"case {self.number} shows you no {name}", advice="Look at the case's items.")
        return found


def view(case: Case, who: Actor) -> View:
    """Give what a person may see of a case.

    Raises:
        NotRegistered: nothing; the same as for a case that does not exist.
    """
    department, leads = who.department, who.department is case.owner
    told = [r for r in case.of(ItemKind.REFERRAL) if _told(r, department)]
    if who.name in case.walled or not (leads or told):
        raise NotRegistered(
            f"no case has the number {case.number!r}", advice="`sealtrace case list` shows your cases."
        )
    joined = leads or any(_once_accepted(r) for r in told)
    names = {name for name, item in case.items.items() if _sees(case, department, item, joined=joined)}
    acts = tuple(
        _redacted(act, names)
        for act in case.acts
        if _sees_act(act, department, names, leads=leads, joined=joined)
    )
    kept = {act.entry: act for act in acts}
    items = {
        name: replace(item, acts=tuple(kept[a.entry] for a in item.acts if a.entry in kept))
        for name, item in case.items.items() if name in names
    }  # fmt: skip
    title = case.title if leads else told[-1].text("subject")
    return View(case.number, case.kind, case.owner, title, case.state, who, items, acts, joined)


def _once_accepted(referral: Item) -> bool:
    return any(act.what is What.REFERRAL_ACCEPTED for act in referral.acts)


def _told(referral: Item, department: Department) -> bool:
    """Whether a referral is, or was with its acceptance, this department's business."""
    return referral.text("to") == department.value and (
        referral.state == "offered" or _once_accepted(referral)
    )


def _sees(case: Case, department: Department, item: Item, *, joined: bool) -> bool:
    if item.kind is ItemKind.REFERRAL:
        return item.department is department or _told(item, department)
    own = item.department is department or item.id in referred(case, department)
    return joined and (own or _concerns(case, department, item))


def _concerns(case: Case, department: Department, item: Item) -> bool:
    """What reaches a department without a referral: its tasks, what it holds, appeals against its outcomes."""
    if item.kind is ItemKind.TASK:
        return item.text("assignee") == department.value
    if item.kind is ItemKind.EVIDENCE:  # in its hands, whatever became of the referral
        return item.holder is not None and item.holder.department is department
    if item.kind is ItemKind.APPEAL:
        return case.items[item.text("outcome")].department is department
    return False


def referred(case: Case, department: Department) -> frozenset[str]:
    """The items that accepted referrals cover for a department, as long as they stand."""
    return frozenset(
        name
        for r in case.of(ItemKind.REFERRAL)
        if r.text("to") == department.value and r.state == "accepted"
        for name in r.scope
    )


def _sees_act(act: Act, department: Department, seen: Set[str], *, leads: bool, joined: bool) -> bool:
    if act.item:
        return act.item in seen or str(act.fields.get("part", "")) in seen
    if act.what is What.READ:
        return act.by.department is department
    return leads or (joined and act.what in (What.CLOSED, What.REOPENED) and act.by.department is department)


def _redacted(act: Act, seen: Set[str]) -> Act:
    """A sample split off shows in its parent's chain; what it is, only to those who see the sample."""
    if act.what is What.SPLIT and act.fields.get("part") not in seen:
        return replace(act, fields={n: v for n, v in act.fields.items() if n != "part_title"})
    return act
