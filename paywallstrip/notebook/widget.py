"""The labelling widget: what the browser shows of a `Labelling`, and what it sends back."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.notebook.labelling import OPEN, Labelling
from paywallstrip.training.labelling_rules import rules_text
from paywallstrip.training.records import PageRecord

try:
    import anywidget
    import traitlets
    from markdown_it import MarkdownIt
except ImportError as error:
    raise ImportError(
        'labelling in a notebook needs an extra: pip install "paywallstrip[notebook]"'
    ) from error

HERE = Path(__file__).parent
SHOWN = 2000
"""Characters of a line that are shown; labelling needs no more, and a browser may choke on it."""


class Labeller(anywidget.AnyWidget):
    """A widget that shows one page at a time, to be labelled line by line.

    The labels are filled in with the model's guesses, and the page that the model is least
    certain of comes first. What a reader labels is in the file a moment later; whoever
    makes a `Labeller` with the same file goes on where it was left.

    Example: `Labeller(read_pages("pages.jsonl"), "labels.jsonl")` as the last line of a
    notebook's cell.
    """

    _esm = "\n".join((HERE / name).read_text("utf-8") for name in ("marks.js", "labeller.js"))
    _css = HERE / "labeller.css"
    # What the browser gets; it answers by messages, so that nothing is set from both sides.
    _shown = traitlets.Dict().tag(sync=True)
    _given = traitlets.Dict().tag(sync=True)
    _progress: "traitlets.List[dict[str, Any]]" = traitlets.List().tag(sync=True)
    _problem = traitlets.Unicode().tag(sync=True)
    _rules = traitlets.Unicode().tag(sync=True)

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
            pages: the pages, as `read_pages` gives them; or a mapping of id to text.
            path: the file for the labels, `.jsonl`; made with the first label.
            by: who labels; written beside each label.
            classifier: the model that fills labels in; None for the shipped one.

        Raises:
            DataError: there is no page with a line, an id occurs twice, or the file has a
                page of the same id with other text.
            FileNotFoundError: the file's folder is missing.
            TypeError: pages, `by` or the classifier are of another type.
        """
        self._labelling = Labelling(pages, path, by=by, classifier=classifier)
        super().__init__(_rules=MarkdownIt("js-default").render(rules_text()))
        self._show(self._labelling.next() or self._labelling.order[0])
        self.on_msg(self._receive)

    @property
    def done(self) -> tuple[PageRecord, ...]:
        """The pages of which each line has a label: what a model can be trained on."""
        return self._labelling.done()

    def use(self, classifier: Classifier) -> None:
        """Fill labels in by another model: one that was trained on the pages done so far.

        Labels that were given stay; the pages are put in order anew.

        Args:
            classifier: the model.
        """
        self._labelling.use(classifier)
        self._show(self._labelling.next() or self._labelling.order[0])

    def __repr__(self) -> str:
        pages = self._labelling.order
        return f"Labeller: {len(self.done)} of {len(pages)} pages done, {self._labelling.file.path}"

    def _receive(self, _: object, content: Mapping[str, Any], __: object) -> None:
        """Take a message of the browser.

        `letters` are the changes to `page`; `finish` is there if the page is done: the letters
        shown, guesses among them. `show` is the page it wants next, "" for the next open one.
        `edition` and `view` go back with the answer: who sent it knows by them what is saved.
        """
        self._problem = ""
        try:
            self._answer(**content)
        except (DataError, OSError) as error:
            self._problem = f"Not saved: {error}"

    def _answer(
        self,
        page: str,
        letters: str,
        edition: int,
        view: str,
        show: str | None = None,
        finish: str | None = None,
    ) -> None:
        labelling, filled = self._labelling, None
        if finish is None:
            labelling.label(page, letters)
        else:
            filled = list(labelling.finish(page, letters, finish))
        tag = {"saved": page, "edition": edition, "view": view, "filled": filled}
        if show is None:
            self._stay(**tag)
            return
        try:
            self._show((labelling.next(page) if show == "" else show) or page, **tag)
        except (DataError, OSError) as error:
            # The labels are in the file all the same, and the browser has to hear of it first.
            self._stay(**tag)
            self._problem = f"Saved, but no other page can be shown: {error}"

    def _stay(self, **tag: Any) -> None:
        """Answer with the labels of the page shown, also who is behind with another one."""
        shown = self._shown["page"]
        self._given = {"page": shown, "letters": self._labelling.seen(shown), **tag}
        self._progress = self._pages()

    def _show(self, page: str, **tag: Any) -> None:
        labelling = self._labelling
        record, guess = labelling.record(page), labelling.guess(page)
        # Where the page stays the browser keeps what is not sent yet: it goes on from the same.
        stays = page == self._shown.get("page")
        letters = labelling.seen(page) if stays else labelling.hand_out(page)
        # One message: the browser never sees the lines of one page with labels of another.
        with self.hold_sync():
            self._shown = {
                "page": page,
                "url": record.url,
                "language": record.language,
                "lines": [_displayed(record.text[x.start : x.end]) for x in record.lines],
                "guesses": guess.letters,
                "sure": [round(100 * confidence, 1) for confidence in guess.confidences],
            }
            self._given = {"page": page, "letters": letters, **tag}
            self._progress = self._pages()

    def _pages(self) -> list[dict[str, Any]]:
        """Return every page in order, with how many of its lines have no label."""
        found = []
        for page in self._labelling.order:
            letters = self._labelling.letters(page)
            found.append({"page": page, "lines": len(letters), "open": letters.count(OPEN)})
        return found


def _displayed(line: str) -> str:
    """Return a line as the browser gets it: cut if it is long, and fit to be sent."""
    cut = line if len(line) <= SHOWN else f"{line[:SHOWN]} … ({len(line) - SHOWN} characters more)"
    # A lone surrogate cannot be sent.
    return cut.encode("utf-8", "replace").decode("utf-8")
