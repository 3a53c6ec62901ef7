"""Texts to lines, and to what each says by itself: its tokens, shape, cues, hashed columns.

Nothing here looks beyond a line. So a batch is read in chunks of lines that fit into the
cache, and what was read is put together again.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable, match_cues
from paywallstrip.lines import Ints, LineBatch, split_lines
from paywallstrip.measures import SmallValues, Values
from paywallstrip.scalars import ONE, scalar
from paywallstrip.shape import Shape, measure, shape_values
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
HASH_BITS = 18
_COLUMN = np.uint32
"""The smallest type that holds a hashed column."""
_COLUMN_FACTOR = scalar(0xBF58476D1CE4E5B9, np.uint64)
_COLUMN_SHIFT = scalar(64 - HASH_BITS, np.uint64)
_NO_HASHES, _NO_CLASSES = np.empty(0, np.uint64), np.empty(0, np.uint8)
_NO_PLACES = np.empty(0, np.int64)


class Hashed(NamedTuple):
    """The hashed columns of a batch; uint32 if its lines were read in chunks.

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
        values: whole numbers for each binned family that a line's shape alone decides.
        cues: the cue hits of each line.
        keys: uint64 array of shape (tokens,), from `topic_keys`.
        hashed: the hashed columns.
    """

    tokens: TokenBatch
    words: Words
    shape: Shape
    values: Values
    cues: CueHits
    keys: Hashes
    hashed: Hashed


def read_lines(texts: Sequence[str], cues: CueTable) -> tuple[LineBatch, LineReading]:
    """Cut texts into lines, and read all of them, each by itself.

    Args:
        texts: any number of strings.
        cues: the compiled cue lists.

    Returns:
        The lines and what they say. If they were read in chunks, the lines' `points`, `classes`,
        `marks`, `kinds` and `inked` are left out, as are the tokens' `starts`, `ends`, `openings`
        and `sums`, the words' `hashes` and the `counts` of their shape: only the chunks needed
        them. Values of a family are cut off where 16 bits end.
    """
    size = sum(map(len, texts))
    chunks = [*_chunks(texts)] if size > 2 * CHUNK_CHARACTERS else []
    if len(chunks) < 2:
        batch = split_lines(texts)
        return batch, _read_chunk(batch, cues)
    whole = _Whole(texts)
    for chunk in chunks:
        batch = split_lines([texts[number][begin:end] for number, begin, end in chunk])
        whole.add(chunk, batch, _read_chunk(batch, cues))
    return whole.batch(), whole.reading()


Piece = tuple[int, int, int]
"""Number of a text, and where a piece of it begins and ends."""


def _chunks(texts: Sequence[str]) -> Iterator[list[Piece]]:
    """Cut texts between lines, and put pieces together up to the size of a chunk."""
    chunk: list[Piece] = []
    size = 0
    for number, text in enumerate(texts):
        for begin, end in _pieces(text):
            chunk.append((number, begin, end))
            size += end - begin
            if size >= CHUNK_CHARACTERS:
                yield chunk
                chunk, size = [], 0
    if chunk:
        yield chunk


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text at the first line end after each so many characters."""
    begin, feed = 0, -1
    while begin < len(text):
        near = begin + CHUNK_CHARACTERS
        if feed < near:
            # Looked for once, however far away it is.
            feed = text.find("\n", near)
            feed = len(text) if feed < 0 else feed
        lone = text.find("\r", near, feed)
        end = min((feed if lone < 0 or lone + 1 == feed else lone) + 1, len(text))
        yield begin, end
        begin = end


def _read_chunk(batch: LineBatch, cues: CueTable) -> LineReading:
    tokens = split_tokens(batch)
    words = find_words(tokens)
    shape = measure(batch, tokens)
    pairs = pair_hashes(tokens)
    single = tokens.openings == IDEOGRAPH
    hits = find_cues(tokens, words, cues)
    return LineReading(
        tokens,
        words,
        shape,
        shape_values(shape, _function_words(hits, cues.categories, len(shape.size))),
        hits,
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


def _function_words(cues: CueHits, names: tuple[str, ...], count: int) -> Ints:
    """Count the function words of each line."""
    functions = np.zeros(count, dtype=np.int64)
    if "function_words" in names:
        chosen = cues.categories == names.index("function_words")
        functions[cues.lines[chosen]] = cues.counts[chosen]
    return functions


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

    Arrays are made once, in types as small as will do. They have room for as many lines as
    there are line ends, and for as many tokens as there are characters: what is not written
    to takes up no memory.

    Args:
        texts: all that the chunks are cut from.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.origins = np.zeros(len(texts) + 1, np.int64)
        self.origins[1:] = [*accumulate(len(text) + 1 for text in texts)]
        most = int(self.origins[-1])
        self.most_lines = sum(text.count("\n") + text.count("\r") + 1 for text in texts)
        self.index: type[np.signedinteger[Any]] = np.int32 if most < 1 << 31 else np.int64
        self.tokens = self.words = self.lines = 0
        # The lines' starts, ends, heads, tails, pages and tokens.
        self.places = np.empty((6, self.most_lines), np.int64)
        # The tokens' words, and the token that stands for each word.
        self.numbers: NDArray[Any] = np.empty((2, most), self.index)
        self.hashes = np.empty(most, np.uint64)
        self.hashed: list[NDArray[Any]] = [
            np.empty(shape, _COLUMN) for shape in ((3, most), (most,), (3, self.most_lines))
        ]
        self.shape: dict[str, NDArray[Any]] = {}
        self.values = SmallValues(self.most_lines)
        self.cues: list[list[NDArray[Any]]] = []
        self.keys: list[tuple[slice, Hashes]] = []

    def add(self, chunk: Sequence[Piece], batch: LineBatch, part: LineReading) -> None:
        """Take in the next chunk: its pieces, their lines, and what these say."""
        tokens = slice(self.tokens, self.tokens + len(part.tokens.hashes))
        words = slice(self.words, self.words + len(part.words.at))
        lines = slice(self.lines, self.lines + len(batch.starts))
        texts, begins, _ = np.array(chunk, np.int64).T
        shifts = (self.origins.take(texts) + begins - batch.origins[:-1]).take(batch.pages)
        places = self.places[:, lines]
        for row, of_chunk in zip(
            places, (batch.starts, batch.ends, batch.heads, batch.tails), strict=False
        ):
            np.add(of_chunk, shifts, out=row)
        places[4], places[5] = texts.take(batch.pages), part.tokens.counts
        numbers, at = self.numbers
        numbers[tokens] = part.words.every_number() + self.words
        at[words] = part.words.at + self.tokens
        self.hashes[tokens] = part.tokens.hashes
        for array, values, where in zip(
            self.hashed, part.hashed, (words, tokens, lines), strict=True
        ):
            array[..., where] = values
        self._add_values(part, lines)
        hits: tuple[NDArray[Any], ...] = part.cues
        hits = (hits[0] + self.lines, *hits[1:])
        self.cues.append([a.astype(self.index) for a in hits[:3]] + [*hits[3:]])
        if part.keys is not part.tokens.hashes:
            self.keys.append((tokens, part.keys))
        self.tokens, self.words, self.lines = tokens.stop, words.stop, lines.stop

    def _add_values(self, part: LineReading, lines: slice) -> None:
        arrays: tuple[NDArray[Any], ...] = part.shape
        for name, array in zip(Shape._fields[1:], arrays[1:], strict=True):
            if name not in self.shape:
                self.shape[name] = np.empty(self.most_lines, array.dtype)
            self.shape[name][lines] = array
        self.values.put(lines, part.values)

    def batch(self) -> LineBatch:
        """Return the lines of all that was taken in."""
        starts, ends, heads, tails, pages, _ = self.places[:, : self.lines]
        return LineBatch(
            np.empty(0, _COLUMN),
            _NO_CLASSES,
            _NO_PLACES,
            _NO_CLASSES,
            self.origins,
            starts,
            ends,
            heads,
            tails,
            _NO_PLACES,
            pages,
            starts.searchsorted(self.origins),
        )

    def reading(self) -> LineReading:
        """Return all that was taken in of what the lines say."""
        tokens, words, lines = slice(self.tokens), slice(self.words), slice(self.lines)
        numbers, at = self.numbers
        counts = self.places[5, lines]
        owners: NDArray[Any] = np.arange(self.lines, dtype=self.index)
        keys = hashes = self.hashes[tokens]
        if self.keys:
            keys = hashes.copy()
            for where, some in self.keys:
                keys[where] = some
        return LineReading(
            TokenBatch(
                _NO_PLACES,
                _NO_PLACES,
                owners.repeat(counts),
                running(counts),
                counts,
                _NO_CLASSES,
                hashes,
                _NO_HASHES,
                _NO_HASHES,
            ),
            Words(at[words], _NO_HASHES.reshape(3, 0), _NO_HASHES, numbers[tokens]),
            Shape(_NO_PLACES, **{name: array[lines] for name, array in self.shape.items()}),
            {name: array[..., lines] for name, array in self.values.arrays.items()},
            CueHits(*(np.concatenate(field) for field in zip(*self.cues, strict=True))),
            keys,
            Hashed(self.hashed[0][:, words], self.hashed[1][tokens], self.hashed[2][:, lines]),
        )
