"""One-time codes with a password: the way in when a passkey can't be used. Rate-limited, each code good once.

Source: RFC 6238 (time step 30 s, SHA-1 as every authenticator program takes it, 6 digits); OWASP ASVS 5.0, V6.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import cache

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth.hashers import check_password, make_password

from sealtrace.errors import Corrupted, SignInFailed, TooManyTries, UsageProblem

from .. import deeds, site
from .models import Failure, Operator

STEP_S = 30
WINDOW = timedelta(minutes=15)
TRIES, TRIES_OF_ADDRESS = 5, 50
SHORTEST, LONGEST = 12, 128
_NONCE = 12


@cache
def _nobody() -> str:
    """A stored password that fits nothing, so that an unknown name takes as long as a known one."""
    return make_password("nobody has this password")


def _secret(purpose: str) -> bytes:
    return site.custody().office.home.keyring.secret(purpose)


def _against(what: str, name: str) -> str:
    return hmac.new(_secret("web/failures"), f"{what} {name}".encode(), hashlib.sha256).hexdigest()[:32]


def must_be_open(operator: str, ip: str, now: datetime) -> None:
    """Raises TooManyTries when this name failed five times, or this address fifty times, in fifteen minutes."""
    for against, most in ((_against("operator", operator), TRIES), (_against("ip", ip), TRIES_OF_ADDRESS)):
        last = Failure.objects.filter(against=against, at__gt=now - WINDOW).order_by("-at")[:most]
        times = [row.at for row in last]
        if len(times) >= most:
            wait = times[-1] + WINDOW - now
            raise TooManyTries(f"too many tries; wait {max(1, round(wait.total_seconds() / 60))} minutes")


def failed(operator: str, ip: str, now: datetime) -> None:
    """Count a failed try against the name and the address."""
    Failure.objects.filter(at__lt=now - timedelta(days=1)).delete()
    for against in (_against("operator", operator), _against("ip", ip)):
        Failure.objects.create(against=against, at=now)


def new_secret() -> str:
    """A secret for an authenticator program, in base32. 160 bits."""
    return pyotp.random_base32()


def uri(operator: str, secret: str) -> str:
    """The address that an authenticator program reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=operator, issuer_name="Sealtrace")


def set_up(operator: Operator, password: str, secret: str, code: str, *, now: datetime) -> None:
    """Set password and secret together, once a first code shows that the secret arrived. The act is an entry.

    Raises:
        UsageProblem: the password is too short, too long, or made of the operator's name.
        SignInFailed: the code does not fit the secret.
    """
    if not SHORTEST <= len(password) <= LONGEST or operator.code.lower() in password.lower():
        raise UsageProblem(
            f"a password has {SHORTEST} to {LONGEST} characters and does not hold your name",
            advice="Take a sentence of several words.",
        )
    step = _step(secret, code, now)
    if step is None:
        raise SignInFailed(
            "the code does not fit", advice="Check the clock of the device and type the next code."
        )
    nonce = hashlib.sha256(secret.encode() + operator.code.encode()).digest()[:_NONCE]
    box = AESGCM(_secret("web/totp")).encrypt(nonce, secret.encode(), operator.code.encode())
    with deeds.together() as enter:
        enter("account:code-set", operator.code, {"operator": operator.code})
        operator.set_password(password)
        operator.totp, operator.totp_step = nonce + box, step
        operator.save(update_fields=["password", "totp", "totp_step"])


def _opened(operator: Operator) -> str:
    box = bytes(operator.totp or b"")
    try:
        opened = AESGCM(_secret("web/totp")).decrypt(box[:_NONCE], box[_NONCE:], operator.code.encode())
    except InvalidTag as e:
        raise Corrupted("the secret of a one-time code does not open") from e
    return opened.decode()


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step a code belongs to: this one or a neighbour."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    code = code.replace(" ", "")
    fitting = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(totp.at(step * STEP_S), code)
    ]
    return max(fitting, default=None)


def sign_in(code: str, password: str, one_time: str, ip: str, *, now: datetime) -> Operator:
    """Check password and one-time code of an operator.

    Raises:
        TooManyTries: the name or the address is locked for now.
        SignInFailed: one of the three is wrong; not said which.
    """
    must_be_open(code, ip, now)
    operator = Operator.objects.filter(code=code, is_active=True).exclude(totp=None).first()
    right = check_password(password, operator.password if operator else _nobody())
    if operator is None or not right or not use(operator, one_time, now):
        failed(code, ip, now)
        raise SignInFailed("operator, password or code is wrong")
    return operator


def use(operator: Operator, one_time: str, now: datetime) -> bool:
    """Use a one-time code up; False when it does not fit or was used."""
    if operator.totp is None:
        return False
    step = _step(_opened(operator), one_time, now)
    if step is None:
        return False
    rows = Operator.objects.filter(pk=operator.pk, totp_step__lt=step)
    return bool(rows.update(totp_step=step))


def confirm(operator: Operator, one_time: str, ip: str, *, now: datetime) -> None:
    """Confirm by a one-time code. Raises TooManyTries, SignInFailed."""
    must_be_open(operator.code, ip, now)
    if not use(operator, one_time, now):
        failed(operator.code, ip, now)
        raise SignInFailed("the code does not fit, or was used before")
