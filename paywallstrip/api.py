"""The module-level verbs: those of the shipped model's classifier, loaded once."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache

from paywallstrip.classifier import Classifier
from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.page import Page


@cache
def shipped() -> Classifier:
    """Return the classifier of the shipped model, loaded on the first call."""
    return Classifier.load()


def clean(text: str, *, drop: Collection[str] = DROP, strictness: float = STRICTNESS) -> str:
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
        ValueError: as for `clean`, at once.

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
