"""Windows and distances along the lines of one page."""

from collections.abc import Sequence

FAR = 99


def window(count: int, line: int, low: int, high: int) -> range:
    """Return the lines from line + low to line + high that the page has."""
    begin = max(0, min(count, line + low))
    return range(begin, max(begin, min(count, line + high + 1)))


def steps_back(flags: Sequence[bool], line: int) -> int:
    """Return how many lines back the last flagged line is, `FAR` if there is none."""
    for step in range(1, line + 1):
        if flags[line - step]:
            return min(step, FAR)
    return FAR


def steps_on(flags: Sequence[bool], line: int) -> int:
    """Return how many lines on the next flagged line is, `FAR` if there is none."""
    for step in range(1, len(flags) - line):
        if flags[line + step]:
            return min(step, FAR)
    return FAR


def percent(part: int, whole: int) -> int:
    return 100 * part // max(whole, 1)
