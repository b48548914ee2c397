"""Signing in at an OpenID provider: the code flow with PKCE, state and nonce. Off unless the site names a provider.

Source: OpenID Connect Core 1.0, sections 3.1 and 3.1.3.7; Discovery 1.0; RFC 9700 (OAuth security). The addresses
come from the provider's own discovery, all below https and without redirects; a provider on this machine may use http.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sealtrace.errors import ProviderFailed

from .. import site

TIMEOUT_S = 10.0
LARGEST = 256 * 1024
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
CLOCK_S = 60
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Provider:
    """What the site says of its provider."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


def configured() -> Provider | None:
    """The site's provider, from its settings oidc_issuer, oidc_client_id, oidc_client_secret and oidc_name."""
    extra = site.current().extra
    if not extra.get("oidc_issuer"):
        return None
    issuer = extra["oidc_issuer"].rstrip("/")
    name = extra.get("oidc_name") or urlsplit(issuer).hostname or issuer
    return Provider(issuer, extra["oidc_client_id"], extra.get("oidc_client_secret", ""), name)


def needed() -> Provider:
    """The site's provider. Raises ProviderFailed when there is none."""
    provider = configured()
    if provider is None:
        raise ProviderFailed("this site has no identity provider", advice="Sign in with your passkey.")
    return provider


def _checked(url: object, what: str) -> str:
    parts = urlsplit(str(url))
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.scheme == "https" or local) or not parts.hostname or parts.username:
        raise ProviderFailed(f"the provider's {what} is no https address")
    return str(url)


def _fetch(url: str, what: str) -> dict[str, Any]:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(_checked(url, what), timeout=TIMEOUT_S, allow_redirects=False, stream=True)
            body = answer.raw.read(LARGEST + 1, decode_content=True)
        if answer.status_code != 200 or len(body) > LARGEST:
            raise ProviderFailed(f"the provider's {what} answers {answer.status_code}")
        found = json.loads(body)
    except (requests.RequestException, OSError, ValueError) as e:
        raise ProviderFailed(f"the provider's {what} can't be read") from e
    if not isinstance(found, dict):
        raise ProviderFailed(f"the provider's {what} is no object")
    return found


def discovered(provider: Provider) -> dict[str, Any]:
    """The provider's own description; it must name the issuer we were told."""
    found = _fetch(f"{provider.issuer}/.well-known/openid-configuration", "discovery")
    if str(found.get("issuer", "")).rstrip("/") != provider.issuer:
        raise ProviderFailed("the provider says it is another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _checked(found.get(name), name)
    return found


def _client(provider: Provider, back: str) -> OAuth2Session:
    client = OAuth2Session(
        provider.client_id, provider.client_secret or None, scope="openid", redirect_uri=back,
        code_challenge_method="S256", default_timeout=TIMEOUT_S,
        token_endpoint_auth_method="client_secret_basic" if provider.client_secret else "none",
    )  # fmt: skip
    client.trust_env, client.max_redirects = False, 0
    return client


def begin(provider: Provider, back: str) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what to remember in its session until it comes back."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url, _ = _client(provider, back).create_authorization_url(
        discovered(provider)["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
    )
    return url, {"state": state, "nonce": nonce, "verifier": verifier}


def finish(provider: Provider, back: str, kept: dict[str, str], answer: dict[str, str]) -> str:
    """Trade the code for an ID token and check it; returns the provider's subject.

    Raises:
        ProviderFailed: state, signature, issuer, audience, time or nonce does not hold.
    """
    if not hmac.compare_digest(answer.get("state", ""), kept.get("state", "-")) or not answer.get("code"):
        raise ProviderFailed("the answer does not belong to this sign-in")
    about = discovered(provider)
    try:
        with _client(provider, back) as client:
            token = client.fetch_token(
                about["token_endpoint"], grant_type="authorization_code", code=answer["code"],
                code_verifier=kept["verifier"],
            )  # fmt: skip
        keys = KeySet.import_key_set(_fetch(about["jwks_uri"], "keys"))  # type: ignore[arg-type]
        claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    except (AuthlibBaseError, JoseError, requests.RequestException, KeyError, TypeError, ValueError) as e:
        raise ProviderFailed("the provider's token can't be got or does not hold") from e
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    now = time.time()
    sound = (
        str(claims.get("iss", "")).rstrip("/") == provider.issuer
        and provider.client_id in meant
        and (len(meant) == 1 or claims.get("azp") == provider.client_id)
        and isinstance(claims.get("exp"), (int, float))
        and claims["exp"] > now - CLOCK_S
        and isinstance(claims.get("iat"), (int, float))
        and claims["iat"] < now + CLOCK_S
        and hmac.compare_digest(str(claims.get("nonce", "")), kept["nonce"])
        and bool(claims.get("sub"))
    )
    if not sound:
        raise ProviderFailed("the provider's token is not meant for this sign-in")
    return str(claims["sub"])
