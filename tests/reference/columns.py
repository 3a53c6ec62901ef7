"""Whole numbers to columns: bins, crosses, and where each family begins."""

from collections.abc import Mapping, Sequence

from paywallstrip.measures import Measure

Value = int | Sequence[int]
COARSE_EDGES = (13, 36, 81, 201)


def bin_of(value: int, edges: Sequence[int]) -> int:
    """Return how many edges a value has reached."""
    reached = 0
    for edge in edges:
        if value >= edge:
            reached += 1
    return reached


def columns_of(
    measures: Sequence[Measure], values: Mapping[str, Sequence[Value]], size: int, line: int
) -> dict[str, list[int]]:
    """Return, by family, the columns of one line in the table of all families.

    Args:
        measures: the families in the order of the table.
        values: by family, for each line a number, or one for each member.
        size: the line's size, with which families may be crossed.
        line: the line's index.
    """
    coarse = bin_of(size, COARSE_EDGES)
    result: dict[str, list[int]] = {}
    # Column 0 says nothing; the first family begins behind it.
    begin = 1
    for m in measures:
        value = values[m.name][line]
        members = [value] if isinstance(value, int) else list(value)
        assert len(members) == len(m.members), m.name
        steps = len(m.edges) if m.sparse else len(m.edges) + 1
        width = steps * (len(COARSE_EDGES) + 1 if m.crossed else 1)
        found = []
        for number in members:
            place = bin_of(number, m.edges)
            if m.sparse and place == 0:
                found.append(0)
            else:
                place -= 1 if m.sparse else 0
                inside = place * (len(COARSE_EDGES) + 1) + coarse if m.crossed else place
                found.append(begin + inside)
            begin += width
        result[m.name] = found
    return result
