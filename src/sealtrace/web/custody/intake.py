"""Take files in: streamed to the home's staging folder, bounded, then kept encrypted until they are used.

What comes in is never written in the clear outside the home, and what nobody signed in sends is not read at all.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sealtrace.custody.home import storage_guard
from sealtrace.errors import InputEmpty, InputTooLarge, SealtraceError, StorageFailed, UsageProblem
from sealtrace.vault.store import Vault

from .. import site

MOST_BYTES = 1 << 30  # of one request
MOST_FILES = 64  # of one request
MOST_TEXT = 1 << 20  # characters pasted
_PLAIN = re.compile(r"[^\w.\- ()（）\[\]]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file taken in: its name, its SHA-256 in hex and its size; the bytes are in the intake vault."""

    name: str
    sha256: str
    size: int

    def as_dict(self) -> dict[str, Any]:
        """Give JSON types."""
        return asdict(self)


LEAKS, FILES, LOOKED_AT = "leaks", "files", "looked-at"
"""Where what came in is kept: leaks stay, files go once they are registered or read, what was looked at in a day."""

LOOKED_AT_SECONDS = 24 * 3600


@cache
def _vault_in(folder: Path) -> Vault:
    return Vault(folder, site.custody().office.home.keyring.secret("web/intake"))


def vault(place: str = LEAKS) -> Vault:
    """Where the bytes of what came in are kept, encrypted and named by a keyed hash."""
    folder = site.custody().office.home.folder / "intake" / place
    with storage_guard("making the place for what comes in"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _vault_in(folder)


def _too_large() -> InputTooLarge:
    return InputTooLarge(
        _("This is more than %(n)d MiB at once.") % {"n": MOST_BYTES >> 20}, advice=_("Bring it in parts.")
    )


class SignedInOnly(FileUploadHandler):
    """Stops an upload that is too large, or from nobody signed in, before anything of it is read.

    Of an upload that was stopped the request says why, as `cut_off`: its signature covered more than arrived.
    """

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002
        META: Any,  # noqa: ARG002, N803
        content_length: int,
        boundary: str,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """Django's hook, before anything is read."""
        signed_in = getattr(self.request, "actor", None) is not None
        self.refused = not signed_in or content_length > MOST_BYTES
        if signed_in and content_length > MOST_BYTES:
            self.request.cut_off = _too_large()  # type: ignore[union-attr]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Django's hook: a file begins."""
        super().new_file(*args, **kwargs)
        if self.refused:
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 (Django's hook)
        """Django's hook: on to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Django's hook: the file is another handler's."""


class StagedUpload(TemporaryFileUploadHandler):
    """Streams an upload into the home's staging folder. Where the disk refuses, the request's `cut_off` says so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Django's hook: a file begins."""
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        with self._refusal_kept():
            self.file = _Staged(
                self.file_name, self.content_type or "", 0, self.charset, self.content_type_extra
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Django's hook: a part of it."""
        with self._refusal_kept():
            super().receive_data_chunk(raw_data, start)

    @contextlib.contextmanager
    def _refusal_kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            self.request.cut_off = StorageFailed(  # type: ignore[union-attr]
                _("There is no room to take the file in: %(why)s.") % {"why": e.strerror or str(e)}
            )
            raise StopUpload(connection_reset=True) from e


class _Staged(TemporaryUploadedFile):
    """An upload in a file of the staging folder, which goes when it is closed; a killed process' is swept."""

    def __init__(
        self,
        name: str | None,
        content_type: str,
        size: int,
        charset: str | None,
        extra: dict[str, Any] | None,
    ) -> None:
        folder = site.custody().office.home.staging
        file = tempfile.NamedTemporaryFile(prefix=f"{os.getpid()}-upload-", dir=folder)  # noqa: SIM115 (closed with it)
        UploadedFile.__init__(self, file, name, content_type, size, charset, extra)


def plain_name(name: str) -> str:
    """A file name without folders and without characters that mean something elsewhere; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = _PLAIN.sub("_", last).strip(" .") or "file"
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[:100]}{dot}{suffix[:10]}" if dot else shown[:100]


def received(request: HttpRequest, place: str = LEAKS) -> list[Kept]:
    """Keep what a request brought: its files, and pasted text as a file of its own.

    Raises:
        InputTooLarge: more bytes, files or characters than are taken at once.
        InputEmpty: nothing came, or a file without bytes.
        StorageFailed: no room; nothing of it stays in the clear.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise _too_large()
    cut_off: SealtraceError | None = getattr(request, "cut_off", None)
    if cut_off is not None:
        raise cut_off
    files = request.FILES.getlist("files")
    text = request.POST.get("text", "").strip()
    if len(files) > MOST_FILES or len(text) > MOST_TEXT:
        raise InputTooLarge(_("These are too many files at once, or too long a text."))
    if not files and not text:
        raise InputEmpty(
            _("Nothing came with the form."), advice=_("Choose at least one file, or paste a text.")
        )
    kept = [_keep(file, place) for file in files]
    if text:
        data = text.encode()
        kept.append(Kept(_("pasted text") + ".txt", vault(place).put_bytes(data).sha256.hex(), len(data)))
    return kept


def _keep(file: UploadedFile[Any], place: str) -> Kept:
    name = plain_name(file.name or "")
    if not file.size:
        raise InputEmpty(_("%(name)s has no bytes.") % {"name": name})
    if isinstance(file, TemporaryUploadedFile):
        stored = vault(place).put(Path(file.temporary_file_path()))
    else:
        stored = vault(place).put_bytes(file.read())
    return Kept(name, stored.sha256.hex(), stored.size_bytes)


@contextlib.contextmanager
def laid_out(pieces: Sequence[dict[str, Any]], place: str = LEAKS) -> Iterator[list[Path]]:
    """The bytes of what was kept, each under its own name in a folder that goes afterwards.

    Raises:
        UsageProblem: a piece is no longer kept.
    """
    kept = vault(place)
    with site.custody().office.staging("intake") as folder:
        paths = []
        for number, piece in enumerate(pieces):
            inside = folder / str(number)
            with storage_guard("laying out what came in"):
                inside.mkdir()
            if bytes.fromhex(piece["sha256"]) not in kept:
                raise UsageProblem(_("%(name)s is no longer kept.") % {"name": piece["name"]})
            kept.export(bytes.fromhex(piece["sha256"]), inside / piece["name"])
            paths.append(inside / piece["name"])
        yield paths


def forget(place: str) -> None:
    """Remove a place for files with all it holds, once they stand elsewhere."""
    assert place.startswith((f"{FILES}-", f"{LOOKED_AT}-")), "leaks are kept"
    shutil.rmtree(site.custody().office.home.folder / "intake" / place, ignore_errors=True)


def forget_looked_at(age: float = LOOKED_AT_SECONDS) -> None:
    """Remove every file that was looked at so many seconds ago and then left, never entered."""
    for folder in (site.custody().office.home.folder / "intake").glob(f"{LOOKED_AT}-*"):
        with contextlib.suppress(FileNotFoundError):  # another request was faster
            if time.time() - folder.stat().st_mtime > age:
                forget(folder.name)
