"""The module-level verbs: those of the shipped models' classifiers, each loaded once."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache

from paywallstrip.classifier import Classifier
from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.model_folder import DEFAULT_HTML_NAME, default_folder
from paywallstrip.page import Page


@cache
def shipped() -> Classifier:
    """Return the classifier of the shipped model for text, loaded on the first call."""
    return Classifier.load()


@cache
def shipped_html() -> Classifier:
    """Return the classifier of the shipped model for HTML, loaded on the first call."""
    return Classifier.load(default_folder(DEFAULT_HTML_NAME))


def clean(text: str, *, drop: Collection[str] = DROP, strictness: float = STRICTNESS) -> str:
    """Return only the body of a page's text.

    Args:
        text: the page as text, one block a line: an extractor's output or a full dump. HTML
            is no such text: `clean_html` takes it.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt). At 0.5 the label decides;
            else a line may stay or go against it.

    Returns:
        The kept lines, whole and in order.

    Raises:
        TypeError: if `text` is not a str, `drop` no collection of labels (a single str is
            none), or `strictness` no number.
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.

    >>> clean("Log in | Register")
    ''
    """
    return shipped().clean(text, drop=drop, strictness=strictness)


def classify(text: str, *, drop: Collection[str] = DROP, strictness: float = STRICTNESS) -> Page:
    """Label every line of a page's text; arguments and errors as for `clean`.

    Returns:
        The page's lines with labels and probabilities, and its body.

    >>> [line.label.value for line in classify("Privacy policy | Imprint").lines]
    ['navigation']
    """
    return shipped().classify(text, drop=drop, strictness=strictness)


def clean_many(
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
            data frame or a mapping, or `n_jobs` no whole number, or one that is neither positive
            nor -1.

    >>> list(clean_many(["", "Log in"]))
    ['', '']
    """
    return shipped().clean_many(texts, n_jobs=n_jobs, drop=drop, strictness=strictness)


def classify_many(
    texts: Iterable[str],
    *,
    n_jobs: int = 1,
    drop: Collection[str] = DROP,
    strictness: float = STRICTNESS,
) -> Iterator[Page]:
    """Yield the `Page` of each text; arguments and errors as for `clean_many`."""
    return shipped().classify_many(texts, n_jobs=n_jobs, drop=drop, strictness=strictness)


def clean_html(
    html: str | bytes, *, drop: Collection[str] = DROP, strictness: float = STRICTNESS
) -> str:
    """Return only the body of an HTML page; needs the extra `html`.

    Args:
        html: the page; bytes are decoded by their byte order mark; else as UTF-8 if
            they can hardly be anything else; else by what a `<meta>` or an XML declaration
            declares, or by what they look like.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).

    Returns:
        The kept lines, whole and in order, joined by line feeds.

    Raises:
        TypeError: if `html` is neither str nor bytes; else as for `clean`.
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
        PageError: (a ValueError) if the page grows out of bounds when it is parsed.
        ImportError: if the extra is not installed; the message holds the pip line.

    >>> clean_html("<nav><a href='/login'>Log in</a></nav>")
    ''
    """
    return shipped_html().clean_html(html, drop=drop, strictness=strictness)


def classify_html(
    html: str | bytes, *, drop: Collection[str] = DROP, strictness: float = STRICTNESS
) -> Page:
    """Label every line of an HTML page; arguments and errors as for `clean_html`.

    Returns:
        The page's lines with labels, probabilities, tag and link share, and its body. The
        lines' offsets are those in the text of all lines, joined by line feeds.

    >>> [line.link_share for line in classify_html("<p>See <a href='/a'>here</a>").lines]
    [0.5]
    """
    return shipped_html().classify_html(html, drop=drop, strictness=strictness)


def clean_html_many(
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
        TypeError, ValueError: as for `clean_many`, at once; `ImportError` likewise.

    >>> list(clean_html_many(["", b"<p>Log in"]))
    ['', '']
    """
    return shipped_html().clean_html_many(pages, n_jobs=n_jobs, drop=drop, strictness=strictness)


def classify_html_many(
    pages: Iterable[str | bytes],
    *,
    n_jobs: int = 1,
    drop: Collection[str] = DROP,
    strictness: float = STRICTNESS,
) -> Iterator[Page]:
    """Yield the `Page` of each HTML page; arguments and errors as for `clean_html_many`."""
    return shipped_html().classify_html_many(pages, n_jobs=n_jobs, drop=drop, strictness=strictness)
