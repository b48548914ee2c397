"""The agent's own folder: the device's key, where the server is, the queue. For its owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sealtrace.client import Client, DeviceKey
from sealtrace.errors import HomeExists, NoHome, StorageFailed

KEY, CONFIG = "device.pem", "agent.json"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Which server knows this device, under which name and token; ca: a file with the server's own authority."""

    server: str
    device: str
    token: str
    ca: str = ""


class Place:
    """One agent's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def enrol(
        self, server: str, code: str, *, name: str = "", ca: str = "", connect: Callable[..., Client] = Client
    ) -> Enrolment:
        """Make a key if there is none, enrol it with a one-time code, keep what the server gave.

        The key is on the disk before the server hears of it, so that an answer that got lost costs a new code only.

        Raises:
            HomeExists: this folder is enrolled already.
            StorageFailed: it can't be written; what the server refuses.
        """
        if (self.folder / CONFIG).exists():
            raise HomeExists(
                f"{self.folder} is enrolled", advice="Give another --folder, or remove this one first."
            )
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise StorageFailed(f"{self.folder}: {e.strerror}") from e
        path = self.folder / KEY
        if not path.exists():
            DeviceKey.generate().save(path)
        with connect(server, key=DeviceKey.load(path), verify=ca or True) as client:
            device, token = client.enrol(code, name=name)
        made = Enrolment(server, device, token, ca)
        beside = self.folder / f".{CONFIG}.{os.getpid()}"
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(asdict(made), file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.folder / CONFIG)
        except OSError as e:
            raise StorageFailed(f"{self.folder}: {e.strerror}") from e
        return made

    def enrolment(self) -> Enrolment:
        """What enrolling gave. Raises NoHome."""
        try:
            return Enrolment(**json.loads((self.folder / CONFIG).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as e:
            raise NoHome(
                f"no device is enrolled in {self.folder}",
                advice="Run `sealtrace agent enrol` with a one-time code.",
            ) from e

    def client(self, connect: Callable[..., Client] = Client) -> Client:
        """A client that speaks as this device."""
        known = self.enrolment()
        return connect(
            known.server, token=known.token, device=known.device, key=DeviceKey.load(self.folder / KEY),
            verify=known.ca or True,
        )  # fmt: skip
