"""What every adapter holds: settings alone, and the model once in each process.

A framework pickles its steps and sends them to workers. So a step never holds a
classifier: it asks for one where the work is done, and gets the one its process has.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from paywallstrip.classifier import Classifier
from paywallstrip.decisions import DROP, STRICTNESS, Options
from paywallstrip.model_folder import JSON_FILE
from paywallstrip.outcome import Outcome
from paywallstrip.page import Page

Found = TypeVar("Found")
_Stamp = tuple[int, ...]

_loaded: dict[str | None, tuple[_Stamp | None, Classifier]] = {}


def classifier(model: str | None) -> Classifier:
    """Return this process's classifier for a model folder, loaded on the first call.

    Args:
        model: the folder; None for the model that comes with the package.

    Returns:
        The same classifier on every call, until another model is written into the folder.

    Raises:
        ModelError: if the folder is missing, damaged, or of another format or schema.

    >>> classifier(None) is classifier(None)
    True
    """
    stamp = _stamp(model)
    held = _loaded.get(model)
    # Without a stamp a model is being written: what was loaded goes on until it is there.
    if held is None or (stamp is not None and stamp != held[0]):
        held = _loaded[model] = stamp, Classifier.load(model)
    return held[1]


def _stamp(model: str | None) -> _Stamp | None:
    """Return what tells one model in a folder from the next; None where there is no folder."""
    if model is None:
        return None
    try:
        found = os.stat(os.path.join(model, JSON_FILE))
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _model_path(model: Any) -> str | None:
    """Return a model's path as a str; the `TypeError` says what to give."""
    path = os.fspath(model) if isinstance(model, os.PathLike) else model
    if path is None or isinstance(path, str):
        return path
    raise TypeError(
        f"model must be a str or a Path, got {type(model).__name__}; "
        "give the path of a model folder, or None for the shipped model"
    )


@dataclass(frozen=True)
class Settings:
    """Checked settings of a step, with the verbs that need them.

    Attributes:
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that every worker can read; None for the shipped model.

    Raises:
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
        TypeError: if a setting is of the wrong type.

    >>> Settings(strictness=0.8).clean("Log in")
    ''
    """

    drop: Collection[str] = DROP
    strictness: float = STRICTNESS
    model: str | None = None

    def __post_init__(self) -> None:
        # An iterator can be read only once, and is to be checked as well as kept.
        drop = tuple(self.drop) if isinstance(self.drop, Iterator) else self.drop
        Options.check(drop, self.strictness)
        # Plain types: they pickle small, and read well in a framework's logs.
        object.__setattr__(self, "drop", tuple(str(label) for label in drop))
        object.__setattr__(self, "model", _model_path(self.model))

    def load(self) -> None:
        """Load the model, for steps whose framework passes over what fails later.

        Raises:
            ModelError: if the folder is missing, damaged, of another format or schema, or
                holds a model for HTML.
        """
        _ = classifier(self.model).model

    def clean(self, text: str) -> str:
        """Return the body of a text."""
        return classifier(self.model).clean(text, **self._options)

    def classify(self, text: str) -> Page:
        """Return the labelled page of a text."""
        return classifier(self.model).classify(text, **self._options)

    def clean_many(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the body of each text, in order."""
        return classifier(self.model).clean_many(texts, **self._options)

    def outcomes(self, texts: Iterable[str]) -> Iterator[Outcome]:
        """Yield what was found of each text, in order."""
        options = Options.check(self.drop, self.strictness)
        return classifier(self.model).stream(texts, options, 1, Outcome.of)

    @property
    def _options(self) -> dict[str, Any]:
        return {"drop": self.drop, "strictness": self.strictness}


def beside_missing(
    texts: Sequence[str | None], verb: Callable[[Iterable[str]], Iterator[Found]]
) -> list[Found | None]:
    """Return what a verb finds of each text; None stays None, for a text that is missing."""
    # Something stands for a missing text, or errors would name the index of another one.
    found = verb("" if text is None else text for text in texts)
    pairs = zip(texts, found, strict=True)
    return [None if text is None else each for text, each in pairs]


def missing(error: ModuleNotFoundError, install: str) -> ImportError:
    """Return the error to raise where an adapter's framework cannot be imported.

    Args:
        error: what importing it raised.
        install: what to install, as pip takes it.

    Returns:
        An error whose message says which module was not found, and the pip line.

    >>> print(missing(ModuleNotFoundError("No module named 'ray'"), '"ray[data]"'))
    No module named 'ray'; this adapter needs: pip install "ray[data]"
    """
    return ImportError(f"{error}; this adapter needs: pip install {install}", name=error.name)
