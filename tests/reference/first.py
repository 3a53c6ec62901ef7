"""What the first stage sees of each line of one page, family by family.

A new family is a new key in the result of one of the functions of `FAMILIES`.
"""

from collections.abc import Sequence

from paywallstrip.characters import CLASS_COUNT, CharacterClass
from paywallstrip.families import BROAD, COUNTED, OPENER_WORDS, OPENERS, SIZE_EDGES, TURNS, WINDOWS
from paywallstrip.shape import PROSE_SIZE
from tests.reference.columns import Value, bin_of
from tests.reference.cues import Cues
from tests.reference.lines import TextLine
from tests.reference.shape import LineShape
from tests.reference.topic import PageTopic
from tests.reference.windows import percent, steps_back, steps_on, window

Values = dict[str, list[Value]]


class PageView:
    """One page with what several families need."""

    def __init__(self, lines: Sequence[TextLine], cues: Cues, rarity: Sequence[int]) -> None:
        self.lines = list(lines)
        self.cues = cues
        self.shapes = [LineShape(line) for line in lines]
        found = [cues.hits(line) for line in lines]
        self.hits = [cues.count(hits) for hits in found]
        self.opening_hits = [cues.count(h for h in hits if h[0] == 0) for hits in found]
        self.filling_hits = [
            cues.count(h for h in hits if h[0] == 0 and h[1] == len(line.tokens))
            for hits, line in zip(found, lines, strict=True)
        ]
        self.topic = PageTopic(lines, rarity)
        self.prose = [shape.prose for shape in self.shapes]
        words = [tuple(line.words) for line in lines]
        self.copies = [words.count(own) for own in words]

    def prose_share(self) -> int:
        """Return the percent of the page's characters that stand in running text."""
        mass = sum(shape.size for shape in self.shapes if shape.prose)
        return percent(mass, sum(shape.size for shape in self.shapes))

    def each(self) -> range:
        return range(len(self.lines))

    def window(self, line: int, low: int, high: int) -> range:
        return window(len(self.lines), line, low, high)


def shape_values(page: PageView) -> Values:
    values: Values = {}

    def add(name: str, value: Value) -> None:
        values.setdefault(name, []).append(value)

    for shape, hits, copies in zip(page.shapes, page.hits, page.copies, strict=True):
        upper = shape.counts[CharacterClass.UPPER]
        letters = upper + shape.counts[CharacterClass.LOWER] + shape.counts[CharacterClass.UNCASED]
        letters += 2 * shape.counts[CharacterClass.IDEOGRAPH]
        add("size", shape.size)
        add("words", shape.words)
        add("word-length", letters // max(shape.words, 1))
        add("upper-share", percent(upper, letters))
        for name in ("capitalised-share", "capitalised-sized"):
            add(name, percent(shape.capitals, shape.cased))
        add("digit-share", percent(shape.counts[CharacterClass.DIGIT], shape.size))
        for name in ("function-share", "function-sized"):
            add(name, percent(hits.get("function_words", 0), shape.words))
        add("count", [shape.counts[c] for c in COUNTED])
        for name in ("first", "first-sized"):
            add(name, int(shape.first))
        add("last", int(shape.last))
        for name in ("closing", "closing-sized"):
            add(name, int(shape.closing))
        add("copies", copies)
    return values


def cue_values(page: PageView) -> Values:
    categories = page.cues.categories

    def rows(counts: list[dict[str, int]]) -> list[Value]:
        return [[count[c] for c in categories] for count in counts]

    def total(lines: range, category: str) -> int:
        return sum(page.hits[k][category] for k in lines)

    near: list[Value] = [
        [total(page.window(i, *span), c) for span in WINDOWS for c in categories]
        for i in page.each()
    ]
    whole: list[Value] = [[total(page.each(), c) for c in categories] for _ in page.each()]
    return {
        "cue": rows(page.hits),
        "cue-sized": rows(page.hits),
        "cue-first": rows(page.opening_hits),
        "cue-whole": rows(page.filling_hits),
        "cue-near": near,
        "cue-page": whole,
    }


def opening_lines(page: PageView, category: str) -> list[bool]:
    return [
        shape.words <= OPENER_WORDS and hits.get(category, 0) > 0
        for shape, hits in zip(page.shapes, page.hits, strict=True)
    ]


def opener_values(page: PageView) -> Values:
    opens = [opening_lines(page, category) for category in OPENERS]
    return {
        "opened-before": [[steps_back(flags, i) for flags in opens] for i in page.each()],
        "opened-after": [[steps_on(flags, i) for flags in opens] for i in page.each()],
    }


def place_values(page: PageView) -> Values:
    count = len(page.lines)
    return {
        "from-top": list(page.each()),
        "from-end": [count - 1 - i for i in page.each()],
        "place": [100 * i // count for i in page.each()],
        "page-lines": [count for _ in page.each()],
    }


def prose_values(page: PageView) -> Values:
    mass = [shape.size if shape.prose else 0 for shape in page.shapes]
    before: list[Value] = []
    after: list[Value] = []
    between: list[Value] = []
    runs: list[Value] = []
    for i in page.each():
        back, on = steps_back(page.prose, i), steps_on(page.prose, i)
        before.append(back)
        after.append(on)
        steps = (2, 4, 9, 30)
        between.append(bin_of(back, steps) * 5 + bin_of(on, steps))
        runs.append(run_length(page.prose, i))
    return {
        "prose-before": before,
        "prose-after": after,
        "prose-between": between,
        "prose-run": runs,
        "prose-passed": [percent(sum(mass[:i]), sum(mass)) for i in page.each()],
        "page-prose": [page.prose_share() for _ in page.each()],
        "page-prose-lines": [sum(page.prose) for _ in page.each()],
    }


def run_length(flags: Sequence[bool], line: int) -> int:
    """Return the length of the run of flagged lines around a flagged line, else 0."""
    if not flags[line]:
        return 0
    first = last = line
    while first > 0 and flags[first - 1]:
        first -= 1
    while last + 1 < len(flags) and flags[last + 1]:
        last += 1
    return last - first + 1


def seam_values(page: PageView) -> Values:
    """Pair the last character of each line with the first of the next one."""
    none = CLASS_COUNT
    shapes = page.shapes
    before: list[Value] = []
    after: list[Value] = []
    for i in page.each():
        above = int(shapes[i - 1].last) if i > 0 else none
        below = int(shapes[i + 1].first) if i + 1 < len(shapes) else none
        before.append(above * (CLASS_COUNT + 1) + int(shapes[i].first))
        after.append(int(shapes[i].last) * (CLASS_COUNT + 1) + below)
    return {"seam-before": before, "seam-after": after}


def turn_values(page: PageView) -> Values:
    """Count how often short and long lines take turns up to so many lines away."""
    long = [shape.size >= PROSE_SIZE for shape in page.shapes]

    def turns(i: int, reach: int) -> int:
        places = range(max(i + 1 - reach, 1), min(i + reach, len(long) - 1) + 1)
        return sum(long[k] != long[k - 1] for k in places)

    return {"alternation": [[turns(i, reach) for reach in TURNS] for i in page.each()]}


def sibling_values(page: PageView) -> Values:
    looks = [
        (bin_of(shape.size - 1, (6, 13, 25, 50, 100, 200)), shape.closing, shape.digit)
        for shape in page.shapes
    ]

    def alike(i: int, stride: int) -> int:
        """Count lines one and two strides away on either side; two only beyond a like one."""
        count = 0
        for step in (stride, -stride):
            for far in (1, 2):
                other = i + far * step
                if not 0 <= other < len(looks) or looks[other] != looks[i]:
                    break
                count += 1
        return count

    return {"siblings": [[alike(i, stride) for stride in range(1, 6)] for i in page.each()]}


def profile_values(page: PageView) -> Values:
    """Average what lines are like over windows, in sixteenths."""
    profiles = [
        [
            16 * shape.prose,
            16 * (shape.words <= 4),
            16 * (shape.closing == CharacterClass.TERMINATOR),
            16 * shape.digit,
            16 * (2 * shape.capitals > shape.cased),
            # The bin's upper edge belongs to it here.
            min(bin_of(shape.size - 1, SIZE_EDGES), 16),
            16 * (shape.first == CharacterClass.BULLET),
            16 * (copies > 1),
            16 * (shape.size >= PROSE_SIZE),
            16 * (shape.size >= PROSE_SIZE and shape.closing != CharacterClass.TERMINATOR),
        ]
        for shape, copies in zip(page.shapes, page.copies, strict=True)
    ]
    near: list[Value] = []
    for i in page.each():
        row = []
        for span in BROAD:
            lines = page.window(i, *span)
            for k in range(len(profiles[i])):
                total = sum(profiles[j][k] for j in lines)
                row.append(100 * total // (16 * max(len(lines), 1)))
        near.append(row)
    return {"near": near}


def topic_values(page: PageView) -> Values:
    totals = page.topic.totals()
    prose = page.topic.shared(page.prose)
    other = page.topic.shared([not flag for flag in page.prose])
    return {
        "rare-words": list(totals),
        "shared": [percent(part, whole) for part, whole in zip(prose, totals, strict=True)],
        "shared-weight": list(prose),
        "cohesion": [
            [percent(part, whole) for part in parts]
            for parts, whole in zip(page.topic.cohesion(), totals, strict=True)
        ],
        "shared-other": [percent(part, whole) for part, whole in zip(other, totals, strict=True)],
    }


FAMILIES = (
    shape_values,
    cue_values,
    opener_values,
    place_values,
    prose_values,
    seam_values,
    turn_values,
    sibling_values,
    profile_values,
    topic_values,
)


def first_values(page: PageView) -> Values:
    """Return the value of every family of the first stage, for each line."""
    values: Values = {}
    for family in FAMILIES:
        values |= family(page)
    return values
