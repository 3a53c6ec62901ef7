"""Bins to sums of weights: many families looked up together, in whole numbers.

A line names one column in each family's part of a weight table. Looking up hundreds of
columns one by one is what scoring costs, so families are taken together: for a few
members at a time a table of the sums of their weights is made, once a model, for every
combination of their bins. The sums are the same, in fewer and larger steps.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.measures import COARSE, LookUp, Measure, Values, bin_look_up, look_up
from paywallstrip.scalars import scalar

COMBINATIONS = 640
"""Rows of a joint table: more would fall out of the cache, fewer be more look-ups."""
CHUNK_LINES = 1 << 13
"""Lines whose bins are held at once."""
FEW_LINES = 1 << 10
"""Of fewer lines all values are put into bins at once."""
CHUNK_BYTES = 1 << 19
"""Weights gathered before they are summed."""


_BYTE, _TWO_BYTES = scalar(8, np.uint16), scalar(16, np.uint32)


class Group(NamedTuple):
    """Members that are looked up together.

    Attributes:
        parts: number of each member, the first varies slowest.
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
        single = [m for m in measures if not m.windowed]
        self.windowed = [m for m in measures if m.windowed]
        self.width = next(iter(weights.values())).shape[-1]
        rows = [rows for m in (*single, *self.windowed) for rows in weights[m.name]]
        groups = _groups(single)
        # By number of parts, so that those with another part always come first.
        groups.sort(key=lambda group: -len(group.parts) - group.crossed)
        self.single = len(groups)
        at = len(rows) - sum(len(m.members) for m in self.windowed)
        for m in self.windowed:
            groups += _window_groups(m, at)
            at += len(m.members)
        sizes = [prod(group.levels) * (COARSE if group.crossed else 1) for group in groups]
        # No sum of weights, one of each member, is larger than the sum of the largest ones.
        largest = [np.abs(weights[m.name]).max(axis=(1, 2, 3)) for m in (*single, *self.windowed)]
        bound = sum(int(each.sum()) for each in largest)
        self.table = np.zeros((sum(sizes), self.width), np.int32 if bound < 2**31 else np.int64)
        offsets = np.cumsum([0, *sizes])
        for group, begin, end in zip(groups, offsets, offsets[1:], strict=False):
            _join(group, rows, self.table[begin:end])
        # Rows are named in the smallest type that can: there are many to move.
        self.offsets = offsets[:-1].astype(np.uint16 if len(self.table) <= 1 << 16 else np.uint32)
        self._plan_keys(single, groups[: self.single])

        ends = self.single + np.cumsum([0, *(_group_count(m) for m in self.windowed)])
        self.lanes = [
            WindowPlan.of(m, self.offsets[begin:end])
            for m, begin, end in zip(self.windowed, ends, ends[1:], strict=False)
        ]

    def _plan_keys(self, single: Sequence[Measure], groups: Sequence[Group]) -> None:
        """Prepare the way from values to rows of the joint tables.

        What a part's bin adds to the row stands in a table of the part's own; the first
        part's holds where the group's table begins as well. The line's coarse size is one
        more value, and the last part of the groups that are crossed with it.
        """
        self.names = [m.name for m in single]
        edges: list[tuple[int, ...]] = []
        for m in single:
            edges += [m.edges] * len(m.members)
        self.rows = len(edges)
        steps = [np.arange(COARSE)] * (self.rows + 1)
        parts: list[list[int]] = []
        for group, offset in zip(groups, self.offsets.tolist(), strict=False):
            stride = prod(group.levels) * (COARSE if group.crossed else 1)
            members = group.parts + [self.rows] * group.crossed
            for i, (row, levels) in enumerate(zip(group.parts, group.levels, strict=True)):
                stride //= levels
                steps[row] = bin_look_up(edges[row]).table.astype(np.int64) * stride
                steps[row] += 0 if i else offset
            for i, row in enumerate(members):
                if i == len(parts):
                    parts.append([])
                parts[i].append(row)
        self.parts = [np.array(rows, np.int64) for rows in parts]
        self.bins = np.concatenate(steps).astype(self.offsets.dtype)
        self.steps = np.split(self.bins, np.cumsum([len(table) for table in steps])[:-1])
        sizes = np.array([len(table) for table in steps], np.uint32)[:, None]
        self.tops, self.starts = sizes - np.uint32(1), sizes.cumsum(axis=0, dtype=np.uint32) - sizes

    def add(self, values: Values, coarse: NDArray[np.uint8], total: Ints) -> None:
        """Add the weights of every line's bins to sums.

        Args:
            values: for each family whole numbers of shape (lines,) or (members, lines), or
                windows over the lines.
            coarse: uint8 array of shape (lines,), the coarse size of each line.
            total: int64 array of shape (lines, width), the sums.
        """
        if len(coarse) <= CHUNK_LINES:
            self._add_some(self._keys(values, None, coarse), total)
            return
        for begin in range(0, len(coarse), CHUNK_LINES):
            part = slice(begin, begin + CHUNK_LINES)
            self._add_some(self._keys(values, part, coarse[part]), total[part])

    def _add_some(self, keys: NDArray[np.uint32 | np.uint16], total: Ints) -> None:
        """Add the rows of the tables that each line names to `total`."""
        chunk = max(64, CHUNK_BYTES // (len(keys) * self.width * self.table.itemsize))
        if len(total) <= chunk:
            gathered = self.table.take(keys, axis=0)
            total += np.add.reduce(gathered, axis=0, dtype=gathered.dtype)
            return
        for begin in range(0, len(total), chunk):
            gathered = self.table.take(keys[:, begin : begin + chunk], axis=0)
            total[begin : begin + chunk] += np.add.reduce(gathered, axis=0, dtype=gathered.dtype)

    def _keys(
        self,
        values: Values,
        part: slice | None,
        coarse: NDArray[np.uint8],
    ) -> NDArray[np.uint32 | np.uint16]:
        """Return the row of each group's table that each line names; `part` are the lines."""
        keys = np.empty((len(self.offsets), len(coarse)), self.offsets.dtype)
        at = self.single
        if at:
            self._single_keys(values, part, coarse, keys[:at])
        for plan in self.lanes:
            found = _window_keys(plan, values[plan.name], part)
            begin, at = at, at + plan.offsets.size
            out = keys[begin:at].reshape(found.shape)
            np.add(found, plan.offsets, out=out, casting="unsafe")
        return keys

    def _single_keys(
        self,
        values: Values,
        part: slice | None,
        coarse: NDArray[np.uint8],
        keys: NDArray[np.uint32 | np.uint16],
    ) -> None:
        """Put the rows of the tables of families without windows into `keys`."""
        named = [values[name] for name in self.names]
        if part is not None:
            named = [value[..., part] for value in named]
        named.append(coarse)
        bins = self._few_bins(named) if len(coarse) < FEW_LINES else self._bins(named)
        bins.take(self.parts[0], axis=0, out=keys, mode="clip")
        for parts in self.parts[1:]:
            some = keys[: len(parts)]
            some += bins.take(parts, axis=0)

    def _bins(self, named: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return what each value's bin adds to its group's row, of shape (rows + 1, lines)."""
        found = np.empty((self.rows + 1, named[-1].size), self.bins.dtype)
        # Row by row: all values at once would fall out of the cache from one step to the next.
        rows = (row for value in named for row in (value if value.ndim > 1 else value[None]))
        for steps, row, out in zip(self.steps, rows, found, strict=True):
            steps.take(row, None, out, "clip")
        return found

    def _few_bins(self, named: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Do the same in fewer calls, which of few lines is faster."""
        # All one after another: a family's members are rows already.
        found = np.concatenate(named, axis=None, dtype=np.uint32, casting="unsafe")
        found = found.reshape(self.rows + 1, named[-1].size)
        np.minimum(found, self.tops, out=found)
        found += self.starts
        return self.bins.take(found)


class WindowPlan(NamedTuple):
    """How the values of a windowed family become rows of its groups' tables.

    Attributes:
        name: the family's.
        bins: the look-up from values to bins.
        levels: bins of each member.
        size: members looked up together.
        groups: groups of a window.
        offsets: array of shape (groups, windows, 1), where each group's table begins.
        factors: what puts two and four neighbours together.
    """

    name: str
    bins: LookUp
    levels: int
    size: int
    groups: int
    offsets: NDArray[Any]
    factors: tuple[NDArray[np.uint16], NDArray[np.uint32]]

    @classmethod
    def of(cls, measure: Measure, offsets: NDArray[Any]) -> "WindowPlan":
        """Make the plan of a family, of the offsets of all its groups."""
        size = _lane_group(measure)
        groups = -(-measure.windowed // size)
        levels = measure.levels
        factors = (scalar(levels + 256, np.uint16), scalar(levels**2 + 65536, np.uint32))
        places = offsets.reshape(groups, -1, 1)
        return cls(measure.name, bin_look_up(measure.edges), levels, size, groups, places, factors)


def _window_keys(
    plan: WindowPlan, windows: Any, part: slice | None
) -> NDArray[np.uint32 | np.uint16]:
    """Return the row of each window group's table that some lines name.

    Lanes that lie next to each other are put together where they lie: multiplied with
    `levels + 256`, the bytes a and b of a 16-bit word leave `a + levels * b` in its upper
    half; two 16-bit words go together likewise.

    Returns:
        An array of shape (groups of a window, windows, lines).
    """
    keys = look_up(plan.bins, windows.lanes(part)).view(np.uint16)
    keys = keys * plan.factors[0]
    keys >>= _BYTE
    if plan.size == 4:
        words = keys.view(np.uint32)
        keys = words * plan.factors[1]
        keys >>= _TWO_BYTES
    words, spans, lines, each = keys.shape
    turned = keys.transpose(0, 3, 1, 2)
    return turned.reshape(words * each, spans, lines)[: plan.groups]


def _lane_group(measure: Measure) -> int:
    """Return how many members of a window are looked up together."""
    return 4 if measure.levels**4 <= COMBINATIONS else 2


def _group_count(measure: Measure) -> int:
    """Return how many groups all windows of a family have."""
    windows = len(measure.members) // measure.windowed
    return -(-measure.windowed // _lane_group(measure)) * windows


def _window_groups(measure: Measure, first: int) -> Iterator[Group]:
    """Put neighbouring members of a window together; `first` is the family's first row."""
    size, width = _lane_group(measure), measure.windowed
    for begin in range(0, width, size):
        for window in range(len(measure.members) // width):
            members = range(begin, begin + size)
            parts = [first + window * width + i if i < width else -1 for i in members]
            # Which lane varies fastest in a word depends on the order of its bytes.
            parts = parts[::-1] if sys.byteorder == "little" else parts
            yield Group(parts, [measure.levels] * size, False)


def _groups(measures: Sequence[Measure]) -> list[Group]:
    """Put members together as long as their combinations are few, each where it first fits."""
    done: list[Group] = []
    row = 0
    for m in measures:
        limit = COMBINATIONS // (COARSE if m.crossed else 1) // m.levels
        for _ in m.members:
            for group in done:
                if group.crossed == m.crossed and prod(group.levels) <= limit:
                    break
            else:
                group = Group([], [], m.crossed)
                done.append(group)
            group.parts.append(row)
            group.levels.append(m.levels)
            row += 1
    return done


def _join(group: Group, rows: Sequence[Ints], total: NDArray[np.integer[Any]]) -> None:
    """Add up the weights for every combination of the members' bins.

    Args:
        group: the members, by their numbers; -1 for a lane that is none.
        rows: for each member its weights, of shape (levels, COARSE or 1, width).
        total: zeros of shape (combinations, width), to be filled.
    """
    sizes = (*group.levels, COARSE if group.crossed else 1)
    total = total.reshape(*sizes, total.shape[1])
    for i, member in enumerate(group.parts):
        if member >= 0:
            weights = rows[member]
            shape = [1] * len(sizes)
            shape[i], shape[-1] = weights.shape[:2]
            np.add(total, weights.reshape(*shape, -1), out=total, casting="unsafe")
