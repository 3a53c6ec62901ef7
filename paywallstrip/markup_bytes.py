"""Bytes to text, as browsers decode a page."""

from typing import Any


def decode_html(html: Any) -> str:
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
    if isinstance(html, str):
        return html
    if not isinstance(html, (bytes, bytearray, memoryview)):
        hint = {
            "NoneType": "; pass '' for a page without markup",
            "list": "; use clean_html_many or classify_html_many for several pages",
        }.get(type(html).__name__, "")
        raise TypeError(f"html must be a str or bytes, got {type(html).__name__}{hint}")
    from turbohtml.detect import detect

    data = bytes(html)
    found = detect(data).encoding or "windows-1252"
    return data.decode("utf-8-sig" if found == "UTF-8-SIG" else f"whatwg-{found}", "replace")
