"""Work ahead: the newest wish first, nothing while somebody waits, and no failure of it is anybody's."""

from __future__ import annotations

import threading

from sealtrace.custody.ahead import KEPT, Ahead


def test_the_newest_wish_comes_first_and_old_ones_go() -> None:
    made: list[int] = []
    ahead = Ahead(made.append)
    with ahead.held():
        for wish in range(KEPT + 10):
            ahead.want(wish)
    ahead.settle()
    assert made == list(reversed(range(10, KEPT + 10)))
    ahead.close()
    ahead.want(1)
    assert len(made) == KEPT, "nothing is made after the end"


def test_nothing_is_begun_while_somebody_waits() -> None:
    made = threading.Event()
    ahead: Ahead[int] = Ahead(lambda _: made.set())
    with ahead.held(), ahead.held():
        ahead.want(1)
        assert not made.wait(0.02)
    ahead.settle()
    assert made.is_set()
    ahead.close()


def test_a_wish_that_fails_takes_none_with_it() -> None:
    made: list[int] = []

    def make(wish: int) -> None:
        made.append(wish // (wish - 2))

    ahead = Ahead(make)
    with ahead.held():
        for wish in (4, 2, 3):
            ahead.want(wish)
    ahead.settle()
    assert made == [3, 2]
    ahead.close()
