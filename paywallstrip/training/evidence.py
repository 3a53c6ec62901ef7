"""How much the training lines say of each weight: what they say much of, a few pages hardly move.

The measure is the diagonal of the Fisher information: for each column the sum, over the lines
that set it, of the squared value times how undecided the line is. It is kept with the model in
one byte a column, on a logarithmic scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:
    from paywallstrip.training.fit import Fit, Matrix
    from paywallstrip.training.rows import Rows

Floats = NDArray[np.float64]

STEPS_PER_OCTAVE = 8
"""Grades from one power of two to the next."""
CHUNK = 1 << 15
"""Lines looked at at once: the squares of a whole matrix would take as much memory again."""


def gather_evidence(matrix: Matrix, rows: Rows, fit: Fit, width: int) -> NDArray[np.uint8]:
    """Grade how much the training lines say of each of the first stage's weights.

    Args:
        matrix: the design matrix that was fitted on.
        rows: its lines; those without a label say nothing.
        fit: the fitted coefficients and bias.
        width: how many columns there are, the unused ones included.

    Returns:
        uint8 array of shape (width,), as `to_information` reads it.
    """
    coefficients, bias = fit
    counted = rows.weights * (rows.targets >= 0)
    found = np.zeros(len(matrix.used))
    for start in range(0, len(counted), CHUNK):
        x = matrix.x[start : start + CHUNK]
        scores = x @ coefficients.T + bias
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        undecided = (odds * (1 - odds)).mean(axis=1) * counted[start : start + CHUNK]
        squares = sparse.csr_matrix((x.data**2, x.indices, x.indptr), shape=x.shape)
        found += squares.T @ undecided
    grades = np.zeros(width, dtype=np.uint8)
    # Of the columns as they are, not as they were scaled for the fit.
    grades[matrix.used] = to_grades(found / matrix.scales.astype(np.float64) ** 2)
    return grades


def to_grades(information: Floats) -> NDArray[np.uint8]:
    """Put information on a logarithmic scale.

    Args:
        information: 0 or more.

    Returns:
        uint8 array of the same shape; 0 stays 0.

    >>> to_grades(np.array([0.0, 1.0, 1000.0])).tolist()
    [0, 8, 80]
    """
    graded = np.rint(STEPS_PER_OCTAVE * np.log2(1 + information))
    grades: NDArray[np.uint8] = np.minimum(graded, np.iinfo(np.uint8).max).astype(np.uint8)
    return grades


def to_information(grades: NDArray[np.uint8]) -> Floats:
    """Undo `to_grades`, but for its rounding by up to a twentieth.

    Args:
        grades: uint8 array.

    Returns:
        float64 array of the same shape.

    >>> to_information(np.array([0, 8], np.uint8)).tolist()
    [0.0, 1.0]
    """
    information: Floats = np.exp2(grades / STEPS_PER_OCTAVE) - 1
    return information
