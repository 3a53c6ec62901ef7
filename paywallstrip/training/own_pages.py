"""Labelled pages of one's own: what they are, which are of one site, their folds of sites."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.training.records import PageRecord

LABEL_INDEX: Mapping[Any, int] = {label.value: i for i, label in enumerate(LABELS)}


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


def count_sites(pages: Iterable[LabelledText]) -> int:
    """Count the sites of pages; one without a domain is a site of its own.

    Args:
        pages: the pages.

    Returns:
        How many there are.
    """
    return len({page.site or number for number, page in enumerate(pages)})


def sites_of(pages: Iterable[LabelledText]) -> list[str]:
    """Return the site of each page; without a domain its text, which one twice labelled shares.

    Args:
        pages: the pages.

    Returns:
        One site a page.
    """
    return [page.site or text_of(page) for page in pages]


def text_of(page: LabelledText) -> str:
    """Return the lines of a page as one text, which its copies share.

    Args:
        page: the page.
    """
    # It begins with a line end, so that no domain is taken for one.
    return "\n".join(["", *page.lines])


def _together(pages: Sequence[LabelledText]) -> list[str]:
    """Return the site of each page; of sites that share a page, the first in the alphabet."""
    sites = sites_of(pages)
    lower = {site: site for site in sites}

    def lowest(site: str) -> str:
        while lower[site] != site:
            lower[site] = site = lower[lower[site]]
        return site

    first: dict[str, str] = {}
    for site, page in zip(sites, pages, strict=True):
        one, other = lowest(site), lowest(first.setdefault(text_of(page), site))
        lower[max(one, other)] = min(one, other)
    return [lowest(site) for site in sites]


def split_sites(pages: Sequence[LabelledText]) -> tuple[list[str], int]:
    """Return the site of each page as splits go by it, and how many pages have copies elsewhere.

    A page that every site has, such as "Access denied", would make one of them all. It is then
    on both sides, which flatters less than the rest of its site would; where most pages have
    copies elsewhere, as where two people name one site differently, it is the other way round.

    Args:
        pages: the pages.

    Returns:
        One site a page, and the count; 0 where sites that share pages are taken for one.
    """
    together = _together(pages)
    if len(set(together)) > 1:
        return together, 0
    texts = [text_of(page) for page in pages]
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
    return len(set(split_sites(pages)[0])) < 2


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
    sites, _ = split_sites(pages)
    if len(set(sites)) < 2:
        sites = [text_of(page) for page in pages]
    if len(set(sites)) < 2:
        sites = [f"\n{number}" for number in range(len(pages))]
    sizes: dict[str, int] = defaultdict(int)
    for site, page in zip(sites, pages, strict=True):
        sizes[site] += len(page.lines)
    filled = [0] * folds
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
        digest.update(repr(content).encode())
    return digest.hexdigest()


def _plain(label: str | None) -> str | None:
    return None if label is None else str(label)
