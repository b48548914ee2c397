"""A state machine over the pure rules: whatever people try, a case stays sound and nobody sees what is not theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sealtrace.cases import disclosure, rules
from sealtrace.cases.model import Act, Actor, Case, Department, Item, ItemKind, Value, What
from sealtrace.errors import NotRegistered, SealtraceError

AT = datetime(2026, 3, 2, tzinfo=UTC)
people = st.builds(Actor, st.sampled_from("ABC"), st.sampled_from(Department))


class Board(RuleBasedStateMachine):
    """Acts in memory, judged as the service judges them."""

    case: Case

    @initialize()
    def open(self) -> None:
        fields = {"kind": "smuggling", "title": "TITLE"}
        self.case = rules.fold(
            "k-1", [self.act(What.OPENED, "", Actor("A", Department.CUSTOMS), fields, number=1)]
        )

    def act(self, what: What, item: str, by: Actor, fields: dict[str, Value], number: int = 0) -> Act:
        number = number or len(self.case.acts) + 1
        return Act(number, b"", number, what, item, by, AT + timedelta(minutes=number), fields)

    def do(self, what: What, by: Actor, fields: dict[str, Value], item: str = "") -> None:
        try:
            seen = disclosure.view(self.case, by)
            target: Item | None = seen.item(item) if item else None
            if not seen.joined and what not in (What.REFERRAL_ACCEPTED, What.REFERRAL_DECLINED):
                return
            rules.must_allow(self.case, what, by, target, fields)
            name = item or rules.next_id(self.case, rules.STEPS[what].kind)
            self.case = rules.after(self.case, self.act(what, name, by, fields))
        except SealtraceError:
            return

    @rule(by=people)
    def note(self, by: Actor) -> None:
        self.do(What.NOTED, by, {"text": f"WORDS OF {by.department}"})

    @rule(by=people)
    def collect(self, by: Actor) -> None:
        self.do(What.COLLECTED, by, {"title": f"WORDS OF {by.department}", "holder": str(by)})

    @rule(by=people, to=st.sampled_from(Department), data=st.data())
    def refer(self, by: Actor, to: Department, data: st.DataObject) -> None:
        own = [i.id for i in self.case.items.values() if i.department is by.department and "-" in i.id]
        if own and to is not by.department:
            scope = " ".join(data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique=True)))
            what = What.REFERRAL_PROPOSED if to in rules.NEEDS_APPROVAL else What.REFERRED
            self.do(what, by, {"to": to.value, "scope": scope, "subject": "s"})

    @rule(by=people, data=st.data(), what=st.sampled_from([w for w, s in rules.STEPS.items() if s.before]))
    def move(self, by: Actor, data: st.DataObject, what: What) -> None:
        there = [i.id for i in self.case.items.values() if i.kind is rules.STEPS[what].kind]
        if there:
            fields: dict[str, Value] = {"offered_to": by.department.value} if what is What.OFFERED else {}
            if what is What.ACCEPTED:
                fields = {"holder": str(by)}
            if what is What.SPLIT:
                return
            self.do(what, by, fields, data.draw(st.sampled_from(there)))

    @invariant()
    def folds_to_itself(self) -> None:
        if hasattr(self, "case"):
            assert rules.fold("k-1", self.case.acts) == self.case

    @invariant()
    def nobody_sees_what_is_not_theirs(self) -> None:
        for department in Department if hasattr(self, "case") else ():
            try:
                seen = disclosure.view(self.case, Actor("Z", department))
            except NotRegistered:
                continue
            shared = disclosure.referred(self.case, department)
            for item in seen.items.values():
                own = item.department is department or item.id in shared
                held = item.holder is not None and item.holder.department is department
                to = item.kind is ItemKind.REFERRAL and item.text("to") == department
                assert own or held or to, f"{department} sees {item.id}"
                assert {a.entry for a in item.acts} <= {a.entry for a in seen.acts}
            assert seen.joined or not [i for i in seen.items.values() if i.kind is not ItemKind.REFERRAL]
            assert (seen.title == "TITLE") == (department is Department.CUSTOMS)

    @invariant()
    def custody_never_rests_with_nobody(self) -> None:
        for item in self.case.of(ItemKind.EVIDENCE) if hasattr(self, "case") else ():
            assert item.holder is not None


Board.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestBoard = Board.TestCase
