"""Pages on their way to labels: what the model guesses, what a reader says, in what order."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.notebook.labels_file import LabelsFile
from paywallstrip.page import Line
from paywallstrip.training.labelling_rules import rules_version
from paywallstrip.training.own_checks import SHOWN, DataWarning
from paywallstrip.training.own_pages import site_of
from paywallstrip.training.records import LabelledSpan, PageRecord, make_page

LETTERS = {label.value: label.value[0] for label in LABELS}
"""Each label's letter: its key, its mark, and what stands for it between here and the browser."""
NAMES = {letter: name for name, letter in LETTERS.items()}
OPEN = "."
"""The letter of a line that nobody has labelled."""
KEEP = "="
"""In place of a line's letter: a reader has not touched it."""
_FIELDS = ("url", "domain", "language")
"""What the caller may say of a page beside its id and text."""
_CALLER = 3
"""Frames from a warning to whoever makes a `Labeller`."""


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
        self._seen: dict[str, tuple[LabelledSpan, ...]] = {}
        # What the file had of a line, unseen, when the reader labelled it: by page and line.
        self._under: dict[tuple[str, int], LabelledSpan] = {}
        for page in _records(pages):
            if page.id in self._pages:
                raise DataError(f"two pages have the id {page.id!r}; give each its own")
            if page.lines:
                self._pages[page.id] = page
                self._seen[page.id] = self._checked_record(page.id).lines
        if not self._pages:
            raise DataError("there is no page with a line to label")
        if differences := list(self._differences()):
            message = _told(differences, self.file.path)
            warnings.warn(message, DataWarning, stacklevel=_CALLER)
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
        """Return a page with its labels, as the file had them when it was read last.

        What the file does not say of the page, such as its domain, is as it was given.

        Raises:
            KeyError: there is no such page.
        """
        given, kept = self._pages[page], self.file.get(page)
        if kept is None or kept.text != given.text:
            return given
        unsaid = [name for name in _FIELDS if getattr(given, name) and not getattr(kept, name)]
        return replace(kept, **{name: getattr(given, name) for name in unsaid}) if unsaid else kept

    def guess(self, page: str) -> Guess:
        """Return what the model says of a page."""
        return self._guesses[page]

    def letters(self, page: str) -> str:
        """Return the letters of a page's labels, `OPEN` where there is none."""
        return _letters(self.record(page).lines)

    def seen(self, page: str) -> str:
        """Return the letters of a page as they were last handed out or set."""
        return _letters(self._seen[page])

    def hand_out(self, page: str) -> str:
        """Return the letters of a page for a reader to go on from, those of others among them.

        Raises:
            DataError: the file holds something else than labelled pages by now.
        """
        self.file.refresh()
        lines = self.record(page).lines
        for i, (line, seen) in enumerate(zip(lines, self._seen[page], strict=True)):
            if line != seen:  # in sight by now, and what was under it is past
                self._under.pop((page, i), None)
        self._seen[page] = lines
        return self.seen(page)

    def is_done(self, page: str) -> bool:
        """Return whether each line of a page has a label."""
        return all(line.label for line in self.record(page).lines)

    def done(self) -> tuple[PageRecord, ...]:
        """Return the pages that are done, in their order."""
        return tuple(self.record(page) for page in self.order if self.is_done(page))

    def next(self, after: str | None = None) -> str | None:
        """Return the first page that nobody is done with; with `after` the next one behind it.

        Raises:
            DataError: the file holds something else than labelled pages by now.
        """
        self.file.refresh()
        begin = self.order.index(after) + 1 if after in self.order else 0
        turned = self.order[begin:] + self.order[:begin]
        return next((page for page in turned if not self.is_done(page)), None)

    def label(self, page: str, letters: str) -> None:
        """Set the labels of a page, and write them to the file.

        A line whose letter is `KEEP`, or is as it was handed out or set before, keeps what the
        file has of it: somebody else may have labelled it since. A label taken back brings back
        what it replaced unseen.

        Args:
            page: its id.
            letters: one a line, `OPEN` for a line without a label.

        Raises:
            DataError: there is no such page, the letters do not fit its lines, or the file has
                the page with other text by now.
            OSError: the file cannot be written; the labels are then as they were.
        """
        self._check(page, letters)
        self._save(page, letters)

    def finish(self, page: str, letters: str, guesses: str) -> tuple[int, ...]:
        """Set the labels of a page, and take guesses for right where none is given.

        What somebody else has labelled since the page was handed out stays, and is seen.

        Args:
            page: its id.
            letters: as for `label`.
            guesses: one a line, as the reader saw them.

        Returns:
            The lines that have a guess for a label now, from 0.

        Raises:
            DataError, OSError: as for `label`; nothing is set then.
        """
        self._check(page, letters)
        self._check(page, guesses)
        return self._save(page, letters, guesses)

    def _check(self, page: str, letters: str) -> None:
        """Refuse letters that do not fit a page."""
        if page not in self._pages:
            raise DataError(f"there is no page {page!r} here")
        size, unknown = len(self._pages[page].lines), set(letters) - {OPEN, KEEP, *NAMES}
        if len(letters) != size or unknown:
            raise DataError(
                f"page {page!r} has {size} lines, each one of {''.join(NAMES)}{OPEN}{KEEP}; "
                f"got {len(letters)} letters, {''.join(sorted(set(letters)))!r}"
            )

    def _save(self, page: str, letters: str, guesses: str = "") -> tuple[int, ...]:
        """Write what a reader changed to the file; return the lines that guesses were taken for."""
        self.file.refresh()
        lines, filled = self._merged(page, letters, guesses)
        before = self.record(page).lines
        if lines != before:
            with self.file.held():
                # Once more: others may have written before they were kept out.
                lines, filled = self._merged(page, letters, guesses)
                before = self.record(page).lines
                self.file.put(replace(self.record(page), lines=lines, rules=rules_version()))
        self._keep_under(page, letters, before)
        # Labels of others come in sight with the page, not under the reader's hands.
        self._seen[page] = tuple(
            line if guesses or _is_set(letter, seen) else seen
            for line, letter, seen in zip(lines, letters, self._seen[page], strict=True)
        )
        return filled

    def _keep_under(self, page: str, letters: str, before: tuple[LabelledSpan, ...]) -> None:
        """Remember what a reader labelled over without having seen it."""
        for i, (letter, seen) in enumerate(zip(letters, self._seen[page], strict=True)):
            is_set, is_news = _is_set(letter, seen), before[i] != seen
            if is_set and letter != OPEN:
                if is_news:
                    self._under[page, i] = before[i]
            elif is_set or is_news:  # brought back, or past: others have labelled over it
                self._under.pop((page, i), None)

    def _merged(
        self, page: str, letters: str, guesses: str
    ) -> tuple[tuple[LabelledSpan, ...], tuple[int, ...]]:
        """Put what a reader changed over what the file has of a page."""
        rows = zip(self._before(page), letters, self._seen[page], strict=True)
        lines = [self._changed(*row, self._under.get((page, i))) for i, row in enumerate(rows)]
        filled = tuple(i for i, line in enumerate(lines) if guesses and not line.label)
        for i in filled:
            lines[i] = self._span(lines[i], NAMES.get(guesses[i]))
        return tuple(lines), filled

    def _before(self, page: str) -> tuple[LabelledSpan, ...]:
        """Return the lines of a page that a reader's changes go over."""
        lines = self._checked_record(page).lines
        if self.file.get(page) is not None:
            return lines
        # A page that the file lost: what the reader has before him as his own goes there again.
        # Of a page that is there, somebody took back what is open.
        pairs = zip(lines, self._seen[page], strict=True)
        return tuple(x if x.label and x.by == self.by else line for line, x in pairs)

    def _changed(
        self, line: LabelledSpan, letter: str, seen: LabelledSpan, under: LabelledSpan | None
    ) -> LabelledSpan:
        if not _is_set(letter, seen):
            return line
        if letter == OPEN and line != seen:  # others' by now: it was not that which he took back
            return line
        if letter == OPEN and under:
            return under
        return self._span(line, NAMES.get(letter))

    def _span(self, line: LabelledSpan, label: str | None) -> LabelledSpan:
        if line.label == label:  # who gave it stays beside it
            return line
        return replace(line, label=label, by=self.by if label else "")

    def _differences(self) -> Iterator[str]:
        """Name the pages of which the file says something else than the caller."""
        for page, given in self._pages.items():
            record = self.record(page)
            for name in _FIELDS:
                ours, theirs = getattr(given, name), getattr(record, name)
                told = site_of if name == "domain" else str
                if told(ours) and told(ours) != told(theirs):
                    yield f"page {page!r} has the {name} {theirs!r}, and is given {ours!r}"

    def _checked_record(self, page: str) -> PageRecord:
        """Return a page with its labels, unless the file has another text for it."""
        record, kept = self.record(page), self.file.get(page)
        if kept is not None and kept.text != record.text:
            raise DataError(
                f"{self.file.path} has a page {page!r} with other text; "
                "give this page another id, or the labels another file"
            )
        return record


def _told(differences: list[str], path: Path) -> str:
    """Put differences between pages and their file into one message that names the first."""
    more = len(differences) - SHOWN
    named = differences[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
    return f"what {path} says of pages stays where they are given otherwise: {'; '.join(named)}"


def _letters(lines: Iterable[LabelledSpan]) -> str:
    return "".join(LETTERS[line.label] if line.label else OPEN for line in lines)


def _is_set(letter: str, seen: LabelledSpan) -> bool:
    """Tell whether a reader changed a line that he saw."""
    return letter not in {KEEP, *_letters([seen])}


def _records(pages: Any) -> list[PageRecord]:
    """Take the pages in, or refuse at the door what is none."""
    if isinstance(pages, Mapping):
        return [make_page(page, text) for page, text in pages.items()]
    asked = "pages must be a mapping of ids to texts or hold pages of make_page or read_pages"
    if isinstance(pages, PageRecord):
        raise TypeError(f"{asked}, got a single page; pass a list, even of one")
    single = isinstance(pages, str) or not isinstance(pages, Iterable)
    found: list[Any] = [pages] if single else list(pages)
    for page in found:
        if not isinstance(page, PageRecord):
            raise TypeError(f"{asked}, got {type(page).__name__}")
    return found


def _checked(value: Any, name: str, kind: type[Checked]) -> Checked:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {type(value).__name__}")
    return value
