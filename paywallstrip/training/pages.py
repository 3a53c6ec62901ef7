"""The pages a model is trained on: originals, other dumps with written blocks, leftovers.

Pages written for the purpose come beside them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from paywallstrip.errors import DataError
from paywallstrip.training.align import carry_labels
from paywallstrip.training.blocks import (
    ARTICLE,
    RUNNING_FURNITURE,
    Block,
    read_blocks,
    set_block,
)
from paywallstrip.training.converters import CONVERTERS, DUMPS, LEFTOVERS, load_all
from paywallstrip.training.corpus import (
    LabelledPage,
    is_final,
    language_of,
    read_bodies,
    read_labelled,
)
from paywallstrip.training.excerpts import MOST_OF_A_SHORT_PAGE, cut_short
from paywallstrip.training.further import FURTHER, converter_name, join_further, read_further
from paywallstrip.training.joining import WIDTHS, join_lines, wrap_lines
from paywallstrip.training.progress import track
from paywallstrip.training.records import PageRecord
from paywallstrip.training.views import (
    BODIES,
    LABELLED,
    TIME_LIMIT,
    fold_lines,
    lines_shown,
    read_views,
    time_limit,
)
from paywallstrip.training.written import read_written

Part = Literal["train", "all"]
PARTS: tuple[Part, ...] = ("train", "all")

ORIGINAL = "original"
OTHER_TYPE = "other-type"
WRITTEN_VIEW = "written"
SHORT = "short"
WITH_BLOCKS = "+blocks"
JOINED = "+joined"
WRAPPED = "+wrapped"

ORIGINAL_WEIGHT = 1.0
OTHER_TYPE_WEIGHT = 0.25  # shops, forums and indexes must not outvote the articles
WRITTEN_WEIGHT = 1.0
SHORT_WEIGHT = 1.0
DUMP_WEIGHT = 0.25  # there are two, their labels are carried over, and one holds written lines
LEFTOVER_WEIGHT = 0.7

DUMPS_A_PAGE = 2
DUMP_BLOCKS = 2  # in the first dump of a page; in more they would count too much
OWN_LANGUAGE = 0.75  # how often a dump's blocks are of the page's language
LEFTOVER_BLOCK = 0.25  # how often a leftover holds a block
LEFTOVER_JOINED = 0.15  # how often lines of a leftover are put together
LINES_WRAPPED = 0.15  # how often those of a dump or a leftover are wrapped
RUNNING_TEXT = 0.4  # how often a dump or a leftover holds a written block of running text
# Extractors cut menus and headers off, so their blocks stand nowhere there.
_LEFTOVER_PLACES = ("middle", "end-of-body", "tail")
_DEFAULT_LANGUAGE = "en"

_FOUND_FROM = 0.98  # a smaller share of further lines means another corpus or converter

_log = logging.getLogger(__name__)

_Lines = tuple[str, ...]
_Views = dict[tuple[str, str], "tuple[_Lines, tuple[str | None, ...] | None]"]
"""Lines and, where they are known already, labels by page id and converter."""


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """A page as a model is shown it.

    Attributes:
        id: the page; its views share it.
        view: "original", "other-type" of a page that is no article, "written" of a page written
            for the purpose, "short" of a few lines of a page, or the name of the converter that
            gave the lines; then "+blocks" if written blocks were set among them, and "+joined"
            if lines were put together.
        domain: its site, by which pages are split.
        language: two letters, "und" where it is not known.
        lines: the non-empty lines in reading order.
        labels: one label a line, None where it is not known.
        weight: what each line counts in training.
    """

    id: str
    view: str
    domain: str
    language: str
    lines: tuple[str, ...]
    labels: tuple[str | None, ...]
    weight: float


class _Plan(NamedTuple):
    """The converters whose views of a page are wanted; no dump means the page's own lines."""

    dumps: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def converters(self) -> tuple[str, ...]:
        return (*self.dumps, *self.leftovers)


class _Task(NamedTuple):
    id: str
    html: str
    converters: tuple[str, ...]


class BlockPool:
    """The written blocks, by language; passages of an article apart from the rest."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.all = [block for block in blocks if block.kind != ARTICLE]
        self._passages = [block for block in blocks if block.kind == ARTICLE]
        self._furniture = [block for block in blocks if block.kind in RUNNING_FURNITURE]
        self._by_language: dict[str, list[Block]] = defaultdict(list)
        for block in self.all:
            self._by_language[block.language].append(block)

    def of(self, language: str) -> Sequence[Block]:
        """Return the blocks of a language."""
        return self._by_language.get(language, ())

    def choose(self, language: str, rng: Random, count: int) -> list[Block]:
        """Choose blocks for a dump, mostly of its language, and perhaps one of running text.

        Running text comes first, so that a gate's cut may fall inside it.
        """
        own = self.of(language) if rng.random() < OWN_LANGUAGE else ()
        candidates = own or self.all
        chosen = [rng.choice(candidates) for _ in range(count)] if candidates else []
        return [*self.running(language, rng), *chosen]

    def running(self, language: str, rng: Random) -> list[Block]:
        """Choose a passage of the body or a text that is none, as often the one as the other."""
        if rng.random() >= RUNNING_TEXT:
            return []
        blocks = self._passages if rng.random() < 0.5 else self._furniture
        candidates = [block for block in blocks if block.language == language] or blocks
        return [rng.choice(candidates)] if candidates else []


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
    plans = {page.id: _plan(page, seed, leftovers) for page in labelled}
    for page in joined:
        more = further_views and not page.is_other_type
        plans[page.id] = _plan(page, seed, leftovers) if more else _Plan((), ())
    pages = labelled + joined
    if views_dir is None:
        views = _convert(pages, plans, n_jobs, progress)
    else:
        views = _read(Path(views_dir), plans)
    pool = BlockPool(read_blocks() if blocks is None else blocks)
    assembled = [
        version
        for page in pages
        for version in _versions(page, plans[page.id], views, pool, seed)
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
    found = []
    for page in read_own(folder):
        whole = TrainingPage(
            page.id,
            WRITTEN_VIEW,
            page.domain,
            page.language,
            page.line_texts,
            page.labels,
            WRITTEN_WEIGHT,
        )
        found.append(whole)
        if len(whole.lines) > MOST_OF_A_SHORT_PAGE:
            found.append(_shortened(whole, seed))
    return found


def read_own(folder: str | Path) -> Iterator[PageRecord]:
    """Read the pages written for the purpose; errors as for `written_pages`."""
    for page in read_written(folder):
        if is_final(page.domain):
            raise DataError(f"{folder}: {page.domain} of page {page.id} belongs to the final part")
        yield page


def _shortened(page: TrainingPage, seed: int) -> TrainingPage:
    lines, labels = cut_short(page.lines, page.labels, short_choices(seed, page.id))
    return replace(page, view=SHORT, lines=tuple(lines), labels=tuple(labels), weight=SHORT_WEIGHT)


def own_view(page: LabelledPage) -> tuple[str, float]:
    """Return the view's name and the weight of a page as it is."""
    if page.is_other_type:
        return OTHER_TYPE, OTHER_TYPE_WEIGHT
    return ORIGINAL, ORIGINAL_WEIGHT


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


def _plan(page: LabelledPage, seed: int, leftovers: int) -> _Plan:
    rng = seeded(seed, page.id)
    own = converter_name(page.converter)
    dumps = rng.sample([name for name in DUMPS if name != own], DUMPS_A_PAGE)
    return _Plan(tuple(dumps), tuple(rng.sample(LEFTOVERS, leftovers)))


def seeded(seed: int, *names: str) -> Random:
    """Return a source of choices that depends on the seed and some names alone."""
    # A text as the seed, since `hash` differs from process to process.
    return Random("\0".join([str(seed), *names]))


def short_choices(seed: int, page_id: str) -> Random:
    """Return the source of the choices of a page's small version, the same for text and HTML."""
    return seeded(seed, page_id, SHORT)


def _read(folder: Path, plans: Mapping[str, _Plan]) -> _Views:
    wanted = {(page, name) for page, plan in plans.items() for name in plan.converters}
    views: _Views = {}
    for name in (LABELLED, BODIES):
        for view in read_views(folder / name) if wanted - views.keys() else ():
            # Of a page that is in both corpora, the view with labels comes first and stays.
            if (view.id, view.view) in wanted:
                views.setdefault((view.id, view.view), (view.lines, view.labels))
    for page, name in sorted(wanted - views.keys()):
        raise DataError(f"{folder} has no view by {name} of page {page}: build the views again")
    return views


def _convert(
    pages: Sequence[LabelledPage], plans: Mapping[str, _Plan], n_jobs: int, progress: bool
) -> _Views:
    tasks = [_Task(page.id, page.html, plans[page.id].converters) for page in pages]
    load_all(CONVERTERS[name] for name in sorted({n for task in tasks for n in task.converters}))
    views: _Views = {}
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


def _versions(
    page: LabelledPage, plan: _Plan, views: _Views, pool: BlockPool, seed: int
) -> Iterator[TrainingPage]:
    """Yield a page as it is, a few lines of it, other dumps of it, and leftovers."""
    language = language_of(page.html)

    def version(
        view: str, lines: Iterable[str], labels: Iterable[str | None], weight: float
    ) -> TrainingPage:
        return TrainingPage(
            page.id, view, page.domain, language, tuple(lines), tuple(labels), weight
        )

    view, weight = own_view(page)
    own = version(view, page.lines, page.labels, weight)
    yield own
    if page.is_other_type:
        return
    yield _shortened(own, seed)
    chosen = pool.choose(language, seeded(seed, page.id, "dump"), DUMP_BLOCKS)
    own_lines = (None,) if chosen else ()
    for name in plan.dumps or own_lines:
        lines, labels = _view(page, name, views)
        lines, labels, suffix = _with(lines, labels, chosen, seeded(seed, page.id, "set"))
        chosen = []
        lines, labels, wrapped = _wrapped(lines, labels, seeded(seed, page.id, name or "", "wrap"))
        yield version((name or ORIGINAL) + suffix + wrapped, lines, labels, DUMP_WEIGHT)
    for name in plan.leftovers:
        rng = seeded(seed, page.id, name)
        lines, labels = _view(page, name, views)
        lines, labels, suffix = _with(lines, labels, _leftover_blocks(pool, language, rng), rng)
        if rng.random() < LEFTOVER_JOINED:
            lines, labels = join_lines(lines, labels, rng)
            suffix += JOINED
        lines, labels, wrapped = _wrapped(lines, labels, seeded(seed, page.id, name, "wrap"))
        yield version(name + suffix + wrapped, lines, labels, LEFTOVER_WEIGHT)


def _wrapped(
    lines: Sequence[str], labels: Sequence[str | None], rng: Random
) -> tuple[Sequence[str], Sequence[str | None], str]:
    """Wrap the lines of some views; also say what the view's name ends in."""
    if rng.random() >= LINES_WRAPPED:
        return lines, labels, ""
    return *wrap_lines(lines, labels, rng.randint(*WIDTHS)), WRAPPED


def _view(
    page: LabelledPage, name: str | None, views: _Views
) -> tuple[Sequence[str], Sequence[str | None]]:
    if name is None:
        return page.lines, page.labels
    lines, labels = views[page.id, name]
    if labels is not None:
        return lines, labels
    return lines, carry_labels(page.lines, page.labels, lines_shown(lines))


def _with(
    lines: Sequence[str], labels: Sequence[str | None], blocks: Sequence[Block], rng: Random
) -> tuple[Sequence[str], Sequence[str | None], str]:
    """Set blocks into a page that has lines; also say what its view's name ends in."""
    if not lines or not blocks:
        return lines, labels, ""
    for block in blocks:
        lines, labels = set_block(lines, labels, block, rng)
    return lines, labels, WITH_BLOCKS


def _leftover_blocks(pool: BlockPool, language: str, rng: Random) -> list[Block]:
    chosen = []
    if rng.random() < LEFTOVER_BLOCK:
        known = pool.of(language) or pool.of(_DEFAULT_LANGUAGE)
        candidates = [block for block in known if block.place in _LEFTOVER_PLACES]
        if candidates:
            chosen.append(rng.choice(candidates))
    return [*pool.running(language, rng), *chosen]
