"""How many copies a version has: what was counted is not counted again, and nothing is missed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sealtrace.custody import store
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody


def test_a_tally_is_what_the_table_holds(custody: Custody, page_png: Callable[..., Path]) -> None:
    codes = [str(custody.register([page_png(n, size=(620, 877))])[0].code) for n in (1, 2)]
    rows, tally = [custody.version(code).row for code in codes], custody.office.tally
    for numbers in ((3, 0), (0, 2), (4, 1), (0, 0)):
        for code, number in zip(codes, numbers, strict=True):
            if number:
                custody.issue_many(
                    code, [Recipient(f"op-{n}", "dev-1", "10.0.0.1") for n in range(number)], None
                )
        for row in rows:
            assert tally.of(custody.office.db, row) == len(store.copy_ids(custody.office.db, row))
    assert [n for _, n in custody.chain(codes[0])] == [7]


def test_the_last_of_a_person_are_found_without_reading_all(
    custody: Custody, page_png: Callable[..., Path]
) -> None:
    code = custody.register([page_png(1, size=(620, 877))])[0].code
    custody.issue_many(f"{code}@1", [Recipient("op-1", f"dev-{n % 2}", "10.0.0.1") for n in range(9)], None)
    every = custody.find(operator="op-1")
    assert custody.find(operator="op-1", newest=4) == every[-4:]
    assert custody.find(device="dev-0", newest=2) == custody.find(device="dev-0")[-2:]
    assert custody.find(operator="op-1", newest=100) == every
    version, person = custody.version(str(code)).row, custody.office.subjects.token("operator", "op-1")
    page = store.newest_copies(custody.office.db, every[5][0], 3, version=version, subject=person)
    assert [row.entry for row in page] == [index for index, _ in every[4:1:-1]]
