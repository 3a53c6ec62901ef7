"""Write paywallstrip/data/characters.npz, the class and case table of code points.

The table is committed, since `unicodedata` differs between Python versions:
run this only to move to another Unicode version, and retrain afterwards.

    python tools/build_characters.py
"""

import sys
import unicodedata
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from paywallstrip.characters import TABLE_SIZE, CharacterClass  # noqa: E402

NO_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3038, 0x303C),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x1AFF0, 0x1B16F),  # kana extensions
)
TERMINATORS = set(".!?。！？．؟۔।॥։።፧៕။｡⁇⁈⁉‼")
PAUSES = set(",;:、，；：،؛・､")
QUOTES = set('"“”„‟«»‹›「」『』〈〉《》＂‚‛`´')
APOSTROPHES = set("'’‘ʼ＇")
OPENING = set("([{（［｛【〔")
CLOSING = set(")]}）］｝】〕")
DASHES = set("-‐‑‒–—―−－~〜～")
BULLETS = set("•·‣◦▪▫■□●○►▶▸◆◇★☆✓✔✗✘*→←↑↓⟶➜➤❯❮⁃∙⋅")
SEPARATORS = set("|/\\>＞<｜¦‖")
ELLIPSES = set("…⋯")
CODES = set("{}_=#@&%+^§†‡$")  # the dollar is a currency and is taken before


def classify(character: str) -> CharacterClass:
    """Return the class of one character, by Unicode category and the sets above."""
    point = ord(character)
    category = unicodedata.category(character)
    if character in "\n\r":
        return CharacterClass.LINE_END
    if character.isspace():
        return CharacterClass.SPACE
    for members, value in (
        (ELLIPSES, CharacterClass.ELLIPSIS),
        (TERMINATORS, CharacterClass.TERMINATOR),
        (PAUSES, CharacterClass.PAUSE),
        (QUOTES, CharacterClass.QUOTE),
        (APOSTROPHES, CharacterClass.APOSTROPHE),
        (OPENING, CharacterClass.OPENING),
        (CLOSING, CharacterClass.CLOSING),
        (DASHES, CharacterClass.DASH),
        (BULLETS, CharacterClass.BULLET),
        (SEPARATORS, CharacterClass.SEPARATOR),
    ):
        if character in members:
            return value
    if category == "Sc":
        return CharacterClass.CURRENCY
    if character in CODES:
        return CharacterClass.CODE
    if category == "Nd":
        return CharacterClass.DIGIT
    if category[0] in "LM" and any(low <= point <= high for low, high in NO_SPACES):
        return CharacterClass.IDEOGRAPH
    return by_category(character, category)


def by_category(character: str, category: str) -> CharacterClass:
    """Return the class of a character that no set names."""
    if category in ("Lu", "Lt"):
        return CharacterClass.UPPER
    if category[0] == "L":
        cased = character.lower() != character.upper()
        return CharacterClass.LOWER if cased or category == "Ll" else CharacterClass.UNCASED
    if category[0] == "M":
        return CharacterClass.MARK
    if category[0] == "N":
        return CharacterClass.NUMBER
    if category[0] == "P":
        return CharacterClass.PUNCTUATION
    if category[0] == "S":
        return CharacterClass.SYMBOL
    return CharacterClass.CONTROL


def fold(character: str) -> int:
    """Return the code point that stands for the character when words are compared."""
    if unicodedata.category(character) == "Nd":
        return ord("0")
    lowered = character.lower()
    return ord(lowered) if len(lowered) == 1 else ord(lowered[0])


def main() -> None:
    """Build both tables and write them beside the package's other data."""
    points = [chr(point) for point in range(TABLE_SIZE)]
    classes = np.array([classify(c) for c in points], dtype=np.uint8)
    # The last entry stands for every code point from TABLE_SIZE on: Han extensions.
    classes[-1] = CharacterClass.IDEOGRAPH
    # As differences: nearly all are zero, and zeros cost no bytes.
    shifts = np.array([fold(c) - ord(c) for c in points], dtype=np.int32)
    path = ROOT / "paywallstrip" / "data" / "characters.npz"
    np.savez_compressed(
        path, classes=classes, shifts=shifts, unicode=np.array(unicodedata.unidata_version)
    )
    print(f"{path.name}: Unicode {unicodedata.unidata_version}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
