"""Every command is an operation of the API with a method of the client, or stands in the docs with why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sealtrace.client import Client

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
CUSTODY = ("file", "copy", "device", "leak", "evidence", "ledger", "subject")


def commands(group: click.Command, name: str = "") -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield name
        return
    context = click.Context(group)
    for sub in group.list_commands(context):
        command = group.get_command(context, sub)
        assert command is not None
        yield from commands(command, f"{name} {sub}".strip())


@pytest.fixture(scope="module")
def every() -> frozenset[str]:
    from sealtrace.cli.main import sealtrace

    return frozenset(commands(sealtrace))


def tables() -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Command to operation and method; and what is on the command line only."""
    covered, only = PAGE.read_text("utf-8").split("On the command line only")
    rows = re.findall(r"^\| `([a-z -]+)` \| (\w+) \| `(\w+)` \|$", covered, flags=re.MULTILINE)
    named = [
        name
        for row in re.findall(r"^\| (`.*?) \| ", only.split("\n\n", 2)[1], flags=re.MULTILINE)
        for name in re.findall(r"`([a-z -]+)`", row)
    ]
    return {command: (operation, method) for command, operation, method in rows}, named


def test_every_command_is_covered_or_has_its_reason(every: frozenset[str]) -> None:
    covered, only = tables()
    assert set(covered) <= every, "these are no commands"
    below = {command for command in every for name in only if f"{command} ".startswith(f"{name} ")}
    assert all(any(f"{c} ".startswith(f"{name} ") for c in every) for name in only), "these are no commands"
    assert every <= below | set(covered), sorted(every - below - set(covered))
    twice = {c for c in below & set(covered) if c.split()[0] in CUSTODY}
    assert not twice, "these are covered and excused"


@pytest.mark.usefixtures("site")
def test_what_is_covered_exists() -> None:
    from sealtrace.web.api.contract import api

    described = api.get_openapi_schema(path_prefix="/api/")
    operations = {one["operationId"] for path in described["paths"].values() for one in path.values()}
    for command, (operation, method) in tables()[0].items():
        assert operation in operations, command
        assert callable(getattr(Client, method, None)), command
