"""Lists by keyset: a page names where the next one begins; no list is counted or skipped through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from pydantic import Field

T = TypeVar("T")
Limit = Annotated[int, Field(ge=1, le=200, description="How many at most.")]
Before = Annotated[
    int | None,
    Field(ge=0, le=(1 << 62), description="Only what is older than this; from the Link of the page before."),
]


def page(
    request: HttpRequest, response: HttpResponse, rows: Sequence[T], limit: int, cursor: object
) -> list[T]:
    """Cut `limit` rows off, and put the next page's address in the Link header when more follow.

    `cursor` gives a row's position. Source: RFC 8288.
    """
    assert callable(cursor)
    kept = list(rows[:limit])
    if len(rows) > limit:
        query = {**request.GET.dict(), "limit": limit, "before": cursor(kept[-1])}
        response.headers["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return kept
