"""Scores of labels, of bodies and of probabilities: the one scorer of all commands and tests.

Counts come first, scores from their sums: whatever is pooled over lines or averaged over
pages is a row of counts a page, so that groups of pages and bootstrap samples are sums of
rows, and one function turns any sum into its score.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paywallstrip.labels import LABELS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Statistic = Callable[[Floats], Floats]
"""Gives the score of each row of summed counts: (samples, columns) to (samples,)."""

BINS = 15
RESAMPLES = 1000
CONFIDENCE = 0.95

# Thai, Lao, Burmese, Khmer, kana, Han and their extensions.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"(?=\w)[{_SPACELESS}]|[^\W{_SPACELESS}]+")


def words(text: str) -> list[str]:
    r"""Split a text into the tokens that body scores compare.

    Args:
        text: any text.

    Returns:
        Its runs of `\w`, lower case; in scripts written without spaces each character.

    >>> words("It's 5 o'clock in 東京")
    ['it', 's', '5', 'o', 'clock', 'in', '東', '京']
    """
    return _WORD.findall(text.lower())


def count_words(lines: Iterable[str]) -> Counter[str]:
    """Count the tokens of some lines.

    Args:
        lines: the lines of a text.

    Returns:
        How often each token occurs.
    """
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(words(line))
    return counts


def overlap_f1(counts: Counter[str], other: Counter[str]) -> float:
    """Compare two texts by their counted tokens.

    Args:
        counts: tokens of the one.
        other: tokens of the other.

    Returns:
        F1 of the multiset overlap, 0 to 1; 1 if both are empty. It is symmetric.
    """
    total = counts.total() + other.total()
    return 2 * (counts & other).total() / total if total else 1.0


def word_f1(text: str, other: str) -> float:
    """Compare two texts by their tokens, wherever those stand.

    Args:
        text: the one.
        other: the other.

    Returns:
        F1 of the multiset overlap, 0 to 1; 1 if both have no tokens.

    >>> word_f1("one two two", "Two, three!")
    0.4
    """
    return overlap_f1(count_words([text]), count_words([other]))


def are_headlines(lines: Sequence[str], headline: str) -> NDArray[np.bool_]:
    """Tell which lines are only the page's headline.

    Args:
        lines: the lines of a page.
        headline: its headline; an empty one is no line.

    Returns:
        Bool array of shape (lines,): whether a line has the headline's tokens and no others.
    """
    wanted = words(headline)
    return np.array([bool(wanted) and words(line) == wanted for line in lines], dtype=bool)


def without_headline(lines: Sequence[str], headline: str) -> list[str]:
    """Leave out the lines that are only the page's headline.

    Args:
        lines: the lines of a page, or of its true body.
        headline: its headline.

    Returns:
        The other lines, in order.
    """
    found = are_headlines(lines, headline).tolist()
    return [line for line, is_headline in zip(lines, found, strict=True) if not is_headline]


def confusion_matrix(truth: ArrayLike, predicted: ArrayLike) -> Ints:
    """Count lines by true and predicted label.

    Args:
        truth: integers of shape (lines,), indices in `LABELS`; a negative one means that the
            line's label is open, and the line is left out.
        predicted: integers of shape (lines,), indices in `LABELS`.

    Returns:
        int64 array of shape (labels, labels), true labels in rows.

    Raises:
        ValueError: if the shapes differ, an index is too large, or a predicted one negative.
    """
    rows, columns = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if rows.shape != columns.shape:
        raise ValueError(f"{rows.shape} true labels, but {columns.shape} predicted ones")
    known = rows >= 0
    size = len(LABELS)
    if max(rows.max(initial=0), columns.max(initial=0)) >= size:
        raise ValueError(f"a label's index is {size} or more")
    if columns.min(initial=0) < 0:
        raise ValueError("a predicted label's index is negative")
    cells = rows[known] * size + columns[known]
    return np.bincount(cells, minlength=size * size).reshape(size, size)


class LabelScores(NamedTuple):
    """Scores a label, pooled over lines.

    Attributes:
        precision: float64 array of shape (..., labels), 0 to 1; nan for a label that neither
            is there nor was given.
        recall: likewise.
        f1: likewise.
        support: float64 array of shape (..., labels), lines of each label.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: Floats

    @property
    def macro_f1(self) -> Floats:
        """The mean of F1 over the labels that have one, of shape (...)."""
        defined = ~np.isnan(self.f1)
        total = np.where(defined, self.f1, 0.0).sum(axis=-1)
        return _ratio(total, defined.sum(axis=-1), empty=np.nan)


def label_scores(confusion: ArrayLike) -> LabelScores:
    """Turn confusion matrices into scores.

    Args:
        confusion: counts of shape (..., labels, labels), true labels in rows.

    Returns:
        Precision, recall and F1 a label. Precision is 0 for a label that was never given but
        is there, recall 0 for one that was given but never is there.
    """
    cells = np.asarray(confusion, dtype=np.float64)
    right = np.diagonal(cells, axis1=-2, axis2=-1)
    given, support = cells.sum(axis=-2), cells.sum(axis=-1)
    there = given + support > 0
    return LabelScores(
        np.where(there, _ratio(right, given, empty=0.0), np.nan),
        np.where(there, _ratio(right, support, empty=0.0), np.nan),
        _ratio(2 * right, given + support, empty=np.nan),
        support,
    )


def kept_counts(content: ArrayLike, kept: ArrayLike, sizes: ArrayLike | None = None) -> Floats:
    """Count what of the content was kept.

    Args:
        content: booleans of shape (lines,), whether a line is content in truth.
        kept: booleans of shape (lines,), whether it was kept.
        sizes: numbers of shape (lines,), each line's characters; None counts lines.

    Returns:
        float64 array of shape (3,): content that was kept, content, kept.

    Raises:
        ValueError: if the shapes differ.
    """
    is_content, is_kept = np.asarray(content, dtype=bool), np.asarray(kept, dtype=bool)
    weights = np.ones(is_kept.shape) if sizes is None else np.asarray(sizes, dtype=np.float64)
    if not is_content.shape == is_kept.shape == weights.shape:
        raise ValueError(f"{is_content.shape}, {is_kept.shape} and {weights.shape} lines")
    chosen = (is_content & is_kept, is_content, is_kept)
    return np.array([weights[lines].sum() for lines in chosen])


class KeptScores(NamedTuple):
    """Scores of what was kept.

    Attributes:
        recall: float64 array of shape (...), share of the content that was kept; 1 without
            any content.
        precision: share of what was kept that is content; 1 if nothing was kept.
        f1: their harmonic mean; 1 if there is neither.
    """

    recall: Floats
    precision: Floats
    f1: Floats


def kept_scores(counts: ArrayLike) -> KeptScores:
    """Turn counts of what was kept into scores.

    Args:
        counts: numbers of shape (..., 3), sums of what `kept_counts` gives.

    Returns:
        Recall, precision and F1, each of shape (...).
    """
    both, content, kept = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    return KeptScores(
        _ratio(both, content, empty=1.0),
        _ratio(both, kept, empty=1.0),
        _ratio(2 * both, content + kept, empty=1.0),
    )


class Reliability(NamedTuple):
    """Stated against observed frequency, in bins of equal numbers of lines.

    Attributes:
        stated: float64 array of shape (bins,), mean probability in each bin.
        observed: float64 array of shape (bins,), share of the lines that have the label.
        counts: int64 array of shape (bins,), lines in each bin.
    """

    stated: Floats
    observed: Floats
    counts: Ints

    @property
    def error(self) -> float:
        """The mean distance between stated and observed, weighted by lines, 0 to 1."""
        return float(np.average(np.abs(self.stated - self.observed), weights=self.counts))


def reliability(probabilities: ArrayLike, hits: ArrayLike, bins: int = BINS) -> Reliability:
    """Put lines into bins by the probability of one label.

    Args:
        probabilities: numbers of shape (lines,), 0 to 1.
        hits: booleans of shape (lines,), whether a line has the label.
        bins: how many bins, 1 or more; fewer if there are fewer lines.

    Returns:
        The bins, from the least to the most probable. Equal probabilities stay in their order.

    Raises:
        ValueError: if there are no lines.
    """
    stated = np.asarray(probabilities, dtype=np.float64)
    observed = np.asarray(hits, dtype=np.float64)
    if not len(stated):
        raise ValueError("calibration needs at least one line")
    order = np.argsort(stated, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return Reliability(
        np.array([stated[part].mean() for part in parts]),
        np.array([observed[part].mean() for part in parts]),
        np.array([len(part) for part in parts], dtype=np.int64),
    )


def calibration_errors(probabilities: ArrayLike, truth: ArrayLike, bins: int = BINS) -> Floats:
    """Measure the calibration error of each label over bins of equal mass.

    Args:
        probabilities: numbers of shape (lines, labels), 0 to 1.
        truth: integers of shape (lines,), indices in `LABELS`; lines with a negative one are
            left out.
        bins: bins a label.

    Returns:
        float64 array of shape (labels,), each 0 to 1; their mean is the figure to report.

    Raises:
        ValueError: if no line is left.
    """
    stated, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(truth)
    stated, labels = stated[labels >= 0], labels[labels >= 0]
    return np.array(
        [reliability(stated[:, i], labels == i, bins).error for i in range(stated.shape[1])]
    )


def resample(counts: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Draw pages with replacement, as many as there are, and sum their counts.

    Two calls with as many pages draw the same samples, so differences can be bounded by
    stacking the counts of two systems side by side.

    Args:
        counts: numbers of shape (pages, columns), one row a page.
        resamples: how often to draw.
        seed: of the generator.

    Returns:
        float64 array of shape (resamples, columns).

    Raises:
        ValueError: if there are no pages.
    """
    rows = np.asarray(counts, dtype=np.float64)
    if not len(rows):
        raise ValueError("a bootstrap needs at least one page")
    sums: Floats = _draws(len(rows), resamples, seed) @ rows
    return sums


def bounds(scores: Floats) -> tuple[float, float]:
    """Bound a score by what it was in bootstrap samples.

    Args:
        scores: float64 array of shape (resamples,); nan where the score was not defined.

    Returns:
        The 2.5 % and the 97.5 % percentile; nan if it never was defined.
    """
    defined = scores[~np.isnan(scores)]
    if not len(defined):
        return float("nan"), float("nan")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def page_counts(scores: ArrayLike) -> Floats:
    """Make rows of counts of one score a page, so that their sum gives the mean.

    Args:
        scores: numbers of shape (pages,).

    Returns:
        float64 array of shape (pages, 2): the score, and one for the page.
    """
    values = np.asarray(scores, dtype=np.float64)
    return np.stack([values, np.ones(len(values))], axis=1)


def page_mean(sums: Floats) -> Floats:
    """Give the mean over pages from sums of `page_counts`.

    Args:
        sums: float64 array of shape (..., 2).

    Returns:
        float64 array of shape (...); nan without pages.
    """
    return _ratio(sums[..., 0], sums[..., 1], empty=np.nan)


@lru_cache(maxsize=32)
def _draws(pages: int, resamples: int, seed: int) -> Floats:
    """How often each sample holds each page; drawn once for the many scores of a group."""
    generator = np.random.default_rng(seed)
    draws = generator.multinomial(pages, np.full(pages, 1 / pages), size=resamples)
    return draws.astype(np.float64)


def _ratio(part: ArrayLike, whole: ArrayLike, empty: float) -> Floats:
    above, below = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result: Floats = np.full(np.broadcast(above, below).shape, empty)
    # Written through `out`, a quotient by zero is never formed.
    np.divide(above, below, out=result, where=below > 0)
    return result
