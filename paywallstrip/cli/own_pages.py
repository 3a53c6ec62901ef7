"""What `train` and `evaluate` do with files of labelled pages of one's own."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from paywallstrip.cli.entry import PROGRAM
from paywallstrip.cli.streams import tell


def train_files(
    files: Sequence[Path],
    out: Path,
    *,
    adapted: bool,
    base: Path | None,
    cross_validate: bool,
    jobs: int,
    note: Callable[[str], None],
) -> None:
    """Train or adapt a model on files of labelled pages and write its folder.

    Args:
        files: as `datafile.read_pages` takes them.
        out: the model folder.
        adapted: whether a model is adapted rather than trained from scratch.
        base: the model folder to adapt; None for the shipped model.
        cross_validate: whether figures over folds of sites go into the model card.
        jobs: processes that fit from scratch.
        note: is told each step.
    """
    from paywallstrip.classifier import Classifier
    from paywallstrip.training.api import adapt, train
    from paywallstrip.training.datafile import read_pages
    from paywallstrip.training.own_pages import from_record

    note("reading the labelled pages")
    pages = [from_record(record) for record in read_pages(*files)]
    with _warnings_as_lines():
        if adapted:
            loaded = Classifier.load(base)
            adapt(pages, base=loaded, out=out, cross_validate=cross_validate, progress=note)
        else:
            train(pages, out=out, cross_validate=cross_validate, jobs=jobs, progress=note)
    note(f"wrote {out}")


def evaluate_files(files: Sequence[Path], model: Path | None) -> str:
    """Judge a model on files of labelled pages.

    Args:
        files: as `datafile.read_pages` takes them.
        model: the model folder; None for the shipped one.

    Returns:
        A table of scores, one row a label, in Markdown.
    """
    from paywallstrip.classifier import Classifier
    from paywallstrip.labels import LABELS
    from paywallstrip.training.api import evaluate
    from paywallstrip.training.datafile import read_pages
    from paywallstrip.training.own_pages import from_record

    classifier = Classifier.load(model)
    scores = evaluate(classifier, map(from_record, read_pages(*files)))
    rows = ["| label | precision | recall | F1 | lines |", "|---|---|---|---|---|"]
    for i, label in enumerate(LABELS):
        cells = (f"{column[i]:.3f}" for column in (scores.precision, scores.recall, scores.f1))
        rows.append(
            f"| {label} | {' | '.join(cells)} | {scores.support[i]:.0f} |".replace("nan", "–")
        )
    return "\n".join([*rows, "", f"Macro-F1 {scores.macro_f1:.3f}.", ""])


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Print doubts about the data at once, one line each, without a place in the code."""
    from paywallstrip.training.own_checks import DataWarning

    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message, category, *rest, **more):  # type: ignore[no-untyped-def]
            if issubclass(category, DataWarning):
                tell(f"{PROGRAM}: warning: {message}")
            else:
                usual(message, category, *rest, **more)

        warnings.simplefilter("always", DataWarning)
        warnings.showwarning = show
        yield
