"""Sign in and out."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import service
from .may import everybody


def next_address(request: HttpRequest) -> str:
    """Where to go after signing in: only within this site."""
    wanted = request.GET.get("next") or request.POST.get("next") or "/"
    return (
        wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else "/"
    )


@everybody
@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    return render(request, "accounts/sign_in.html", {"next": next_address(request)})


@everybody
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: show what it does; on POST, sign in. A GET uses nothing up, since mail programs fetch links."""
    if request.method == "GET":
        return render(request, "accounts/enrol.html", {"token": token})
    operator = service.accept(token)
    request.session.flush()
    login(request, operator, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("/")


@everybody
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign-in")
