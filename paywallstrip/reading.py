"""Lines to what each says by itself: its tokens, its shape, its cues, its hashed columns.

Nothing here looks beyond a line. So a batch is read in chunks of lines that fit into the
cache, and what was read is put together again.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable, match_cues
from paywallstrip.lines import Ints, LineBatch
from paywallstrip.scalars import ONE, scalar
from paywallstrip.shape import Shape, measure
from paywallstrip.surroundings import CueHits
from paywallstrip.tokens import (
    IDEOGRAPH,
    Hashes,
    TokenBatch,
    Words,
    find_words,
    pair_hashes,
    split_tokens,
)
from paywallstrip.topic import topic_keys
from paywallstrip.windows import running

CHUNK_CHARACTERS = 1 << 18
"""Characters of a long batch read together: what is made of each takes up some hundred bytes
for a while."""
HASH_BITS = 16
_COLUMN = np.uint16
"""The smallest type that holds a hashed column."""
_SHORT = 1 << 24
"""In lines of fewer characters a hundred times their number fits into 32 bits."""
_COLUMN_FACTOR = scalar(0xBF58476D1CE4E5B9, np.uint64)
_COLUMN_SHIFT = scalar(64 - HASH_BITS, np.uint64)
_NO_HASHES, _NO_CLASSES = np.empty(0, np.uint64), np.empty(0, np.uint8)


class Hashed(NamedTuple):
    """The hashed columns of a batch.

    Attributes:
        words: int64 array of shape (3, words): of each different word, of its beginning, of
            its end.
        pairs: int64 array of shape (tokens,), of each token with the next one.
        lines: int64 array of shape (3, lines): of each line as a whole, of its first word,
            of its last one.
    """

    words: Ints
    pairs: Ints
    lines: Ints


class LineReading(NamedTuple):
    """What the lines of a batch, or of a chunk of one, say by themselves.

    Attributes:
        tokens: their tokens.
        words: the different ones among them.
        shape: their shapes.
        cues: the cue hits of each line.
        keys: uint64 array of shape (tokens,), from `topic_keys`.
        hashed: the hashed columns.
    """

    tokens: TokenBatch
    words: Words
    shape: Shape
    cues: CueHits
    keys: Hashes
    hashed: Hashed


def read_lines(batch: LineBatch, cues: CueTable) -> LineReading:
    """Read all lines of a batch, each by itself.

    Args:
        batch: the lines.
        cues: the compiled cue lists.

    Returns:
        What they say. If they were read in chunks, the tokens' `openings` and `sums` and the
        words' `hashes` are left out: only the chunks needed them.
    """
    if not is_long(batch):
        return _read_chunk(batch, cues)
    whole = _Whole(batch)
    for chunk in _chunks(batch):
        whole.add(_read_chunk(chunk, cues))
    return whole.reading()


def is_long(batch: LineBatch) -> bool:
    """Tell whether a batch is read in chunks."""
    return len(batch.points) > 2 * CHUNK_CHARACTERS and len(batch.starts) > 1


def _chunks(batch: LineBatch) -> Iterator[LineBatch]:
    """Cut a batch between lines; the chunks' `origins` and `bounds` are those of the whole."""
    cuts = batch.starts.searchsorted(np.arange(0, len(batch.points), CHUNK_CHARACTERS))
    edges = sorted({0, *cuts.tolist(), len(batch.starts)})
    for a, b in pairwise(edges):
        # The line end after the last line closes its last word.
        low, high = int(batch.starts[a]), int(batch.ends[b - 1]) + 1
        # Of the same type: the marks would be copied otherwise.
        first, last = batch.marks.searchsorted(np.array([low, high], batch.marks.dtype))
        yield batch._replace(
            points=batch.points[low:high],
            classes=batch.classes[low:high],
            marks=batch.marks[first:last].astype(np.int64) - low,
            kinds=batch.kinds[first:last],
            starts=batch.starts[a:b] - low,
            ends=batch.ends[a:b] - low,
            heads=batch.heads[a:b] - low,
            tails=batch.tails[a:b] - low,
            inked=batch.inked[a:b],
            pages=batch.pages[a:b],
        )


def _read_chunk(batch: LineBatch, cues: CueTable) -> LineReading:
    tokens = split_tokens(batch)
    words = find_words(tokens)
    shape = measure(batch, tokens)
    pairs = pair_hashes(tokens)
    single = tokens.openings == IDEOGRAPH
    return LineReading(
        tokens,
        words,
        shape,
        find_cues(tokens, words, cues),
        topic_keys(tokens, pairs, single),
        _hashed(tokens, words, shape, pairs),
    )


def find_cues(tokens: TokenBatch, words: Words, cues: CueTable) -> CueHits:
    """Count the hits of each category in each line.

    Args:
        tokens: the tokens.
        words: the different ones among them.
        cues: the compiled cue lists.
    """
    width = len(cues.categories)
    at, length, category = match_cues(tokens, cues, words)
    owner = tokens.lines.take(at)
    begins = at == tokens.bounds.take(owner)
    fills = begins & (at + length == tokens.bounds.take(owner + ONE))
    hits = owner * width + category
    found = np.zeros((len(tokens.bounds) - 1) * width, dtype=bool)
    found[hits] = True
    cells = found.nonzero()[0]
    # Only the places of cells that are found are ever read.
    numbers = np.empty(len(found), dtype=np.int64)
    numbers[cells] = np.arange(len(cells))
    pair = numbers.take(hits)
    first, whole = np.zeros((2, len(cells)), dtype=bool)
    first[pair[begins]] = True
    whole[pair[fills]] = True
    lines, categories = np.divmod(cells, max(width, 1))
    return CueHits(lines, categories, np.bincount(pair, minlength=len(cells)), first, whole)


def _hashed(tokens: TokenBatch, words: Words, shape: Shape, pairs: Hashes) -> Hashed:
    lines = np.zeros((3, len(shape.hashes)), np.uint64)
    lines[0] = shape.hashes
    if len(tokens.hashes):
        # Lines without a token have 0 for both.
        tokens.hashes.take(tokens.bounds[:-1], out=lines[1], mode="clip")
        tokens.hashes.take(tokens.bounds[1:] - ONE, out=lines[2], mode="clip")
        lines[1:] *= tokens.counts.astype(bool)
    return Hashed(bucket(words.hashes, _WORDS), bucket(pairs, _PAIRS), bucket(lines, _LINES))


def bucket(hashes: Hashes, salts: Hashes) -> Ints:
    """Return the hashed column of each hash, by the salt of its kind of feature."""
    salted = hashes ^ salts
    salted *= _COLUMN_FACTOR
    salted >>= _COLUMN_SHIFT
    return salted.view(np.int64)


def _salts(*kinds: int) -> Hashes:
    """Return the salts of kinds of features, one a row."""
    salts = [0x94D049BB133111EB * (kind + 1) % 2**64 for kind in kinds]
    return np.array(salts, np.uint64)[:, None]


_WORDS, _PAIRS, _LINES = _salts(0, 3, 4), _salts(2)[0], _salts(1, 5, 6)


class _Whole:
    """Chunks put together: what counts characters, lines, tokens or words goes on counting.

    Arrays are made once, in types as small as will do. They have room for as many tokens as
    there are characters: what is not written to takes up no memory.

    Args:
        batch: all the lines.
    """

    def __init__(self, batch: LineBatch) -> None:
        most, lines = len(batch.points), len(batch.starts)
        self.index: type[np.signedinteger[Any]] = np.int32 if most < 1 << 31 else np.int64
        self.batch = batch
        self.tokens = self.words = self.lines = 0
        # The tokens' starts, ends and words, and the token that stands for each word.
        self.places: NDArray[Any] = np.empty((4, most), self.index)
        self.hashes = np.empty(most, np.uint64)
        self.hashed: list[NDArray[Any]] = [
            np.empty(shape, _COLUMN) for shape in ((3, most), (most,), (3, lines))
        ]
        self.counts = np.empty(lines, np.int64)
        self.shape: list[NDArray[Any]] = []
        self.cues: list[list[NDArray[Any]]] = []
        self.keys: list[tuple[slice, Hashes]] = []

    def add(self, part: LineReading) -> None:
        """Take in the next chunk."""
        tokens = slice(self.tokens, self.tokens + len(part.tokens.hashes))
        words = slice(self.words, self.words + len(part.words.at))
        lines = slice(self.lines, self.lines + len(part.tokens.counts))
        starts, ends, numbers, at = self.places
        starts[tokens] = part.tokens.starts + self.batch.starts[lines.start]
        ends[tokens] = part.tokens.ends + self.batch.starts[lines.start]
        numbers[tokens] = part.words.every_number() + self.words
        at[words] = part.words.at + self.tokens
        self.hashes[tokens] = part.tokens.hashes
        self.counts[lines] = part.tokens.counts
        for array, values, where in zip(
            self.hashed, part.hashed, (words, tokens, lines), strict=True
        ):
            array[..., where] = values
        self._add_shape(part.shape, lines)
        hits: tuple[NDArray[Any], ...] = part.cues
        hits = (hits[0] + self.lines, *hits[1:])
        self.cues.append([a.astype(self.index) for a in hits[:3]] + [*hits[3:]])
        if part.keys is not part.tokens.hashes:
            self.keys.append((tokens, part.keys))
        self.tokens, self.words, self.lines = tokens.stop, words.stop, lines.stop

    def _add_shape(self, shape: Shape, lines: slice) -> None:
        if not self.shape:
            count = len(self.counts)
            self.shape = [np.empty((*a.shape[:-1], count), a.dtype) for a in shape]
            if (self.batch.ends - self.batch.starts).max() < _SHORT:
                self.shape[0] = np.empty((len(shape.counts), count), np.int32)
        for array, values in zip(self.shape, shape, strict=True):
            array[..., lines] = values

    def reading(self) -> LineReading:
        """Return all that was taken in."""
        tokens, words = slice(self.tokens), slice(self.words)
        starts, ends, numbers, at = self.places
        lines: NDArray[Any] = np.arange(self.lines, dtype=self.index)
        keys = hashes = self.hashes[tokens]
        if self.keys:
            keys = hashes.copy()
            for where, some in self.keys:
                keys[where] = some
        return LineReading(
            TokenBatch(
                starts[tokens],
                ends[tokens],
                lines.repeat(self.counts),
                running(self.counts),
                self.counts,
                _NO_CLASSES,
                hashes,
                _NO_HASHES,
            ),
            Words(at[words], _NO_HASHES.reshape(3, 0), numbers[tokens]),
            Shape(*self.shape),
            CueHits(*(np.concatenate(field) for field in zip(*self.cues, strict=True))),
            keys,
            Hashed(self.hashed[0][:, words], self.hashed[1][tokens], self.hashed[2]),
        )
