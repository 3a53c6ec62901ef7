"""Two ways to clean lines that need no extractor: a plain scikit-learn pipeline, C4's rules."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Any, Self

CONTENT = "content"
BATCH_PAGES = 16
"""Pages whose lines the pipeline is given at once: one by one, its calls cost more than its work."""
FIT_STEPS = 10
_FILE = "pipeline.joblib"


class LinePipeline:
    """Words hashed by `HashingVectorizer`, labels by `LogisticRegression`, line by line.

    Args:
        pipeline: the fitted pipeline.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @classmethod
    def fit(cls, lines: Sequence[str], labels: Sequence[str]) -> Self:
        """Fit with scikit-learn's own settings, but for few steps.

        Its speed is measured and not its answers, and that does not depend on the weights.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        pipeline = make_pipeline(HashingVectorizer(), LogisticRegression(max_iter=FIT_STEPS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return cls(pipeline.fit(lines, labels))

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        import joblib

        joblib.dump(self._pipeline, folder / _FILE)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote."""
        import joblib

        return cls(joblib.load(Path(folder) / _FILE))

    def clean(self, page: str) -> str:
        """Keep the lines that are labelled content."""
        return next(self.clean_many([page]))

    def clean_many(self, pages: Iterable[str]) -> Iterator[str]:
        """Keep the lines of each page that are labelled content."""
        rest = iter(pages)
        while batch := list(islice(rest, BATCH_PAGES)):
            split = [page.split("\n") for page in batch]
            labels = iter(self._pipeline.predict([line for lines in split for line in lines]))
            for lines in split:
                kept = [label == CONTENT for label in islice(labels, len(lines))]
                yield "\n".join(compress(lines, kept))


def c4_clean(page: str) -> str:
    """Keep the lines that pass C4's rules for single lines."""
    from paywallstrip.training.rivals import c4_keeps

    lines = page.split("\n")
    return "\n".join(compress(lines, c4_keeps(lines)))
