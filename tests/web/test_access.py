"""Walk every address with every role; nobody gets further than the policy says, and the docs say the same."""

from __future__ import annotations

import pytest
from django.test import Client

from sealtrace.policy.model import Role

from . import access

pytestmark = pytest.mark.usefixtures("site")
DENIED = "frame/denied.html"
OPEN_TO_ALL = {"sign-out"}
BOTH = {None, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}  # the guard runs before the method is looked at


def test_every_view_has_one_guard() -> None:
    without = [a.route for a in access.addresses() if a.action == "?"]
    assert without == ["language/setlang/"], "give the view @may(...) or @everybody"


def test_the_docs_show_the_table() -> None:
    assert access.PAGE.read_text("utf-8") == access.table(), "run python -m tests.web.access"


def test_nobody_signed_in_is_led_to_sign_in() -> None:
    client = Client()
    for address in access.addresses():
        if address.action not in (None, "?"):
            for send in (client.get, client.post):
                answer = send(address.example())
                assert answer.status_code == 302, address.route
                assert answer["Location"].startswith("/sign-in?next="), address.route


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_a_role_gets_exactly_as_far_as_the_policy_says(client_of, role: Role | None) -> None:
    client = client_of(*([role] if role else []))
    for address in access.addresses():
        if address.action in (None, "?") or address.name in OPEN_TO_ALL:
            continue
        for send in (client.get, client.post) if role in BOTH else (client.get,):
            answer = send(address.example())
            names = {template.name for template in answer.templates}
            assert (DENIED in names) != access.allowed(address, role), f"{send.__name__} /{address.route}"
            assert answer.status_code < 500, f"{send.__name__} /{address.route}"
            if DENIED in names:
                assert answer.status_code == 403
