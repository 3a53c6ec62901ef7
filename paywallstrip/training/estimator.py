"""The model as a scikit-learn estimator: pages in, the labels of their lines out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from paywallstrip.arguments import refuse_keys
from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.explanation import PLACES
from paywallstrip.features import ROLES, WIDE_ROLES
from paywallstrip.labels import LABELS
from paywallstrip.measures import column_names
from paywallstrip.page import Page
from paywallstrip.reading import HASH_BITS
from paywallstrip.stages import UNIT, WORD_UNIT
from paywallstrip.training.api import adapt, evaluate, save_folder, train
from paywallstrip.training.arguments import check_count, check_positive
from paywallstrip.training.fit import Settings
from paywallstrip.training.own_pages import LabelledText
from paywallstrip.training.records import line_bounds
from paywallstrip.training.shapes import is_one_line
from paywallstrip.training.shift import Strengths

Names = NDArray[np.object_]

SHIPPED = "shipped"


class LineClassifier(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Labels the lines of pages; a sample is a page, as lines mean little by themselves.

    Takes part in `Pipeline`, `GridSearchCV`, `cross_validate` and, for labels,
    `cross_val_predict`. Give them a splitter such as `GroupKFold` and the pages' sites as
    `groups`: pages of one site share their furniture, and a model that has seen it looks better
    than it is. scikit-learn hands `groups` to the splitter alone; `fit` gets the sites, too, from
    `cross_validate(..., params={"groups": sites})`, or with scikit-learn's metadata routing and
    `set_fit_request(groups=True)`. From scratch it keeps sites together by them.

    Args:
        base: what to adapt: "shipped", a model folder or a `Classifier`; None trains from
            scratch.
        first_c: from scratch: inverse strength of the first stage's penalty, above 0.
        second_c: from scratch: that of the second stage's, above 0.
        folds: from scratch: groups of sites that the second stage's training scores come from,
            2 or more.
        strength: adapting: inverse strength of the penalty on what moves, above 0.
        jobs: from scratch: processes that fit, 1 or more.

    Attributes:
        classifier_: the fitted `Classifier`; `save` writes it to a model folder.
        classes_: array of the four labels, the order of the columns of `predict_proba`.
        coef_: float64 array of shape (labels, features), the first stage's weights in natural
            logarithms of odds, in the order of `get_feature_names_out`.

    >>> from paywallstrip.training import LineClassifier
    >>> pages = ["Home\\nThe ferry runs again.", "Home\\nThe mayor opened the new library."]
    >>> labels = [["navigation", "content"], ["navigation", "content"]]
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # two pages are few
    ...     model = LineClassifier(base="shipped").fit(pages, labels)
    >>> page = "Home\\nThe old harbour bridge closes on Monday for six weeks, the council said."
    >>> model.predict([page])[0].tolist()
    ['navigation', 'content']
    """

    def __init__(
        self,
        *,
        base: str | Path | Classifier | None = None,
        first_c: float = Settings.first_c,
        second_c: float = Settings.second_c,
        folds: int = Settings.folds,
        strength: float = Strengths.weights,
        jobs: int = 1,
    ) -> None:
        # scikit-learn clones an estimator from its parameters: they are kept as they come.
        self.base = base
        self.first_c = first_c
        self.second_c = second_c
        self.folds = folds
        self.strength = strength
        self.jobs = jobs

    def fit(
        self,
        X: Iterable[str | Sequence[str]],  # noqa: N803  # scikit-learn's name
        y: Iterable[Sequence[str | None]],
        groups: Iterable[Any] | None = None,
    ) -> Self:
        """Train, or adapt `base`.

        Args:
            X: pages, each a text or its non-blank lines.
            y: one sequence of labels a page, one label a non-blank line, None where it is open.
            groups: the site of each page, None or NaN for one that stands for itself; None as
                a whole if all do.

        Returns:
            The estimator.

        Raises:
            DataError: as for `paywallstrip.training.train` and `adapt`.
            TypeError: a parameter, a page or its labels are of another type.
            ValueError: a parameter is out of range.

        Warns:
            DataWarning: likewise.
        """
        self._check_parameters()
        pages = _pages(X, y, groups)
        if self.base is None:
            settings = Settings(first_c=self.first_c, second_c=self.second_c, folds=self.folds)
            self.classifier_ = train(pages, settings=settings, jobs=self.jobs)
        else:
            self.classifier_ = adapt(
                pages,
                base=self._base(),
                strengths=Strengths(weights=self.strength),
            )
        self.classes_ = np.array([label.value for label in LABELS])
        return self

    def predict(self, X: Iterable[str | Sequence[str]]) -> Names:  # noqa: N803
        """Label the lines of pages.

        Args:
            X: pages, each a text or its non-blank lines.

        Returns:
            Object array of shape (pages,), of one array of label names a page.
        """
        pages = self._classify(X)
        # Of a page without lines numpy would make an array of numbers.
        return _column([np.array([str(line.label) for line in p.lines], str) for p in pages])

    def predict_proba(self, X: Iterable[str | Sequence[str]]) -> Names:  # noqa: N803
        """Give the probabilities of the labels of the lines of pages.

        The label that `predict` gives may be another than the most probable one: it is
        chosen after the model's offsets for the kind of page.

        Args:
            X: pages, each a text or its non-blank lines.

        Returns:
            Object array of shape (pages,), of one float64 array of shape (lines, labels) a
            page, its columns in the order of `classes_`.
        """
        return _column(
            [
                np.array(
                    [[line.probabilities[label] for label in LABELS] for line in page.lines]
                ).reshape(-1, len(LABELS))
                for page in self._classify(X)
            ]
        )

    def score(
        self,
        X: Iterable[str | Sequence[str]],  # noqa: N803
        y: Iterable[Sequence[str | None]],
        sample_weight: None = None,
    ) -> float:
        """Return the macro-F1 over the labels that occur, pooled over lines.

        Args:
            X: pages, each a text or its non-blank lines.
            y: one sequence of labels a page; lines whose label is None are left out.
            sample_weight: None, as a `Pipeline` passes it; lines have no weights.

        Returns:
            0 to 1.

        Raises:
            TypeError: `sample_weight` is not None, or a page or its labels are of another type.
            DataError: there is no page, a page has not one known label a line, or no line has a label.
        """
        check_is_fitted(self)
        if sample_weight is not None:
            raise TypeError(
                "sample_weight must be None: score counts every line that has a label; "
                "leave lines out by the label None"
            )
        return float(evaluate(self.classifier_, _pages(X, y, None)).macro_f1)

    def save(self, out: str | Path) -> None:
        """Write the fitted classifier to a model folder, with its card.

        Args:
            out: the folder, which `Classifier.load` reads; a model that is there is replaced.

        Raises:
            NotFittedError: nothing was fitted yet.
            OSError: the folder cannot be written, holds a README.md that is no model's, or a
                model of which a file is write-protected.
            TypeError, ValueError: `out` is no path, or an empty one.
        """
        check_is_fitted(self)
        save_folder(self.classifier_, out)

    def get_feature_names_out(self, input_features: object = None) -> Names:  # noqa: ARG002
        """Name the first stage's features, in the order of `coef_`.

        Hashed words and lines have numbers instead of names: many share one.

        Args:
            input_features: not used; scikit-learn passes it.

        Returns:
            Object array of shape (features,), no name twice.
        """
        check_is_fitted(self)
        extractor = self.classifier_.model.extractor
        hashed = range(1 << HASH_BITS)
        names = [PLACES[role] + name for role in ROLES for name in column_names(extractor.context)]
        nothing, *own = column_names(extractor.own)
        # The other table has such a column, too.
        names += [f"{nothing} of the line alone", *own]
        names += [f"{PLACES[role]}word or line #{i}" for role in WIDE_ROLES for i in hashed]
        names += [f"part of the line #{i}" for i in hashed]
        return np.array(names, dtype=object)

    @property
    def coef_(self) -> NDArray[np.float64]:
        """The first stage's weights; see the class."""
        check_is_fitted(self)
        stage, count = self.classifier_.model.first.finely(), len(LABELS)
        parts = [
            _by_role(stage.context, len(ROLES)) / UNIT,
            stage.own / UNIT,
            _by_role(stage.wide, len(WIDE_ROLES)) / WORD_UNIT,
            stage.narrow / WORD_UNIT,
        ]
        return np.concatenate([part.reshape(-1, count) for part in parts]).T

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classifier_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.target_tags.required = True
        tags.no_validation = True
        return tags

    def _check_parameters(self) -> None:
        for name in ("first_c", "second_c", "strength"):
            check_positive(getattr(self, name), name)
        check_count(self.folds, "folds", 2)
        check_count(self.jobs, "jobs", 1)

    def _base(self) -> Classifier:
        if isinstance(self.base, Classifier):
            return self.base
        return Classifier.load(None if self.base == SHIPPED else self.base)

    def _classify(self, X: Iterable[str | Sequence[str]]) -> list[Page]:  # noqa: N803
        check_is_fitted(self)
        pages = enumerate(_several(X, "X must hold pages"))
        return list(self.classifier_.classify_many(_text(page, at) for at, page in pages))


def _pages(
    pages: Iterable[str | Sequence[str]],
    labels: Iterable[Sequence[str | None]],
    groups: Iterable[Any] | None,
) -> list[LabelledText]:
    texts = _several(pages, "X must hold pages")
    targets = _several(labels, "y must hold one sequence of labels a page")
    sites = [""] * len(texts)
    if groups is not None:
        given = _several(groups, "groups must hold sites")
        sites = [_site(group, at) for at, group in enumerate(given)]
    if not len(texts) == len(targets) == len(sites):
        raise DataError(
            f"{len(texts)} pages, {len(targets)} sequences of labels and {len(sites)} groups: "
            "one each is needed"
        )
    return [
        LabelledText(
            _lines(page, at),
            _several(each, f"y: page {at} must have a list of labels"),
            domain=site,
        )
        for at, (page, each, site) in enumerate(zip(texts, targets, sites, strict=True))
    ]


def _several(values: Any, asked: str) -> list[Any]:
    """List what was given, but nothing whose characters or keys would pass for its elements."""
    refuse_keys(values, asked)
    kind = "a single str" if isinstance(values, str) else type(values).__name__
    if isinstance(values, (set, frozenset)):
        raise TypeError(f"{asked}, got {kind}, which has no order; pass a list")
    if hasattr(values, "to_pylist"):  # arrays of pyarrow, whose elements are no str
        raise TypeError(f"{asked}, got {kind}; pass its to_pylist()")
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{asked}, got {kind}; pass a list")
    return list(values)


def _site(group: Any, at: int) -> str:
    """Return the name of a page's site, empty where it is missing."""
    if isinstance(group, Iterable) and not isinstance(group, str):
        kind = type(group).__name__
        raise TypeError(f"groups: page {at} must have one site, a str or a number, got {kind}")
    return "" if _is_missing(group) else str(group)


def _is_missing(group: Any) -> bool:
    """Tell None, NaN and the like from the name or number of a site."""
    try:
        return group is None or bool(group != group)
    except TypeError:  # the missing value of pandas is neither true nor false
        return True


def _lines(page: str | Sequence[str], at: int) -> Sequence[str]:
    """Return the lines of a page that is given as a text, or line by line."""
    if isinstance(page, str):
        return [page[start:end] for start, end in line_bounds(page)]
    asked = f"X: page {at} must be a str or a list of its lines"
    lines = _several(page, asked)
    for line in lines:
        if not isinstance(line, str):
            raise TypeError(f"{asked}, got one that holds {type(line).__name__}")
    return lines


def _text(page: str | Sequence[str], at: int) -> str:
    if isinstance(page, str):
        return page
    lines = _lines(page, at)
    for line in lines:
        # It would come back as no line, or as two.
        if not is_one_line(line):
            raise ValueError(f"X: page {at}: {line[:40]!r} is not one non-blank line")
    return "\n".join(lines)


def _column(values: Sequence[Any]) -> Names:
    """Make an object array of arrays; numpy would stack those of equal length."""
    column = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        column[at] = value
    return column


def _by_role(table: NDArray[Any], roles: int) -> NDArray[Any]:
    """Turn a table of shape (columns, roles * labels) to (roles, columns, labels)."""
    return table.reshape(len(table), roles, len(LABELS)).transpose(1, 0, 2)
