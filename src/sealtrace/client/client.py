"""The client: one method for each thing the API does that programs ask for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .desk import Desk
from .results import Copy, File, Job, Registered, Trace


class Client(Desk):
    """A device speaking to one server under one token. A context manager; see `Wire` for what it takes."""

    def enrol(self, code: str, *, name: str = "") -> tuple[str, str]:
        """Enrol this key as a device with a one-time code; gives the device's code and its token."""
        answer = self.request(
            "POST", "devices", json={
                "code": code, "public_key": base64.b64encode(self._key.public).decode(), "name": name,
            }, key=hashlib.sha256(code.encode()).hexdigest()[:32],
        ).json()  # fmt: skip
        self._device, self._token = answer["device"], answer["token"]
        return self._device, self._token

    def whoami(self) -> Mapping[str, Any]:
        """Who the server takes this device for."""
        answer: Mapping[str, Any] = self.request("GET", "me").json()
        return answer

    def register(
        self, paths: Sequence[Path], *, level: str = "general", title: str | None = None,
        new_version_of: str | None = None, key: str | None = None,
    ) -> list[Registered]:  # fmt: skip
        """Register files and wait for what each became."""
        uploads = [self.upload(path).id for path in paths]
        order = {"uploads": uploads, "level": level, "title": title, "new_version_of": new_version_of}
        job = self.wait(Job.read(self.request("POST", "files", json=order, key=key).json()))
        return [Registered.read(row) for row in (job.result or {})["files"]]

    def files(self, *, title: str = "", limit: int = 50) -> Iterator[File]:
        """The files, newest first, each with its newest version."""
        params: dict[str, str | int] = {"limit": limit} | ({"title": title} if title else {})
        for page in self._pages("files", params, File.read):
            yield from page.items

    def issue(
        self, ref: str, recipients: Sequence[Mapping[str, str]], *, purpose: str, key: str | None = None
    ) -> list[Copy]:
        """Issue one marked copy to each of {"operator", "device", "ip"}; their bytes are made when they are taken."""
        order = {"file": ref, "recipients": [dict(r) for r in recipients], "purpose": purpose}
        job = self.wait(Job.read(self.request("POST", "copies", json=order, key=key).json()))
        return [self.copy(copy) for copy in (job.result or {})["copies"]]

    def copy(self, copy: str) -> Copy:
        """One copy."""
        return Copy.read(self.request("GET", f"copies/{copy}").json())

    def copies(
        self, *, file: str | None = None, operator: str | None = None, limit: int = 50
    ) -> Iterator[Copy]:
        """Copies of a version or of an operator, newest first."""
        given = {"file": file, "operator": operator}
        params: dict[str, str | int] = {"limit": limit} | {k: v for k, v in given.items() if v}
        for page in self._pages("copies", params, Copy.read):
            yield from page.items

    def own_copies(self) -> Iterator[Copy]:
        """The copies issued to this operator."""
        for page in self._pages("me/copies", {}, Copy.read):
            yield from page.items

    def fetch(self, copy: str, out: Path) -> str:
        """Take a copy's bytes; returns their SHA-256 in hex."""
        return self.download(f"copies/{copy}/content", out)

    def trace(self, paths: Sequence[Path], *, chance: float = 1e-9, source: str = "client") -> Trace:
        """Trace one leak, given as one or several pieces, and wait for the answer."""
        uploads = [self.upload(path).id for path in paths]
        order = {"uploads": uploads, "chance": chance, "source": source}
        job = self.wait(Job.read(self.request("POST", "leaks", json=order).json()))
        return Trace.read((job.result or {})["answer"])

    def evidence(self, trace: str, out: Path) -> str:
        """Write a trace's evidence file; returns its SHA-256 in hex."""
        return self.download(f"traces/{trace}/evidence", out)

    def checkpoint(self) -> str:
        """The signed checkpoint of the ledger."""
        return self.request("GET", "ledger/checkpoint").text
