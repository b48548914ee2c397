"""Fill a new local home so that the application has something to show: documents, copies, one person for each task.

What stands in the home afterwards was registered and issued for real; only the plant, its documents and its people
are invented.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from . import boot
from .own import seed as own
from .people import seed as people
from .site import Site
from .travel import seed as travel

ORGANISATION, ORGANISATION_CODE = "云岭分离厂（虚构） Yunling Separation Works", "YL"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional operator: their code, roles and clearance."""

    code: str
    roles: tuple[Role, ...]
    clearance: str = "core"


PEOPLE = (
    Person("op-031", (Role.TRACER, Role.REGISTRAR, Role.ISSUER, Role.READER)),
    Person("op-022", (Role.ISSUER, Role.APPROVER, Role.TRACER, Role.READER)),
    Person("op-017", (Role.READER,), "important"),
    Person("op-050", (Role.AUDITOR,)),
    Person("op-001", (Role.SYSTEM_ADMIN,)),
    Person("op-002", (Role.SECURITY_ADMIN,)),
    Person("op-003", (Role.AUDIT_ADMIN,)),
    *(Person(f"op-06{n}", (Role.PERSONNEL,)) for n in range(6)),
    Person("op-070", (Role.APPEALS,)),
    Person("op-208", (Role.READER,), "general"),
    Person("op-209", (Role.READER,), "general"),
    Person("op-218", (Role.READER,), "general"),
)


def fill(custody: Custody, say: Say) -> None:
    """Register a part of the demonstration's library and enter copies of it. About 25 s of one core."""
    from sealtrace.custody.uncertainty import read_uncertainty
    from sealtrace.demo.library import (
        DATA_CSV,
        DIAGRAM_PNG,
        HOLDINGS,
        SPEC_A,
        SPEC_B,
        UNCERTAINTIES,
        run_plant,
        write_library,
    )
    from sealtrace.demo.recipients import recipients

    wanted = {held.name: held for held in HOLDINGS if held.name in (SPEC_A, SPEC_B, DIAGRAM_PNG, DATA_CSV)}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        say("drawing the documents of a fictional plant")
        for _name in write_library(place, run_plant()):
            pass
        codes: dict[str, str] = {}
        people = recipients()
        for name, held in wanted.items():
            most = 6 if name == DIAGRAM_PNG else held.copies  # a picture takes a third of a second each
            say(f"registering {name} and issuing {most} copies of it")
            declared = read_uncertainty(place / UNCERTAINTIES) if name == DATA_CSV else None
            [made] = custody.register(
                [place / name], level=held.level, uncertainty=declared,
                new_version_of=codes.get(held.new_version_of or ""),
            )  # fmt: skip
            codes[name] = str(made.code)
            copies = place / "copies" / name
            custody.issue_many(f"{made.code}@{made.version}", people[:most], copies)
            shutil.rmtree(copies)


@dataclass(frozen=True, slots=True)
class Link:
    """A fictional person and the path of their one-time sign-in link."""

    person: Person
    path: str


def prepare(home: Path, passphrase: str | None, say: Say) -> list[Link]:
    """Make the home when there is none, fill it, and invite everybody. Starts Django: call it in a process of its own.

    What stands in a home already is left as it is.
    """
    if not (home / "register.db").exists():
        Custody.create(home, org=ORGANISATION, org_code=ORGANISATION_CODE, passphrase=passphrase).close()
    with Custody.open(home, passphrase=passphrase) as custody:
        if next(custody.versions(), None) is None:
            fill(custody, say)
            people.fill(custody)
            own.fill(custody.office, say, custody.office.clock.now().replace(microsecond=0))
            travel.fill(custody.office, say)
        boot.start(Site(custody, boot.secret_key(custody)))
        return [_invited(custody, person) for person in PEOPLE]


def _invited(custody: Custody, person: Person) -> Link:
    from .accounts import service

    organisation = custody.office.home.config.org_code
    made = service.add_operator(
        person.code, organisation, person.roles, by="seed", clearance=person.clearance
    )
    return Link(person, f"/enrol/{service.invite(made, by='seed')}")
