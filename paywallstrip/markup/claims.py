"""A line against what the page says of itself: its title, and the claims of its JSON-LD."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.lines import Ints, split_lines
from paywallstrip.markup.families import BODY_EDGES, TITLE_EDGES
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.markup.tree import LEVELS, Tree, count_levels, first_best
from paywallstrip.measures import Values, bin_look_up, look_up, percent
from paywallstrip.tokens import Hashes, by_page, mix, pair_hashes, split_tokens
from paywallstrip.windows import distances, running

LEAST_BODY = 200
"""An `articleBody` shorter than this says nothing."""
HEADLINE_FROM = 4500
"""Product of the shares of a line's and the title's words in each other that make a headline."""
_TOP_HEADING = 2000
_SIEVE_BITS = 3
"""A sieve has this power of two times more cells than keys."""


def title_values(
    reading: Reading, tree: Tree, headings: NDArray[np.uint8], pages: Sequence[MarkupLines]
) -> Values:
    """Compare lines with the title, and place them against the headline."""
    at, low, high = reading.places
    texts = [_one_line(f"{page.title} {page.hints.headline or ''}") for page in pages]
    found, size = _found_words(reading, reading.tokens.hashes, *_keys(texts, pairs=False))
    of_line = percent(found, reading.tokens.counts)
    of_title = np.minimum(percent(found, size), 100)
    grades = bin_look_up(TITLE_EDGES)
    pair = look_up(grades, of_line).astype(np.int64) * (len(TITLE_EDGES) + 1)
    score = of_line * of_title + _TOP_HEADING * (headings == 1)
    line = first_best(score, reading.lines.bounds).take(reading.lines.pages)
    known = score.take(line) >= HEADLINE_FROM
    is_headline = (line == at) & known
    before, after = distances(is_headline[None], low, high)
    shared = count_levels(tree.starts.take(line, axis=1) == tree.starts) - 1
    return {
        "title": np.stack([of_line, of_title]),
        "title-pair": pair + look_up(grades, of_title),
        "headline-before": np.where(is_headline, 0, before[0]),
        "headline-after": np.where(is_headline, 0, after[0]),
        "headline-climb": np.where(known, np.maximum(tree.depth - shared, 0), LEVELS),
    }


def claimed_values(reading: Reading, pages: Sequence[MarkupLines]) -> Values:
    """Look lines up in the `articleBody` that the page claims."""
    count = len(reading.coarse)
    bodies = [_one_line(page.hints.article_body or "") for page in pages]
    known = np.array([len(body) >= LEAST_BODY for body in bodies], dtype=bool)
    claimed = np.zeros(count, np.int64)
    if known.any():
        texts = [body if take else "" for body, take in zip(bodies, known, strict=True)]
        found, _ = _found_words(reading, pair_hashes(reading.tokens), *_keys(texts, pairs=True))
        share = percent(found, reading.tokens.counts)
        claimed = np.where(
            known.take(reading.lines.pages), 1 + look_up(bin_look_up(BODY_EDGES), share), 0
        )
    states = [0 if page.hints.is_free is None else 1 + page.hints.is_free for page in pages]
    free = np.array(states, dtype=np.int64).take(reading.lines.pages)
    return {"claimed-body": claimed, "claimed-free": free}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _keys(texts: Sequence[str], *, pairs: bool) -> tuple[Hashes, Ints]:
    """Hash the words of some texts, with their text's number; also count each text's words."""
    batch = split_lines(texts)
    tokens = split_tokens(batch)
    owners = batch.pages.take(tokens.lines)
    hashes = pair_hashes(tokens) if pairs else tokens.hashes
    keys = mix(by_page(hashes, owners))
    return np.unique(keys), np.bincount(owners, minlength=len(texts))


def _found_words(reading: Reading, hashes: Hashes, keys: Hashes, sizes: Ints) -> tuple[Ints, Ints]:
    """Count the words of each line that are among the keys; also return its text's size."""
    pages, tokens = reading.lines.pages, reading.tokens
    count = len(tokens.counts)
    if not len(keys):
        return np.zeros(count, np.int64), sizes.take(pages)
    own = mix(by_page(hashes, pages.take(tokens.lines)))
    found = running(_among(own, keys))
    return found.take(tokens.bounds[1:]) - found.take(tokens.bounds[:-1]), sizes.take(pages)


def _among(hashes: Hashes, keys: Hashes) -> NDArray[np.bool_]:
    """Tell which hashes are among some keys, that are sorted and not empty."""
    # Few are, as a rule: a sieve leaves few to be searched for.
    shift = np.uint64(64 - _SIEVE_BITS - len(keys).bit_length())
    sieve = np.zeros(1 << int(64 - shift), dtype=bool)
    sieve[(keys >> shift).view(np.int64)] = True
    found = sieve.take((hashes >> shift).view(np.int64))
    left = found.nonzero()[0]
    some = hashes.take(left)
    found[left] = keys.take(np.minimum(keys.searchsorted(some), len(keys) - 1)) == some
    return found
