"""The families of features: what is measured of a line, and in which bins.

Every measure of a line is a whole number put into bins; a bin is a column of a weight
table. Context families are those that a line also lends to its two neighbours on either
side; own families count for the line alone: windows, position, topic, crosses.
"""

from paywallstrip.characters import CLASS_COUNT, CharacterClass
from paywallstrip.measures import Measure

SIZE_EDGES = (2, 4, 6, 9, 13, 18, 25, 35, 50, 70, 100, 140, 200, 300, 500, 900)
WORD_EDGES = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 25, 40, 80)
SHARE_EDGES = (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
FEW = (1, 2, 3, 5)
PAGE_EDGES = (1, 3, 8, 20)
WINDOWS = ((-3, -1), (1, 3), (-10, -1), (1, 10))
BROAD = ((-2, 2), (-5, -1), (1, 5), (-12, -1), (1, 12), (-30, -1), (1, 30))
CLASS_EDGES = tuple(range(1, CLASS_COUNT))
SEAM_EDGES = tuple(range(1, (CLASS_COUNT + 1) * (CLASS_COUNT + 1)))
COUNTED = (
    CharacterClass.TERMINATOR,
    CharacterClass.PAUSE,
    CharacterClass.QUOTE,
    CharacterClass.APOSTROPHE,
    CharacterClass.OPENING,
    CharacterClass.DASH,
    CharacterClass.BULLET,
    CharacterClass.SEPARATOR,
    CharacterClass.ELLIPSIS,
    CharacterClass.CURRENCY,
    CharacterClass.CODE,
    CharacterClass.SYMBOL,
    CharacterClass.NUMBER,
    CharacterClass.DIGIT,
)
OPENERS = (
    "biography",
    "comments",
    "commerce",
    "cookie",
    "donation",
    "gate",
    "legal",
    "newsletter",
    "offer",
    "previous_next",
    "read_more",
    "related_heading",
    "share",
    "subscription",
    "tags",
)
"""Categories whose short lines open a block: a heading, a button, a counter."""
OPENER_WORDS = 7
OPENER_STEPS = (1, 2, 3, 5, 8, 13, 21, 34, 60, 99)
ZONES = ("comments",)
"""Openers whose marks come in rows, one a reader's comment: what follows is no more the piece."""
ZONE_REACH = 25
"""Marks so many lines on still count as one row with the first."""
ZONE_STEPS = (1, 2, 3, 4, 5, 6, 8, 11, 15)
PROFILE = ("prose", "short", "closed", "digits", "capital", "size", "bullet", "twin", "long", "cut")
TURNS = (2, 4)
"""How many lines to either side turns between short and long lines are counted."""


def context_measures(categories: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the families that a line lends to its neighbours as well."""
    return (
        Measure("size", SIZE_EDGES),
        Measure("words", WORD_EDGES),
        Measure("word-length", (2, 3, 4, 5, 6, 7, 8, 10, 14)),
        Measure("upper-share", (1, 3, 6, 10, 20, 35, 60, 95)),
        Measure("capitalised-share", SHARE_EDGES),
        Measure("digit-share", (1, 5, 10, 20, 40, 70)),
        Measure("function-share", (1, 10, 20, 30, 40, 50, 60)),
        Measure("count", FEW, tuple(c.name.lower() for c in COUNTED), sparse=True),
        Measure("first", CLASS_EDGES),
        Measure("last", CLASS_EDGES, crossed=True),
        Measure("closing", CLASS_EDGES),
        Measure("copies", (2, 3, 4, 6), crossed=True, sparse=True),
        Measure("shared", SHARE_EDGES, crossed=True),
        Measure("cue", (1, 2, 3), categories, sparse=True),
    )


def own_measures(categories: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the families that count for the line alone."""
    spans = tuple(f"{low}..{high}" for low, high in WINDOWS)
    broad = tuple(f"{low}..{high}" for low, high in BROAD)
    return (
        Measure("cue-sized", (1,), categories, crossed=True, sparse=True),
        Measure("cue-first", (1,), categories, crossed=True, sparse=True),
        Measure("cue-whole", (1,), categories, sparse=True),
        Measure(
            "cue-near",
            (1, 2, 4, 8),
            tuple(f"{c}@{span}" for span in spans for c in categories),
            sparse=True,
            windowed=len(categories),
        ),
        Measure("cue-page", PAGE_EDGES, categories, sparse=True),
        Measure(
            "near",
            (1, 6, 12, 20, 30, 45, 60, 75, 90, 100),
            tuple(f"{p}@{span}" for span in broad for p in PROFILE),
            windowed=len(PROFILE),
        ),
        Measure("first-sized", CLASS_EDGES, crossed=True),
        Measure("closing-sized", CLASS_EDGES, crossed=True),
        Measure("function-sized", (1, 10, 20, 30, 40, 50, 60), crossed=True),
        Measure("capitalised-sized", SHARE_EDGES, crossed=True),
        Measure("prose-before", (1, 2, 3, 4, 6, 9, 14, 25, 50), crossed=True),
        Measure("prose-after", (1, 2, 3, 4, 6, 9, 14, 25, 50), crossed=True),
        Measure("prose-between", tuple(range(1, 25)), crossed=True),
        Measure("prose-run", (1, 2, 3, 5, 8, 13, 21)),
        Measure("prose-passed", (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100), crossed=True),
        Measure("from-top", (1, 2, 3, 5, 8, 13, 21, 34, 55, 90, 150, 300), crossed=True),
        Measure("from-end", (1, 2, 3, 5, 8, 13, 21, 34, 55, 90, 150, 300), crossed=True),
        Measure("place", (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95), crossed=True),
        Measure("page-lines", (2, 4, 8, 16, 32, 64, 128, 256, 512), crossed=True),
        Measure("page-prose", (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 96), crossed=True),
        Measure("page-prose-lines", (1, 2, 4, 8, 16, 32, 64), crossed=True),
        Measure("shared-weight", (1, 4, 8, 16, 32, 64, 128), crossed=True),
        Measure("rare-words", (1, 4, 8, 16, 32, 64, 128)),
        Measure("shared-other", SHARE_EDGES, crossed=True),
        Measure("cohesion", SHARE_EDGES, ("before", "after", "around", "page"), crossed=True),
        Measure("seam-before", SEAM_EDGES),
        Measure("seam-after", SEAM_EDGES),
        Measure("opened-before", OPENER_STEPS, OPENERS, crossed=True),
        Measure("opened-after", OPENER_STEPS, OPENERS, crossed=True),
        Measure("alternation", tuple(range(1, 9)), tuple(map(str, TURNS)), crossed=True),
        Measure("siblings", (1, 2, 3, 4), ("1", "2", "3", "4", "5"), crossed=True, sparse=True),
    )
