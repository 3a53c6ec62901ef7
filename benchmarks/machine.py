"""The machine: what it is, one of its cores, and what a process took of it."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

STATUS = Path("/proc/self/status")


class Clock(NamedTuple):
    """Two times, in seconds.

    Attributes:
        wall: by the clock on the wall.
        cpu: spent by this process and the processes it has waited for.
    """

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Clock:
        """Read both."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = time.process_time() + children.ru_utime + children.ru_stime
        return cls(time.perf_counter(), cpu)

    def since(self) -> Clock:
        """Return what has passed."""
        now = Clock.now()
        return Clock(now.wall - self.wall, now.cpu - self.cpu)


# Read when the process starts: `use_cores` changes what the system says.
_ALL_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def cores() -> int:
    """Count the cores that this process was given."""
    return len(_ALL_CORES) or os.cpu_count() or 1


def use_cores(count: int) -> None:
    """Keep this process and those it starts to so many cores, where the system can."""
    if _ALL_CORES:
        os.sched_setaffinity(0, _ALL_CORES[-count:])


@contextmanager
def one_core() -> Iterator[None]:
    """Keep to one core for a while."""
    use_cores(1)
    try:
        yield
    finally:
        use_cores(cores())


def peak_memory(status: str | None = None) -> float:
    """Return the most memory that this process has held, in MB.

    `ru_maxrss` would do, but a process takes it over from the one that started it.

    Args:
        status: the text of /proc/PID/status; that of this process by default.
    """
    if status is None and STATUS.exists():
        status = STATUS.read_text(encoding="utf-8")
    for line in (status or "").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def cpu_seconds(results: Iterable[object]) -> float:
    """Run through an iterable; return the processor time that this process took for it."""
    begin = time.process_time()
    for _ in results:
        pass
    return time.process_time() - begin


def describe_machine() -> str:
    """Name the processor and how many of them there are; never the host."""
    info = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip()
        for line in (info.read_text() if info.exists() else "").splitlines()
        if line.startswith("model name")
    ]
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}"


def describe_run() -> str:
    """Name the day, the machine and Python: what a printed table begins with."""
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {describe_machine()}, Python {platform.python_version()}"


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Look up which versions of Python and of packages are installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
