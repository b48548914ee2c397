"""Where a message may go: HTTPS to public addresses, and to the networks the site allows. Nowhere else.

The name is resolved once, every address it has is checked, and the connection is made to the checked address itself;
a name that changes its mind between the check and the connection gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from sealtrace.errors import TargetRefused

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
TIMEOUT_S, MOST_ANSWER = 10.0, 4096


@dataclass(frozen=True, slots=True)
class Target:
    """A checked receiver: scheme, host name, port, path with query, and the address to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises TargetRefused when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as e:
        raise TargetRefused(f"{host} has no address") from e
    return [str(item[4][0]) for item in found]


def is_allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address is public, or in a network the site allows."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        ip = inner or ip
    if any(ip.version == network.version and ip in network for network in networks):
        return True
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def check(url: str, networks: Sequence[Network] = (), find: Resolve = resolve) -> Target:
    """Check a receiver's address. Plain HTTP only into networks the site allows.

    Raises:
        TargetRefused: it is no such address, or one of its addresses is inside the house.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as e:
        raise TargetRefused(f"{url[:100]!r} is no address") from e
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise TargetRefused(
            f"{url[:100]!r} is no HTTPS address", advice="Give one such as https://example.org/hook."
        )
    addresses = find(parts.hostname, port)
    if not addresses or not all(is_allowed(address, networks) for address in addresses):
        raise TargetRefused(f"{parts.hostname} is an address inside the house")
    inside = [a for a in addresses if any(_in(a, network) for network in networks)]
    if parts.scheme == "http" and len(inside) != len(addresses):
        raise TargetRefused("plain HTTP goes only to networks the site allows")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path, addresses[0])


def _in(address: str, network: Network) -> bool:
    ip = ip_address(address.partition("%")[0])
    return ip.version == network.version and ip in network


class _Pinned(HTTPSConnection):
    """Connects to the checked address; the certificate must be the name's."""

    def __init__(self, target: Target, context: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S, context=context)
        self._target, self._context_used = target, context

    def connect(self) -> None:
        """Connect without resolving again."""
        plain = socket.create_connection((self._target.address, self.port), self.timeout)
        self.sock = self._context_used.wrap_socket(plain, server_hostname=self._target.host)


def send(
    target: Target, body: bytes, fields: Mapping[str, str], context: ssl.SSLContext | None = None
) -> int:
    """POST a message to a checked receiver and give the status of its answer.

    Raises:
        OSError: the connection failed; an answer that can't be read counts as one too.
    """
    connection: HTTPConnection
    if target.scheme == "https":
        connection = _Pinned(target, context or ssl.create_default_context())
    else:
        connection = HTTPConnection(target.address, target.port, timeout=TIMEOUT_S)
    default = {"https": 443, "http": 80}[target.scheme]
    host = target.host if target.port == default else f"{target.host}:{target.port}"
    try:
        connection.request(
            "POST", target.path, body, {"Host": host, "Content-Type": "application/json", **fields}
        )
        answer = connection.getresponse()
        answer.read(MOST_ANSWER)
    except HTTPException as e:
        raise ConnectionError(f"{type(e).__name__}") from e
    finally:
        connection.close()
    return answer.status
