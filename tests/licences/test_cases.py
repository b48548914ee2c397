"""JSON lines in, JSON lines out: order kept, a bad line answered for itself, the command's exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.cli.main import main
from sealtrace.licences.cases import answers, shipped

GOOD = {"id": "a", "date": "2025-07-01", "form": "oxide", "composition_wt_pct": {"Dy": 87}}


def line(**change: Any) -> bytes:
    return json.dumps(GOOD | change, ensure_ascii=False).encode()


def run(*lines: bytes) -> list[dict[str, Any]]:
    return list(answers([one + b"\n" for one in lines], shipped()))


BAD = {
    "not json": b"{broken",
    "an array": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "no date": b'{"id": 1, "form": "oxide"}',
    "a day that is none": line(date="2025-02-30"),
    "a date of another form": line(date="2025/07/01"),
    "a date and time": line(date="2025-07-01T00:00:00"),
    "composition is a list": line(composition_wt_pct=[1]),
    "negative content": line(composition_wt_pct={"Dy": -1}),
    "content above 100": line(composition_wt_pct={"Dy": 101}),
    "content is a word": line(composition_wt_pct={"Dy": "much"}),
    "content is true": line(composition_wt_pct={"Dy": True}),
    "NaN": b'{"id": 1, "date": "2025-07-01", "composition_wt_pct": {"Dy": NaN}}',
    "Infinity": b'{"id": 1, "date": "2025-07-01", "composition_wt_pct": {"Dy": Infinity}}',
    "a huge number": b'{"id": 1, "date": "2025-07-01", "composition_wt_pct": {"Dy": 1e999}}',
    "form is a number": line(form=7),
    "route is a text": line(route="CN"),
    "a name twice": b'{"date": "2025-07-01", "date": "2024-07-01"}',
    "not UTF-8": '{"date": "2025-07-01", "name_zh": "镝"}'.encode("gb18030"),
    "nested too deep": b"[" * 100_000,
    "name too long": line(name_zh="x" * 5000),
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_line_is_answered_and_stops_nothing(why: str) -> None:
    first, second, third = run(line(id="first"), BAD[why], line(id="third"))
    assert (first["id"], third["id"]) == ("first", "third")
    assert (second["line"], second["ok"], second["code"]) == (2, False, "malformed-case")
    assert second["message"]


def test_empty_lines() -> None:
    assert [r.get("line") for r in run(line(), b"", line())] == [None, 2, None]
    assert len(run(line(), b"", b" ")) == 1
    assert run() == []


@given(
    st.lists(
        st.one_of(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), st.just(line())), max_size=8
    )
)
def test_one_answer_for_each_line(lines: list[bytes]) -> None:
    while lines and not lines[-1].strip():
        lines.pop()
    made = run(*lines)
    assert len(made) == len(lines)
    json.dumps(made)


KEYS = [
    "id",
    "date",
    "known_at",
    "form",
    "composition_wt_pct",
    "composition_at_pct",
    "composition_ppm",
    "evidence",
    "formula",
    "name_zh",
    "name_en",
    "declared_name",
    "declared_text",
    "declared_composition",
    "hs",
    "route",
    "end_use",
    "end_user",
    "destination",
]
WORDS = st.sampled_from(
    [
        *(
            "2025-07-01",
            "oxide",
            "magnet_primary",
            "technology",
            "alloy",
            "unknown",
            "Dy",
            "Dy2O3",
            "ND",
            "<0.05 %",
        ),
        *(
            "4N",
            "bal.",
            "镝 150%",
            "不含镝",
            "钕铁硼",
            "稀土萃取",
            "CN",
            "military",
            "export_from",
            "made_in",
            "lab_Dy",
        ),
        *("TREO", "leg", "{0}", "%s"),
    ]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 200), st.floats(), WORDS, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=3)), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_any_object_is_decided_or_called_malformed(case: dict[str, Any]) -> None:
    dated = {"date": "2026-03-02"} | case
    [made] = run(json.dumps(dated).encode())
    assert "decision" in made or made["code"] == "malformed-case"
    json.dumps(made)


def call(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return int(left.value.code or 0)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    cases.write_bytes(
        line(id="一") + b"\n" + line(id="\ud800".encode("utf-8", "surrogatepass").decode("latin-1")) + b"\n"
    )
    assert (
        call("--home", tmp_path / "none", "licence", "classify", "--cases", cases, "--out", out, "--json")
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["cases"], said["malformed"]) == (True, 2, 0)
    assert json.loads(out.read_text("utf-8").splitlines()[0])["id"] == "一"
    cases.write_bytes(line() + b"\n{broken\n" + b'{"date": "2025-07-01", "id": "\\ud800", "form": "oxide"}\n')
    assert call("licence", "classify", "--cases", cases, "--out", out) == 3
    rows = [json.loads(x) for x in out.read_text("utf-8").splitlines()]
    assert [r.get("line") for r in rows] == [None, 2, None]
    assert rows[2]["id"] == "\ud800"
    assert call("licence", "classify", "--cases", tmp_path / "no.jsonl", "--out", out, "--json") == 50
    assert call("licence", "classify", "--cases", cases, "--out", tmp_path / "no" / "x.jsonl", "--json") == 15
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
