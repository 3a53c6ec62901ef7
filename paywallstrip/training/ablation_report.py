"""The report on what is left out in turn, docs/evaluation/ablation, from the trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from paywallstrip.labels import LABELS

if TYPE_CHECKING:
    from paywallstrip.training.ablation import Trial


def render(trials: Sequence[Trial], folds: Sequence[int], steps: int) -> str:
    """Render the trials as Markdown.

    Args:
        trials: the first is the one that leaves nothing out.
        folds: the folds that were held out.
        steps: most steps of each fit.
    """
    whole = trials[0]
    day = datetime.now(UTC).date().isoformat()
    heads = ["left out", "macro-F1", "change", *(f"{label.value} F1" for label in LABELS)]
    heads += ["content characters, recall", "precision", "seconds a fit"]
    rule = "|---|" + "---:|" * (len(heads) - 1)

    def row(trial: Trial) -> str:
        characters = trial.figures["content_characters"]
        cells = [
            f"{trial.macro_f1:.4f}",
            f"{trial.macro_f1 - whole.macro_f1:+.4f}",
            *(f"{trial.figures['labels'][label.value]['f1']:.3f}" for label in LABELS),
            f"{characters['recall']:.4f}",
            f"{characters['precision']:.4f}",
            f"{trial.seconds:.0f}",
        ]
        return f"| {trial.name} | " + " | ".join(cells) + " |"

    def table(kinds: Sequence[str]) -> list[str]:
        rows = [row(trial) for trial in trials if trial.kind in kinds]
        return ["| " + " | ".join(heads) + " |", rule, *rows]

    curve = [
        f"| {trial.pages} | {trial.macro_f1:.4f} | "
        + " | ".join(f"{trial.figures['labels'][label.value]['f1']:.3f}" for label in LABELS)
        + " |"
        for trial in curve_of(trials)
    ]
    return "\n".join(
        [
            "# What features, data and pages give",
            "",
            "Written by `python -m paywallstrip.training.ablation`. The first stage alone, fitted",
            f"without fold {', '.join(map(str, folds))} of the sites in turn and judged on that",
            f"fold's labelled pages as they are: {whole.figures['lines']} lines. Trained on",
            f"{whole.pages} page views, {steps} steps at most, {day}. What the second stage",
            "and the last look give, and more steps, stands in [experiments.md](../../experiments.md).",
            "",
            "## Features",
            "",
            *table(("all", "features")),
            "",
            "## Data",
            "",
            *table(("all", "data")),
            "",
            "## Pages",
            "",
            "Fewer sites, each with all its views; pages are counted with their views.",
            "",
            "| pages | macro-F1 | " + " | ".join(f"{label.value} F1" for label in LABELS) + " |",
            "|---:|" + "---:|" * (1 + len(LABELS)),
            *curve,
            "",
        ]
    )


def curve_of(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials of the learning curve, that on all sites the last."""
    chosen = [t for t in trials if t.kind == "sites"] + [replace(trials[0], kind="sites")]
    return sorted(chosen, key=lambda trial: trial.pages)
