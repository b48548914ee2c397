"""Collecting from an OPC UA server: subscription, store and forward, history for what was missed.

A notification's sequence number is acknowledged only when its samples are durable here. After a lost
connection, as at every start, each node's history since its newest kept sample is read first, where the
server keeps one; where it does not, the stretch nobody watched is noted and so stands in the batch.
Source: OPC 10000-4 (services), 5.13.5 Publish and 5.10.3 HistoryRead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sealtrace.errors import HomeLocked, SourceUnreachable, SourceUnsuitable

from .collect import Live
from .model import Batch, Sample, Value, moment, us, written_us
from .opcua_link import EPOCH, Link, Tag, history, keeps_history, nodes_of, session
from .rows import value_of

if TYPE_CHECKING:
    from asyncua import ua
    from asyncua.client.client import Client
    from asyncua.common.node import Node

QUEUE = 10_000
"""Samples of a node that the server is asked to keep between two publications."""
SLICE = timedelta(hours=1)  # of history read at once; doubled while there is none
SLACK = timedelta(days=1)  # of the server's clock ahead of ours, when asking for history up to now


class Connection:
    """An open session: the nodes it follows, and the subscription that brings their values."""

    def __init__(self, client: Client, source: Live, tags: dict[str, Node]) -> None:
        self.client, self.source, self.tags = client, source, tags
        self._ready, self.failed = asyncio.Event(), asyncio.get_running_loop().create_future()
        self._handles: dict[int, str] = {}
        self.publications = asyncio.Semaphore(0)

    async def subscribe(self, publish_ms: float, sample_ms: float) -> None:
        """Ask for the values. They are queued until `catch_up` has kept the history before them."""
        from asyncua import ua

        session = self.client.uaclient.session
        wanted = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=publish_ms,
            RequestedLifetimeCount=10_000,
            RequestedMaxKeepAliveCount=max(1, int(5000 / publish_ms)),
            MaxNotificationsPerPublish=QUEUE,
            PublishingEnabled=True,
        )
        made = await session.create_subscription(wanted, self._published)
        items = []
        for handle, (name, node) in enumerate(self.tags.items(), 1):
            self._handles[handle] = name
            items.append(_watched(node, handle, sample_ms))
        results = await session.create_monitored_items(
            ua.CreateMonitoredItemsParameters(
                SubscriptionId=made.SubscriptionId,
                TimestampsToReturn=ua.TimestampsToReturn.Both,
                ItemsToCreate=items,
            )
        )
        for (name, node), result in zip(self.tags.items(), results, strict=True):
            if not result.StatusCode.is_good():
                raise SourceUnsuitable(f"the server won't watch {name} ({node}): {result.StatusCode.name}")

    async def catch_up(self, since: datetime | None) -> None:
        """Keep the history of each tag since its last kept sample, or since `since`; then let values in.

        All tags are read over the same stretch at a time, so that what belongs to one moment arrives together.
        """
        newest = {n: moment(t) for n, t in self.source.buffer.newest(self.source.held.source.name).items()}
        starts = {n: start for n in self.tags if (start := newest.get(n, since)) is not None}
        kept = {n: start for n, start in starts.items() if await keeps_history(self.tags[n])}
        end, at, length = datetime.now(UTC) + SLACK, min(kept.values(), default=None), SLICE
        while at is not None and at < end:
            samples = [
                sample
                for name, start in kept.items()
                for value in await history(self.tags[name], max(at, start), min(at + length, end))
                if (sample := _sample(name, value)) is not None
                and sample.at_us != us(newest.get(name, EPOCH))
            ]
            self.source.keep(together(samples, self.source.held.source.cut.tag), self.source.held.state)
            at, length = at + length, SLICE if samples else 2 * length
        missed = {n: start for n, start in starts.items() if n not in kept}
        if missed:
            names = ", ".join(list(missed)[:8]) + (" …" if len(missed) > 8 else "")
            note = f"nobody watched since {written_us(us(min(missed.values())))}"
            note = f"{note}, and the server keeps no history of: {names}"
            self.source.keep((), self.source.held.state, [note])
        self._ready.set()

    async def _published(self, result: ua.PublishResult) -> None:
        """Keep a publication. The session acknowledges it when this returns, so a failure must not return."""
        from asyncua import ua

        await self._ready.wait()
        samples, notes = list[Sample](), list[str]()
        for part in result.NotificationMessage.NotificationData or []:
            if isinstance(part, ua.DataChangeNotification):
                for item in part.MonitoredItems:
                    name = self._handles[item.ClientHandle]
                    sample = _sample(name, item.Value)
                    if sample is not None:
                        samples.append(sample)
                    if _overflowed(item.Value):
                        notes.append(f"the server's queue of {name} overflowed before {_at(item.Value)}")
            elif isinstance(part, ua.StatusChangeNotification):
                self._fail(SourceUnreachable(f"the server ended the subscription: {part.Status.name}"))
        try:
            held = self.source.held
            self.source.keep(together(samples, held.source.cut.tag), held.state, notes)
        except Exception as e:  # whatever it was: the session ends without acknowledging
            self._fail(e)
            await asyncio.Event().wait()
        self.publications.release()

    def _fail(self, error: Exception) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)


@asynccontextmanager
async def connected(link: Link, source: Live, tags: Sequence[Tag]) -> AsyncIterator[Connection]:
    """Open a session and find the nodes; without `tags`, every variable of the server's own namespaces.

    Raises:
        SourceUnreachable, SourceUnsuitable.
    """
    async with session(link) as client:
        nodes = await nodes_of(client, tags)
        opened = Connection(client, source, nodes)
        client.connection_lost_callback = _telling(opened)
        try:
            yield opened
        finally:
            if opened.failed.done():
                opened.failed.exception()  # seen
            else:
                opened.failed.cancel()


def _telling(connection: Connection) -> Callable[[Exception], Any]:
    async def lost(error: Exception) -> None:
        connection._fail(SourceUnreachable(f"the connection was lost: {error or type(error).__name__}"))

    return lost


def _watched(node: Node, handle: int, sample_ms: float) -> ua.MonitoredItemCreateRequest:
    from asyncua import ua
    from asyncua.ua.attribute_ids import AttributeIds

    changes = ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValueTimestamp)
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=node.nodeid, AttributeId=AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=handle,
            SamplingInterval=sample_ms,
            QueueSize=QUEUE,
            DiscardOldest=True,
            Filter=changes,
        ),
    )


def together(samples: Sequence[Sample], first: str) -> list[Sample]:
    """Bring the samples of one message, which come tag by tag, together by their time; `first` leads a moment.

    A tag's own samples stay in their order. When one of them goes back in time, all stay as they came.
    """
    newest: dict[str, int] = {}
    for sample in samples:
        if sample.at_us < newest.get(sample.tag, sample.at_us):
            return list(samples)
        newest[sample.tag] = sample.at_us
    return sorted(samples, key=lambda s: (s.at_us, s.tag != first))


def _sample(name: str, value: Any) -> Sample | None:
    """A data value as a sample. Without a source time the server's counts; without either there is none."""
    at = value.SourceTimestamp or value.ServerTimestamp
    if at is None:
        return None
    at_us = us(at if at.tzinfo else at.replace(tzinfo=UTC)) if isinstance(at, datetime) else int(at)
    status = value.StatusCode
    good = status is None or status.is_good()
    held = None if value.Value is None else plain(value.Value.Value)
    return Sample(at_us, name, held, None if good else status.name)


def plain(value: object) -> Value:
    """A variant's value as a sample's: scalars as they are, arrays and structures as text."""
    if isinstance(value, list | tuple):
        return value_of([value_of(v) for v in value])
    return value_of(value)


def _overflowed(value: Any) -> bool:
    """Whether the server says that it dropped values before this one. Source: OPC 10000-4, 7.39 (info bits)."""
    return value.StatusCode is not None and value.StatusCode.value & 0x480 == 0x480


def _at(value: Any) -> str:
    at = value.SourceTimestamp or value.ServerTimestamp
    return str(at)


async def follow(
    source: Live,
    link: Link,
    tags: Sequence[Tag],
    *,
    once: bool,
    close: bool = False,
    since: datetime | None = None,
    sealed: Callable[[Batch], None],
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Collect until cancelled; or `once`: history and present values, seal what is due, end.

    Between a lost connection and the next try, and between two looks at what is due, `pause` is awaited.
    """
    while True:
        try:
            async with connected(link, source, tags) as connection:
                await connection.subscribe(link.publish_ms, link.sample_ms)
                await connection.catch_up(since)
                if once:
                    await _first(connection, link.timeout_s)
                while not once:
                    await _seal(source, sealed, drained=True)
                    await _either(connection.failed, pause())
        except SourceUnreachable as e:
            if once:
                raise
            source.keep((), source.held.state, [e.message])
        if once:
            for batch in source.seal(drained=True, close=close):
                sealed(batch)
            return
        await _seal(source, sealed, drained=False)
        await pause()


async def _seal(source: Live, sealed: Callable[[Batch], None], *, drained: bool) -> None:
    """Seal what is due, in a thread: the server is answered meanwhile.

    While the server is away it has not given all: what was missed may yet come from its history.
    """
    with suppress(HomeLocked):  # another command is writing; the samples wait
        for batch in await asyncio.to_thread(source.seal_apart, drained=drained):
            sealed(batch)


async def _first(connection: Connection, timeout_s: float) -> None:
    """Wait for the first publication, which brings every node's present value."""
    await asyncio.wait_for(_either(connection.failed, connection.publications.acquire()), timeout_s)


async def _either(failed: asyncio.Future[Any], work: Awaitable[Any]) -> None:
    """Await `work`, or raise what failed meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        await task
    finally:
        task.cancel()
