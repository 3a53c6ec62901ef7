"""Figures on the labelled pages: labels, content, leftovers, strictness, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from paywallstrip.labels import CONTENT as CONTENT_LABEL
from paywallstrip.labels import LABELS
from paywallstrip.scoring import Floats, Ints, calibration_errors, confusion_matrix
from paywallstrip.training.cases import LabelledCase, LabelledView
from paywallstrip.training.converters import LEFTOVERS
from paywallstrip.training.corpus import UNKNOWN_TYPE
from paywallstrip.training.figures import (
    ALL,
    AVERAGED,
    C4,
    CONTENT,
    DUMPS,
    MEAN,
    ORACLE,
    OURS,
    RAW,
    ROUGH_DUMPS,
    Figure,
    all_pages,
    bare_figure,
    content_row,
    empty_figures,
    group_by,
    label_statistics,
    leftover_statistics,
    make_differences,
    make_figures,
    system_on,
)
from paywallstrip.training.predictions import Predict, Prediction, predict_lines
from paywallstrip.training.rivals import OPEN, Bools, c4_keeps, keep_all

OWN = "labelled lines"
"""The lines that were labelled, as against a converter's lines that got labels by alignment."""

LABEL_TABLE = "labels"
CONTENT_TABLE = "content"
LEFTOVER_TABLE = "leftovers, labelled"
STRICTNESS_TABLE = "strictness"
CALIBRATION_TABLE = "calibration"
DUMP_GROUP, LEFTOVER_GROUP = "labelled lines", "leftovers"


class Answers(NamedTuple):
    """The models' answers on the labelled lines, for plots.

    Attributes:
        truth: int64 array of shape (lines,), indices in `LABELS`.
        predicted: int64 array of shape (lines,).
        probabilities: float64 array of shape (lines, labels).
    """

    truth: Ints
    predicted: Ints
    probabilities: Floats


def labelled_groups(cases: Sequence[LabelledCase]) -> dict[str, Ints]:
    """Group labelled pages by all that figures are wanted for.

    Args:
        cases: the pages.

    Returns:
        All of them, then by language, source, converter and page type where it is known.
    """
    origins = [case.origin for case in cases]
    types = [None if one.page_type == UNKNOWN_TYPE else one.page_type for one in origins]
    return {
        **all_pages(len(cases)),
        **group_by("language", [one.language for one in origins]),
        **group_by("source", [one.source for one in origins]),
        **group_by("converter", [case.converter for case in cases]),
        **group_by("page type", types),
    }


def judge_lines(cases: Sequence[LabelledCase], predict: Predict) -> tuple[list[Figure], Answers]:
    """Score the models on the labelled lines, and extractors and line rules by what they keep.

    Args:
        cases: the labelled pages.
        predict: the models.

    Returns:
        The figures, and the models' answers.
    """
    groups = labelled_groups(cases)
    found = _predict(cases, [case.lines for case in cases], predict)
    answers = Answers(
        np.concatenate([case.truth for case in cases]),
        np.concatenate([one.labels for one in found]),
        np.concatenate([one.probabilities for one in found]),
    )
    confusion = _confusion_rows([case.truth for case in cases], found)
    figures = make_figures(LABEL_TABLE, OWN, confusion, label_statistics(), groups)
    figures += _calibration(OWN, answers.truth, answers.probabilities, len(cases))
    kept: dict[str, list[Bools]] = {
        OURS: [one.kept for one in found],
        RAW: [keep_all(case.lines) for case in cases],
        C4: [c4_keeps(case.lines) for case in cases],
    }
    for name in LEFTOVERS:
        views = [case.views[name] for case in cases]
        kept[name] = [view.overlap.kept(keep_all(view.lines)) for view in views]
    rows = {system: content_rows(cases, chosen) for system, chosen in kept.items()}
    for system, counts in rows.items():
        figures += make_figures(CONTENT_TABLE, system, counts, CONTENT, groups)
    everything = all_pages(len(cases))
    figures += make_differences(CONTENT_TABLE, rows, OURS, CONTENT, everything)
    outputs = {name: [case.views[name].lines for case in cases] for name in LEFTOVERS}
    figures += empty_figures(outputs, {"labelled pages": everything[ALL]})
    return figures, answers


def judge_view(
    cases: Sequence[LabelledCase], name: str, predict: Predict
) -> tuple[list[Figure], Floats]:
    """Score the models on one converter's output.

    Labels are judged by those carried over; content by what of the labelled lines is still
    there, so that all systems face the same lines.

    Args:
        cases: the labelled pages.
        name: the converter.
        predict: the models.

    Returns:
        The figures, and float64 array of shape (pages, 18): a `content_row` of the output as
        it is, of what the models keep of it, and of the oracle's choice among its lines.
    """
    views = [case.views[name] for case in cases]
    found = _predict(cases, [view.lines for view in views], predict)
    everything = all_pages(len(cases))
    confusion = _confusion_rows([view.truth for view in views], found)
    figures = make_figures(LABEL_TABLE, name, confusion, label_statistics(), everything)
    truth = np.concatenate([view.truth for view in views])
    stated = np.concatenate([one.probabilities for one in found])
    figures += _calibration(name, truth, stated, len(cases))
    chosen = {
        RAW: [keep_all(view.lines) for view in views],
        OURS: [one.kept for one in found],
        ORACLE: [view.truth == CONTENT_LABEL for view in views],
    }
    rows = {system: _aligned_rows(cases, views, kept) for system, kept in chosen.items()}
    triple = np.hstack([rows[RAW], rows[OURS], rows[ORACLE]])
    if name in (*DUMPS, *ROUGH_DUMPS):
        rows[C4] = _aligned_rows(cases, views, [c4_keeps(view.lines) for view in views])
        groups = labelled_groups(cases)
        for system, counts in rows.items():
            title = system_on(system, name)
            figures += make_figures(CONTENT_TABLE, title, counts, CONTENT, groups)
    elif name in LEFTOVERS:
        statistics = leftover_statistics()
        figures += make_figures(LEFTOVER_TABLE, name, triple, statistics, everything)
    return figures, triple


def judge_leftover_mean(triples: dict[str, Floats]) -> list[Figure]:
    """Score leftovers on the mean over the extractors.

    Args:
        triples: for each extractor what `judge_view` counted.

    Returns:
        The figures; none if an extractor of `AVERAGED` is missing.
    """
    if not triples.keys() >= set(AVERAGED):
        return []
    counts = np.hstack([triples[name] for name in AVERAGED])
    groups = all_pages(len(counts))
    return make_figures(LEFTOVER_TABLE, MEAN, counts, leftover_statistics(), groups)


def judge_strictness(
    cases: Sequence[LabelledCase], predict: Predict, levels: Sequence[float]
) -> Iterator[Figure]:
    """Tabulate what strictness does, on the labelled lines and on leftovers.

    A leftover is judged by itself: of the content the extractor left, how much stays.

    Args:
        cases: the labelled pages.
        predict: the models.
        levels: values of `strictness`, 0 to 1.

    Yields:
        The figures, level by level; leftovers are pooled over `AVERAGED`.
    """
    groups = all_pages(len(cases))
    for level in levels:
        system = f"{level:.1f}"
        found = _predict(cases, [case.lines for case in cases], predict, level)
        rows = content_rows(cases, [one.kept for one in found])
        for figure in make_figures(STRICTNESS_TABLE, system, rows, CONTENT, groups):
            yield figure.renamed(DUMP_GROUP)
        pooled = sum(
            (_leftover_rows(cases, name, predict, level) for name in AVERAGED),
            start=np.zeros((len(cases), 6)),
        )
        for figure in make_figures(STRICTNESS_TABLE, system, pooled, CONTENT, groups):
            yield figure.renamed(LEFTOVER_GROUP)


def _predict(
    cases: Sequence[LabelledCase],
    pages: Sequence[Sequence[str]],
    predict: Predict,
    strictness: float | None = None,
) -> list[Prediction]:
    origins = [case.origin for case in cases]
    if strictness is None:
        return predict_lines(predict, origins, pages)
    return predict_lines(predict, origins, pages, strictness)


def _leftover_rows(
    cases: Sequence[LabelledCase], name: str, predict: Predict, strictness: float
) -> Floats:
    views = [case.views[name] for case in cases]
    found = _predict(cases, [view.lines for view in views], predict, strictness)
    rows = []
    for view, one in zip(views, found, strict=True):
        known = view.truth != OPEN
        content = view.truth[known] == CONTENT_LABEL
        rows.append(content_row(content, one.kept[known], view.sizes[known]))
    return np.array(rows)


def content_rows(cases: Sequence[LabelledCase], kept: Iterable[Bools]) -> Floats:
    """Count what is kept of each page.

    Args:
        cases: the pages.
        kept: for each page, which of its lines are kept.

    Returns:
        float64 array with a row a page, as `content_row` makes it.
    """
    rows = [
        content_row(case.truth == CONTENT_LABEL, chosen, case.sizes)
        for case, chosen in zip(cases, kept, strict=True)
    ]
    return np.array(rows)


def _aligned_rows(
    cases: Sequence[LabelledCase], views: Sequence[LabelledView], kept: Sequence[Bools]
) -> Floats:
    aligned = (view.overlap.kept(one) for view, one in zip(views, kept, strict=True))
    return content_rows(cases, aligned)


def _confusion_rows(truth: Iterable[Ints], predictions: Sequence[Prediction]) -> Floats:
    rows = [
        confusion_matrix(labels, prediction.labels).ravel()
        for labels, prediction in zip(truth, predictions, strict=True)
    ]
    return np.array(rows, dtype=np.float64)


def _calibration(view: str, truth: Ints, stated: Floats, pages: int) -> Iterator[Figure]:
    if not (truth != OPEN).any():
        return
    errors = calibration_errors(stated, truth)
    for label, error in zip(LABELS, errors.tolist(), strict=True):
        yield bare_figure(CALIBRATION_TABLE, ALL, view, label, error, pages)
    yield bare_figure(CALIBRATION_TABLE, ALL, view, MEAN, float(errors.mean()), pages)
