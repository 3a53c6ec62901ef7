"""Training pages as rows: what is known of each line beside its features."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from paywallstrip.labels import LABELS
from paywallstrip.pool import BATCH_CHARACTERS

if TYPE_CHECKING:
    from paywallstrip.training.html_pages import HtmlPage
    from paywallstrip.training.versions import TrainingPage


class Rows:
    """The lines of training pages as rows: what is known of each beside its features.

    Attributes:
        pages: the pages.
        page_groups: the fold of each page's site.
        texts: one text a page.
        targets: int64 array of shape (lines,), index of the label, -1 where it is open.
        weights: float64 array of shape (lines,), how much a line counts.
        groups: int64 array of shape (lines,), the fold of the line's site.
        sizes: int64 array of shape (pages,), lines of each page.
    """

    def __init__(self, pages: Sequence["TrainingPage | HtmlPage"], groups: Sequence[int]) -> None:
        index = {label.value: i for i, label in enumerate(LABELS)}
        self.pages, self.page_groups = pages, groups
        self.texts = ["\n".join(page.lines) for page in pages]
        self.sizes = np.array([len(page.lines) for page in pages], dtype=np.int64)
        self.targets = np.array(
            [index[label] if label else -1 for page in pages for label in page.labels],
            dtype=np.int64,
        )
        self.weights = np.repeat([page.weight for page in pages], self.sizes)
        self.groups = np.repeat(np.asarray(groups, dtype=np.int64), self.sizes)

    def without(self, folds: frozenset[int]) -> "Rows":
        """Return the rows of all other folds."""
        return self._pick([group not in folds for group in self.page_groups])

    def only(self, fold: int) -> "Rows":
        """Return the rows of one fold."""
        return self._pick([group == fold for group in self.page_groups])

    def _pick(self, chosen: Sequence[bool]) -> "Rows":
        pages = [page for page, take in zip(self.pages, chosen, strict=True) if take]
        groups = [group for group, take in zip(self.page_groups, chosen, strict=True) if take]
        return Rows(pages, groups)

    def runs(self) -> list[slice]:
        """Cut the pages into runs of about one batch."""
        if not self.texts:
            return []
        ends = np.cumsum([len(text) + 1 for text in self.texts])
        cuts = np.unique(np.searchsorted(ends, np.arange(0, ends[-1], BATCH_CHARACTERS)))
        bounds = [*cuts.tolist(), len(self.texts)]
        return [slice(a, b) for a, b in pairwise(bounds) if b > a]
