"""A model's figures as its folder keeps them: few, and in plain types."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip.labels import CONTENT, LABELS
from paywallstrip.model_folder import JSON_FILE
from paywallstrip.scoring import (
    Ints,
    confusion_matrix,
    kept_counts,
    kept_scores,
    label_scores,
)
from paywallstrip.training.card import write_card
from paywallstrip.training.cases import LabelledCase
from paywallstrip.training.figures import AVERAGED
from paywallstrip.training.files import write_whole
from paywallstrip.training.predictions import Predict, Prediction, predict_lines
from paywallstrip.training.rivals import OPEN, Bools

HTML_SET = "HTML"
"""What figures on the lines of HTML pages are kept under."""


def summarise(truth: Ints, found: Ints, kept: Bools, sizes: Ints) -> dict[str, Any]:
    """Measure lines: per label, and content by characters.

    Args:
        truth: int64 array of shape (lines,), indices in `LABELS`; lines whose label is open
            are left out by the caller.
        found: int64 array of shape (lines,), the labels given.
        kept: bool array of shape (lines,).
        sizes: int64 array of shape (lines,), characters.

    Returns:
        Plain types, ready for JSON; a score that is not defined is None.
    """
    scores = label_scores(confusion_matrix(truth, found))
    content = kept_scores(kept_counts(truth == CONTENT, kept, sizes))
    return {
        "lines": len(truth),
        "macro_f1": _plain(scores.macro_f1),
        "labels": {
            label.value: {
                "precision": _plain(scores.precision[i]),
                "recall": _plain(scores.recall[i]),
                "f1": _plain(scores.f1[i]),
                "support": int(scores.support[i]),
            }
            for i, label in enumerate(LABELS)
        },
        "content_characters": {
            "recall": _plain(content.recall),
            "precision": _plain(content.precision),
        },
    }


def _plain(score: Any) -> float | None:
    value = float(score)
    # Not rounded: the card does that, and twice might come out elsewhere.
    return None if math.isnan(value) else value


def summarise_cases(cases: Sequence[LabelledCase], predict: Predict) -> dict[str, Any]:
    """Measure models on labelled pages and on what extractors left of them.

    Args:
        cases: the labelled pages with their views, at least one.
        predict: the models, none of which has seen the sites it is asked about.

    Returns:
        What `summarise` gives, for "dumps" and, where there are any, for "leftovers".
    """
    origins = [case.origin for case in cases]
    found = predict_lines(predict, origins, [case.lines for case in cases])
    figures = {"dumps": _summary([(c.truth, c.sizes) for c in cases], found)}
    left: list[tuple[Ints, Ints]] = []
    answers: list[Prediction] = []
    for name in AVERAGED:
        views = [case.views[name] for case in cases]
        answers += predict_lines(predict, origins, [view.lines for view in views])
        left += [(view.truth, view.sizes) for view in views]
    if sum((truth != OPEN).sum() for truth, _ in left):
        figures["leftovers"] = _summary(left, answers)
    return figures


def _summary(
    pages: Sequence[tuple[Ints, Ints]], predictions: Sequence[Prediction]
) -> dict[str, Any]:
    truth = np.concatenate([labels for labels, _ in pages])
    known = truth != OPEN
    return summarise(
        truth[known],
        np.concatenate([one.labels for one in predictions])[known],
        np.concatenate([one.kept for one in predictions])[known],
        np.concatenate([sizes for _, sizes in pages])[known],
    )


def record_final(folder: Path, figures: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Write the figures on the final part into a model folder, and its card anew.

    Args:
        folder: the model folder.
        figures: what `summarise_cases` gives.
        run: when and on which corpora they were measured.
    """
    path = folder / JSON_FILE
    info = json.loads(path.read_text(encoding="utf-8"))
    info |= {"final": dict(figures), "final_run": dict(run)}
    text = json.dumps(info, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_whole(path, text)
    write_card(folder)
