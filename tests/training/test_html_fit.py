"""Fitting a model for HTML: what is fitted is what is applied, and folds stay unseen."""

import numpy as np
import pytest

pytest.importorskip("turbohtml", reason="needs the extra [html]")
pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from dataclasses import replace

from paywallstrip.markup.lines import read_markup
from paywallstrip.stages import UNIT
from paywallstrip.training.fit import Settings, fit_without
from paywallstrip.training.html_fit import (
    Data,
    HtmlFitted,
    HtmlSettings,
    export,
    fit_html_model,
    third_matrix,
)
from paywallstrip.training.html_pages import HtmlPage, lines_of
from paywallstrip.training.rows import Rows
from tests.toy import toy_model
from tests.written import INDEX, read_page

SETTINGS = HtmlSettings(solver=Settings(folds=3, iterations=15))
TAGS = {"content": "p", "paywall": "aside", "navigation": "nav", "related-links": "li"}
ROUNDING = 0.02
"""Hashed weights are stored in 4096ths, and a line has some hundred."""


def page(name: str, domain: str) -> HtmlPage:
    written = read_page(name)
    lines = [line for line in written.text.split("\n") if line.strip()]
    labels = tuple(label.value for label in written.labels)
    tags = [TAGS[label] for label in labels]
    html = "".join(f"<{t} class='{t}-box'>{x}</{t}>" for x, t in zip(lines, tags, strict=True))
    markup = read_markup(html)
    assert len(lines_of(markup)) == len(labels)
    return HtmlPage(name, "original", domain, "en", markup, labels, 1.0)


@pytest.fixture(scope="module")
def rows() -> Rows:
    names = [entry["name"] for entry in INDEX if entry["language"] == "en"][:9]
    return Rows([page(name, f"{i}.example") for i, name in enumerate(names)], [0, 1, 2] * 3)


@pytest.fixture(scope="module")
def fitted(rows: Rows) -> HtmlFitted:
    text = toy_model()
    return fit_html_model(rows, text, [text] * 3, SETTINGS, progress=lambda _: None, show=False)


def test_there_is_a_model_a_fold(fitted: HtmlFitted) -> None:
    assert len(fitted.folds) == 3


def test_every_line_is_scored_by_the_model_of_its_fold(rows: Rows, fitted: HtmlFitted) -> None:
    for fold, model in enumerate(fitted.folds):
        pages = [each.markup for each in rows.only(fold).pages if isinstance(each, HtmlPage)]
        expected = model.score(pages)[1]
        assert np.array_equal(fitted.scores[rows.groups == fold], expected)


def test_markup_that_gives_the_label_away_is_learned(rows: Rows, fitted: HtmlFitted) -> None:
    found = fitted.scores.argmax(axis=1)
    assert (found == rows.targets).mean() > 0.9


def test_a_fold_model_does_not_depend_on_its_folds_labels(rows: Rows, fitted: HtmlFitted) -> None:
    changed = [
        replace(each, labels=each.labels[::-1]) if group == 0 else each
        for each, group in zip(rows.pages, rows.page_groups, strict=True)
    ]
    text = toy_model()
    again = fit_html_model(
        Rows(changed, rows.page_groups),
        text,
        [text] * 3,
        SETTINGS,
        progress=lambda _: None,
        show=False,
    )
    one, other = (each.folds[0].markup._asdict() for each in (again, fitted))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_the_third_stage_applies_what_was_fitted(rows: Rows) -> None:
    text = toy_model()
    data = Data(rows, text.extractor)
    matrix = third_matrix(data, [text] * 3, SETTINGS)
    fit = fit_without(matrix, rows, frozenset(), SETTINGS.solver, SETTINGS.solver.first_c)
    expected = matrix.x @ fit[0].T + fit[1]
    model = export(fit, matrix, text)
    found = np.concatenate([model.score(data.markups(run))[1] for run in data.runs])
    assert np.abs(found / UNIT - expected).max() < ROUNDING
