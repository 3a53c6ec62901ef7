"""A small model for HTML with made-up weights: it decides nothing well, but always the same."""

from functools import cache

import numpy as np

from paywallstrip import Classifier
from paywallstrip.features import ROLES
from paywallstrip.html_model import HtmlModel
from paywallstrip.labels import LABELS
from paywallstrip.markup.families import around_measures, context_measures, own_measures
from paywallstrip.markup.names import NAME_BITS
from paywallstrip.markup.stages import MarkupStages
from paywallstrip.measures import table_width
from paywallstrip.stages import UNIT, WORD_UNIT
from tests.toy import toy_model


@cache
def toy_html() -> Classifier:
    """Return a classifier of the toy model for text with made-up weights for markup."""
    random = np.random.default_rng(9)
    count = len(LABELS)

    def weights(unit: int, dtype: type, scale: float, *shape: int) -> np.ndarray:
        return np.rint(random.normal(0, scale * unit, shape)).astype(dtype)

    markup = MarkupStages(
        weights(UNIT, np.int64, 0.1, count),
        weights(1024, np.int64, 0.2, count, count) + 700 * np.eye(count, dtype=np.int64),
        weights(UNIT, np.int32, 0.03, table_width(context_measures()), count * len(ROLES)),
        weights(UNIT, np.int32, 0.03, table_width(own_measures()), count),
        weights(WORD_UNIT, np.int16, 0.6, 1 << NAME_BITS, count),
        weights(UNIT, np.int32, 0.05, table_width(around_measures()), count),
    )
    return Classifier(HtmlModel(toy_model(), markup))
