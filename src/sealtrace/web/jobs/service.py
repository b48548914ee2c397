"""Start long work and do it. In one process a small pool of threads takes jobs from the table; marking itself runs
in the engines' own worker processes. What a killed process left is taken up again at the next start."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from sealtrace.errors import SealtraceError
from sealtrace.policy.model import Actor, DeviceState, Role

from .. import site
from ..operations import metrics
from .models import Job

WORKERS = 2
log = logging.getLogger(__name__)

Tell = Callable[[str, int, int], None]
Work = Callable[[Actor, Mapping[str, Any], Tell], dict[str, Any]]

_kinds: dict[str, Work] = {}
_pool: ThreadPoolExecutor | None = None


def work(kind: str) -> Callable[[Work], Work]:
    """Name a function that does one kind of job: (actor, arguments, tell) -> result as JSON.

    `tell(stage, done, total)` says how far it is. It may be done twice when a process was killed, so it must be
    safe to repeat.
    """

    def register(function: Work) -> Work:
        _kinds[kind] = function
        return function

    return register


def start(kind: str, actor: Actor, arguments: Mapping[str, Any]) -> Job:
    """Keep a job and begin it as soon as a worker is free."""
    who = asdict(actor) | {"roles": sorted(r.value for r in actor.roles)}
    job = Job.objects.create(kind=kind, operator=actor.operator, arguments={"actor": who, **arguments})
    _submit(job.pk)
    return job


def take_up() -> int:
    """At the start of a process: continue what waits, and what a process that is gone left; returns how many.

    With separate workers the queue gives work out itself; what dead workers held is given to it again.
    """
    here = os.uname().nodename
    for pk, worker in Job.objects.filter(state=Job.State.RUNNING).values_list("pk", "worker"):
        host, _, process = worker.rpartition(":")
        if host == here and not Path(f"/proc/{process}").exists():
            Job.objects.filter(pk=pk, worker=worker).update(state=Job.State.WAITING, worker="")
    waiting = list(Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True))
    for pk in waiting:
        _submit(pk)
    return len(waiting)


def _submit(pk: int) -> None:
    if site.current().queue:
        from .tasks import run

        run.defer(pk=pk)
        return
    global _pool  # noqa: PLW0603 (one pool a process)
    if _pool is None:
        _pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="job")
    _pool.submit(_run, pk)


def _run(pk: int) -> None:
    close_old_connections()
    try:
        do(Job.objects.get(pk=pk))
    except Exception:  # the thread would die with it, unseen
        log.exception("job %s could not be kept", pk)
    finally:
        close_old_connections()


def do(job: Job) -> None:
    """Do one job now, in this thread, and keep what came of it; nothing when another process has it."""
    rows = Job.objects.filter(pk=job.pk)
    me = f"{os.uname().nodename}:{os.getpid()}"
    if not rows.filter(state=Job.State.WAITING).update(state=Job.State.RUNNING, worker=me):
        return  # another process took it

    def tell(stage: str, done: int = 0, total: int = 0) -> None:
        rows.update(stage=stage, done=done, total=total)

    arguments = dict(job.arguments)
    who = arguments.pop("actor")
    actor = Actor(**who | {
        "roles": frozenset(Role(r) for r in who["roles"]), "device_state": DeviceState(who["device_state"]),
        "exemptions": tuple(who.get("exemptions", ())),
    })  # fmt: skip
    try:
        result = _kinds[job.kind](actor, arguments, tell)
    except SealtraceError as e:
        metrics.job(job.kind, "refused")
        rows.update(state=Job.State.FAILED, problem=e.as_dict(), ended_at=timezone.now())
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        metrics.job(job.kind, "failed")
        rows.update(
            state=Job.State.FAILED,
            problem=SealtraceError("the work failed").as_dict(),
            ended_at=timezone.now(),
        )
    else:
        metrics.job(job.kind, "done")
        rows.update(state=Job.State.DONE, result=result, ended_at=timezone.now())
