"""The shipped model on two pages that never enter training, thresholds or cue lists."""

import pytest

from paywallstrip import Classifier
from tests.written import (
    SEED_NAMES,
    SEEDS,
    marked,
    other_wrong_labels,
    read_seed,
    wrong_body,
)

pytestmark = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="the seed pages are not here (PAYWALLSTRIP_SEEDS)"
)


@pytest.mark.parametrize("name", SEED_NAMES)
def test_every_line_of_a_seed_has_a_label(name: str) -> None:
    seed = read_seed(name)
    assert len(Classifier.load().classify(seed.text).lines) == len(seed.labels)


@pytest.mark.parametrize("name", marked("seed-body", list(SEED_NAMES)))
def test_the_body_of_a_seed_is_exactly_its_content(name: str) -> None:
    seed = read_seed(name)
    assert wrong_body(seed, Classifier.load().classify(seed.text)) == []


@pytest.mark.parametrize("name", marked("seed-labels", list(SEED_NAMES)))
def test_at_most_two_other_lines_of_a_seed_have_a_wrong_label(name: str) -> None:
    seed = read_seed(name)
    assert len(other_wrong_labels(seed, Classifier.load().classify(seed.text))) <= 2
