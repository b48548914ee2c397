"""The fictional office's people: what its screens have to show stands in the home for real, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.people import service, store
from sealtrace.posts import checklist, designating, proposals
from sealtrace.posts import service as posts
from sealtrace.posts.rules import Status
from sealtrace.web.people import seed

AT = datetime(2026, 5, 20, 8, 30, tzinfo=UTC)


def test_the_office_has_something_to_decide_review_and_hear(memory: Path) -> None:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as custody:
        seed.fill(custody)
        office, size = custody.office, custody.office.ledger.size
        people = list(store.profiles(office))
        shown = [one for person in people for one in posts.shown(office, person.id, AT)]
        assert {one.status for one in shown} == {Status.EFFECTIVE}
        assert [bool(one.appeals) for one in shown].count(True) == 1
        due = posts.due(office, seed.KEEPER, AT, timedelta(days=31))
        assert [one.what for one in due] == ["review"]
        assert proposals.waiting(office, seed.DECIDER, AT)
        assert designating.waiting(office, seed.DECIDER, AT)
        assert [one for person in people for one in checklist.leavings(office, person.id)]
        assert store.changes(office, waiting=True)
        seed.fill(custody)
        assert (office.ledger.size, service.count(office)) == (size, len(seed.PEOPLE))
