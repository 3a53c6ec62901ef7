"""`LineClassifier` among scikit-learn's own parts."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from paywallstrip import Classifier, Label
from paywallstrip.errors import DataError
from paywallstrip.training import DataWarning, LabelledText, LineClassifier, estimator, evaluate
from paywallstrip.training.fit import Settings
from paywallstrip.training.shift import Strengths
from tests.toy import toy
from tests.written import INDEX, read_page

WRITTEN = [read_page(entry["name"]) for entry in INDEX[:8]]
TEXTS = [page.text for page in WRITTEN]
LABELS = [[label.value for label in page.labels] for page in WRITTEN]
SITES = [f"town{i % 4}.example" for i in range(len(TEXTS))]


@pytest.fixture(autouse=True)
def few_pages_are_no_news() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        yield


@pytest.fixture(scope="module")
def fitted() -> LineClassifier:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return LineClassifier(base="shipped").fit(TEXTS, LABELS, groups=SITES)


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def test_predict_gives_one_label_a_line(fitted: LineClassifier) -> None:
    found = fitted.predict(TEXTS)
    assert [len(page) for page in found] == [len(page) for page in LABELS]


def test_pages_of_equal_length_stay_apart(fitted: LineClassifier) -> None:
    assert fitted.predict(["Home\nNews", "Menu\nNews"]).shape == (2,)


def test_lines_and_text_are_the_same_page(fitted: LineClassifier) -> None:
    text = TEXTS[0]
    assert fitted.predict([text])[0].tolist() == fitted.predict([lines(text)])[0].tolist()


def test_probabilities_of_a_line_add_up_to_one(fitted: LineClassifier) -> None:
    for page in fitted.predict_proba(TEXTS):
        np.testing.assert_allclose(page.sum(axis=1), 1)


def test_an_empty_page_has_no_lines(fitted: LineClassifier) -> None:
    found = fitted.predict([""])[0]
    assert (found.shape, found.dtype.kind) == ((0,), "U")
    assert fitted.predict_proba([""])[0].shape == (0, 4)


def test_predict_agrees_with_the_classifier(fitted: LineClassifier) -> None:
    page = fitted.classifier_.classify(TEXTS[0])
    assert fitted.predict(TEXTS[:1])[0].tolist() == [line.label.value for line in page.lines]


def test_probabilities_stand_in_the_order_of_classes(fitted: LineClassifier) -> None:
    page = fitted.classifier_.classify(TEXTS[0])
    expected = [
        [line.probabilities[Label(name)] for name in fitted.classes_] for line in page.lines
    ]
    assert fitted.predict_proba(TEXTS[:1])[0].tolist() == expected


def test_the_score_is_that_of_evaluate(fitted: LineClassifier) -> None:
    records = [
        LabelledText(lines(text), labels) for text, labels in zip(TEXTS, LABELS, strict=True)
    ]
    assert fitted.score(TEXTS, LABELS) == evaluate(fitted.classifier_, records).macro_f1


def test_what_was_saved_is_the_fitted_model(fitted: LineClassifier, tmp_path: Path) -> None:
    fitted.save(str(tmp_path / "mine"))
    loaded = Classifier.load(tmp_path / "mine")
    assert loaded.classify(TEXTS[0]) == fitted.classifier_.classify(TEXTS[0])


def test_a_saved_model_has_a_card_that_names_it(fitted: LineClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "mine")
    card = (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert card.startswith("# Model card: mine\n")


def test_nothing_is_saved_before_the_fit(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        LineClassifier().save(tmp_path / "mine")


def test_every_weight_has_a_name(fitted: LineClassifier) -> None:
    assert fitted.coef_.shape == (4, len(fitted.get_feature_names_out()))


def test_no_name_stands_there_twice(fitted: LineClassifier) -> None:
    names = fitted.get_feature_names_out()
    assert len(set(names)) == len(names)


def test_a_missing_label_is_told_what_an_open_one_is() -> None:
    labels: Any = [["navigation", float("nan")], ["navigation"]]
    with pytest.raises(DataError, match=r"page 0: unknown label nan: .* or None where it is open"):
        LineClassifier().fit(["Home\nNews", "Home"], labels)


def test_names_stand_beside_their_weights(fitted: LineClassifier) -> None:
    """A shared text: what `explain` says of a named feature is in `coef_` under its name."""
    explanation = fitted.classifier_.explain("Share on Facebook", 0)
    names = {name: i for i, name in enumerate(fitted.get_feature_names_out())}
    named = [
        c
        for c in explanation.contributions
        if c.stage == "first" and c.feature in names and c.feature != "nothing to say"
    ]
    assert len(named) > 20
    for contribution in named:
        weights = list(contribution.weights.values())
        np.testing.assert_allclose(fitted.coef_[:, names[contribution.feature]], weights)


@pytest.mark.parametrize(
    ("verb", "parameters", "expected"),
    [
        (
            "train",
            {"first_c": 0.5, "second_c": 0.25, "folds": 3, "jobs": 2},
            {"settings": Settings(first_c=0.5, second_c=0.25, folds=3), "jobs": 2},
        ),
        (
            "adapt",
            {"base": toy(), "strength": 0.5},
            {"base": toy(), "strengths": Strengths(weights=0.5)},
        ),
    ],
)
def test_the_parameters_reach_what_fits(
    verb: str,
    parameters: dict[str, Any],
    expected: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: dict[str, Any] = {}
    monkeypatch.setattr(estimator, verb, lambda _, **given: found.update(given))
    LineClassifier(**parameters).fit(TEXTS, LABELS)
    assert found == expected


@pytest.mark.parametrize("base", [None, "shipped"])
def test_cross_validate_with_groups(base: str | None) -> None:
    found = cross_validate(
        LineClassifier(base=base, folds=2),
        TEXTS,
        LABELS,
        groups=SITES,
        cv=GroupKFold(2),
        error_score="raise",
    )
    assert found["test_score"].shape == (2,)


@pytest.fixture
def sites_of_fits(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Collect the sites that each fit is told; it learns nothing."""
    found: list[set[str]] = []

    def adapt(pages: list[LabelledText], **_: Any) -> Classifier:
        found.append({page.domain for page in pages})
        return toy()

    monkeypatch.setattr(estimator, "adapt", adapt)
    return found


def test_groups_reach_the_fit_as_params(sites_of_fits: list[set[str]]) -> None:
    model = LineClassifier(base="shipped")
    options = {"groups": SITES, "params": {"groups": SITES}, "error_score": "raise"}
    cross_validate(model, TEXTS, LABELS, cv=GroupKFold(2), **options)
    assert sorted(map(len, sites_of_fits)) == [2, 2]


def test_groups_reach_the_fit_by_metadata_routing(sites_of_fits: list[set[str]]) -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        model = LineClassifier(base="shipped").set_fit_request(groups=True)
        search = GridSearchCV(model, {"strength": [1]}, cv=GroupKFold(2), error_score="raise")
        search.fit(TEXTS, LABELS, groups=SITES)
    assert sorted(map(len, sites_of_fits)) == [2, 2, 4]


def test_metadata_routing_goes_through_a_pipeline(sites_of_fits: list[set[str]]) -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(LineClassifier(base="shipped").set_fit_request(groups=True))
        grid = {"lineclassifier__strength": [1]}
        search = GridSearchCV(pipeline, grid, cv=GroupKFold(2), error_score="raise")
        search.fit(TEXTS, LABELS, groups=SITES)
    assert sorted(map(len, sites_of_fits)) == [2, 2, 4]


def test_weights_of_pages_are_refused(fitted: LineClassifier) -> None:
    with pytest.raises(TypeError, match="sample_weight must be None"):
        fitted.score(TEXTS, LABELS, sample_weight=[1])  # type: ignore[arg-type]


def test_cross_val_predict_gives_every_page_its_labels() -> None:
    model = LineClassifier(base="shipped")
    found = cross_val_predict(model, TEXTS, LABELS, groups=SITES, cv=GroupKFold(2))
    assert [len(page) for page in found] == [len(page) for page in LABELS]


def test_grid_search_in_a_pipeline() -> None:
    pipeline = make_pipeline(FunctionTransformer(), LineClassifier(base="shipped"))
    grid = {"lineclassifier__strength": [0.01, 0.1]}
    search = GridSearchCV(pipeline, grid, cv=GroupKFold(2), error_score="raise")
    search.fit(TEXTS, LABELS, groups=SITES)
    assert search.best_params_["lineclassifier__strength"] in (0.01, 0.1)


def test_a_clone_has_the_parameters_but_not_the_fit(fitted: LineClassifier) -> None:
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(TEXTS)


def test_a_classifier_of_ones_own_can_be_the_base() -> None:
    model = LineClassifier(base=Classifier.load()).fit(TEXTS[:2], LABELS[:2])
    assert len(model.predict(TEXTS[:1])[0]) == len(LABELS[0])


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ({"first_c": 0}, "first_c must be above 0 and finite, got 0"),
        ({"strength": -1}, "strength must be above 0 and finite, got -1"),
        ({"folds": 1}, "folds must be 2 or more, got 1"),
        ({"jobs": 0}, "jobs must be 1 or more, got 0"),
        ({"first_c": float("nan")}, "first_c must be above 0 and finite, got nan"),
        ({"first_c": float("inf")}, "first_c must be above 0 and finite, got inf"),
        ({"strength": np.float32("inf")}, "strength must be above 0 and finite, got .*inf"),
        ({"strength": 10**400}, "strength must be above 0 and finite, got 10"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameter: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LineClassifier(**parameter).fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ({"strength": "1"}, "strength must be a number, got '1'"),
        ({"jobs": None}, "jobs must be a whole number from 1, got None"),
        ({"folds": 2.5}, "folds must be a whole number from 2, got 2.5"),
    ],
)
def test_a_parameter_of_another_type_is_refused(parameter: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        LineClassifier(**parameter).fit(TEXTS, LABELS)


class DataFrame:
    """A table as pandas and polars have it: it gives its columns' names."""

    columns = property(lambda _: ["text"])

    def __iter__(self) -> Iterator[str]:
        yield from self.columns


NO_PAGES = [
    (DataFrame(), "X must hold pages, got DataFrame; pass one of its columns"),
    ({"Home": "News"}, r"X must hold pages, got dict; pass a list, such as that of its values\(\)"),
    ([{"Home": "News"}], "X: page 0 must be a str or a list of its lines, got dict"),
    ("Home", "X must hold pages, got a single str"),
    (None, "X must hold pages, got NoneType"),
    ([1], "X: page 0 must be a str or a list of its lines, got int"),
    ([b"Home"], "X: page 0 must be .*, got bytes"),
    ([float("nan")], "X: page 0 must be .*, got float"),
    ([["Home", None]], "X: page 0 must be .*, got one that holds NoneType"),
]


@pytest.mark.parametrize(("pages", "message"), NO_PAGES)
def test_what_is_no_page_is_refused(fitted: LineClassifier, pages: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fitted.predict(pages)


@pytest.mark.parametrize(("pages", "message"), NO_PAGES)
def test_what_is_no_page_is_not_learned_from(pages: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        LineClassifier().fit(pages, [["content"]])


@pytest.mark.parametrize("line", ["", " ", "Home\nNews"])
def test_a_line_that_is_none_or_two_is_refused(fitted: LineClassifier, line: str) -> None:
    with pytest.raises(ValueError, match=r"X: page 0: .* is not one non-blank line"):
        fitted.predict([["Menu", line, "Weather"]])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "y must hold one sequence of labels a page, got NoneType"),
        (DataFrame(), "y must hold one sequence of labels a page, got DataFrame"),
        (["content", "content"], "y: page 0 must have a list of labels, got a single str"),
        ([{"content"}, None], "y: page 0 must have a list of labels, got set, which has no order"),
        ([["content"], None], "y: page 1 must have a list of labels, got NoneType"),
    ],
)
def test_labels_that_are_no_lists_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        LineClassifier().fit(["Home", "News"], labels)


def test_an_array_of_pyarrow_is_refused_with_what_to_pass() -> None:
    array = pytest.importorskip("pyarrow", reason="pyarrow is not installed").array
    message = r"X must hold pages, got StringArray; pass its to_pylist\(\)"
    with pytest.raises(TypeError, match=message):
        LineClassifier().fit(array(["Home", "News"]), [["content"], ["content"]])


def test_pages_whose_group_is_missing_stand_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[LabelledText] = []
    monkeypatch.setattr(estimator, "train", lambda given, **_: pages.extend(given))
    LineClassifier().fit(["a"] * 3, [["content"]] * 3, groups=[None, float("nan"), 7])
    assert [page.domain for page in pages] == ["", "", "7"]


@pytest.mark.parametrize("group", [["a"], ("a", 1), b"a", np.array([1, 2])])
def test_a_group_that_is_no_single_site_is_refused(group: Any) -> None:
    with pytest.raises(
        TypeError, match="groups: page 1 must have one site, a str or a number, got "
    ):
        LineClassifier().fit(["a"] * 2, [["content"]] * 2, groups=["town.example", group])


def test_a_doubt_points_to_the_caller() -> None:
    with pytest.warns(DataWarning) as caught:
        LineClassifier(base="shipped").fit(["Home\nNews"] * 2, [["navigation"] * 2] * 2)
    assert {one.filename for one in caught} == {__file__}


def test_a_page_without_its_labels_is_refused() -> None:
    with pytest.raises(DataError, match="2 pages, 1 sequences of labels and 2 groups"):
        LineClassifier().fit(TEXTS[:2], LABELS[:1])


@pytest.mark.parametrize(
    "check",
    [
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_estimator_tags_renamed",
        "check_get_params_invariance",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_set_params",
        "check_valid_tag_types",
    ],
)
def test_scikit_learns_check_passes(check: str) -> None:
    """Those that need no table of numbers; `check_estimator` itself leaves nearly all out."""
    # Older releases do not have all of them.
    getattr(estimator_checks, check, lambda *_: None)("LineClassifier", LineClassifier())
