"""How far a long step is: a bar on standard error where rich is installed, else nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import IO, TypeVar, cast

from paywallstrip.lasting import Lasting

Item = TypeVar("Item")


def track(
    items: Iterable[Item], total: int, what: str, *, done: int = 0, show: bool = True
) -> Iterator[Item]:
    """Pass items on, and show how many went by.

    Args:
        items: what is passed on.
        total: how many there will be, those done before included.
        what: stands beside the bar.
        done: how many were done before.
        show: whether to show anything.

    Yields:
        The items in order.
    """
    if not show or sys.stderr is None or find_spec("rich") is None:
        yield from items
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # Results go to standard output. Without a thread that redraws the bar: worker processes
    # are forked while it is shown, and a process should not be forked beside threads.
    console = Console(file=cast("IO[str]", Lasting(sys.stderr)))
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        task = progress.add_task(what, total=total, completed=done)
        for item in items:
            yield item
            progress.advance(task)
            progress.refresh()
