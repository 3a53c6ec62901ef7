"""Training and evaluation: corpora, views, fitting, figures; the core never imports it.

`train`, `adapt` and `LineClassifier` need the extra `[train]`; importing this package does not.
"""

from typing import TYPE_CHECKING

from paywallstrip.training.api import adapt, evaluate, train
from paywallstrip.training.own_checks import DataWarning
from paywallstrip.training.own_pages import LabelledText, from_record

if TYPE_CHECKING:
    from paywallstrip.training.estimator import LineClassifier

__all__ = [
    "DataWarning",
    "LabelledText",
    "LineClassifier",
    "adapt",
    "evaluate",
    "from_record",
    "train",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Only when asked for: it is made of a class of scikit-learn's.
        if name == "LineClassifier":
            try:
                from paywallstrip.training.estimator import LineClassifier
            except ImportError as error:
                raise ImportError(
                    f'LineClassifier needs an extra: pip install "paywallstrip[train]" ({error})'
                ) from error
            return LineClassifier
        raise AttributeError(f"module 'paywallstrip.training' has no attribute {name!r}")
