"""A text to lines, a line to tokens."""

import re
from dataclasses import dataclass, field

from paywallstrip.characters import TABLE_SIZE, CharacterClass, table

LINE_END = re.compile("\r\n|\r|\n")
WORD_CLASSES = {
    CharacterClass.LOWER,
    CharacterClass.UPPER,
    CharacterClass.UNCASED,
    CharacterClass.MARK,
    CharacterClass.DIGIT,
    CharacterClass.NUMBER,
}
CLASSES = [CharacterClass(int(value)) for value in table().classes]
FOLDS = table().folds.tolist()


def class_of(character: str) -> CharacterClass:
    return CLASSES[min(ord(character), TABLE_SIZE - 1)]


def fold(text: str) -> str:
    """Lower the case of each character; every digit becomes 0."""
    return "".join(chr(FOLDS[ord(c)]) if ord(c) < TABLE_SIZE else c for c in text)


@dataclass
class Token:
    """A word as it is compared.

    Attributes:
        word: the folded characters.
        opening: class of the first character.
    """

    word: str
    opening: CharacterClass


@dataclass
class TextLine:
    """A non-blank line.

    Attributes:
        text: without its line end.
        start: offset in the input.
        end: offset one past its last character.
        tokens: its words; a character of a script without spaces is a word of its own.
    """

    text: str
    start: int
    end: int
    tokens: list[Token] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [token.word for token in self.tokens]

    @property
    def ink(self) -> str:
        """The line without white space around it, nor a byte order mark that it begins with."""
        return self.text.removeprefix("\ufeff").strip() or self.text.strip()


def cut(text: str) -> list[TextLine]:
    """Return the non-blank lines of a text, in order."""
    lines = []
    start = 0
    ends = [(m.start(), m.end()) for m in LINE_END.finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        if text[start:end].strip():
            lines.append(TextLine(text[start:end], start, end, tokenise(text[start:end])))
        start = following
    return lines


def tokenise(text: str) -> list[Token]:
    """Return the words of a line."""
    tokens = []
    word = ""
    for character in text + " ":
        kind = class_of(character)
        if kind in WORD_CLASSES:
            word += character
            continue
        if word:
            tokens.append(Token(fold(word), class_of(word[0])))
            word = ""
        if kind is CharacterClass.IDEOGRAPH:
            tokens.append(Token(fold(character), kind))
    return tokens
