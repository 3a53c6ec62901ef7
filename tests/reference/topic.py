"""How many of a line's words stand elsewhere in the page."""

from collections import Counter
from collections.abc import Sequence

from paywallstrip.characters import CharacterClass
from paywallstrip.topic import MIDDLE, NEAR, RARE
from tests.reference.hashes import pair_hashes, word_hash
from tests.reference.lines import TextLine


class PageTopic:
    """The words of one page, in a counting table sized by the page."""

    def __init__(self, lines: Sequence[TextLine], rarity: Sequence[int]) -> None:
        count = sum(len(line.tokens) for line in lines)
        size = 2**6
        while size < 2 * count and size < 2**15:
            size *= 2
        self.hashes: list[list[int]] = []
        self.cells: list[list[int]] = []
        self.weights: list[list[int]] = []
        for line in lines:
            pairs = pair_hashes(line)
            hashes = [
                pair if token.opening is CharacterClass.IDEOGRAPH else word_hash(token.word)
                for token, pair in zip(line.tokens, pairs, strict=True)
            ]
            self.hashes.append(hashes)
            self.cells.append([(value >> 20) % size for value in hashes])
            self.weights.append([rarity[value % 2**16] for value in hashes])

    def totals(self) -> list[int]:
        return [sum(weights) for weights in self.weights]

    def shared(self, source: Sequence[bool]) -> list[int]:
        """Weigh each line's words that stand in another source line too."""
        counts = Counter(
            cell
            for cells, is_source in zip(self.cells, source, strict=True)
            if is_source
            for cell in cells
        )
        result = []
        for cells, weights, is_source in zip(self.cells, self.weights, source, strict=True):
            weight = 0
            for cell, value in zip(cells, weights, strict=True):
                if counts[cell] - (1 if is_source else 0) > 0:
                    weight += value
            result.append(weight)
        return result

    def cohesion(self) -> list[list[int]]:
        """Weigh each line's rare words by how near their last and next occurrences are.

        An occurrence next to one in its own line has none on that side.

        Returns:
            For each line the weight of words with one up to `NEAR` lines before, up to
            `NEAR` lines after, up to `MIDDLE` lines away, and anywhere.
        """
        occurrences = [
            (line, word, weight)
            for line, (words, weights) in enumerate(zip(self.hashes, self.weights, strict=True))
            for word, weight in zip(words, weights, strict=True)
            if weight >= RARE
        ]
        places: dict[int, list[int]] = {}
        for line, word, _ in occurrences:
            places.setdefault(word, []).append(line)
        met: Counter[int] = Counter()
        sums = [[0, 0, 0, 0] for _ in self.hashes]
        for line, word, weight in occurrences:
            at, where = met[word], places[word]
            met[word] += 1
            back = line - where[at - 1] if at else 0
            on = where[at + 1] - line if at + 1 < len(where) else 0
            steps = [step for step in (back, on) if step]
            for i, counts in enumerate(
                (
                    0 < back <= NEAR,
                    0 < on <= NEAR,
                    bool(steps) and min(steps) <= MIDDLE,
                    bool(steps),
                )
            ):
                sums[line][i] += weight if counts else 0
        return sums
