"""The real client against the real server on loopback: connect, lose it, come back, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.demo.plant.server import CAMPAIGN, STEPS, PlantServer
from sealtrace.errors import SourceUnreachable, SourceUnsuitable, StorageFailed, UsageProblem
from sealtrace.ingest import opcua, opcua_link, service
from sealtrace.ingest.collect import Live
from sealtrace.ingest.model import Batch, Sample

from .conftest import HOUR, Open
from .test_seal import everything

FAST = {"publish_ms": 10.0, "sample_ms": 0.0, "timeout_s": 20.0}
STEP = timedelta(minutes=1)
Doing = Callable[[PlantServer], Coroutine[Any, Any, None]]
Served = Callable[[Doing], None]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all tests here: making a server takes seconds."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def plant(runner: asyncio.Runner) -> Iterator[PlantServer]:
    """A served plant. Its cascade starts empty: settling it takes seconds, too. Tests take it as they find it."""
    made = PlantServer(begin=HOUR, step_length=STEP)
    runner.run(made.__aenter__())
    yield made
    runner.run(made.__aexit__())


@pytest.fixture
def serving(runner: asyncio.Runner, plant: PlantServer) -> Served:
    """Run something against the plant, within a minute."""

    def go(doing: Doing) -> None:
        runner.run(asyncio.wait_for(doing(plant), 60))

    return go


async def until(true: Callable[[], bool]) -> None:
    """Let the exchange on loopback go on until something holds; `serving` bounds the wait."""
    while not true():
        await asyncio.sleep(0.005)


def taken(line: Live, tag: str) -> list[object]:
    """Values of a tag that wait, in the order of arrival."""
    return [
        a.sample.value
        for waiting in line.buffer.waiting("line")
        for a in line.buffer.read("line", waiting.window, 10**6)[1]
        if a.sample.tag == tag
    ]


async def steps(plant: PlantServer, number: int) -> list[dict[str, Any]]:
    return [await plant.step() for _ in range(number)]


async def once(line: Live, link: opcua_link.Link, *, close: bool = True, **how: Any) -> list[Batch]:
    sealed: list[Batch] = []
    await opcua.follow(line, link, (), once=True, close=close, sealed=sealed.append, pause=never, **how)
    return sealed


async def never() -> None:
    raise AssertionError("nothing is waited for with --once")


def test_lost_connections_lose_nothing_where_the_server_keeps_history(
    serving: Served, home: Custody, opened: Open, clock: FixedClock, tmp_path: Path
) -> None:
    """Three sessions, with steps in each and between them; every step is sealed exactly once."""
    clock.at = HOUR + timedelta(days=1)
    line = opened()

    async def doing(plant: PlantServer) -> None:
        link = opcua_link.Link(plant.url, **FAST)
        shown: list[dict[str, Any]] = []
        first = plant.steps
        for _ in range(3):
            async with opcua.connected(link, line, ()) as connection:
                await connection.subscribe(link.publish_ms, link.sample_ms)
                await connection.catch_up(None)
                shown += await steps(plant, 4)
                await until(lambda: plant.steps in taken(line, STEPS))
            shown += await steps(plant, 5)
        sealed = await once(line, link)
        assert [b.summary["findings"]["notes"] for b in sealed] == [[]] * len(sealed)
        got = everything(home, "line", tmp_path)
        counted = sorted(int(str(v)) for tag, _, v in got if tag == STEPS)
        assert counted == list(range(first, plant.steps + 1))
        for name in plant.names:
            assert [v for tag, _, v in sorted(got) if tag == name][1:] == [s[name] for s in shown]

    serving(doing)


async def names(plant: PlantServer, link: opcua_link.Link) -> None:
    """Without nodes, every variable of the plant's own; with them, those, by browse name or the name given."""
    assert set(await opcua_link.names_of(link, ())) == {*plant.names, CAMPAIGN, STEPS}
    tags = [opcua_link.Tag("ns=2;s=steps", "count"), opcua_link.Tag("ns=2;s=campaign", "")]
    assert await opcua_link.names_of(link, tags) == ["count", "campaign"]


async def refusals(line: Live, link: opcua_link.Link) -> None:
    with pytest.raises(UsageProblem):
        await opcua_link.names_of(link, [opcua_link.Tag("what=ever", "")])
    with pytest.raises(SourceUnsuitable):
        await opcua_link.names_of(
            link, [opcua_link.Tag("ns=2;s=steps", "x"), opcua_link.Tag("ns=2;s=campaign", "x")]
        )
    async with opcua.connected(link, line, [opcua_link.Tag("ns=2;s=nothing", "nothing")]) as connection:
        with pytest.raises(SourceUnsuitable, match="won't watch"):
            await connection.subscribe(link.publish_ms, link.sample_ms)


def test_nodes_by_name_and_without_history_the_stretch_nobody_watched_is_shown(
    serving: Served, opened: Open, clock: FixedClock
) -> None:
    clock.at = HOUR + timedelta(days=1)
    line = opened(period_s=60.0)

    async def doing(plant: PlantServer) -> None:
        link = opcua_link.Link(plant.url, **FAST)
        await plant.offer_history(False)
        await names(plant, link)
        await refusals(line, link)
        await once(line, link, close=False)
        await steps(plant, 5)
        [first, second] = [*service.batches(line.custody), *await once(line, link)]
        assert first.summary["findings"]["gaps"] == 0
        found = second.summary["findings"]
        assert any("nobody watched since 2026-03-02T" in note for note in found["notes"])
        await plant.offer_history(True)

    serving(doing)


def test_no_acknowledgement_before_it_is_durable(
    serving: Served, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publication whose samples can't be kept is not acknowledged, and the session ends with the reason."""
    line = opened()

    async def doing(plant: PlantServer) -> None:
        link = opcua_link.Link(plant.url, **FAST)
        first, others = plant.steps, plant.unacknowledged()

        def full(*_: object) -> None:
            raise StorageFailed("no room")

        with monkeypatch.context() as patched:
            patched.setattr(line, "keep", full)
            async with opcua.connected(link, line, ()) as connection:
                await connection.subscribe(link.publish_ms, link.sample_ms)
                await connection.catch_up(None)
                await asyncio.wait({connection.failed})
                await steps(plant, 2)
                for _ in range(3):  # whatever the session would still have sent goes ahead of these
                    await connection.tags[STEPS].read_value()
                assert plant.unacknowledged() == [1, *others]
                with pytest.raises(StorageFailed):
                    connection.failed.result()
        async with opcua.connected(link, line, ()) as connection:
            await connection.subscribe(link.publish_ms, link.sample_ms)
            await connection.catch_up(HOUR)
            await until(lambda: plant.unacknowledged() == others)
        assert taken(line, STEPS)[: first + 2] == list(range(1, first + 3))

    serving(doing)


def test_following_comes_back_by_itself(
    serving: Served, home: Custody, opened: Open, clock: FixedClock
) -> None:
    """The server cuts the connection; the follower notes it, comes back, and has what happened meanwhile."""
    line = opened("campaign:campaign")

    async def doing(plant: PlantServer) -> None:
        link = opcua_link.Link(plant.url, **FAST)
        plant.campaign = "C-1"
        await steps(plant, 1)
        sealed: list[Batch] = []
        task = asyncio.create_task(
            opcua.follow(line, link, (), once=False, sealed=sealed.append, pause=lambda: asyncio.sleep(0.02))
        )
        await until(lambda: bool(taken(line, STEPS)))
        plant.cut()
        await steps(plant, 3)
        await until(lambda: plant.steps in taken(line, STEPS))
        plant.campaign = "C-2"
        await steps(plant, 1)
        await until(lambda: bool(sealed))
        task.cancel()
        await asyncio.wait({task})
        assert sealed[0].window == "C-1"
        assert any("lost" in note or "opc.tcp" in note for note in sealed[0].summary["findings"]["notes"])

    serving(doing)
    assert [b.window for b in service.batches(home)] == ["C-1"]


def test_one_moment_comes_together_and_no_tag_is_put_in_another_order() -> None:
    by_tag = [Sample(t, tag, t) for tag in ("flow", "lot") for t in (1, 2)]
    got = [(s.at_us, s.tag) for s in opcua.together(by_tag, "lot")]
    assert got == [(1, "lot"), (1, "flow"), (2, "lot"), (2, "flow")]
    jumping = [*by_tag, Sample(1, "flow", 9)]
    assert opcua.together(jumping, "lot") == jumping


def test_no_server(opened: Open) -> None:
    with pytest.raises(SourceUnreachable):
        asyncio.run(once(opened(), opcua_link.Link("opc.tcp://127.0.0.1:9/x", timeout_s=5)))


def test_places_hold_no_credentials() -> None:
    assert opcua_link.place_of("opc.tcp://me:secret@plant:4840/x") == "opc.tcp://plant:4840/x"
    with pytest.raises(UsageProblem):
        opcua_link.place_of("http://plant/")


@pytest.mark.parametrize(
    ("value", "kept"), [(1.5, 1.5), (True, True), ([1, 2.5], "[1, 2.5]"), (b"\x01\xff", "01ff"), (None, None)]
)
def test_values_of_every_kind(value: object, kept: object) -> None:
    assert opcua.plain(value) == kept
