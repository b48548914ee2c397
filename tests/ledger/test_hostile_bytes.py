"""Hostile bytes into every reader of the ledger: only the documented error ever comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cbor2
import pytest
from fuzz.run import CORPUS
from fuzz.targets import TARGETS, samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody

from ..conftest import prose

EXAMPLES = 60
MANY = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
Mutation = Callable[[bytes], bytes]


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    """A change to some bytes: bits flipped, a piece cut out, doubled, or replaced by anything."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["flip", "cut", "double", "put", "end"]), st.floats(0, 1, exclude_max=True),
                st.integers(1, 40), st.binary(max_size=40),
            ),
            min_size=1, max_size=3,
        )
    )  # fmt: skip

    def mutate(data: bytes) -> bytes:
        for what, where, length, piece in steps:
            at = int(where * len(data))
            match what:
                case "flip" if data:
                    data = data[:at] + bytes([data[at] ^ 1 << length % 8]) + data[at + 1 :]
                case "cut":
                    data = data[:at] + data[at + length :]
                case "double":
                    data = data[: at + length] + data[at:]
                case "put":
                    data = data[:at] + piece + data[at + len(piece) :]
                case "end":
                    data = data[:at]
        return data

    return mutate


cbor = st.recursive(
    st.none() | st.booleans() | st.integers(-600, 600) | st.binary(max_size=40) | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(st.integers(-3, 400) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A genuine evidence file."""
    place = tmp_path_factory.mktemp("evidence")
    path, out = place / "a.txt", place / "copy.txt"
    path.write_text("\n".join(prose(3, 14)), "utf-8")
    with Custody.create(place / "home", org="Fuzz Works", org_code="FW") as custody:
        [done] = custody.register([path])
        custody.issue(str(done.code), Recipient("op", "dev", "10.0.0.9"), out)
        custody.trace([out])
        custody.export_evidence(custody.traces()[0][0], place / "e.sealtrace")
    return (place / "e.sealtrace").read_bytes()


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_genuine_sample_is_read(target: str, evidence: bytes) -> None:
    for data in samples(target) or [evidence]:
        TARGETS[target](data)


def test_only_the_documented_error_comes_of_altered_bytes(target: str, evidence: bytes) -> None:
    @MANY
    @given(st.sampled_from(samples(target) or [evidence]), mutations())
    def run(data: bytes, mutate: Mutation) -> None:
        TARGETS[target](mutate(data))

    run()


def test_only_the_documented_error_comes_of_any_bytes(target: str) -> None:
    @MANY
    @given(st.binary(max_size=300))
    def run(data: bytes) -> None:
        TARGETS[target](data)

    run()


@pytest.mark.parametrize("name", ["statement", "receipt", "evidence"])
def test_only_the_documented_error_comes_of_other_shapes(name: str) -> None:
    """Well-formed CBOR of every shape in every place of a COSE_Sign1."""

    @MANY
    @given(st.lists(cbor, min_size=3, max_size=5), cbor, st.booleans(), st.sampled_from([18, 17, 61]))
    def run(parts: list[object], proof: object, inside: bool, tag: int) -> None:
        if inside and len(parts) == 4:
            parts[0] = cbor2.dumps({1: -7, 4: b"kid", 395: 1, 258: -16})
            parts[1] = {396: {-1: [cbor2.dumps(proof)]}}
        TARGETS[name](cbor2.dumps(cbor2.CBORTag(tag, parts)))

    run()


def test_whatever_the_evidence_holds_instead_each_claim_is_answered(evidence: bytes) -> None:
    """A map of the right fields with anything at all in one of them."""
    tagged = cbor2.loads(evidence)
    content = cbor2.loads(tagged.value[2])

    @MANY
    @given(st.sampled_from(sorted(content)), cbor)
    def run(field: str, value: object) -> None:
        altered = cbor2.dumps(content | {field: value}, canonical=True)
        parts = [tagged.value[0], tagged.value[1], altered, tagged.value[3]]
        TARGETS["evidence"](cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True))

    run()


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*.bin")), ids=lambda path: path.name)
def test_what_once_went_wrong_stays_right(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())
