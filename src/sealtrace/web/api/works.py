"""The API's long work: register, issue, trace, check. Each is safe to repeat after a killed process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sealtrace.content.kinds import Kind
from sealtrace.custody.model import Recipient
from sealtrace.custody.orders import Terms
from sealtrace.custody.register import Refused
from sealtrace.ledger.check import EVERYTHING, Part
from sealtrace.policy.model import Actor

from .. import site
from ..jobs.models import Job
from ..jobs.service import Tell, work
from . import uploads

REGISTER, ISSUE, TRACE, CHECK = "api:register", "api:issue", "api:trace", "api:check"


def job_dict(job: Job) -> dict[str, Any]:
    """A job as the API shows it."""
    return {
        "id": job.pk, "kind": job.kind, "state": str(job.state), "stage": job.stage, "done": job.done,
        "total": job.total, "result": job.result, "problem": job.problem,
    }  # fmt: skip


@work(REGISTER)
def register(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Register files one by one; repeated, it answers with the codes they have already."""
    rows = uploads.named(arguments["uploads"], actor.operator)
    made: list[dict[str, Any]] = []
    with uploads.laid_out(rows) as paths:
        results = site.custody().register_each(
            paths, level=arguments["level"], title=arguments["title"], new_version_of=arguments["new_version_of"],
            uncertainty=arguments["uncertainty"], opaque=arguments["opaque"],
        )  # fmt: skip
        for number, result in enumerate(results, 1):
            name = result.path.name
            if isinstance(result, Refused):
                made.append({"name": name, "refused": result.error.as_dict()})
            else:
                made.append({**result.as_dict(), "name": name, "path": name})
            tell("register", number, len(rows))
    return {"files": made}


@work(ISSUE)
def issue(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Issue a copy to each recipient. The bytes are made once now, so that each entry names its copy's digest and
    exact evidence rests on it; they are made again, the same, when the copy is taken.
    """
    recipients = [Recipient(**r) for r in arguments["recipients"]]
    wrapped = site.custody().version(arguments["file"]).kind is Kind.OPAQUE
    with site.custody().office.staging("issue") as folder:
        made = site.custody().issue_many(
            arguments["file"], recipients, folder, wrapped=wrapped,
            progress=lambda done, total: tell("issue", done, total), terms=Terms(arguments["key"]),
        )  # fmt: skip
    return {"copies": [str(copy.id) for copy in made]}


@work(TRACE)
def trace(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Trace a leak for who asked."""
    by = Recipient(actor.operator, actor.device, actor.ip)
    with uploads.laid_out(uploads.named(arguments["uploads"], actor.operator)) as paths:
        answer = site.custody().trace(
            paths, chance=arguments["chance"], by=by, tell=lambda stage: tell(stage, 0, 0)
        )
    return {"trace": answer.trace, "source": arguments["source"], "answer": answer.as_dict()}


@work(CHECK)
def check(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Check the log, the register and the vault against each other; it changes nothing."""
    subset = arguments["subset"]
    part = Part.parse(subset) if subset else EVERYTHING if arguments["read_data"] else None
    problems = site.custody().check(part)
    return {
        "ok": not problems, "entries": site.custody().office.ledger.size(),
        "problems": [{"place": one.place, "problem": one.problem} for one in problems],
    }  # fmt: skip
