"""This library beside other extractors, on the same pages and by the same scorer.

``python -m paywallstrip.training.compare --corpus DIR --views DIR --model DIR --part folds
--out docs/evaluation`` prints the tables and writes them there as evaluation.md, and every
figure with its interval as evaluation.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from paywallstrip.errors import PaywallstripError
from paywallstrip.labels import LABELS
from paywallstrip.scoring import confusion_matrix, reliability
from paywallstrip.training.body_figures import (
    judge_alone,
    judge_bodies,
    judge_leftovers,
)
from paywallstrip.training.cases import (
    PARTS,
    BodyCase,
    LabelledCase,
    corpus_fingerprint,
    load_bodies,
    load_labelled,
)
from paywallstrip.training.converters import CONVERTERS, LEFTOVERS
from paywallstrip.training.figures import Figure
from paywallstrip.training.labelled_figures import (
    Answers,
    judge_leftover_mean,
    judge_lines,
    judge_strictness,
    judge_view,
)
from paywallstrip.training.predictions import Predict, describe_models, load_predict
from paywallstrip.training.report import describe_run, write_report

LEVELS = tuple(round(step / 10, 1) for step in range(11))
"""The values of `strictness` that are tabulated."""

Note = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """All that was measured.

    Attributes:
        figures: every figure.
        answers: the models' answers on the labelled lines, for plots.
    """

    figures: list[Figure]
    answers: Answers


def evaluate(
    labelled: Sequence[LabelledCase],
    bodies: Sequence[BodyCase],
    predict: Predict,
    *,
    levels: Sequence[float] = LEVELS,
    note: Note = lambda _: None,
) -> Evaluation:
    """Measure everything on one part of the corpora.

    Args:
        labelled: its labelled pages, at least one.
        bodies: its pages with a true body.
        predict: the models, none of which has seen the sites it is asked about.
        levels: the values of `strictness` to tabulate; none for no such table.
        note: is told what is being done.

    Returns:
        The figures and the answers.
    """
    note("labelled lines")
    figures, answers = judge_lines(labelled, predict)
    triples = {}
    for name in CONVERTERS:
        note(f"labelled pages by {name}")
        found, counts = judge_view(labelled, name, predict)
        figures += found
        if name in LEFTOVERS:
            triples[name] = counts
    figures += judge_leftover_mean(triples)
    if levels:
        note("strictness")
        figures += judge_strictness(labelled, predict, levels)
    if bodies:
        note("true bodies")
        figures += judge_bodies(bodies, predict)
        note("leftovers against true bodies")
        figures += judge_leftovers(bodies, predict)
        figures += judge_alone(bodies, predict)
    return Evaluation(figures, answers)


def curves(answers: Answers) -> dict[str, object]:
    """Sum the answers up for evaluation.json.

    Args:
        answers: the models' answers on the labelled lines.

    Returns:
        The confusion matrix, true labels in rows, and each label's reliability.
    """
    bins = {}
    for index, label in enumerate(LABELS):
        found = reliability(answers.probabilities[:, index], answers.truth == index)
        bins[label.value] = {
            "stated": found.stated.round(5).tolist(),
            "observed": found.observed.round(5).tolist(),
            "lines": found.counts.tolist(),
        }
    matrix = confusion_matrix(answers.truth, answers.predicted)
    labels = [label.value for label in LABELS]
    return {"labels": labels, "confusion": matrix.tolist(), "reliability": bins}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.compare")
    parser.description = "Compare this library with other extractors on held-out sites."
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the two corpora")
    parser.add_argument("--views", type=Path, required=True, help="folder of the views")
    parser.add_argument(
        "--model",
        type=Path,
        help="a model folder (default: the shipped one); "
        "with --part folds a folder that holds the model folders fold0 to fold4",
    )
    parser.add_argument("--part", choices=PARTS, required=True, help="which sites to judge on")
    parser.add_argument("--out", type=Path, required=True, help="folder the report goes to")
    parser.add_argument("--plots", action="store_true", help="draw plots, too")
    parser.add_argument(
        "--no-strictness",
        action="store_true",
        help="leave the strictness table out, which takes most of the time",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code: 0, or 2 if models, corpora or views are missing.
    """
    options = _parser().parse_args(arguments)
    start = time.monotonic()

    def note(what: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {what}", file=sys.stderr, flush=True)

    try:
        predict = load_predict(options.model, options.part)
        note("reading labelled pages")
        labelled = load_labelled(options.corpus, options.views, options.part)
        note("reading true bodies")
        bodies = load_bodies(options.corpus, options.views, options.part)
    except (PaywallstripError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    levels = () if options.no_strictness else LEVELS
    result = evaluate(labelled, bodies, predict, levels=levels, note=note)
    run = describe_run(
        options.part,
        describe_models(options.model, options.part),
        corpus_fingerprint(options.corpus),
        options.views,
        {"labelled pages": len(labelled), "true bodies": len(bodies)},
    )
    print(write_report(options.out, run, result.figures, curves(result.answers)))
    if options.plots:
        from paywallstrip.training.plots import draw_answers

        draw_answers(result.answers, options.out)
    note("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
