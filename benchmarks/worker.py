"""The process that one tool runs in: it waits for tasks, one JSON object a line.

    python -m benchmarks.worker NAME FOLDER

It answers every task with a line of JSON on standard output, the first one, without a task,
when the tool is loaded.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, TextIO

from benchmarks.competitors import COMPETITORS, Competitor, Loaded
from benchmarks.inputs import Inputs
from benchmarks.machine import Clock, peak_memory, use_cores

ENOUGH = 0.3
"""Seconds after which what is quick is not run once more."""


class Worker:
    """A tool with its pages.

    Args:
        competitor: the tool.
        folder: where the inputs lie.
    """

    def __init__(self, competitor: Competitor, folder: Path) -> None:
        self.inputs = Inputs.read(folder)
        self.takes = competitor.takes
        self.pages = self.inputs.texts if self.takes == "text" else self.inputs.html
        self.sizes = [len(text) for text in self.inputs.texts]
        self.tool: Loaded = competitor.load(folder)

    def run(self, task: dict[str, Any]) -> dict[str, Any]:
        """Run a task, a dict of the name of a method in `TASKS` and its arguments."""
        before = self.tool.failures
        answer: dict[str, Any] = TASKS[task.pop("task")](self, **task)
        failures = self.tool.failures - before
        return answer | {"memory": peak_memory(), "failures": failures}

    def stream(self, size: int, limit: float, jobs: int = 1, repeats: int = 1) -> dict[str, Any]:
        """Run on so many pages, the inputs over and over.

        Args:
            size: how many pages.
            limit: seconds after which it ends, however many pages are done.
            jobs: processes.
            repeats: how often at most; the times are medians.
        """
        done = 0

        def run() -> None:
            nonlocal done
            done, begin = 0, Clock.now()
            for _ in self.tool.stream(islice(cycle(self.pages), size), jobs):
                done += 1
                if begin.since().wall > limit:
                    break

        use_cores(jobs)
        times = timed(run, repeats)
        use_cores(1)
        rounds, rest = divmod(done, len(self.sizes))
        characters = rounds * sum(self.sizes) + sum(self.sizes[:rest])
        return {"pages": done, "characters": characters} | times

    def single(self, kind: Any, size: int, repeats: int) -> dict[str, Any]:
        """Run on one page of a given size, see `Inputs.single`; the times are medians."""
        page, characters = self.inputs.single(kind, size, self.takes)
        times = timed(lambda: self.tool.clean(page), repeats)
        return {"pages": 1, "characters": characters} | times


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"stream": Worker.stream, "single": Worker.single}


def timed(action: Callable[[], object], repeats: int) -> dict[str, float]:
    """Run something until the times add up.

    Args:
        action: what is run.
        repeats: how often at most. Unless it is 1, or the first time takes long by itself,
            that one is not counted: tools load more when they are first called.

    Returns:
        The medians of both clocks, by name.
    """
    times = [_took(action)]
    if repeats > 1 and times[0].cpu < ENOUGH:
        times = [_took(action)]
    while len(times) < repeats and sum(each.wall for each in times) < ENOUGH:
        times.append(_took(action))
    return {
        "wall": statistics.median(each.wall for each in times),
        "cpu": statistics.median(each.cpu for each in times),
    }


def _took(action: Callable[[], object]) -> Clock:
    begin = Clock.now()
    action()
    return begin.since()


def main() -> None:
    """Load the tool, then do what standard input says."""
    answers = _own_output()
    logging.disable(logging.CRITICAL)
    use_cores(1)
    name, folder = sys.argv[1:]
    competitor = next(each for each in COMPETITORS if each.name == name)
    worker = Worker(competitor, Path(folder))
    for answer in _answers(worker):
        print(json.dumps(answer), file=answers, flush=True)


def _own_output() -> TextIO:
    """Keep standard output for the answers: what a tool prints goes to standard error."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def _answers(worker: Worker) -> Iterator[dict[str, Any]]:
    yield {"memory": peak_memory()}
    for line in sys.stdin:
        yield worker.run(json.loads(line))


if __name__ == "__main__":
    main()
