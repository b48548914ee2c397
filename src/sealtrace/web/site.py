"""The one site a process serves: its open home and how the world reaches it. Put once, before Django starts."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from sealtrace.errors import UsageProblem

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Site:
    """What the settings and the screens need to know.

    proxies: addresses whose X-Forwarded-For is believed. internal: networks that count as the office's own.
    queue: separate worker processes do the long work.
    database_url: PostgreSQL for accounts, devices, approvals and jobs; None keeps them in the home.
    """

    custody: Custody | None
    secret_key: str
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    tls: bool = False
    proxies: tuple[Network, ...] = ()
    internal: tuple[Network, ...] = ()
    database_url: str | None = None
    queue: bool = False
    local: bool = False
    extra: dict[str, str] = field(default_factory=dict)


_site: Site | None = None


def put(site: Site) -> None:
    """Say which site this process serves.

    Raises:
        UsageProblem: it serves another one already; Django reads its settings once.
    """
    global _site  # noqa: PLW0603 (a process serves one site; Django's settings are as global)
    if _site is not None:
        raise UsageProblem("this process serves a site already")
    _site = site


def current() -> Site:
    """The site being served; a bare one for programs that only look at the models."""
    return _site or Site(
        None, secrets.token_urlsafe(32), database_url=os.environ.get("SEALTRACE_DATABASE_URL")
    )


def advises(organisation: str) -> str:
    """The department for which an organisation's people advise on licences; empty for none."""
    return current().extra.get(f"advises:{organisation}", "")


def advising() -> frozenset[str]:
    """The departments whose people have accounts here."""
    return frozenset(name for key, name in current().extra.items() if key.startswith("advises:"))


def custody() -> Custody:
    """The open home of this site."""
    home = current().custody
    assert home is not None, "the site has no home"
    return home
