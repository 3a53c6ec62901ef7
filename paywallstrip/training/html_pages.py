"""The HTML pages a model is trained on, with labels carried to the lines of their HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from paywallstrip.labels import Label
from paywallstrip.markup.lines import MarkupLines, read_markup
from paywallstrip.training.align import carry_labels
from paywallstrip.training.corpus import LabelledPage, is_final, language_of, read_labelled
from paywallstrip.training.excerpts import as_html, cut_around, cut_short, leading_away
from paywallstrip.training.pages import PARTS, Part, further_pages, read_own
from paywallstrip.training.records import PageRecord
from paywallstrip.training.versions import SHORT, own_view, short_choices
from paywallstrip.training.views import LABELLED

INVENTED_MARKUP_WEIGHT = 0.25  # must not outvote what is real
SENTENCE = 25
"""A line of furniture with so many characters or more is written as a paragraph where a page has
no piece: what an error or a consent page says stands where an article would."""
MOST_PIECELESS = 60
"""Lines taken of a page without a piece."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """An HTML page as a model is shown it; the fields of `versions.TrainingPage`, and the markup.

    Attributes:
        id: the page.
        view: "original", "other-type" of a page that is no article, or "short" of a few lines
            of a page, written as HTML anew.
        domain: its site, by which pages are split.
        language: two letters, "und" where it is not known.
        markup: its lines and what the markup says of them.
        labels: one label a line, None where it is not known.
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
    further: str | Path | None,
    written: str | Path | None = None,
    seed: int = 0,
) -> list[HtmlPage]:
    """Assemble the pages for training: each as it is, and a few lines of it.

    Of pages written for the purpose come beside them a few lines, where these lead elsewhere
    in the midst of the piece, and what has no piece at all.

    Args:
        corpus_dir: folder of ``labelled.jsonl.xz`` and ``bodies.jsonl.xz``.
        part: "train" leaves out the sites of the final part, "all" takes every page.
        further: file of labels by line hash; None leaves those pages out.
        written: folder of the pages written for the purpose; None leaves them out.
        seed: of the random choices; that of the model for text, for the same few lines.

    Returns:
        The pages; those without a line are left out.

    Raises:
        ValueError: `part` is not among what can be asked for.
        DataError: a data file or a written page is damaged, or its site falls into the final part.
        ImportError: the extra `html` or a converter of the further pages is not installed.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    corpus = Path(corpus_dir)
    pages = [*read_labelled(corpus / LABELLED), *further_pages(further, corpus)]
    chosen = [page for page in pages if part == "all" or not is_final(page.domain)]
    found = [version for page in chosen for version in _versions(page, seed) if version.labels]
    if written is not None:
        for page in read_own(written):
            found += _pointing(page, seed)
            found += _pieceless(page, seed)
    return found


def _versions(page: LabelledPage, seed: int) -> Iterator[HtmlPage]:
    """Read a page's HTML and carry its labels over; then write a few of its lines as HTML."""
    language = language_of(page.html)
    markup = read_markup(page.html)
    labels = carry_labels(page.lines, page.labels, lines_of(markup))
    view, weight = own_view(page)
    yield HtmlPage(page.id, view, page.domain, language, markup, tuple(labels), weight)
    if not page.is_other_type:
        rng = short_choices(seed, page.id)
        few, known = cut_short(page.lines, page.labels, rng)
        yield from _small(page.id, page.domain, language, few, known, rng)


def _pointing(page: PageRecord, seed: int) -> Iterator[HtmlPage]:
    """Write a few lines around one that leads elsewhere in the midst of the piece as HTML."""
    rng = short_choices(seed, page.id)
    inside = sorted(leading_away(page.labels))
    if inside:
        few, known = cut_around(rng.choice(inside), page.line_texts, page.labels, rng)
        yield from _small(page.id, page.domain, page.language, few, known, rng)


def _pieceless(page: PageRecord, seed: int) -> Iterator[HtmlPage]:
    """Write a page without a piece as HTML, its sentences as if they were one."""
    if Label.CONTENT in page.labels:
        return
    lines, labels = page.line_texts[:MOST_PIECELESS], page.labels[:MOST_PIECELESS]
    looks = [
        Label.CONTENT if label == Label.NAVIGATION and len(line) >= SENTENCE else label
        for line, label in zip(lines, labels, strict=True)
    ]
    rng = short_choices(seed, page.id)
    yield from _small(page.id, page.domain, page.language, lines, labels, rng, looks)


def _small(
    page_id: str,
    domain: str,
    language: str,
    lines: Sequence[str],
    labels: Sequence[str | None],
    rng: Random,
    looks: Sequence[str | None] | None = None,
) -> Iterator[HtmlPage]:
    """Write a few lines as a page of HTML, as lines of their labels look, or of others."""
    markup = read_markup(as_html(lines, looks or labels, rng))
    # A line with odd white space differs.
    if lines_of(markup) == tuple(lines):
        weight = INVENTED_MARKUP_WEIGHT
        yield HtmlPage(page_id, SHORT, domain, language, markup, tuple(labels), weight)
