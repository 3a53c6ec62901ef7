"""Features to the sparse matrix that scikit-learn fits: one column a weight.

The columns are, in order: context columns for each role, own columns, hashed words and
lines for each wide role, hashed narrow columns. A line's neighbours contribute through
the roles; beyond a page's first and last line nothing contributes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor, Reading
from paywallstrip.lines import Ints
from paywallstrip.reading import HASH_BITS
from paywallstrip.word_weights import token_scale

HASHED = 1 << HASH_BITS


def first_design(reading: Reading, extractor: FeatureExtractor) -> sparse.csr_matrix:
    """Return the first stage's matrix of one batch, as float32 of shape (lines, weights)."""
    features = reading.features
    shifts = {role: shift(reading, role) for role in ROLES}
    context = one_hot(features.context, extractor.context_width)
    wide = _hashed((features.wide,), (features.wide_lines,), features.bounds)
    narrow = _hashed(features.narrow, features.narrow_lines, features.bounds)
    parts = [shifts[role] @ context for role in ROLES]
    parts.append(one_hot(features.own, extractor.own_width))
    parts.extend(shifts[role] @ wide for role in WIDE_ROLES)
    parts.append(narrow)
    return sparse.hstack(parts, format="csr", dtype=np.float32)


def shift(reading: Reading, role: int) -> sparse.csr_matrix:
    """Return the matrix that takes from line i + role what counts for line i."""
    count = len(reading.lines.starts)
    rows = np.arange(count)
    columns = rows + role
    inside = (columns >= 0) & (columns < count)
    rows, columns = rows[inside], columns[inside]
    inside = reading.lines.pages[rows] == reading.lines.pages[columns]
    rows, columns = rows[inside], columns[inside]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(count, count))


def one_hot(columns: Ints, width: int) -> sparse.csr_matrix:
    """Turn column numbers into a sparse matrix of ones.

    Args:
        columns: int64 array of shape (lines, measures); 0 means that a measure sets none.
        width: how many columns there are.

    Returns:
        float32 matrix of shape (lines, width).
    """
    rows, _ = np.nonzero(columns)
    picked = columns[columns > 0]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_matrix((ones, (rows, picked)), shape=(len(columns), width))


def _hashed(tokens: tuple[Ints, ...], lines: tuple[Ints, ...], bounds: Ints) -> sparse.csr_matrix:
    count = len(bounds) - 1
    counts = np.diff(bounds)
    owners = np.repeat(np.arange(count), counts)
    scale = token_scale(counts).take(owners) / token_scale(np.ones(1, np.int64))[0]
    rows = [owners] * len(tokens) + [np.arange(count)] * len(lines)
    values: list[NDArray[np.float64]] = [scale] * len(tokens) + [np.ones(count)] * len(lines)
    return sparse.csr_matrix(
        (
            np.concatenate(values).astype(np.float32),
            (np.concatenate(rows), np.concatenate([*tokens, *lines])),
        ),
        shape=(count, HASHED),
    )
