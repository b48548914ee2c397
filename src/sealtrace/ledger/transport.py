"""Asking witnesses and reading logs over HTTP: kept connections, short times, bounded answers."""

from __future__ import annotations

import urllib3

from .witness import Reply

CONNECT_S, READ_S = 3.0, 10.0
MAX_ANSWER_BYTES = 1 << 20
_pool = urllib3.PoolManager(
    maxsize=16,
    retries=False,
    timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
    headers={"User-Agent": "sealtrace"},
)


def post(url: str, body: bytes) -> Reply:
    """Send an add-checkpoint request to a witness' submission prefix. Source: C2SP tlog-witness.

    Raises:
        OSError: the witness can't be reached or does not answer in time.
    """
    status, data, content_type = exchange("POST", f"{url.rstrip('/')}/add-checkpoint", body, MAX_ANSWER_BYTES)
    return Reply(status, data.decode("utf-8", "replace"), content_type)


def ask_tsa(url: str, query: bytes) -> bytes:
    """Send a timestamp query over HTTP. Source: RFC 3161, 3.4.

    Raises:
        OSError: the authority can't be reached, or refuses.
    """
    status, data, _ = exchange(
        "POST", url, query, MAX_ANSWER_BYTES, {"Content-Type": "application/timestamp-query"}
    )
    if status != 200:
        raise OSError(f"{url} answered {status}")
    return data


def get(url: str, limit: int) -> bytes | None:
    """Read a resource of at most `limit` bytes; None when it is not there.

    Raises:
        OSError: it can't be reached, is larger, or the server answers with an error.
    """
    status, data, _ = exchange("GET", url, None, limit)
    if status == 404:
        return None
    if status != 200:
        raise OSError(f"{url} answered {status}")
    return data


def exchange(
    method: str, url: str, body: bytes | None, limit: int, headers: dict[str, str] | None = None
) -> tuple[int, bytes, str]:
    """Send a request; return status, body and content type.

    Raises:
        OSError: the address can't be reached, or answers with more than `limit` bytes.
    """
    try:
        answer = _pool.request(method, url, body=body, headers=headers, preload_content=False, redirect=False)
        data = answer.read(limit + 1)
        answer.release_conn()
    except urllib3.exceptions.HTTPError as e:
        raise OSError(f"{url} can't be reached: {e}") from e
    if len(data) > limit:
        raise OSError(f"{url} answered with more than {limit} bytes")
    return answer.status, data, answer.headers.get("Content-Type", "")
