"""What becomes of one page: as it is, a few lines of it, other dumps with written blocks, leftovers.

What is chosen for a page depends on its id and the seed alone, not on the other pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from paywallstrip.training.align import carry_labels
from paywallstrip.training.blocks import ARTICLE, RUNNING_FURNITURE, Block, set_block
from paywallstrip.training.converters import DUMPS, LEFTOVERS
from paywallstrip.training.corpus import LabelledPage, language_of
from paywallstrip.training.excerpts import MOST_OF_A_SHORT_PAGE, cut_short
from paywallstrip.training.further import converter_name
from paywallstrip.training.joining import WIDTHS, join_lines, wrap_lines
from paywallstrip.training.records import PageRecord
from paywallstrip.training.views import lines_shown

ORIGINAL = "original"
OTHER_TYPE = "other-type"
WRITTEN_VIEW = "written"
SHORT = "short"
WITH_BLOCKS = "+blocks"
JOINED = "+joined"
WRAPPED = "+wrapped"

ORIGINAL_WEIGHT = 1.0
OTHER_TYPE_WEIGHT = 0.25  # shops, forums and indexes must not outvote the articles
WRITTEN_WEIGHT = 1.0  # a half: 0.003 more on real pages, 0.01 to 0.03 less on other writers'
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

Views = dict[tuple[str, str], tuple[tuple[str, ...], tuple[str | None, ...] | None]]
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


class Plan(NamedTuple):
    """The converters whose views of a page are wanted; no dump means the page's own lines."""

    dumps: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def converters(self) -> tuple[str, ...]:
        """All of them, dumps first."""
        return (*self.dumps, *self.leftovers)


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


def own_view(page: LabelledPage) -> tuple[str, float]:
    """Return the view's name and the weight of a page as it is."""
    if page.is_other_type:
        return OTHER_TYPE, OTHER_TYPE_WEIGHT
    return ORIGINAL, ORIGINAL_WEIGHT


def plan_of(page: LabelledPage, seed: int, leftovers: int) -> Plan:
    """Choose the converters whose views of a page are wanted.

    Args:
        page: the page.
        seed: of the choice.
        leftovers: extractors' outputs, 0 to as many as there are.

    Returns:
        Two dumps, none of them the page's own converter's, and the extractors.
    """
    rng = seeded(seed, page.id)
    own = converter_name(page.converter)
    dumps = rng.sample([name for name in DUMPS if name != own], DUMPS_A_PAGE)
    return Plan(tuple(dumps), tuple(rng.sample(LEFTOVERS, leftovers)))


def seeded(seed: int, *names: str) -> Random:
    """Return a source of choices that depends on the seed and some names alone."""
    # A text as the seed, since `hash` differs from process to process.
    return Random("\0".join([str(seed), *names]))


def short_choices(seed: int, page_id: str) -> Random:
    """Return the source of the choices of a page's small version, the same for text and HTML."""
    return seeded(seed, page_id, SHORT)


def versions_of(
    page: LabelledPage, plan: Plan, views: Views, pool: BlockPool, seed: int
) -> Iterator[TrainingPage]:
    """Make the versions of a page: as it is, a few lines of it, other dumps of it, and leftovers.

    Args:
        page: the page.
        plan: the converters whose views are wanted.
        views: what these gave of the page, and perhaps of others.
        pool: the written blocks.
        seed: of the random choices.

    Yields:
        The versions, the page as it is first; of one that is no article that alone. Some may
        have no line.
    """
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


def versions_of_written(page: PageRecord, seed: int) -> Iterator[TrainingPage]:
    """Make the versions of a page written for the purpose: as it is, and a few lines of a long one.

    Args:
        page: the page.
        seed: of the choice of lines.

    Yields:
        The versions, the page as it is first.
    """
    whole = TrainingPage(
        page.id,
        WRITTEN_VIEW,
        page.domain,
        page.language,
        page.line_texts,
        page.labels,
        WRITTEN_WEIGHT,
    )
    yield whole
    if len(whole.lines) > MOST_OF_A_SHORT_PAGE:
        yield _shortened(whole, seed)


def _shortened(page: TrainingPage, seed: int) -> TrainingPage:
    lines, labels = cut_short(page.lines, page.labels, short_choices(seed, page.id))
    return replace(page, view=SHORT, lines=tuple(lines), labels=tuple(labels), weight=SHORT_WEIGHT)


def _wrapped(
    lines: Sequence[str], labels: Sequence[str | None], rng: Random
) -> tuple[Sequence[str], Sequence[str | None], str]:
    """Wrap the lines of some views; also say what the view's name ends in."""
    if rng.random() >= LINES_WRAPPED:
        return lines, labels, ""
    return *wrap_lines(lines, labels, rng.randint(*WIDTHS)), WRAPPED


def _view(
    page: LabelledPage, name: str | None, views: Views
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
