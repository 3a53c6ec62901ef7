"""How far a run is, on standard error: a bar on a terminal, plain lines elsewhere; a table."""

import sys
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, cast

from paywallstrip.bulk.inputs import REJECTS
from paywallstrip.cli.render import visible
from paywallstrip.cli.streams import tell
from paywallstrip.labels import LABELS
from paywallstrip.lasting import Lasting

if TYPE_CHECKING:
    from paywallstrip.bulk.run import Progress

LINE_SECONDS = 10.0


def show(steps: "Iterator[Progress]") -> "Progress":
    """Follow a run to its end, and print the table.

    Args:
        steps: what `paywallstrip.bulk.run.run` returns.

    Returns:
        The last step.
    """
    begin = time.monotonic()
    if sys.stderr is None:
        return _last(steps)
    last = _bar(steps) if sys.stderr.isatty() else _lines(steps)
    _summary(last, time.monotonic() - begin)
    return last


def _last(steps: "Iterator[Progress]") -> "Progress":
    """Run to the end where nobody looks on."""
    for step in steps:
        last = step
    return last


def _bar(steps: "Iterator[Progress]") -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
    )
    begin = time.monotonic()
    console = Console(file=cast("IO[str]", Lasting(sys.stderr)))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, rate="")
        for step in steps:
            rate = _rate(step, time.monotonic() - begin)
            bar.update(
                task,
                description=visible(step.current)[-30:],
                total=max(step.size, 1),
                completed=step.consumed,
                rate=f"{rate:,.0f} records/s",
            )
        bar.update(task, completed=max(step.size, 1))
    return step


def _lines(steps: "Iterator[Progress]") -> "Progress":
    begin = told = time.monotonic()
    for step in steps:
        now = time.monotonic()
        if now - told >= LINE_SECONDS:
            told = now
            share = step.consumed / max(step.size, 1)
            read = step.consumed - step.consumed_before
            left = (now - begin) * (step.size - step.consumed) / read if read else 0
            rate = _rate(step, now - begin)
            tell(
                f"{share:.0%}, {step.done + step.done_before} of {step.files} files, "
                f"{step.totals.records} records, {rate:.0f} a second, {left:.0f} s left"
            )
    return step


def _rate(step: "Progress", seconds: float) -> float:
    """Return how many records a second this run cleans; an interrupted one had its own time."""
    return (step.totals.records - step.records_before) / max(seconds, 0.001)


def _summary(last: "Progress", seconds: float) -> None:
    """Print the table."""
    totals = last.totals
    before = f" ({last.done_before} done before)" if last.done_before else ""
    kept = totals.kept / totals.characters if totals.characters else 0
    lines = max(sum(totals.lines), 1)
    where = f" (listed in NAME{REJECTS})" if totals.rejected else ""
    left_out = f"{totals.left_out:,} (records of other types or media)"
    rows = [
        ("files", f"{last.done + last.done_before}{before}"),
        ("records", f"{totals.records:,}"),
        ("rejected", f"{totals.rejected:,}{where}"),
        # Archives alone hold more than pages.
        *([("left out", left_out)] if totals.left_out else []),
        ("emptied", f"{totals.emptied:,}"),
        ("characters", f"{totals.characters:,}"),
        ("kept", f"{totals.kept:,} ({kept:.1%})"),
        *(
            (f"{label.value} lines", f"{count:,} ({count / lines:.1%})")
            for label, count in zip(LABELS, totals.lines, strict=True)
        ),
        ("seconds", f"{seconds:,.1f}"),
        ("rate", f"{_rate(last, seconds):,.0f} records/s"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        tell(f"{name:<{width}}  {value}")
