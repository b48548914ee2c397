"""The proof that a session still sits on its device."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ..accounts.may import may
from ..accounts.views import next_address


@may("account:see")
@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest) -> HttpResponse:
    """A page that signs by itself and goes on; POST: the signature was checked before this runs."""
    following = next_address(request)
    if request.method == "GET":
        return render(request, "devices/proof.html", {"next": following})
    return HttpResponse(status=204) if "json" in request.headers.get("Accept", "") else redirect(following)
