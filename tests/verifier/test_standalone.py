"""The standalone Python file as a program, and its parts against the code that writes what it reads."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.ids import CopyId
from sealtrace.ledger import merkle
from sealtrace.marks import codewords, rounds
from sealtrace.marks.evalue import SoftSymbols, Weigher
from sealtrace.marks.models import MIXTURES, levels
from sealtrace.verifier import sealtrace_verify as standalone

from . import golden

FILE = Path(standalone.__file__)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the file by itself: no path to Sealtrace, no site-packages of the tests' own."""
    command = [sys.executable, "-I", str(FILE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_it_imports_the_standard_library_cryptography_and_cbor2_only() -> None:
    tree = ast.parse(FILE.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    tops = {name.partition(".")[0] for name in names}
    assert tops - sys.stdlib_module_names == {"cryptography", "cbor2"}


@pytest.mark.parametrize(("name", "code"), [("exact", 0), ("statement-flipped", 20), ("raw-truncated", 20)])
def test_evidence_from_the_command_line(name: str, code: int) -> None:
    [vector] = [v for v in golden.of("evidence") if v["name"] == name]
    key = ["--key", vector["key"]] if "key" in vector else []
    done = run(golden.path(vector) or "", *key, "--json")
    assert done.returncode == code, done.stderr
    answer = json.loads(done.stdout)
    assert answer["ok"] is (code == 0)
    golden.must_be(vector, {claim["claim"]: claim["holds"] for claim in answer["claims"]})


def test_a_published_log_from_the_command_line() -> None:
    [vector] = [v for v in golden.of("log") if v["name"] == "log-since-100"]
    arguments = (golden.DATA / "log", "--key", vector["key"], "--since", golden.DATA / "log-at-100.txt")
    done = run(*arguments)
    assert done.returncode == 0, done.stdout
    assert "from 100 to 260 entries" in done.stdout


def test_a_statement_with_its_receipt_from_the_command_line(tmp_path: Path) -> None:
    [vector] = [v for v in golden.of("pair") if v["name"] == "entry-5-of-11"]
    (tmp_path / "keys.json").write_text(json.dumps({"ok": True} | vector["keys"]), "utf-8")
    parts = {
        ending: golden.path(vector, ending) or Path() for ending in (".statement", ".receipt", ".checkpoint")
    }
    given_ = (parts[".statement"], "--receipt", parts[".receipt"], "--checkpoint", parts[".checkpoint"])
    assert run(*given_, "--keys", tmp_path / "keys.json").returncode == 0
    assert run(*given_).returncode == 20, "without keys nothing holds"


def test_a_checkpoint_from_the_command_line() -> None:
    [vector] = [v for v in golden.of("checkpoint") if v["name"] == "cosigned"]
    more = [word for cosigner in vector["cosigners"] for word in ("--cosigner", cosigner)]
    done = run(golden.path(vector) or "", "--key", vector["key"], *more)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("holds") == 5
    assert "ML-DSA-44 at POSIX time" in done.stdout


@pytest.mark.parametrize("words", [[], ["/nothing/here"], ["--key"]])
def test_usage_and_missing_files(words: list[str]) -> None:
    assert run(*words).returncode == 2


@given(st.integers(0, 2**64 - 1))
def test_copy_names(value: int) -> None:
    assert standalone.copy_name(value.to_bytes(8, "big")) == str(CopyId(value))


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_roots(entries: list[bytes]) -> None:
    for name, leaf, node in (
        ("sha256", merkle.leaf_hash, merkle.node_hash),
        ("sm3", merkle.sm3_leaf_hash, merkle.sm3_node_hash),
    ):
        tree = merkle.Frontier(0, lambda _: b"", node)
        tree.append(map(leaf, entries))
        if entries:
            assert standalone.tree_root([standalone.leaf_hash(e, name) for e in entries], name) == tree.root()
    assert standalone.tree_root([], "sm3") == merkle.sm3_empty_root()


def test_biases_are_the_markers() -> None:
    key = bytes(range(32))
    assert standalone.biases(key, 4096) == codewords.biases_from_key(key, 4096).tolist()


def test_the_mixtures_are_the_markers() -> None:
    for name, models in MIXTURES.items():
        theirs = [
            (c, strategy)
            for c in standalone.COLLUDERS
            for strategy in standalone.MIXTURES[name]
            if c > 1 or strategy == "linear"
        ]
        assert theirs == [(model.colluders, model.strategy) for model in models]
    assert standalone.MIXTURES.keys() == MIXTURES.keys()
    assert standalone.MOST_ROUNDS == rounds.MOST_ROUNDS


@pytest.mark.parametrize("named", [0, 1, 3])
def test_levels_are_the_markers(named: int) -> None:
    """For every model with room for one copy more, some biases, and every number of 1s among the named copies."""
    places = [(k, sure) for k in (8, 9, 100, 128, 248) for sure in range(named + 1)]
    p = np.array([k / 256 for k, _ in places])
    known = np.array([[sure > i for _, sure in places] for i in range(named)], np.uint8)
    for model in MIXTURES["blends"]:
        if model.colluders <= named:
            continue
        ours = levels(model, p, known if named else None)
        theirs = standalone.levels(model.colluders, model.strategy, places, named)
        assert list(theirs.values) == ours.values.tolist()
        for column, place in enumerate(places):
            for mine, other in zip((ours.given_one, ours.given_zero), theirs.given[place], strict=True):
                np.testing.assert_allclose(other, mine[:, column], atol=1e-12)


@dataclass(frozen=True)
class Leak:
    """A leak of which each symbol is taken whole from one of some copies, the first of which is weighed."""

    mixture: str
    symbols: int
    named: int

    def made(self, seed: int) -> tuple[bytes, list[Any], Any, Any]:
        random = np.random.default_rng(seed)
        key, shape = random.bytes(32), (self.named + 1, self.symbols)
        bits = (random.random(shape) < codewords.biases_from_key(key, self.symbols) / 256).astype(np.uint8)
        information = random.random(self.symbols) * (random.random(self.symbols) > 0.2)
        taken = bits[random.integers(0, self.named + 1, self.symbols), np.arange(self.symbols)]
        noise = random.normal(size=self.symbols) * np.sqrt(information)
        return key, list(np.packbits(bits, axis=1)), 2 * (taken * 2.0 - 1) * information + noise, information


LEAKS = [
    Leak("averaging", 64, 0), Leak("averaging", 64, 2), Leak("blends", 64, 0), Leak("blends", 64, 1),
    Leak("blends", 96, 4), Leak("blends", 64, 8), Leak("blends", 64, 9), Leak("blends", 64, 10),
]  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: f"{leak.mixture}-{leak.symbols}-{leak.named}")
def test_e_values_are_the_markers(leak: Leak) -> None:
    key, words, sums, information = leak.made(leak.named)
    named = np.unpackbits(np.stack(words[1:]), axis=1) if leak.named else None
    biases = codewords.biases_from_key(key, leak.symbols)
    weigher = Weigher(SoftSymbols(sums, information), biases, MIXTURES[leak.mixture], named)
    ours = float(weigher.log_e(words[0][None, :])[0])
    others = [word.tobytes() for word in words[1:]]
    given = (key, words[0].tobytes(), leak.mixture, others)
    theirs = standalone.log_e_value(sums.tobytes(), information.tobytes(), *given)
    assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-9)
    assert (ours == 0.0) is (leak.named == 10), "beside ten named copies no model has room for another"
    nothing = bytes(8 * leak.symbols)
    assert standalone.log_e_value(nothing, nothing, *given) == 0.0


def test_words_and_symbols_of_different_lengths_are_refused() -> None:
    for word, named in ((bytes(2), ()), (bytes(1), (bytes(2),))):
        with pytest.raises(standalone.Broken, match="differ in length"):
            standalone.log_e_value(bytes(64), bytes(64), bytes(32), word, "blends", named)


@given(at=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_any_flipped_bit_of_an_evidence_file_is_found(at: int, bit: int) -> None:
    data = bytearray((golden.DATA / "evidence" / "inconclusive.evidence").read_bytes())
    data[at % len(data)] ^= 1 << bit
    assert not standalone.check_evidence(bytes(data)).hold


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_quietly(data: bytes) -> None:
    assert not standalone.check_evidence(data).hold
    assert not standalone.check_pair(data, data, {"statement_keys": [], "receipt_keys": []}).hold


def test_hostile_evidence_that_decodes_is_refused_quietly() -> None:
    for inner in ({}, [], 1, None, {"findings": 1}, {"findings": b"\xa0"}):
        payload: Any = cbor2.dumps(inner, canonical=True)
        data = cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -8}), {}, payload, bytes(64)]), canonical=True)
        assert not standalone.check_evidence(data).hold
