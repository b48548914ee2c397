"""The API as one object: its operations, how it is guarded, how it is described (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from sealtrace import __version__

from . import account, copies, devices, files, leaks, ledger, licences, offices, orders, packages, problems
from .access import Signed
from .repeating import HEADER

SIGNATURE = (
    "Every request carries `Authorization: Bearer TOKEN` and is signed by the token's device as RFC 9421 says: "
    "Signature-Input and Signature cover @method, @path, @query, authorization, idempotency-key when sent, and "
    "content-digest when there is a body; with created, keyid (the device's code) and nonce."
)
KEYED = {
    "name": HEADER, "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key and request again gets the first answer; the same key for another one is refused.",
}  # fmt: skip


class Described(NinjaAPI):
    """Ninja's description, with problems under their own media type and what all operations share."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Make the description."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                if method == "post":
                    operation.setdefault("parameters", []).append(KEYED)
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {
                            problems.MEDIA_TYPE: response["content"].pop("application/json")
                        }
                        response["description"] = "Refused; `code` says why."
        return schema


api = Described(
    title="Sealtrace",
    version=__version__,
    description=f"Custody, tracing and proof for controlled technical files.\n\n{SIGNATURE}",
    openapi_url="/openapi.json",
    docs_url=None,
    auth=Signed(),
    urls_namespace="api",
)
for part in (account, devices, files, copies, orders, packages, leaks, ledger, licences, offices):
    api.add_router("/v1", part.router)
problems.install(api)


def method_checked(view: Any) -> Any:
    """Answer 405 with a problem too, and mark the view as guarded by the API itself."""

    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = view(request, *args, **kwargs)
        if answer.status_code == 405:
            return problems.not_allowed(answer.headers.get("Allow", ""))
        return answer

    checked.csrf_exempt = True  # type: ignore[attr-defined]  # nothing here is believed for a cookie
    checked.action = None  # type: ignore[attr-defined]  # the walk over every screen × role passes by; ours is beside it
    checked.unsigned = True  # type: ignore[attr-defined]  # the API checks its own signatures
    return checked
