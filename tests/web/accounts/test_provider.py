"""Signing in at an OpenID provider: a real one, small, in this process, over HTTP; and what a bad one may send."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from sealtrace.errors import ProviderFailed

CLIENT, SECRET = "sealtrace", "between us"


class Provider(ThreadingHTTPServer):
    """Discovery, authorisation (it agrees at once), token and keys. `spoil` changes the claims it signs."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.spoil: dict[str, object] = {}
        self.about: dict[str, object] = {}
        self.signing = self.key

    def discovery(self) -> dict[str, object]:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": self.issuer, **{k: self.issuer + v for k, v in paths.items()}, **self.about}

    def authorise(self, asked: dict[str, str]) -> str:
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        asked = self.codes.pop(form.get("code", ""), None)
        right = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or authorization not in (right, plain) or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-77", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        } | self.spoil  # fmt: skip
        made = jwt.encode({"alg": "ES256", "kid": "k1"}, claims, self.signing)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": made}


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def _send(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.path == "/.well-known/openid-configuration":
            self._send(200, self.server.discovery())
        elif self.path == "/keys":
            self._send(200, {"keys": [self.server.key.as_dict(private=False)]})
        else:
            self._send(404, {})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        flat = {key: values[0] for key, values in form.items()}
        self._send(*self.server.token(flat, self.headers.get("Authorization", "")))

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def provider(site, monkeypatch) -> Iterator[Provider]:
    from sealtrace.web import site as sites

    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    extra = {"oidc_issuer": server.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    monkeypatch.setattr(sites, "_site", replace(sites.current(), extra=extra))
    yield server
    server.shutdown()
    server.server_close()


def away(client, start: str) -> dict[str, str]:
    """Begin at our page; what the browser takes to the provider."""
    page = client.post(start, {"next": "/ledger"})
    url = page.context["url"]
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def linked(client_of, provider: Provider):
    client = client_of()
    back = provider.authorise(away(client, "/account/provider"))
    assert client.get(back)["Location"] == "/account"
    return client


def test_a_linked_identity_signs_in_and_an_unlinked_one_does_not(client_of, provider: Provider) -> None:
    provider.spoil = {"sub": "linked"}
    client = linked(client_of, provider)
    other = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert other.get(provider.authorise(away(other, "/sign-in/provider")))["Location"] == "/ledger"
    assert client.operator.code in other.get("/account").content.decode()
    assert other.get("/account/code").status_code == 302, "another's word is no confirmation"
    provider.spoil = {"sub": "somebody else"}
    third = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert third.get(provider.authorise(away(third, "/sign-in/provider"))).status_code == 403
    provider.spoil = {"sub": "linked"}
    thief = client_of()
    assert thief.get(provider.authorise(away(thief, "/account/provider"))).status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [
        {"aud": "another site"}, {"iss": "http://evil.example"}, {"nonce": "old"}, {"exp": 1}, {"sub": ""},
        {"iat": 4_000_000_000}, {"aud": [CLIENT, "another"], "azp": "another"}, {"exp": "soon"},
    ],
)  # fmt: skip
def test_a_token_not_meant_for_this_sign_in_is_refused(provider: Provider, spoil: dict[str, object]) -> None:
    provider.spoil = spoil
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    answer = client.get(provider.authorise(away(client, "/sign-in/provider")))
    assert answer.status_code == 403
    assert b"not meant for this sign-in" in answer.content


def test_a_forged_signature_a_foreign_state_and_a_second_use_are_refused(provider: Provider) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    provider.signing = ECKey.generate_key("P-256", {"kid": "k1"})
    assert b"does not hold" in client.get(provider.authorise(away(client, "/sign-in/provider"))).content
    provider.signing = provider.key
    back = provider.authorise(away(client, "/sign-in/provider"))
    victim = Client(HTTP_ACCEPT_LANGUAGE="en")
    away(victim, "/sign-in/provider")
    assert b"does not belong" in victim.get(back).content
    assert Client(HTTP_ACCEPT_LANGUAGE="en").get(back).status_code == 403


@pytest.mark.parametrize(
    "about",
    [
        {"token_endpoint": "http://169.254.169.254/token"}, {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "https://user@evil.example/"}, {"issuer": "https://evil.example"},
        {"token_endpoint": None},
    ],
)  # fmt: skip
def test_discovery_can_not_send_us_elsewhere(provider: Provider, about: dict[str, object]) -> None:
    """Server-side request forgery: only https addresses, and the issuer we were told."""
    from sealtrace.web.accounts import oidc

    provider.about = about
    with pytest.raises(ProviderFailed):
        oidc.begin(oidc.needed(), "http://testserver/back")


@pytest.mark.usefixtures("site")
def test_without_a_provider_the_way_is_closed() -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "Sign in at" not in client.get("/sign-in").content.decode()
    assert client.post("/sign-in/provider").status_code == 403
    assert client.get("/sign-in/provider/back?code=1&state=2").status_code == 403
