"""The verbs: texts and HTML pages to bodies and pages, one at a time or as a stream."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Self, TypeVar

from paywallstrip.arguments import checked_page, checked_text, page_at, several, text_at
from paywallstrip.decisions import (
    DROP,
    STRICTNESS,
    Decision,
    Options,
    body_of,
    decided,
    page_of,
)
from paywallstrip.errors import ModelKindError
from paywallstrip.memory import hold_memory
from paywallstrip.model import Model
from paywallstrip.model_folder import (
    DEFAULT_HTML_NAME,
    HTML_KIND,
    SHIPPED,
    default_folder,
    model_kind,
)
from paywallstrip.model_formats import load_model
from paywallstrip.page import Page
from paywallstrip.stages import first_scores, second_scores

if TYPE_CHECKING:
    from pathlib import Path

    from paywallstrip.explanation import Explanation
    from paywallstrip.html_model import HtmlModel

MARKUP_SHARE = 8
"""So many characters of HTML hold about one of text."""

Result = TypeVar("Result")


class Classifier:
    """A model with its verbs; `Classifier.load()` gives the shipped one.

    A model is of one kind, text or html, and answers to the verbs of that kind alone.

    An instance holds no state but the model: it may be shared between threads, and
    pickles with all its weights.

    >>> classifier = Classifier.load()
    >>> classifier.clean("Share on Facebook")
    ''
    """

    def __init__(self, model: "Model | HtmlModel") -> None:
        if not isinstance(model, Model):
            # Imported where there is no model for text: text should not wait for it.
            from paywallstrip.html_model import HtmlModel

            if not isinstance(model, HtmlModel):
                raise TypeError(
                    f"model must be a loaded model, got {type(model).__name__}; "
                    "use Classifier.load(path), or Classifier.load() for the shipped model"
                )
        self._model = model

    @property
    def model(self) -> Model:
        """The model of a text classifier; `ModelKindError` if it is one for HTML."""
        if isinstance(self._model, Model):
            return self._model
        raise ModelKindError(
            "this model is of kind html, which answers to clean_html and the like alone (on the "
            "command line --html); text, explain, training and labelling need one of kind text, "
            "such as Classifier.load()"
        )

    @property
    def html_model(self) -> "HtmlModel":
        """The model of a classifier for HTML; `ModelKindError` if it is one for text."""
        if not isinstance(self._model, Model):
            return self._model
        raise ModelKindError(
            "this model is of kind text, and HTML needs one of kind html; use the verbs for text "
            "(clean and the like; on the command line no --html), or a model of kind html, such "
            f"as Classifier.load({DEFAULT_HTML_NAME!r})"
        )

    @classmethod
    def load(cls, path: "str | Path | None" = None) -> Self:
        """Load a model folder.

        Args:
            path: the folder, or the name of a model that comes with the package, "text-v1" or
                "html-v1"; a folder of such a name is loaded before it. None for "text-v1".

        Returns:
            A classifier.

        Raises:
            ModelError: if the folder is missing, damaged, or of another format or schema.
            TypeError: if `path` is neither a str nor a path.
        """
        name = os.fspath(path) if isinstance(path, PathLike) else path
        if name is not None and not isinstance(name, str):
            raise TypeError(
                f"path must be a str or a Path, got {type(path).__name__}; "
                "give the path of a model folder, or None for the shipped model"
            )
        hold_memory()
        if name is None:
            return cls(load_model(default_folder()))
        if name in SHIPPED.values() and not os.path.isdir(name):
            name = default_folder(name)
        if model_kind(name) == HTML_KIND:
            from paywallstrip.html_model import load_html_model

            return cls(load_html_model(name))
        return cls(load_model(name))

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
            TypeError: if `text` is not a str, `drop` no collection of labels (a single str is
                none), or `strictness` no number.
            ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
            ModelKindError: (a TypeError) if the model is one for HTML.
        """
        options = Options.check(drop, strictness)
        return body_of(self.decide([checked_text(text)], options)[0])

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
        return page_of(self.decide([checked_text(text)], options)[0])

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
            TypeError, ValueError: as for `clean`, at once; also if `texts` is a single str, a
                data frame or a mapping, or `n_jobs` no whole number, or one that is neither
                positive nor -1.
        """
        options = Options.check(drop, strictness)
        return self.stream(texts, options, n_jobs, body_of)

    def classify_many(
        self,
        texts: Iterable[str],
        *,
        n_jobs: int = 1,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Iterator[Page]:
        """Yield the `Page` of each text; arguments and errors as for `clean_many`."""
        options = Options.check(drop, strictness)
        return self.stream(texts, options, n_jobs, page_of)

    def clean_html(
        self,
        html: str | bytes,
        *,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> str:
        """Return only the body of an HTML page.

        Args:
            html: the page; bytes are decoded as `paywallstrip.clean_html` says.
            drop: the labels whose lines are not part of the body.
            strictness: 0 (keep when in doubt) to 1 (drop when in doubt).

        Returns:
            The kept lines, joined by `\\n`.

        Raises:
            TypeError: if `html` is neither str nor bytes; else as for `clean`.
            ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
            ModelKindError: if the model is one for text.
            PageError: (a ValueError) if the page grows out of bounds when it is parsed.
            ImportError: if the extra `html` is not installed; the message holds the pip line.
        """
        options = Options.check(drop, strictness)
        return body_of(self.decide_html([checked_page(html)], options)[0])

    def classify_html(
        self,
        html: str | bytes,
        *,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Page:
        """Label every line of an HTML page; arguments and errors as for `clean_html`.

        Returns:
            The page's lines with labels, probabilities, tag and link share, and its body.
        """
        options = Options.check(drop, strictness)
        return page_of(self.decide_html([checked_page(html)], options)[0])

    def clean_html_many(
        self,
        pages: Iterable[str | bytes],
        *,
        n_jobs: int = 1,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Iterator[str]:
        """Yield the body of each HTML page, lazily and in order.

        Args:
            pages: any iterable of str and bytes; it is read a little ahead.
            n_jobs: processes to use; -1 for one a processor.
            drop: as for `clean_html`.
            strictness: as for `clean_html`.

        Returns:
            An iterator over the bodies.

        Raises:
            TextError: (a TypeError) if an element is neither str nor bytes, once it is
                reached; the message names its index, and the iteration ends there.
            PageError: as for `clean_html`, once the page is reached; a note has its index.
            TypeError, ValueError, ModelKindError, ImportError: as for `clean_html` and
                `clean_many`, at once.
        """
        options = Options.check(drop, strictness)
        return self.stream_html(pages, options, n_jobs, body_of)

    def classify_html_many(
        self,
        pages: Iterable[str | bytes],
        *,
        n_jobs: int = 1,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
    ) -> Iterator[Page]:
        """Yield the `Page` of each HTML page; arguments and errors as for `clean_html_many`."""
        options = Options.check(drop, strictness)
        return self.stream_html(pages, options, n_jobs, page_of)

    def explain(self, text: str, line: int) -> "Explanation":
        """Say which features of a line spoke for and against each label, and how much.

        Args:
            text: the page as text.
            line: which line, an index into `Page.lines`, from 0.

        Returns:
            The line, labelled as by `classify`, and all contributions to its scores.

        Raises:
            TypeError: if `text` is not a str or `line` not a whole number.
            ModelKindError: (a TypeError) if the model is one for HTML.
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

    def stream(
        self,
        texts: Iterable[str],
        options: Options,
        n_jobs: int,
        finish: Callable[[Decision], Result],
    ) -> Iterator[Result]:
        """Yield each text's decision, finished by a function; the `_many` verbs are this."""
        from paywallstrip.pool import Medium, stream

        _ = self.model
        medium = Medium(text_at, 1, Classifier.decide)
        return stream(self, several(texts, "texts"), options, n_jobs, finish, medium)

    def stream_html(
        self,
        pages: Iterable[str | bytes],
        options: Options,
        n_jobs: int,
        finish: Callable[[Decision], Result],
    ) -> Iterator[Result]:
        """Yield each page's decision, finished by a function, as `stream` does for text."""
        from paywallstrip.markup.lines import read_markup
        from paywallstrip.pool import Medium, stream

        _ = self.html_model
        read_markup("")
        medium = Medium(page_at, MARKUP_SHARE, Classifier.decide_html)
        return stream(self, several(pages, "pages"), options, n_jobs, finish, medium)

    def decide(self, texts: Sequence[str], options: Options) -> list[Decision]:
        """Decide a batch of texts at once; every verb for text goes through here."""
        model = self.model
        reading = model.extractor.read(texts)
        first = first_scores(reading, model.first)
        scores = second_scores(reading, first, model.second)
        return decided(texts, reading, scores, model, options)

    def decide_html(self, pages: Sequence[str | bytes], options: Options) -> list[Decision]:
        """Decide a batch of HTML pages at once; every verb for HTML goes through here."""
        from paywallstrip.markup.lines import read_markups

        model = self.html_model
        markups = read_markups(pages)
        reading, scores = model.score(markups)
        texts = [markup.text for markup in markups]
        decisions = decided(texts, reading, scores, model, options)
        pairs = zip(decisions, markups, strict=True)
        return [decision._replace(markup=markup) for decision, markup in pairs]
