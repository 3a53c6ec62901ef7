"""Chunks to worker processes and back, in order, few at a time."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import TypeVar

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
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_start)
    waiting: deque[tuple[Own, Future[Done]]] = deque()
    try:
        for own, sent in tasks:
            waiting.append((own, pool.submit(action, sent)))
            if len(waiting) >= jobs * AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
