"""What the API refuses: no token, no signature, another's signature, a second time, too often, too little right."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sealtrace.client import Client, DeviceKey, signing
from sealtrace.errors import Denied, ServerRefused, TooManyRequests
from sealtrace.policy.model import Role


def sent(client: Client, **changes: Any) -> dict[str, str]:
    """The headers of a request of a device, for altering."""
    url = httpx.URL(client._url("me"))
    return client._headers("GET", url, None, None, "") | changes


def test_a_problem_is_a_problem_everywhere(address: str) -> None:
    with httpx.Client(base_url=address, trust_env=False) as http:
        for method, path, status, code in (
            ("GET", "/api/v1/me", 401, "not-signed-in"),
            ("GET", "/api/v1/nowhere", 404, "no-such-address"),
            ("PUT", "/api/v1/files", 405, "method-not-allowed"),
            ("POST", "/api/v1/devices", 422, "invalid-request"),
        ):
            answer = http.request(method, path, json={} if method == "POST" else None)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            body = answer.json()
            assert (body["status"], body["code"]) == (status, code)
            assert body["title"]
            assert body["advice"]


def test_a_token_alone_opens_nothing(device: Callable[..., Client], address: str) -> None:
    client, other = device(Role.READER), device(Role.READER)
    url = f"{address}/api/v1/me"
    with httpx.Client(trust_env=False) as http:
        good = sent(client)
        assert http.get(url, headers=good).status_code == 200
        refused = [
            {"authorization": good["authorization"]},  # unsigned
            good,  # sent a second time
            sent(client, authorization=f"Bearer {other._token}"),  # another device's token
            sent(client) | {"signature": sent(client)["signature"]},  # another request's signature
        ]
        for headers in refused:
            answer = http.get(url, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "signature-refused"), answer.text
        old = signing.signed(
            client._key, "GET", url, {"authorization": good["authorization"]}, keyid=client._device,
            created=int(time.time()) - 600, nonce=secrets.token_hex(8),
        )  # fmt: skip
        assert http.get(url, headers=good | old).json()["code"] == "signature-refused"
        # a good signature for another address
        assert http.get(f"{url}/tokens", headers=sent(client)).json()["code"] == "signature-refused"


def test_a_body_is_what_was_signed(device: Callable[..., Client], address: str) -> None:
    client = device(Role.LICENSING)
    url = httpx.URL(f"{address}/api/v1/licences/classify")
    import hashlib

    body = json.dumps({"cases": [{"id": "a"}]}).encode()
    headers = client._headers("POST", url, "k", hashlib.sha256(body).digest(), "application/json")
    with httpx.Client(trust_env=False) as http:
        assert (
            http.post(url, headers=headers, content=body.replace(b"a", b"b")).json()["code"]
            == "signature-refused"
        )
        upload = httpx.URL(f"{address}/api/v1/uploads", params={"name": "a.txt"})
        headers = client._headers(
            "POST", upload, None, hashlib.sha256(b"one").digest(), "application/octet-stream"
        )
        assert http.post(upload, headers=headers, content=b"two").json()["code"] == "signature-refused"


def test_scopes_and_roles_both_bound_a_token(device: Callable[..., Client], sheet: Path) -> None:
    narrow = device(Role.REGISTRAR, Role.TRACER, scopes=("file:list", "home:see"))
    assert list(narrow.files(limit=1)) is not None
    with pytest.raises(Denied):
        narrow.request("POST", "files", json={"uploads": ["x"]})
    with pytest.raises(Denied):
        device(Role.READER).request("GET", "files")
    # a wildcard scope is no confirmation where the policy asks for one, a named action is
    wild = device(Role.TRACER, scopes=("leak:*",))
    from sealtrace.policy import engine

    if "P-21" in {reason.rule for reason in _rules(engine)}:
        with pytest.raises(Denied):
            wild.trace([sheet])


def _rules(engine: Any) -> list[Any]:
    found = engine.rules()
    return [r[0] for r in found] if isinstance(found[0], tuple) else list(found[1].values())


def test_a_revoked_token_a_revoked_device_and_a_used_code_open_nothing(
    device: Callable[..., Client], address: str
) -> None:
    from django.utils import timezone

    from sealtrace.web.accounts import service as accounts
    from sealtrace.web.devices.models import Device

    client = device(Role.READER)
    tokens = client.request("GET", "me/tokens").json()["items"]
    in_use = next(t for t in tokens if "file:*" in t["scopes"])
    client.request("DELETE", f"me/tokens/{in_use['id']}")
    with pytest.raises(Denied, match="not in force"):
        client.whoami()
    second = device(Role.READER)
    Device.objects.filter(code=second._device).update(revoked_at=timezone.now())
    with pytest.raises(Denied):
        second.whoami()
    code = accounts.invite(second.operator, by="test")  # type: ignore[attr-defined]
    with Client(address, key=DeviceKey.generate(), sleep=lambda _s: None) as third:
        third.enrol(code)
    with Client(address, key=DeviceKey.generate(), sleep=lambda _s: None) as fourth, pytest.raises(Denied):
        fourth.enrol(code)


def test_a_device_that_asks_too_often_waits(
    device: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sealtrace.web.api import signed

    client, waits = device(Role.READER), list[float]()
    client._sleep = waits.append
    monkeypatch.setattr(signed, "PER_MINUTE", 0)
    with pytest.raises(TooManyRequests):
        client.whoami()
    assert waits == [30.0] * 4  # as Retry-After says


def test_trying_tokens_out_is_slowed_down(device: Callable[..., Client], address: str) -> None:
    from sealtrace.web.api import signed

    client = device(Role.READER)
    client._token = "st_wrong"
    for _ in range(signed.REFUSALS_PER_MINUTE):
        signed.strangers.refused("127.0.0.1")
    client._sleep = lambda _s: None
    with pytest.raises(TooManyRequests):
        client.whoami()


def test_every_operation_is_guarded(site: Any) -> None:
    from sealtrace.web.api.contract import api

    open_to_all = {"enrol"}
    for path, operations in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"] in open_to_all or operation.get("security"), (method, path)


def test_a_stolen_upload_key_is_of_no_use(device: Callable[..., Client], sheet: Path) -> None:
    from sealtrace.errors import NotRegistered

    mine, thief = device(Role.REGISTRAR), device(Role.REGISTRAR)
    kept = mine.upload(sheet)
    with pytest.raises(NotRegistered):
        thief.request("POST", "files", json={"uploads": [kept.id]})
    assert mine.upload(sheet).id == kept.id  # the same bytes are kept once
    with pytest.raises((ServerRefused, Denied, NotRegistered)):
        thief.request("GET", f"../{kept.id}")
