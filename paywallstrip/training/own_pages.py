"""Labelled pages of one's own: what they are, what is wrong with them, their folds of sites."""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.training.records import PageRecord
from paywallstrip.training.shapes import is_one_line

LABEL_INDEX: Mapping[Any, int] = {label.value: i for i, label in enumerate(LABELS)}
FEW_PAGES = 20
"""Fewer pages than this make a poor model from scratch."""
SHOWN = 3
"""How many contradictions or other differences a warning quotes."""
_QUOTED = 40
_PACKAGE = str(Path(__file__).parents[1])


class DataWarning(UserWarning):
    """Training data that can be used, but will disappoint."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A page of one's own with the label of every line.

    Attributes:
        lines: the non-blank lines in reading order.
        labels: one label a line, None where it is open.
        domain: the page's site; pages of one site are never on both sides of a split. Case and
            white space around it do not matter. Empty for a page that stands for itself.
    """

    lines: Sequence[str]
    labels: Sequence[str | None]
    domain: str = field(default="", kw_only=True)

    @property
    def site(self) -> str:
        """The domain as sites are told apart; empty for a page that stands for itself."""
        return site_of(self.domain)


def site_of(domain: str) -> str:
    """Return a domain as sites are told apart, without case and white space around it.

    Args:
        domain: the domain.

    Returns:
        The site; empty where the domain is blank.
    """
    return domain.strip().casefold()


def from_record(record: PageRecord) -> LabelledText:
    """Take the lines and labels out of a page as it stands in a file.

    Args:
        record: what `datafile.read_pages` yields.

    Returns:
        The page.

    Raises:
        TypeError: it is something else.
    """
    given: object = record
    if not isinstance(given, PageRecord):
        kind = type(given).__name__
        raise TypeError(f"record must be a PageRecord, as read_pages yields them, got {kind}")
    return LabelledText(record.line_texts, record.labels, domain=record.domain)


def check_pages(pages: Sequence[LabelledText]) -> None:
    """Refuse pages that cannot be used at all.

    Args:
        pages: the pages.

    Raises:
        DataError: there is no page, a page has not one label a line, a label is unknown, or a
            line is blank or holds a line end.
        TypeError: a page is no `LabelledText`, its lines or labels are no sequence, or its
            domain is no str.
    """
    if not pages:
        raise DataError("there is no page")
    for number, page in enumerate(pages):
        _check_page(page, number)
        if len(page.lines) != len(page.labels):
            raise DataError(
                f"page {number} has {len(page.lines)} lines, but {len(page.labels)} labels"
            )
        for line, label in zip(page.lines, page.labels, strict=True):
            if not isinstance(line, str) or not is_one_line(line):
                raise DataError(f"page {number}: {repr(line)[:_QUOTED]} is not one non-blank line")
            if label is not None and not (isinstance(label, str) and label in LABEL_INDEX):
                raise DataError(
                    f"page {number}: unknown label {label!r}: one of {', '.join(LABELS)}, "
                    "or None where it is open"
                )


def _check_page(page: Any, number: int) -> None:
    if not isinstance(page, LabelledText):
        kind = type(page).__name__
        hint = {
            "PageRecord": "; use from_record(page)",
            "str": "; label its lines first: LabelledText(lines, labels)",
        }.get(kind, "")
        raise TypeError(f"page {number} must be a LabelledText, got {kind}{hint}")
    for name in ("lines", "labels"):
        given = getattr(page, name)
        if not _is_sequence(given):
            kind = "a single str" if isinstance(given, str) else type(given).__name__
            raise TypeError(f"page {number}: {name} must be a sequence of {name}, got {kind}")
        if hasattr(given, "to_pylist"):  # arrays of pyarrow, whose elements are no str
            kind = type(given).__name__
            raise TypeError(f"page {number}: {name} must be str, got {kind}; pass its to_pylist()")
    domain: object = page.domain
    if not isinstance(domain, str):
        kind = type(domain).__name__
        raise TypeError(f"page {number}: domain must be a str, got {kind}; leave it out if unknown")


def _is_sequence(given: Any) -> bool:
    """Tell what keeps lines in their order from sets, mappings, tables and single texts."""
    if isinstance(given, Sequence):
        return not isinstance(given, (str, bytes))
    # Arrays, and columns of pandas and the like; tables name their columns.
    is_array = hasattr(given, "__array__") and not hasattr(given, "columns")
    return is_array and getattr(given, "ndim", 1) == 1


def check_training(
    pages: Sequence[LabelledText],
    groups: Sequence[int],
    *,
    adapted: bool,
    cross_validate: bool = False,
) -> None:
    """Refuse pages that nothing can be learned from, and warn of those that teach little.

    Args:
        pages: the pages, as `check_pages` lets them pass.
        groups: the fold of each page.
        adapted: whether a model is adapted to them, which asks for less.
        cross_validate: whether models are fitted without each two of the folds as well; an
            adapted model asks for no more.

    Raises:
        DataError: fewer than two pages with a label, or fewer than two labels occur; from
            scratch, also if less than that is left without one of the folds, or two.

    Warns:
        DataWarning: few pages, a label that no line has, pages of one site only, lines of one
            site that are alike and have different labels, or figures asked for on pages that
            name no site.
    """
    found = [{label for label in page.labels if label} for page in pages]
    labelled = sum(map(bool, found))
    every = set[str]().union(*found)
    if not every:
        raise DataError("training needs lines with a label, found none")
    if len(every) < 2 and not adapted:
        raise DataError(f"training needs lines of at least two labels, found {_names(every)}")
    if labelled < 2:
        raise DataError("training needs at least two pages with a label, found 1")
    if cross_validate and len(set(map(_text, pages))) < 2:
        raise DataError(
            "all pages have the same lines: figures need pages that a model has not seen; label "
            "others, or do without cross_validate"
        )
    if not adapted:
        for without in (1, 2) if cross_validate else (1,):
            _check_folds(found, groups, without)
    doubts = list(_doubts(pages, every, labelled, adapted=adapted))
    if cross_validate:
        doubts += _doubts_of_figures(pages)
    for message in doubts:
        warnings.warn(message, DataWarning, stacklevel=_frames_within())


def _frames_within() -> int:
    """Count the frames from the caller to whoever called the package: a warning points there."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level


def _check_folds(found: Sequence[set[str]], groups: Sequence[int], without: int) -> None:
    """Check that two labels are left on the pages of all folds but some."""
    for held in combinations(sorted(set(groups)), without):
        left = set[str]().union(
            *(labels for labels, group in zip(found, groups, strict=True) if group not in held)
        )
        if len(left) < 2:
            reason = (
                f"all lines but those of a few pages have one label, {_names(left)}"
                if left
                else "no line is left without two of the folds"
            )
            raise DataError(
                f"{reason}: label pages of more sites, with lines of at least two labels on each"
                + (", or do without cross_validate" if without > 1 else "")
            )


def _doubts(
    pages: Sequence[LabelledText], labels: set[str], labelled: int, *, adapted: bool
) -> Iterable[str]:
    if labelled < FEW_PAGES and not adapted:
        yield (
            f"{labelled} labelled pages are few to train on from scratch; with fewer than "
            f"{FEW_PAGES} adapt the shipped model instead"
        )
    missing = [label.value for label in LABELS if label.value not in labels]
    if missing:
        effect = "move less towards it" if adapted else "never give it"
        yield f"no line is labelled {' or '.join(missing)}: the model will {effect}"
    if count_sites(pages) < 2:
        yield (
            f"all pages are of one site, {pages[0].site}: what was learned from them may not "
            "hold elsewhere, and no figure can tell"
        )
    contradictions = _contradictions(pages)
    if contradictions:
        examples = "; ".join(contradictions[:SHOWN])
        lines = "1 line has" if len(contradictions) == 1 else f"{len(contradictions)} lines have"
        yield (
            f"{lines} different labels between the same two lines on pages of the same site, or "
            f"on one page twice labelled: {examples}"
        )


def _doubts_of_figures(pages: Sequence[LabelledText]) -> Iterable[str]:
    unnamed = sum(not page.site for page in pages)
    if unnamed:
        name = "names" if unnamed == 1 else "name"
        yield (
            f"{unnamed} of {len(pages)} pages {name} no site (domain): figures on folds of sites "
            "count each as a site of its own, and flatter the model where some share one"
        )
    sites, copies = _split_sites(pages)
    if copies:
        yield (
            f"{copies} of {len(pages)} pages have copies on other sites, which join all sites: "
            "their copies are on both sides of the splits, and flatter the model"
        )
    if len(set(sites)) < 2:
        yield (
            "pages of one site, or of sites that share pages, are judged by models of the others: "
            "the figures say nothing of other sites, and flatter the model"
        )


def count_sites(pages: Iterable[LabelledText]) -> int:
    """Count the sites of pages; one without a domain is a site of its own.

    Args:
        pages: the pages.

    Returns:
        How many there are.
    """
    return len({page.site or number for number, page in enumerate(pages)})


def _contradictions(pages: Sequence[LabelledText]) -> list[str]:
    """Return the lines that one page has with one label, and its like with another.

    A text may well be a menu item at the top of a page and a heading further down, so a line
    counts only if it stands between the same two lines.
    """
    seen: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for page, site in zip(pages, _sites(pages), strict=True):
        around = ["", *page.lines, ""]
        for at, label in enumerate(page.labels):
            if label:
                seen[site, around[at], around[at + 1], around[at + 2]].add(label)
    return [
        f"{line[:_QUOTED]!r} ({_names(labels)})"
        for (_, _, line, _), labels in seen.items()
        if len(labels) > 1
    ]


def _sites(pages: Iterable[LabelledText]) -> list[str]:
    """Return the site of each page; without a domain its text, which one twice labelled shares."""
    return [page.site or _text(page) for page in pages]


def _text(page: LabelledText) -> str:
    # It begins with a line end, so that no domain is taken for one.
    return "\n".join(["", *page.lines])


def _together(pages: Sequence[LabelledText]) -> list[str]:
    """Return the site of each page; of sites that share a page, the first in the alphabet."""
    sites = _sites(pages)
    lower = {site: site for site in sites}

    def lowest(site: str) -> str:
        while lower[site] != site:
            lower[site] = site = lower[lower[site]]
        return site

    first: dict[str, str] = {}
    for site, page in zip(sites, pages, strict=True):
        one, other = lowest(site), lowest(first.setdefault(_text(page), site))
        lower[max(one, other)] = min(one, other)
    return [lowest(site) for site in sites]


def _split_sites(pages: Sequence[LabelledText]) -> tuple[list[str], int]:
    """Return the site of each page as splits go by it, and how many pages have copies elsewhere.

    A page that every site has, such as "Access denied", would make one of them all. It is then
    on both sides, which flatters less than the rest of its site would; where most pages have
    copies elsewhere, as where two people name one site differently, it is the other way round.
    """
    together = _together(pages)
    if len(set(together)) > 1:
        return together, 0
    texts = [_text(page) for page in pages]
    named = {text: page.site for page, text in zip(pages, texts, strict=True) if page.site}
    sites = [page.site or named.get(text, text) for page, text in zip(pages, texts, strict=True)]
    homes = Counter(text for _, text in set(zip(sites, texts, strict=True)))
    copies = sum(homes[text] > 1 for text in texts)
    return (sites, copies) if 2 * copies < len(pages) else (together, 0)


def judge_each_other(pages: Sequence[LabelledText]) -> bool:
    """Tell whether all pages are of one site, so that folds of sites cannot keep it apart.

    Args:
        pages: the pages.
    """
    return len(set(_split_sites(pages)[0])) < 2


def _names(labels: Iterable[str]) -> str:
    return " and ".join(label.value for label in LABELS if label.value in set(labels))


def site_folds(pages: Sequence[LabelledText], folds: int) -> list[int]:
    """Put sites into folds of about as many lines each, the same way every time.

    Args:
        pages: the pages; one without a domain is a site of its own. Sites that share a page,
            line by line, are one: a page labelled by two people is on one side of each split.
            Where that would make one of all sites, they stay apart unless they share most pages.
            Where all are of one site, each page is one, but for its copies.
        folds: how many folds, 2 or more; fewer are used if there are fewer sites.

    Returns:
        The fold of each page, from 0 on.
    """
    sites, _ = _split_sites(pages)
    if len(set(sites)) < 2:
        sites = [_text(page) for page in pages]
    if len(set(sites)) < 2:
        sites = [f"\n{number}" for number in range(len(pages))]
    sizes: dict[str, int] = defaultdict(int)
    for site, page in zip(sites, pages, strict=True):
        sizes[site] += len(page.lines)
    filled = [0] * min(folds, len(sizes))
    fold_of: dict[str, int] = {}
    # The largest first, each into the emptiest fold.
    for site in sorted(sizes, key=lambda site: (-sizes[site], site)):
        fold_of[site] = filled.index(min(filled))
        filled[fold_of[site]] += sizes[site]
    return [fold_of[site] for site in sites]


def targets_of(pages: Iterable[LabelledText]) -> Ints:
    """Return the labels of all lines as indices in `LABELS`, -1 where they are open.

    Args:
        pages: the pages.

    Returns:
        int64 array of shape (lines,).
    """
    return np.array(
        [LABEL_INDEX[label] if label else -1 for page in pages for label in page.labels],
        dtype=np.int64,
    )


def fingerprint(pages: Iterable[LabelledText]) -> str:
    """Return the SHA-256 of lines, labels and sites, in their order.

    Args:
        pages: the pages.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for page in pages:
        # Of numpy's strings and of labels `repr` says more than their text.
        content = (page.site, tuple(map(str, page.lines)), tuple(map(_plain, page.labels)))
        digest.update(repr(content).encode("utf-8", "replace"))
    return digest.hexdigest()


def _plain(label: str | None) -> str | None:
    return None if label is None else str(label)
