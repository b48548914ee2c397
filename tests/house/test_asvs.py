"""The table of OWASP ASVS 5.0: every requirement of levels 1 and 2, with a test that exists or a reason."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATES = {"tested", "reasoned", "not applicable", "open"}
LAST = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1
5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1
8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3
12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3
17.1:1 17.2:4 17.3:2
"""  # section: its last requirement of level 1 or 2; in each they are numbered from 1 without a gap


def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_requirement_of_levels_one_and_two_is_there_once() -> None:
    wanted = {
        f"V{section}.{number}"
        for section, last in (part.split(":") for part in LAST.split())
        for number in range(1, int(last) + 1)
    }
    ids = [row["id"] for row in rows()]
    assert len(ids) == len(set(ids))
    assert set(ids) == wanted
    assert {row["level"] for row in rows()} == {"1", "2"}


def test_each_has_a_test_that_exists_or_a_reason() -> None:
    assert {row["state"] for row in rows()} <= STATES
    ordered = sorted(rows(), key=lambda row: row["state"] == "tested")
    for tested, group in groupby(ordered, key=lambda row: row["state"] == "tested"):
        for row in group:
            said = row["test or reason"]
            if tested:
                place, name = said.split("::")
                assert f"def {name}(" in (ROOT / place).read_text("utf-8"), row["id"]
            else:
                assert len(said) > 4, row["id"]
                assert said.endswith("."), row["id"]
