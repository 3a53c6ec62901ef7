"""What the second stage sees: the first stage's answers around each line of one page."""

from collections.abc import Sequence

from paywallstrip.characters import CLASS_COUNT
from paywallstrip.families import SHARE_EDGES, ZONE_REACH, ZONES
from paywallstrip.labels import CONTENT, LABELS
from paywallstrip.sequence import NEIGHBOURS, PROSE_EDGES, ROUGH, SIDE_EDGES, SPANS
from tests.reference.columns import Value, bin_of
from tests.reference.first import PageView, Values, opening_lines
from tests.reference.windows import percent, steps_back, steps_on

KINDS = range(len(LABELS))
Shares = Sequence[Sequence[int]]


def neighbour_values(page: PageView, shares: Shares) -> Values:
    best = [row.index(max(row)) for row in shares]
    count = len(shares)

    def at(line: int) -> Sequence[int]:
        return shares[line] if 0 <= line < count else [0 for _ in KINDS]

    def best_at(line: int) -> int:
        return best[line] + 1 if 0 <= line < count else 0

    near: list[Value] = []
    for i in page.each():
        row = []
        for span in SPANS:
            lines = page.window(i, *span)
            row += [sum(shares[j][k] for j in lines) // max(len(lines), 1) for k in KINDS]
        near.append(row)
    whole = [sum(row[k] for row in shares) // max(count, 1) for k in KINDS]
    return {
        "p": list(shares),
        "p-sized": list(shares),
        "p@": [[p for step in NEIGHBOURS for p in at(i + step)] for i in page.each()],
        "p-near": near,
        "p-page": [whole for _ in page.each()],
        "best-three": [25 * best_at(i - 1) + 5 * best_at(i) + best_at(i + 1) for i in page.each()],
        "best-closing": [best[i] * CLASS_COUNT + int(page.shapes[i].closing) for i in page.each()],
        "p-closing-next": [
            bin_of(shares[i][CONTENT], ROUGH) * 11 + bin_of(at(i + 1)[CONTENT], ROUGH)
            for i in page.each()
        ],
    }


def distance_values(page: PageView, shares: Shares) -> Values:
    sizes = [shape.size for shape in page.shapes]
    flags = [[row[k] >= 128 for row in shares] for k in KINDS]
    flags.append(
        [row[CONTENT] >= 160 and size >= 60 for row, size in zip(shares, sizes, strict=True)]
    )
    mass = [[p * size for p in row] for row, size in zip(shares, sizes, strict=True)]
    passed: list[Value] = [
        [percent(sum(m[k] for m in mass[:i]), sum(m[k] for m in mass)) for k in KINDS]
        for i in page.each()
    ]
    before = [[steps_back(column, i) for column in flags] for i in page.each()]
    after = [[steps_on(column, i) for column in flags] for i in page.each()]
    steps = (2, 3, 5, 10, 30)
    return {
        "passed": passed,
        "before": list(before),
        "after": list(after),
        "body-between": [
            bin_of(back[-1], steps) * 6 + bin_of(on[-1], steps)
            for back, on in zip(before, after, strict=True)
        ],
    }


def side_values(page: PageView, shares: Shares) -> Values:
    """Pair what stands before with what stands after, and the line with its surroundings."""
    best = [row.index(max(row)) for row in shares]
    edges = len(SIDE_EDGES) + 1
    mixed: list[Value] = []
    between: list[Value] = []
    best_between: list[Value] = []

    def mean(i: int, low: int, high: int, k: int) -> int:
        lines = page.window(i, low, high)
        return sum(shares[j][k] for j in lines) // max(len(lines), 1)

    def sides(i: int, reach: int, k: int) -> int:
        before, after = mean(i, -reach, -1, k), mean(i, 1, reach, k)
        return bin_of(before, SIDE_EDGES) * edges + bin_of(after, SIDE_EDGES)

    for i in page.each():
        mixed.append(
            [
                bin_of(shares[i][k], ROUGH) * (len(ROUGH) + 1) + bin_of(mean(i, -5, 5, k), ROUGH)
                for k in KINDS
            ]
        )
        between.append([sides(i, reach, k) for reach in (3, 10) for k in KINDS])
        best_between.append([best[i] * edges**2 + sides(i, 10, k) for k in KINDS])
    return {"p-mixed": mixed, "p-between": between, "best-between": best_between}


def mix_values(page: PageView, shares: Shares) -> Values:
    """Pair each answer with how much of the page is running text."""
    whole = page.prose_share()
    return {
        "p-page-prose": [
            [bin_of(p, ROUGH) * (len(PROSE_EDGES) + 1) + bin_of(whole, PROSE_EDGES) for p in row]
            for row in shares
        ]
    }


def zone_values(page: PageView, _: Shares) -> Values:
    marks = [opening_lines(page, category) for category in ZONES]
    return {"zone": [[_longest_row(flags, i) for flags in marks] for i in page.each()]}


def _longest_row(marks: Sequence[bool], line: int) -> int:
    rows = [sum(marks[j : j + ZONE_REACH + 1]) for j in range(line + 1) if marks[j]]
    return max(rows, default=0)


def subject_values(page: PageView, shares: Shares) -> Values:
    best = [row.index(max(row)) for row in shares]
    totals = page.topic.totals()
    shared = [page.topic.shared([b == k for b in best]) for k in KINDS]
    rows = [[percent(shared[k][i], totals[i]) for k in KINDS] for i in page.each()]
    return {
        "p-shared": list(rows),
        "p-shared-best": [
            [best[i] * (len(SHARE_EDGES) + 1) + bin_of(value, SHARE_EDGES) for value in rows[i]]
            for i in page.each()
        ],
    }


FAMILIES = (neighbour_values, side_values, distance_values, mix_values, subject_values, zone_values)


def second_values(page: PageView, shares: Shares) -> Values:
    """Return the value of every family of the second stage, for each line."""
    values: Values = {}
    for family in FAMILIES:
        values |= family(page, shares)
    return values
