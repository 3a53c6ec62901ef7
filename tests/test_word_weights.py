"""Weights that are looked up and summed in pairs are those of the table."""

import numpy as np
import pytest

from paywallstrip.word_weights import in_pairs, pairs_at, run_sums, unpack

LARGEST = np.iinfo(np.int16).max


def table(lowest: int) -> np.ndarray:
    """Give random weights, the outermost ones among them."""
    random = np.random.default_rng(0)
    found = random.integers(lowest, LARGEST, (60, 8), np.int16, endpoint=True)
    found[0], found[1], found[2, ::2], found[3, 1::2] = lowest, LARGEST, lowest, lowest
    return found


# The lowest of 16 bits could not lend to its neighbour there.
@pytest.mark.parametrize("lowest", [-LARGEST, -LARGEST - 1])
def test_weights_come_out_of_pairs_as_they_went_in(lowest: int) -> None:
    weights = table(lowest)
    assert np.array_equal(unpack(pairs_at(in_pairs(weights), np.arange(60))), weights)


@pytest.mark.parametrize("lowest", [-LARGEST, -LARGEST - 1])
def test_sums_of_pairs_are_sums_of_the_weights(lowest: int) -> None:
    weights = table(lowest)
    rows = pairs_at(in_pairs(weights), np.arange(60))
    sums = unpack(run_sums(np.array([0, 7, 7, 60]), rows))
    expected = [weights[a:b].astype(int).sum(axis=0).tolist() for a, b in ((0, 7), (7, 7), (7, 60))]
    assert sums.tolist() == expected
