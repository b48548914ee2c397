"""Tables end to end: registered with uncertainties, issued, leaked in pieces, traced, proved."""

from __future__ import annotations

from pathlib import Path

import cbor2
import numpy as np
import pytest

from sealtrace.content.tables import delimited
from sealtrace.content.tables.model import Table
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.testing import tables as attacks
from sealtrace.trace.verify import verify


def as_csv(table: Table, *, header: bool = True) -> str:
    rows = [",".join(table.header)] if header else []
    return "\n".join([*rows, *(",".join(row) for row in zip(*table.columns, strict=True))]) + "\n"


@pytest.fixture
def plant(tmp_path: Path) -> tuple[Path, dict[str, object], Table]:
    table = attacks.readings(np.random.default_rng(11), 900, 12)
    path = tmp_path / "line.csv"
    path.write_text(as_csv(table), "utf-8")
    return path, attacks.uncertainties(table), table


@pytest.fixture
def issued(
    custody: Custody, plant: tuple[Path, dict[str, object], Table], people: list[Recipient], tmp_path: Path
) -> list[IssuedCopy]:
    path, declared, _ = plant
    [done] = custody.register([path], uncertainty=declared)
    return custody.issue_many(str(done.code), people[:4], tmp_path / "copies")


def leak(copy: IssuedCopy, attack: attacks.Attack, u: np.ndarray, out: Path, seed: int = 1) -> Path:
    assert copy.path is not None
    [table] = delimited.read(copy.path)
    out.write_text(as_csv(attack(table, u, np.random.default_rng(seed)), header=False), "utf-8")
    return out


def test_a_shuffled_extract_names_its_copy_and_the_evidence_verifies(
    custody: Custody, plant: tuple[Path, dict[str, object], Table], issued: list[IssuedCopy], tmp_path: Path
) -> None:
    _, declared, _ = plant
    u = np.array([c["uncertainty"] for c in declared["columns"].values()])  # type: ignore[attr-defined]
    assert {"exact", "stamp", "table"} == {m.channel for m in issued[0].marks}
    answer = custody.trace([leak(issued[3], attacks.shuffled_rows(120), u, tmp_path / "x.csv")])
    assert answer.answer.result == "strong"
    assert [c.accused.copy for c in answer.copies] == [issued[3].id]
    assert answer.copies[0].operator == "op-004"
    found = answer.answer.identified
    assert found is not None
    assert found.ref.code == issued[3].code
    assert "table" in found.by
    [channel] = [c for c in answer.answer.channels if c.channel == "table"]
    assert channel.found
    assert channel.score >= channel.threshold
    accused = answer.copies[0].accused
    assert accused.chance_of_error <= 1e-9
    assert accused.chernoff is not None
    assert accused.chernoff <= accused.chance_of_error
    custody.export_evidence(answer.trace, tmp_path / "e.cose")
    report = verify(tmp_path / "e.cose")
    assert report.holds, report.claims
    [weighed] = report.findings["weighed"]
    assert (weighed["channel"], weighed["mixture"], weighed["pages"]) == ("table", "blends", [])
    assert weighed["tables"][0]["how"] == "content"


def test_a_blend_names_several_copies_in_rounds(
    custody: Custody, plant: tuple[Path, dict[str, object], Table], issued: list[IssuedCopy], tmp_path: Path
) -> None:
    copies = [delimited.read(c.path)[0].numbers[:, 1:] for c in issued[:3] if c.path]
    blended = attacks.of_numbers(np.mean(copies, axis=0))
    (tmp_path / "mean.csv").write_text(as_csv(blended, header=False), "utf-8")
    answer = custody.trace([tmp_path / "mean.csv"])
    assert answer.answer.result == "strong"
    assert {c.accused.copy for c in answer.copies} <= {c.id for c in issued[:3]}
    assert len(answer.copies) >= 2
    custody.export_evidence(answer.trace, tmp_path / "e.cose")
    assert verify(tmp_path / "e.cose").holds


def test_the_original_and_too_little_name_nobody(
    custody: Custody, plant: tuple[Path, dict[str, object], Table], issued: list[IssuedCopy], tmp_path: Path
) -> None:
    path, _, table = plant
    assert custody.trace([path]).answer.result == "inconclusive"
    unmarked = tmp_path / "unmarked.csv"
    unmarked.write_text(as_csv(attacks.of_numbers(table.numbers[:, 1:]), header=False), "utf-8")
    answer = custody.trace([unmarked])
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert answer.answer.identified is not None
    _entry_commits_to_the_codeword(custody, issued[0])
    assert issued[0].path is not None
    [copy] = delimited.read(issued[0].path)
    assert (copy.header, copy.columns[0]) == (table.header, table.columns[0])
    assert copy.columns[1] != table.columns[1]


def _entry_commits_to_the_codeword(custody: Custody, issued: IssuedCopy) -> None:
    import hashlib

    from sealtrace.custody.books import table_book

    office = custody.office
    row = office.copy(issued.id)
    opening = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))["opening"]  # type: ignore[index]
    book = table_book(office, custody.version(str(issued.code)))
    assert book is not None
    word = book.words(np.array([issued.id.value], np.uint64))[0].tobytes()
    assert opening["codeword_sha256"][1] == hashlib.sha256(word).digest()


def test_a_table_without_declared_uncertainty_is_found_and_names_nobody(
    custody: Custody, tmp_path: Path
) -> None:
    table = attacks.readings(np.random.default_rng(12), 400, 6)
    (tmp_path / "a.csv").write_text(as_csv(table), "utf-8")
    [done] = custody.register([tmp_path / "a.csv"])
    part = attacks.of_numbers(table.numbers[np.random.default_rng(1).permutation(400)[:120], 1:])
    (tmp_path / "part.csv").write_text(as_csv(part, header=False), "utf-8")
    answer = custody.trace([tmp_path / "part.csv"])
    assert answer.answer.result == "inconclusive"
    assert answer.answer.identified is not None
    assert answer.answer.identified.ref.code == done.code
    assert "table" in answer.answer.identified.by


def test_the_report_tells_extract_and_distortion_before_issue(
    custody: Custody, plant: tuple[Path, dict[str, object], Table]
) -> None:
    path, declared, _ = plant
    [done] = custody.register([path], uncertainty=declared)
    report = custody.mark_report(str(done.code))
    [row] = report.to_dict()["tables"]
    assert row["rows"] == 900
    assert len(row["columns"]) == 12
    assert row["smallest_extract"]["rows"] == 84
    assert row["distortion"]["largest_cell_u"] <= 1
    assert row["distortion"]["mean_u"] <= 0.07
    assert row["distortion"]["standard_deviation"] <= 0.06
    assert "12" in report.to_text("en")
    assert "可溯源的最小摘录" in report.to_text("zh")


def test_evidence_of_a_later_round_that_hides_the_first_does_not_hold() -> None:
    """A round says which copies it took as known; without them its e-value can't be checked."""
    from sealtrace.trace.verify import _Broken, _Check

    check = _Check({"findings": cbor2.dumps({"accused": [], "looks": 2}), "accused": []}, None)
    with pytest.raises(_Broken):
        check._named_before({"version": "X@1", "round": 2})
    assert check._named_before({"version": "X@1"}) is None
