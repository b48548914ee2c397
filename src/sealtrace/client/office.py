"""What the client does besides the main job: packages, orders, decisions, evidence, the ledger, devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sealtrace.errors import StorageFailed

from .results import Device, Entry, File, Job, Order, Package, Packaged, Standing
from .wire import Wire

Json = Mapping[str, Any]


def _as_it_is(row: Json) -> Json:
    return row


class Office(Wire):
    """The office's further acts. Each answers with a value, or with JSON as the API writes it."""

    def _json(self, method: str, path: str, **how: Any) -> Json:
        answer: Json = self.request(method, path, **how).json()
        return answer

    # -- packages for outsiders --------------------------------------------------------------------

    def order_package(
        self, ref: str, operator: str, *, organisation: str, purpose: str, until: date, device: str = "outside",
        ip: str = "0.0.0.0", undertaking: str = "", key: str | None = None,  # noqa: S104 (a value: not known)
    ) -> Order:  # fmt: skip
        """Order a package for an outsider; of an important or core file it waits for a second person."""
        order = {
            "file": ref, "operator": operator, "organisation": organisation, "purpose": purpose,
            "until": until.isoformat(), "device": device, "ip": ip, "undertaking": undertaking,
        }  # fmt: skip
        return Order.read(self._json("POST", "packages", json=order, key=key))

    def make_package(self, order: int) -> Packaged:
        """Make an order's package, once. Its code is in this answer alone: keep it, and send it another way."""
        return Packaged.read(self._json("POST", f"orders/{order}/package", json={}))

    def take_package(self, copy: str, out: Path) -> None:
        """Write a package's bytes to `out`, once: the server keeps none of them.

        Raises:
            StorageFailed: `out` can't be written; found out before anything is asked.
        """
        try:
            with out.open("xb") as file:
                try:
                    file.write(self.request("POST", f"packages/{copy}/content", json={}).content)
                except BaseException:
                    out.unlink(missing_ok=True)
                    raise
        except OSError as e:
            raise StorageFailed(f"writing {out}: {e.strerror}") from e

    def packages(self, *, limit: int = 50) -> Iterator[Package]:
        """Packages, newest first: how far each has come."""
        for page in self._pages("packages", {"limit": limit}, Package.read):
            yield from page.items

    def package(self, copy: str) -> Package:
        """One package."""
        return Package.read(self._json("GET", f"packages/{copy}"))

    def receive_package(self, text: str) -> Entry:
        """Bring a package's receipt back, as its page made it; the same receipt again gives its entry."""
        return Entry.read(self._json("POST", "packages/receipts", json={"text": text})["entry"])

    # -- orders and decisions ----------------------------------------------------------------------

    def order(
        self, ref: str, recipients: Sequence[Mapping[str, str]], *, purpose: str, form: str = "copy",
        until: date | None = None, key: str | None = None,
    ) -> Order:  # fmt: skip
        """Order copies, or leave to read here only; of a core file it waits for a second person."""
        order = {
            "file": ref, "recipients": [dict(r) for r in recipients], "purpose": purpose, "form": form,
            "until": until.isoformat() if until else None,
        }  # fmt: skip
        return Order.read(self._json("POST", "orders", json=order, key=key))

    def orders(self, number: int) -> Order:
        """Where an order stands."""
        return Order.read(self._json("GET", f"orders/{number}"))

    def decide(self, request: str, *, approve: bool, note: str = "") -> Json:
        """Give or refuse an approval as the second person, by its request's key."""
        return self._json("POST", f"approvals/{request}/decide", json={"approve": approve, "note": note})

    def standing(self, copy: str) -> Standing:
        """Whether a copy is in force."""
        return Standing.read(self._json("GET", f"copies/{copy}/standing"))

    def revoke(self, copy: str, *, reason: str) -> Standing:
        """Revoke a copy."""
        return self._decide(copy, act="revoke", reason=reason)

    def reinstate(self, copy: str, *, reason: str) -> Standing:
        """Take a revocation back."""
        return self._decide(copy, act="reinstate", reason=reason)

    def expire(self, copy: str, until: date) -> Standing:
        """Give a copy its last day, or another one."""
        return self._decide(copy, act="expire", until=until.isoformat())

    def _decide(self, copy: str, **decision: str) -> Standing:
        return Standing.read(self._json("POST", f"copies/{copy}/decide", json=decision))

    def restrict(self, code: str, *, lift: bool = False, operator: str | None = None) -> Entry:
        """Let a file be read here only, or taken again: by everybody, or by one operator."""
        order = {"act": "lift" if lift else "only", "operator": operator}
        return Entry.read(self._json("POST", f"files/{code}/restrict", json=order)["entry"])

    def erase(self, operator: str, *, authority: str, basis: str, dry_run: bool = False) -> Json:
        """Destroy the key and salts of a person's data; dry_run only counts."""
        order = {"operator": operator, "authority": authority, "basis": basis, "dry_run": dry_run}
        return self._json("POST", "subjects/erase", json=order)

    # -- files -------------------------------------------------------------------------------------

    def file(self, ref: str) -> File:
        """A file's newest version, or CODE@VERSION."""
        return File.read(self._json("GET", f"files/{ref}"))

    def mark_report(self, ref: str) -> Json:
        """What each page or table of a version can carry."""
        return self._json("GET", f"files/{ref}/marks")

    def label(self, ref: str, out: Path) -> str:
        """Write a file's QR label as SVG; returns its SHA-256 in hex."""
        return self.download(f"files/{ref}/label", out)

    # -- traces and evidence -----------------------------------------------------------------------

    def traces(self, *, limit: int = 50) -> Iterator[Json]:
        """Traces made so far, newest first."""
        for page in self._pages("traces", {"limit": limit}, _as_it_is):
            yield from page.items

    def together(self, traces: Sequence[str], *, chance: float = 1e-9) -> Json:
        """Weigh the leaks of several traces together."""
        return self._json("POST", "traces/together", json={"traces": list(traces), "chance": chance})

    def report(self, trace: str, out: Path, *, lang: str = "en") -> str:
        """Write the report on a trace for a court, as PDF; returns its SHA-256 in hex."""
        return self.download(f"traces/{trace}/report?lang={lang}", out)

    def evidence_package(self, trace: str, out: Path) -> str:
        """Write a trace's evidence package, without leaked files and keys; returns its SHA-256 in hex."""
        return self.download(f"traces/{trace}/package", out)

    def verify_evidence(self, path: Path, *, key: str | None = None) -> Json:
        """Have an evidence file checked: what holds, what does not."""
        params = {"upload": self.upload(path).id} | ({"key": key} if key else {})
        return self._json("POST", "evidence/verify", params=params)

    def verifier(self, name: str, out: Path) -> str:
        """Write a verifier that needs no Sealtrace: sealtrace_verify.html or sealtrace_verify.py."""
        return self.download(f"evidence/verifiers/{name}", out)

    def software(self) -> Json:
        """The server's version, and the digest over its source."""
        return self._json("GET", "software")

    # -- the ledger --------------------------------------------------------------------------------

    def seal(self) -> str:
        """Have the newest checkpoint cosigned by the witnesses, and give it."""
        return str(self._json("POST", "ledger/seal", json={})["checkpoint"])

    def check_ledger(self, *, read_data: bool = False, subset: str | None = None) -> Json:
        """Check log, register and vault against each other, and wait for what does not fit."""
        order = {"read_data": read_data, "subset": subset}
        return self.wait(Job.read(self._json("POST", "ledger/check", json=order))).result or {}

    def find(self, *, sha256: str = "", operator: str = "", device: str = "") -> list[Json]:
        """Entries about exact bytes, an operator or a device."""
        given = {"sha256": sha256, "operator": operator, "device": device}
        found = self._json("GET", "ledger/find", params={k: v for k, v in given.items() if v})
        return list(found["items"])

    def statement(self, index: int, out: Path) -> str:
        """Write an entry's signed statement; returns its SHA-256 in hex."""
        return self.download(f"ledger/entries/{index}/statement", out)

    def receipt(self, index: int, out: Path) -> str:
        """Write an entry's receipt; returns its SHA-256 in hex."""
        return self.download(f"ledger/entries/{index}/receipt", out)

    def ledger_policy(self) -> Json:
        """The witnesses the log asks, and how many it needs."""
        return self._json("GET", "ledger/policy")

    def issuers(self) -> list[Json]:
        """The organisations whose statements the log takes in."""
        return list(self._json("GET", "ledger/issuers")["items"])

    def timestamps(self) -> list[Json]:
        """Checkpoints that a time-stamping authority stamped."""
        return list(self._json("GET", "ledger/timestamps")["items"])

    # -- devices -----------------------------------------------------------------------------------

    def devices(self, *, operator: str | None = None, limit: int = 50) -> Iterator[Device]:
        """Enrolled devices, newest first; of one operator, or of all."""
        params: dict[str, str | int] = {"limit": limit} | ({"operator": operator} if operator else {})
        for page in self._pages("devices", params, Device.read):
            yield from page.items

    def revoke_device(self, code: str, *, reason: str) -> Device:
        """Revoke a device: nothing it signs counts from then on."""
        return Device.read(self._json("POST", f"devices/{code}/revoke", json={"reason": reason}))
