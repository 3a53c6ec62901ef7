"""Lines to features: what the first stage sees of a line, as columns of a weight table.

Every measure of a line is a whole number put into bins; a bin is a column. Three kinds:

- context columns, which a line also lends to its two neighbours on either side;
- own columns, which count for the line alone: windows, position, topic, crosses;
- hashed columns of words, word pairs, beginnings and ends of words, and whole lines.

Column 0 of the binned tables means "nothing to say" and carries no weight.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CLASS_COUNT, CharacterClass
from paywallstrip.cues import CueTable, match_cues
from paywallstrip.lines import Ints, LineBatch, split_lines
from paywallstrip.measures import COARSE_EDGES, Measure, table_width, to_columns
from paywallstrip.shape import Shape, measure
from paywallstrip.tokens import (
    Hashes,
    TokenBatch,
    mix,
    pair_hashes,
    split_tokens,
    stem_hashes,
    tail_hashes,
)
from paywallstrip.topic import cohesion, read_topic, shared_weight, topic_keys
from paywallstrip.windows import distances, running

HASH_BITS = 16
ROLES = (-2, -1, 0, 1, 2)
WIDE_ROLES = (-1, 0, 1)
SIZE_EDGES = (2, 4, 6, 9, 13, 18, 25, 35, 50, 70, 100, 140, 200, 300, 500, 900)
WORD_EDGES = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 25, 40, 80)
SHARE_EDGES = (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
FEW = (1, 2, 3, 5)
WINDOWS = ((-3, -1), (1, 3), (-10, -1), (1, 10))
BROAD = ((-2, 2), (-5, -1), (1, 5), (-12, -1), (1, 12), (-30, -1), (1, 30))


CLASS_EDGES = tuple(range(1, CLASS_COUNT))
SEAM_EDGES = tuple(range(1, (CLASS_COUNT + 1) * (CLASS_COUNT + 1)))
COUNTED = (
    CharacterClass.TERMINATOR,
    CharacterClass.PAUSE,
    CharacterClass.QUOTE,
    CharacterClass.APOSTROPHE,
    CharacterClass.OPENING,
    CharacterClass.DASH,
    CharacterClass.BULLET,
    CharacterClass.SEPARATOR,
    CharacterClass.ELLIPSIS,
    CharacterClass.CURRENCY,
    CharacterClass.CODE,
    CharacterClass.SYMBOL,
    CharacterClass.NUMBER,
    CharacterClass.DIGIT,
)
OPENERS = (
    "biography",
    "comments",
    "commerce",
    "cookie",
    "donation",
    "gate",
    "legal",
    "newsletter",
    "offer",
    "previous_next",
    "read_more",
    "related_heading",
    "share",
    "subscription",
    "tags",
)
"""Categories whose short lines open a block: a heading, a button, a counter."""
OPENER_WORDS = 7
OPENER_STEPS = (1, 2, 3, 5, 8, 13, 21, 34, 60, 99)
PROFILE = ("prose", "short", "closed", "digits", "capital", "size", "bullet", "twin")


def context_measures(categories: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the families that a line lends to its neighbours as well."""
    return (
        Measure("size", SIZE_EDGES),
        Measure("words", WORD_EDGES),
        Measure("word-length", (2, 3, 4, 5, 6, 7, 8, 10, 14)),
        Measure("upper-share", (1, 3, 6, 10, 20, 35, 60, 95)),
        Measure("capitalised-share", SHARE_EDGES),
        Measure("digit-share", (1, 5, 10, 20, 40, 70)),
        Measure("function-share", (1, 10, 20, 30, 40, 50, 60)),
        Measure("count", FEW, tuple(c.name.lower() for c in COUNTED), sparse=True),
        Measure("first", CLASS_EDGES),
        Measure("last", CLASS_EDGES, crossed=True),
        Measure("closing", CLASS_EDGES),
        Measure("copies", (2, 3, 4, 6), crossed=True, sparse=True),
        Measure("shared", SHARE_EDGES, crossed=True),
        Measure("cue", (1, 2, 3), categories, sparse=True),
    )


def own_measures(categories: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the families that count for the line alone."""
    spans = tuple(f"{low}..{high}" for low, high in WINDOWS)
    broad = tuple(f"{low}..{high}" for low, high in BROAD)
    return (
        Measure("cue-sized", (1,), categories, crossed=True, sparse=True),
        Measure("cue-first", (1,), categories, crossed=True, sparse=True),
        Measure("cue-whole", (1,), categories, sparse=True),
        Measure(
            "cue-near",
            (1, 2, 4, 8),
            tuple(f"{c}@{span}" for span in spans for c in categories),
            sparse=True,
        ),
        Measure("cue-page", (1, 3, 8, 20), categories, sparse=True),
        Measure(
            "near",
            (1, 6, 12, 20, 30, 45, 60, 75, 90, 100),
            tuple(f"{p}@{span}" for span in broad for p in PROFILE),
        ),
        Measure("first-sized", CLASS_EDGES, crossed=True),
        Measure("closing-sized", CLASS_EDGES, crossed=True),
        Measure("function-sized", (1, 10, 20, 30, 40, 50, 60), crossed=True),
        Measure("capitalised-sized", SHARE_EDGES, crossed=True),
        Measure("prose-before", (1, 2, 3, 4, 6, 9, 14, 25, 50), crossed=True),
        Measure("prose-after", (1, 2, 3, 4, 6, 9, 14, 25, 50), crossed=True),
        Measure("prose-between", tuple(range(1, 25)), crossed=True),
        Measure("prose-run", (1, 2, 3, 5, 8, 13, 21)),
        Measure("prose-passed", (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100), crossed=True),
        Measure("from-top", (1, 2, 3, 5, 8, 13, 21, 34, 55, 90, 150, 300), crossed=True),
        Measure("from-end", (1, 2, 3, 5, 8, 13, 21, 34, 55, 90, 150, 300), crossed=True),
        Measure("place", (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95), crossed=True),
        Measure("page-lines", (2, 4, 8, 16, 32, 64, 128, 256, 512), crossed=True),
        Measure("page-prose", (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 96), crossed=True),
        Measure("page-prose-lines", (1, 2, 4, 8, 16, 32, 64), crossed=True),
        Measure("shared-weight", (1, 4, 8, 16, 32, 64, 128), crossed=True),
        Measure("rare-words", (1, 4, 8, 16, 32, 64, 128)),
        Measure("shared-other", SHARE_EDGES, crossed=True),
        Measure("cohesion", SHARE_EDGES, ("before", "after", "around", "page"), crossed=True),
        Measure("seam-before", SEAM_EDGES),
        Measure("seam-after", SEAM_EDGES),
        Measure("opened-before", OPENER_STEPS, OPENERS, crossed=True),
        Measure("opened-after", OPENER_STEPS, OPENERS, crossed=True),
        Measure("siblings", (1, 2, 3, 4), ("1", "2", "3", "4", "5"), crossed=True, sparse=True),
    )


class LineFeatures(NamedTuple):
    """What the first stage reads, and what the second takes over.

    Attributes:
        context: int64 array of shape (lines, context families), columns from 0 on.
        own: int64 array of shape (lines, own families), columns from 0 on.
        wide: int64 array of shape (tokens,), hashed columns of the words.
        wide_lines: int64 array of shape (lines,), hashed columns of the whole lines.
        narrow: tuple of int64 arrays of shape (tokens,), hashed columns each.
        narrow_lines: tuple of int64 arrays of shape (lines,), hashed columns each.
        bounds: int64 array of shape (lines + 1,), the tokens of each line.
    """

    context: Ints
    own: Ints
    wide: Ints
    wide_lines: Ints
    narrow: tuple[Ints, ...]
    narrow_lines: tuple[Ints, ...]
    bounds: Ints


class Reading(NamedTuple):
    """A batch with all that was computed on the way to its features.

    Attributes:
        lines: the lines.
        tokens: their tokens.
        shape: their shapes.
        topic_hashes: uint64 array of shape (tokens,), from `topic_keys`.
        features: the first stage's columns.
        coarse: int64 array of shape (lines,), the coarse size of each line.
        prose_share: int64 array of shape (lines,), percent of the page's characters that
            stand in lines of running text: low in a dump, high in an extractor's output.
    """

    lines: LineBatch
    tokens: TokenBatch
    shape: Shape
    topic_hashes: Hashes
    features: LineFeatures
    coarse: Ints
    prose_share: Ints


class FeatureExtractor:
    """Turns texts into features of their lines; holds tables only, no state.

    Args:
        cues: the compiled cue lists.
        rarity: uint8 array of shape (2**16,), how rare a word is in general, by its hash.
    """

    def __init__(self, cues: CueTable, rarity: NDArray[np.uint8]) -> None:
        self.cues = cues
        self.rarity = rarity
        self.context = context_measures(cues.categories)
        self.own = own_measures(cues.categories)
        self.context_width = table_width(self.context)
        self.own_width = table_width(self.own)

    def read(self, texts: Sequence[str]) -> Reading:
        """Compute the features of all lines of some texts."""
        batch = split_lines(texts)
        tokens = split_tokens(batch)
        shape = measure(batch, tokens)
        pairs = pair_hashes(tokens)
        single = batch.classes.take(tokens.starts) == CharacterClass.IDEOGRAPH
        keys = topic_keys(tokens, pairs, single)
        coarse = np.searchsorted(COARSE_EDGES, shape.size, side="right")
        cues = self._count_cues(tokens)
        values = _Values(batch, tokens, shape, cues, self.cues.categories)
        topic = read_topic(batch, tokens, keys, self.rarity)
        values.add_topic(
            topic.totals,
            shared_weight(topic, tokens, shape.prose),
            shared_weight(topic, tokens, ~shape.prose),
            cohesion(tokens, keys, topic.weights, batch.pages, topic.totals),
        )
        context = to_columns(self.context, values.table, coarse)
        own = to_columns(self.own, values.table, coarse)
        features = LineFeatures(context, own, *_hashed(tokens, shape, pairs), tokens.bounds)
        return Reading(batch, tokens, shape, keys, features, coarse, values.table["page-prose"])

    def _count_cues(self, tokens: TokenBatch) -> "CueCounts":
        """Count the hits of each category in each line."""
        lines, width = len(tokens.bounds) - 1, len(self.cues.categories)
        at, length, category = match_cues(tokens, self.cues)
        owner = tokens.lines.take(at)
        cells = owner * width + category
        begins = at == tokens.bounds.take(owner)
        fills = begins & (at + length == tokens.bounds.take(owner + 1))
        counts = [
            np.bincount(chosen, minlength=lines * width).reshape(lines, width)
            for chosen in (cells, cells[begins], cells[fills])
        ]
        return CueCounts(*counts)


class CueCounts(NamedTuple):
    """Hits of each category in each line; arrays of shape (lines, categories).

    Attributes:
        all: hits anywhere in the line.
        first: hits that begin with the line's first word.
        whole: hits that are all the line's words.
    """

    all: Ints
    first: Ints
    whole: Ints


def _hashed(
    tokens: TokenBatch, shape: Shape, pairs: Hashes
) -> tuple[Ints, Ints, tuple[Ints, ...], tuple[Ints, ...]]:
    firsts, lasts = np.zeros_like(shape.hashes), np.zeros_like(shape.hashes)
    some = np.diff(tokens.bounds) > 0
    firsts[some] = tokens.hashes[tokens.bounds[:-1][some]]
    lasts[some] = tokens.hashes[tokens.bounds[1:][some] - 1]
    return (
        bucket(tokens.hashes, 0),
        bucket(shape.hashes, 1),
        (
            bucket(pairs, 2),
            bucket(stem_hashes(tokens), 3),
            bucket(tail_hashes(tokens), 4),
        ),
        (bucket(firsts, 5), bucket(lasts, 6)),
    )


def bucket(hashes: Hashes, kind: int) -> Ints:
    """Return the hashed column of each hash for one kind of feature."""
    salt = np.uint64(0x94D049BB133111EB * (kind + 1) % 2**64)
    salted = (hashes ^ salt) * np.uint64(0xBF58476D1CE4E5B9)
    return (salted >> np.uint64(64 - HASH_BITS)).astype(np.int64)


class _Values:
    """The whole numbers behind each family, by name."""

    def __init__(
        self,
        batch: LineBatch,
        tokens: TokenBatch,
        shape: Shape,
        cues: CueCounts,
        categories: tuple[str, ...],
    ) -> None:
        self.batch, self.shape = batch, shape
        self.table: dict[str, Ints] = {}
        count = len(batch.starts)
        self.index = np.arange(count)
        self.low = batch.bounds[:-1].take(batch.pages)
        self.high = batch.bounds[1:].take(batch.pages)
        self._shape_values(shape, cues.all, categories)
        self._cue_values(cues)
        self._opener_values(cues.all, categories)
        self._place_values(shape)
        self._prose_values(shape)
        self._sibling_values(shape)
        self._seam_values(shape)
        self._profile_values(shape)

    def _shape_values(self, shape: Shape, cues: Ints, categories: tuple[str, ...]) -> None:
        counts, table = shape.counts, self.table
        upper = counts[:, CharacterClass.UPPER]
        letters = upper + counts[:, CharacterClass.LOWER] + counts[:, CharacterClass.UNCASED]
        letters = letters + counts[:, CharacterClass.IDEOGRAPH] * 2
        table["size"], table["words"] = shape.size, shape.words
        table["word-length"] = letters // np.maximum(shape.words, 1)
        table["upper-share"] = _percent(upper, letters)
        table["capitalised-share"] = _percent(shape.capitals, shape.cased)
        table["capitalised-sized"] = table["capitalised-share"]
        table["digit-share"] = _percent(counts[:, CharacterClass.DIGIT], shape.size)
        function = (
            cues[:, categories.index("function_words")]
            if "function_words" in categories
            else 0 * shape.words
        )
        table["function-share"] = _percent(function, shape.words)
        table["function-sized"] = table["function-share"]
        table["count"] = counts[:, COUNTED]
        table["first"] = table["first-sized"] = shape.first.astype(np.int64)
        table["last"] = shape.last.astype(np.int64)
        table["closing"] = table["closing-sized"] = shape.closing.astype(np.int64)
        # Lines of a page that are the same word for word, counted in a table of the page's own.
        key = mix(shape.hashes + self.batch.pages.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D))
        _, inverse, copies = np.unique(key, return_inverse=True, return_counts=True)
        table["copies"] = copies[inverse]

    def _cue_values(self, cues: CueCounts) -> None:
        self.table["cue"] = self.table["cue-sized"] = cues.all
        self.table["cue-first"], self.table["cue-whole"] = cues.first, cues.whole
        sums = running(cues.all)
        spans = [self._window(sums, low, high)[0] for low, high in WINDOWS]
        self.table["cue-near"] = np.concatenate(spans, axis=1)
        self.table["cue-page"] = sums[self.high] - sums[self.low]

    def _opener_values(self, cues: Ints, categories: tuple[str, ...]) -> None:
        """Measure how far the last short line of each opening category is, and the next one."""
        flags = np.zeros((len(cues), len(OPENERS)), dtype=bool)
        short = self.shape.words <= OPENER_WORDS
        for i, name in enumerate(OPENERS):
            if name in categories:
                flags[:, i] = short & (cues[:, categories.index(name)] > 0)
        before, after = distances(flags, self.low, self.high)
        self.table["opened-before"], self.table["opened-after"] = before, after

    def _window(self, sums: Ints, low: int, high: int) -> tuple[Ints, Ints]:
        """Return sums over the lines i + low to i + high within the page, and their number."""
        begin = np.clip(self.index + low, self.low, self.high)
        end = np.clip(self.index + high + 1, self.low, self.high)
        return sums[end] - sums[begin], end - begin

    def _place_values(self, shape: Shape) -> None:
        table = self.table
        lines = self.high - self.low
        table["from-top"] = self.index - self.low
        table["from-end"] = self.high - 1 - self.index
        table["place"] = 100 * table["from-top"] // lines
        table["page-lines"] = lines

    def _prose_values(self, shape: Shape) -> None:
        table, index = self.table, self.index
        prose = shape.prose
        mass = running(np.where(prose, shape.size, 0))
        total = mass[self.high] - mass[self.low]
        table["prose-passed"] = _percent(mass[:-1] - mass[self.low], total)
        everything = running(shape.size)
        table["page-prose"] = _percent(total, everything[self.high] - everything[self.low])
        numbers = running(prose.astype(np.int64))
        table["page-prose-lines"] = numbers[self.high] - numbers[self.low]
        where = np.concatenate([[-1], np.flatnonzero(prose), [len(prose)]])
        before = where[numbers[:-1]]
        after = where[numbers[1:] + 1]
        far = 99
        table["prose-before"] = np.where(before >= self.low, index - before, far)
        table["prose-after"] = np.where(after < self.high, after - index, far)
        # One-based, so that bin 0 stands for no line at all.
        steps = (2, 4, 9, 30)
        pair = [
            np.searchsorted(steps, table[f"prose-{side}"], side="right")
            for side in ("before", "after")
        ]
        table["prose-between"] = pair[0] * 5 + pair[1]
        # How many lines the run of lines without a short gap has, to which this one belongs.
        table["prose-run"] = self._runs(prose)

    def _runs(self, flags: NDArray[np.bool_]) -> Ints:
        """Return the length of the run of set flags that each line stands in, within its page."""
        change = np.ones(len(flags), dtype=bool)
        change[1:] = (flags[1:] != flags[:-1]) | (np.diff(self.batch.pages) != 0)
        run = np.cumsum(change) - 1
        return np.where(flags, np.bincount(run)[run] if len(run) else run, 0)

    def _seam_values(self, shape: Shape) -> None:
        """Pair the last character of each line with the first of the next one."""
        none = CLASS_COUNT
        above = np.full(len(self.index), none)
        below = np.full(len(self.index), none)
        together = self.batch.pages[1:] == self.batch.pages[:-1]
        above[1:][together] = shape.last[:-1][together]
        below[:-1][together] = shape.first[1:][together]
        self.table["seam-before"] = above * (none + 1) + shape.first
        self.table["seam-after"] = shape.last.astype(np.int64) * (none + 1) + below

    def _sibling_values(self, shape: Shape) -> None:
        """Count, for each stride, the lines up to two strides away that look alike."""
        look = np.searchsorted((6, 13, 25, 50, 100, 200), shape.size) * 64
        look = (
            look + np.minimum(shape.closing, 31) * 2 + (shape.counts[:, CharacterClass.DIGIT] > 0)
        )
        columns = []
        for stride in range(1, 6):
            alike = np.zeros(len(look), dtype=np.int64)
            if len(look) > stride:
                same = (look[stride:] == look[:-stride]) & (
                    self.batch.pages[stride:] == self.batch.pages[:-stride]
                )
                alike[stride:] += same
                alike[:-stride] += same
                if len(look) > 2 * stride:
                    twice = same[stride:] & same[:-stride]
                    alike[2 * stride :] += twice
                    alike[: -2 * stride] += twice
            columns.append(alike)
        self.table["siblings"] = np.stack(columns, axis=1)

    def _profile_values(self, shape: Shape) -> None:
        counts = shape.counts
        profile = np.stack(
            [
                shape.prose,
                shape.words <= 4,
                shape.closing == CharacterClass.TERMINATOR,
                counts[:, CharacterClass.DIGIT] > 0,
                2 * shape.capitals > shape.cased,
                np.minimum(np.searchsorted(SIZE_EDGES, shape.size), 16) / 16,
                shape.first == CharacterClass.BULLET,
                self.table["copies"] > 1,
            ],
            axis=1,
        )
        # In sixteenths, so that the windows' sums stay whole numbers.
        sums = running((profile * 16).astype(np.int64))
        parts = []
        for low, high in BROAD:
            total, lines = self._window(sums, low, high)
            parts.append(100 * total // (16 * np.maximum(lines, 1))[:, None])
        self.table["near"] = np.concatenate(parts, axis=1)

    def add_topic(self, totals: Ints, prose: Ints, other: Ints, cohesion: Ints) -> None:
        """Take in what the line's words share with the page."""
        self.table["rare-words"] = totals
        self.table["shared"] = _percent(prose, totals)
        self.table["shared-weight"] = prose
        self.table["cohesion"] = cohesion
        self.table["shared-other"] = _percent(other, totals)


def _percent(part: Ints, whole: Ints) -> Ints:
    return 100 * part // np.maximum(whole, 1)
