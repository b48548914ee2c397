"""What the words say is what the code does: reference pages, readme pair, changelog, glossary, events."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sealtrace
from sealtrace.cases.model import What
from sealtrace.cli import words
from tests.house import reference

ROOT, DOCS = reference.ROOT, reference.DOCS
SOURCE = ROOT / "src" / "sealtrace"
SUBJECTS = (
    "home|file|copy|device|leak|standing|evidence|ledger|vault|key|subject|licence|person|post|travel|watch"
)
SUBJECTS += "|account|role|approval|audit|token|webhook|purpose|deed"
EVENT = re.compile(rf"(?:{SUBJECTS}):[a-z][a-z-]*")
WORDS = [
    *("checkpoint", "chip", "codeword", "collusion", "consistency proof", "copy", "cosignature", "e-value"),
    *("entry", "evidence file", "file code", "inclusion proof", "leaf", "mark", "mark report", "receipt"),
    *("recipient of record", "stamp", "threshold", "witness"),
]  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")


def table_rows(text: str) -> list[list[str]]:
    """Cells of all Markdown table rows except heads and rulers."""
    rows, lines = [], text.splitlines()
    for before, line in itertools.pairwise(lines):
        if line.startswith("|") and not set(line) <= set("|-: ") and before.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def headings(text: str) -> list[int]:
    """Levels of a page's headings, in order, code blocks left out."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.M)]


@pytest.mark.parametrize("name", reference.PAGES)
def test_generated_pages_are_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == reference.page(name), (
        f"docs/{name} is behind the code: run `.venv/bin/python -m tests.house.reference`"
    )


def test_every_verb_explains_itself_and_its_options() -> None:
    for name, command in reference.verbs():
        assert command.help, f"{name} has no help"
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.help, f"{name} {parameter.opts} has no help"  # type: ignore[attr-defined]


def test_every_error_is_complete_and_codes_are_distinct() -> None:
    from sealtrace.errors import all_errors

    found = all_errors()
    assert len({e.code for e in found}) == len(found)
    for error in found:
        assert error.__doc__
        assert error.advice
        assert error.exit_code not in (0, 1, 3), "0, 1 and 3 are answers, not errors"


def events_in_source() -> Iterator[str]:
    """Event names written in the source, in constants and in f-strings with constant choices."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for text in _texts(node):
                if EVENT.fullmatch(text):
                    yield text


def _texts(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        choices = [_choices(part) for part in node.values]
        return ["".join(combination) for combination in itertools.product(*choices)]
    return []


def _choices(part: ast.expr) -> list[str]:
    if isinstance(part, ast.FormattedValue):
        return _choices(part.value)
    if isinstance(part, ast.IfExp):
        return _choices(part.body) + _choices(part.orelse)
    return [part.value] if isinstance(part, ast.Constant) and isinstance(part.value, str) else [""]


def actions() -> set[str]:
    """What the policy decides on; named in the same form as events, and none of them."""
    from sealtrace.policy import engine
    from sealtrace.web.frame.context import RAIL
    from sealtrace.web.policy.words import ACTIONS

    return {*engine.actions(), *ACTIONS, *(place.action for _, places in RAIL for place in places)}


def test_events_documented_are_those_in_the_source() -> None:
    rows = [row[0].strip("`") for row in table_rows((DOCS / "events.md").read_text("utf-8"))]
    documented = set(rows)
    assert len(rows) == len(documented), "an event is described once"
    assert documented - {"Event"} == (set(events_in_source()) - actions()) | {what.event for what in What}


def test_changelog_has_the_current_version() -> None:
    versions = re.findall(
        r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert versions[:1] == [sealtrace.__version__]


def test_readmes_have_the_same_headings_links_and_tables() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    assert headings(english) == headings(chinese)
    assert len(table_rows(english)) == len(table_rows(chinese))
    targets = [set(re.findall(r"\]\(((?!README)[^)]+)\)", text)) for text in (english, chinese)]
    assert targets[0] == targets[1]


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
)
def test_links_of_the_front_pages_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text("utf-8")):
        assert target.startswith("https://") or (ROOT / target).exists(), f"{name}: {target}"


def test_run_verbs_in_the_words_exist() -> None:
    script = (ROOT / "run").read_text("utf-8")
    known = set(re.search(r"^  (demo\|[a-z|]+)\) verb", script, re.M)[1].split("|"))
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / ".ci" / "run"]
    used = {verb for page in pages for verb in re.findall(r"\./run ([a-z]+)", page.read_text("utf-8"))}
    assert {"demo", "test", "check"} <= used <= known


def test_commands_in_the_words_exist() -> None:
    known = {" ".join(name.split()[:2]) for name, _ in reference.verbs()}
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    called = r"sealtrace (?:--[a-z-]+ \S+ )*((?:file|copy|leak|evidence|ledger) [a-z]+|init|demo)\b"
    used = {verb for page in pages for verb in re.findall(called, page.read_text("utf-8"))}
    assert used <= known | {" ".join(name.split()[:2]) for name in known}


def test_advice_names_commands_that_exist() -> None:
    known = {name for name, _ in reference.verbs()}
    called = r"`sealtrace (?:--[a-z-]+ \S+ )*([a-z]+(?: [a-z]+)?)"
    for path in SOURCE.rglob("*.py"):
        for verb in re.findall(called, path.read_text("utf-8")):
            assert any(
                name == verb or name.startswith(f"{verb} ") or verb.startswith(f"{name} ") for name in known
            ), f"{path.name}: `sealtrace {verb}` is no command"


def test_glossary_is_complete_in_both_languages() -> None:
    rows = table_rows((DOCS / "glossary.md").read_text("utf-8"))[1:]
    assert len(rows) >= 60
    terms = [row[0] for row in rows]
    assert terms == sorted(set(terms), key=str.lower), "terms are in order and said once"
    for row in rows:
        assert len(row) == 4, row
        assert all(row), row
        assert HAN.search(row[1]), row


@pytest.mark.parametrize("term", WORDS)
def test_glossary_has_the_words_the_product_uses(term: str) -> None:
    assert term in [row[0] for row in table_rows((DOCS / "glossary.md").read_text("utf-8"))]


def test_results_are_called_the_same_in_readme_and_on_the_screen() -> None:
    chinese = (ROOT / "README.zh.md").read_text("utf-8")
    for result in ("exact", "strong", "inconclusive", "none"):
        assert f"**{words.CHINESE[result]}**（{result}）" in chinese


def test_formats_page_has_every_kind() -> None:
    from sealtrace.content.kinds import Kind

    named = {
        cell for row in table_rows((DOCS / "formats.md").read_text("utf-8")) for cell in row[0].split(", ")
    }
    assert {f"`{kind}`" for kind in Kind} <= named


def test_figures_come_from_benchmarks_that_exist() -> None:
    text = (DOCS / "benchmarks.md").read_text("utf-8")
    goals, measured = text.split("<!-- measured")
    for row in table_rows(measured):
        if row[0] != "What":
            assert len(row) == 4
            assert all(row), row
    for command in re.findall(r"\./run bench ([a-z]+)", text):
        assert Path(ROOT / "benchmarks" / f"{command}.py").is_file(), f"benchmarks/{command}.py"
    assert "Goal" in goals
    runnable = {p.stem for p in (ROOT / "benchmarks").glob("*.py") if "./run bench" in p.read_text("utf-8")}
    assert runnable == set(re.findall(r"\./run bench ([a-z]+)", text))


def test_bounds_page_says_what_the_code_refuses() -> None:
    from sealtrace.content import bounds

    said = dict(row for row in table_rows((DOCS / "formats.md").read_text("utf-8")) if len(row) == 2)
    assert said["bytes of a file that is parsed"] == f"{bounds.PARSED_BYTES >> 30} GiB"
    assert said["pages of a document"] == f"{bounds.PAGES:,}"
    assert said["pixels of a picture"] == f"{bounds.PIXELS // 10**6} million"
    assert said["frames of a picture file"] == f"{bounds.FRAMES:,}"
    assert said["members of an archive"] == f"{bounds.MEMBERS:,}"
    assert said["bytes an archive unpacks to"] == f"{bounds.UNPACKED_BYTES >> 30} GiB"
    assert said["unpacked size for each packed byte, beyond 1 MiB"] == f"{bounds.RATIO}"
    assert said["archives within archives"] == f"{bounds.NESTING} levels"
    assert said["time to read one file"] == f"{bounds.SECONDS:.0f} s"
