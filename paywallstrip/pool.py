"""Streams of texts: cut into batches, run here or in worker processes, in order."""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice, repeat
from multiprocessing import current_process, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from traceback import clear_frames, format_exception
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from paywallstrip.decisions import whole_number
from paywallstrip.groups import grouped
from paywallstrip.memory import hold_memory

if TYPE_CHECKING:
    from paywallstrip.classifier import Classifier
    from paywallstrip.decisions import Decision, Options

BATCH_CHARACTERS = 300_000
"""Characters decided together: enough for words to repeat and calls to tell little."""
FIRST_SHARE = 4
"""The first batch is so many times smaller: its answers are waited for, and workers idle."""
LEAST_CHARACTERS = 200
"""What a text counts at least, so that a stream of empty texts is not read far ahead."""
AHEAD = 3
"""Tasks in flight for each worker: memory stays bounded for an endless stream."""
TASK_BATCHES = 4
"""Batches of a task, once every worker has its first ones: a task costs the parent, which has no
processor of its own, much the same however large it is."""
WINDOWS_WORKERS = 61
"""More processes a pool of the standard library refuses on Windows."""

Element = TypeVar("Element")
Result = TypeVar("Result")


_Done = tuple[list[Result], Exception | None]
"""What a worker gives back: the results, and an error that comes after them."""


class Medium(NamedTuple):
    """What a stream is of; its functions are module-level, so that they go to workers.

    Attributes:
        check: returns an element, given with its index, or raises `TextError`.
        share: how many characters of an element go to one of the text in it.
        decide: decides a batch with a classifier and options.
    """

    check: Callable[[Any, int], Any]
    share: int
    decide: "Callable[[Classifier, list[Any], Options], list[Decision]]"


def batches(texts: Iterable[Any], size: int, medium: Medium) -> Iterator[list[Any]]:
    """Cut a stream into lists of about `size` characters of text, checking each element.

    Args:
        texts: any iterable of what the medium takes.
        size: characters after which a batch is closed; the first one `FIRST_SHARE` times as
            early.
        medium: what the stream is of.

    Returns:
        An iterator over non-empty lists.

    Raises:
        TextError: at the first element of another type, after the batches before it;
            the message names its index.
    """
    checked = (medium.check(text, index) for index, text in enumerate(texts))
    limits = chain([size // FIRST_SHARE], repeat(size))
    return grouped(
        checked, lambda text: max(len(text) // medium.share, LEAST_CHARACTERS) + 1, limits
    )


def in_tasks(batches: Iterable[list[Any]], alone: int) -> Iterator[list[list[Any]]]:
    """Put batches together into what a worker is sent at once.

    Args:
        batches: the batches, in order.
        alone: so many of them come first, each a task of its own.

    Returns:
        An iterator over lists of batches; what came before an error of `batches` is given
        out before it is raised.
    """
    return grouped(batches, lambda _: 1, chain(repeat(1, alone), repeat(TASK_BATCHES)))


def stream(
    classifier: "Classifier",
    texts: Iterable[Any],
    options: "Options",
    n_jobs: int,
    finish: "Callable[[Decision], Result]",
    medium: Medium,
) -> Iterator[Result]:
    """Decide a stream of texts and finish each decision, in order.

    Args:
        classifier: decides the batches.
        texts: any iterable of what the medium takes.
        options: checked options.
        n_jobs: processes, 1 for none beside this one, -1 for one a processor that this one
            may use.
        finish: turns a decision into what is yielded; a module-level function.
        medium: what the stream is of.

    Returns:
        An iterator over the results.

    Raises:
        TypeError: if `n_jobs` is no whole number.
        ValueError: if `n_jobs` is neither positive nor -1, or more than 1 in a process that may
            start none.
    """
    n_jobs = whole_number(n_jobs, "n_jobs must be a whole number")
    if n_jobs < 1 and n_jobs != -1:
        raise ValueError(f"n_jobs must be 1 or more, or -1 for all processors, got {n_jobs}")
    workers = n_jobs if n_jobs > 0 else processors()
    if workers == 1:
        return _here(classifier, texts, options, finish, medium)
    if current_process().daemon:
        raise ValueError(
            f"n_jobs is {n_jobs}, but this process is a worker that may start none (a daemonic "
            "one, as those of multiprocessing.Pool are): pass n_jobs=1 here"
        )
    return _spread(classifier, texts, options, workers, finish, medium)


def processors() -> int:
    """Count the processors that this process may use, as far as a pool can."""
    if sys.platform == "win32":
        return min(os.cpu_count() or 1, WINDOWS_WORKERS)
    if hasattr(os, "sched_getaffinity"):
        # A container often has few of the machine's.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _here(
    classifier: "Classifier",
    texts: Iterable[Any],
    options: "Options",
    finish: "Callable[[Decision], Result]",
    medium: Medium,
) -> Iterator[Result]:
    first = 0
    for batch in batches(texts, BATCH_CHARACTERS, medium):
        decisions, failure = _decided(classifier, batch, first, options, medium)
        yield from map(finish, decisions)
        if failure is not None:
            raise failure
        first += len(batch)


def _decided(
    classifier: "Classifier", batch: list[Any], first: int, options: "Options", medium: Medium
) -> "tuple[list[Decision], Exception | None]":
    """Decide a batch, `first` being the index of its first element.

    Returns:
        The decisions, and no error; or those of what comes before the first element that fails
        by itself, for want of memory mostly, and its error with a note that has the index.
    """
    try:
        return medium.decide(classifier, batch, options), None
    except Exception as error:
        if len(batch) == 1:
            error.add_note(f"while deciding element {first} of the stream")
            return [], error
        # What its frames hold of the batch would be missing below.
        clear_frames(error.__traceback__)
        failure = error
    alone: list[Decision] = []
    for index, element in enumerate(batch, first):
        try:
            alone += medium.decide(classifier, [element], options)
        except Exception as error:
            error.add_note(f"while deciding element {index} of the stream")
            return alone, error
    if isinstance(failure, MemoryError):
        # Only together were they too large for it: none of them is at fault.
        return alone, None
    failure.add_note(f"while deciding elements {first} to {first + len(batch) - 1} of the stream")
    return [], failure


def _spread(
    classifier: "Classifier",
    texts: Iterable[Any],
    options: "Options",
    workers: int,
    finish: "Callable[[Decision], Result]",
    medium: Medium,
) -> Iterator[Result]:
    # What is imported late comes now: a worker that is forked while another thread imports it
    # would wait for ever.
    medium.decide(classifier, ["<p>Rain"], options)
    # A task is one batch at first, so that a short stream is shared evenly.
    tasks = in_tasks(batches(texts, BATCH_CHARACTERS, medium), workers * AHEAD)
    # Forked workers are started all at once: no more of them than there are tasks.
    count, tasks = _counted(tasks, workers)
    pool = ProcessPoolExecutor(max(count, 1), initializer=_start, initargs=(classifier,))
    waiting: deque[tuple[int, Future[_Done[Result]]]] = deque()
    read = 0
    try:
        failure: Exception | None = None
        while True:
            while failure is None and len(waiting) < workers * AHEAD:
                try:
                    task = next(tasks)
                    with interrupts_held():
                        future = pool.submit(_run, task, read, options, finish, medium)
                    waiting.append((read, future))
                    read += sum(map(len, task))
                except StopIteration:
                    break
                except Exception as error:
                    # What was read before the bad text is still owed, in order.
                    failure = error
            if not waiting:
                break
            results, failed = _result(*waiting.popleft())
            yield from results
            if failed is not None:
                raise failed
        if failure is not None:
            raise failure
    finally:
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """Shut a pool down, and with it the workers of one that was never at work.

    Where a worker cannot be forked, those before it wait for tasks that nobody hands out, and
    Python would wait for them at its end.
    """
    stranded: list[BaseProcess] = []
    # Not of the public kind: a pool without these names is shut down as any other.
    if getattr(pool, "_executor_manager_thread", pool) is None:
        stranded += getattr(pool, "_processes", {}).values()
    pool.shutdown(wait=True, cancel_futures=True)
    for worker in stranded:
        # They hold nothing, and what they do about other signals was inherited.
        worker.kill()
        worker.join()


def _counted(items: Iterator[Element], most: int) -> tuple[int, Iterator[Element]]:
    """Read some items ahead; return how many there were, and all items again, with their error."""
    read: deque[Element] = deque()
    failure: Exception | None = None
    try:
        read.extend(islice(items, most))
    except Exception as error:
        failure = error

    def again() -> Iterator[Element]:
        while read:
            yield read.popleft()
        if failure is not None:
            raise failure
        yield from items

    return len(read), again()


def _result(first: int, future: "Future[_Done[Result]]") -> "_Done[Result]":
    try:
        return future.result()
    except BrokenProcessPool as error:
        error.add_note(f"a worker was killed, by want of memory perhaps, from element {first} on")
        raise


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a worker may be started.

    A worker inherits what is held back, and ignores it from its first moment to the last.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker_classifier: "Classifier | None" = None


def _start(classifier: "Classifier") -> None:
    """Keep the model of this worker."""
    global _worker_classifier
    hold_memory()
    leave_to_parent()
    _worker_classifier = classifier


def leave_to_parent() -> None:
    """Leave Ctrl-C to the parent of this worker, and do not outlive it when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _run(
    task: list[list[Any]],
    first: int,
    options: "Options",
    finish: "Callable[[Decision], Result]",
    medium: Medium,
) -> _Done[Result]:
    if _worker_classifier is None:
        raise RuntimeError("a worker was used before it was started")
    results: list[Result] = []
    for batch in task:
        at = first + len(results)
        decisions, failure = _decided(_worker_classifier, batch, at, options, medium)
        results += map(finish, decisions)
        if failure is not None:
            # It goes to the parent as a value, without its traceback.
            failure.add_note("".join(format_exception(failure)))
            return results, failure
    return results, None
