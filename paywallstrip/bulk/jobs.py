"""Chunks to worker processes and back, in order, few at a time."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

from paywallstrip.pool import interrupts_held, leave_to_parent

AHEAD = 3
"""Chunks in flight for each worker: memory stays bounded however long the input is."""

Own = TypeVar("Own")
Sent = TypeVar("Sent")
Done = TypeVar("Done")


def in_order(
    tasks: Iterator[tuple[Own, Sent]], action: Callable[[Sent], Done], jobs: int
) -> Iterator[tuple[Own, Done]]:
    """Yield what an action made of each task.

    Args:
        tasks: pairs of what stays in this process and what is sent; read a little ahead.
        action: a module-level function or what pickles like one.
        jobs: processes, 1 for none beside this one.

    Returns:
        An iterator over what stayed, and what was made, in the order of the tasks.
    """
    if jobs == 1:
        for own, sent in tasks:
            yield own, action(sent)
        return
    # Spawned, not forked: this process may have threads, and a fork of them can hang.
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=leave_to_parent
    )
    waiting: deque[tuple[Own, Future[Done]]] = deque()
    try:
        for own, sent in tasks:
            with interrupts_held():
                future = pool.submit(action, sent)
            waiting.append((own, future))
            if len(waiting) >= jobs * AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
