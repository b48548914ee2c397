"""Password and one-time code: both needed, each code once, locked after five failures."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.test import Client

from sealtrace.errors import SignInFailed, TooManyTries, UsageProblem

pytestmark = pytest.mark.usefixtures("site")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "four rare earth words"
_addresses = (f"10.9.{n // 250}.{n % 250 + 1}" for n in itertools.count())


@pytest.fixture
def prepared(operator):
    """An operator with a password and a secret; gives operator and its code at a time."""
    from sealtrace.web.accounts import codes

    made, secret = operator(), codes.new_secret()
    codes.set_up(made, PASSWORD, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    return made, lambda at: pyotp.TOTP(secret).at(at)


def test_a_code_counts_once_and_only_with_the_password(prepared) -> None:
    from sealtrace.web.accounts import codes

    made, code = prepared
    later = NOW + timedelta(minutes=1)
    with pytest.raises(SignInFailed):
        codes.sign_in(made.code, PASSWORD, code(NOW), next(_addresses), now=NOW)  # used when it was set up
    with pytest.raises(SignInFailed):
        codes.sign_in(made.code, "wrong", code(later), next(_addresses), now=later)
    assert codes.sign_in(made.code, PASSWORD, code(later), next(_addresses), now=later) == made
    with pytest.raises(SignInFailed):
        codes.sign_in(made.code, PASSWORD, code(later), next(_addresses), now=later)


def test_five_failures_lock_the_name_for_a_quarter_of_an_hour(prepared) -> None:
    from sealtrace.web.accounts import codes
    from sealtrace.web.accounts.models import Failure

    made, code = prepared
    later = NOW + timedelta(minutes=1)
    Failure.objects.bulk_create(
        [Failure(against=codes._against("operator", made.code), at=later) for _ in range(codes.TRIES)]
    )
    with pytest.raises(TooManyTries, match="15 minutes"):
        codes.sign_in(made.code, PASSWORD, code(later), next(_addresses), now=later)
    after = later + timedelta(minutes=16)
    assert codes.sign_in(made.code, PASSWORD, code(after), next(_addresses), now=after) == made


def test_the_secret_and_the_password_are_not_readable_in_the_table(prepared) -> None:
    from sealtrace.web.accounts import codes

    made, _ = prepared
    made.refresh_from_db()
    assert codes._opened(made).encode() not in bytes(made.totp)
    assert made.password.startswith("scrypt$")


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_a_weak_password_is_refused(operator, password: str) -> None:
    from sealtrace.web.accounts import codes

    secret = codes.new_secret()
    made = operator()
    with pytest.raises(UsageProblem):
        codes.set_up(made, password, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    with pytest.raises(UsageProblem):
        codes.set_up(made, f"my own {made.code} password", secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    with pytest.raises(SignInFailed):
        codes.set_up(made, PASSWORD, secret, "000000", now=NOW - timedelta(days=9999))


def test_the_page_signs_in_says_no_more_than_needed_and_confirms(client_of) -> None:
    from django.utils import timezone

    from sealtrace.web.accounts import codes, sittings
    from sealtrace.web.audit.models import Line

    client = client_of()
    page = client.get("/account/code").content.decode()
    secret = client.session["code-secret"]
    assert secret in page
    now = timezone.now()
    codes.set_up(
        client.operator, PASSWORD, secret, pyotp.TOTP(secret).at(now - timedelta(seconds=30)), now=now
    )
    wrong = Client(HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR=next(_addresses))
    for name in (client.operator.code, "nobody-at-all"):
        said = wrong.post("/sign-in", {"operator": name, "password": "no", "code": "1"})
        assert said.status_code == 403
        assert b"operator, password or code is wrong" in said.content
    assert Line.objects.filter(operator="nobody-at-all", action="account:sign-in", rules="code").exists()
    right = Client(REMOTE_ADDR=next(_addresses))
    form = {"operator": client.operator.code, "password": PASSWORD, "code": pyotp.TOTP(secret).at(now)}
    assert right.post("/sign-in?next=/ledger", form)["Location"] == "/ledger"
    assert right.get("/ledger").status_code == 200
    client.sitting.refresh_from_db()
    sittings.Sitting.objects.filter(pk=client.sitting.pk).update(confirmed_at=None)
    assert client.post("/confirm", {"code": "000000", "next": "/account"}).status_code == 403
    fresh = pyotp.TOTP(secret).at(now + timedelta(seconds=30))
    assert client.post("/confirm", {"code": fresh, "next": "/account"})["Location"] == "/account"
