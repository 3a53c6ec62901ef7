"""Pages on their way to labels: what the model guesses, what a reader says, in what order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.notebook.labels_file import LabelsFile
from paywallstrip.page import Line
from paywallstrip.training.datafile import LabelledSpan, PageRecord, make_page
from paywallstrip.training.labelling_rules import rules_version

LETTERS = {label.value: label.value[0] for label in LABELS}
"""Each label's letter: its key, its mark, and what stands for it between here and the browser."""
NAMES = {letter: name for name, letter in LETTERS.items()}
OPEN = "."
"""The letter of a line that nobody has labelled."""


Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Guess:
    """What a model says of a page.

    Attributes:
        letters: one a line.
        confidences: the probability of each line's label, 0 to 1.
    """

    letters: str
    confidences: tuple[float, ...]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Self:
        """Take the guess from classified lines."""
        pairs = [(LETTERS[line.label.value], line.confidence) for line in lines]
        return cls("".join(letter for letter, _ in pairs), tuple(sure for _, sure in pairs))

    @property
    def doubt(self) -> float:
        """How far the model is from being certain, 0 to 1, as a mean over the lines."""
        if not self.confidences:
            return 0.0
        return 1 - sum(self.confidences) / len(self.confidences)


class Labelling:
    """Pages to label, the most doubtful first, and the file that their labels go to.

    A label is one that a reader gave; a guess of the model is never written to the file.
    A page is done once each of its lines has a label.
    """

    def __init__(
        self,
        pages: Iterable[PageRecord] | Mapping[str, str],
        path: str | Path,
        *,
        by: str = "reader",
        classifier: Classifier | None = None,
    ) -> None:
        """Take the pages in, with what the file has of them already.

        Args:
            pages: the pages; or id to text. Labels that they bring along are taken over.
            path: the file for the labels, `.jsonl`; made with the first label.
            by: who labels; written beside each label.
            classifier: the model that fills labels in; None for the shipped one.

        Raises:
            DataError: there is no page with a line, an id occurs twice, or the file has a
                page of the same id with other text.
            FileNotFoundError: the file's folder is missing.
            TypeError: pages, `by` or the classifier are of another type.
        """
        self.by = _checked(by, "by", str)
        self.file = LabelsFile(path)
        self._pages: dict[str, PageRecord] = {}
        # What the reader has before him of each page: it tells what he changes from what others
        # have written to the file since.
        self._seen: dict[str, str] = {}
        for page in _records(pages):
            if page.id in self._pages:
                raise DataError(f"two pages have the id {page.id!r}; give each its own")
            if page.lines:
                self._pages[page.id] = self._resumed(page)
                self._seen[page.id] = self.letters(page.id)
        if not self._pages:
            raise DataError("there is no page with a line to label")
        self.use(Classifier.load() if classifier is None else classifier)

    def use(self, classifier: Classifier) -> None:
        """Fill labels in by another model, and put the pages in order by its doubts.

        Raises:
            TypeError: it is no `Classifier`.
        """
        _checked(classifier, "classifier", Classifier)
        results = classifier.classify_many(page.text for page in self._pages.values())
        guesses = [Guess.of(result.lines) for result in results]
        self._guesses = dict(zip(self._pages, guesses, strict=True))
        # Sorted stably: pages in equal doubt stay in the order they came in.
        self.order = sorted(self._pages, key=lambda page: -self._guesses[page].doubt)

    def record(self, page: str) -> PageRecord:
        """Return a page with its labels.

        Raises:
            KeyError: there is no such page.
        """
        return self._pages[page]

    def guess(self, page: str) -> Guess:
        """Return what the model says of a page."""
        return self._guesses[page]

    def letters(self, page: str) -> str:
        """Return the letters of a page's labels, `OPEN` where there is none."""
        return "".join(LETTERS[x.label] if x.label else OPEN for x in self._pages[page].lines)

    def seen(self, page: str) -> str:
        """Return the letters of a page as they were last handed out or set."""
        return self._seen[page]

    def hand_out(self, page: str) -> str:
        """Return the letters of a page for a reader to go on from."""
        self._seen[page] = self.letters(page)
        return self._seen[page]

    def is_done(self, page: str) -> bool:
        """Return whether each line of a page has a label."""
        return all(line.label for line in self._pages[page].lines)

    def done(self) -> tuple[PageRecord, ...]:
        """Return the pages that are done, in their order."""
        return tuple(self._pages[page] for page in self.order if self.is_done(page))

    def next(self, after: str | None = None) -> str | None:
        """Return the first page that is not done; with `after` the next one behind it."""
        begin = self.order.index(after) + 1 if after in self.order else 0
        turned = self.order[begin:] + self.order[:begin]
        return next((page for page in turned if not self.is_done(page)), None)

    def label(self, page: str, letters: str) -> None:
        """Set the labels of a page, and write them to the file.

        A line whose letter is as it was handed out, or as it was set before, keeps what the
        file has of it: somebody else may have labelled it since.

        Args:
            page: its id.
            letters: one a line, `OPEN` for a line without a label.

        Raises:
            DataError: there is no such page, the letters do not fit its lines, or the file has
                the page with other text by now.
            OSError: the file cannot be written; the labels are then as they were.
        """
        if page not in self._pages:
            raise DataError(f"there is no page {page!r} here")
        record = self._pages[page]
        unknown = set(letters) - {OPEN, *NAMES}
        if len(letters) != len(record.lines) or unknown:
            raise DataError(
                f"page {page!r} has {len(record.lines)} lines, each one of "
                f"{''.join(NAMES)}{OPEN}; got {len(letters)} letters, {''.join(sorted(set(letters)))!r}"
            )
        if letters == self._seen[page]:
            return
        self.file.refresh()
        record = self._resumed(record)
        lines = tuple(
            line if letter == before else self._span(line, NAMES.get(letter))
            for line, letter, before in zip(record.lines, letters, self._seen[page], strict=True)
        )
        if lines != record.lines:
            record = replace(record, lines=lines, rules=rules_version())
            self.file.put(record)
        self._pages[page], self._seen[page] = record, letters

    def _span(self, line: LabelledSpan, label: str | None) -> LabelledSpan:
        if line.label == label:  # who gave it stays beside it
            return line
        return replace(line, label=label, by=self.by if label else "")

    def _resumed(self, page: PageRecord) -> PageRecord:
        """Return what the file has of a page, else the page as it is."""
        if page.id not in self.file:
            return page
        record = self.file[page.id]
        if record.text != page.text:
            raise DataError(
                f"{self.file.path} has a page {page.id!r} with other text; "
                "give this page another id, or the labels another file"
            )
        return record


def _records(pages: Any) -> list[PageRecord]:
    """Take the pages in, or refuse at the door what is none."""
    if isinstance(pages, Mapping):
        return [make_page(page, text) for page, text in pages.items()]
    found: list[Any] = [pages] if isinstance(pages, str) else list(pages)
    for page in found:
        if not isinstance(page, PageRecord):
            raise TypeError(
                f"pages must be a mapping of ids to texts or hold pages of make_page or "
                f"read_pages, got {type(page).__name__}"
            )
    return found


def _checked(value: Any, name: str, kind: type[Checked]) -> Checked:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {type(value).__name__}")
    return value
