"""What models say of the pages of an evaluation, each page by one that has not seen its site."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from paywallstrip.classifier import Classifier
from paywallstrip.decisions import STRICTNESS
from paywallstrip.labels import LABELS
from paywallstrip.model_folder import WEIGHTS_FILE, default_path
from paywallstrip.page import Page
from paywallstrip.scoring import Floats, Ints
from paywallstrip.training.cases import Origin, Part
from paywallstrip.training.corpus import FOLDS
from paywallstrip.training.rivals import Bools

FOLD_NAME = "fold{}"


class Predict(Protocol):
    """A function from texts to pages that has not been trained on their sites."""

    def __call__(
        self, fold: int | None, texts: Sequence[str], *, strictness: float = STRICTNESS
    ) -> Iterable[Page]:
        """Classify texts.

        Args:
            fold: the fold their sites belong to, 0 to 4: the model must not have seen it;
                None for the final part.
            texts: the texts.
            strictness: as for `Classifier.classify`.

        Returns:
            One page a text, in order.
        """


class Prediction(NamedTuple):
    """What a model says of the lines of one text.

    Attributes:
        labels: int64 array of shape (lines,), indices in `LABELS`.
        probabilities: float64 array of shape (lines, labels).
        kept: bool array of shape (lines,).
    """

    labels: Ints
    probabilities: Floats
    kept: Bools

    @classmethod
    def of(cls, page: Page) -> Prediction:
        """Read a page off.

        Args:
            page: the page.

        Returns:
            Its lines as arrays.
        """
        lines = page.lines
        rows = [[line.probabilities[label] for label in LABELS] for line in lines]
        return cls(
            np.array([LABELS.index(line.label) for line in lines], dtype=np.int64),
            np.array(rows, dtype=np.float64).reshape(len(lines), len(LABELS)),
            np.array([line.kept for line in lines], dtype=bool),
        )


def predict_lines(
    predict: Predict,
    origins: Sequence[Origin],
    pages: Sequence[Sequence[str]],
    strictness: float = STRICTNESS,
) -> list[Prediction]:
    """Let each page be classified by the model of its fold.

    Args:
        predict: the models.
        origins: where each page comes from.
        pages: the lines of each.
        strictness: as for `Classifier.classify`.

    Returns:
        One prediction a page, in order.

    Raises:
        ValueError: if the model finds other lines than were given.
    """
    by_fold: dict[int | None, list[int]] = defaultdict(list)
    for index, origin in enumerate(origins):
        by_fold[origin.fold].append(index)
    found: dict[int, Prediction] = {}
    for fold, indices in by_fold.items():
        texts = ["\n".join(pages[index]) for index in indices]
        results = predict(fold, texts, strictness=strictness)
        for index, page in zip(indices, results, strict=True):
            found[index] = Prediction.of(page)
            if len(page.lines) != len(pages[index]):
                raise ValueError(
                    f"page {origins[index].id}: {len(pages[index])} lines went in, "
                    f"{len(page.lines)} came out"
                )
    return [found[index] for index in range(len(pages))]


def load_predict(model: Path | None, part: Part) -> Predict:
    """Make the predicting function from model folders.

    Args:
        model: for the final part a model folder, None for the shipped one; for the folds a
            folder that holds the model folders ``fold0`` to ``fold4``, each trained on all
            folds of the training part but its own.
        part: the pages to judge.

    Returns:
        The function.

    Raises:
        ValueError: if the folds are to be judged without their models: the shipped model has
            seen those pages.
        ModelError: if a folder is missing, damaged or of a model for HTML.
    """
    classifiers = {
        fold: Classifier.load(folder) for fold, folder in model_folders(model, part).items()
    }
    for classifier in classifiers.values():
        _ = classifier.model  # refuses a model for HTML before anything is read

    def predict(
        fold: int | None, texts: Sequence[str], *, strictness: float = STRICTNESS
    ) -> Iterator[Page]:
        return classifiers[fold].classify_many(texts, strictness=strictness)

    return predict


def model_folders(model: Path | None, part: Part) -> dict[int | None, Path]:
    """Find the model folder for each fold; arguments and errors as for `load_predict`.

    Returns:
        Fold to folder; None for the final part.
    """
    if part == "final":
        return {None: default_path() if model is None else model}
    if model is None:
        raise ValueError("the folds need a model each: give the folder that holds fold0 to fold4")
    return {fold: model / FOLD_NAME.format(fold) for fold in range(FOLDS)}


def describe_models(model: Path | None, part: Part) -> dict[str, str]:
    """Name the models and their weights; arguments and errors as for `load_predict`.

    Returns:
        Folder name to the SHA-256 of the weights.
    """
    folders = model_folders(model, part).values()
    return {
        folder.name: hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
        for folder in folders
    }
