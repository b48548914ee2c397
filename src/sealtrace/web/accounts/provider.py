"""Signing in at the site's OpenID provider, and linking an identity there to one's account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import ProviderFailed, SignInFailed

from .. import deeds
from ..devices import service as devices
from ..devices.models import Device
from . import oidc, passkeys, sittings
from .may import everybody, may
from .models import Federated, Operator, Sitting
from .views import next_address, sitting_of

KEPT = "provider"


def _away(request: HttpRequest, *, link: bool) -> HttpResponse:
    # A page that goes on by itself: the content security policy lets no form be redirected to another site.
    now = timezone.now()
    key = request.POST.get("device_key", "")
    url, kept = oidc.begin(oidc.needed(), passkeys.origin(request) + reverse("sign-in-provider-back"))
    signed = [] if link or not key else devices.signers(request, key, now)
    request.session[KEPT] = {
        **kept, "link": "yes" if link else "", "next": next_address(request),
        "device": ",".join(device.code for device in signed),
    }  # fmt: skip
    return render(request, "accounts/provider.html", {"url": url, "provider": oidc.needed()})


@everybody
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    return _away(request, link=False)


@may("account:see", step_up=True)
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Send somebody signed in to the provider, to link the identity there to their account."""
    return _away(request, link=True)


@everybody
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """The browser comes back from the provider: sign in, or link."""
    kept = request.session.pop(KEPT, None)
    if not isinstance(kept, dict):
        raise ProviderFailed("there is no sign-in under way in this browser")
    provider, now = oidc.needed(), timezone.now()
    home = passkeys.origin(request) + reverse("sign-in-provider-back")
    subject = oidc.finish(provider, home, kept, {key: request.GET.get(key, "") for key in ("state", "code")})
    known = (
        Federated.objects.select_related("operator").filter(issuer=provider.issuer, subject=subject).first()
    )
    if kept["link"]:
        return _linked(sitting_of(request).operator, provider.issuer, subject, known)
    if known is None or not known.operator.is_active:
        raise SignInFailed(
            "no operator is linked to this identity",
            advice="Sign in with your passkey and link it on your account page.",
        )
    device = Device.objects.filter(
        code__in=kept["device"].split(","), operator=known.operator, revoked_at=None
    ).first()
    sittings.begin(request, known.operator, Sitting.How.OIDC, device, now=now)
    return redirect(kept["next"])


def _linked(operator: Operator, issuer: str, subject: str, known: Federated | None) -> HttpResponse:
    if known is not None and known.operator != operator:
        raise SignInFailed("this identity is linked to another operator")
    if known is None:
        with deeds.together() as enter:
            entry = enter("account:identity-linked", operator.code, {
                "operator": operator.code, "issuer": issuer, "subject": subject,
            })  # fmt: skip
            Federated.objects.create(
                operator=operator, issuer=issuer, subject=subject, linked_at=timezone.now(), entry=entry
            )
    return redirect("account")
