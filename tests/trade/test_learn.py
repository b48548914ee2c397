"""Learning: evidence can only raise a score, no outcome teaches its own score, few outcomes teach nothing."""

from __future__ import annotations

import numpy as np
import pytest

from sealtrace.trade import learn


def made(rows: int = 600, seed: int = 2) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rnd = np.random.default_rng(seed)
    x = np.abs(rnd.normal(0, 1, (rows, len(learn.FEATURES))))
    y = (x[:, 0] + x[:, 1] + rnd.normal(0, 0.5, rows) > 3.6).astype(np.int64)
    return x, y, [f"pair {i % 90}" for i in range(rows)]


def test_more_evidence_never_lowers_the_score() -> None:
    x, y, _ = made()
    model = learn.train(x, y)
    assert model is not None
    booster = model.booster()
    before = booster.predict(x)
    for column in range(1 + len(learn.LEARNED)):
        more = x.copy()
        more[:, column] += 1.5
        assert (booster.predict(more) >= before - 1e-12).all(), learn.FEATURES[column]


def test_the_same_outcomes_make_the_same_model() -> None:
    x, y, _ = made()
    first, second = learn.train(x, y), learn.train(x, y)
    assert first == second
    other = learn.train(x, np.where(np.arange(len(y)) == 3, 1 - y, y))
    assert first is not None
    assert other is not None
    assert other.training_sha256 != first.training_sha256


@pytest.mark.parametrize("hits", [0, learn.ENOUGH_HITS - 1])
def test_too_few_outcomes_teach_nothing(hits: int) -> None:
    x, y, _ = made()
    y[:] = 0
    y[:hits] = 1
    assert learn.train(x, y) is None
    assert learn.train(x, 1 - y) is None


def test_no_row_is_scored_by_a_model_that_saw_its_outcome_or_its_pairs() -> None:
    x, y, pairs = made()
    inspected = np.arange(400)
    one, _ = learn.cross_fitted(x, inspected, y[:400], pairs[:400])
    target = pairs[7]
    mine = np.array([i for i in range(400) if pairs[i] == target])
    flipped = y.copy()
    flipped[mine] = 1 - flipped[mine]
    two, _ = learn.cross_fitted(x, inspected, flipped[:400], pairs[:400])
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one[mine], two[mine])
    assert not np.array_equal(one, two)


def test_fusing_keeps_the_order_both_agree_on() -> None:
    rnd = np.random.default_rng(4)
    checks, learned = rnd.random(300), rnd.random(300)
    fused = learn.fuse(checks, learned, 1.0)
    better = (checks[:, None] > checks) & (learned[:, None] > learned)
    assert (fused[:, None] - fused)[better].min() > 0
    np.testing.assert_array_equal(np.argsort(learn.fuse(checks, None, 1.0)), np.argsort(checks))


def test_shares_name_what_raised_a_score() -> None:
    x, y, _ = made()
    model = learn.train(x, y)
    assert model is not None
    high = x[np.argmax(x[:, 0])][None, :]
    (shares,) = learn.shares(model.booster(), high)
    assert shares[0][0] in ("total", learn.FEATURES[1])
    assert len(shares) <= 3
