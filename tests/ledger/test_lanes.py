"""SHA-256 and SM3 in lanes give what hashlib gives, for any lengths, in eight lanes and in sixteen."""

import hashlib
from array import array
from contextlib import closing
from pathlib import Path

import pytest
from hatch_build import SOURCE, compile_lanes
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.ledger import bundles, lanes, merkle

from .rig import log_of

EDGES = [0, 1, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 126, 127, 128, 1023, 1024, 65535]
FUNCTIONS = st.sampled_from(["sha256", "sm3"])
LENGTHS = st.lists(st.one_of(st.sampled_from(EDGES), st.integers(0, 400)), max_size=70)


@pytest.fixture(scope="module", params=[8, 16])
def hasher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> lanes.Hasher:
    library = tmp_path_factory.mktemp("lanes") / "_lanes.so"
    if not compile_lanes(library):
        pytest.skip("no C compiler")
    found = lanes.load(library, request.param)
    if found is None:
        pytest.skip("not for this processor")
    return found


def messages(lengths: list[int], seed: int) -> list[bytes]:
    return [hashlib.shake_128(bytes([seed]) + i.to_bytes(2, "big")).digest(n) for i, n in enumerate(lengths)]


def one_by_one(prefix: bytes, data: list[bytes], function: str = "sha256") -> list[bytes]:
    return [hashlib.new(function, prefix + message).digest() for message in data]


@given(lengths=LENGTHS, seed=st.integers(0, 255), prefix=st.integers(0, 255), function=FUNCTIONS)
def test_every_message_is_hashed_as_hashlib_does(
    hasher: lanes.Hasher, lengths: list[int], seed: int, prefix: int, function: lanes.Function
) -> None:
    data = messages(lengths, seed)
    found = hasher(function, prefix, b"".join(data), array("Q", lengths).tobytes(), 0, 0, len(data))
    assert found == b"".join(one_by_one(bytes([prefix]), data, function))


@given(lengths=LENGTHS, seed=st.integers(0, 255))
def test_a_bundle_is_hashed_where_it_stands(hasher: lanes.Hasher, lengths: list[int], seed: int) -> None:
    data = messages(lengths, seed)
    found = hasher("sha256", 0, bundles.join(data), array("Q", lengths).tobytes(), 0, 2, len(data))
    assert found == b"".join(one_by_one(b"\x00", data))


@given(count=st.integers(0, 70), seed=st.integers(0, 255))
def test_rows_of_one_width(hasher: lanes.Hasher, count: int, seed: int) -> None:
    data = messages([64] * count, seed)
    assert hasher("sha256", 1, b"".join(data), None, 64, 0, count) == b"".join(one_by_one(b"\x01", data))


@pytest.mark.parametrize("built", [False, True])
@given(lengths=LENGTHS, seed=st.integers(0, 255))
def test_with_and_without_the_library(
    hasher: lanes.Hasher, built: bool, lengths: list[int], seed: int
) -> None:
    data = messages(lengths, seed)
    pairs = b"".join(one_by_one(b"", data))[: len(data) // 2 * 64]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes, "_hasher", lambda: hasher if built else None)
        assert merkle.leaf_hashes(data) == one_by_one(b"\x00", data)
        assert merkle.leaf_hashes(data, bundles.join(data)) == one_by_one(b"\x00", data)
        assert merkle.sm3_leaf_hashes(data, bundles.join(data)) == one_by_one(b"\x00", data, "sm3")
        for parents, join in (
            (merkle.parents, merkle.node_hash),
            (merkle.sm3_parents, merkle.sm3_node_hash),
        ):
            assert parents(pairs) == b"".join(
                join(pairs[at : at + 32], pairs[at + 32 : at + 64]) for at in range(0, len(pairs), 64)
            )


@pytest.mark.parametrize(("right", "altered"), [("0xc67178f2", "0xc67178f3"), ("0xb0fb0e4e", "0xb0fb0e4f")])
def test_a_library_that_hashes_wrongly_is_not_used(
    hasher: lanes.Hasher, tmp_path: Path, right: str, altered: str
) -> None:
    wrong = tmp_path / "lanes.c"
    wrong.write_text(SOURCE.read_text().replace(right, altered))
    assert compile_lanes(tmp_path / "_lanes.so", wrong)
    assert lanes.load(tmp_path / "_lanes.so") is None


def test_a_library_that_is_missing_or_no_library_is_not_used(tmp_path: Path) -> None:
    assert lanes.load(tmp_path / "_lanes.so") is None
    (tmp_path / "_lanes.so").write_bytes(b"not a library")
    assert lanes.load(tmp_path / "_lanes.so") is None


def test_without_a_compiler_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not compile_lanes(tmp_path / "_lanes.so")
    assert list(tmp_path.iterdir()) == []


def test_the_check_finds_what_a_wrong_library_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(function: str, prefix: int, *sizes: object) -> bytes:
        count = sizes[-1]
        assert isinstance(count, int)
        return b"".join(hashlib.sha256(bytes([prefix]) + bytes([i])).digest() for i in range(count))

    monkeypatch.setattr(lanes, "_hasher", lambda: wrong)
    with closing(log_of(tmp_path / "log.db", 10)) as ledger:
        assert {problem.place for problem in ledger.check()} >= {f"entry {i}" for i in range(10)}
