"""Cue lists to hits, entry by entry."""

from collections.abc import Iterable, Mapping

from tests.reference.lines import TextLine, fold, tokenise


class Cues:
    """Cue lists as they are written, by category."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self.categories = tuple(sorted(lists))
        self.phrases: dict[str, set[tuple[str, ...]]] = {}
        self.stars: dict[str, set[str]] = {}
        for category in self.categories:
            entries = list(lists[category])
            self.stars[category] = {fold(e[:-1]) for e in entries if e.endswith("*")}
            self.phrases[category] = {
                tuple(token.word for token in tokenise(e)) for e in entries if not e.endswith("*")
            }
        every = [p for phrases in self.phrases.values() for p in phrases]
        self.longest = max(map(len, every), default=0)

    def hits(self, line: TextLine) -> list[tuple[int, int, str]]:
        """Return (token, words, category) for every entry that begins at that token."""
        found = []
        words = line.words
        for at in range(len(words)):
            beginnings = {words[at][:size] for size in range(1, len(words[at]) + 1)}
            for category in self.categories:
                for length in range(1, self.longest + 1):
                    phrase = tuple(words[at : at + length])
                    if len(phrase) == length and phrase in self.phrases[category]:
                        found.append((at, length, category))
                found += [(at, 1, category) for _ in beginnings & self.stars[category]]
        return found

    def count(self, hits: Iterable[tuple[int, int, str]]) -> dict[str, int]:
        """Count hits by category."""
        counts = dict.fromkeys(self.categories, 0)
        for _, _, category in hits:
            counts[category] += 1
        return counts
