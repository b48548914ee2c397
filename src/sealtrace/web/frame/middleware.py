"""What every request passes: security headers, the real client address, our errors as pages."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse

from sealtrace.errors import SealtraceError

from .. import site
from . import views

Next = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def headers(following: Next) -> Next:
    """Add the security headers; nothing personal is kept by caches. Source: OWASP ASVS 5.0, V3.4."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = following(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(self), microphone=(), geolocation=(), publickey-credentials-get=(self)",
        )
        if site.current().tls:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def client_ip(remote: str, forwarded: str) -> str:
    """The client's address: the last one in X-Forwarded-For that is not a declared proxy's.

    The header counts only when the connection itself comes from a declared proxy.
    """
    proxies = site.current().proxies
    chain = [part.strip() for part in forwarded.split(",") if part.strip()]
    address = remote
    while chain and any(ip_address(address) in network for network in proxies):
        try:
            address = str(ip_address(chain.pop()))
        except ValueError:
            break
    return address


def address(following: Next) -> Next:
    """Put the real client address on the request, as `request.ip`; believe a declared proxy that it had TLS."""

    def handle(request: HttpRequest) -> HttpResponse:
        remote = request.META.get("REMOTE_ADDR") or "127.0.0.1"
        request.ip = client_ip(remote, request.META.get("HTTP_X_FORWARDED_FOR", ""))  # type: ignore[attr-defined]
        if any(ip_address(remote) in network for network in site.current().proxies):
            request.META["wsgi.url_scheme"] = request.META.get("HTTP_X_FORWARDED_PROTO", "http")
        return following(request)

    return handle


class errors:  # noqa: N801 (a middleware is named like the functions beside it)
    """Show our own errors as pages: what is wrong, what to do, and that nothing happened."""

    def __init__(self, following: Next) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.following(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook: a page for SealtraceError, nothing for others."""
        return views.refused(request, error) if isinstance(error, SealtraceError) else None
