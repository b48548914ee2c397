"""Take bytes in: streamed into the home's staging folder, hashed on the way, kept encrypted until they are used."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db.models import Sum
from django.http import HttpRequest

from sealtrace.custody.home import storage_guard
from sealtrace.errors import InputEmpty, InputTooLarge, NotRegistered, SignatureRefused
from sealtrace.vault.store import Vault

from .. import site
from ..accounts.models import Operator
from .models import Upload

MOST_BYTES = 1 << 30
MOST_KEPT = 4 << 30  # of one operator, until a day has passed
CHUNK = 1 << 20
KEPT_FOR = timedelta(days=1)
_UNSAFE = re.compile(r"[^\w.\- ()（）\[\]]+")


@cache
def _vault(folder: Path) -> Vault:
    return Vault(folder, site.custody().office.home.keyring.secret("web/api/uploads"))


def vault(place: str) -> Vault:
    """The encrypted place of one upload; it goes as a whole."""
    folder = site.custody().office.home.folder / "intake" / "api" / place
    with storage_guard("making the place for what comes in"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _vault(folder)


def plain_name(name: str) -> str:
    """A file name without folders, control characters or what has a meaning elsewhere; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = _UNSAFE.sub("_", last).strip(" .") or "file"
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[:100]}{dot}{suffix[:10]}" if dot else shown[:100]


def take(request: HttpRequest, name: str, operator: Operator, now: datetime) -> Upload:
    """Keep a request's streamed body; the same bytes under the same name again are the same upload.

    Raises:
        InputEmpty, InputTooLarge: no bytes, or more than MOST_BYTES.
        SignatureRefused: the bytes are not those whose digest was signed.
        StorageFailed: no room; nothing of it stays.
    """
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise InputTooLarge(f"an upload has at most {MOST_BYTES >> 20} MiB")
    forget_old(now)
    kept = Upload.objects.filter(operator=operator).aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept > MOST_KEPT:
        raise InputTooLarge(
            "your uploads of the last day have more than 4 GiB", advice="Wait, or send less at once."
        )
    digest, size, key = hashlib.sha256(), 0, secrets.token_urlsafe(15)
    with site.custody().office.staging("upload") as folder:
        with storage_guard("taking an upload in"), (folder / "body").open("wb") as file:
            while chunk := request.read(CHUNK):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise InputTooLarge(f"an upload has at most {MOST_BYTES >> 20} MiB")
                digest.update(chunk)
                file.write(chunk)
        said = request.headers.get("Content-Digest", "").strip()
        if not size:
            raise InputEmpty("the upload has no bytes")
        if said != f"sha-256=:{_base64(digest.digest())}:":
            raise SignatureRefused("the bytes are not those whose digest was signed")
        known = Upload.objects.filter(
            operator=operator, name=plain_name(name), sha256=digest.digest()
        ).first()
        if known is not None:
            Upload.objects.filter(pk=known.pk).update(at=now)
            return known
        vault(key).put(folder / "body")
    return Upload.objects.create(
        key=key, operator=operator, name=plain_name(name), sha256=digest.digest(), size=size, at=now
    )


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def take_text(text: str, operator: Operator, now: datetime) -> Upload:
    """Keep a pasted text as a piece."""
    data, key = text.encode("utf-8", "replace"), secrets.token_urlsafe(15)
    vault(key).put_bytes(data)
    row, _ = Upload.objects.get_or_create(
        operator=operator, name="text.txt", sha256=hashlib.sha256(data).digest(),
        defaults={"key": key, "size": len(data), "at": now},
    )  # fmt: skip
    return row


def named(keys: Sequence[str], operator: str) -> list[Upload]:
    """One's own uploads by their keys, in order. Raises NotRegistered for another's and for what is gone."""
    found = {row.key: row for row in Upload.objects.filter(key__in=keys, operator__code=operator)}
    missing = [key for key in keys if key not in found]
    if missing:
        raise NotRegistered(f"there is no upload {missing[0]}", advice="Send the bytes to /uploads first.")
    return [found[key] for key in keys]


@contextmanager
def laid_out(uploads: Sequence[Upload]) -> Iterator[list[Path]]:
    """The bytes of uploads as files, each under its own name in a folder that goes afterwards."""
    with site.custody().office.staging("api") as folder:
        paths = []
        for number, row in enumerate(uploads):
            inside = folder / str(number)
            with storage_guard("laying out an upload"):
                inside.mkdir()
            vault(row.key).export(bytes(row.sha256), inside / row.name)
            paths.append(inside / row.name)
        yield paths


def forget_old(now: datetime) -> None:
    """Remove uploads that nobody used for a day."""
    import shutil

    for row in Upload.objects.filter(at__lt=now - KEPT_FOR)[:100]:
        shutil.rmtree(site.custody().office.home.folder / "intake" / "api" / row.key, ignore_errors=True)
        row.delete()
