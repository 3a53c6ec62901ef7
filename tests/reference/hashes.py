"""Words to hashed columns, in whole numbers of Python."""

from tests.reference.lines import TextLine

WRAP = 2**64
BASE = 0x9E3779B97F4A7C15
STEM = 4
TAIL = 3


def mix(value: int) -> int:
    value %= WRAP
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD % WRAP
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 % WRAP
    return value ^ value >> 33


def word_hash(word: str) -> int:
    """Hash a folded word: a polynomial in its code points, with its length."""
    total = 0
    for place, character in enumerate(word):
        total += (ord(character) + 1) * pow(BASE, place, WRAP)
    return mix(total + len(word) * 0xD6E8FEB86659FD93)


def pair_hashes(line: TextLine) -> list[int]:
    """Hash each word with the next one of its line; the last one with nothing."""
    hashes = [word_hash(word) for word in line.words]
    following = [*hashes[1:], 0]
    return [mix(a * 0x9FB21C651E98DF25 + b) for a, b in zip(hashes, following, strict=False)]


def line_hash(line: TextLine) -> int:
    """Hash the words of a line with their places."""
    return mix(sum(mix(word_hash(word) + 2 * i + 1) for i, word in enumerate(line.words)))


def bucket(value: int, kind: int) -> int:
    """Return the hashed column for one kind of feature."""
    salt = 0x94D049BB133111EB * (kind + 1) % WRAP
    return ((value ^ salt) * 0xBF58476D1CE4E5B9 % WRAP) >> 46
