"""The verbs: texts to bodies and pages, one at a time or as a stream."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from paywallstrip.errors import TextError
from paywallstrip.labels import LABELS, Label
from paywallstrip.lines import Ints
from paywallstrip.model import Model, default_folder, load_model, page_kinds
from paywallstrip.page import Line, Page, assemble
from paywallstrip.stages import UNIT, first_scores, probabilities, second_scores

if TYPE_CHECKING:
    from pathlib import Path

    from paywallstrip.explanation import Explanation

DROP = (Label.PAYWALL, Label.NAVIGATION, Label.RELATED_LINKS)
STRICTNESS = 0.5
REACH = 6.0
"""How many logits a strictness of 0 or 1 moves the border between kept and dropped."""

Result = TypeVar("Result")


class Decision(NamedTuple):
    """What was decided of the lines of one text.

    Attributes:
        text: the input.
        starts: int64 array of shape (lines,), offsets in `text`.
        ends: int64 array of shape (lines,).
        best: int64 array of shape (lines,), index of the label in `LABELS`.
        scores: int64 array of shape (lines, labels).
        kept: bool array of shape (lines,).
    """

    text: str
    starts: Ints
    ends: Ints
    best: Ints
    scores: Ints
    kept: NDArray[np.bool_]


class Classifier:
    """A model with its verbs; `Classifier.load()` gives the shipped one.

    An instance holds no state but the model: it may be shared between threads, and
    pickles with all its weights.

    >>> classifier = Classifier.load()
    >>> classifier.clean("Share on Facebook")
    ''
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @classmethod
    def load(cls, path: "str | Path | None" = None) -> Self:
        """Load a model folder.

        Args:
            path: the folder; None for the model that comes with the package.

        Returns:
            A classifier.

        Raises:
            ModelError: if the folder is missing, damaged, or of another format or schema.
        """
        return cls(load_model(default_folder() if path is None else path))

    def clean(
        self,
        text: str,
        *,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> str:
        """Return only the body of a page's text.

        Args:
            text: the page as text, one block a line: an extractor's output or a full dump.
            drop: the labels whose lines are not part of the body.
            strictness: 0 (keep when in doubt) to 1 (drop when in doubt).

        Returns:
            The kept lines, whole and in order.

        Raises:
            TypeError: if `text` is not a str.
            ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
        """
        options = Options.check(drop, strictness)
        return _body(self.decide([_checked(text)], options)[0])

    def classify(
        self,
        text: str,
        *,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Page:
        """Label every line of a page's text; arguments and errors as for `clean`.

        Returns:
            The page's lines with labels and probabilities, and its body.
        """
        options = Options.check(drop, strictness)
        return _page(self.decide([_checked(text)], options)[0])

    def clean_many(
        self,
        texts: Iterable[str],
        *,
        n_jobs: int = 1,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Iterator[str]:
        """Yield the body of each text, lazily and in order.

        Args:
            texts: any iterable of str; it is read a little ahead.
            n_jobs: processes to use; -1 for one a processor.
            drop: as for `clean`.
            strictness: as for `clean`.

        Returns:
            An iterator over the bodies.

        Raises:
            TextError: (a TypeError) if an element is not a str, once it is reached; the
                message names its index, and the iteration ends there.
            ValueError: as for `clean`, at once.
        """
        return self._stream(texts, Options.check(drop, strictness), n_jobs, _body)

    def classify_many(
        self,
        texts: Iterable[str],
        *,
        n_jobs: int = 1,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Iterator[Page]:
        """Yield the `Page` of each text; arguments and errors as for `clean_many`."""
        return self._stream(texts, Options.check(drop, strictness), n_jobs, _page)

    def explain(self, text: str, line: int) -> "Explanation":
        """Say which features of a line spoke for and against each label, and how much.

        Args:
            text: the page as text.
            line: which line, an index into `Page.lines`, from 0.

        Returns:
            The line, labelled as by `classify`, and all contributions to its scores.

        Raises:
            TypeError: if `text` is not a str or `line` not a whole number.
            IndexError: if the text has no such line; the message says how many it has.

        >>> explanation = Classifier.load().explain("Share on Facebook", 0)
        >>> print(explanation)
        'Share on Facebook' is navigation (...%)
        ...
        >>> scores = explanation.scores
        >>> max(scores, key=scores.__getitem__).value
        'navigation'
        """
        from paywallstrip.explanation import check_number, explain

        lines = self.classify(text).lines
        number = check_number(line, len(lines))
        return explain(self.model, text, lines[number], number)

    def _stream(
        self,
        texts: Iterable[str],
        options: "Options",
        n_jobs: int,
        finish: Callable[[Decision], Result],
    ) -> Iterator[Result]:
        from paywallstrip.pool import stream

        if isinstance(texts, (str, bytes)):
            raise TypeError(
                f"texts must be an iterable of str, got a single {type(texts).__name__}; "
                "pass a list, or use the verb for one text"
            )
        if not isinstance(texts, Iterable):
            raise TypeError(
                f"texts must be an iterable of str, got {type(texts).__name__}; pass a list"
            )
        return stream(self, texts, options, n_jobs, finish)

    def decide(self, texts: Sequence[str], options: "Options") -> list[Decision]:
        """Decide a batch of texts at once; every verb goes through here."""
        reading = self.model.extractor.read(texts)
        first = first_scores(reading, self.model.first)
        scores = second_scores(reading, first, self.model.second)
        kinds = page_kinds(reading.prose_share)
        shifted = scores + self.model.offsets.take(kinds, axis=0)
        best = shifted.argmax(axis=1)
        kept = options.kept(shifted)
        lines = reading.lines
        decisions = []
        for i, text in enumerate(texts):
            part = slice(int(lines.bounds[i]), int(lines.bounds[i + 1]))
            origin = lines.origins[i]
            decisions.append(
                Decision(
                    text,
                    lines.starts[part] - origin,
                    lines.ends[part] - origin,
                    best[part],
                    scores[part],
                    kept[part],
                )
            )
        return decisions


class Options(NamedTuple):
    """The checked options of a verb.

    Attributes:
        dropped: bool array of shape (labels,).
        shift: added to the scores of the labels that stay, in units of `stages.UNIT`.
    """

    dropped: NDArray[np.bool_]
    shift: int

    @classmethod
    def check(cls, drop: Collection[str], strictness: float) -> Self:
        """Check `drop` and `strictness` at the door."""
        if isinstance(drop, str):
            raise TypeError(
                f"drop must be a sequence of labels, got the str {drop!r}; use ({drop!r},)"
            )
        if not isinstance(drop, Iterable):
            raise TypeError(
                f"drop must be a sequence of labels, got {type(drop).__name__}; "
                "use () to drop nothing"
            )
        names = tuple(drop)
        unknown = [name for name in names if name not in LABELS]
        if unknown:
            raise ValueError(f"drop names {unknown[0]!r}; the labels are {', '.join(LABELS)}")
        if isinstance(strictness, bool) or not isinstance(strictness, (int, float)):
            raise TypeError(f"strictness must be a number from 0 to 1, got {strictness!r}")
        if not 0 <= strictness <= 1:
            raise ValueError(f"strictness must lie from 0 to 1, got {strictness!r}")
        dropped = np.array([label in names for label in LABELS])
        return cls(dropped, round((STRICTNESS - strictness) * 2 * REACH * UNIT))

    def kept(self, scores: Ints) -> NDArray[np.bool_]:
        """Return which lines stay, from scores with the model's offsets in them."""
        if not self.dropped.any():
            return np.ones(len(scores), dtype=bool)
        if self.dropped.all():
            return np.zeros(len(scores), dtype=bool)
        stay = scores[:, ~self.dropped].max(axis=1)
        go = scores[:, self.dropped].max(axis=1)
        # Ties go to the label that comes first in the order of labels, as in argmax.
        best = self.dropped[scores.argmax(axis=1)]
        kept: NDArray[np.bool_] = np.where(stay + self.shift == go, ~best, stay + self.shift > go)
        return kept


def _checked(text: Any) -> str:
    if isinstance(text, str):
        return text
    hint = {
        "bytes": "; decode it first: text.decode('utf-8')",
        "NoneType": "; pass '' for a page without text",
        "list": "; use clean_many or classify_many for several texts",
    }.get(type(text).__name__, "")
    raise TypeError(f"text must be a str, got {type(text).__name__}{hint}")


def check_indexed(text: Any, index: int) -> str:
    """Check one text of a stream; the error names its index."""
    try:
        return _checked(text)
    except TypeError as error:
        raise TextError(f"text {index}: {error}") from None


def _body(decision: Decision) -> str:
    return assemble(decision.text, decision.starts, decision.ends, decision.kept)


def _page(decision: Decision) -> Page:
    chances = probabilities(decision.scores).tolist()
    text = decision.text
    lines = tuple(
        Line(
            text[start:end],
            start,
            end,
            LABELS[best],
            MappingProxyType(dict(zip(LABELS, chance, strict=True))),
            kept,
        )
        for start, end, best, chance, kept in zip(
            decision.starts.tolist(),
            decision.ends.tolist(),
            decision.best.tolist(),
            chances,
            decision.kept.tolist(),
            strict=True,
        )
    )
    return Page(lines, _body(decision))
