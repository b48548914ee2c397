"""Two keys: a copy is named by both halves or not at all, so that neither office nor notary can frame anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from sealtrace.clock import FixedClock
from sealtrace.content.kinds import Kind
from sealtrace.content.tables import delimited
from sealtrace.custody import books, issue, leakmap, prove, recall
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.custody.twokey import wire_to
from sealtrace.errors import CannotMark, NotaryAway, NotaryRefused, ProofInvalid, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.ledger.check import EVERYTHING
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.files import Marker
from sealtrace.marks.formats import containers
from sealtrace.marks.halves import HalvedBook
from sealtrace.marks.stamp import to_text
from sealtrace.marks.table.plan import CELLS_ALONE
from sealtrace.notary.service import Notary
from sealtrace.testing import tables as attacks
from sealtrace.trace import evidence, package, recompute
from sealtrace.trace import notary as messages
from sealtrace.trace.report import report_on
from sealtrace.trace.verify import Report, verify
from sealtrace.verifier import sealtrace_verify as standalone

from ..conftest import AT, page_image
from ..verifier.test_real import by_page
from .test_tables import as_csv

PEOPLE = [Recipient(f"op-{i}", f"dev-{i}", f"10.9.0.{i}") for i in range(1, 4)]
VICTIM = 1


@dataclass
class TwoKeys:
    """A home with two keys and its notary, a page and a table out in three copies each."""

    custody: Custody
    notary: Notary
    folder: Path
    pages: list[IssuedCopy]
    tables: list[IssuedCopy]

    def trace(self, *paths: Path) -> Any:
        return self.custody.trace(list(paths))


def home(folder: Path, notary: Notary) -> Custody:
    custody = Custody.create(
        folder, org="Test Works", org_code="TW", clock=FixedClock(AT), notary=notary.card
    )
    notary.admit(custody.office.home.config.origin, prove.public_key(custody.office.home))
    custody.office.notary_wire = notary.answer
    return custody


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoKeys]:
    folder = tmp_path_factory.mktemp("two-keys")
    page_image(2, (496, 702)).save(folder / "page.png")
    table = attacks.readings(np.random.default_rng(11), 900, 12)
    (folder / "line.csv").write_text(as_csv(table), "utf-8")
    with (
        Notary.create(folder / "notary", "City Notary", FixedClock(AT)) as notary,
        home(folder / "home", notary) as custody,
    ):
        [page] = custody.register([folder / "page.png"], level="core")
        [line] = custody.register(
            [folder / "line.csv"], uncertainty=attacks.uncertainties(table), order_free=True, decoys_safe=True
        )
        yield TwoKeys(
            custody, notary, folder,
            custody.issue_many(str(page.code), PEOPLE, folder / "pages"),
            custody.issue_many(str(line.code), PEOPLE, folder / "tables"),
        )  # fmt: skip


def path_of(copy: IssuedCopy) -> Path:
    assert copy.path is not None
    return copy.path


def photo(copy: IssuedCopy, out: Path) -> Path:
    Image.open(path_of(copy)).convert("RGB").save(out, quality=88)
    return out


def extract(copy: IssuedCopy, out: Path, rows: int = 240) -> Path:
    [table] = delimited.read(path_of(copy))
    leaked = attacks.shuffled_rows(rows)(table, np.ones(12), np.random.default_rng(1))
    out.write_text(as_csv(leaked, header=False), "utf-8")
    return out


def forged(
    both: TwoKeys, copy: IssuedCopy, words: Callable[[CodeBook, CodeBook], HalvedBook], out: Path
) -> Path:
    """A copy of a page as somebody would make it who has one of the two code books, and invents the other half."""
    custody = both.custody
    version = custody.version(f"{copy.code}@{copy.version}")
    own = books.own_book(custody.office, version)
    assert own is not None
    theirs = CodeBook(
        both.notary._document_key(custody.office.home.config.origin, version.key_id), own.channel, own.symbols
    )
    Marker(
        both.folder / "page.png", version.kind, version.plan, words(own, theirs), custody.office.stamper
    ).write(copy.id, out)
    return photo(
        IssuedCopy(**{f: getattr(copy, f) for f in copy.__slots__} | {"path": out}), out.with_suffix(".jpg")
    )


def shown(report: Report) -> dict[str, bool | None]:
    return {claim.claim: claim.holds for claim in report.claims}


def halves(answer: Any) -> dict[str, bool]:
    return {c.channel: c.found for c in answer.answer.channels if "/" in c.channel}


# -- the honest way ------------------------------------------------------------------------------


@dataclass
class Traced:
    """One leak, its answer and its evidence."""

    answer: Any
    proof: Path


def traced(both: TwoKeys, leak: Path) -> Traced:
    answer = both.trace(leak)
    proof = leak.with_suffix(".evidence")
    both.custody.export_evidence(answer.trace, proof)
    return Traced(answer, proof)


@pytest.fixture(scope="module")
def honest(both: TwoKeys) -> Traced:
    return traced(both, photo(both.pages[VICTIM], both.folder / "leak.jpg"))


@pytest.fixture(scope="module")
def framed(both: TwoKeys) -> Traced:
    """A leak that the office made up against the victim."""
    return traced(both, forged(both, both.pages[VICTIM], office_s, both.folder / "framed.png"))


def key_of(both: TwoKeys) -> str:
    [key] = both.custody.office.ledger.keys().verifier_keys
    return key


def disclosed(both: TwoKeys, trace: str, folder: Path) -> tuple[bytes, bytes]:
    """What office and notary disclose of a trace."""
    both.custody.disclose(trace, folder / "keys", to="an expert", purpose="case 7")
    return (folder / "keys").read_bytes(), both.notary.disclose(trace, to="an expert", why="case 7")


@pytest.mark.parametrize("kind", ["page", "table"])
def test_an_honest_leak_is_named_by_both_halves_and_proved(
    both: TwoKeys, honest: Traced, kind: str, tmp_path: Path
) -> None:
    copy = (both.pages if kind == "page" else both.tables)[VICTIM]
    done = honest if kind == "page" else traced(both, extract(copy, tmp_path / "leak.csv"))
    assert [(c.operator, c.accused.channels) for c in done.answer.copies] == [("op-2", (kind,))]
    accused = done.answer.copies[0].accused
    assert [score.half for score in accused.halves] == ["office", "notary"]
    assert all(score.chance_of_error <= 1e-9 for score in accused.halves)
    assert accused.log_e == min(score.log_e for score in accused.halves)
    assert accused.both_secret <= accused.chance_of_error == max(s.chance_of_error for s in accused.halves)
    assert halves(done.answer) == {f"{kind}/office": True, f"{kind}/notary": True}
    assert set(done.answer.as_dict()["copies"][0]["halves"]) == {"office", "notary"}
    report = verify(done.proof, expected_key=key_of(both))
    assert report.holds, report.claims
    assert all(claim.holds for claim in report.claims)
    assert f"copy {copy.id} has the stated e-value in the notary's half" in shown(report)
    claims = standalone.check_evidence(done.proof.read_bytes(), key=key_of(both))
    assert {c.claim: c.holds for c in claims} == shown(report)
    mine, theirs = disclosed(both, done.answer.trace, tmp_path)
    again = recompute.recompute(report.content, report.findings, mine, theirs)
    assert again
    assert all(claim.holds for claim in again), again
    for weighed in report.findings["weighed"]:  # a half is of one channel
        joint = weighed | {"parts": [[kind, len(weighed["sums"]) // 8 - 128], ["order", 128]]}
        wrong = recompute.recompute(report.content, report.findings | {"weighed": [joint]}, mine, theirs)
        assert "its channels are others" in {claim.detail for claim in wrong if claim.holds is False}
    half = recompute.recompute(report.content, report.findings, mine)
    assert {c.holds for c in half} == {True, None}


def test_the_page_that_is_handed_out_agrees(both: TwoKeys, honest: Traced) -> None:
    assert by_page(honest.proof, key_of(both)) == shown(verify(honest.proof, expected_key=key_of(both)))


def test_the_codeword_is_twice_as_long_and_the_report_says_what_it_costs(
    both: TwoKeys, tmp_path: Path
) -> None:
    copy = both.tables[0]
    told = both.custody.mark_report(str(copy.code))
    [table] = [c for c in told.channels if c.channel == "table"]
    assert table.halves == (table.capacity // 2, table.capacity // 2)
    with Custody.create(tmp_path / "one", org="One Key", org_code="OK", clock=FixedClock(AT)) as single:
        [file] = single.register(
            [both.folder / "line.csv"],
            uncertainty=attacks.uncertainties(attacks.readings(np.random.default_rng(11), 900, 12)),
        )
        [page] = single.register([both.folder / "page.png"])
        one, page_of_one = single.mark_report(str(file.code)), single.mark_report(str(page.code))
    [plain] = [c for c in one.channels if c.channel == "table"]
    assert plain.halves is None
    assert told.tables[0].smallest_rows == pytest.approx(2 * (one.tables[0].smallest_rows or 0), abs=1)
    page_told = both.custody.mark_report(str(both.pages[0].code))
    assert page_told.pages[0].smallest_share == pytest.approx(2 * page_of_one.pages[0].smallest_share)
    half = page_told.pages[0].symbols // 2
    assert f"{half} symbols office + {half} symbols notary" in page_told.to_text("en")
    assert "公证方" in page_told.to_text("zh")


def test_a_table_is_marked_in_its_cells_alone_and_the_report_says_so(both: TwoKeys) -> None:
    """Order and decoys were asked for: rows keep their order, nothing is added, and nobody is left to wonder."""
    copy = both.tables[0]
    assert {m.channel for m in copy.marks} == {"exact", "stamp", "table"}
    [original], [made] = delimited.read(both.folder / "line.csv"), delimited.read(path_of(copy))
    assert made.columns[0] == original.columns[0]
    told = both.custody.mark_report(str(copy.code))
    assert {c.channel: c.why for c in told.channels if c.channel in ("order", "decoy")} == {
        "order": CELLS_ALONE,
        "decoy": CELLS_ALONE,
    }
    assert CELLS_ALONE in told.notes
    assert told.to_text("zh").count("双钥时表格只在单元格中承载标记") == 3


def test_both_halves_are_committed_to_before_delivery(both: TwoKeys) -> None:
    row = both.custody.office.copy(both.pages[VICTIM].id)
    office = both.custody.office
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    assert sealed is not None
    mark = messages.read(sealed["opening"]["notary_mark"][1], messages.MARK, both.notary.card.key)
    assert mark["copy"] == bytes(row.id)
    assert len(mark["codeword_sha256"]) == 32
    assert sealed["opening"]["codeword_sha256"][1] not in (None, mark["codeword_sha256"])
    assert both.custody.check(EVERYTHING) == []


def test_the_home_holds_nothing_of_the_notary_s_secret(both: TwoKeys) -> None:
    version = both.custody.version(str(both.pages[0].code))
    secret = both.notary._document_key(both.custody.office.home.config.origin, version.key_id)
    book = CodeBook(secret, "page", version.plan.mark_plan.symbols // 2)
    word = book.words(np.array([both.pages[0].id.value], np.uint64))[0].tobytes()
    for path in both.folder.joinpath("home").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert secret not in data
            assert both.notary._seed not in data
            assert word not in data


# -- framing -------------------------------------------------------------------------------------


def other(copy: CopyId, book: CodeBook) -> bytes:
    """The half of a copy that nobody has."""
    return book.words(np.array([copy.value ^ 0x5A5A], np.uint64))[0].tobytes()


def office_s(mine: CodeBook, theirs: CodeBook) -> HalvedBook:
    """What the office can make: its own half of the victim's codeword, and another copy's for the notary's."""
    return HalvedBook(mine, lambda copies: [other(copies[0], theirs)])


def test_an_office_alone_frames_nobody(both: TwoKeys, framed: Traced, tmp_path: Path) -> None:
    """It knows every codeword of its half and the register; the notary's half it has to guess."""
    answer = framed.answer
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert halves(answer) == {"page/office": True, "page/notary": False}
    assert answer.answer.one_half_alone
    assert answer.as_dict()["one_half_alone"] is True
    assert any("one half of the codeword" in note for note in answer.answer.notes)
    report = verify(framed.proof)
    assert report.holds, report.claims
    again = recompute.recompute(report.content, report.findings, *disclosed(both, answer.trace, tmp_path))
    assert all(claim.holds for claim in again), again


def test_a_notary_alone_frames_nobody(both: TwoKeys, tmp_path: Path) -> None:
    victim = both.pages[VICTIM]

    def words(mine: CodeBook, theirs: CodeBook) -> HalvedBook:
        guess = CodeBook(bytes(32), mine.channel, mine.symbols)
        guess.layout_key = mine.layout_key
        return HalvedBook(guess, lambda copies: [theirs.words(np.array([c.value for c in copies], np.uint64))[0].tobytes()])  # fmt: skip  # noqa: E501

    answer = both.trace(forged(both, victim, words, tmp_path / "framed.png"))
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert halves(answer) == {"page/office": False, "page/notary": True}
    assert answer.answer.one_half_alone


def test_exact_bytes_and_stamps_only_point(both: TwoKeys, tmp_path: Path) -> None:
    """The office can make any stamp, and enters the digests: by themselves they name nobody."""
    stamped = tmp_path / "stamped.png"
    page_image(2, (496, 702)).save(stamped)
    office = both.custody.office
    token = to_text(office.stamper.token(both.pages[VICTIM].id))
    stamped.write_bytes(containers.STAMP[Kind.PNG]((both.folder / "page.png").read_bytes(), token))
    answer = both.trace(stamped)
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())
    assert any("the stamp of 1 issued copy found" in note for note in answer.answer.notes)
    whole = both.trace(path_of(both.pages[VICTIM]))
    assert [(c.operator, c.accused.channels) for c in whole.copies] == [("op-2", ("page",))]
    assert whole.answer.result == "strong"


# -- the notary ----------------------------------------------------------------------------------


def test_the_notary_gives_a_half_once(both: TwoKeys, tmp_path: Path) -> None:
    custody, copy = both.custody, both.pages[0]
    with pytest.raises(NotaryRefused, match="given before"):
        custody.fetch(copy.id, tmp_path / "again.png")
    assert not (tmp_path / "again.png").exists()
    both.notary.allow(custody.office.home.config.origin, copy.id, why="lost on a train")
    assert custody.fetch(copy.id, tmp_path / "again.png").sha256 == copy.sha256
    with pytest.raises(NotaryRefused, match="given before"):
        custody.fetch(copy.id, tmp_path / "third.png")
    assert [act.act for act in both.notary.journal.acts()][-1] == "allowed"


def test_a_copy_entered_first_and_fetched_later_is_marked_once(both: TwoKeys, tmp_path: Path) -> None:
    [copy] = both.custody.issue_many(str(both.pages[0].code), PEOPLE[:1], None)
    done = both.custody.fetch(copy.id, tmp_path / "first.png")
    answer = both.trace(photo(done, tmp_path / "leak.jpg"))
    assert [c.accused.copy for c in answer.copies] == [copy.id]


def test_another_notary_is_refused(both: TwoKeys, tmp_path: Path) -> None:
    custody = both.custody
    with Notary.create(tmp_path / "other", "Another", FixedClock(AT)) as another:
        another.admit(custody.office.home.config.origin, prove.public_key(custody.office.home))
        size = custody.office.ledger.size()
        custody.office.notary._wire = another.answer
        try:
            with pytest.raises(ProofInvalid, match="not signed by the key"):
                custody.issue(str(both.pages[0].code), PEOPLE[0], tmp_path / "x.png")
        finally:
            custody.office.notary._wire = both.notary.answer
    assert custody.office.ledger.size() == size
    assert not (tmp_path / "x.png").exists()


def test_without_its_notary_nothing_is_issued(both: TwoKeys, tmp_path: Path) -> None:
    custody, size = both.custody, both.custody.office.ledger.size()
    custody.office.notary._wire = wire_to("")
    try:
        with pytest.raises(NotaryAway):
            custody.issue(str(both.pages[0].code), PEOPLE[0], tmp_path / "x.png")
    finally:
        custody.office.notary._wire = both.notary.answer
    assert custody.office.ledger.size() == size


# -- what a court reads --------------------------------------------------------------------------


def words_of(report: bytes) -> str:
    """The report's text without blanks and line breaks."""
    with pypdfium2.PdfDocument(report) as pdf:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in pdf)


def test_the_report_shows_both_halves_and_an_alarm_where_they_disagree(
    honest: Traced, framed: Traced
) -> None:
    english, chinese = (words_of(report_on(honest.proof, language).pdf) for language in ("en", "zh"))
    for said in ("theoffice'shalf", "thehalfofthenotary,CityNotary", "Chanceoferrorifbotharehonest"):
        assert said in english
    for said in ("出具方的一半", "公证方“CityNotary”的一半", "双方均诚实时的误指概率"):
        assert said in chinese
    told = words_of(report_on(framed.proof, "en").pdf)
    assert "onlyonepointstoacopyandtheotherdoesnot" in told
    assert "op-2" not in told


def test_a_kept_trace_is_read_again_with_both_halves(both: TwoKeys, honest: Traced) -> None:
    kept, office = both.custody.recall(honest.answer.trace), both.custody.office
    [copy] = kept.copies
    assert [half for half, *_ in copy.halves] == ["office", "notary"]
    mine, theirs = kept.weighed
    assert (mine.half, theirs.half) == ("office", "notary")
    scored = dict(recall.scores(office, kept, mine).scores)
    assert scored[copy.id] == pytest.approx(copy.halves[0][1])
    assert recall.scores(office, kept, theirs).scores == ()  # the notary's to tell
    said = leakmap.agreement(office, mine, copy.id)
    assert said is not None
    assert said.agree > said.expected
    assert leakmap.agreement(office, theirs, copy.id) is None
    found = leakmap.leak_map(office, mine, 0, both.folder / "leak.jpg", copy.id)
    assert found is not None
    assert 0 < np.count_nonzero(found.marks) < 0.6 * found.marks.size  # the notary's chips are left blank


def test_a_package_takes_both_parties_keys(both: TwoKeys, framed: Traced, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for place, data in zip((mine, theirs), disclosed(both, framed.answer.trace, tmp_path), strict=True):
        place.write_bytes(data)
    out = tmp_path / "package.zip"
    both.custody.export_package(framed.answer.trace, out, keys=mine, notary_keys=theirs)
    members = package.read(out.read_bytes(), "package")
    assert members["notary-keys.cbor"] == theirs.read_bytes()
    assert verify(out).holds
    with pytest.raises(UsageProblem, match="holds the office's keys, not the notary's"):
        both.custody.export_package(framed.answer.trace, out, notary_keys=mine)


def test_what_does_not_carry_the_notary_s_half_is_refused(both: TwoKeys, tmp_path: Path) -> None:
    size = both.custody.office.ledger.size()
    version = both.custody.version(str(both.pages[0].code))
    book = CodeBook(bytes(32), "page", version.plan.mark_plan.symbols)
    with both.custody.office.writing(), pytest.raises(CannotMark, match="two keys"):
        issue.enter_copies(both.custody.office, version, [(CopyId(5), PEOPLE[0])], [(None, ())], book)
    assert both.custody.office.ledger.size() == size
    looked = both.custody.view(str(both.pages[0].code), 1, PEOPLE[0], tmp_path / "page.png")
    assert looked.purpose == "view"  # a page that is looked at carries both


# -- evidence that was tampered with -------------------------------------------------------------


def resigned(both: TwoKeys, content: dict[str, Any], out: Path) -> Path:
    """The office signs altered evidence with its own key."""
    payload, protected = cbor2.dumps(content, canonical=True), cbor2.dumps({1: -8})
    signature = prove.signing_key(both.custody.office.home).sign(evidence.to_be_signed(protected, payload))
    out.write_bytes(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True))
    return out


def test_evidence_of_one_half_does_not_hold(both: TwoKeys, honest: Traced, tmp_path: Path) -> None:
    content, *_ = evidence.read(honest.proof)
    [proof] = content["accused"]
    name = both.pages[VICTIM].id
    without = content | {"accused": [proof | {"notary": None}]}
    swapped = content | {"accused": [proof | {"notary": [proof["codeword"], proof["bias_key"]]}]}
    for altered in (without, swapped):
        path = resigned(both, altered, tmp_path / "altered.evidence")
        failed = {c.claim for c in verify(path).claims if c.holds is False}
        assert failed == {f"copy {name} has the stated e-value in the notary's half"}
        again = {c.claim for c in standalone.check_evidence(path.read_bytes()) if c.holds is False}
        assert again == failed
    second = content | {"format": "sealtrace-evidence/2"}
    with pytest.raises(ProofInvalid):
        verify(resigned(both, second, tmp_path / "second.evidence"))


def test_findings_that_drop_or_dress_up_a_half_do_not_hold(
    both: TwoKeys, honest: Traced, tmp_path: Path
) -> None:
    """Neither one half left out, nor the stronger half stated, nor exact bytes put in the place of both."""
    content, *_ = evidence.read(honest.proof)
    found = cbor2.loads(content["findings"])
    [accused] = found["accused"]
    name = both.pages[VICTIM].id
    for change, claim in (
        ({"halves": {"office": accused["halves"]["office"]}}, f"copy {name} is named by the weaker half"),
        ({"log_e": accused["log_e"] + 1}, f"copy {name} is named by the weaker half"),
        ({"channels": ["exact"]}, "the result follows from the findings"),
        ({"channels": [*accused["channels"], "order"]}, "the result follows from the findings"),
    ):
        findings = cbor2.dumps(found | {"accused": [accused | change]}, canonical=True)
        path = resigned(both, content | {"findings": findings}, tmp_path / "altered.evidence")
        failed = {c.claim for c in verify(path).claims if c.holds is False}
        assert claim in failed
        assert claim in {c.claim for c in standalone.check_evidence(path.read_bytes()) if c.holds is False}


def test_leaks_are_not_put_together_as_the_notary_tells_no_weak_score(both: TwoKeys, honest: Traced) -> None:
    with pytest.raises(UsageProblem, match="two keys"):
        both.custody.together([honest.answer.trace, honest.answer.trace])
