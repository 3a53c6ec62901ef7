"""A text to labels: both stages, weight by weight."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from paywallstrip.families import context_measures, own_measures
from paywallstrip.features import ROLES, WIDE_ROLES
from paywallstrip.labels import LABELS, Label
from paywallstrip.links import without_addresses
from paywallstrip.model import PAGE_KINDS, Model
from paywallstrip.sequence import second_measures
from tests.reference.columns import bin_of, columns_of
from tests.reference.cues import Cues
from tests.reference.first import PageView, Values, first_values
from tests.reference.hashes import STEM, TAIL, bucket, line_hash, pair_hashes, word_hash
from tests.reference.lines import TextLine, cut
from tests.reference.second import second_values

WORD_UNIT = 4096
UNIT = 64 * WORD_UNIT
LOWEST = -12 * UNIT
KINDS = range(len(LABELS))

Scores = list[list[int]]
Columns = list[dict[str, list[int]]]


@dataclass
class Hashed:
    """The hashed columns of a line: of its words, each counted less in a longer line, and of itself."""

    wide: list[int]
    wide_line: int
    narrow: list[int]
    narrow_line: list[int]
    scale: int


def hashed_of(line: TextLine) -> Hashed:
    """Return the hashed columns of a line."""
    words = line.words
    hashes = [word_hash(word) for word in words]
    narrow = [bucket(value, 2) for value in pair_hashes(line)]
    narrow += [bucket(word_hash(word[:STEM]), 3) for word in words]
    narrow += [bucket(word_hash(word[-TAIL:]), 4) for word in words]
    first, last = (hashes[0], hashes[-1]) if hashes else (0, 0)
    # Past 4096 words the weight of one stays.
    scale = round(64 / math.sqrt(max(1, min(4096, len(words)))))
    return Hashed(
        [bucket(value, 0) for value in hashes],
        bucket(line_hash(line), 1),
        narrow,
        [bucket(first, 5), bucket(last, 6)],
        scale,
    )


@dataclass
class Answer:
    """Everything the twin finds out about one text.

    Attributes:
        page: its lines with their shapes, cues and words.
        first, second: values of all families of both stages.
        context, own, later: the columns of each line by family; `later` is the second stage's.
        hashed: the hashed columns of each line.
        first_scores, second_scores: scores by line and label.
        shifted: the second stage's scores with the model's offsets for this kind of page.
        shares: the first stage's probabilities in 255ths.
        labels: the decided label of each line.
    """

    page: PageView
    first: Values
    second: Values
    context: Columns
    own: Columns
    later: Columns
    hashed: list[Hashed]
    first_scores: Scores
    second_scores: Scores
    shifted: Scores
    shares: Scores
    labels: list[Label]

    def kept(self, drop: Iterable[Label], strictness: float) -> list[bool]:
        """Decide which lines stay."""
        dropped = [label in tuple(drop) for label in LABELS]
        shift = round((0.5 - strictness) * 2 * 6 * UNIT)
        result = []
        for scores in self.shifted:
            stay = [s + shift for s, d in zip(scores, dropped, strict=True) if not d]
            go = [s for s, d in zip(scores, dropped, strict=True) if d]
            if not go or not stay:
                result.append(not go)
            elif max(stay) == max(go):
                result.append(not dropped[scores.index(max(scores))])
            else:
                result.append(max(stay) > max(go))
        return result


class Twin:
    """A model applied the slow way.

    Args:
        model: gives the weights.
        lists: the cue lists that the model was made with, as they are written.
    """

    def __init__(self, model: Model, lists: Mapping[str, Iterable[str]]) -> None:
        self.cues = Cues(lists)
        self.rarity = model.extractor.rarity.tolist()
        self.context = context_measures(self.cues.categories)
        self.own = own_measures(self.cues.categories)
        self.later = second_measures()
        self.first, self.second = model.first, model.second
        self.offsets = model.offsets.tolist()
        self.islands = model.islands

    def read(self, text: str) -> Answer:
        """Find out everything about a text."""
        page = PageView(cut(without_addresses(text)), self.cues, self.rarity)
        first = first_values(page)
        sizes = [shape.size for shape in page.shapes]
        context = [columns_of(self.context, first, sizes[i], i) for i in page.each()]
        own = [columns_of(self.own, first, sizes[i], i) for i in page.each()]
        hashed = [hashed_of(line) for line in page.lines]
        scores = self.first_scores(context, own, hashed)
        shares = [shares_of(row) for row in scores]
        second = second_values(page, shares)
        later = [columns_of(self.later, second, sizes[i], i) for i in page.each()]
        final = [self.second_row(a, b) for a, b in zip(later, scores, strict=True)]
        offsets = self.offsets[bin_of(page.prose_share(), PAGE_KINDS)]
        shifted = [[a + b for a, b in zip(row, offsets, strict=True)] for row in final]
        for i in self.apart([label_of(row) is Label.CONTENT for row in shifted], sizes):
            shifted[i][LABELS.index(Label.CONTENT)] -= self.islands.penalty
        labels = [label_of(row) for row in shifted]
        return Answer(
            page,
            first,
            second,
            context,
            own,
            later,
            hashed,
            scores,
            final,
            shifted,
            shares,
            labels,
        )

    def apart(self, content: list[bool], sizes: list[int]) -> list[int]:
        """Find the lines of content that stand far behind the main run of it."""
        runs: list[list[int]] = []
        for i, is_content in enumerate(content):
            if is_content:
                if not runs or i - runs[-1][-1] > self.islands.gap:
                    runs.append([])
                runs[-1].append(i)
        if not runs:
            return []
        characters = [sum(sizes[i] for i in run) for run in runs]
        largest = max(characters)
        main = next(
            run
            for run, size in zip(runs, characters, strict=True)
            if size == largest or (len(run) > 1 and size >= self.islands.share * largest / 100)
        )
        far = [run for run in runs if run[0] - main[-1] >= self.islands.distance]
        return [i for run in far for i in run]

    def first_scores(self, context: Columns, own: Columns, hashed: list[Hashed]) -> Scores:
        """Add up the first stage's weights: the line's own, and what other lines lend it."""
        scores = []
        step = 128 if self.first.wide.dtype == np.int8 else 1
        for i in range(len(own)):
            row = self.first.bias.tolist()
            add(row, self.first.own, flat(own[i]))
            for column in hashed[i].narrow:
                add(row, self.first.narrow, [column], hashed[i].scale * step)
            add(row, self.first.narrow, hashed[i].narrow_line, 64 * step)
            for number, role in enumerate(ROLES):
                if 0 <= i + role < len(own):
                    add(row, self.first.context, flat(context[i + role]), 1, number)
            for number, role in enumerate(WIDE_ROLES):
                if 0 <= i + role < len(own):
                    other = hashed[i + role]
                    add(row, self.first.wide, other.wide, other.scale * step, number)
                    add(row, self.first.wide, [other.wide_line], 64 * step, number)
            scores.append(row)
        return scores

    def second_row(self, columns: dict[str, list[int]], scores: list[int]) -> list[int]:
        """Add up the second stage's weights, and mix in the first stage's scores."""
        row = self.second.bias.tolist()
        add(row, self.second.table, flat(columns))
        below = [max(score - max(scores), LOWEST) for score in scores]
        for k in KINDS:
            mixed = sum(below[j] * int(self.second.mixing[j, k]) for j in KINDS)
            row[k] += mixed // 1024
        return [int(value) for value in row]


def label_of(scores: list[int]) -> Label:
    """Return the best label, the first of equal ones."""
    return LABELS[scores.index(max(scores))]


def flat(columns: dict[str, list[int]]) -> list[int]:
    return [column for family in columns.values() for column in family]


def add(
    row: list[int], table: np.ndarray, columns: Iterable[int], times: int = 1, role: int = 0
) -> None:
    """Add the weights that some columns have for each label."""
    for column in columns:
        weights = table[column].tolist()
        for k in KINDS:
            row[k] += weights[role * len(LABELS) + k] * times


def shares_of(scores: Sequence[int]) -> list[int]:
    """Turn scores to probabilities in whole 255ths."""
    odds = []
    for score in scores:
        below = min(max(scores) - score, -LOWEST)
        # In steps of 1/1024 of a logarithm.
        odds.append(round(2**20 * math.exp(-(below // (UNIT // 1024)) / 1024)))
    return [(value * 255 + sum(odds) // 2) // sum(odds) for value in odds]
