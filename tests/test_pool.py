"""Batches put together into tasks for worker processes."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

import pytest

from paywallstrip.pool import TASK_BATCHES, in_tasks, processors

ALONE = 3


def numbered(count: int) -> list[list[int]]:
    """Return batches of one element each."""
    return [[i] for i in range(count)]


def failing(count: int) -> Iterator[list[int]]:
    """Yield batches, then break."""
    yield from numbered(count)
    raise LookupError("the reader broke")


@pytest.mark.parametrize("count", range(2 * TASK_BATCHES + ALONE))
def test_every_batch_is_in_one_task_and_in_order(count: int) -> None:
    tasks = in_tasks(iter(numbered(count)), ALONE)
    assert [batch for task in tasks for batch in task] == numbered(count)


def test_the_first_tasks_hold_one_batch_each() -> None:
    tasks = list(in_tasks(iter(numbered(50)), ALONE))
    assert [len(task) for task in tasks[:ALONE]] == [1] * ALONE


def test_later_tasks_hold_several_batches() -> None:
    tasks = list(in_tasks(iter(numbered(50)), ALONE))
    assert {len(task) for task in tasks[ALONE:-1]} == {TASK_BATCHES}


def drained(tasks: Iterator[list[list[int]]]) -> Iterator[list[int]]:
    """Yield the batches that come before the reader breaks."""
    with suppress(LookupError):
        yield from chain.from_iterable(tasks)


@pytest.mark.parametrize("count", [0, 2, ALONE, ALONE + 1, ALONE + TASK_BATCHES])
def test_batches_before_an_error_are_given_out(count: int) -> None:
    assert list(drained(in_tasks(failing(count), ALONE))) == numbered(count)


def test_the_error_of_the_batches_comes_through() -> None:
    with pytest.raises(LookupError, match="the reader broke"):
        list(in_tasks(failing(ALONE + 1), ALONE))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot give up processors")
def test_a_process_for_each_processor_counts_those_that_it_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)
