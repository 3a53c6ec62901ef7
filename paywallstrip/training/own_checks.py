"""What is wrong with labelled pages of one's own: they cannot be used, or they will disappoint."""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.own_pages import (
    LABEL_INDEX,
    LabelledText,
    count_sites,
    sites_of,
    split_sites,
    text_of,
)
from paywallstrip.training.shapes import is_one_line

FEW_PAGES = 20
"""Fewer pages than this make a poor model from scratch."""
SHOWN = 3
"""How many contradictions or other differences a warning quotes."""
_QUOTED = 40
_PACKAGE = str(Path(__file__).parents[1])


class DataWarning(UserWarning):
    """Training data that can be used, but will disappoint."""


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
    if cross_validate and len(set(map(text_of, pages))) < 2:
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
    sites, copies = split_sites(pages)
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


def _contradictions(pages: Sequence[LabelledText]) -> list[str]:
    """Return the lines that one page has with one label, and its like with another.

    A text may well be a menu item at the top of a page and a heading further down, so a line
    counts only if it stands between the same two lines.
    """
    seen: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for page, site in zip(pages, sites_of(pages), strict=True):
        around = ["", *page.lines, ""]
        for at, label in enumerate(page.labels):
            if label:
                seen[site, around[at], around[at + 1], around[at + 2]].add(label)
    return [
        f"{line[:_QUOTED]!r} ({_names(labels)})"
        for (_, _, line, _), labels in seen.items()
        if len(labels) > 1
    ]


def _names(labels: Iterable[str]) -> str:
    return " and ".join(label.value for label in LABELS if label.value in set(labels))
