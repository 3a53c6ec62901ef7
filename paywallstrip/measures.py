"""Whole numbers to columns: bins, the only way a measure enters a weight table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from paywallstrip.lines import Ints

COARSE_EDGES = (13, 36, 81, 201)
COARSE = len(COARSE_EDGES) + 1


@dataclass(frozen=True)
class Measure:
    """One family of binned features.

    Attributes:
        name: what is measured.
        edges: lower edges of the bins from bin 1 on; what lies below is bin 0.
        members: names of the family's columns of values; one empty name if it is single.
        crossed: whether the bin is crossed with the line's coarse size.
        sparse: whether bin 0 says nothing and has no column.
    """

    name: str
    edges: tuple[int, ...]
    members: tuple[str, ...] = ("",)
    crossed: bool = False
    sparse: bool = False

    @property
    def bins(self) -> int:
        """Columns a member takes."""
        return (len(self.edges) + 1 - self.sparse) * (COARSE if self.crossed else 1)

    @property
    def width(self) -> int:
        """Columns the family takes."""
        return self.bins * len(self.members)

    def columns(self, values: Ints, coarse: Ints) -> Ints:
        """Return the column, from 1 on, of each value of shape (lines, members); 0 for none."""
        bins = _lut(self.edges).take(np.clip(values, 0, self.edges[-1]))
        result = bins - self.sparse
        if self.crossed:
            result = result * COARSE + coarse[:, None]
        result = result + np.arange(1, self.width + 1, self.bins)
        return np.where(bins == 0, 0, result) if self.sparse else result

    def names(self) -> Iterator[str]:
        """Name the family's columns in order."""
        bounds = [None, *self.edges, None]
        for member in self.members:
            label = f"{self.name}={member}" if member else self.name
            for low, high in list(zip(bounds, bounds[1:], strict=False))[self.sparse :]:
                text = label if self.sparse and len(self.edges) == 1 else label + _span(low, high)
                if not self.crossed:
                    yield text
                    continue
                for size_low, size_high in zip(
                    (None, *COARSE_EDGES), (*COARSE_EDGES, None), strict=True
                ):
                    yield f"{text} & size{_span(size_low, size_high)}"


def _span(low: int | None, high: int | None) -> str:
    if low is None:
        return f"<{high}"
    if high is None:
        return f">={low}"
    return f"={low}" if high == low + 1 else f" in {low}..{high - 1}"


_LUTS: dict[tuple[int, ...], Ints] = {}


def _lut(edges: tuple[int, ...]) -> Ints:
    if edges not in _LUTS:
        _LUTS[edges] = np.searchsorted(edges, np.arange(edges[-1] + 1), side="right")
    return _LUTS[edges]


def to_columns(measures: tuple[Measure, ...], values: Mapping[str, Ints], coarse: Ints) -> Ints:
    """Put the values of several families into columns of one table.

    Args:
        measures: the families, in the order of their columns.
        values: per family name an array of shape (lines,) or (lines, members).
        coarse: int64 array of shape (lines,), the coarse size of each line.

    Returns:
        int64 array of shape (lines, members of all families); 0 says nothing.
    """
    parts, offset = [], 0
    for m in measures:
        value = values[m.name]
        columns = m.columns(value if value.ndim == 2 else value[:, None], coarse)
        parts.append(np.where(columns == 0, 0, columns + offset))
        offset += m.width
    return np.concatenate(parts, axis=1)


def table_width(measures: tuple[Measure, ...]) -> int:
    """Return the number of columns of a table for these families, column 0 included."""
    return 1 + sum(m.width for m in measures)
