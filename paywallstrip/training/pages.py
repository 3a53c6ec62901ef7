"""The pages a model is trained on: read, converted where need be, each in all its versions.

Pages written for the purpose come beside them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from paywallstrip.errors import DataError
from paywallstrip.training.blocks import Block, read_blocks
from paywallstrip.training.converters import CONVERTERS, LEFTOVERS, load_all
from paywallstrip.training.corpus import LabelledPage, is_final, read_bodies, read_labelled
from paywallstrip.training.further import FURTHER, join_further, read_further
from paywallstrip.training.progress import track
from paywallstrip.training.records import PageRecord
from paywallstrip.training.versions import (
    BlockPool,
    Plan,
    TrainingPage,
    Views,
    plan_of,
    versions_of,
    versions_of_written,
)
from paywallstrip.training.views import (
    BODIES,
    LABELLED,
    TIME_LIMIT,
    fold_lines,
    read_views,
    time_limit,
)
from paywallstrip.training.written import read_written

Part = Literal["train", "all"]
PARTS: tuple[Part, ...] = ("train", "all")

_FOUND_FROM = 0.98  # a smaller share of further lines means another corpus or converter

_log = logging.getLogger(__name__)

_Lines = tuple[str, ...]


class _Task(NamedTuple):
    id: str
    html: str
    converters: tuple[str, ...]


def assemble_pages(
    corpus_dir: str | Path,
    views_dir: str | Path | None,
    *,
    part: Part,
    seed: int,
    leftovers: int = 2,
    further: str | Path | None = FURTHER,
    further_views: bool = True,
    blocks: Sequence[Block] | None = None,
    written: str | Path | None = None,
    n_jobs: int = 1,
    progress: bool = True,
) -> list[TrainingPage]:
    """Assemble the pages for training: each as it is, a few lines of it, another dump, leftovers.

    A further page that is no article comes as it is, and counts less.

    What is chosen for a page depends on its id and the seed alone, not on the other pages.

    Args:
        corpus_dir: folder of ``labelled.jsonl.xz`` and ``bodies.jsonl.xz``.
        views_dir: folder that `build_views` filled; None converts what is needed now.
        part: "train" leaves out the sites of the final part, "all" takes every page.
        seed: of the random choices.
        leftovers: extractors' outputs a page, 0 to 10.
        further: file of labels by line hash; None leaves those pages out.
        further_views: whether these pages also come as other dumps and as leftovers; if
            not, their blocks are set into their own lines.
        blocks: the written blocks; None takes the shipped ones, ``()`` sets none.
        written: folder of the pages written for the purpose; None leaves them out.
        n_jobs: processes that convert, 1 or more.
        progress: whether a bar shows how far the conversion is.

    Returns:
        The pages, the views of each one after the other; views without a line are left out.

    Raises:
        ValueError: `part` or `leftovers` is not among what can be asked for.
        DataError: a view is missing from `views_dir`, or a data file is damaged.
        ImportError: a converter is not installed.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    if not 0 <= leftovers <= len(LEFTOVERS):
        raise ValueError(f"leftovers must be 0 to {len(LEFTOVERS)}, got {leftovers}")
    corpus = Path(corpus_dir)
    labelled = _of_part(read_labelled(corpus / LABELLED), part)
    joined = _of_part(further_pages(further, corpus), part)
    plans = {page.id: plan_of(page, seed, leftovers) for page in labelled}
    for page in joined:
        more = further_views and not page.is_other_type
        plans[page.id] = plan_of(page, seed, leftovers) if more else Plan((), ())
    pages = labelled + joined
    if views_dir is None:
        views = _convert(pages, plans, n_jobs, progress)
    else:
        views = _read(Path(views_dir), plans)
    pool = BlockPool(read_blocks() if blocks is None else blocks)
    assembled = [
        version
        for page in pages
        for version in versions_of(page, plans[page.id], views, pool, seed)
        if version.lines
    ]
    return assembled if written is None else assembled + written_pages(written, seed=seed)


def written_pages(folder: str | Path, *, seed: int) -> list[TrainingPage]:
    """Read the pages written for the purpose, and cut a few lines out of each long one.

    Args:
        folder: where they lie, as `written.read_written` reads them.
        seed: of the choice of lines.

    Returns:
        The pages, each as it is, and a few of its lines if it has many.

    Raises:
        DataError: a page is damaged, or its made-up site falls into the final part.
    """
    return [version for page in read_own(folder) for version in versions_of_written(page, seed)]


def read_own(folder: str | Path) -> Iterator[PageRecord]:
    """Read the pages written for the purpose; errors as for `written_pages`."""
    for page in read_written(folder):
        if is_final(page.domain):
            raise DataError(f"{folder}: {page.domain} of page {page.id} belongs to the final part")
        yield page


def _of_part(pages: Iterable[LabelledPage], part: Part) -> list[LabelledPage]:
    return [page for page in pages if part == "all" or not is_final(page.domain)]


def further_pages(path: str | Path | None, corpus: Path) -> tuple[LabelledPage, ...]:
    """Join the further labels to their pages; none without a file of labels."""
    if path is None:
        return ()
    joined = join_further(read_further(path), read_bodies(corpus / BODIES))
    _log.log(
        logging.INFO if joined.share >= _FOUND_FROM else logging.WARNING,
        "further pages: %d of %d labelled lines found (%.1f %%), %d pages differ",
        joined.found,
        joined.wanted,
        100 * joined.share,
        len(joined.differing),
    )
    return joined.pages


def _read(folder: Path, plans: Mapping[str, Plan]) -> Views:
    wanted = {(page, name) for page, plan in plans.items() for name in plan.converters}
    views: Views = {}
    for name in (LABELLED, BODIES):
        for view in read_views(folder / name) if wanted - views.keys() else ():
            # Of a page that is in both corpora, the view with labels comes first and stays.
            if (view.id, view.view) in wanted:
                views.setdefault((view.id, view.view), (view.lines, view.labels))
    for page, name in sorted(wanted - views.keys()):
        raise DataError(f"{folder} has no view by {name} of page {page}: build the views again")
    return views


def _convert(
    pages: Sequence[LabelledPage], plans: Mapping[str, Plan], n_jobs: int, progress: bool
) -> Views:
    tasks = [_Task(page.id, page.html, plans[page.id].converters) for page in pages]
    load_all(CONVERTERS[name] for name in sorted({n for task in tasks for n in task.converters}))
    views: Views = {}
    with ProcessPoolExecutor(n_jobs, initializer=_quiet) as pool:
        done = track(pool.map(_converted, tasks), len(tasks), "converting pages", show=progress)
        for task, outputs in zip(tasks, done, strict=True):
            for name, lines in zip(task.converters, outputs, strict=True):
                views[task.id, name] = (lines, None)
    return views


def _converted(task: _Task) -> list[_Lines]:
    outputs: list[_Lines] = []
    for name in task.converters:
        try:
            with time_limit(TIME_LIMIT):
                outputs.append(tuple(fold_lines(CONVERTERS[name](task.html))))
        except TimeoutError:
            outputs.append(())
    return outputs


def _quiet() -> None:
    # Extractors log at length about pages they cannot cope with.
    logging.disable(logging.CRITICAL)
