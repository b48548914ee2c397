"""How a site is to be served, in a form that worker processes inherit through their environment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealtrace.errors import UsageProblem

from .site import Network, Site

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody

VARIABLE = "SEALTRACE_WEB_PLAN"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything `web serve` was told, but the passphrase, which stays in its own file or variable."""

    home: str
    passphrase_file: str | None = None
    shares: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    database: str | None = None
    tls: bool = False
    queue: bool = False
    """Whether separate worker processes do the long work; needs PostgreSQL."""
    extra: dict[str, str] = field(default_factory=dict)
    """The office's hours, its identity provider."""

    def __post_init__(self) -> None:
        networks(self.proxies)
        networks(self.internal)
        if self.queue and not self.database:
            raise UsageProblem("separate workers need PostgreSQL", advice="Give --database postgresql://…")

    def open(self) -> Custody:
        """Open the home. Raises what `Custody.open` raises."""
        from sealtrace.custody.service import Custody

        passphrase = os.environ.get("SEALTRACE_PASSPHRASE") or None
        if self.passphrase_file:
            passphrase = Path(self.passphrase_file).read_text("utf-8").rstrip("\r\n")
        return Custody.open(Path(self.home), passphrase=passphrase, shares=[Path(s) for s in self.shares])

    def site(self, custody: Custody) -> Site:
        """The site of an open home."""
        from .boot import secret_key

        bare = Site(custody, secret_key(custody))
        return Site(
            custody, bare.secret_key, hosts=bare.hosts + self.hosts, tls=self.tls, proxies=networks(self.proxies),
            internal=networks(self.internal), database_url=self.database, queue=self.queue,
            extra=self.extra,
        )  # fmt: skip

    def leave(self) -> None:
        """Put the plan where worker processes find it."""
        os.environ[VARIABLE] = json.dumps(asdict(self))


def left() -> Plan:
    """The plan this process was started with."""
    fields: dict[str, Any] = json.loads(os.environ[VARIABLE])
    for name, value in fields.items():
        fields[name] = tuple(value) if isinstance(value, list) else value
    return Plan(**fields)


def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Read networks. Raises UsageProblem."""
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as e:
        raise UsageProblem(f"{e}", advice="Give networks such as 10.20.0.0/16.") from e
