"""Reaching an OPC UA server: address, session, nodes by name, and the history it keeps of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from sealtrace.errors import SourceUnreachable, SourceUnsuitable, UsageProblem

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from asyncua.common.node import Node

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """How to reach a server. security: OPC UA security string (policy, mode, certificate, key)."""

    url: str
    user: str | None = None
    password: str | None = None
    security: str | None = None
    publish_ms: float = 500.0
    sample_ms: float = 100.0
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Tag:
    """A node that is followed, and the name its values are kept under."""

    node: str
    name: str


def place_of(url: str) -> str:
    """A server's address without the credentials that may stand in it. Raises UsageProblem."""
    parts = urlsplit(url)
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise UsageProblem(f"{url!r} is no OPC UA address", advice="Write opc.tcp://HOST:PORT/PATH.")
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


async def names_of(link: Link, tags: Sequence[Tag]) -> list[str]:
    """The tags that would be followed. Nothing is subscribed to."""
    async with session(link) as client:
        return list(await nodes_of(client, tags))


@asynccontextmanager
async def session(link: Link) -> AsyncIterator[Client]:
    """A connected client; asyncua's failures come out as ours."""
    from asyncua.client.client import Client
    from asyncua.ua.uaerrors import UaError

    client = Client(link.url, timeout=link.timeout_s)
    client.name = client.description = "Sealtrace"
    client.application_uri = "urn:sealtrace:client"
    if link.user is not None:
        client.set_user(link.user)
        client.set_password(link.password or "")
    try:
        if link.security:
            await client.set_security_string(link.security)
        await client.connect()
    except (OSError, TimeoutError, UaError, ConnectionError) as e:
        with suppress(Exception):
            client.disconnect_socket()
        raise SourceUnreachable(
            f"{place_of(link.url)} does not let us in: {str(e) or type(e).__name__}"
        ) from e
    except (ValueError, AttributeError) as e:
        raise UsageProblem(f"the address or the security string can't be used: {e}") from e
    try:
        yield client
    except (OSError, TimeoutError, UaError, ConnectionError) as e:
        raise SourceUnreachable(f"{place_of(link.url)}: {str(e) or type(e).__name__}") from e
    finally:
        with suppress(Exception):
            await asyncio.wait_for(client.disconnect(), link.timeout_s)


async def nodes_of(client: Client, tags: Sequence[Tag]) -> dict[str, Node]:
    """Nodes by tag name. Raises SourceUnsuitable when there is none, or a name stands for two."""
    found: dict[str, Node] = {}
    if tags:
        for tag in tags:
            try:
                node = client.get_node(tag.node)
            except Exception as e:  # asyncua raises several kinds on a malformed id
                raise UsageProblem(f"{tag.node!r} is no node id; write ns=2;s=NAME or ns=2;i=7") from e
            name = tag.name or (await node.read_browse_name()).Name
            if name in found:
                raise SourceUnsuitable(f"two nodes have the name {name}; give one another: {tag.node}=NAME")
            found[name] = node
        return found
    variables = await _variables(client.get_objects_node())
    named = [((await node.read_browse_name()).Name, node) for node in variables]
    counts: dict[str, int] = {}
    for name, _ in named:
        counts[name] = counts.get(name, 0) + 1
    found = {name if counts[name] == 1 else node.nodeid.to_string(): node for name, node in named}
    if not found:
        raise SourceUnsuitable("the server has no variables outside its own namespace")
    return found


async def _variables(node: Node) -> list[Node]:
    """Every variable below a node that is not OPC UA's own, depth first."""
    from asyncua import ua

    found = []
    for child in await node.get_children():
        if child.nodeid.NamespaceIndex == 0:
            continue
        kind = await child.read_node_class()
        if kind == ua.NodeClass.Variable:
            found.append(child)
        elif kind == ua.NodeClass.Object:
            found += await _variables(child)
    return found


async def keeps_history(node: Node) -> bool:
    """Whether the server gives this node's history to us: it says so, and does."""
    from asyncua import ua
    from asyncua.ua.uaerrors import UaStatusCodeError

    if ua.AccessLevel.HistoryRead not in await node.get_access_level():
        return False
    try:
        await node.read_raw_history(EPOCH, EPOCH + timedelta(seconds=1), return_bounds=False)
    except UaStatusCodeError:
        return False
    return True


async def history(node: Node, start: datetime, end: datetime) -> list[Any]:
    """A node's values from `start` on, before `end`, in the order of the server."""
    if start >= end:
        return []
    last = end - timedelta(microseconds=1)
    return list(await node.read_raw_history(start, last, return_bounds=False))
