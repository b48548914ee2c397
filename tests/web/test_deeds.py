"""Deeds are done and entered, or the ledger says that they were not, wherever a process dies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sealtrace.custody import outside
from sealtrace.custody.service import Custody
from sealtrace.errors import StorageFailed

pytestmark = pytest.mark.usefixtures("site")


class Killed(BaseException):
    """Stands for a process that ends here: nothing of it runs on."""


@pytest.fixture
def tried() -> Iterator[object]:
    """Add an organisation as a deed, at most up to the step that fails; gives the function and takes the row away."""
    from sealtrace.web import deeds
    from sealtrace.web.accounts.models import Organisation

    def add(code: str) -> None:
        with deeds.together() as enter:
            enter("account:added", code, {"operator": code})
            Organisation.objects.create(code=code, name=code)

    yield add
    Organisation.objects.filter(code__startswith="T-").delete()


def state(site: Custody, code: str) -> tuple[int, int, int]:
    """How often the deed is entered, stands as a row, and is said to be without effect."""
    from sealtrace.web.accounts.models import Organisation

    entered = {n for n, said in site.office.acts("account:added") if said["operator"][1] == code}
    void = {
        int(n)
        for _, said in site.office.acts(outside.WITHOUT_EFFECT)
        for n in str(said["entries"][1]).split(",")
    }
    return len(entered), Organisation.objects.filter(code=code).count(), len(entered & void)


@pytest.mark.parametrize(
    ("step", "after", "again"),
    [
        ("entry", (0, 0, 0), (1, 1, 0)),
        ("entry-kept", (1, 0, 1), (2, 1, 1)),
        ("rows", (1, 0, 1), (2, 1, 1)),
        ("commit", (1, 0, 1), (2, 1, 1)),
        ("commit-kept", (1, 1, 0), (1, 1, 0)),
    ],
)
@pytest.mark.parametrize("dies", [False, True], ids=["fails", "dies"])
def test_a_deed_that_ends_at_any_step_leaves_no_entry_to_guess_about(
    step, after, again, dies, site: Custody, tried, monkeypatch
) -> None:
    from django.db import transaction

    from sealtrace.web import deeds
    from sealtrace.web.accounts.models import Organisation

    code = f"T-{step.replace('-kept', '+')}{int(dies)}"
    error: type[BaseException] = Killed if dies else StorageFailed

    def fail(*_: object, **__: object) -> None:
        raise error("here")

    with monkeypatch.context() as broken:
        if step == "entry":
            broken.setattr(outside, "enter", fail)
        elif step == "entry-kept":
            whole = outside.enter
            broken.setattr(outside, "enter", lambda *a, **k: (whole(*a, **k), fail()))
        elif step == "rows":
            broken.setattr(Organisation.objects, "create", fail)
        else:
            leave = transaction.Atomic.__exit__

            def leaving(self, kind, failure, trace):
                if not self.durable:
                    return leave(self, kind, failure, trace)
                if step == "commit":
                    leave(self, error, error("here"), None)
                elif kind is None:
                    leave(self, None, None, None)
                else:
                    return leave(self, kind, failure, trace)
                fail()
                return None

            broken.setattr(transaction.Atomic, "__exit__", leaving)
        if dies:
            recover = deeds.recover
            calls = iter([recover])

            def at_most_before() -> object:
                return next(calls, fail)()

            broken.setattr(deeds, "recover", at_most_before)
        with pytest.raises(error):
            tried(code)
    with site.office.writing():
        deeds.recover()
    assert state(site, code) == after
    if step != "commit-kept":
        tried(code)
    assert state(site, code) == again
    with site.office.writing():
        deeds.recover()
    assert state(site, code) == again


def test_a_deed_within_a_deed_is_a_part_of_it(site: Custody, tried) -> None:
    from sealtrace.web import deeds

    def outer() -> None:
        with deeds.together() as enter:
            enter("account:added", "T-outer", {"operator": "T-outer"})
            tried("T-inner")
            raise Killed

    with pytest.raises(Killed):
        outer()
    assert state(site, "T-outer") == (1, 0, 1)
    assert state(site, "T-inner") == (1, 0, 1)
    assert outside.still_open(site.office) == []
