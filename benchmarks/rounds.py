"""What is asked of the tools' processes, in turn, and what they answer."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from benchmarks.competitors import OURS, Competitor
from benchmarks.inputs import first_page
from benchmarks.machine import Clock, peak_memory

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 300.0
"""Seconds that a tool may take to load."""
GRACE = 10.0
"""Seconds beyond its limit before a process that does not answer is ended."""
JUDGED_FROM = 0.5
"""CPU seconds that a size must take to tell what the next will: less is mostly the call."""
SMALL_REPEATS = 7
FEW_FROM = {"pages": 100_000, "lines": 1_000_000}
"""Sizes from which on only the tools that say so run."""

Answer = dict[str, Any]
Say = Callable[[str], None]


class Process:
    """A tool's process, to be used in a `with` statement.

    Args:
        competitor: the tool.
        folder: where the inputs lie.
    """

    def __init__(self, competitor: Competitor, folder: Path) -> None:
        self.competitor = competitor
        self._folder = folder
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, task: Answer, limit: float) -> Answer:
        """Give it a task.

        A process that dies or takes too long is ended, and another one started in its place.

        Args:
            task: see `Worker.run`.
            limit: seconds that it may take.

        Returns:
            Its answer; only the field `missing`, which says why, if there is none.
        """
        assert self._process.stdin is not None
        begin = time.perf_counter()
        self._process.stdin.write(json.dumps(task).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._answer(limit + GRACE)
        if answer is not None:
            return answer
        over = time.perf_counter() - begin > limit
        self._end()
        self._process = self._start()
        return {"missing": f"over {limit:.0f} s" if over else "the process died"}

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "benchmarks.worker", self.competitor.name]
        self._process = subprocess.Popen(
            [*command, str(self._folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._answer(START_LIMIT) is None:
            self._end()
            raise RuntimeError(f"{self.competitor.name} could not be loaded; see its error above")
        return self._process

    def _answer(self, limit: float) -> Answer | None:
        # One task, one line: what is waited for cannot already lie in the reader's buffer.
        with selectors.DefaultSelector() as selector:
            assert self._process.stdout is not None
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(limit):
                return None
        line = self._process.stdout.readline()
        answer: Answer | None = json.loads(line) if line else None
        return answer

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def paired_rounds(
    processes: Sequence[Process], pages: int, rounds: int, limit: float, say: Say
) -> dict[str, list[Answer]]:
    """Run every tool on the same pages, in turn, round after round.

    Each round begins with another tool, so that none always comes first.

    Args:
        processes: the tools.
        pages: how many pages a round.
        rounds: how many rounds are counted; one on a tenth of the pages goes before.
        limit: seconds a tool may take a round.
        say: told what is going on.

    Returns:
        Each tool's answers, one a round.
    """
    found: dict[str, list[Answer]] = {each.competitor.name: [] for each in processes}
    for process in processes:
        process.ask(_stream(max(pages // 10, 1), limit), limit)
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        first = number % len(processes)
        for process in (*processes[first:], *processes[:first]):
            answer = process.ask(_stream(pages, limit), limit)
            found[process.competitor.name].append(answer)
    return found


def sweep(
    processes: Sequence[Process], kind: str, sizes: Iterable[int], limit: float, say: Say
) -> dict[str, list[Answer]]:
    """Run every tool at ascending sizes.

    A tool skips a size that, judged by the one before, would take longer than the limit,
    and all sizes after it.

    Args:
        processes: the tools.
        kind: "pages", a stream of so many, or "lines", one page of so many.
        sizes: the sizes.
        limit: seconds a tool may take a size.
        say: told what is going on.

    Returns:
        Each tool's answers, with their `size`; a size not measured says why in `missing`.
    """
    found: dict[str, list[Answer]] = {each.competitor.name: [] for each in processes}
    for size in sorted(sizes):
        for process in processes:
            competitor, before = process.competitor, found[process.competitor.name]
            reason = skip_reason(competitor, kind, size, limit, before)
            if reason:
                answer: Answer = {"missing": reason}
            else:
                say(f"{size:,} {kind}: {competitor.name}")
                answer = process.ask(_task(kind, size, limit), limit)
            before.append({"size": size, **answer})
    return found


def _task(kind: str, size: int, limit: float) -> Answer:
    if kind == "pages":
        return _stream(size, limit, repeats=SMALL_REPEATS)
    return _single("lines", size, SMALL_REPEATS)


def _stream(size: int, limit: float, *, jobs: int = 1, repeats: int = 1) -> Answer:
    return {"task": "stream", "size": size, "limit": limit, "jobs": jobs, "repeats": repeats}


def _single(kind: str, size: int, repeats: int) -> Answer:
    return {"task": "single", "kind": kind, "size": size, "repeats": repeats}


def skip_reason(
    competitor: Competitor, kind: str, size: int, limit: float, before: Sequence[Answer]
) -> str:
    """Return why a size is not measured; empty if it is."""
    if size >= FEW_FROM[kind] and not competitor.largest:
        return "not run"
    if not before:
        return ""
    last = before[-1]
    if "missing" in last:
        return str(last["missing"])
    if kind == "pages" and competitor.largest:
        # A stream ends at the limit by itself, and says how many pages are done.
        return ""
    expected = last["cpu"] * size / last["size"]
    too_long = last["cpu"] > JUDGED_FROM and expected > limit
    return f"over {limit:.0f} s" if too_long else ""


def single_texts(process: Process, limit: float, say: Say) -> list[Answer]:
    """Run this library on single texts: a page, the beginning of one, one long line."""
    found = []
    for kind, size in (("characters", 8000), ("characters", 500), ("line", 10_000_000)):
        say(f"one text of {size:,} characters")
        answer = process.ask(_single(kind, size, 101), limit)
        found.append({"kind": kind, "size": size, **answer})
    return found


def job_rounds(process: Process, pages: int, rounds: int, limit: float, say: Say) -> list[Answer]:
    """Run this library in one and in two processes, in turn.

    Returns:
        One answer for each, round after round, with its `jobs`.
    """
    found = []
    for number in range(rounds):
        say(f"n_jobs 1 and 2, round {number + 1} of {rounds}")
        for jobs in (1, 2):
            answer = process.ask(_stream(pages, limit, jobs=jobs), limit)
            found.append({"jobs": jobs, **answer})
    return found


_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_PROGRAM = """\
import sys
folder = sys.argv[1]
page = open(sys.argv[2], encoding="utf-8", newline="").read()
{setup}
{call}
try:
    print(open("/proc/self/status").read())
except OSError:
    pass
"""


def cold_starts(
    competitors: Sequence[Competitor], folder: Path, rounds: int, say: Say
) -> dict[str, list[Answer]]:
    """Start fresh processes, in turn, each up to its first answer.

    Two of them only start Python and import numpy: what every other one pays.

    Args:
        competitors: the tools.
        folder: where the inputs lie.
        rounds: how often each is started; once more goes before.
        say: told what is going on.

    Returns:
        Wall and CPU time and peak memory of each process, by tool.
    """
    programs = {"Python alone": ("", "", "text"), "`import numpy`": ("import numpy", "", "text")}
    programs |= {each.name: (each.setup, each.call, each.takes) for each in competitors}
    found: dict[str, list[Answer]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        say(f"fresh processes, round {number} of {rounds}")
        for name, (setup, call, takes) in programs.items():
            program = _PROGRAM.format(setup=setup, call=call)
            answer = _fresh(program, str(folder), str(first_page(folder, takes)))
            if number:
                found[name].append(answer)
    return found


def _fresh(program: str, *arguments: str) -> Answer:
    begin = Clock.now()
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        # An installed package has its bytecode: the round before the others leaves ours.
        env={key: value for key, value in os.environ.items() if key != _NO_BYTECODE},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    took = begin.since()
    status = ended.stdout.decode(errors="replace")
    memory = peak_memory(status) if "VmHWM:" in status else None
    return {"wall": took.wall, "cpu": took.cpu, "memory": memory}


def ours(processes: Iterable[Process]) -> Process:
    """Return the process of this library."""
    return next(each for each in processes if each.competitor.name == OURS)
