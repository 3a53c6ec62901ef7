"""The HTML pages a model is trained on, with labels carried to the lines of their HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from paywallstrip.markup import MarkupLines, read_markup
from paywallstrip.training.align import carry_labels
from paywallstrip.training.blocks import Block, read_blocks
from paywallstrip.training.corpus import LabelledPage, is_final, language_of, read_labelled
from paywallstrip.training.html_blocks import set_markup_block
from paywallstrip.training.pages import (
    ORIGINAL,
    ORIGINAL_WEIGHT,
    PARTS,
    WITH_BLOCKS,
    BlockPool,
    Part,
    further_pages,
    seeded,
)
from paywallstrip.training.views import LABELLED

BLOCKS = 2
"""Written blocks set into a second copy of each page."""
BLOCKS_WEIGHT = 0.5
NEAR = 3
"""In that copy, so many lines to either side of a block count; the rest are there already."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """An HTML page as a model is shown it; the fields of `pages.TrainingPage`, and the markup.

    Attributes:
        id: the page.
        view: "original", or "original+blocks" if written blocks were set into it.
        domain: its site, by which pages are split.
        language: two letters, "und" where it is not known.
        markup: its lines and what the markup says of them.
        labels: one label a line, None where it is not known or does not count.
        weight: what each line counts in training.
    """

    id: str
    view: str
    domain: str
    language: str
    markup: MarkupLines
    labels: tuple[str | None, ...]
    weight: float

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines' texts."""
        return lines_of(self.markup)


def lines_of(markup: MarkupLines) -> tuple[str, ...]:
    """Return the texts of a page's lines."""
    return tuple(markup.text.split("\n")) if markup.text else ()


def assemble_html_pages(
    corpus_dir: str | Path,
    *,
    part: Part,
    seed: int,
    further: str | Path | None,
    blocks: Sequence[Block] | None = None,
) -> list[HtmlPage]:
    """Assemble the pages for training: each as it is, and once more around written blocks.

    Args:
        corpus_dir: folder of ``labelled.jsonl.xz`` and ``bodies.jsonl.xz``.
        part: "train" leaves out the sites of the final part, "all" takes every page.
        seed: of the random choices, which depend on it and a page's id alone.
        further: file of labels by line hash; None leaves those pages out.
        blocks: the written blocks; None takes the shipped ones, ``()`` sets none.

    Returns:
        The pages; those without a line are left out.

    Raises:
        ValueError: `part` is not among what can be asked for.
        DataError: a data file is damaged.
        ImportError: the extra `html` or a converter of the further pages is not installed.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    corpus = Path(corpus_dir)
    pages = [*read_labelled(corpus / LABELLED), *further_pages(further, corpus)]
    pool = BlockPool(read_blocks() if blocks is None else blocks)
    return [
        version
        for page in pages
        if part == "all" or not is_final(page.domain)
        for version in _versions(page, pool, seed)
    ]


def _versions(page: LabelledPage, pool: BlockPool, seed: int) -> Iterator[HtmlPage]:
    """Yield a page as it is, and with blocks."""
    markup = read_markup(page.html)
    lines = lines_of(markup)
    if not lines:
        return
    labels = carry_labels(page.lines, page.labels, lines)
    language = language_of(page.html)
    fields = (page.domain, language)
    yield HtmlPage(page.id, ORIGINAL, *fields, markup, tuple(labels), ORIGINAL_WEIGHT)
    rng = seeded(seed, page.id, "html")
    chosen = pool.choose(language, rng, BLOCKS)
    if chosen:
        changed, near = _with(markup, labels, chosen, rng)
        yield HtmlPage(page.id, ORIGINAL + WITH_BLOCKS, *fields, changed, near, BLOCKS_WEIGHT)


def _with(
    markup: MarkupLines, labels: Sequence[str | None], blocks: Sequence[Block], rng: Random
) -> tuple[MarkupLines, tuple[str | None, ...]]:
    """Set blocks into a page, and forget the labels of the lines far from them."""
    written = [False] * len(labels)
    for block in blocks:
        markup, labels, written = set_markup_block(markup, labels, written, block, rng)
    near = tuple(
        label if any(written[max(0, i - NEAR) : i + NEAR + 1]) else None
        for i, label in enumerate(labels)
    )
    return markup, near
