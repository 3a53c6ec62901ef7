"""Written blocks among the lines of an HTML page: with the markup of a plain element there."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.markup import TAGS, MarkupLines
from paywallstrip.training.blocks import Block, set_block

LINK_LONGEST = 40
LINK_SHARE = 0.3
"""How often a written line of up to `LINK_LONGEST` characters is a link."""
_TAGS = ("p", "div", "li", "h3")

Label = str | None


def set_markup_block(
    markup: MarkupLines,
    labels: Sequence[Label],
    written: Sequence[bool],
    block: Block,
    rng: Random,
) -> tuple[MarkupLines, list[Label], list[bool]]:
    """Set a block into a page as `blocks.set_block` does, as an element of its own.

    Its element lies where the lines before and after it meet, and has no class and no id.

    Args:
        markup: the page.
        labels: one label a line, None where it is not known.
        written: whether each line was written for a block.
        block: the block.
        rng: makes the choices.

    Returns:
        The page, the labels and `written` with the block among them.
    """
    numbers = [str(i) for i in range(len(labels))]
    # A written line takes a number of its own, so that each can be told from the page's.
    names = tuple(f"+{i}" for i in range(len(block.lines)))
    stand_in = Block(
        **{
            field: getattr(block, field)
            for field in ("id", "language", "kind", "template", "place")
        },
        lines=names,
        labels=block.labels,
    )
    order, found = set_block(numbers, labels, stand_in, rng)
    sources = np.array([-1 if name[0] == "+" else int(name) for name in order], dtype=np.int64)
    kept = sources[sources >= 0]
    begin = int(np.flatnonzero(sources < 0)[0])
    page = _chosen(markup, kept)
    is_written = [source < 0 or written[source] for source in sources.tolist()]
    return _inserted(page, begin, block.lines, rng), found, is_written


def _chosen(markup: MarkupLines, kept: Ints) -> MarkupLines:
    """Leave out some lines of a page."""
    if len(kept) == len(markup.tags):
        return markup
    lines = markup.text.split("\n")
    joined = markup.joined.copy()
    # Of lines in a row, the innermost element around the first and the last is the outermost
    # of those around two neighbours.
    for before, line in zip(kept[:-1].tolist(), kept[1:].tolist(), strict=True):
        joined[line] = markup.joined[before + 1 : line + 1].min()
    word_at, word_bounds = _some_runs(markup.word_bounds, kept)
    target_at, target_bounds = _some_runs(markup.target_bounds, kept)
    return markup._replace(
        text="\n".join(lines[i] for i in kept.tolist()),
        joined=joined[kept],
        words=markup.words[word_at],
        word_levels=markup.word_levels[word_at],
        word_bounds=word_bounds,
        target_words=markup.target_words[target_at],
        target_bounds=target_bounds,
        **{name: getattr(markup, name)[kept] for name in _PLAIN},
    )


_PLAIN = (
    "tags",
    "link_characters",
    "links",
    "strong_characters",
    "depth",
    "landmarks",
    "headings",
    "hidden",
    "parents",
    "tag_paths",
    "class_paths",
)


def _some_runs(bounds: Ints, kept: Ints) -> tuple[Ints, Ints]:
    """Return where the words of some lines stand, and their new bounds."""
    runs = [range(bounds[i], bounds[i + 1]) for i in kept.tolist()]
    at = np.array([place for run in runs for place in run], dtype=np.int64)
    return at, np.concatenate([[0], np.cumsum([len(run) for run in runs])]).astype(np.int64)


def _inserted(markup: MarkupLines, begin: int, texts: Sequence[str], rng: Random) -> MarkupLines:
    """Put lines before line `begin`, in an element of their own."""
    count, size = len(texts), len(markup.tags)
    before, after = max(begin - 1, 0), min(begin, size - 1)
    shared = int(markup.joined[begin]) if 0 < begin < size else int(markup.depth.min())
    shared = min(shared, int(markup.depth[before]))
    tag = rng.choice(_TAGS)
    lengths = np.array([len(text) for text in texts])
    linked = np.array([n <= LINK_LONGEST and rng.random() < LINK_SHARE for n in lengths.tolist()])
    joined = np.full(count, shared + 1)
    joined[0] = shared if begin else 0

    def put(name: str, values: Any) -> Any:
        return np.insert(getattr(markup, name), [begin] * count, values)

    following = put("joined", joined)
    if begin == 0:
        following[count] = shared
    lines = markup.text.split("\n")
    lines[begin:begin] = texts
    words, levels = _outer_words(markup, before, int(markup.depth[before]) - shared)
    places = [int(markup.word_bounds[begin])] * (len(words) * count)
    return markup._replace(
        text="\n".join(lines),
        tags=put("tags", TAGS.index(tag)),
        link_characters=put("link_characters", np.where(linked, lengths, 0)),
        links=put("links", linked),
        strong_characters=put("strong_characters", 0),
        depth=put("depth", shared + 2),
        joined=following,
        landmarks=put("landmarks", markup.landmarks[before] & markup.landmarks[after]),
        headings=put("headings", int(tag[1]) if tag[0] == "h" else 0),
        hidden=put("hidden", markup.hidden[before] & markup.hidden[after]),
        parents=put("parents", markup.parents.max() + 1 + np.arange(count)),
        tag_paths=put("tag_paths", rng.getrandbits(32)),
        class_paths=put("class_paths", rng.getrandbits(32)),
        words=np.insert(markup.words, places, np.tile(words, count)),
        word_levels=np.insert(markup.word_levels, places, np.tile(levels, count)),
        word_bounds=_with_runs(markup.word_bounds, begin, [len(words)] * count),
        target_bounds=_with_runs(markup.target_bounds, begin, [0] * count),
    )


def _outer_words(
    markup: MarkupLines, line: int, above: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Return the words of a line's ancestors from so many levels above it on, for two below."""
    run = slice(int(markup.word_bounds[line]), int(markup.word_bounds[line + 1]))
    words, levels = markup.words[run], markup.word_levels[run].astype(np.int64)
    outer = levels >= above
    return words[outer], (levels[outer] - above + 2).astype(np.uint8)


def _with_runs(bounds: Ints, at: int, counts: Sequence[int]) -> Ints:
    sizes = np.insert(np.diff(bounds), [at] * len(counts), counts)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
