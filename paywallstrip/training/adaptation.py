"""Measures adaptation: groups of pages left out, a model adapted to a few of them.

python -m paywallstrip.training.adaptation --corpus DIR --bases DIR --out docs/adaptation.md

`--bases` keeps the models that have not seen the groups, so that only the first run fits them.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import FeatureExtractor, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.model import Model, page_kinds
from paywallstrip.model_folder import JSON_FILE
from paywallstrip.model_formats import load_model, save_model
from paywallstrip.scoring import confusion_matrix, label_scores
from paywallstrip.stages import first_scores, second_scores
from paywallstrip.training.adaptation_report import LEAST, Result, SiteResult, write_report
from paywallstrip.training.corpus import (
    LabelledPage,
    fold_of,
    is_final,
    language_of,
    read_labelled,
)
from paywallstrip.training.extractor import make_extractor
from paywallstrip.training.fit import Settings, fit_model
from paywallstrip.training.further import FURTHER
from paywallstrip.training.own_pages import LabelledText, targets_of
from paywallstrip.training.pages import further_pages
from paywallstrip.training.recipe import of_checkout
from paywallstrip.training.rows import Rows
from paywallstrip.training.shift import Strengths, shift_model
from paywallstrip.training.versions import TrainingPage, own_view
from paywallstrip.training.views import LABELLED

Flags = NDArray[np.bool_]

SIZES = (3, 10, 20)
DRAWS = 3
MOST_JUDGED = 100
"""Pages of a group that are drawn from and judged on: enough, and more cost time."""
SITE_LEAST = 3
"""Pages that a single site must have to be adapted to."""
BATCH = 8
LABEL_LEAST = 20
"""Lines of a label that pages must have for it to count in their macro-F1."""
BASE_FOLDS = 3
ELSEWHERE_FOLD = 0
"""Its sites are never trained on: what is lost elsewhere is measured on them."""


class Group(NamedTuple):
    """Pages with a style of their own.

    Attributes:
        name: what they share.
        how: how they are told from their HTML, for the report.
        holds: whether a page's HTML is one of them.
        base: groups of the same base are left out of one model together.
    """

    name: str
    how: str
    holds: Callable[[str], bool]
    base: str


def _language(code: str) -> Callable[[str], bool]:
    return lambda html: language_of(html) == code


def _marks(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda html: compiled.search(html) is not None


def _engine(name: str, paths: str) -> Callable[[str], bool]:
    return _marks(rf"<meta[^>]{{0,200}}content=[\"']?{name}|{paths}")


GROUPS = (
    Group("English", "the language that the page declares", _language("en"), "english"),
    Group("German", "likewise", _language("de"), "german"),
    Group("Spanish", "likewise", _language("es"), "small"),
    Group(
        "WordPress",
        "the generator that the page names, or paths of WordPress's themes and plugins",
        _engine("wordpress", "/wp-content/(?:themes|plugins)/"),
        "wordpress",
    ),
    Group(
        "Drupal",
        "the generator, paths below /sites/, or attributes of Drupal's",
        _engine("drupal", "/sites/(?:default|all)/(?:files|themes|modules)/|data-drupal-"),
        "small",
    ),
    Group(
        "TYPO3",
        "the generator, or TYPO3's paths",
        _engine("typo3", "typo3temp/|typo3conf/|/fileadmin/"),
        "small",
    ),
    Group(
        "Shopify",
        "paths of Shopify's",
        _marks(r"cdn\.shopify\.com/|/cdn/shop/|shopify-section"),
        "small",
    ),
    Group(
        "Webflow",
        "the generator, Webflow's file servers or attributes",
        _engine(
            "webflow", r"(?:prod|assets|assets-global)\.website-files\.com|data-wf-(?:page|site)"
        ),
        "small",
    ),
    Group(
        "Adobe Experience Manager",
        "paths or classes of its own",
        _marks(r"/etc\.clientlibs/|/etc/designs/|/content/dam/|aem-grid"),
        "small",
    ),
)


@dataclass(frozen=True)
class Judged:
    """Pages with what a model reads of them, made once for many models.

    Attributes:
        readings: batches of pages.
        truths: per batch, the indices of the labels of each page's lines.
    """

    readings: tuple[Reading, ...]
    truths: tuple[tuple[Ints, ...], ...]

    @classmethod
    def read(cls, pages: Sequence[LabelledPage], extractor: FeatureExtractor) -> Judged:
        """Read pages, some at a time."""
        batches = [pages[at : at + BATCH] for at in range(0, len(pages), BATCH)]
        return cls(
            tuple(extractor.read(["\n".join(page.lines) for page in b]) for b in batches),
            tuple(
                tuple(targets_of([LabelledText(page.lines, page.labels)]) for page in b)
                for b in batches
            ),
        )

    def confusions(self, model: Model) -> Ints:
        """Return the confusion matrix of each page, of shape (pages, labels, labels)."""
        found = []
        for reading, truths in zip(self.readings, self.truths, strict=True):
            scores = second_scores(reading, first_scores(reading, model.first), model.second)
            scores += model.offsets.take(page_kinds(reading.prose_share), axis=0)
            best = scores.argmax(axis=1)
            bounds = reading.lines.bounds
            for i, truth in enumerate(truths):
                found.append(confusion_matrix(truth, best[bounds[i] : bounds[i + 1]]))
        return np.array(found, dtype=np.int64).reshape(-1, len(LABELS), len(LABELS))


def measure(
    corpus: Path,
    bases: Path,
    *,
    strengths: Strengths | None = None,
    groups: Sequence[Group] = GROUPS,
    least: int = LEAST,
    sizes: Sequence[int] = SIZES,
    draws: int = DRAWS,
    progress: Callable[[str], None] = print,
) -> tuple[list[Result], SiteResult]:
    """Adapt a model to each group it has not seen, and judge it there and elsewhere.

    Also adapts it to each single site of the groups that has several pages, to all of them but
    one, and judges it on that one.

    Args:
        corpus: the folder of the corpora; only sites of the training part are used.
        bases: where the models that have not seen the groups are, or are written to.
        strengths: how far the pages may move a model; None for the default.
        groups: the groups.
        least: pages that a group must have to be measured.
        sizes: numbers of pages to adapt to.
        draws: how often pages are drawn, for each group and number of pages.
        progress: is told each step.

    Returns:
        One result a group and number of pages, and one for the single sites.
    """
    strengths = strengths or Strengths()
    pages = _read(corpus)
    members = {g.name: frozenset(p.id for p in pages if g.holds(p.html)) for g in groups}
    large = [group for group in groups if len(members[group.name]) >= least]
    results: list[Result] = []
    sites_result = SiteResult.none()
    done: set[str] = set()
    for name in dict.fromkeys(group.base for group in large):
        left = frozenset().union(*(members[g.name] for g in groups if g.base == name))
        sites = {page.domain for page in pages if page.id in left}
        others = [page for page in pages if page.domain not in sites]
        elsewhere = [p for p in others if fold_of(p.domain) == ELSEWHERE_FOLD]
        seen = [p for p in others if fold_of(p.domain) != ELSEWHERE_FOLD]
        model = _base(bases / name, seen, progress)
        fresh = [page for page in pages if page.domain in sites - done]
        sites_result += _sites(fresh, model, strengths)
        done |= sites
        other = Judged.read(elsewhere, model.extractor)
        for group in large:
            if group.base == name:
                own = [page for page in pages if page.id in members[group.name]]
                progress(f"adapting to {group.name}, {len(own)} pages; elsewhere {len(elsewhere)}")
                results += _group(group, own, other, model, strengths, sizes, draws)
    return results, sites_result


def _sites(pages: Sequence[LabelledPage], model: Model, strengths: Strengths) -> SiteResult:
    """Adapt to all pages of a site but one, for each page of the sites that have several."""
    by_site: dict[str, list[LabelledPage]] = defaultdict(list)
    for page in pages:
        by_site[page.domain].append(page)
    several = [own for own in by_site.values() if len(own) >= SITE_LEAST]
    found = SiteResult.none()
    for own in several:
        before = Judged.read(own, model.extractor).confusions(model)
        after = []
        for held in own:
            moved = _adapted(model, [page for page in own if page is not held], strengths)
            after.append(Judged.read([held], model.extractor).confusions(moved)[0])
        found += SiteResult(1, len(own), before.sum(axis=0), np.sum(after, axis=0))
    return found


def _read(corpus: Path) -> list[LabelledPage]:
    pages = list(read_labelled(corpus / LABELLED))
    pages += further_pages(of_checkout(FURTHER, "further labels", print), corpus)
    return [page for page in pages if not is_final(page.domain)]


def _base(folder: Path, pages: Sequence[LabelledPage], progress: Callable[[str], None]) -> Model:
    """Load a base model, or fit it on pages as they are."""
    if not (folder / JSON_FILE).is_file():
        # The fold held out is the first: of the others, counted from 0 on, two share one.
        folds = [(fold_of(page.domain) - 1) % BASE_FOLDS for page in pages]
        rows = Rows(list(map(_row, pages)), folds)
        extractor = make_extractor(["\n".join(p.lines) for p in pages if not p.is_other_type])
        settings = Settings(folds=BASE_FOLDS)
        save_model(fit_model(rows, extractor, settings, progress=progress).model, folder)
    return load_model(folder)


def _row(page: LabelledPage) -> TrainingPage:
    view, weight = own_view(page)
    return TrainingPage(page.id, view, page.domain, "", page.lines, page.labels, weight)


def _own_row(page: LabelledPage) -> TrainingPage:
    # Of pages of one's own nothing says which are articles.
    return replace(_row(page), weight=1.0)


def _group(
    group: Group,
    pages: Sequence[LabelledPage],
    other: Judged,
    model: Model,
    strengths: Strengths,
    sizes: Sequence[int],
    draws: int,
) -> list[Result]:
    random = Random(group.name)
    pool = random.sample(pages, min(len(pages), MOST_JUDGED))
    own = Judged.read(pool, model.extractor)
    before, before_other = own.confusions(model), other.confusions(model).sum(axis=0)
    labels, labels_other = _frequent(before.sum(axis=0)), _frequent(before_other)
    results = []
    for size in sizes:
        rows = []
        for _ in range(draws):
            taken = random.sample(range(len(pool)), size)
            sites = {pool[i].domain for i in taken}
            rest = [i for i, page in enumerate(pool) if page.domain not in sites]
            moved = _adapted(model, [pool[i] for i in taken], strengths)
            rows.append(
                (
                    _macro_f1(before[rest].sum(axis=0), labels),
                    _macro_f1(own.confusions(moved)[rest].sum(axis=0), labels),
                    _macro_f1(before_other, labels_other),
                    _macro_f1(other.confusions(moved).sum(axis=0), labels_other),
                )
            )
        all_sites = len({page.domain for page in pages})
        results.append(Result(group.name, group.how, len(pages), all_sites, size, tuple(rows)))
    return results


def _adapted(model: Model, pages: Sequence[LabelledPage], strengths: Strengths) -> Model:
    rows = Rows(list(map(_own_row, pages)), [0] * len(pages))
    return shift_model(model, rows, strengths, progress=lambda _: None)


def _frequent(counts: Ints) -> Flags:
    """Return which labels have lines enough: the F1 of two lines is a matter of luck."""
    enough: Flags = counts.sum(axis=1) >= LABEL_LEAST
    return enough if enough.any() else ~enough


def _macro_f1(counts: Ints, labels: Flags) -> float:
    return float(np.mean(np.asarray(label_scores(counts).f1)[labels]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Args:
        arguments: the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(
        prog="python -m paywallstrip.training.adaptation",
        description="Measure what adapting to a few pages of a group wins, and loses elsewhere.",
    )
    parser.add_argument("--corpus", type=Path, required=True, help="the folder of the corpora")
    parser.add_argument("--bases", type=Path, required=True, help="the folder of base models")
    parser.add_argument("--out", type=Path, help="the report; standard output unless given")
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws of pages a row")
    given = parser.parse_args(arguments)
    results, sites = measure(given.corpus, given.bases, draws=given.draws, progress=_note)
    text = write_report(results, sites, Strengths())
    if given.out is None:
        sys.stdout.write(text)
    else:
        given.out.write_text(text, encoding="utf-8")


def _note(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
