"""What the training lines say of each weight, and how it is kept with a model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from paywallstrip.errors import ModelDamagedError
from paywallstrip.model import first_width
from paywallstrip.model_formats import load_model, save_model
from paywallstrip.training.evidence import gather_evidence, to_grades, to_information
from paywallstrip.training.fit import Matrix
from paywallstrip.training.rows import Rows
from paywallstrip.training.shift import Strengths, shift_model
from paywallstrip.training.versions import TrainingPage
from tests.toy import toy_model

LABELS = ("content", "navigation", "content", None)
PAGE = TrainingPage(
    "1", "original", "town.example", "en", ("One.", "Two", "Three.", "Four"), LABELS, 0.5
)
WIDTH = 9


def evidence() -> np.ndarray:
    """Gather it from a small matrix: the second column is scaled, the last is in an open line."""
    x = np.array([[1, 0, 0], [1, 3, 0], [1, 0, 0], [1, 0, 1]], np.float32)
    scales = np.array([1, 3, 1], np.float32)
    matrix = Matrix(sparse.csr_matrix(x), np.array([1, 4, 6]), scales)
    undecided = (np.zeros((4, 3)), np.zeros(4))
    return gather_evidence(matrix, Rows([PAGE], [0]), undecided, WIDTH)


def test_evidence_is_the_lines_that_set_a_column_times_how_undecided_they_are() -> None:
    # Four labels alike leave 3/16 a line, half of that at its weight; the open line is not told.
    expected = to_grades(np.array([3, 1, 0]) * 0.5 * 3 / 16)
    assert evidence()[[1, 4, 6]].tolist() == expected.tolist()


def test_unused_columns_have_no_evidence() -> None:
    assert np.flatnonzero(evidence()).tolist() == [1, 4]


@given(st.floats(0, 1e9))
def test_grades_keep_information_to_a_twentieth(value: float) -> None:
    kept = to_information(to_grades(np.array([value])))[0]
    assert abs(kept - value) <= 0.05 * (1 + value)


def test_a_model_keeps_its_evidence(tmp_path: Path) -> None:
    grades = np.arange(first_width(toy_model().extractor), dtype=np.int64).astype(np.uint8)
    save_model(replace(toy_model(), evidence=grades), tmp_path)
    found = load_model(tmp_path).evidence
    assert np.array_equal(np.asarray(found), grades)


def test_a_model_without_evidence_loads_without(tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path)
    assert load_model(tmp_path).evidence is None


def test_evidence_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_model(replace(toy_model(), evidence=np.zeros(5, np.uint8)), tmp_path)
    with pytest.raises(ModelDamagedError, match="evidence"):
        load_model(tmp_path)


def moved(grade: int | None) -> float:
    """Return how far a page moves the toy model's weights of the line's own columns."""
    model = toy_model()
    if grade is not None:
        width = first_width(model.extractor)
        model = replace(model, evidence=np.full(width, grade, np.uint8))
    shifted = shift_model(model, Rows([PAGE], [0]), Strengths(), progress=lambda _: None)
    return float(np.abs(shifted.first.own - model.first.own).sum())


def test_much_evidence_keeps_the_weights_where_they_are() -> None:
    assert moved(255) == 0 < moved(80) < moved(0)


def test_a_model_without_evidence_moves_its_shape_little() -> None:
    assert 0 < moved(None) < moved(0)
