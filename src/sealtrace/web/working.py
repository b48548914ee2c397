"""A worker process: takes long work from the queue until interrupted."""

from __future__ import annotations

import asyncio

from . import boot
from .plan import Plan


def work(plan: Plan, concurrency: int, *, until_empty: bool = False) -> None:
    """Take work from the queue; `until_empty` stops when there is none."""
    from .operations import logs

    logs.begin()
    with plan.open() as custody:
        boot.start(plan.site(custody))
        from procrastinate.contrib.django import app

        from .jobs import service as jobs

        jobs.take_up()

        async def run() -> None:
            async with app.with_connector(app.connector.get_worker_connector()).open_async() as worker:  # type: ignore[attr-defined]  # Django's connector has it
                await worker.run_worker_async(
                    concurrency=concurrency, wait=not until_empty, listen_notify=not until_empty
                )

        asyncio.run(run())
