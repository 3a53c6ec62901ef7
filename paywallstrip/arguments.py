"""What the verbs are given, checked at the door."""

from collections.abc import Iterable
from os import PathLike
from typing import Any

from paywallstrip.errors import TextError

MANY_TEXTS = "use clean_many or classify_many for several texts"
MANY_PAGES = "use clean_html_many or classify_html_many for several pages"
FLAT = "each element is one page: pass a flat list of them"


def several(inputs: Any, name: str) -> Any:
    """Return what is to be a stream of texts or pages; the `TypeError` says what to pass."""
    kinds = "str" if name == "texts" else "str or bytes"
    if isinstance(inputs, (str, bytes)):
        raise TypeError(
            f"{name} must be an iterable of {kinds}, got a single {type(inputs).__name__}; "
            f"pass a list, or use the verb for one {name.removesuffix('s')}"
        )
    if not isinstance(inputs, Iterable):
        raise TypeError(
            f"{name} must be an iterable of {kinds}, got {type(inputs).__name__}; pass a list"
        )
    return inputs


def checked_text(text: Any, instead: str = MANY_TEXTS) -> str:
    """Return a text if it is one; the `TypeError` says what to pass.

    Args:
        text: what was given.
        instead: what to do with a list.
    """
    if isinstance(text, str):
        # A subclass may carry a whole document along, to workers too.
        return str.__str__(text)
    hint = {
        "bytes": "; decode it first: text.decode('utf-8')",
        "bytearray": "; decode it first: text.decode('utf-8')",
        "NoneType": "; pass '' for a page without text",
        # What pandas has for a missing text.
        "float": "; pass '' for a page without text",
        "list": f"; {instead}",
        "tuple": f"; {instead}",
    }.get(type(text).__name__, "")
    if isinstance(text, PathLike):
        hint = "; read it first: path.read_text('utf-8')"
    raise TypeError(f"text must be a str, got {type(text).__name__}{hint}")


def checked_page(html: Any, instead: str = MANY_PAGES) -> str | bytes:
    """Return an HTML page if it is one; arguments and error as for `checked_text`."""
    # What only HTML needs is imported where it is used: text should not wait for it.
    from paywallstrip.markup.decoding import checked_html

    return checked_html(html, instead)


def text_at(text: Any, index: int) -> str:
    """Check one text of a stream; the error names its index."""
    try:
        return checked_text(text, FLAT)
    except TypeError as error:
        raise TextError(f"text {index}: {error}", index) from None


def page_at(html: Any, index: int) -> str | bytes:
    """Check one HTML page of a stream; the error names its index."""
    try:
        return checked_page(html, FLAT)
    except TypeError as error:
        raise TextError(f"page {index}: {error}", index) from None
