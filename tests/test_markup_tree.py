"""Elements as runs of lines, against the elements themselves."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.markup.tree import LEVELS, Tree, build_tree, climbs, find_groups, first_best
from paywallstrip.windows import Places

Path = tuple[int, ...]
"""The numbers of the elements around a line, from the outermost on."""


def flatten(node: list, above: Path, counter: list[int]) -> list[Path]:
    """Return the path of each line of a nested list; an empty list is a line."""
    counter[0] += 1
    path = (*above, counter[0])
    if not node:
        return [path]
    return [each for child in node for each in flatten(child, path, counter)]


nested: st.SearchStrategy[list[Any]] = st.recursive(
    st.just([]), lambda child: st.lists(child, min_size=1, max_size=4), max_leaves=30
)
pages = st.lists(nested.map(lambda node: flatten(node, (), [0])), min_size=1, max_size=3)
"""The reference compares every pair of lines."""


def shared(one: Path, other: Path) -> int:
    same = [a == b for a, b in zip(one, other, strict=False)]
    return same.index(False) if False in same else len(same)


def arrays(paths: list[list[Path]]) -> tuple[Tree, Places]:
    depth = np.array([len(path) for page in paths for path in page])
    joined = [shared(page[i - 1], page[i]) if i else 0 for page in paths for i in range(len(page))]
    sizes = [len(page) for page in paths]
    ends = np.cumsum(sizes, dtype=np.int64)
    low, high = np.repeat(ends - sizes, sizes), np.repeat(ends, sizes)
    places = Places(np.arange(len(depth)), low, high)
    return build_tree(depth, np.array(joined, dtype=np.int64), places), places


def runs(paths: list[list[Path]], level: int) -> list[tuple[int, int]]:
    """Return for each line the lines that share its first `level` elements."""
    found, begin = [], 0
    for page in paths:
        for path in page:
            same = [i for i, other in enumerate(page) if shared(path, other) >= level]
            alone = level > len(path)
            first = page.index(path) if alone else same[0]
            last = first if alone else same[-1]
            found.append((begin + first, begin + last + 1))
        begin += len(page)
    return found


@given(pages)
def test_an_element_is_the_run_of_the_lines_in_it(paths: list[list[Path]]) -> None:
    tree, _ = arrays(paths)
    for level in range(min(LEVELS, len(tree.starts))):
        found = zip(tree.starts[level].tolist(), tree.ends[level].tolist(), strict=True)
        assert list(found) == runs(paths, level)


@given(pages)
def test_groups_grow_to_the_page(paths: list[list[Path]]) -> None:
    tree, places = arrays(paths)
    groups = find_groups(tree, places, 40)
    assert (groups.starts[-1] == places.low).all()
    assert (groups.ends[-1] == places.high).all()


@given(pages)
def test_each_group_holds_more_lines_than_the_last_but_for_the_page(
    paths: list[list[Path]],
) -> None:
    tree, places = arrays(paths)
    groups = find_groups(tree, places, 6)
    sizes = groups.ends - groups.starts
    grown = sizes[1:] > sizes[:-1]
    assert (grown | (sizes[:-1] == places.high - places.low)).all()


@given(pages, st.data())
def test_a_climb_leads_to_the_innermost_element_with_that_share(
    paths: list[list[Path]], data: st.DataObject
) -> None:
    tree, places = arrays(paths)
    mass = np.array(
        data.draw(st.lists(st.integers(0, 9), min_size=len(places.at), max_size=len(places.at)))
    )
    sums = np.concatenate([[0], np.cumsum(mass)])
    total = sums[places.high] - sums[places.low]
    depths, steps = climbs(tree, sums, total, (50,))
    for line in np.flatnonzero(total).tolist():
        held = sums[tree.ends[:, line]] - sums[tree.starts[:, line]]
        enough = np.flatnonzero(100 * held >= 50 * total[line])
        assert depths[0, line] == enough[-1]
        assert steps[0, line] == max(0, tree.depth[line] - enough[-1])


def test_without_mass_every_climb_is_beyond_all_levels() -> None:
    tree, _ = arrays([[(1, 2), (1, 3)]])
    _, steps = climbs(tree, np.zeros(3, np.int64), np.zeros(2, np.int64), (1,))
    assert (steps == LEVELS).all()


def test_elements_nested_too_deeply_count_as_one() -> None:
    outer = tuple(range(LEVELS + 20))
    tree, _ = arrays([[(*outer, 1000), (*outer, 1001)]])
    assert tree.starts.shape == (LEVELS, 2)


def test_the_first_of_the_best_lines_is_found() -> None:
    scores, bounds = np.array([1, 5, 5, 2, 9]), np.array([0, 3, 3, 5])
    assert first_best(scores, bounds).tolist() == [1, 0, 4]


@pytest.mark.parametrize("count", [0, 3])
def test_pages_without_lines_have_no_best_line(count: int) -> None:
    assert first_best(np.zeros(0, np.int64), np.zeros(count + 1, np.int64)).tolist() == [0] * count
