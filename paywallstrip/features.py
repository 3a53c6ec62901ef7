"""Lines to features: what the first stage sees of a line, as columns of weight tables.

Three kinds, of which `families` names the first two:

- context columns, which a line also lends to its two neighbours on either side;
- own columns, which count for the line alone: windows, position, topic, crosses;
- hashed columns of words, word pairs, beginnings and ends of words, and whole lines.

Column 0 of the binned tables means "nothing to say" and carries no weight. Scoring reads
the values behind the columns (`Reading.values`, `Reading.cues`); the columns themselves
are made on demand, for training and for tests.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable
from paywallstrip.families import context_measures, own_measures
from paywallstrip.lines import Ints, LineBatch
from paywallstrip.links import without_addresses
from paywallstrip.measures import (
    COARSE_EDGES,
    Values,
    bin_look_up,
    look_up,
    table_width,
    to_columns,
)
from paywallstrip.reading import Hashed, read_lines
from paywallstrip.shape import Shape
from paywallstrip.surroundings import (
    MOST_HITS,
    CueHits,
    count_copies,
    cue_values,
    distance_values,
    place_values,
    profile_values,
    prose_values,
    seam_values,
    sibling_values,
    topic_values,
    turn_values,
)
from paywallstrip.tokens import (
    Hashes,
    TokenBatch,
    Words,
)
from paywallstrip.topic import Topic, read_topic, shared_and_near
from paywallstrip.windows import Places, Windows

ROLES = (-2, -1, 0, 1, 2)
WIDE_ROLES = (-1, 0, 1)


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
    """A batch with all that was computed on the way to its scores.

    Attributes:
        texts: what was read of each text, see `links`; the text itself mostly.
        lines: their lines, as many as those of the texts.
        tokens: their tokens.
        words: the different ones among them.
        shape: their shapes.
        places: where they stand in their pages.
        topic_hashes: uint64 array of shape (tokens,), from `topic_keys`.
        topic: the tokens' places and weights in their pages' tables.
        values: whole numbers for each binned family that is not about single cue hits.
        cues: the cue hits of each line.
        hashed: the hashed columns.
        coarse: uint8 array of shape (lines,), the coarse size of each line.
        categories: names of the cue categories.
    """

    texts: Sequence[str]
    lines: LineBatch
    tokens: TokenBatch
    words: Words
    shape: Shape
    places: Places
    topic_hashes: Hashes
    topic: Topic
    values: Values
    cues: CueHits
    hashed: Hashed
    coarse: NDArray[np.uint8]
    categories: tuple[str, ...]

    @property
    def prose_share(self) -> Ints:
        """Percent of the page's characters that stand in lines of running text.

        An int64 array of shape (lines,): low in a dump, high in an extractor's output.
        """
        share: Ints = self.values["page-prose"]
        return share

    def page_hits(self) -> NDArray[np.uint8]:
        """Count hits in each page, `MOST_HITS` at most, as (categories, pages)."""
        width, cues = len(self.categories), self.cues
        pages = len(self.lines.bounds) - 1
        cells = cues.categories * pages + self.lines.pages.take(cues.lines)
        # Whole numbers far below 2**53: exact as float64.
        counts = np.bincount(cells, weights=cues.counts, minlength=width * pages)
        return np.minimum(counts, MOST_HITS).astype(np.uint8).reshape(width, pages)

    def part(self, begin: int, end: int) -> "Reading":
        """Return what was read of some lines, for what does not ask for their page's others."""
        part, tokens, words = slice(begin, end), self.tokens, self.words
        some = slice(int(tokens.bounds[begin]), int(tokens.bounds[end]))
        first, last = self.cues.lines.searchsorted([begin, end])
        hits: tuple[NDArray[Any], ...] = tuple(field[first:last] for field in self.cues)
        numbers = words.every_number()[some]
        low, high = (int(numbers.min()), int(numbers.max()) + 1) if len(numbers) else (0, 0)
        return self._replace(
            lines=self.lines._replace(pages=self.lines.pages[part]),
            tokens=tokens._replace(
                bounds=tokens.bounds[begin : end + 1] - some.start, counts=tokens.counts[part]
            ),
            words=words._replace(numbers=numbers - low),
            values={
                name: value.part(part) if isinstance(value, Windows) else value[..., part]
                for name, value in self.values.items()
            },
            cues=CueHits(hits[0] - begin, *hits[1:]),
            hashed=Hashed(
                self.hashed.words[:, low:high], self.hashed.pairs[some], self.hashed.lines[:, part]
            ),
            coarse=self.coarse[part],
        )

    @property
    def features(self) -> LineFeatures:
        """The columns of all features, as training reads them."""
        return self._columns(self.page_hits())

    def features_of(self, begin: int, end: int) -> LineFeatures:
        """Return the columns of some lines: those of all take some 5 KB a line."""
        return self.part(begin, end)._columns(self.page_hits())

    def _columns(self, page_hits: NDArray[np.uint8]) -> LineFeatures:
        cues, shape = self.cues, (len(self.coarse), len(self.categories))
        hits = cues.spread(cues.counts, shape).T
        values = {
            **self.values,
            "cue": hits,
            "cue-sized": hits,
            "cue-first": cues.spread(cues.first, shape).T,
            "cue-whole": cues.spread(cues.whole, shape).T,
            "cue-page": page_hits.take(self.lines.pages, axis=1),
        }
        context = to_columns(context_measures(self.categories), values, self.coarse)
        own = to_columns(own_measures(self.categories), values, self.coarse)
        words, pairs, lines = (a.astype(np.int64, copy=False) for a in self.hashed)
        wide, stems, tails = map(self.words.spread, words)
        wide_lines, *narrow_lines = lines
        return LineFeatures(
            context,
            own,
            wide,
            wide_lines,
            (pairs, stems, tails),
            tuple(narrow_lines),
            self.tokens.bounds,
        )


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
        """Measure all lines of some texts."""
        texts = [without_addresses(text) for text in texts]
        batch, (tokens, words, shape, measured, cues, keys, hashed) = read_lines(texts, self.cues)
        coarse = look_up(bin_look_up(COARSE_EDGES), shape.size)
        places = Places.of(batch.pages, batch.bounds)
        topic = read_topic(batch, tokens, keys, self.rarity)
        values = measured | self._values(batch, shape, places, cues)
        weights = shared_and_near(topic, shape.prose, keys, batch.pages)
        values |= topic_values(topic.totals, weights)
        return Reading(
            texts,
            batch,
            tokens,
            words,
            shape,
            places,
            keys,
            topic,
            values,
            cues,
            hashed,
            coarse,
            self.cues.categories,
        )

    def _values(self, batch: LineBatch, shape: Shape, places: Places, cues: CueHits) -> Values:
        """Measure the families of what stands around a line and where it stands."""
        names, count = self.cues.categories, len(shape.size)
        hits = cues.spread(cues.counts, (count, -(-len(names) // 8) * 8))
        copies = count_copies(shape, batch)
        return {
            "copies": copies,
            **place_values(places),
            **cue_values(hits, len(names), places),
            **distance_values(hits, shape, names, places),
            **prose_values(shape, batch, places),
            **seam_values(shape, batch),
            **turn_values(shape, batch, places),
            **sibling_values(shape, batch),
            **profile_values(shape, copies, places),
        }
