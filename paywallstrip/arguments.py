"""What the verbs are given, checked at the door."""

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from paywallstrip.errors import TextError

MANY_TEXTS = "use clean_many or classify_many for several texts"
MANY_PAGES = "use clean_html_many or classify_html_many for several pages"
FLAT = "each element is one page: pass a flat list of them"


def refuse_keys(values: Any, asked: str) -> None:
    """Refuse a data frame or a mapping, whose keys would pass for its elements.

    Args:
        values: what was given.
        asked: what was asked for, as the message begins.

    Raises:
        TypeError: it is one; the message says what to pass.
    """
    kind = type(values).__name__
    if hasattr(type(values), "columns"):
        raise TypeError(f"{asked}, got {kind}; pass one of its columns, such as frame['text']")
    if isinstance(values, Mapping):
        raise TypeError(f"{asked}, got {kind}; pass a list, such as that of its values()")


def several(inputs: Any, name: str) -> Any:
    """Return what is to be a stream of texts or pages; the `TypeError` says what to pass."""
    asked = f"{name} must be an iterable of {'str' if name == 'texts' else 'str or bytes'}"
    refuse_keys(inputs, asked)
    kind = type(inputs).__name__
    if isinstance(inputs, (str, bytes, bytearray, memoryview)):
        raise TypeError(
            f"{asked}, got a single {kind}; "
            f"pass a list, or use the verb for one {name.removesuffix('s')}"
        )
    if not isinstance(inputs, Iterable):
        raise TypeError(f"{asked}, got {kind}; pass a list")
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
    decode, read = "decode it first: text.decode('utf-8')", "read it first: path.read_text('utf-8')"
    hints = {"bytes": decode, "bytearray": decode, "missing": "pass '' for a page without text"}
    raise _refusal("text must be a str", text, {**hints, "path": read, "several": instead})


def checked_page(html: Any, instead: str = MANY_PAGES) -> str | bytes:
    """Return an HTML page if it is one; arguments and error as for `checked_text`."""
    if isinstance(html, str):
        return str.__str__(html)
    if isinstance(html, bytes):
        return html
    as_bytes, read = "pass bytes(html)", "read it first: path.read_bytes()"
    hints = {
        "bytearray": as_bytes,
        "memoryview": as_bytes,
        "missing": "pass '' for a page without markup",
    }
    raise _refusal("html must be a str or bytes", html, {**hints, "path": read, "several": instead})


def _refusal(asked: str, given: Any, hints: Mapping[str, str]) -> TypeError:
    """Say what was asked for, what was given, and what to do.

    Args:
        asked: the first part.
        given: the second.
        hints: what to do, by the name of a type or of a group of them.
    """
    name = type(given).__name__
    # A float is what pandas has for a missing one.
    groups = {"NoneType": "missing", "float": "missing", "list": "several", "tuple": "several"}
    hint = hints.get("path" if isinstance(given, PathLike) else groups.get(name, name))
    return TypeError(f"{asked}, got {name}{f'; {hint}' if hint else ''}")


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
