"""Server mode on a real PostgreSQL: the same tables, the queue's workers, and the move from one machine's files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealtrace.custody.service import Custody

from . import postgres

pytestmark = pytest.mark.skipif(postgres.binaries() is None, reason="needs PostgreSQL's initdb and pg_ctl")


@pytest.fixture
def database() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


def sealtrace(home: Path, *words: str, ok: bool = True, **env: str) -> dict[str, object]:
    told = subprocess.run(
        [sys.executable, "-m", "sealtrace.cli.main", "--home", str(home), *words, "--json"],
        capture_output=True, text=True, check=False, env={**os.environ, **env},
    )  # fmt: skip
    assert told.stdout, told.stderr
    answer = json.loads(told.stdout)
    assert answer["ok"] is ok, told.stderr
    return answer


def in_site(home: Path, database: str, code: str) -> str:
    """Run code in a process that serves the home with this database; returns what it prints."""
    begin = (
        "import sys; from sealtrace.web.plan import Plan; from sealtrace.web import boot\n"
        f"plan = Plan({str(home)!r}, database={database!r}, queue=True)\n"
        "custody = plan.open(); boot.start(plan.site(custody))\n"
    )
    told = subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


def test_the_whole_move_and_life_on_the_server(database: str, tmp_path: Path, page_png) -> None:
    """Accounts move once, codes and roles as they were; the queue's worker does what was left to it."""
    home = tmp_path / "home"
    with Custody.create(home, org="Test Works", org_code="TW") as custody:
        [file] = custody.register([page_png(7)])
        leaf = custody.office.entry(file.entry.index).leaf
    sealtrace(home, "web", "invite", "op-1", "--role", "tracer", "--clearance", "core")
    assert sealtrace(home, "migrate", "server", "--database", database)["rows"]
    again = sealtrace(home, "migrate", "server", "--database", database, ok=False)
    assert again["code"] == "usage"
    roles_and_start = (
        "from sealtrace.web.accounts.models import Operator; print(*Operator.objects.get(code='op-1').roles())\n"
        "from sealtrace.web.jobs import service; from sealtrace.policy.model import Actor\n"
        "print(service.start('test:nothing', Actor('op-1', 'dev-1', '10.0.0.1'), {}).pk)\n"
    )
    roles, job = in_site(home, database, roles_and_start).splitlines()
    assert roles == "tracer"
    worked = subprocess.run(
        [sys.executable, "-m", "sealtrace.cli.main", "--home", str(home), "web", "work", "--until-empty",
         "--database", database],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert worked.returncode == 0, worked.stderr
    state = f"from sealtrace.web.jobs.models import Job; job = Job.objects.get(pk={job}); print(job.state)"
    assert in_site(home, database, state) == "failed"  # no part does 'test:nothing': said, and kept
    with Custody.open(home) as custody:
        assert custody.office.entry(file.entry.index).leaf == leaf


def test_the_laws_of_roles_hold_in_this_database_too(database: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    Custody.create(home, org="Test Works", org_code="TW").close()
    code = """
from django.db import IntegrityError, transaction
from sealtrace.policy.model import Role
from sealtrace.web.accounts import service
from sealtrace.web.accounts.models import Grant
one = service.add_operator("op-9", "TW", [Role.SYSTEM_ADMIN], by="test")
try:
    with transaction.atomic():
        Grant.objects.create(operator=one, role="audit-admin", by="test")
except IntegrityError:
    print("refused")
"""
    assert in_site(home, database, code) == "refused"
