"""Plots of an evaluation, as SVG; they need the extra ``[plot]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from paywallstrip.labels import LABELS
from paywallstrip.scoring import Floats, confusion_matrix, reliability

if TYPE_CHECKING:
    from paywallstrip.training.labelled_figures import Answers

CONFUSION, PRECISION_RECALL, RELIABILITY, LEARNING = (
    "confusion.svg",
    "precision-recall.svg",
    "reliability.svg",
    "learning-curve.svg",
)
_SIZE = (5.5, 4.5)  # inches
_POINTS = 400  # of a curve: more cannot be told apart, and make the file large


def draw_answers(answers: Answers, out: Path) -> list[Path]:
    """Draw confusion matrix, precision against recall, and reliability.

    Args:
        answers: what models said of labelled lines.
        out: the folder the plots go to; made if it is missing.

    Returns:
        The files.

    Raises:
        ImportError: if matplotlib is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    matrix = confusion_matrix(answers.truth, answers.predicted)
    plot_confusion(matrix, out / CONFUSION)
    plot_precision_recall(answers.probabilities, answers.truth, out / PRECISION_RECALL)
    plot_reliability(answers.probabilities, answers.truth, out / RELIABILITY)
    return [out / name for name in (CONFUSION, PRECISION_RECALL, RELIABILITY)]


def plot_confusion(matrix: ArrayLike, path: Path) -> None:
    """Draw a confusion matrix, each row as shares of the true label's lines.

    Args:
        matrix: counts of shape (labels, labels), true labels in rows.
        path: the file, its suffix the format.
    """
    counts = np.asarray(matrix, dtype=np.int64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _axes()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [label.value for label in LABELS]
    axes.set_xticks(range(len(names)), names, rotation=20)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("label given")
    axes.set_ylabel("true label")
    for (row, column), share in np.ndenumerate(shares):
        color = "white" if share > 0.5 else "black"
        text = f"{share:.1%}\n{counts[row, column]:,}"
        axes.text(column, row, text, ha="center", va="center", color=color)
    _save(figure, path)


def precision_recall(probabilities: ArrayLike, hits: ArrayLike) -> tuple[Floats, Floats]:
    """Compute precision and recall at every threshold on a label's probability.

    Args:
        probabilities: numbers of shape (lines,), 0 to 1.
        hits: booleans of shape (lines,), whether a line has the label.

    Returns:
        Precision and recall, float64 arrays of shape (distinct probabilities,), from the
        highest threshold to the lowest; empty if no line has the label.
    """
    stated, right = np.asarray(probabilities, dtype=np.float64), np.asarray(hits, dtype=bool)
    if not right.any():
        return np.zeros(0), np.zeros(0)
    order = np.argsort(-stated, kind="stable")
    found = np.cumsum(right[order])
    # Lines of equal probability pass together: only the last of each run is a threshold.
    last = np.flatnonzero(np.diff(stated[order], append=-1.0))
    return found[last] / (last + 1), found[last] / right.sum()


def plot_precision_recall(probabilities: ArrayLike, truth: ArrayLike, path: Path) -> None:
    """Draw precision against recall for each label.

    Args:
        probabilities: numbers of shape (lines, labels), 0 to 1.
        truth: integers of shape (lines,), indices in `LABELS`.
        path: the file, its suffix the format.
    """
    stated, labels = np.asarray(probabilities), np.asarray(truth)
    figure, axes = _axes()
    for index, label in enumerate(LABELS):
        precision, recall = precision_recall(stated[:, index], labels == index)
        if len(recall):
            points = np.searchsorted(recall, np.linspace(recall[0], 1, _POINTS)).clip(
                max=len(recall) - 1
            )
            axes.plot(recall[points], precision[points], label=label.value)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.01)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    _save(figure, path)


def plot_reliability(probabilities: ArrayLike, truth: ArrayLike, path: Path) -> None:
    """Draw observed against stated frequency for each label.

    Args:
        probabilities: numbers of shape (lines, labels), 0 to 1.
        truth: integers of shape (lines,), indices in `LABELS`.
        path: the file, its suffix the format.
    """
    stated, labels = np.asarray(probabilities), np.asarray(truth)
    figure, axes = _axes()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for index, label in enumerate(LABELS):
        bins = reliability(stated[:, index], labels == index)
        name = f"{label.value} (error {bins.error:.3f})"
        axes.plot(bins.stated, bins.observed, marker="o", markersize=3, label=name)
    axes.set_xlabel("probability given, 15 bins of equal mass")
    axes.set_ylabel("share of lines that have the label")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    _save(figure, path)


def plot_learning_curve(
    pages: Sequence[int], scores: Mapping[str, Sequence[float]], path: Path
) -> None:
    """Draw scores by number of training pages.

    Args:
        pages: numbers of pages, ascending.
        scores: name to one score a number of pages.
        path: the file, its suffix the format.

    Raises:
        ValueError: if a name has not one score a number of pages.
    """
    figure, axes = _axes()
    for name, values in scores.items():
        if len(values) != len(pages):
            raise ValueError(f"{name}: {len(values)} scores for {len(pages)} numbers of pages")
        axes.plot(pages, values, marker="o", markersize=3, label=name)
    axes.set_xscale("log", base=2)
    axes.set_xticks(pages, [str(number) for number in pages])
    axes.minorticks_off()
    axes.set_xlabel("training pages")
    axes.set_ylabel("score on held-out sites")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    _save(figure, path)


def load_figure() -> Any:
    """Import matplotlib.

    Returns:
        Its class of figures.

    Raises:
        ImportError: if it is missing.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('plots need matplotlib: pip install "paywallstrip[plot]"') from error
    # Equal input gives an equal file, so that a plot changes in the history only when it does.
    mpl.rcParams["svg.hashsalt"] = "paywallstrip"
    return Figure


def _axes() -> tuple[Any, Any]:
    figure = load_figure()(figsize=_SIZE, layout="constrained")
    return figure, figure.subplots()


def _save(figure: Any, path: Path) -> None:
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    figure.savefig(path, metadata=metadata, dpi=150)
