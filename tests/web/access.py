"""Every address and every role: what the policy says, as a table in the docs and as what a walk over them must find.

python -m tests.web.access     write docs/access.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, DeviceState, Role

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
EXAMPLES = {"int": "999999999", "str": "nobody-x", "slug": "nobody-x", "uuid": "00000000-0000-0000-0000-000000000000",
            "path": "nobody-x"}  # fmt: skip
_ARGUMENT = re.compile(r"<(?:(\w+):)?\w+>")


@dataclass(frozen=True, slots=True)
class Address:
    """One address: its route, its name, the action of its guard; None for everybody's, "?" without a guard."""

    route: str
    name: str
    action: str | None
    step_up: bool
    view: Any

    def example(self) -> str:
        """A path that fits the route."""
        return "/" + _ARGUMENT.sub(lambda found: EXAMPLES[found[1] or "str"], self.route)


def addresses() -> Iterator[Address]:
    """All addresses, by route; those of the machine API have a guard of their own and are walked by its tests."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Address]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                view = pattern.callback
                action, step_up = getattr(view, "action", "?"), getattr(view, "step_up", False)
                yield Address(route, pattern.name or "", action, step_up, view)

    found = walk(get_resolver().url_patterns, "")
    return iter(sorted((a for a in found if not a.route.startswith("api/")), key=lambda a: a.route))


def actor(role: Role | None) -> Actor:
    """Somebody with one role on an enrolled device who has just confirmed themselves."""
    return Actor(
        "op-walk", "dev-walk", "127.0.0.1", "YL", frozenset({role} if role else ()),
        device_state=DeviceState.ENROLLED, stepped_up=True,
    )  # fmt: skip


def allowed(address: Address, role: Role | None) -> bool:
    """Whether the policy lets somebody with this role alone use an address, before it looks at a record."""
    return address.action is None or engine.decide(actor(role), address.action, ANYTHING).allowed


def table() -> str:
    """The page docs/access.md."""
    roles = list(Role)
    lines = [
        "# Who may open what",
        "",
        "Every address of the application against every role, as the policy decides before it looks at a record:",
        "✓ allowed, · denied, ⓒ allowed after a confirmation within the last five minutes. A record's level, list of",
        "readers, asker or owner may deny more. `everybody` needs no sign-in. This page is written by",
        "`python -m tests.web.access`; a test walks every address with every role and compares.",
        "",
        "| Address | Action | no role | " + " | ".join(role.value for role in roles) + " |",
        "|---|---|" + "---|" * (len(roles) + 1),
    ]
    for address in addresses():
        if address.action is None:
            marks = ["✓"] * (len(roles) + 1)
        else:
            marks = [_mark(address, role) for role in (None, *roles)]
        action = f"`{address.action}`" if address.action else "everybody"
        lines.append(f"| `/{address.route}` | {action} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def _mark(address: Address, role: Role | None) -> str:
    from dataclasses import replace

    assert address.action is not None
    if not allowed(address, role):
        return "·"
    fresh = engine.decide(replace(actor(role), stepped_up=False), address.action, ANYTHING)
    return "✓" if fresh.allowed and not address.step_up else "ⓒ"


def main() -> None:
    """Write the page."""
    import tempfile

    from sealtrace.custody.service import Custody
    from sealtrace.web import boot
    from sealtrace.web.site import Site

    with (
        tempfile.TemporaryDirectory() as folder,
        Custody.create(Path(folder) / "home", org="Office", org_code="YL") as custody,
    ):
        boot.start(Site(custody, "only to look at the addresses"), migrate=False)
        PAGE.write_text(table(), "utf-8")


if __name__ == "__main__":
    main()
