"""The second look: what the first stage said of the lines around a line.

The first stage's probabilities come in whole 255ths, so that every sum over a window is
exact; they turn into columns like the first stage's own measures.
"""

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CharacterClass
from paywallstrip.families import SHARE_EDGES, ZONE_STEPS, ZONES
from paywallstrip.features import Reading
from paywallstrip.labels import CONTENT, LABELS, NAVIGATION, PAYWALL, RELATED
from paywallstrip.lines import Ints
from paywallstrip.measures import Measure, Values, bin_look_up, by_parts, look_up, percent
from paywallstrip.scalars import BYTE_ONE, scalar
from paywallstrip.scalars import ONE as ONE_LINE
from paywallstrip.topic import shared_weights
from paywallstrip.windows import Lanes, Spans, Windows, distances, running

ONE = 255
FINE = (1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 224, 240, 248, 252, 254)
ROUGH = (3, 8, 20, 50, 90, 128, 166, 205, 236, 248)
NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
SPANS = (
    (-3, -1),
    (1, 3),
    (-5, 5),
    (-10, -1),
    (1, 10),
    (-20, 20),
    (-40, -1),
    (1, 40),
)
_SPANS = Spans.of(SPANS)
SIDE_EDGES = (10, 40, 100, 160, 220)
SIDES = len(SIDE_EDGES) + 1
PROSE_EDGES = (20, 35, 50, 65, 80, 90, 97)
STEPS = (1, 2, 3, 4, 6, 9, 14, 25, 50)
NAMES = tuple(label.value for label in LABELS)


AROUND = "p@ and p-near"
"""Both families in one array: they are weighed in one step."""


def second_measures() -> tuple[Measure, ...]:
    """Return the families of the second stage."""
    count = len(LABELS)
    return (
        Measure("p", FINE, NAMES),
        Measure("p-sized", ROUGH, NAMES, crossed=True),
        Measure(
            "p@",
            ROUGH,
            tuple(f"{n}@{k:+d}" for k in NEIGHBOURS for n in NAMES),
            windowed=count,
        ),
        Measure(
            "p-near",
            ROUGH,
            tuple(f"{n}@{a}..{b}" for a, b in SPANS for n in NAMES),
            windowed=count,
        ),
        Measure("p-page", ROUGH, NAMES, crossed=True),
        Measure("p-mixed", tuple(range(1, (len(ROUGH) + 1) ** 2)), NAMES),
        Measure(
            "p-between",
            tuple(range(1, SIDES**2)),
            tuple(f"{n}@{w}" for w in ("near", "far") for n in NAMES),
        ),
        Measure("best-between", tuple(range(1, count * SIDES**2)), NAMES),
        Measure("best-three", tuple(range(1, (count + 1) ** 3))),
        Measure("best-closing", tuple(range(1, count * len(CharacterClass)))),
        Measure("passed", (1, 3, 8, 20, 40, 60, 80, 90, 97, 99, 100), NAMES, crossed=True),
        Measure("before", STEPS, (*NAMES, "body"), crossed=True),
        Measure("after", STEPS, (*NAMES, "body"), crossed=True),
        Measure("body-between", tuple(range(1, 100)), crossed=True),
        Measure("p-shared", SHARE_EDGES, NAMES, crossed=True),
        Measure("p-shared-best", tuple(range(1, 4 * (len(SHARE_EDGES) + 1))), NAMES),
        Measure("p-page-prose", tuple(range(1, (len(ROUGH) + 1) * (len(PROSE_EDGES) + 1))), NAMES),
        Measure("p-closing-next", tuple(range(1, len(ROUGH) * 12)), crossed=False),
        Measure("zone", ZONE_STEPS, ZONES, crossed=True, sparse=True),
    )


def second_values(reading: Reading, shares: NDArray[np.uint8]) -> Values:
    """Measure the first stage's answers around every line.

    Args:
        reading: the batch as the first stage read it.
        shares: uint8 array of shape (lines, labels), probabilities in 255ths.

    Returns:
        Whole numbers for each family of `second_measures`, by name, with the lines last.
    """
    shape = reading.shape
    _, low, high = reading.places
    best = shares.argmax(axis=1).astype(np.uint8)
    own = np.ascontiguousarray(shares.T)
    lanes = np.zeros((len(NEIGHBOURS) + len(SPANS), *shares.shape), np.uint8)
    around, averages = lanes[: len(NEIGHBOURS)], lanes[len(NEIGHBOURS) :]
    bests = _neighbours(shares, best, reading, around)
    grades = look_up(_ROUGH, own)
    # 80 lines of at most 255 each: sums fit into two bytes.
    rows = shares.astype(np.uint16, order="C")
    averages[:] = Windows.over(rows, len(LABELS), _SPANS, reading.places, 1).lanes()[0]
    sides = _pair_sides(averages)
    passed, page = _page_values(own, reading)
    sure = np.empty((len(LABELS) + 1, len(best)), bool)
    np.greater_equal(own, _LIKELY, out=sure[:-1])
    np.logical_and(own[CONTENT] >= _SURE, shape.size >= _LONG, out=sure[-1])
    before, after = distances(sure, low, high)
    shared = _shared_words(reading, best)
    kind = look_up(_PROSE, reading.prose_share)
    return {
        "p": own,
        "p-sized": own,
        "p@": Lanes(around[None], len(LABELS)),
        "best-three": ((bests[0] * _THREE_STEP + best) + BYTE_ONE) * _THREE_STEP + bests[1],
        "best-closing": best * _CLASS_STEP + shape.closing,
        "p-near": Lanes(averages[None], len(LABELS)),
        AROUND: Lanes(lanes[None], len(LABELS)),
        "p-mixed": grades * _ROUGH_STEP + look_up(_ROUGH, averages[2]).T,
        "p-between": sides.reshape(2 * len(LABELS), len(best)),
        "best-between": best * _SIDES_STEP + sides[1],
        "p-page": page,
        "passed": passed,
        "before": before,
        "after": after,
        "body-between": look_up(_STEPS, before[-1]) * _STEPS_STEP + look_up(_STEPS, after[-1]),
        "p-shared": shared,
        "p-shared-best": best * _SHARE_STEP + look_up(_SHARE, shared),
        "p-page-prose": grades * _PROSE_STEP + kind,
        # The next line's grade in an eleventh's step: the next line stands fourth in order.
        "p-closing-next": grades[CONTENT] * _ROUGH_STEP + look_up(_ROUGH, around[3, :, CONTENT]),
        "zone": reading.values["zone"],
    }


def _neighbours(
    shares: NDArray[np.uint8],
    best: NDArray[np.uint8],
    reading: Reading,
    found: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Put the shares of each line's neighbours into zeros; return their best labels.

    Args:
        shares: of shape (lines, labels).
        best: of shape (lines,), the label of each line.
        reading: the batch.
        found: zeros of shape (neighbours, lines, labels); they stay beyond the page.

    Returns:
        Labels of shape (2, lines) of the two next to a line, from 1 on, 0 beyond the page.
    """
    pages, count = reading.lines.pages, len(best)
    # A line's four shares are moved as one number.
    whole = np.ascontiguousarray(shares).view(np.uint32)[:, 0]
    around = found.view(np.uint32)[:, :, 0]
    if len(reading.lines.bounds) == 2:
        rim = max(NEIGHBOURS)
        padded, marked = np.zeros(count + 2 * rim, np.uint32), np.zeros(count + 2, np.uint8)
        padded[rim:-rim] = whole
        shifted = np.ndarray((2 * rim + 1, count), np.uint32, padded, 0, padded.strides * 2)
        around[:rim], around[rim:] = shifted[:rim], shifted[rim + 1 :]
        np.add(best, BYTE_ONE, out=marked[1:-1])
        return np.ndarray((2, count), np.uint8, marked, 0, (2, 1))
    bests = np.zeros((2, count), np.uint8)
    for step in range(1, min(max(NEIGHBOURS), count - 1) + 1):
        same = pages[step:] == pages[:-step]
        np.multiply(whole[:-step], same, out=around[NEIGHBOURS.index(-step), step:])
        np.multiply(whole[step:], same, out=around[NEIGHBOURS.index(step), :-step])
        if step == 1:
            np.multiply(best[:-1] + BYTE_ONE, same, out=bests[0, 1:])
            np.multiply(best[1:] + BYTE_ONE, same, out=bests[1, :-1])
    return bests


def _pair_sides(averages: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pair what stands before a line with what follows it, near and far, label by label."""
    graded = look_up(_SIDES, averages.take(_PAIRED, axis=0))
    pairs = graded[0::2] * _SIDE_STEP + graded[1::2]
    return np.ascontiguousarray(pairs.transpose(0, 2, 1))


def _page_values(own: NDArray[np.uint8], reading: Reading) -> tuple[Ints, Ints]:
    """Return what percent of a label's characters were passed, and its share of the page."""
    _, low, high = reading.places
    bounds, count = reading.lines.bounds, len(reading.coarse)
    sums = running(own, np.int32 if count < _FEW_LINES else np.int64)
    lines = np.maximum(bounds[1:] - bounds[:-1], ONE_LINE)
    at_bounds = sums.take(bounds, axis=1)
    pages = ((at_bounds[:, 1:] - at_bounds[:, :-1]) // lines).astype(np.uint8)
    mass = running(own * reading.shape.size)

    def passed(part: slice) -> Values:
        at_low = mass.take(low[part], axis=1)
        total = mass.take(high[part], axis=1) - at_low
        return {"passed": percent(mass[:, part] - at_low, total)}

    return by_parts(count, passed)["passed"], pages.take(reading.lines.pages, axis=1)


_FEW_LINES = 1 << 23
"""The shares of fewer lines add up to less than 32 bits hold."""


def _shared_words(reading: Reading, best: NDArray[np.uint8]) -> Ints:
    """Return what percent of a line's words stand in other lines of each label."""
    found, totals = shared_weights(reading.topic, best, len(LABELS)), reading.topic.totals

    def shared(part: slice) -> Values:
        return {"shared": percent(found[:, part].take(_ORDER, axis=0), totals[part])}

    weights: Ints = by_parts(len(best), shared)["shared"]
    return weights


_PAIRED = np.array([SPANS.index(span) for span in ((-3, -1), (1, 3), (-10, -1), (1, 10))])
"""The windows before and after a line that are paired, near and far."""
_ORDER = np.array([CONTENT, PAYWALL, NAVIGATION, RELATED])
"""The order of labels in which the weights of shared words were trained."""
_ROUGH = bin_look_up(ROUGH)
_SIDES = bin_look_up(SIDE_EDGES)
_PROSE = bin_look_up(PROSE_EDGES)
_SHARE = bin_look_up(SHARE_EDGES)
_STEPS = bin_look_up((2, 3, 5, 10, 30))
_ROUGH_STEP, _SIDE_STEP, _SIDES_STEP, _CLASS_STEP, _STEPS_STEP, _SHARE_STEP, _PROSE_STEP = (
    scalar(levels, np.uint8)
    for levels in (
        len(ROUGH) + 1,
        SIDES,
        SIDES**2,
        len(CharacterClass),
        6,
        len(SHARE_EDGES) + 1,
        len(PROSE_EDGES) + 1,
    )
)
_THREE_STEP = scalar(len(LABELS) + 1, np.uint8)
_LIKELY, _SURE, _LONG = scalar(128, np.uint8), scalar(160, np.uint8), scalar(60, np.int64)
