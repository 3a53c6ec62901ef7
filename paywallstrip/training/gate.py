"""The gate: the shipped model's scores on the final part against recorded floors.

``python -m paywallstrip.training.gate --corpus DIR`` compares; with ``--update`` it raises the
floors to what was measured less a margin. A floor is lowered with ``--allow-lower`` only.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip.classifier import Classifier
from paywallstrip.errors import PaywallstripError
from paywallstrip.labels import CONTENT, LABELS, Label
from paywallstrip.page import Page
from paywallstrip.scoring import (
    confusion_matrix,
    kept_counts,
    kept_scores,
    label_scores,
)
from paywallstrip.training.cases import body_case, corpus_fingerprint, origin_of
from paywallstrip.training.converters import CONVERTERS
from paywallstrip.training.corpus import ARTICLE, BodyPage, is_final, read_bodies, read_labelled
from paywallstrip.training.files import write_whole
from paywallstrip.training.predictions import Prediction, describe_models
from paywallstrip.training.rivals import label_indices
from paywallstrip.training.views import BODIES, LABELLED, fold_lines

RECORD = Path(__file__).parents[2] / "tests" / "gate.json"
"""Where a checkout keeps the floors."""
DUMP = "html-text"
SOURCES = {"wcxb-dev": "word F1, WCXB articles", "fundus": "word F1, Fundus articles"}

MARGIN = 0.005
"""How far below its measured score a floor lies: two trainings on the same pages differ so far."""
# The rarest label has some hundred lines in the final part, on few pages.
MARGINS = {f"{Label.PAYWALL} F1": 0.02}
_STEPS = 10_000  # floors have four digits


@dataclass(frozen=True)
class Measured:
    """What a model scored.

    Attributes:
        corpus: the corpora's fingerprint.
        model: the model's name.
        weights: SHA-256 of its weights.
        scores: name to score, 0 to 1.
    """

    corpus: str
    model: str
    weights: str
    scores: Mapping[str, float]


Classify = Callable[[Sequence[str]], Iterable[Page]]
Measure = Callable[[Path], Measured]


class GateError(Exception):
    """The gate is shut; `problems` says why, one reason each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


def measure_shipped(corpus: Path) -> Measured:
    """Score the shipped model on the final part.

    Args:
        corpus: folder of the two corpora.

    Returns:
        F1 a label, macro-F1, content recall and precision by characters on the labelled
        pages; word F1 from html-text dumps on the article pages of each source.

    Raises:
        ModelError: if the model is missing or damaged.
        FileNotFoundError: if a corpus is missing.
        ImportError: if html-text is missing.
    """
    classify = Classifier.load().classify_many
    ((name, weights),) = describe_models(None, "final").items()
    scores = labelled_scores(classify, corpus) | body_scores(classify, corpus)
    return Measured(corpus_fingerprint(corpus), name, weights, scores)


def labelled_scores(classify: Classify, corpus: Path) -> dict[str, float]:
    """Score a model on the labelled pages of the final part.

    Args:
        classify: the model's function from texts to pages.
        corpus: folder of the two corpora.

    Returns:
        Name to score.
    """
    pages = [page for page in read_labelled(corpus / LABELLED) if is_final(page.domain)]
    texts = ["\n".join(page.lines) for page in pages]
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
    counts = np.zeros(3)
    for page, result in zip(pages, classify(texts), strict=True):
        found, truth = Prediction.of(result), label_indices(page.labels)
        confusion += confusion_matrix(truth, found.labels)
        sizes = [len(line) for line in page.lines]
        counts += kept_counts(truth == CONTENT, found.kept, sizes)
    labels, content = label_scores(confusion), kept_scores(counts)
    return {
        **{f"{label} F1": float(score) for label, score in zip(LABELS, labels.f1, strict=True)},
        "macro-F1": float(labels.macro_f1),
        "content recall (characters)": float(content.recall),
        "content precision (characters)": float(content.precision),
    }


def body_scores(classify: Classify, corpus: Path) -> dict[str, float]:
    """Score a model on the article pages of the final part that have a true body.

    Args:
        classify: the model's function from texts to pages.
        corpus: folder of the two corpora.

    Returns:
        Name to score.
    """
    convert = CONVERTERS[DUMP]
    pages: list[BodyPage] = [
        page
        for page in read_bodies(corpus / BODIES)
        if page.page_type == ARTICLE and is_final(page.domain)
    ]
    dumps = [fold_lines(convert(page.html)) for page in pages]
    results = classify(["\n".join(lines) for lines in dumps])
    scores: dict[str, list[float]] = {name: [] for name in SOURCES.values()}
    for page, lines, result in zip(pages, dumps, results, strict=True):
        case = body_case(origin_of(page, page.page_type), page, {DUMP: lines})
        score = case.views[DUMP].score(case.counts, Prediction.of(result).kept)
        scores[SOURCES[page.source]].append(score)
    return {name: float(np.mean(values)) for name, values in scores.items()}


def find_problems(measured: Measured, record: Mapping[str, Any]) -> list[str]:
    """Compare scores with floors.

    Args:
        measured: the scores.
        record: what `make_record` gave.

    Returns:
        What is wrong, one sentence each; empty if the gate is open.
    """
    problems = []
    if record["corpus"] != measured.corpus:
        problems.append(
            f"the floors belong to the corpus {record['corpus'][:12]}, "
            f"this is {measured.corpus[:12]}"
        )
    floors = record["floors"]
    problems += [f"{name} was not measured" for name in floors if name not in measured.scores]
    for name, score in measured.scores.items():
        if name not in floors:
            problems.append(f"{name} has no floor")
        # Not "score < floor": nan must not pass.
        elif not score >= floors[name]["floor"]:
            problems.append(f"{name} is {score:.4f}, its floor {floors[name]['floor']:.4f}")
    return problems


def make_record(
    measured: Measured, before: Mapping[str, Any] | None = None, *, allow_lower: bool = False
) -> dict[str, Any]:
    """Make the record that `find_problems` reads.

    Args:
        measured: the scores.
        before: the record until now, if there is one: a score within the margin leaves its
            floor where it is, a better one raises it.
        allow_lower: forget the floors until now.

    Returns:
        Floors, margins and scores, with the fingerprints of corpora and weights.

    Raises:
        GateError: if a floor would have to be lowered or left out, and `allow_lower` is false.
    """
    old = {} if before is None or allow_lower else before["floors"]
    problems = [f"{name} was not measured" for name in old if name not in measured.scores]
    floors = {}
    for name, score in measured.scores.items():
        margin = MARGINS.get(name, MARGIN)
        floor = _down(score - margin)
        if name in old:
            if not score >= old[name]["floor"]:
                problems.append(f"{name} is {score:.4f}, its floor {old[name]['floor']:.4f}")
            floor = max(floor, float(old[name]["floor"]))
        floors[name] = {"floor": floor, "score": _down(score), "margin": margin}
    if problems:
        raise GateError(problems)
    model = {"name": measured.model, "weights": measured.weights}
    return {"corpus": measured.corpus, "model": model, "floors": floors}


def _down(score: float) -> float:
    """Rounded up, a floor could lie above the score it comes from."""
    if math.isnan(score):
        raise GateError(["a score is not defined"])
    # Rounded first: 0.85 - 0.005 is a little less than 0.845.
    return math.floor(round(score * _STEPS, 6)) / _STEPS


def run_gate(
    corpus: Path,
    record: Path = RECORD,
    *,
    measure: Measure = measure_shipped,
    update: bool = False,
    allow_lower: bool = False,
) -> str:
    """Compare with the recorded floors, or update them.

    Args:
        corpus: folder of the two corpora.
        record: the file that holds the floors.
        measure: gives the scores.
        update: write the file.
        allow_lower: let the update lower or drop floors.

    Returns:
        The scores as a table.

    Raises:
        GateError: if a floor is missed, floors and scores do not belong together, the file is
            missing or no record, or an update would lower a floor. The file stays as it is.
    """
    before = _read(record)
    if before is None and not update:
        raise GateError([f"{record} is missing: make it with --update"])
    measured = measure(corpus)
    if update:
        after = make_record(measured, before, allow_lower=allow_lower)
        text = json.dumps(after, indent=1, ensure_ascii=False) + "\n"
        write_whole(record, text)
        return _table(measured, after)
    assert before is not None
    problems = find_problems(measured, before)
    if problems:
        raise GateError(problems)
    return _table(measured, before)


def _read(record: Path) -> dict[str, Any] | None:
    if not record.exists():
        return None
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        well_formed = all("floor" in each for each in found["floors"].values())
        if not (well_formed and found["corpus"] and found["model"]["weights"]):
            raise ValueError("fields are missing")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GateError([f"{record} is no record of floors: {error}"]) from error
    return dict(found)


def _table(measured: Measured, record: Mapping[str, Any]) -> str:
    lines = [f"{measured.model}, weights {measured.weights[:12]}, corpus {measured.corpus[:12]}"]
    for name, score in measured.scores.items():
        lines.append(f"{score:.4f}  floor {record['floors'][name]['floor']:.4f}  {name}")
    if record["model"]["weights"] != measured.weights:
        lines.append("The floors were recorded for other weights: update them with --update.")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, measure: Measure = measure_shipped) -> int:
    """Run the gate from the command line.

    Args:
        arguments: the arguments; those of the process by default.
        measure: gives the scores.

    Returns:
        The exit code: 0 if the gate is open or the floors were updated, 1 if it is shut, 2 if
        the model or the corpora are missing.
    """
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.gate")
    parser.description = "Compare the shipped model's scores with the recorded floors."
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the two corpora")
    parser.add_argument("--record", type=Path, default=RECORD, help="file that holds the floors")
    parser.add_argument("--update", action="store_true", help="raise the floors and write them")
    parser.add_argument("--allow-lower", action="store_true", help="let --update lower floors")
    options = parser.parse_args(arguments)
    if options.allow_lower and not options.update:
        parser.error("--allow-lower goes with --update")
    try:
        table = run_gate(
            options.corpus,
            options.record,
            measure=measure,
            update=options.update,
            allow_lower=options.allow_lower,
        )
    except GateError as error:
        for problem in error.problems:
            print(f"gate: {problem}", file=sys.stderr)
        return 1
    except (PaywallstripError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
