"""A stream cut into groups of about some size."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Element = TypeVar("Element")


def grouped(
    items: Iterable[Element], size_of: Callable[[Element], int], limits: Iterator[int]
) -> Iterator[list[Element]]:
    """Put items together, each group until its sizes reach the next of the limits."""
    group: list[Element] = []
    held, limit = 0, next(limits)
    try:
        for item in items:
            group.append(item)
            held += size_of(item)
            if held >= limit:
                yield group
                group, held, limit = [], 0, next(limits)
    except Exception:
        # A bad text, or the caller's iterator broke: what came before is still owed.
        if group:
            yield group
        raise
    if group:
        yield group
