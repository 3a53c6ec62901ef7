"""Bytes to text, as browsers decode a page."""

from typing import Any


def decode_html(html: str | bytes) -> str:
    """Decode a page.

    Args:
        html: the page; a str is returned as it is. For bytes, the encoding is that of the
            byte order mark, else what a `<meta>` in the first 1,024 bytes declares, else
            what the bytes look like.

    Returns:
        The page as text; bytes that mean nothing in its encoding become U+FFFD.

    Raises:
        TypeError: if `html` is neither str nor bytes.
        ImportError: if the extra `html` is not installed.

    >>> decode_html("<p>caf\\xe9".encode("latin-1"))
    '<p>café'
    """
    html = checked_html(html)
    if isinstance(html, str):
        return html
    from turbohtml.detect import detect

    found = detect(html).encoding or "windows-1252"
    return html.decode("utf-8-sig" if found == "UTF-8-SIG" else f"whatwg-{found}", "replace")


def checked_html(html: Any) -> str | bytes:
    """Return an HTML page if it is one; the `TypeError` says what to pass instead."""
    if isinstance(html, (str, bytes)):
        return html
    hint = {
        "NoneType": "; pass '' for a page without markup",
        "bytearray": "; pass bytes(html)",
        "memoryview": "; pass bytes(html)",
        "list": "; use clean_html_many or classify_html_many for several pages",
    }.get(type(html).__name__, "")
    raise TypeError(f"html must be a str or bytes, got {type(html).__name__}{hint}")
