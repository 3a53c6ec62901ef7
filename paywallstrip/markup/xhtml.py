"""Pages of XML to such as HTML parsers read: they take `<title/>` for a start, and all else for it.

Only what begins as XML is looked at. Many such pages are HTML all the same, so nothing is changed
that HTML parsers read aright.
"""

import re
from html import escape

_HEAD = 1024
_XML = re.compile(
    r"\s*(?:<\?xml\s|<!doctype\s[^>]*xhtml|(?:<!doctype\s[^>]*>\s*)?<html\s[^>]*\bxmlns\s*=)",
    re.IGNORECASE,
)
_SWALLOWING = (
    *("script", "style", "title", "textarea", "iframe", "noscript", "template", "xmp"),
    *("noembed", "noframes", "video", "audio", "progress", "meter", "datalist", "rp"),
)
"""Elements that an HTML parser ends at their end tags alone, and of which nothing or no markup is
read."""
_SAME = {name: re.compile(rf"<(/?){name}\b") for name in _SWALLOWING}
# A value may hold `>` and `/`; a quote that nothing ends before the next tag is none. In `(?>`, since
# of `(?:` and `*+` Python before 3.11.5 may not find what it should.
_VALUES = r"""(?>[^<>"'/]|/(?!>)|"[^"<]*"|'[^'<]*'|["'])*+"""
_EMPTY = rf"<({'|'.join(_SWALLOWING)})\b({_VALUES})/>"
_CDATA = r"<!\[CDATA\["
# Most pages have the mark in scripts alone, inside or behind a comment: not worth a pass. To look
# back before the mark is found would take ten times as long.
_HIDDEN = "".join(rf"(?<!{sign}{_CDATA})" for sign in ("//", "// ", r"/\*", r"/\* ", "-->"))
_ODD = re.compile(f"{_EMPTY}|{_CDATA}{_HIDDEN}")
# Comments and scripts stay as they are. Each of these alternatives that begins comes to an end, if
# only at that of the page: none of it is read twice.
_PARTS = re.compile(
    rf"{_EMPTY}|{_CDATA}(.*?)(?:\]\]>|\Z)"
    r"|<!--[^-]*(?:-(?!->)[^-]*)*|<(script|style)\b[^<]*(?:<(?!/\4\b)[^<]*)*",
    re.DOTALL,
)


def as_html(page: str) -> str:
    """Write what only XML parsers understand as HTML parsers do, in pages that begin as XML.

    >>> as_html('<?xml version="1.0"?><title/><p>a<![CDATA[ < b]]>')
    '<?xml version="1.0"?><title></title><p>a &lt; b'
    >>> as_html("<title/><p>HTML")
    '<title/><p>HTML'
    """
    if _XML.match(page, 0, _HEAD) and _ODD.search(page):
        return _PARTS.sub(_mended, page)
    return page


def _mended(part: re.Match[str]) -> str:
    """Return an empty element with an end tag, and marked text without its marks."""
    name, attributes, text, _ = part.groups()
    if text is not None:
        return escape(text, quote=False)
    if name is None:
        return part[0]
    # Followed by its end tag it is HTML with a slash too many.
    following = _SAME[name].search(part.string, part.end())
    ended = following is not None and following[1]
    return part[0] if ended else f"<{name}{attributes}></{name}>"
