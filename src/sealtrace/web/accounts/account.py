"""One's own account: passkeys, sessions, devices, one-time code, identity, language, exceptions."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import ConfirmationNeeded, NotRegistered, SealtraceError

from ..approvals import service as approvals
from ..devices import service as devices
from . import codes, oidc, passkeys, sittings
from .may import acting, may
from .models import Sitting
from .views import body_of, device_of, in_json, sitting_of

CODE_SECRET = "code-secret"  # noqa: S105 (a name in the session)


@may("account:see")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The account page."""
    sitting, now = sitting_of(request), timezone.now()
    me = sitting.operator
    return render(request, "accounts/account.html", {
        "me": me, "sitting": sitting, "roles": sorted(acting(request).roles),
        "passkeys": me.passkeys.filter(removed_at=None).order_by("made_at"),
        "sessions": sittings.open_at(now).filter(operator=me).select_related("device").order_by("-seen_at"),
        "devices": me.devices.order_by("revoked_at", "-enrolled_at")[:100],
        "identities": me.identities.order_by("linked_at"), "provider": oidc.configured(),
        "requests": approvals.asked(acting(request))[:20], "now": now,
    })  # fmt: skip


def may_add_passkey(sitting: Sitting) -> None:
    """The first passkey comes right after the one-time link; another one needs a confirmation.

    Raises:
        ConfirmationNeeded: neither holds.
    """
    now = timezone.now()
    has = sitting.operator.passkeys.filter(removed_at=None).exists()
    by_link = sitting.how == Sitting.How.LINK and now - sitting.began_at < sittings.IDLE
    if (not sittings.is_confirmed(sitting, now) and not by_link) or (
        has and by_link and not sitting.confirmed_at
    ):
        raise ConfirmationNeeded("a new passkey needs a confirmation that it is you")


@may("account:enrol")
@require_GET
def set_up(request: HttpRequest) -> HttpResponse:
    """After the one-time link: make the first passkey."""
    return render(request, "accounts/set_up.html", {"sitting": sitting_of(request)})


@may("account:enrol")
@require_POST
@in_json
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to make a passkey."""
    sitting = sitting_of(request)
    may_add_passkey(sitting)
    return JsonResponse(passkeys.making(request, sitting.operator, timezone.now()))


@may("account:enrol")
@require_POST
@in_json
def make_passkey(request: HttpRequest) -> HttpResponse:
    """Keep a new passkey. After the one-time link, it enrols the device and the session begins anew on it."""
    sitting, now = sitting_of(request), timezone.now()
    may_add_passkey(sitting)
    body = body_of(request)
    shown = passkeys.presented(body)
    made = passkeys.make(request, sitting.operator, shown, str(body.get("name", "")), now=now)
    if sitting.device is None:
        device = device_of(request, shown, made)
        sittings.end(sitting.operator, sitting.pk, now)
        sittings.begin(request, sitting.operator, Sitting.How.PASSKEY, device, now=now)
    return JsonResponse({"ok": True})


@may("account:enrol", step_up=True)
@require_POST
def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Take a passkey out of use."""
    passkeys.remove(sitting_of(request).operator, number, now=timezone.now())
    return redirect("account")


@may("account:see")
@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own sessions."""
    sittings.end(sitting_of(request).operator, number, timezone.now())
    return redirect("account")


@may("account:see")
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sitting = sitting_of(request)
    sittings.end(sitting.operator, None, timezone.now(), but=sitting.pk)
    return redirect("account")


@may("account:see", step_up=True)
@require_POST
def revoke_device(request: HttpRequest, code: str) -> HttpResponse:
    """Revoke one of one's own devices; another's is not found."""
    me = sitting_of(request).operator
    if not me.devices.filter(code=code).exists():
        raise NotRegistered(f"there is no device {code} of yours", advice="Look at the list again.")
    devices.revoke(acting(request), code, reason="own", now=timezone.now())
    return redirect("account")


@may("account:enrol", step_up=True)
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Set up a password with a one-time code, as a second way in."""
    me, problem, status = sitting_of(request).operator, None, 200
    secret = request.session.get(CODE_SECRET) or codes.new_secret()
    request.session[CODE_SECRET] = secret
    if request.method == "POST":
        try:
            given = request.POST.get("password", ""), secret, request.POST.get("code", "")
            codes.set_up(me, *given, now=timezone.now())
        except SealtraceError as e:
            from ..frame.views import status_of, words_of

            problem, status = words_of(e), status_of(e)
        else:
            del request.session[CODE_SECRET]
            return redirect("account")
    picture = segno.make(codes.uri(me.code, secret), error="m").svg_data_uri(scale=5, border=4, light="#fff")
    context = {"picture": picture, "secret": secret, "problem": problem, "shortest": codes.SHORTEST}
    return render(request, "accounts/code.html", context, status=status)
