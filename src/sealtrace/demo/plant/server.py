"""The cascade as an OPC UA server: its instruments are variables that change with every step of the simulation.

For trying out and testing collection. The address space is Objects / Cascade / one variable an instrument,
named as the columns of the plant's tables are; two more say which campaign runs and count the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from .cascade import Cascade, Conditions, Shape
from .operation import BEGIN, OPERATION, SEED, STEP_MIN, conditions, measure
from .tables import headings

if TYPE_CHECKING:
    from asyncua import ua
    from asyncua.server.server import Server

NAMESPACE = "urn:sealtrace:demo:cascade"
CAMPAIGN, STEPS = "campaign", "steps"
STEP = timedelta(minutes=STEP_MIN)


class PlantServer:
    """A served cascade; an asynchronous context manager. `step` moves it on, by hand or by a clock.

    history: whether the server gives the readings it keeps to who asks. Source times
    start at `begin` and go on by `step_length`, whatever the real time is.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        history: bool = True,
        cascade: Cascade | None = None,
        begin: datetime = BEGIN,
        step_length: timedelta = STEP,
        seed: int = SEED,
    ) -> None:
        self.at, self._step_length = begin.astimezone(UTC), step_length
        self._host, self._port, self._history = host, port, history
        self._cascade = cascade or Cascade(Shape(), Conditions())
        self._rng = np.random.default_rng(seed)
        self._weather = self._conditions()
        self._server: Server | None = None
        self.steps, self.campaign = 0, "C-1"
        self.names = headings(OPERATION)

    async def __aenter__(self) -> PlantServer:
        from asyncua import ua
        from asyncua.server.server import Server

        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://{self._host}:{self._port}/cascade/")
        server.set_server_name("Sealtrace simulated cascade")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        space = await server.register_namespace(NAMESPACE)
        home = await server.nodes.objects.add_object(_id("cascade", space), "Cascade")
        start: dict[str, float | int | str] = dict.fromkeys(self.names, 0.0)
        start |= {CAMPAIGN: self.campaign, STEPS: 0}
        self._nodes = {
            name: await home.add_variable(_id(name, space), name, value) for name, value in start.items()
        }
        self._server = server
        await self._historize(server)
        await self.step()  # the first readings, so that no node ever shows what it was made with
        await server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            await self._server.stop()

    @property
    def url(self) -> str:
        """Where clients find it."""
        assert self._server is not None
        assert self._server.bserver is not None
        return f"opc.tcp://{self._host}:{self._server.bserver.port}/cascade/"

    def unacknowledged(self) -> list[int]:
        """Sequence numbers of publications that clients have not acknowledged."""
        assert self._server is not None
        subscriptions = self._server.iserver.subscription_service.subscriptions.values()
        return sorted(n for s in subscriptions for n in s._not_acknowledged_results)

    def cut(self) -> None:
        """Cut every client's connection, as a failing network does."""
        assert self._server is not None
        assert self._server.bserver is not None
        for client in list(self._server.bserver.clients):
            assert client.transport is not None
            client.transport.abort()

    async def step(self) -> dict[str, float | int | str]:
        """Move the plant on by one step, publish its readings, and return them."""
        from asyncua import ua

        assert self._server is not None
        now = next(self._weather)
        self._cascade.step(STEP_MIN / 60, now)
        self.steps += 1
        readings: dict[str, float | int | str] = {CAMPAIGN: self.campaign}
        for name, column in zip(self.names, OPERATION, strict=True):
            readings[name] = measure(column, now, self._cascade, self._rng)
        readings[STEPS] = self.steps
        for name, value in readings.items():
            kind = {float: ua.VariantType.Double, int: ua.VariantType.Int64, str: ua.VariantType.String}
            variant = ua.Variant(value, kind[type(value)])
            at = ua.DateTime.fromtimestamp(self.at.timestamp(), UTC)
            reading = ua.DataValue(variant, SourceTimestamp=at, ServerTimestamp=at)
            await self._nodes[name].write_value(reading)
            await self._server.iserver.history_manager.storage.save_node_value(
                self._nodes[name].nodeid, reading
            )
        self.at += self._step_length
        return readings

    async def offer_history(self, offered: bool) -> None:
        """Give the kept readings to who asks, or to nobody. They are kept all the same."""
        from asyncua import ua
        from asyncua.ua.attribute_ids import AttributeIds

        for node in self._nodes.values():
            change = node.set_attr_bit if offered else node.unset_attr_bit
            for attribute in (AttributeIds.AccessLevel, AttributeIds.UserAccessLevel):
                await change(attribute, ua.AccessLevel.HistoryRead)

    async def _historize(self, server: Server) -> None:
        """Keep every reading. The library's own way keeps changes only, and some time after they happened."""
        from asyncua.server.history import HistoryDict

        server.iserver.history_manager.set_storage(HistoryDict())
        for node in self._nodes.values():
            await server.iserver.history_manager.storage.new_historized_node(node.nodeid, None)
        await self.offer_history(self._history)

    def _conditions(self) -> Iterator[Conditions]:
        while True:
            for _hour, now in conditions(self._rng):
                yield now


def _id(name: str, space: int) -> ua.NodeId:
    from asyncua import ua

    return ua.NodeId(ua.String(name), ua.Int16(space))
