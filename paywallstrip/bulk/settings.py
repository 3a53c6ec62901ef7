"""What the user chose, checked; and the columns that follow from it."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar

from paywallstrip.bulk.returnable import Returnable
from paywallstrip.classifier import Classifier
from paywallstrip.decisions import DROP, STRICTNESS, Decision, Options
from paywallstrip.errors import ModelNotFoundError
from paywallstrip.model_folder import (
    DEFAULT_HTML_NAME,
    SHIPPED,
    default_folder,
    default_path,
    model_kind,
    weights_digest,
)
from paywallstrip.outcome import Outcome

Row = TypeVar("Row")


class Found(NamedTuple):
    """What was found of one record.

    Attributes:
        text: its text; of an HTML page the text of its lines.
        outcome: its body, and its lines as arrays.
    """

    text: str
    outcome: Outcome

    @classmethod
    def of(cls, decision: Decision) -> "Found":
        """Report the decision on a record."""
        return cls(decision.text, Outcome.of(decision))

    @property
    def removed(self) -> list[str]:
        """The removed lines, in order."""
        gone = ~self.outcome.kept
        starts, ends = self.outcome.starts[gone].tolist(), self.outcome.ends[gone].tolist()
        return [self.text[start:end] for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True)
class Settings:
    """How records are cleaned and what is written of them; pickles small.

    Attributes:
        column: the column or field with the text.
        prefix: stands before the names of the columns added.
        label_only: write every line's place and label instead of the body.
        keep_removed: write the removed lines, too.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder; None for the shipped ones.
    """

    column: str = "text"
    prefix: str = ""
    label_only: bool = False
    keep_removed: bool = False
    drop: tuple[str, ...] = DROP
    strictness: float = STRICTNESS
    model: str | None = None

    @property
    def added(self) -> list[str]:
        """The names of the columns added, in order."""
        names = ["spans" if self.label_only else "body", "kept_share"]
        if self.keep_removed:
            names.append("removed")
        return [self.prefix + name for name in names]

    def values(self, found: Found | None) -> list[Any]:
        """Return what the columns added hold for one record, as plain types.

        Args:
            found: what was found; None for a record without text.

        Returns:
            A value a column; all None for a record without text.
        """
        if found is None:
            return [None] * len(self.added)
        outcome = found.outcome
        row: list[Any] = [outcome.spans() if self.label_only else outcome.body, outcome.kept_share]
        if self.keep_removed:
            row.append(found.removed)
        return row

    def beside(
        self, rows: Iterable[tuple[Row, str | None]]
    ) -> Iterator[tuple[Row, Found | MemoryError | None]]:
        """Yield what is found of each row's text, beside the row.

        Args:
            rows: pairs of anything and a text; None for a row without one. They are read
                a batch ahead, no further: what was just made of a row is still in the
                processor's cache when it is labelled.

        Returns:
            An iterator over the rows, in order, with what was found; None without a text, an
            error for one too large for the memory.
        """
        waiting: deque[tuple[Row, bool]] = deque()

        def texts() -> Iterator[str]:
            for row, text in rows:
                waiting.append((row, text is None))
                if text is not None:
                    yield text

        for found in self.texts(texts()):
            while waiting[0][1]:
                yield waiting.popleft()[0], None
            yield waiting.popleft()[0], found
        for row, _ in waiting:
            yield row, None

    def texts(self, texts: Iterable[str]) -> Iterator[Found | MemoryError]:
        """Yield what is found of each text, in order; the model is asked for with the first.

        In place of what is found of a text too large for the memory stands an error.
        """
        options = Options.check(self.drop, self.strictness)
        given = Returnable(texts)
        while True:
            try:
                for found in _classifier(self.model).stream(given, options, 1, Found.of):
                    given.taken()
                    yield found
                return
            except MemoryError:
                # What comes before the text that fails was found: it is the first one left.
                if given.failed or not given.taken():
                    raise
            given.give_back()
            # A new one: what the caught one holds of the text would be missing for the others.
            yield MemoryError()

    def pages(self, pages: Sequence[str | bytes]) -> list[Found | Exception]:
        """Return what is found of each HTML page, an error in place of one that cannot be read."""
        if not pages:
            return []
        options = Options.check(self.drop, self.strictness)
        model = self.model or str(default_path(DEFAULT_HTML_NAME))
        try:
            return list(_classifier(model).stream_html(pages, options, 1, Found.of))
        except (ValueError, RecursionError, MemoryError) as error:
            if len(pages) == 1:
                # What its frames hold of the page would be missing for the others.
                return [error.with_traceback(None)]
        # One of them; it must not take the others with it.
        return [found for page in pages for found in self.pages([page])]

    def loaded_kind(self) -> str | None:
        """Load the model folder given, and return its kind; None for the shipped models.

        Raises:
            ModelError: as for `Classifier.load`.
        """
        if self.model is None:
            return None
        _classifier(self.model)
        return model_kind(self.model)

    def weights(self) -> dict[str, str]:
        """Return the checksums of the models' weights, by kind, as their folders have them."""
        folders = {} if self.model is None else {model_kind(self.model): self.model}
        for kind, name in SHIPPED.items() if self.model is None else ():
            # A checkout may have none for HTML.
            with suppress(ModelNotFoundError):
                folders[kind] = default_folder(name)
        digests = {kind: weights_digest(folder) for kind, folder in folders.items()}
        return {kind: digest for kind, digest in digests.items() if digest is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, to tell whether two runs fit together."""
        return {**asdict(self), "drop": [str(label) for label in self.drop]}


@cache
def _classifier(model: str | None) -> Classifier:
    """Return this process's classifier for a model folder, loaded on the first call."""
    return Classifier.load(model)
