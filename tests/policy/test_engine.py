"""The rules: checked against their schema; what each allows and forbids; reasons that say what is missing."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import cedarpy
import pytest

from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, DeviceState, Role, Subject

HERE = Actor("op-1", "dev-1", "10.0.0.1", "YL", device_state=DeviceState.ENROLLED, stepped_up=True)
CORE = Subject("File", "YL-7K2M-9PQX", {"level": "core"})


def having(*roles: Role, **facts) -> Actor:
    return replace(HERE, roles=frozenset(roles), **facts)


def schema() -> str:
    """The schema of entities, with one action for each that the rules name."""
    text = files("sealtrace.policy").joinpath("rules.cedarschema").read_text("utf-8")
    context = (
        "{device_state: String, internal: Bool, bound: Bool, stepped_up: Bool, purpose: String, "
        "within_hours: Bool, exempted: Bool}"
    )
    kinds = (
        "Office, Operator, Request, File, Copy, Page, Trace, Evidence, Device, Person, Licence, Declaration, Case, "
        "Appeal"
    )
    return text + "".join(
        f'action "{name}" appliesTo {{principal: Actor, resource: [{kinds}], context: {context}}};\n'
        for name in engine.actions()
    )


def test_the_rules_fit_their_schema() -> None:
    text = "".join(rule for _, rule in engine.rules())
    result = cedarpy.validate_policies(text, schema())
    assert result.validation_passed, result.errors
    broken = text.replace("principal.clearance", "principal.clearence")
    assert broken != text
    assert not cedarpy.validate_policies(broken, schema()).validation_passed


def test_every_rule_has_its_own_id_and_words() -> None:
    ids = [words.rule for words, _ in engine.rules()]
    assert len(set(ids)) == len(ids)
    text = files("sealtrace.policy").joinpath("rules.cedar").read_text("utf-8")
    assert text.count("permit(") + text.count("forbid(") == len(ids)
    assert all(words.en.strip() and words.zh.strip() for words, _ in engine.rules())


@pytest.mark.parametrize(
    ("actor", "action", "subject", "rule"),
    [
        (having(), "home:see", ANYTHING, "P-01"),
        (having(Role.REGISTRAR), "file:register", ANYTHING, "P-02"),
        (having(Role.ISSUER), "copy:issue", ANYTHING, "P-03"),
        (having(Role.APPROVER), "copy:approve", Subject("Copy", "1", {"requester": "op-2"}), "P-04"),
        (having(Role.TRACER), "leak:trace", ANYTHING, "P-05"),
        (having(Role.AUDITOR), "audit:see", ANYTHING, "P-07"),
        (having(Role.READER, clearance="core"), "file:open", CORE, "P-08"),
        (having(exemptions=("file:open YL-7K2M-9PQX",), clearance="core"), "file:open", CORE, "P-30"),
        (having(Role.SYSTEM_ADMIN), "device:revoke", ANYTHING, "P-42"),
        (having(Role.SECURITY_ADMIN), "role:grant", ANYTHING, "P-43"),
        (having(Role.AUDIT_ADMIN), "role:approve", Subject("Operator", "op-3"), "P-44"),
        (having(Role.AUDIT_ADMIN), "audit:export", ANYTHING, "P-47"),
    ],
)  # fmt: skip
def test_what_each_rule_allows(actor: Actor, action: str, subject: Subject, rule: str) -> None:
    decision = engine.decide(actor, action, subject)
    assert decision.allowed
    assert rule in {reason.rule for reason in decision.reasons}
    without = engine.explain(replace(actor, roles=frozenset(), exemptions=()), action, subject)
    assert without.allowed == (rule == "P-01")


READER = having(Role.READER, clearance="core")
LISTED = Subject("File", "x", {"level": "core", "restricted": True, "listed": True})
UNLISTED = Subject("File", "x", {"level": "core", "restricted": True, "listed": False})


@pytest.mark.parametrize(
    ("actor", "action", "subject", "rule", "need"),
    [
        (replace(READER, device_state=DeviceState.REVOKED), "file:open", CORE, "P-20", "device"),
        (having(Role.TRACER, stepped_up=False), "leak:trace", ANYTHING, "P-21", "step-up"),
        (replace(READER, device_state=DeviceState.UNKNOWN), "file:open", CORE, "P-22", "device"),
        (replace(READER, bound=True), "file:open", CORE, "P-23", "network"),
        (replace(READER, within_hours=False), "page:view", CORE, "P-24", "hours"),
        (READER, "file:open", UNLISTED, "P-25", None),
        (having(Role.APPROVER), "copy:approve", Subject("Copy", "1", {"requester": "op-1"}), "P-26", None),
        (having(Role.AUDITOR), "person:unmask", ANYTHING, "P-27", "purpose"),
    ],
)  # fmt: skip
def test_what_each_rule_forbids(
    actor: Actor, action: str, subject: Subject, rule: str, need: str | None
) -> None:
    decision = engine.explain(actor, action, subject)
    assert not decision.allowed
    assert rule in {reason.rule for reason in decision.reasons}
    assert need is None or need in decision.needs


def test_those_listed_and_those_inside_may_open() -> None:
    assert engine.decide(READER, "file:open", LISTED).allowed
    assert engine.decide(replace(READER, bound=True, internal=True), "file:open", CORE).allowed
    exempt = replace(READER, exemptions=("file:open x",))
    assert engine.decide(exempt, "file:open", UNLISTED).allowed
    assert not engine.decide(replace(exempt, clearance="general"), "file:open", UNLISTED).allowed


def test_an_exception_never_gives_a_right_to_administer() -> None:
    exempt = having(exemptions=("role:grant op-9", "audit:export this"))
    assert not engine.decide(exempt, "role:grant", Subject("Operator", "op-9")).allowed
    assert not engine.decide(exempt, "audit:export").allowed


def test_a_denial_says_which_role_or_clearance_is_missing() -> None:
    why = engine.explain(having(Role.READER, clearance="general"), "file:open", CORE)
    assert why.needs == ("clearance",)
    assert [reason.rule for reason in why.missing] == ["P-08"]
    assert "role:tracer" in engine.explain(having(), "leak:trace").needs


def test_only_a_lacking_confirmation_leads_to_confirming() -> None:
    assert engine.decide(having(Role.TRACER, stepped_up=False), "leak:trace").step_up
    assert not engine.decide(having(Role.READER, stepped_up=False), "leak:trace").step_up


def test_a_list_shows_what_may_be_opened() -> None:
    files_of = [Subject("File", level, {"level": level}) for level in engine.LEVELS]
    important = having(Role.READER, clearance="important")
    assert [s.id for s in engine.allowed(important, "file:open", files_of)] == ["general", "important"]
    assert engine.levels(important, "file:open") == {"general", "important"}
    assert engine.levels(having(), "file:open") == frozenset()


def test_names_can_not_break_out_of_a_request() -> None:
    odd = replace(HERE, operator='x"; permit(principal, action, resource); //\n', roles=frozenset())
    assert not engine.decide(odd, "leak:trace", Subject("File", '"\\\n')).allowed
