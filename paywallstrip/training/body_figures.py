"""Figures on the pages with a true body: word F1 of dumps, extractors and cleaned leftovers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paywallstrip.scoring import Floats, Ints, page_counts
from paywallstrip.training.cases import BodyCase
from paywallstrip.training.converters import LEFTOVERS
from paywallstrip.training.corpus import ARTICLE
from paywallstrip.training.figures import (
    AVERAGED,
    C4,
    DUMPS,
    LEFTOVER_WORDS,
    MEAN,
    ORACLE,
    OURS,
    RAW,
    WORDS,
    Figure,
    Groups,
    Statistics,
    empty_figures,
    group_by,
    make_differences,
    make_figures,
    system_on,
)
from paywallstrip.training.predictions import Predict, predict_lines
from paywallstrip.training.rivals import c4_keeps, keep_all, oracle_keeps

BODY_TABLE = "bodies"
LEFTOVER_TABLE = "leftovers, bodies"
ALONE_TABLE = "body alone"

WCXB = "wcxb-dev"
GROUP_NAMES = {WCXB: "articles: WCXB", "fundus": "articles: Fundus"}

ALONE: Statistics = {
    "characters kept": lambda sums: sums[:, 0] / np.maximum(sums[:, 1], 1),
    "bodies kept whole": lambda sums: sums[:, 2] / np.maximum(sums[:, 3], 1),
}


def body_groups(cases: Sequence[BodyCase]) -> dict[str, Ints]:
    """Group pages by all that figures are wanted for.

    Args:
        cases: the pages.

    Returns:
        Article pages of each source, WCXB's pages by type, article pages by language.
    """
    origins = [case.origin for case in cases]
    types = [one.page_type if one.source == WCXB else None for one in origins]
    languages = [one.language if one.page_type == ARTICLE else None for one in origins]
    return {
        **article_groups(cases),
        **group_by("page type", types, few=1),
        **group_by("language", languages),
    }


def article_groups(cases: Sequence[BodyCase]) -> dict[str, Ints]:
    """Group article pages by where they come from.

    Args:
        cases: the pages; those that are no articles are in no group.

    Returns:
        Group names to indices.
    """
    sources = [case.origin.source if case.origin.page_type == ARTICLE else None for case in cases]
    return {
        name: np.array([i for i, found in enumerate(sources) if found == source], dtype=np.int64)
        for source, name in GROUP_NAMES.items()
    }


def judge_bodies(cases: Sequence[BodyCase], predict: Predict) -> list[Figure]:
    """Score what is made of dumps, and each extractor's output as it is.

    Args:
        cases: the pages.
        predict: the models.

    Returns:
        Figures of this library, the raw input, C4's rules and the oracle on each dump, of the
        extractors, and of how far this library lies ahead.
    """
    groups, main = body_groups(cases), article_groups(cases)
    counts: dict[str, Floats] = {}
    for name in DUMPS:
        counts |= _dump_counts(cases, name, predict)
    for name in LEFTOVERS:
        counts[name] = page_counts([_as_it_is(case, name) for case in cases])
    figures = []
    for system, rows in counts.items():
        figures += make_figures(BODY_TABLE, system, rows, WORDS, groups)
    figures += make_differences(BODY_TABLE, counts, system_on(OURS, DUMPS[0]), WORDS, main)
    outputs = {name: [case.views[name].lines for case in cases] for name in LEFTOVERS}
    return figures + empty_figures(outputs, main)


def _dump_counts(cases: Sequence[BodyCase], name: str, predict: Predict) -> dict[str, Floats]:
    views = [case.views[name] for case in cases]
    found = predict_lines(predict, [c.origin for c in cases], [v.lines for v in views])
    chosen = {
        OURS: [one.kept for one in found],
        RAW: [keep_all(view.lines) for view in views],
        C4: [c4_keeps(view.lines) for view in views],
        ORACLE: [oracle_keeps(c.views[name].lines, c.body) for c in cases],
    }
    return {
        system_on(system, name): page_counts(
            [view.score(c.counts, one) for c, view, one in zip(cases, views, kept, strict=True)]
        )
        for system, kept in chosen.items()
    }


def judge_leftovers(cases: Sequence[BodyCase], predict: Predict) -> list[Figure]:
    """Score each extractor's output on article pages, as it is and cleaned.

    Args:
        cases: the pages; those that are no articles are left out.
        predict: the models.

    Returns:
        The figures, and those of the mean over `AVERAGED`.
    """
    articles = [case for case in cases if case.origin.page_type == ARTICLE]
    groups = article_groups(articles)
    figures = []
    counts: dict[str, Floats] = {}
    for name in LEFTOVERS:
        counts[name] = _leftover_counts(articles, name, predict)
        figures += _leftover_figures(name, counts[name], groups)
    # Each row is a page's scores, so the mean of the rows is that of the scores.
    mean: Floats = np.mean([counts[name] for name in AVERAGED], axis=0)
    return figures + _leftover_figures(MEAN, mean, groups)


def judge_alone(cases: Sequence[BodyCase], predict: Predict) -> list[Figure]:
    """Score what is left of each article's true body when it is fed alone.

    Args:
        cases: the pages; those that are no articles are left out.
        predict: the models.

    Returns:
        Characters kept, pooled over pages, and the share of bodies kept whole.
    """
    articles = [case for case in cases if case.origin.page_type == ARTICLE and case.body]
    found = predict_lines(predict, [c.origin for c in articles], [c.body for c in articles])
    rows = []
    for case, one in zip(articles, found, strict=True):
        sizes = np.array([len(line) for line in case.body])
        rows.append([sizes[one.kept].sum(), sizes.sum(), one.kept.all(), 1])
    groups = article_groups(articles)
    return make_figures(ALONE_TABLE, OURS, rows, ALONE, groups)


def _as_it_is(case: BodyCase, name: str) -> float:
    view = case.views[name]
    return view.score(case.counts, keep_all(view.lines))


def _leftover_counts(cases: Sequence[BodyCase], name: str, predict: Predict) -> Floats:
    views = [case.views[name] for case in cases]
    found = predict_lines(predict, [c.origin for c in cases], [v.lines for v in views])
    rows = [
        [
            _as_it_is(case, name),
            view.score(case.counts, one.kept),
            view.score(case.counts, oracle_keeps(view.lines, case.body)),
            1,
        ]
        for case, view, one in zip(cases, views, found, strict=True)
    ]
    return np.array(rows)


def _leftover_figures(name: str, counts: Floats, groups: Groups) -> list[Figure]:
    return make_figures(LEFTOVER_TABLE, name, counts, LEFTOVER_WORDS, groups)
