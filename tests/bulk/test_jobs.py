"""Worker processes of a run."""

import signal
from itertools import islice

import pytest

from paywallstrip.bulk.jobs import AHEAD, in_order


def holds_interrupts_back(_: object) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system holds none back")
def test_no_worker_sees_an_interrupt_while_it_starts() -> None:
    tasks = ((number, None) for number in range(4))
    assert list(in_order(tasks, holds_interrupts_back, 2)) == [(n, True) for n in range(4)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_made_comes_in_the_order_of_the_tasks(jobs: int) -> None:
    tasks = ((number, -number) for number in range(5 * AHEAD))
    assert list(in_order(tasks, abs, jobs)) == [(n, n) for n in range(5 * AHEAD)]


@pytest.mark.parametrize(("jobs", "ahead"), [(1, 1), (2, 2 * AHEAD)])
def test_few_tasks_are_read_ahead(jobs: int, ahead: int) -> None:
    numbers = iter(range(100))
    list(islice(in_order(((number, number) for number in numbers), abs, jobs), 1))
    assert next(numbers) == ahead
