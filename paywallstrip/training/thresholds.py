"""How readily a line is called content: by the kind of page, and far behind its main run.

A lost sentence costs more than a menu line left in, so the offset is the most lenient one
whose F-measure of content over lines is as good as the best but for a tolerance. Kinds
differ, because a line of an extractor's output is far more often content than one of a dump.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.islands import Islands, apart
from paywallstrip.labels import CONTENT, LABELS, PAYWALL
from paywallstrip.lines import Ints
from paywallstrip.model import PAGE_KINDS, page_kinds
from paywallstrip.stages import UNIT

TEXT_PRECISION, HTML_PRECISION = 0.8, 0.0
"""Of what is called paywall: a sentence taken for an offer is lost."""
TEXT_TOLERANCE, HTML_TOLERANCE = 0.008, 0.004
"""How much of the F-measure leniency may cost: less than the noise of the folds. In text as much
as it takes to lose no more lines of the content than any extractor does, and a hundredth of true
bodies at most."""
CANDIDATES = np.arange(-1.0, 2.51, 0.1)
GAP = 8
SHARE = 20
DISTANCE = 16
"""As `islands.Islands` has them; docs/experiments.md tells what else was tried."""
PENALTIES = np.arange(0.0, 4.01, 0.25)


class Thresholds(NamedTuple):
    """What decides between labels, beside the scores.

    Attributes:
        offsets: int64 array of shape (kinds of page, labels), as `Model.offsets`.
        islands: as `Model.islands`.
    """

    offsets: Ints
    islands: Islands


class Places(NamedTuple):
    """Where lines stand.

    Attributes:
        sizes: int64 array of shape (lines,), characters of each line.
        pages: int64 array of shape (lines,), the page of each line, in order.
    """

    sizes: Ints
    pages: Ints


def choose_offsets(
    scores: Ints,
    targets: Ints,
    prose_share: Ints,
    weights: NDArray[np.float64],
    tolerance: float,
) -> Ints:
    """Choose the content offset of each kind of page.

    Args:
        scores: int64 array of shape (lines, labels), of pages the model has not seen.
        targets: int64 array of shape (lines,), index of the label, -1 where it is open.
        prose_share: int64 array of shape (lines,), 0 to 100, see `features.Reading`.
        weights: float64 array of shape (lines,), how much a line counts.
        tolerance: how far below the best the F-measure may lie, 0 to 1.

    Returns:
        int64 array of shape (kinds, labels), in units of `stages.UNIT`.
    """
    kinds = page_kinds(prose_share)
    offsets = np.zeros((len(PAGE_KINDS) + 1, len(LABELS)), dtype=np.int64)
    for kind in range(len(PAGE_KINDS) + 1):
        here = (kinds == kind) & (targets >= 0)
        # Without content the most lenient one would lose nothing, and keep all else.
        if (here & (targets == CONTENT)).any():
            best = _best(scores[here], targets[here] == CONTENT, weights[here], tolerance)
            offsets[kind, CONTENT] = round(best * UNIT)
    return offsets


def choose_paywall_offset(
    scores: Ints, targets: Ints, weights: NDArray[np.float64], precision: float
) -> int:
    """Choose how readily a line is called paywall: by the best F-measure at some precision.

    The label is rare, so that a regression names it too seldom; one offset serves pages of
    all kinds, since few pages of any kind have such lines.

    Args:
        scores: int64 array of shape (lines, labels), of pages the model has not seen, with
            the content offsets in them.
        targets: int64 array of shape (lines,), index of the label, -1 where it is open.
        weights: float64 array of shape (lines,), how much a line counts.
        precision: how much of what is called paywall must be, 0 to 1.

    Returns:
        The offset, in units of `stages.UNIT`; 0 where none is as precise.
    """
    known = targets >= 0
    margin, is_paywall, weights = (
        _margin(scores, PAYWALL)[known],
        targets[known] == PAYWALL,
        weights[known],
    )
    best = offset = 0.0
    for candidate in CANDIDATES.tolist():
        called = margin + candidate > 0
        right = float(weights[called & is_paywall].sum())
        value = _f_measure(called, is_paywall, weights)
        if value > best and right >= precision * float(weights[called].sum()):
            best, offset = value, candidate
    return round(offset * UNIT)


def choose_islands(
    scores: Ints, targets: Ints, weights: NDArray[np.float64], places: Places
) -> Islands:
    """Choose what content loses that stands apart: by the best F-measure of content over lines.

    Args:
        scores: int64 array of shape (lines, labels), of pages the model has not seen, with
            the offsets in them.
        targets: int64 array of shape (lines,), index of the label, -1 where it is open.
        weights: float64 array of shape (lines,), how much a line counts.
        places: where the lines stand.

    Returns:
        The islands, their penalty in units of `stages.UNIT`: the least of the best ones.
    """
    found = Islands(GAP, SHARE, DISTANCE, penalty=1)
    margin = _margin(scores, CONTENT)
    lowered = np.zeros(len(margin))
    lowered[apart(scores.argmax(axis=1) == CONTENT, *places, found)] = 1.0
    known = targets >= 0
    margin, lowered, content = margin[known], lowered[known], targets[known] == CONTENT
    values = [_f_measure(margin > p * lowered, content, weights[known]) for p in PENALTIES]
    return found._replace(penalty=round(float(PENALTIES[int(np.argmax(values))]) * UNIT))


def _margin(scores: Ints, label: int) -> NDArray[np.float64]:
    """Return by how much a label is ahead of the best other one, in logits."""
    others = np.delete(scores, label, axis=1).max(axis=1)
    margin: NDArray[np.float64] = (scores[:, label] - others) / UNIT
    return margin


def _best(
    scores: Ints, content: NDArray[np.bool_], weights: NDArray[np.float64], tolerance: float
) -> float:
    margin = _margin(scores, CONTENT)
    values = np.array([_f_measure(margin + c > 0, content, weights) for c in CANDIDATES])
    return float(CANDIDATES[np.flatnonzero(values >= values.max() - tolerance)[-1]])


def _f_measure(
    kept: NDArray[np.bool_], content: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    right = float(weights[kept & content].sum())
    wrong = float(weights[kept & ~content].sum())
    lost = float(weights[~kept & content].sum())
    return 2 * right / max(2 * right + lost + wrong, 1e-9)
