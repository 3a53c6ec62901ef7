"""Tokens to cue hits: words and phrases of the cue lists, found in one pass over hashes.

The lists (`data/cues/*.toml`, one file a category) are read when a model is trained.
What ships in the model is a hash table of every entry and of every beginning of one:
at run time a token's hash is looked up once, and only tokens that may begin a phrase
are followed further. A single-word entry that ends in a star matches every word that
begins so.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.errors import DataError
from paywallstrip.lines import Ints, split_lines
from paywallstrip.once import made_once
from paywallstrip.scalars import ONE, scalar
from paywallstrip.tokens import (
    LONGER_STEMS,
    Hashes,
    TokenBatch,
    Words,
    find_words,
    mix,
    spans_hash,
    split_tokens,
)

LONGEST_PHRASE = 12
STAR_LENGTHS = range(4, 9)
LONGEST_CHAIN = 1000
"""Moves after which a key that finds no slot asks for a larger table."""
SIEVE_BITS = 19
FEW_HASHES = 1 << 12
"""Fewer are looked for without the sieve: that takes fewer steps, and no sieve to be made."""
_LOW_SHIFT, _HIGH_SHIFT = scalar(0, np.uint64), scalar(40, np.uint64)
_AT_LOW, _AT_HIGH, _EITHER = np.uint8(1), np.uint8(2), np.uint8(3)
_SHIFTS = np.array([0, _LOW_SHIFT, _HIGH_SHIFT, _LOW_SHIFT], dtype=np.uint64)
_PHRASE_BASE = scalar(0xA0761D6478BD642F, np.uint64)
_STAR_SALT = scalar(0xE7037ED1A0B428DB, np.uint64)
_SALTS = np.array([[0], *[[_STAR_SALT]] * (1 + len(LONGER_STEMS))], np.uint64)
"""Of words, and of the first letters of words."""
_LONGER = np.array(STAR_LENGTHS[1:], np.int64)[:, None]

if TYPE_CHECKING:
    from pathlib import Path


class CueArrays(NamedTuple):
    """Compiled cue lists.

    Attributes:
        categories: names of the categories, in the order of their numbers.
        keys: uint64 array of shape (slots,), the hash in each slot, 0 where empty; a
            hash lies in the slot of its low bits or in that of its high bits.
        longer: bool array of shape (slots,), whether some entry goes on after this hash.
        groups: uint16 array of shape (slots,), which set of categories a slot stands for.
        first: int64 array of shape (sets + 1,): the categories of set i are
            `members[first[i]:first[i + 1]]`; set 0 is empty.
        members: int64 array, category numbers.
    """

    categories: tuple[str, ...]
    keys: Hashes
    longer: NDArray[np.bool_]
    groups: NDArray[np.uint16]
    first: Ints
    members: Ints


class CueTable(CueArrays):
    """Compiled cue lists, with what is made of them when they are first used."""

    @made_once
    def mask(self) -> Hashes:
        """The bits of a hash that name a slot, as an array without axes."""
        return scalar(len(self.keys) - 1, np.uint64)

    @made_once
    def sieve(self) -> NDArray[np.uint8]:
        """In which of its slots a key with these high bits lies: 0 none, 1 low, 2 high, 3 either.

        Most hashes that are no key fall through, in one look-up; the others are looked for
        in one slot instead of two.
        """
        found = np.zeros(1 << SIEVE_BITS, dtype=np.uint8)
        keys = self.keys[self.keys != 0]
        at_low = _slot(keys, _LOW_SHIFT, self.mask) == self.keys.nonzero()[0]
        for where, code in ((at_low, _AT_LOW), (~at_low, _AT_HIGH)):
            cells = _sieve_cells(keys[where])
            found[cells] |= code
        return found

    def __getstate__(self) -> None:
        """Pickle the arrays alone."""


def _sieve_cells(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(64 - SIEVE_BITS)).view(np.int64)


def match_cues(
    tokens: TokenBatch, cues: CueTable, words: Words | None = None
) -> tuple[Ints, Ints, Ints]:
    """Find every cue in a batch.

    Args:
        tokens: the batch's tokens.
        cues: the compiled lists.
        words: their `find_words`, if they are known already.

    Returns:
        Three int64 arrays, one element a hit: the token at which it begins, how many
        tokens it has, and the number of its category. An entry of several categories is
        a hit for each.
    """
    if words is None:
        words = find_words(tokens)
    if len(words.longer):
        return _match_few(tokens, cues, words)
    # Words as they are, and their first letters for entries that end in a star. A word of
    # fewer letters is never taken for the beginning of one: its length is part of its hash.
    known, slots, _ = _find(cues, (words.hashes[:2] ^ _SALTS[:2]).ravel())
    singles = known.searchsorted(len(words.at))
    known[singles:] -= len(words.at)
    further = cues.longer.take(slots).nonzero()[0]
    border = further.searchsorted(singles)
    opening, going = known.take(further[:border]), known.take(further[border:])
    stars, more = _match_stars(tokens, cues, words, going)
    own = np.concatenate([known, stars])
    counts, categories = _members(cues, np.concatenate([slots, more]))
    positions, categories = _spread(words, own.repeat(counts), categories)
    lengths = np.ones(len(positions), np.int64)
    found = _match_phrases(tokens, cues, _tokens_of(words, opening))
    if not found:
        return positions, lengths, categories
    begins, sizes, others = _hits_of(cues, found)
    return (
        np.concatenate([positions, begins]),
        np.concatenate([lengths, sizes]),
        np.concatenate([categories, others]),
    )


def _match_few(tokens: TokenBatch, cues: CueTable, words: Words) -> tuple[Ints, Ints, Ints]:
    """Find every cue among few tokens, all their beginnings at once; as `match_cues`."""
    count = len(words.at)
    hashes = np.concatenate([words.hashes[:2], words.longer])
    hashes ^= _SALTS
    known, slots, _ = _find(cues, hashes.ravel())
    singles = known.searchsorted(count)
    opening = known.take(cues.longer.take(slots[:singles]).nonzero()[0])
    return _hits_of(cues, [(known % count, slots, 1), *_match_phrases(tokens, cues, opening)])


def _hits_of(cues: CueTable, found: list[tuple[Ints, Ints, int]]) -> tuple[Ints, Ints, Ints]:
    """Return the hits, as `match_cues` does, of entries: tokens, slots and how many tokens."""
    counts, categories = _members(cues, np.concatenate([slots for _, slots, _ in found]))
    begins = np.concatenate([at for at, _, _ in found])
    sizes = np.array([size for *_, size in found]).repeat([len(at) for at, _, _ in found])
    return begins.repeat(counts), sizes.repeat(counts), categories


def _match_phrases(tokens: TokenBatch, cues: CueTable, reach: Ints) -> list[tuple[Ints, Ints, int]]:
    """Follow the entries of several words from the tokens that may begin one."""
    found: list[tuple[Ints, Ints, int]] = []
    if not len(reach):
        return found
    states = tokens.hashes.take(reach)
    inner = ~closing_tokens(tokens)
    for length in range(2, LONGEST_PHRASE + 1):
        open_ = inner.take(reach).nonzero()[0]
        if not len(open_):
            break
        reach = reach.take(open_) + ONE
        states = _extend(states.take(open_), tokens.hashes.take(reach))
        hit, slots, states = _find(cues, states)
        if not len(hit):
            break
        reach = reach.take(hit)
        found.append((reach - (length - 1), slots, length))
        longer = cues.longer.take(slots).nonzero()[0]
        reach, states = reach.take(longer), states.take(longer)
    return found


def _members(cues: CueTable, slots: Ints) -> tuple[Ints, Ints]:
    """Return how many categories each slot stands for, and all of them in order."""
    groups = cues.groups.take(slots)
    begins = cues.first.take(groups)
    counts = cues.first[1:].take(groups) - begins
    return counts, cues.members.take(_ranges(begins, counts))


def _spread(words: Words, at: Ints, values: Ints) -> tuple[Ints, Ints]:
    """Hand values of words, any number for each, to the tokens that are these words."""
    if words.numbers is None:
        return at, values
    counts = np.bincount(at, minlength=len(words.at))
    begins = counts.cumsum() - counts
    tokens = (counts > 0).take(words.numbers).nonzero()[0]
    found = words.numbers.take(tokens)
    times = counts.take(found)
    which = _ranges(begins.take(found), times)
    return tokens.repeat(times), values.take(at.argsort(kind="stable").take(which))


def _tokens_of(words: Words, at: Ints) -> Ints:
    """Return the tokens that are one of some words."""
    if words.numbers is None:
        return at
    chosen = np.zeros(len(words.at), dtype=bool)
    chosen[at] = True
    return chosen.take(words.numbers).nonzero()[0]


def _match_stars(tokens: TokenBatch, cues: CueTable, words: Words, at: Ints) -> tuple[Ints, Ints]:
    """Look up longer beginnings of words, those for whose first letters an entry goes on.

    Only entries and their beginnings are in the table: so one that is found is one of an
    entry, whatever was found of the shorter ones.

    Returns:
        Numbers of words, and the slots of their beginnings.
    """
    starts = words.starts(tokens).take(at)
    size, which = (words.ends(tokens).take(at) - starts >= _LONGER).nonzero()
    begins = starts.take(which)
    ends = begins + _LONGER.take(size)
    hit, slots, _ = _find(cues, spans_hash(tokens.sums, begins, ends) ^ _STAR_SALT)
    return at.take(which.take(hit)), slots


def _extend(states: Hashes, hashes: Hashes) -> Hashes:
    return mix(states * _PHRASE_BASE + hashes)


def closing_tokens(tokens: TokenBatch) -> NDArray[np.bool_]:
    """Return which tokens are the last ones of their lines."""
    flags = np.zeros(len(tokens.hashes), dtype=bool)
    flags[tokens.bounds[1:][tokens.counts.astype(bool)] - ONE] = True
    return flags


def _find(cues: CueTable, hashes: Hashes) -> tuple[Ints, Ints, Hashes]:
    """Return which hashes are in one of their two slots, in which, and the hashes found."""
    if len(hashes) < FEW_HASHES:
        low, high = _slot(hashes, _LOW_SHIFT, cues.mask), _slot(hashes, _HIGH_SHIFT, cues.mask)
        at_low = cues.keys.take(low) == hashes
        kept = (at_low | (cues.keys.take(high) == hashes)).nonzero()[0]
        # The low slot of those that lie there, the high one of the others.
        slots = high.take(kept)
        np.copyto(slots, low.take(kept), where=at_low.take(kept))
        return kept, slots, hashes.take(kept)
    codes = cues.sieve.take(_sieve_cells(hashes))
    maybe = (codes != 0).nonzero()[0]
    some, codes = hashes.take(maybe), codes.take(maybe)
    slots = _slot(some, _SHIFTS.take(codes), cues.mask)
    hit = cues.keys.take(slots) == some
    again = ((codes == _EITHER) & ~hit).nonzero()[0]
    if len(again):
        others = some.take(again)
        slots[again] = _slot(others, _HIGH_SHIFT, cues.mask)
        hit[again] = cues.keys.take(slots.take(again)) == others
    kept = hit.nonzero()[0]
    return maybe.take(kept), slots.take(kept), some.take(kept)


def _slot(hashes: Hashes, shift: Hashes, mask: Hashes) -> Ints:
    return (hashes >> shift & mask).view(np.int64)


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """Return `starts[i], starts[i] + 1, …` for `counts[i]` elements each, one after another."""
    offsets: Ints = (starts + counts - np.add.accumulate(counts)).repeat(counts)
    offsets += np.arange(len(offsets))
    return offsets


def read_cue_lists(directory: "Path | None" = None) -> dict[str, list[str]]:
    """Read the cue lists of a folder.

    Args:
        directory: a folder of TOML files, one a category, each with a table `cues` of
            language codes to lists of entries; None for the package's own lists.

    Returns:
        Category name to its entries in all languages, without repeats.

    Raises:
        DataError: if an entry is not written as the lists demand.
    """
    # Needed in training only: importing them takes milliseconds.
    import tomllib
    from pathlib import Path

    directory = directory or Path(__file__).parent / "data" / "cues"
    lists: dict[str, list[str]] = {}
    for path in sorted(directory.glob("*.toml")):
        by_language = tomllib.loads(path.read_text(encoding="utf-8"))["cues"]
        entries = [entry for language in by_language.values() for entry in language]
        for entry in entries:
            problem = entry_problem(entry)
            if problem:
                raise DataError(f"{path.name}: cue {entry!r} {problem}")
        lists[path.stem] = list(dict.fromkeys(entries))
    return lists


def entry_problem(entry: str) -> str | None:
    """Say what is wrong with a cue entry, or None."""
    if entry != entry.lower().strip():
        return "must be lower case, without white space around it"
    word, star, rest = entry.partition("*")
    if star:
        if rest or len(_hash_words([word])[0]) != 1 or len(word) not in STAR_LENGTHS:
            return "must be one word of 4 to 8 letters before a final star"
        return None
    count = len(_hash_words([entry])[0])
    if not 1 <= count <= LONGEST_PHRASE:
        return f"has {count} words, 1 to {LONGEST_PHRASE} are possible"
    return None


def compile_cues(lists: Mapping[str, Iterable[str]]) -> CueTable:
    """Compile cue lists to a table that `match_cues` reads.

    Args:
        lists: category name to its entries, as `read_cue_lists` gives them.

    Returns:
        The table; the same lists always give the same arrays.
    """
    categories = tuple(sorted(lists))
    members: dict[int, set[int]] = {}
    longer: set[int] = set()
    for number, category in enumerate(categories):
        for states in _entry_states(list(lists[category])):
            for state in states:
                members.setdefault(state, set())
            longer.update(states[:-1])
            members[states[-1]].add(number)
    slots = _place(sorted(members))
    keys = np.zeros(len(slots), dtype=np.uint64)
    for slot, key in enumerate(slots):
        keys[slot] = key or 0
    sets = [tuple(sorted(members[key])) if key else () for key in slots]
    groups = {members_: i for i, members_ in enumerate([(), *sorted(set(sets) - {()})])}
    return CueTable(
        categories,
        keys,
        np.array([key in longer for key in slots], dtype=bool),
        np.array([groups[members_] for members_ in sets], dtype=np.uint16),
        np.cumsum([0, *map(len, groups)], dtype=np.int64),
        np.array([number for group in groups for number in group], dtype=np.int64),
    )


def _entry_states(entries: list[str]) -> list[list[int]]:
    """Return, for each entry, the hashes of its beginnings up to itself."""
    stars = [entry[:-1] for entry in entries if entry.endswith("*")]
    result = [[int(state) for state in _star_states(word)] for word in stars]
    for hashes in _hash_words([entry for entry in entries if not entry.endswith("*")]):
        states = [hashes[:1]]
        for i in range(1, len(hashes)):
            states.append(_extend(states[-1].copy(), hashes[i : i + 1]))
        result.append([int(state[0]) for state in states])
    return result


def _star_states(word: str) -> Hashes:
    tokens = split_tokens(split_lines([word]))
    sizes = np.arange(STAR_LENGTHS.start, len(word) + 1)
    return spans_hash(tokens.sums, np.zeros_like(sizes), sizes) ^ _STAR_SALT


def _hash_words(entries: list[str]) -> list[Hashes]:
    """Return the token hashes of each entry."""
    batch = split_lines(entries)
    tokens = split_tokens(batch)
    if len(batch.starts) != len(entries):
        return [np.empty(0, np.uint64)]
    return np.split(tokens.hashes, tokens.bounds[1:-1])


def _place(keys: list[int]) -> list[int | None]:
    """Give every key one of its two slots (cuckoo hashing), in the smallest table that works."""
    size = 1 << max(4, (len(keys) * 2).bit_length())
    while True:
        slots: list[int | None] = [None] * size
        if all(_insert(slots, key) for key in keys):
            return slots
        size *= 2


def _insert(slots: list[int | None], key: int) -> bool:
    size = len(slots)
    spot = key & (size - 1)
    for _ in range(LONGEST_CHAIN):
        slots[spot], moved = key, slots[spot]
        if moved is None:
            return True
        key = moved
        low, high = key & (size - 1), key >> 40 & (size - 1)
        spot = high if spot == low else low
    return False
