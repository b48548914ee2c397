"""The description is what the API does: schemathesis walks every operation, signed as a real device; no 5xx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings

from sealtrace.client import Client
from sealtrace.policy.model import Role

EXAMPLES = 3


def test_it_is_openapi_3_1_and_open_to_all(address: str) -> None:
    found = httpx.get(f"{address}/api/openapi.json", trust_env=False).json()
    assert found["openapi"].startswith("3.1")
    assert len(found["paths"]) >= 30


def test_no_request_makes_the_server_fail(device: Callable[..., Client], address: str) -> None:
    import schemathesis

    from sealtrace.web.api.contract import api

    client = device(Role.REGISTRAR, Role.ISSUER, Role.TRACER, Role.LICENSING, Role.PERSONNEL, Role.AUDITOR)
    schema = schemathesis.openapi.from_dict(dict(api.get_openapi_schema(path_prefix="/api/")))
    asked = 0
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as http:
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.definition.raw["operationId"] == "revokeToken":
                continue  # it could revoke the token that asks

            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def walk(case: Any) -> None:
                nonlocal asked
                request = _request(case, client, http)
                if request is None:
                    return
                answer = http.send(request)
                asked += 1
                assert answer.status_code < 500, (
                    request.method,
                    request.url,
                    request.content[:300],
                    answer.text,
                )
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "application/problem+json", (
                        request.url,
                        answer.text,
                    )
                    assert answer.json()["code"]

            from hypothesis import given

            given(case=operation.as_strategy())(walk)()
    assert asked > 90


def _request(case: Any, client: Client, http: httpx.Client) -> httpx.Request | None:
    """The case as a signed request; None for what HTTP itself can't carry."""
    import hashlib

    kwargs = case.as_transport_kwargs(base_url=str(http.base_url))
    try:
        built = http.build_request(
            kwargs["method"], kwargs["url"], params=kwargs.get("params"), json=kwargs.get("json"),
            content=kwargs.get("data") if isinstance(kwargs.get("data"), bytes) else None,
        )  # fmt: skip
        body = built.read()
    except (ValueError, TypeError, httpx.InvalidURL):
        return None
    kind = "application/octet-stream" if case.path.endswith("/uploads") else "application/json"
    digest = hashlib.sha256(body).digest() if body else None
    key = (kwargs.get("headers") or {}).get("Idempotency-Key")
    key = key if key and key.isascii() and key.isprintable() and key.strip() == key else None
    built.headers.update(client._headers(built.method, built.url, key, digest, kind))
    return built


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch, site: Any) -> None:
    from sealtrace.web.api import signed

    monkeypatch.setattr(signed, "PER_MINUTE", 1_000_000)
