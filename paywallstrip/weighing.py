"""Bins to sums of weights: many families looked up together, in whole numbers.

A line names one column in each family's part of a weight table. Looking up hundreds of
columns one by one is what scoring costs, so families are taken together: for a few
members at a time a table of the sums of their weights is made, once a model, for every
combination of their bins. The sums are the same, in fewer and larger steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.measures import COARSE, LookUp, Measure, bin_look_up, look_up

COMBINATIONS = 640
"""Rows of a joint table: more would fall out of the cache, fewer be more look-ups."""
CHUNK_LINES = 1 << 13
"""Lines whose bins are held at once."""
CHUNK_BYTES = 1 << 18
"""Weights gathered before they are summed."""


class Group(NamedTuple):
    """Members that are looked up together.

    Attributes:
        parts: row of each member in the array of bins, the first varies slowest.
        levels: bins of each.
        crossed: whether the coarse size of the line is one more part, the last.
    """

    parts: list[int]
    levels: list[int]
    crossed: bool


def member_weights(
    measures: Sequence[Measure], weights: NDArray[np.integer[Any]]
) -> dict[str, Ints]:
    """Sort a weight table by family, member, bin and coarse size.

    Args:
        measures: all families of the table, in the order of their columns.
        weights: array of shape (columns, width).

    Returns:
        For each family's name an int64 array of shape (members, levels, COARSE or 1, width).
    """
    found, offset = {}, 1
    for m in measures:
        rows = weights[offset : offset + m.width].astype(np.int64)
        rows = rows.reshape(len(m.members), -1, COARSE if m.crossed else 1, weights.shape[1])
        if m.sparse:
            none = np.broadcast_to(weights[0].astype(np.int64), (len(rows), 1, *rows.shape[2:]))
            rows = np.concatenate([none, rows], axis=1)
        found[m.name] = rows
        offset += m.width
    return found


class JointWeights:
    """The weights of some families, ready to be summed over all of them.

    Args:
        measures: the families.
        weights: from `member_weights`, for these families at least.
    """

    def __init__(self, measures: Sequence[Measure], weights: Mapping[str, Ints]) -> None:
        self.measures = tuple(measures)
        self.rows = sum(len(m.members) for m in measures)
        self.width = next(iter(weights.values())).shape[-1]
        self.steps = list(_steps(self.measures))
        groups = _groups(self.measures)
        # By number of parts, so that those with another part always come first.
        groups.sort(key=lambda group: -len(group.parts))
        rows = [rows for m in measures for rows in weights[m.name]]
        tables = [_joint(group, [rows[i] for i in group.parts]) for group in groups]
        bound = sum(int(np.abs(table).max()) for table in tables)
        kind = np.int32 if bound < 2**31 else np.int64
        self.table = np.concatenate(tables).astype(kind)
        self.offsets = np.cumsum([0, *map(len, tables[:-1])])[:, None]
        deepest = len(groups[0].parts)
        self.parts = [
            np.array([group.parts[k] for group in groups if len(group.parts) > k])
            for k in range(deepest)
        ]
        self.levels = [
            np.array([group.levels[k] for group in groups if len(group.parts) > k], np.uint16)
            for k in range(deepest)
        ]
        self.stretch = np.array([COARSE if g.crossed else 1 for g in groups], np.uint16)[:, None]
        self.crossed = (self.stretch > 1).astype(np.uint16)

    def sums(self, values: Mapping[str, NDArray[Any]], coarse: NDArray[np.uint8]) -> Ints:
        """Sum the weights of every line's bins.

        Args:
            values: for each family whole numbers of shape (lines,) or (members, lines).
            coarse: uint8 array of shape (lines,), the coarse size of each line.

        Returns:
            int64 array of shape (lines, width).
        """
        total = np.empty((len(coarse), self.width), np.int64)
        for begin in range(0, len(coarse), CHUNK_LINES):
            part = slice(begin, begin + CHUNK_LINES)
            some = values
            if len(coarse) > CHUNK_LINES:
                some = {m.name: values[m.name][..., part] for m in self.measures}
            self._sum_some(self._keys(some, coarse[part]), total[part])
        return total

    def _sum_some(self, keys: NDArray[np.uint16], total: Ints) -> None:
        """Sum the rows of the tables that each line names into `total`."""
        chunk = max(64, CHUNK_BYTES // (len(keys) * self.width * self.table.itemsize))
        for begin in range(0, len(total), chunk):
            picked = keys[:, begin : begin + chunk] + self.offsets
            gathered = self.table.take(picked, axis=0)
            total[begin : begin + chunk] = np.add.reduce(gathered, axis=0, dtype=gathered.dtype)

    def _keys(
        self, values: Mapping[str, NDArray[Any]], coarse: NDArray[np.uint8]
    ) -> NDArray[np.uint16]:
        """Return the row of each group's table that each line names."""
        bins = np.empty((self.rows, len(coarse)), np.uint16)
        for name, rows, function, top in self.steps:
            if function is None:
                np.minimum(values[name], top, out=bins[rows], casting="unsafe")
            else:
                bins[rows] = look_up(function, values[name])
        keys = bins.take(self.parts[0], axis=0)
        for parts, levels in zip(self.parts[1:], self.levels[1:], strict=True):
            some = keys[: len(parts)]
            some *= levels[:, None]
            some += bins.take(parts, axis=0)
        keys *= self.stretch
        keys += self.crossed * coarse
        return keys


def _steps(
    measures: Sequence[Measure],
) -> Iterator[tuple[str, slice, LookUp | None, int]]:
    """Yield each family's name, its rows, what gives its bins (None: the values), its last bin."""
    row = 0
    for m in measures:
        function = None if m.is_plain else bin_look_up(m.edges)
        yield m.name, slice(row, row + len(m.members)), function, m.levels - 1
        row += len(m.members)


def _groups(measures: Sequence[Measure]) -> list[Group]:
    """Put members together, in order, as long as their combinations are few."""
    done: list[Group] = []
    open_: dict[bool, Group] = {}
    row = 0
    for m in measures:
        limit = COMBINATIONS // (COARSE if m.crossed else 1)
        for _ in m.members:
            group = open_.get(m.crossed)
            if group is None or prod(group.levels) * m.levels > limit:
                group = open_[m.crossed] = Group([], [], m.crossed)
                done.append(group)
            group.parts.append(row)
            group.levels.append(m.levels)
            row += 1
    return done


def _joint(group: Group, rows: Sequence[Ints]) -> Ints:
    """Return the sums of weights for every combination, of shape (combinations, width)."""
    width = rows[0].shape[-1]
    sizes = (*group.levels, COARSE if group.crossed else 1)
    total = np.zeros((*sizes, width), np.int64)
    for i, weights in enumerate(rows):
        shape = [1] * len(sizes)
        shape[i], shape[-1] = weights.shape[0], weights.shape[1]
        total += weights.reshape(*shape, width)
    return total.reshape(-1, width)
