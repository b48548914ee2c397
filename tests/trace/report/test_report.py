"""The report says what the verifier let stand, names nobody otherwise, and is complete in both languages."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from sealtrace.errors import InputMissing
from sealtrace.trace.report import Written, facts, pages, report_on, sayings, words
from sealtrace.trace.report.words import LANGUAGES, TEXT, Language
from sealtrace.trace.verify import verify
from tests.golden import vectors
from tests.golden.evidence_cases import PAGE, Scene, put

DATA = Path(__file__).parents[2] / "golden" / "data"
VECTORS: dict[str, dict[str, Any]] = {
    v["name"]: v for v in json.loads((DATA / "vectors.json").read_text("utf-8")) if v["kind"] == "evidence"
}
KEPT: list[Any] = [getattr(vectors, name)() for name in ("Lines", "Scores") if hasattr(vectors, name)]
"""What the golden scenes take from their store: signatures, and scores where they are kept."""
HAN = re.compile(r"[\u4e00-\u9fff]")
FAILING = sorted(name for name, v in VECTORS.items() if v.get("fails") or v.get("refused"))


def path_of(name: str) -> Path:
    return next(DATA / p for p in VECTORS[name]["files"])


@cache
def written(name: str, language: Language, key: str | None = None) -> Written:
    return report_on(path_of(name), language, expected_key=key)


def text_of(pdf: bytes) -> str:
    """The words of all pages, lines joined: a digest that was broken over two lines is whole again."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "\n")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def must_have(text: str, *parts: str) -> None:
    for part in parts:
        assert squeezed(part) in squeezed(text), part


def made(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "leak.evidence"
    path.write_bytes(Scene("strong", **{**PAGE, **changes}).build(*KEPT))
    return path


# -- what holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_strong_answer_has_every_fact(language: Language) -> None:
    key = VECTORS["strong"]["key"]
    done = written("strong", language, key)
    text = text_of(done.pdf)
    report = verify(path_of("strong"), expected_key=key)
    found, stated = report.findings, report.findings["accused"][0]
    person = report.people[0]
    must_have(text, words.say("strong", language), person["id"], person["operator"], person["device"])
    must_have(
        text, person["ip"], "2026-03-01 09:30:00 UTC", found["leak"][0]["sha256"].hex(), stated["version"]
    )
    must_have(text, f"{stated['log_e']:.2f}", f"{found['threshold']:.2f}", "≤3.0×10", found["trace"], key)
    must_have(text, hashlib.sha256(path_of("strong").read_bytes()).hexdigest(), found["software"])
    runner_up = found["weighed"][0]["runner_up"]
    must_have(text, f"{stated['log_e'] - runner_up:.2f}", f"{runner_up:.2f}".replace("-", "−"))
    must_have(
        text,
        words.say("p1.text", language),
        words.say("p2.text", language),
        words.say("transposed", language),
    )
    must_have(text, *(words.say(f"alt.{n}", language) for n in ("device", "screen", "key")))
    must_have(text, *(words.say(f"rights.{n}", language) for n in (1, 2, 3)))
    must_have(
        text,
        words.say("repeat.2", language),
        words.say("repeat.3", language),
        words.say("copy not person", language),
    )
    must_have(text, report.statement(language), words.say("key.same", language))
    must_have(text, *(sayings.claim(claim.claim, language) for claim in report.claims))
    size, root = report.content["checkpoint"].split("\n")[1:3]
    must_have(text, words.say("size.n", language, size=size), "sealtrace/GOLD/log")
    import base64

    must_have(text, base64.b64decode(root).hex())
    indices = [report.content["trace"]["index"], report.content["accused"][0]["issue"]["index"]]
    must_have(text, *(words.say("entry n", language, index=i) for i in indices))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exact_answer_rests_on_the_digest(language: Language) -> None:
    text = text_of(written("exact", language).pdf)
    must_have(text, words.say("exact", language), "op-002", words.say("chance.exact", language))
    assert "lnE=" not in squeezed(text), "nothing was weighed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_copy_of_a_blend_is_named(language: Language) -> None:
    text = text_of(written("blend-of-two", language).pdf)
    must_have(text, "op-001", "op-003", "28.36", "33.17")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["inconclusive", "none"])
def test_where_no_copy_is_named_the_report_names_nobody(name: str, language: Language) -> None:
    done = written(name, language)
    text = text_of(done.pdf)
    must_have(text, words.say(f"{name}.says", language), words.say("p.nothing", language))
    assert not re.search(r"op-\d", text)
    assert done.facts.named == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_key_the_reader_is_told_to_compare_it(language: Language) -> None:
    sentence = words.say("key open", language, section=7)
    text = text_of(written("strong", language).pdf)
    must_have(text, sentence, f"7{words.say('ledger', language)}", words.say("key.compare", language))
    assert squeezed(sentence) not in squeezed(
        text_of(written("strong", language, VECTORS["strong"]["key"]).pdf)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stamp_gives_no_number_until_the_office_has_shown_it(language: Language) -> None:
    text = text_of(written("stamp", language).pdf)
    must_have(text, words.say("stamp", language), words.say("stamp open", language))
    must_have(text, words.say("chance.stamp", language), words.say("not checked", language))
    assert "≤3" not in squeezed(text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["exact", "strong", "inconclusive", "none", "stamp"])
def test_no_verbal_grade_is_printed(name: str, language: Language) -> None:
    text = squeezed(text_of(written(name, language).pdf)).replace(
        squeezed(words.say("no verbal", language)), ""
    )
    grades = "支持" if language == "zh" else "support"
    assert grades not in text


# -- what does not hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAILING)
def test_a_file_that_does_not_hold_names_nobody(name: str) -> None:
    vector = VECTORS[name]
    language = LANGUAGES[FAILING.index(name) % 2]
    done = report_on(
        path_of(name), language, expected_key=vector.get("key"), cosigners=tuple(vector.get("cosigners", ()))
    )
    assert not done.facts.holds
    text = text_of(done.pdf)
    must_have(text[:600], words.say("fails", language))
    must_have(text, words.say("unreadable.says" if vector.get("refused") else "fails.says", language))
    for hidden in (r"op-\d", r"dev-\d", r"10\.20\.3", r"金稀土"):
        assert not re.search(hidden, text), hidden
    assert not any(
        squeezed(TEXT[f"{r}.says"][LANGUAGES.index(language)][:14]) in squeezed(text)
        for r in ("exact", "strong")
    )
    for claim in vector.get("fails", []):
        must_have(text, sayings.claim(claim, language))


def test_a_forger_can_not_place_a_name_in_the_report(tmp_path: Path) -> None:
    """Fields that are free text in a forged file are left out, not printed as a stranger wrote them."""
    name = "王小明"

    def forged(content: dict[str, Any]) -> None:
        import cbor2

        found = cbor2.loads(content["findings"])
        found |= {"trace": name, "at": name, "software": name, "result": name, "file": name, "notes": [name]}
        found["leak"][0]["kind"] = name
        content["findings"] = cbor2.dumps(found, canonical=True)
        content["limits"] = {"zh": name, "en": name}
        content["checkpoint"] = content["checkpoint"].replace("sealtrace/GOLD/log", name)
        content["trace"]["opening"]["event"][1] = name

    path = made(tmp_path, content=forged)
    for language in LANGUAGES:
        done = report_on(path, language)
        assert not done.facts.holds
        assert name not in squeezed(text_of(done.pdf))


def test_signed_but_senseless_findings_do_not_hold(tmp_path: Path) -> None:
    """Whoever holds every key can sign anything; a report is made all the same and names nobody."""
    path = made(tmp_path, findings=put("versions", to=7), entered=lambda fields: None)
    done = report_on(path, "en")
    assert done.report is not None
    assert done.report.holds
    assert not done.facts.holds
    must_have(text_of(done.pdf), facts.UNFIT, words.say("fails.says", "en"))
    assert "op-002" not in text_of(done.pdf)


@pytest.mark.parametrize("chance", [float("nan"), 0.0, -1.0, float("inf")])
def test_a_chance_that_is_none_does_not_hold(tmp_path: Path, chance: float) -> None:
    scene = Scene("exact", findings=put("chance", to=chance), entered=put("chance", to=repr(chance)))
    path = tmp_path / "leak.evidence"
    path.write_bytes(scene.build(*KEPT))
    done = report_on(path, "en")
    assert not done.facts.holds
    assert "op-002" not in text_of(done.pdf)


def test_a_score_that_is_none_is_not_drawn(tmp_path: Path) -> None:
    path = made(tmp_path, findings=put("weighed", 0, "runner_up", to=1e300))
    done = report_on(path, "en")
    assert done.facts.holds
    must_have(text_of(done.pdf), words.say("unstated", "en"))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        report_on(tmp_path / "none", "en")


# -- letters, languages, bytes --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["赵煊赫", "龚旮旯", "José Müller", "㐂田", "x" * 200])
def test_names_are_set_in_full(name: str, tmp_path: Path) -> None:
    """Names of GB 2312 and Latin-1 as they are; what the typeface lacks as its code point, never as a box."""
    path = made(tmp_path, issue=put("operator", to=name))
    wanted = name.replace("㐂", "[U+3402]")
    for language in LANGUAGES:
        must_have(text_of(report_on(path, language).pdf), wanted)


@pytest.mark.parametrize("name", ["strong", "exact", "inconclusive", "raw-operator-changed", "raw-truncated"])
def test_the_same_file_gives_the_same_bytes(name: str) -> None:
    for language in LANGUAGES:
        again = report_on(path_of(name), language)
        assert again.pdf == written(name, language).pdf


def test_the_time_in_the_file_is_the_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    again = report_on(path_of("strong"), "en").pdf
    assert again == written("strong", "en").pdf
    assert pypdfium2.PdfDocument(again).get_metadata_value("CreationDate") == "D:20260302083000+00'00'"


@pytest.mark.parametrize("word", TEXT)
def test_each_sentence_is_there_in_both_languages(word: str) -> None:
    chinese, english = TEXT[word]
    assert HAN.search(chinese) or not re.search("[a-z]{3}", chinese)
    assert english
    assert not HAN.search(english)
    assert set(re.findall(r"{\w+}", chinese)) == set(re.findall(r"{\w+}", english))


@pytest.mark.parametrize("name", sorted(name for name, v in VECTORS.items() if not v.get("refused")))
def test_all_that_the_verifier_says_has_chinese_words(name: str) -> None:
    vector = VECTORS[name]
    report = verify(path_of(name), expected_key=vector.get("key"), cosigners=vector.get("cosigners", ()))
    for claim in report.claims:
        assert HAN.search(sayings.claim(claim.claim, "zh")), claim
        said = sayings.detail(claim.detail, "zh", holds=claim.holds)
        assert HAN.search(said) or re.fullmatch(r"[0-9a-f, ]*|[a-zA-Z./]+\+[0-9a-f]{8}", said), claim
        if claim.holds is False:
            assert said != sayings.UNNAMED["zh"], claim


STANDS_FOR = {"part": "receipt", "key.name": "sealtrace/GOLD/log"}


def test_every_reason_in_the_verifiers_source_has_chinese_words() -> None:
    import ast

    source = (Path(sayings.__file__).parents[1] / "verify.py").read_text("utf-8")
    reasons = [
        call.args[1]
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_must"
    ]
    assert len(reasons) > 25
    for reason in reasons:
        text = (
            reason.value
            if isinstance(reason, ast.Constant)
            else "".join(
                STANDS_FOR.get(ast.unparse(p.value), "7") if isinstance(p, ast.FormattedValue) else p.value
                for p in reason.values
            )  # type: ignore[attr-defined]
        )
        assert sayings.detail(text, "zh", holds=False) != sayings.UNNAMED["zh"], text


@pytest.mark.parametrize(
    ("chance", "chinese", "english"),
    [
        (1e-12, "一万亿分之一", "one in a trillion"),
        (1.01e-12, "一千亿分之一", "one in a hundred billion"),
        (9.9e-10, "十亿分之一", "one in a billion"),
        (1e-40, "一百万亿分之一", "one in a hundred trillion"),
        (0.02, "0.02", "0.02"),
    ],
)
def test_a_chance_in_words_is_never_smaller_than_it_is(chance: float, chinese: str, english: str) -> None:
    assert words.odds(chance, "zh").endswith(chinese)
    assert words.odds(chance, "en").endswith(english)


def test_times_are_shown_plainly_and_anything_else_as_it_is() -> None:
    assert pages.moment("2026-03-02T08:30:00Z") == "2026-03-02 08:30:00 UTC"
    assert pages.moment("yesterday") == "yesterday"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["strong", "exact", "inconclusive", "raw-operator-changed", "blend-of-two"])
def test_nothing_is_set_outside_the_margins(name: str, language: Language) -> None:
    for page in pypdfium2.PdfDocument(written(name, language).pdf):
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            assert left >= 50
            assert right <= 545
            assert bottom >= 25
            assert top <= 842 - 20
