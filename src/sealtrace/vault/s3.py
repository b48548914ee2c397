"""Sealed objects in an S3-compatible store: one key an object, written whole by the store's own atomic PUT.

The store sees names and bytes that tell nothing; it can lose or alter an object, which reading finds, but not
read one. Credentials, region and endpoint come from the environment, as of every S3 client
(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast
from urllib.parse import urlsplit

from sealtrace.errors import Corrupted, StorageFailed, UsageProblem

IN_MEMORY = 8 << 20
MISSING = ("404", "NoSuchKey", "NotFound")


class S3Places:
    """Objects under `s3://BUCKET/PREFIX`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query:
            raise UsageProblem(f"{url!r} names no bucket", advice="Give s3://BUCKET or s3://BUCKET/PREFIX.")
        self._bucket = parts.netloc
        self._prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._made: Any = None

    @property
    def _client(self) -> Any:
        """The client, made at the first use: it takes half a second."""
        if self._made is None:
            import boto3
            from botocore.config import Config

            tries = Config(
                retries={"max_attempts": 4, "mode": "standard"}, connect_timeout=5, read_timeout=60
            )
            with _refusals("reaching the vault's store"):
                self._made = boto3.client("s3", config=tries)
        return self._made

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name[:2]}/{name}"

    def size(self, name: str) -> int | None:
        """Ask for the head of an object."""
        from botocore.exceptions import ClientError

        with _refusals("asking for an original"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=self._key(name))
            except ClientError as e:
                if e.response.get("Error", {}).get("Code") in MISSING:
                    return None
                raise
        return int(head["ContentLength"])

    def open(self, name: str) -> BinaryIO:
        """Stream an object. Raises FileNotFoundError, StorageFailed."""
        from botocore.exceptions import ClientError

        with _refusals("reading an original"):
            try:
                got = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
            except ClientError as e:
                if e.response.get("Error", {}).get("Code") in MISSING:
                    raise FileNotFoundError(name) from e
                raise
        return cast("BinaryIO", _Body(got["Body"]))

    def keep(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Seal to a temporary file, put it whole, and ask back for its size. A PUT that failed left nothing."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as sealed:
            write(cast("BinaryIO", sealed))
            size = sealed.tell()
            sealed.seek(0)
            with _refusals("storing an original"):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Body=cast("IO[bytes]", sealed),
                    ContentLength=size,
                )
        if self.size(name) != size:
            raise StorageFailed("storing an original: the store holds another size than was put")

    def names(self) -> Iterator[str]:
        """List the keys, page by page; the store gives them in order."""
        with _refusals("listing originals"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for item in page.get("Contents", []):
                    yield str(item["Key"]).rpartition("/")[2]

    def sweep(self) -> None:
        """Nothing to do: a store shows an object whole or not at all."""


class _Body:
    """A streamed answer whose `read(n)` gives n bytes, or fewer at the end only."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        with _refusals("reading an original"):
            if size < 0:
                return bytes(self._body.read())
            parts, left = [], size
            while left and (part := self._body.read(left)):
                parts.append(part)
                left -= len(part)
        return b"".join(parts)

    def __enter__(self) -> _Body:
        return self

    def __exit__(self, *_: object) -> None:
        self._body.close()


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError

    try:
        yield
    except FlexibleChecksumError as e:
        raise Corrupted("the store gave other bytes than were put") from e
    except (BotoCoreError, ClientError, OSError) as e:
        if isinstance(e, FileNotFoundError):
            raise
        raise StorageFailed(f"{doing}: {type(e).__name__}") from e
