"""Lines to what each says by itself: its tokens, its shape, its cues, its hashed columns.

Nothing here looks beyond a line. So a batch is read in chunks of lines that fit into the
cache, and what was read is put together again.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable, match_cues
from paywallstrip.lines import Ints, LineBatch
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

CHUNK_CHARACTERS = 1 << 19
"""Characters read together: what is made of each takes up some hundred bytes for a while."""
HASH_BITS = 16
_NO_SUMS, _NO_LINES = np.empty(0, np.uint64), np.empty(0, np.int64)


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
        What they say, without the tokens' `sums` if they were read in chunks.
    """
    if len(batch.points) <= CHUNK_CHARACTERS or len(batch.starts) < 2:
        return _read_chunk(batch, cues)
    parts = []
    for chunk in _chunks(batch):
        part = _read_chunk(chunk, cues)
        # Done with, or made again in one go.
        tokens = part.tokens._replace(sums=_NO_SUMS, lines=_NO_LINES)
        parts.append(part._replace(tokens=tokens))
    return _join(parts, batch)


def _chunks(batch: LineBatch) -> Iterator[LineBatch]:
    """Cut a batch between lines; the chunks' `origins` and `bounds` are those of the whole."""
    cuts = batch.starts.searchsorted(np.arange(0, len(batch.points), CHUNK_CHARACTERS))
    edges = sorted({0, *cuts.tolist(), len(batch.starts)})
    for a, b in pairwise(edges):
        # The line end after the last line closes its last word.
        low, high = int(batch.starts[a]), int(batch.ends[b - 1]) + 1
        first, last = batch.marks.searchsorted([low, high])
        yield batch._replace(
            points=batch.points[low:high],
            classes=batch.classes[low:high],
            marks=batch.marks[first:last] - low,
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
    fills = begins & (at + length == tokens.bounds.take(owner + 1))
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
        tokens.hashes.take(tokens.bounds[1:] - 1, out=lines[2], mode="clip")
        lines[1:] *= tokens.counts > 0
    return Hashed(bucket(words.hashes, _WORDS), bucket(pairs, _PAIRS), bucket(lines, _LINES))


def bucket(hashes: Hashes, salts: Hashes) -> Ints:
    """Return the hashed column of each hash, by the salt of its kind of feature."""
    salted = hashes ^ salts
    salted *= np.uint64(0xBF58476D1CE4E5B9)
    salted >>= np.uint64(64 - HASH_BITS)
    return salted.view(np.int64)


def _salts(*kinds: int) -> Hashes:
    """Return the salts of kinds of features, one a row."""
    salts = [0x94D049BB133111EB * (kind + 1) % 2**64 for kind in kinds]
    return np.array(salts, np.uint64)[:, None]


_WORDS, _PAIRS, _LINES = _salts(0, 3, 4), _salts(2)[0], _salts(1, 5, 6)


def _join(parts: Sequence[LineReading], batch: LineBatch) -> LineReading:
    """Put chunks together: what counts characters, lines, tokens or words goes on counting."""
    tokens = [part.tokens for part in parts]
    counts = np.concatenate([each.counts for each in tokens])
    hashes = np.concatenate([each.hashes for each in tokens])
    same = all(part.keys is part.tokens.hashes for part in parts)
    lines = _offsets([len(each.counts) for each in tokens])
    sizes = _offsets([len(each.hashes) for each in tokens])
    words = _offsets([len(part.words.at) for part in parts])
    characters = batch.starts.take(lines[:-1]).tolist()
    cues = [part.cues for part in parts]
    return LineReading(
        TokenBatch(
            _shifted([each.starts for each in tokens], characters),
            _shifted([each.ends for each in tokens], characters),
            np.arange(len(counts)).repeat(counts),
            np.append(_shifted([each.bounds[:-1] for each in tokens], sizes), sizes[-1]),
            counts,
            np.concatenate([each.openings for each in tokens]),
            hashes,
            _NO_SUMS,
        ),
        Words(
            _shifted([part.words.at for part in parts], sizes),
            np.concatenate([part.words.hashes for part in parts], axis=1),
            _shifted([part.words.every_number() for part in parts], words),
        ),
        Shape(*_beside([part.shape for part in parts])),
        CueHits(_shifted([each.lines for each in cues], lines), *_beside([c[1:] for c in cues])),
        hashes if same else np.concatenate([part.keys for part in parts]),
        Hashed(*_beside([part.hashed for part in parts])),
    )


def _offsets(sizes: list[int]) -> list[int]:
    return [0, *np.cumsum(sizes).tolist()]


def _shifted(arrays: Sequence[Ints], offsets: Sequence[int]) -> Ints:
    """Join arrays of numbers, each counted on from its offset."""
    return np.concatenate([a + offset for a, offset in zip(arrays, offsets, strict=False)])


def _beside(parts: Sequence[tuple[NDArray[Any], ...]]) -> Iterator[NDArray[Any]]:
    """Join the arrays of each field, along their last axis."""
    return (np.concatenate(field, axis=-1) for field in zip(*parts, strict=True))
