"""The wire of the client: requests signed, repeated and read; bytes both ways.

Each request is signed anew; a POST carries an idempotency key, so that one whose answer was lost is repeated with the
same key and done once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from sealtrace.errors import ServerRefused, ServerUnreachable, StorageFailed, all_errors

from . import signing
from .keys import DeviceKey
from .results import Job, Page, Upload

T = TypeVar("T")
TRIES, FIRST_WAIT_S, LONGEST_WAIT_S = 5, 0.25, 8.0
AGAIN = frozenset({429, 503})
CHUNK = 1 << 20
_ERRORS = {cls.code: cls for cls in all_errors()}


class Wire:
    """A device speaking to one server under one token. A context manager.

    device: the code the server gave the device at enrolment. sleep, now: for tests, which wait for nothing.
    """

    def __init__(
        self, base_url: str, *, token: str = "", device: str = "", key: DeviceKey, verify: str | bool = True,
        timeout_s: float = 60.0, sleep: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._base, self._token, self._device, self._key = base_url.rstrip("/"), token, device, key
        self._sleep, self._now = sleep, now
        context: Any = verify
        if isinstance(verify, str):
            import ssl

            context = ssl.create_default_context(cafile=verify)
        self._http = httpx.Client(timeout=timeout_s, verify=context, transport=transport, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    # -- the wire ----------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str | int] | None = None,
        key: str | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Send one request and give its answer; `path` below /api/v1 or whole, as a Link says it.

        Raises:
            ServerUnreachable: no answer after several tries.
            SealtraceError: the class whose code the server answered with.
        """
        body = b"" if json is None else httpx.Request("POST", "http://x", json=json).content
        digest = hashlib.sha256(body).digest() if body else None
        return self._repeat(method, path, params, key, digest, lambda: body or None, "application/json")

    def _repeat(
        self, method: str, path: str, params: Mapping[str, str | int] | None, key: str | None,
        digest: bytes | None, body: Callable[[], Any], kind: str, size: int | None = None,
    ) -> httpx.Response:  # fmt: skip
        url = httpx.URL(self._url(path), params=params) if params else httpx.URL(self._url(path))
        key = key or (secrets.token_urlsafe(18) if method == "POST" else None)
        wait, lost = FIRST_WAIT_S, ""
        for left in reversed(range(TRIES)):
            headers = self._headers(method, url, key, digest, kind)
            headers |= {} if size is None else {"content-length": str(size)}
            request = self._http.build_request(method, url, headers=headers, content=body())
            try:
                answer = self._http.send(request)
            except httpx.TransportError as e:
                lost = f"{urlsplit(self._base).netloc}: {type(e).__name__}"
                asked = None
            else:
                if answer.status_code not in AGAIN:
                    return _good(answer)
                lost, asked = "", answer
            if left:
                self._sleep(_told(asked) or wait)
                wait = min(2 * wait, LONGEST_WAIT_S)
        if asked is not None and not lost:
            return _good(asked)
        raise ServerUnreachable(f"no answer from {lost}")

    def _url(self, path: str) -> str:
        return (
            f"{self._base}{path}" if path.startswith("/api/") else f"{self._base}/api/v1/{path.lstrip('/')}"
        )

    def _headers(
        self, method: str, url: httpx.URL, key: str | None, digest: bytes | None, kind: str
    ) -> dict[str, str]:
        headers = {"accept": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        if key:
            headers["idempotency-key"] = key
        if digest is not None:
            headers |= {"content-type": kind, "content-digest": signing.content_digest(digest)}
        return headers | signing.signed(
            self._key, method, str(url), headers, keyid=self._device or "new", created=int(self._now()),
            nonce=secrets.token_hex(16),
        )  # fmt: skip

    def _pages(
        self, path: str, params: Mapping[str, str | int], read: Callable[[Any], T]
    ) -> Iterator[Page[T]]:
        answer = self.request("GET", path, params=params)
        while True:
            following = answer.links.get("next", {}).get("url")
            yield Page(tuple(read(item) for item in answer.json()["items"]), following)
            if following is None:
                return
            answer = self.request("GET", following)

    # -- bytes -------------------------------------------------------------------------------------

    def upload(self, path: Path) -> Upload:
        """Send a file's bytes, streamed: read once for its digest, once to send it. Safe to repeat."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        answer = self._repeat(
            "POST", "uploads", {"name": path.name}, None, digest.digest(), lambda: _chunks(path),
            "application/octet-stream", path.stat().st_size,
        )  # fmt: skip
        return Upload.read(answer.json())

    def download(self, path: str, out: Path) -> str:
        """Write what an address gives to `out`, whole or not at all; returns its SHA-256 in hex.

        Raises:
            ServerUnreachable: the bytes broke off, or are not what the server's digest says.
            StorageFailed: `out` can't be written.
        """
        url = httpx.URL(self._url(path))
        headers = self._headers("GET", url, None, None, "")
        digest, part = hashlib.sha256(), out.with_name(f".{out.name}.{os.getpid()}.part")
        try:
            with self._http.stream("GET", url, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    _good(answer)
                with part.open("wb") as file:
                    for chunk in answer.iter_bytes(CHUNK):
                        digest.update(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
            said = answer.headers.get("content-digest")
            if said is not None and said != signing.content_digest(digest.digest()):
                raise ServerUnreachable("the bytes that came are not those the server sent")
            part.replace(out)
        except httpx.TransportError as e:
            raise ServerUnreachable(f"the download broke off: {type(e).__name__}") from e
        except OSError as e:
            raise StorageFailed(f"writing {out}: {e.strerror}") from e
        finally:
            part.unlink(missing_ok=True)
        return digest.hexdigest()

    # -- long work ---------------------------------------------------------------------------------

    def job(self, number: int) -> Job:
        """Where a job stands."""
        return Job.read(self.request("GET", f"jobs/{number}").json())

    def wait(self, job: Job, *, limit_s: float = 600.0) -> Job:
        """Wait until a job is over.

        Raises:
            SealtraceError: it failed; the class whose code the server kept.
            ServerUnreachable: it is not over after `limit_s`.
        """
        waited, pause = 0.0, 0.1
        while not job.over:
            if waited >= limit_s:
                raise ServerUnreachable(f"job {job.id} is not over after {limit_s:.0f} s")
            self._sleep(pause)
            waited, pause = waited + pause, min(1.5 * pause, 2.0)
            job = self.job(job.id)
        if job.problem is not None:
            raise _error(job.problem)
        return job


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _told(answer: httpx.Response | None) -> float | None:
    said = answer.headers.get("retry-after", "") if answer is not None else ""
    return min(float(said), 60.0) if said.isdecimal() else None


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
        assert isinstance(problem, dict)
    except (ValueError, AssertionError):
        problem = {}
    raise _error({
        "code": problem.get("code"), "message": problem.get("detail") or f"HTTP {answer.status_code}",
        "advice": problem.get("advice"),
    })  # fmt: skip


def _error(problem: Mapping[str, Any]) -> Exception:
    kind = _ERRORS.get(str(problem.get("code")), ServerRefused)
    return kind(str(problem.get("message")), advice=problem.get("advice") or None)
