"""The second look: what the first stage said of the lines around a line.

The first stage's probabilities come in whole 255ths, so that every sum over a window is
exact; they turn into columns like the first stage's own measures.
"""

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CharacterClass
from paywallstrip.features import SHARE_EDGES, Reading
from paywallstrip.labels import CONTENT, LABELS, NAVIGATION, PAYWALL, RELATED
from paywallstrip.lines import Ints
from paywallstrip.measures import Measure
from paywallstrip.topic import read_topic, shared_weight
from paywallstrip.windows import distances, running

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
SIDE_EDGES = (10, 40, 100, 160, 220)
SIDES = len(SIDE_EDGES) + 1
PROSE_EDGES = (20, 35, 50, 65, 80, 90, 97)
STEPS = (1, 2, 3, 4, 6, 9, 14, 25, 50)
NAMES = tuple(label.value for label in LABELS)


def second_measures() -> tuple[Measure, ...]:
    """Return the families of the second stage."""
    count = len(LABELS)
    return (
        Measure("p", FINE, NAMES),
        Measure("p-sized", ROUGH, NAMES, crossed=True),
        Measure("p@", ROUGH, tuple(f"{n}@{k:+d}" for k in NEIGHBOURS for n in NAMES)),
        Measure("p-near", ROUGH, tuple(f"{n}@{a}..{b}" for a, b in SPANS for n in NAMES)),
        Measure("p-page", ROUGH, NAMES, crossed=True),
        Measure("p-mixed", tuple(range(1, (len(ROUGH) + 1) ** 2)), NAMES),
        Measure("p-between", tuple(range(1, SIDES**2)), tuple(f"{n}@{w}" for w in ("near", "far") for n in NAMES)),
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
    )


def second_values(reading: Reading, shares: Ints, rarity: NDArray[np.uint8]) -> dict[str, Ints]:
    """Measure the first stage's answers around every line.

    Args:
        reading: the batch as the first stage read it.
        shares: int64 array of shape (lines, labels), probabilities in 255ths.
        rarity: the extractor's table of how rare words are.

    Returns:
        Whole numbers for each family of `second_measures`, by name.
    """
    lines, shape = reading.lines, reading.shape
    count = len(lines.starts)
    index = np.arange(count)
    low, high = lines.bounds[:-1].take(lines.pages), lines.bounds[1:].take(lines.pages)
    best = shares.argmax(axis=1)
    values: dict[str, Ints] = {"p": shares, "p-sized": shares}
    padded = np.concatenate([shares, np.zeros((1, shares.shape[1]), np.int64)])
    around, bests = [], {}
    padded_best = np.append(best + 1, 0)
    for step in NEIGHBOURS:
        at = index + step
        at = np.where((at >= low) & (at < high), at, count)
        around.append(padded[at])
        bests[step] = padded_best[at]
    values["p@"] = np.concatenate(around, axis=1)
    values["best-three"] = (bests[-1] * 5 + best + 1) * 5 + bests[1]
    values["best-closing"] = best * len(CharacterClass) + shape.closing
    sums = running(shares)
    spans = []
    for a, b in SPANS:
        begin, end = np.clip(index + a, low, high), np.clip(index + b + 1, low, high)
        spans.append((sums[end] - sums[begin]) // np.maximum(end - begin, 1)[:, None])
    values["p-near"] = np.concatenate(spans, axis=1)
    near, far = (spans[0], spans[1]), (spans[3], spans[4])
    own = np.searchsorted(ROUGH, shares, side="right")
    values["p-mixed"] = own * (len(ROUGH) + 1) + np.searchsorted(ROUGH, spans[2], side="right")
    sides = [
        np.searchsorted(SIDE_EDGES, before, side="right") * SIDES
        + np.searchsorted(SIDE_EDGES, after, side="right")
        for before, after in (near, far)
    ]
    values["p-between"] = np.concatenate(sides, axis=1)
    values["best-between"] = best[:, None] * SIDES**2 + sides[1]
    values["p-page"] = (sums[high] - sums[low]) // (high - low)[:, None]
    mass = running(shares * shape.size[:, None])
    total = mass[high] - mass[low]
    values["passed"] = 100 * (mass[:-1] - mass[low]) // np.maximum(total, 1)
    sure = np.stack([shares[:, k] >= 128 for k in range(len(LABELS))], axis=1)
    body = (shares[:, CONTENT] >= 160) & (shape.size >= 60)
    flags = np.concatenate([sure, body[:, None]], axis=1)
    values["before"], values["after"] = distances(flags, low, high)
    stages = (2, 3, 5, 10, 30)
    pair = [
        np.searchsorted(stages, values[side][:, -1], side="right") for side in ("before", "after")
    ]
    values["body-between"] = pair[0] * 6 + pair[1]
    topic = read_topic(lines, reading.tokens, reading.topic_hashes, rarity)
    shared = np.stack(
        [
            100 * shared_weight(topic, reading.tokens, best == k) // np.maximum(topic.totals, 1)
            for k in (CONTENT, PAYWALL, NAVIGATION, RELATED)
        ],
        axis=1,
    )
    values["p-shared"] = shared
    bins = np.searchsorted(SHARE_EDGES, shared, side="right")
    values["p-shared-best"] = best[:, None] * (len(SHARE_EDGES) + 1) + bins
    kind = np.searchsorted(PROSE_EDGES, reading.prose_share, side="right")
    graded = np.searchsorted(ROUGH, shares, side="right")
    values["p-page-prose"] = graded * (len(PROSE_EDGES) + 1) + kind[:, None]
    rough = graded[:, CONTENT]
    values["p-closing-next"] = rough * 11 + np.searchsorted(
        ROUGH, around[3][:, CONTENT], side="right"
    )
    return values
