"""Moving a model towards a few pages."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from paywallstrip.training.rows import Rows
from paywallstrip.training.shift import PAGE_LINES, Strengths, fit_shift, line_weights
from paywallstrip.training.versions import TrainingPage

COUNT = 4


def problem(seed: int, lines: int = 60, width: int = 5):
    """Make a small regression: design, targets, weights, scores to start from."""
    random = np.random.default_rng(seed)
    x = sparse.csr_matrix(random.normal(size=(lines, width)).astype(np.float32))
    targets = random.integers(0, COUNT, lines)
    return x, targets, random.uniform(0.5, 1, lines), random.normal(size=(lines, COUNT))


def loss(scores: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    log_total = np.log(np.exp(scores).sum(axis=1))
    return float(weights @ (log_total - scores[np.arange(len(targets)), targets]))


def shifted(seed: int, strength: float, bias: float = 1.0):
    x, targets, weights, centre = problem(seed)
    fit = fit_shift(
        x, targets, weights, centre, Strengths(strength, bias), steps=500, tolerance=1e-9
    )
    return fit, (x, targets, weights, centre)


@settings(max_examples=20)
@given(st.integers(0, 50))
def test_a_shift_lowers_the_loss(seed: int) -> None:
    (coefficients, bias), (x, targets, weights, centre) = shifted(seed, 1.0)
    assert loss(centre + x @ coefficients.T + bias, targets, weights) < loss(
        centre, targets, weights
    )


@settings(max_examples=20)
@given(st.integers(0, 50))
def test_a_stronger_penalty_gives_a_smaller_shift(seed: int) -> None:
    (weak, _), _ = shifted(seed, 1.0)
    (strong, _), _ = shifted(seed, 0.01)
    assert np.linalg.norm(strong) < np.linalg.norm(weak)


def test_a_very_strong_penalty_leaves_the_model_as_it_is() -> None:
    (coefficients, bias), _ = shifted(1, 1e-9, 1e-9)
    assert max(np.abs(coefficients).max(), np.abs(bias).max()) < 1e-6


def test_without_scores_to_start_from_it_is_scikit_learns_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    x, targets, weights, centre = problem(3)
    theirs = LogisticRegression(C=0.7, max_iter=2000, tol=1e-10)
    theirs.fit(x.astype(np.float64), targets, sample_weight=weights)
    # scikit-learn does not penalise the bias.
    coefficients, bias = fit_shift(
        x, targets, weights, 0 * centre, Strengths(0.7, 1e9), steps=2000, tolerance=1e-10
    )
    np.testing.assert_allclose(coefficients, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(bias - bias.mean(), theirs.intercept_, atol=1e-4)


def rows_of(labels: tuple[str | None, ...]) -> Rows:
    """Make the rows of one page with these labels."""
    lines = tuple(f"line {number}" for number in range(len(labels)))
    return Rows([TrainingPage("1", "original", "a.example", "en", lines, labels, 1.0)], [0])


@pytest.mark.parametrize("balance", [0.0, 0.75, 1.0])
def test_balanced_lines_count_as_much_together_as_before(balance: float) -> None:
    rows = rows_of(("navigation",) * 90 + ("paywall",) * 10)
    weights = line_weights(rows, np.arange(100), balance)
    assert weights.sum() == pytest.approx(PAGE_LINES)


def test_a_line_of_a_short_page_counts_once() -> None:
    rows = rows_of(("navigation",) * 10)
    assert line_weights(rows, np.arange(10), 0.75).sum() == pytest.approx(10)


def test_lines_of_a_rare_label_count_more() -> None:
    rows = rows_of(("navigation",) * 90 + ("paywall",) * 10)
    weights = line_weights(rows, np.arange(100), 0.75)
    assert weights[-1] > 3 * weights[0]


def test_without_balance_all_lines_of_a_page_count_alike() -> None:
    rows = rows_of(("navigation",) * 90 + ("paywall",) * 10)
    assert len(set(line_weights(rows, np.arange(100), 0.0).round(12).tolist())) == 1
