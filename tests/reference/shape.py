"""A line to its shape, character by character."""

from collections import Counter

from paywallstrip.characters import CharacterClass
from tests.reference.lines import TextLine, class_of

SKIPPED = (CharacterClass.CLOSING, CharacterClass.QUOTE, CharacterClass.APOSTROPHE)


class LineShape:
    """What a line looks like.

    Attributes:
        counts: characters of each class.
        size: inked width; a character of a script without spaces is two wide.
        words: words; two characters of a script without spaces are one.
        capitals: words that begin with an upper-case letter.
        cased: words that begin with a letter that has a case.
        first: class of the first inked character.
        last: class of the last one.
        closing: class of the last one, at most two closing quotes or brackets skipped.
        prose: whether it looks like a sentence of running text.
    """

    def __init__(self, line: TextLine) -> None:
        ink = line.ink
        classes = [class_of(character) for character in ink]
        self.counts = Counter(class_of(character) for character in line.text)
        wide = self.counts[CharacterClass.IDEOGRAPH]
        self.size = len(ink) + wide
        self.words = len(line.tokens) - wide // 2
        openings = [token.opening for token in line.tokens]
        self.capitals = openings.count(CharacterClass.UPPER)
        self.cased = self.capitals + openings.count(CharacterClass.LOWER)
        self.first, self.last = classes[0], classes[-1]
        rest = list(classes)
        for _ in range(2):
            if rest[-1] in SKIPPED and len(rest) > 1:
                rest.pop()
        self.closing = rest[-1]
        ends = self.counts[CharacterClass.TERMINATOR]
        self.prose = self.size >= 80 and self.words >= 8 and ends > 0
        self.digit = self.counts[CharacterClass.DIGIT] > 0
