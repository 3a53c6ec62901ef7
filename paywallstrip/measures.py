"""Whole numbers to columns: bins, the only way a measure enters a weight table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.scalars import HUNDRED, ONE, scalar

COARSE_EDGES = (13, 36, 81, 201)
COARSE = len(COARSE_EDGES) + 1
Values = dict[str, Any]
"""Whole numbers of a family by its name: an array with the lines last, `Windows` or `Lanes`."""

PART_LINES = 1 << 14
"""Lines measured at once: what is made for them serves the next ones."""
_MOST = scalar(np.iinfo(np.uint16).max, np.int64)
"""The largest value that is told apart: the last bins of all families begin further down."""


@dataclass(frozen=True)
class Measure:
    """One family of binned features.

    Attributes:
        name: what is measured.
        edges: lower edges of the bins from bin 1 on; what lies below is bin 0.
        members: names of the family's columns of values; one empty name if it is single.
        crossed: whether the bin is crossed with the line's coarse size.
        sparse: whether bin 0 says nothing and has no column.
        windowed: how many members each window has, if the values are `Windows`; else 0.
    """

    name: str
    edges: tuple[int, ...]
    members: tuple[str, ...] = ("",)
    crossed: bool = False
    sparse: bool = False
    # How the values are held, not what they mean: the schema's fingerprint leaves it out.
    windowed: int = field(default=0, repr=False)

    @property
    def bins(self) -> int:
        """Columns a member takes."""
        return (len(self.edges) + 1 - self.sparse) * (COARSE if self.crossed else 1)

    @property
    def width(self) -> int:
        """Columns the family takes."""
        return self.bins * len(self.members)

    @property
    def levels(self) -> int:
        """Bins a value may fall into, bin 0 included."""
        return len(self.edges) + 1

    def bin(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the bin of each value, in a small type and the values' shape."""
        return look_up(bin_look_up(self.edges), values)

    def columns(self, values: NDArray[Any], coarse: NDArray[Any]) -> Ints:
        """Return the column, from 1 on, of each value of shape (members, lines); 0 for none."""
        bins = self.bin(values).astype(np.int64)
        result = bins - self.sparse
        if self.crossed:
            result = result * COARSE + coarse
        result = result + np.arange(1, self.width + 1, self.bins)[:, None]
        return np.where(bins == 0, 0, result) if self.sparse else result

    def names(self) -> Iterator[str]:
        """Name the family's columns in order."""
        bounds = [None, *self.edges, None]
        for member in self.members:
            label = f"{self.name}={member}" if member else self.name
            for low, high in list(pairwise(bounds))[self.sparse :]:
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


class LookUp(NamedTuple):
    """A function of whole numbers from 0 to some top, as a table; above it nothing changes.

    Attributes:
        table: uint8 or uint16 array of shape (top + 1,).
        text: the same for every byte, where the function fits into bytes.
        steps: where it goes up by one, if it does so up to `FEW_STEPS` times and no more.
    """

    table: NDArray[Any]
    text: bytes | None
    steps: tuple[int, ...]


FEW_STEPS = 5
FEW_VALUES = 1 << 10
"""Fewer values are looked up in one call, though it takes longer for each."""


def make_look_up(table: NDArray[Any]) -> LookUp:
    """Make a look-up of results below 65,536, given for the values 0 to len(table) - 1."""
    small = table.astype(np.uint8 if table.max() < 256 else np.uint16)
    if len(small) > 256 or small.dtype != np.uint8:
        return LookUp(small, None, ())
    text = np.pad(small, (0, 256 - len(small)), mode="edge").tobytes()
    steps = tuple(np.flatnonzero(np.diff(small, prepend=0)).tolist())
    if len(steps) > FEW_STEPS or tuple(small[list(steps)]) != tuple(range(1, len(steps) + 1)):
        steps = ()
    return LookUp(small, text, steps)


def look_up(function: LookUp, values: NDArray[Any]) -> NDArray[Any]:
    """Apply a look-up to whole numbers, none of them negative."""
    if values.size < FEW_VALUES or function.text is None or values.dtype != np.uint8:
        found: NDArray[Any] = function.table.take(values, mode="clip")
        return found
    if function.steps:
        result = (values >= function.steps[0]).view(np.uint8)
        for step in function.steps[1:]:
            result += (values >= step).view(np.uint8)
        return result
    # bytes.translate reads its table several times as fast as ndarray.take.
    read = np.frombuffer(values.tobytes().translate(function.text), dtype=np.uint8)
    return read.reshape(values.shape)


@cache
def bin_look_up(edges: tuple[int, ...]) -> LookUp:
    """Return the look-up that gives how many of the edges a value has reached."""
    return make_look_up(np.searchsorted(edges, np.arange(edges[-1] + 1), side="right"))


class SmallValues:
    """Values of many lines put together part by part, in types as small as will do.

    Args:
        count: how many lines there is room for.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.arrays: Values = {}

    def put(self, lines: slice, values: Values) -> None:
        """Take in the values of some lines."""
        for name, some in values.items():
            if name not in self.arrays:
                kind = np.uint8 if some.dtype == np.uint8 else np.uint16
                self.arrays[name] = np.empty((*some.shape[:-1], self.count), kind)
            np.minimum(some, _MOST, out=self.arrays[name][..., lines], casting="unsafe")


def by_parts(count: int, measure: Callable[[slice], Values]) -> Values:
    """Measure so many lines, part by part if they are many."""
    if count <= PART_LINES:
        return measure(slice(count))
    found = SmallValues(count)
    for begin in range(0, count, PART_LINES):
        part = slice(begin, min(begin + PART_LINES, count))
        found.put(part, measure(part))
    return found.arrays


def to_columns(
    measures: tuple[Measure, ...], values: Mapping[str, NDArray[Any]], coarse: NDArray[Any]
) -> Ints:
    """Put the values of several families into columns of one table.

    Args:
        measures: the families, in the order of their columns.
        values: per family name whole numbers of shape (lines,) or (members, lines).
        coarse: whole numbers of shape (lines,), the coarse size of each line.

    Returns:
        int64 array of shape (lines, members of all families); 0 says nothing.
    """
    parts, offset = [], 0
    for m in measures:
        value = np.asarray(values[m.name])
        columns = m.columns(value if value.ndim == 2 else value[None], coarse)
        parts.append(np.where(columns == 0, 0, columns + offset))
        offset += m.width
    return np.concatenate(parts, axis=0).T


NOTHING = "nothing to say"
"""The name of column 0."""


@cache
def column_names(measures: tuple[Measure, ...]) -> tuple[str, ...]:
    """Return the names of all columns of a table for these families, column 0 included."""
    return (NOTHING, *(name for m in measures for name in m.names()))


def table_width(measures: tuple[Measure, ...]) -> int:
    """Return the number of columns of a table for these families, column 0 included."""
    return 1 + sum(m.width for m in measures)


def percent(part: Ints, whole: Ints) -> Ints:
    """Return a share in whole percent, rounded down; 0 of 0 is 0."""
    return HUNDRED * part // np.maximum(whole, ONE)
