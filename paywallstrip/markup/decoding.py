"""Bytes to text: a page's encoding, by what it says and by what its bytes are."""

import codecs
import re

from paywallstrip.arguments import checked_page

_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# Without a mark: a sign of ASCII and another one, in two bytes each.
_UTF_16 = re.compile(rb"(<\0[!-~]\0)|\0<\0[!-~]")
_DECLARATION = re.compile(rb"charset", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml(?=\s)[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
_HEAD = 1024
# Of the names that the standard knows those that no codec's name can be.
_OTHER_NAMES = {
    "ansi_x3.4-1968": "windows-1252",
    "iso_8859-1:1987": "windows-1252",
    "iso_8859-2:1987": "iso-8859-2",
    "iso_8859-5:1988": "iso-8859-5",
    "gb_2312-80": "gbk",
    "ks_c_5601-1987": "euc-kr",
    "ks_c_5601-1989": "euc-kr",
}
# Of these browsers make one sign, whatever the page.
_UNSHOWN = (
    "replacement",
    "csiso2022kr",
    "hz-gb-2312",
    "iso-2022-cn",
    "iso-2022-cn-ext",
    "iso-2022-kr",
)
# A character beyond the first 65,536 as two halves, three bytes each, as some databases write it.
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
TRUST = 2
"""Bytes are UTF-8 if they hold this many times more characters of it than mistakes; as many are
enough where the page says so. Chinese in its own encoding, the likest of others, has a third."""


def decode_html(html: str | bytes) -> str:
    """Decode a page.

    A byte order mark is believed. So are bytes that can hardly be anything but UTF-16 or UTF-8,
    whatever the page declares: too many pages declare what they are not. Else the encoding
    is what a `<meta>` in the first 1,024 bytes declares, or without one an XML declaration, or
    what the bytes look like.

    Args:
        html: the page; a str is returned as it is, but for a byte order mark.

    Returns:
        The page as text; bytes that mean nothing in its encoding become U+FFFD.

    Raises:
        TypeError: if `html` is neither str nor bytes.
        ImportError: if the extra `html` is not installed.

    >>> decode_html("<p>caf\\xe9".encode("latin-1"))
    '<p>café'
    >>> decode_html("<meta charset=latin1><p>café".encode())
    '<meta charset=latin1><p>café'
    """
    html = checked_page(html)
    if isinstance(html, str):
        return html.removeprefix("\ufeff")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if html.startswith(mark):
            return html[len(mark) :].decode(encoding, "replace")
    if unmarked := _UTF_16.match(html):
        return html.decode("utf-16-le" if unmarked[1] else "utf-16-be", "replace")
    text, mistakes, others = _as_utf_8(html)
    if others and others >= TRUST * mistakes:
        return text
    # Declared or guessed; imported here, since it costs as much as the parser.
    from turbohtml.detect import detect

    encoding = detect(_with_meta(html)).encoding or "windows-1252"
    if encoding == "UTF-8" and others and others >= mistakes:
        return text
    if encoding == "UTF-8" and mistakes:
        # Declared, and not so.
        encoding = detect(_DECLARATION.sub(b"-" * 7, html)).encoding or "windows-1252"
    if encoding == "replacement":
        # Browsers show nothing of such a page, for safety: nothing is run here.
        encoding = "windows-1252"
    return html.decode(f"whatwg-{encoding}", "replace")


def _with_meta(html: bytes) -> bytes:
    """Say what an XML declaration says in a `<meta>` before the page, if it has none."""
    declared = _XML.match(html, 0, _HEAD)
    if declared is None or _DECLARATION.search(html, 0, _HEAD):
        return html
    return b'<meta charset="%b">' % declared[1] + html


def _as_utf_8(html: bytes) -> tuple[str, int, int]:
    """Decode bytes as UTF-8; count the mistakes, and the characters beyond ASCII."""
    # A page that was cut off inside a character is no worse for it.
    text, whole = codecs.utf_8_decode(html, "replace", False)
    mistakes = text.count("\ufffd")
    others = len(text) - len(text.encode("ascii", "ignore")) - mistakes
    if mistakes:
        # What somebody else could not read is no mistake, if it is written as it should be.
        read = html.count("\ufffd".encode())
        # A pair of halves gives six signs, and is one mistake.
        mistakes -= read + 5 * len(_HALVES.findall(html))
        others += read
    return text + "\ufffd" * (whole < len(html)), mistakes, others


def decode_declared(html: bytes, charset: str) -> str | bytes:
    """Decode a page of whose encoding its server says something.

    The server is believed before the page, as browsers do. Bytes that can hardly be anything
    but UTF-16 or UTF-8 are read as such whatever it says: too many servers name what they were set up with.

    Args:
        html: the page.
        charset: what the server says, as it stands in the header; may be empty.

    Returns:
        The page as text. As it is if it begins with a byte order mark, which browsers believe
        before the server, or as UTF-16 does, or if they know no such encoding or show nothing in
        it, for safety.

    Raises:
        ImportError: if the extra `html` is not installed.

    >>> decode_declared(b"<p>\\x93Rain\\x94", "iso-8859-1")
    '<p>“Rain”'
    >>> decode_declared(b"<p>Rain", "unicode_escape")
    b'<p>Rain'
    """
    if html.startswith(tuple(_BYTE_ORDER_MARKS)) or _UTF_16.match(html):
        return html
    text, mistakes, others = _as_utf_8(html)
    if others and others >= TRUST * mistakes:
        return text
    # The codecs named whatwg-… come with it.
    import turbohtml.detect  # noqa: F401

    name = charset.strip().lower()
    if name in _UNSHOWN:
        return html
    try:
        return html.decode(f"whatwg-{_OTHER_NAMES.get(name, name)}", "replace")
    except (LookupError, ValueError):
        return html
