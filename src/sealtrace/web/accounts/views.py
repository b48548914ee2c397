"""Sign in and out, and confirm that it is still the same person."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from sealtrace.errors import SealtraceError, SignInFailed
from sealtrace.policy.model import ANYTHING, Actor

from ..audit import service as audit
from ..audit.models import Line
from ..devices import service as devices
from ..devices.models import Device
from . import codes, oidc, passkeys, service, sittings
from .may import everybody, may
from .models import Passkey, Sitting


def next_address(request: HttpRequest) -> str:
    """Where to go after signing in: only within this site."""
    wanted = request.GET.get("next") or request.POST.get("next") or "/"
    return (
        wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else "/"
    )


def sitting_of(request: HttpRequest) -> Sitting:
    """The sitting of somebody signed in."""
    sitting: Sitting | None = request.sitting  # type: ignore[attr-defined]
    assert sitting is not None, "the view has no guard"
    return sitting


def in_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer in JSON, our errors too."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from ..frame.views import status_of, words_of

        try:
            return view(request, *args, **kwargs)
        except SealtraceError as e:
            text, advice, _detail = words_of(e)
            return JsonResponse({**e.as_dict(), "message": text, "advice": advice}, status=status_of(e))

    return answered


def body_of(request: HttpRequest) -> Mapping[str, Any]:
    """The request's JSON object. Raises SignInFailed."""
    if request.content_type != "application/json":
        raise SignInFailed("the browser's answer can't be read")
    try:
        body = json.loads(request.body)
    except ValueError as e:
        raise SignInFailed("the browser's answer can't be read") from e
    if not isinstance(body, dict):
        raise SignInFailed("the browser's answer can't be read")
    return body


def in_vain(request: HttpRequest, operator: str, how: str) -> None:
    """Keep in the audit trail that somebody tried to sign in and failed."""
    actor = Actor(operator if service.CODE.fullmatch(operator) else "unknown", "none", request.ip)  # type: ignore[attr-defined]
    audit.keep(Line.Kind.DENIED, actor, "account:sign-in", ANYTHING, how, now=timezone.now())


def device_of(request: HttpRequest, shown: passkeys.Presented, passkey: Passkey) -> Device:
    """The browser's device, enrolled by what the passkey just vouched for."""
    operator = passkey.operator
    return devices.enrol(
        operator, shown.device_key, Device.Kind.BROWSER, by=operator.code,
        ip=request.ip, now=timezone.now(),  # type: ignore[attr-defined]
    )  # fmt: skip


@everybody
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; POST: password and one-time code."""
    following, problem, status = next_address(request), None, 200
    if request.method == "POST":
        try:
            return _by_code(request, following)
        except SealtraceError as e:
            from ..frame.views import status_of, words_of

            in_vain(request, request.POST.get("operator", ""), "code")
            problem, status = words_of(e), status_of(e)
    context = {"next": following, "problem": problem, "provider": oidc.configured()}
    return render(request, "accounts/sign_in.html", context, status=status)


def _by_code(request: HttpRequest, following: str) -> HttpResponse:
    now = timezone.now()
    name, password, code = (request.POST.get(key, "") for key in ("operator", "password", "code"))
    operator = codes.sign_in(name, password, code, request.ip, now=now)  # type: ignore[attr-defined]
    device = devices.recognised(request, operator, now)
    sittings.begin(request, operator, Sitting.How.TOTP, device, now=now)
    return redirect(following)


@everybody
@require_POST
@in_json
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for a passkey."""
    return JsonResponse(passkeys.asking(request, timezone.now()))


@everybody
@require_POST
@in_json
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey; its device is enrolled with it."""
    now = timezone.now()
    try:
        shown = passkeys.presented(body_of(request))
        found = passkeys.answer(request, shown, now=now)
    except SealtraceError:
        in_vain(request, "", "passkey")
        raise
    sittings.begin(request, found.operator, Sitting.How.PASSKEY, device_of(request, shown, found), now=now)
    return JsonResponse({"ok": True})


@everybody
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: show what it does; on POST, sign in. A GET uses nothing up, since mail programs fetch links."""
    if request.method == "GET":
        return render(request, "accounts/enrol.html", {"token": token})
    operator = service.accept(token)
    sittings.begin(request, operator, Sitting.How.LINK, None, now=timezone.now())
    return redirect("account-set-up")


@everybody
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and in the list of sessions."""
    sitting: Sitting | None = request.sitting  # type: ignore[attr-defined]
    if sitting is not None:
        sittings.end(sitting.operator, sitting.pk, timezone.now())
    logout(request)
    return redirect("sign-in")


@may("account:see")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm that it is you, by passkey, or on POST by a one-time code."""
    sitting, now, problem, status = sitting_of(request), timezone.now(), None, 200
    following = next_address(request)
    if request.method == "POST":
        try:
            codes.confirm(sitting.operator, request.POST.get("code", ""), sitting.ip, now=now)
            sittings.confirm(sitting, now)
            return redirect(following)
        except SealtraceError as e:
            from ..frame.views import status_of, words_of

            problem, status = words_of(e), status_of(e)
    context = {
        "next": following, "problem": problem, "by_code": sitting.operator.totp is not None,
        "by_passkey": sitting.operator.passkeys.filter(removed_at=None).exists(),
    }  # fmt: skip
    return render(request, "accounts/confirm.html", context, status=status)


@may("account:see")
@require_POST
@in_json
def confirm_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for one of this operator's passkeys."""
    return JsonResponse(passkeys.asking(request, timezone.now(), sitting_of(request).operator))


@may("account:see")
@require_POST
@in_json
def confirm_passkey(request: HttpRequest) -> HttpResponse:
    """Confirm by a passkey of the operator who sits here."""
    sitting, now = sitting_of(request), timezone.now()
    found = passkeys.answer(request, passkeys.presented(body_of(request)), now=now)
    if found.operator != sitting.operator:
        raise SignInFailed("this passkey is another operator's")
    sittings.confirm(sitting, now)
    return JsonResponse({"ok": True, "until": int((now + sittings.CONFIRMED).timestamp())})
