"""What each group of features, each kind of data and more pages give the first stage.

``python -m paywallstrip.training.ablation --corpus DIR --views VIEWS --out DIR`` fits the first
stage once a fold with all there is, then without each group of columns, without each kind of
data, and on ever fewer sites, and judges it on the fold's labelled pages. The second stage
is left out: it would take five fits more for each figure.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.labels import CONTENT, LABELS
from paywallstrip.measures import Measure
from paywallstrip.training.ablation_report import curve_of, render
from paywallstrip.training.corpus import fold_of, is_final, read_labelled, split_of
from paywallstrip.training.design import HASHED
from paywallstrip.training.fit import Matrix, Settings, first_matrix, fit_regression
from paywallstrip.training.pages import assemble_pages
from paywallstrip.training.plots import plot_learning_curve
from paywallstrip.training.recipe import corpus_extractor
from paywallstrip.training.rows import Rows
from paywallstrip.training.summary import summarise
from paywallstrip.training.versions import ORIGINAL, TrainingPage
from paywallstrip.training.views import LABELLED
from paywallstrip.training.written import WRITTEN

GROUPS: Mapping[str, tuple[str, ...]] = {
    "cue phrases": ("cue", "cue-sized", "cue-first", "cue-whole", "cue-near", "cue-page"),
    "distance to lines that open a block": ("opened-before", "opened-after"),
    "shape of the line": (
        "size",
        "words",
        "word-length",
        "upper-share",
        "capitalised-share",
        "digit-share",
        "function-share",
        "count",
        "first",
        "last",
        "closing",
        "first-sized",
        "closing-sized",
        "function-sized",
        "capitalised-sized",
    ),
    "shape of the lines around": ("near", "alternation", "siblings", "seam-before", "seam-after"),
    "running text around": (
        "prose-before",
        "prose-after",
        "prose-between",
        "prose-run",
        "prose-passed",
    ),
    "place and page": (
        "from-top",
        "from-end",
        "place",
        "page-lines",
        "page-prose",
        "page-prose-lines",
    ),
    "subject of the page": (
        "shared",
        "shared-weight",
        "rare-words",
        "shared-other",
        "cohesion",
        "copies",
    ),
}
"""The binned families, by what they look at."""
WORDS = "hashed words and lines"
NARROW = "hashed pairs, beginnings and ends of words"
BESIDE = "what neighbours lend: their columns and words"
STEPS = 100
"""Most steps of a fit: alike for all trials, and a third of what a model gets, since the last
steps cost most and change little of what is compared."""
SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
"""Shares of the training sites that the learning curve is drawn at."""


@dataclass(frozen=True)
class Columns:
    """What each column of the first stage's matrix is.

    Attributes:
        group: array of shape (columns,), the group's name, empty for a column without one.
        beside: bool array of shape (columns,), whether a neighbour lends it.
    """

    group: NDArray[np.str_]
    beside: NDArray[np.bool_]


def name_columns(extractor: FeatureExtractor) -> Columns:
    """Say of every column, in the order of `first_design`, which group it belongs to."""
    names = {family: group for group, families in GROUPS.items() for family in families}

    def table(measures: tuple[Measure, ...]) -> list[str]:
        return ["", *(names[m.name] for m in measures for _ in range(m.width))]

    groups: list[str] = []
    beside: list[bool] = []
    for role in ROLES:
        part = table(extractor.context)
        groups += part
        beside += [role != 0] * len(part)
    part = table(extractor.own)
    groups += part
    beside += [False] * len(part)
    for role in WIDE_ROLES:
        groups += [WORDS] * HASHED
        beside += [role != 0] * HASHED
    groups += [NARROW] * HASHED
    beside += [False] * HASHED
    return Columns(np.array(groups), np.array(beside))


@dataclass(frozen=True)
class Trial:
    """A change of the training, and the figures it gave.

    Attributes:
        kind: what was changed: "all", "features", "data" or "sites".
        name: what was left out, or the share of sites.
        pages: training pages, every view counted, mean over the folds.
        seconds: processor time of a fit, mean over the folds.
        figures: as `summarise` gives them, on the held-out labelled pages of all folds.
    """

    kind: str
    name: str
    pages: int
    seconds: float
    figures: Mapping[str, Any]

    @property
    def macro_f1(self) -> float:
        """Macro-F1 of the labels."""
        return float(self.figures["macro_f1"])


class Bench:
    """Rows and matrix of one set of training pages, on which trials are run.

    Args:
        pages: the pages.
        judged: ids of the pages that are judged, as they are.
        folds: the folds that are held out, one after the other.
        jobs: fits that run at the same time.
    """

    def __init__(
        self, pages: Sequence[TrainingPage], judged: set[str], folds: Sequence[int], jobs: int
    ) -> None:
        self.rows = Rows(pages, [fold_of(page.domain) for page in pages])
        self.folds, self.jobs = folds, jobs
        self.judged = np.repeat(
            [page.view == ORIGINAL and page.id in judged for page in pages], self.rows.sizes
        )
        self.sizes = np.array([len(line) for page in pages for line in page.lines])
        # A site's place among all, by its name alone: fewer sites are a part of more sites.
        self.ranks = np.repeat([_rank(page.domain) for page in pages], self.rows.sizes)

    def matrix(self, extractor: FeatureExtractor, settings: Settings) -> Matrix:
        """Build the design matrix of these rows."""
        return first_matrix(self.rows, extractor, settings)

    def can_train(self, share: float) -> bool:
        """Whether so few sites still have lines of two labels, whichever fold is held out."""
        known = (self.ranks < share) & (self.rows.targets >= 0)
        return all(
            len(np.unique(self.rows.targets[known & (self.rows.groups != fold)])) > 1
            for fold in self.folds
        )

    def run(
        self,
        kind: str,
        name: str,
        matrix: Matrix,
        settings: Settings,
        *,
        keep: NDArray[np.bool_] | None = None,
        share: float = 1.0,
    ) -> Trial:
        """Fit without each fold and judge on it.

        Args:
            kind: see `Trial`.
            name: see `Trial`.
            matrix: the design matrix of the rows.
            settings: scales and strengths.
            keep: bool array over the matrix's columns; None keeps all.
            share: share of the sites that are trained on.
        """
        used = matrix if keep is None else _only(matrix, keep)
        found = Parallel(self.jobs)(
            delayed(_fold)(used, self.rows, fold, settings, self.ranks < share)
            for fold in self.folds
        )
        best = np.full(len(self.rows.targets), -1)
        for fold, (labels, _, _) in zip(self.folds, found, strict=True):
            best[self.rows.groups == fold] = labels
        chosen = self.judged & (best >= 0) & (self.rows.targets >= 0)
        figures = summarise(
            self.rows.targets[chosen],
            best[chosen],
            best[chosen] == CONTENT,
            self.sizes[chosen],
        )
        pages = round(float(np.mean([n for _, n, _ in found])))
        return Trial(kind, name, pages, float(np.mean([s for _, _, s in found])), figures)


def _rank(domain: str) -> float:
    return split_of(f"learning curve {domain}") / 100


def _only(matrix: Matrix, keep: NDArray[np.bool_]) -> Matrix:
    at = np.flatnonzero(keep)
    return Matrix(matrix.x[:, at].tocsr(), matrix.used[at], matrix.scales[at])


def _fold(
    matrix: Matrix, rows: Rows, fold: int, settings: Settings, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], int, float]:
    """Return the labels of the fold's lines, the pages trained on, and the fit's seconds."""
    began = time.process_time()
    trained = chosen & (rows.groups != fold)
    coefficients, bias = fit_regression(
        matrix, rows, trained & (rows.targets >= 0), settings, settings.first_c
    )
    seconds = time.process_time() - began
    scores = matrix.x[rows.groups == fold] @ coefficients.T + bias
    firsts = np.cumsum(rows.sizes) - rows.sizes
    return scores.argmax(axis=1), int(trained[firsts].sum()), seconds


def run_trials(
    corpus: Path,
    views: Path | None,
    *,
    folds: Sequence[int] = (0, 1, 2, 3, 4),
    seed: int = 0,
    jobs: int = 2,
    shares: Sequence[float] = SHARES,
) -> list[Trial]:
    """Run all trials; the first is the one that leaves nothing out.

    Args:
        corpus: the folder of the corpora.
        views: the folder of converted pages; None converts what is needed.
        folds: the folds that are held out, 0 to 4.
        seed: for the choice of views and blocks.
        jobs: fits that run at the same time.
        shares: shares of the training sites for the learning curve, above 0 and up to 1.

    Returns:
        The trials.

    Raises:
        DataError: a view is missing, or a data file is damaged.
    """
    settings = replace(Settings(), iterations=STEPS)

    def pages(**options: Any) -> list[TrainingPage]:
        chosen = {"written": WRITTEN, **options}
        return assemble_pages(corpus, views, part="train", seed=seed, n_jobs=jobs, **chosen)

    whole = pages()
    labelled = read_labelled(corpus / LABELLED)
    judged = {page.id for page in labelled if not is_final(page.domain)}
    extractor = corpus_extractor(whole, corpus)
    bench = Bench(whole, judged, folds, jobs)
    matrix = bench.matrix(extractor, settings)
    trials = [bench.run("all", "nothing", matrix, settings)]
    for name, keep in _ablated(name_columns(extractor), matrix):
        trials.append(bench.run("features", name, matrix, settings, keep=keep))
        _say(trials[-1])
    for share in shares:
        if share < 1 and bench.can_train(share):
            trials.append(bench.run("sites", str(share), matrix, settings, share=share))
            _say(trials[-1])
    del bench, matrix
    for name, options in _DATA.items():
        other = Bench(pages(**options), judged, folds, jobs)
        trials.append(other.run("data", name, other.matrix(extractor, settings), settings))
        _say(trials[-1])
    return trials


_DATA: Mapping[str, Mapping[str, Any]] = {
    "written blocks": {"blocks": ()},
    "written pages": {"written": None},
    "further labelled pages": {"further": None},
    "leftovers of other extractors": {"leftovers": 0},
}


def _ablated(columns: Columns, matrix: Matrix) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    group, beside = columns.group[matrix.used], columns.beside[matrix.used]
    for name in (*GROUPS, NARROW, WORDS):
        yield name, group != name
    yield "all hashed columns", (group != WORDS) & (group != NARROW)
    yield BESIDE, ~beside


def _say(trial: Trial) -> None:
    print(f"{trial.kind}: {trial.name}: {trial.macro_f1:.4f}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--views", type=Path, metavar="DIR")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    trials = run_trials(options.corpus, options.views, folds=options.folds, jobs=options.jobs)
    text = render(trials, options.folds, STEPS)
    (options.out / "ablation.md").write_text(text, encoding="utf-8")
    curve = curve_of(trials)
    scores = {"macro-F1": [t.macro_f1 for t in curve]}
    for label in LABELS:
        scores[label.value] = [float(t.figures["labels"][label.value]["f1"]) for t in curve]
    plot_learning_curve([t.pages for t in curve], scores, options.out / "learning-curve.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
