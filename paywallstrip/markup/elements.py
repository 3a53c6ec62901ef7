"""What each HTML element does to the lines: its layout, and what it says of them."""

from enum import IntEnum, IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints

# fmt: off
TAGS = (
    "other", "address", "article", "aside", "blockquote", "body", "button", "caption", "center",
    "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "label", "legend",
    "li", "main", "menu", "nav", "ol", "option", "p", "pre", "search", "section", "select",
    "summary", "table", "td", "textarea", "th", "tr", "ul",
)
"""The elements a line can stand in; `MarkupLines.tags` counts in this order."""
LANDMARKS = (
    "nav", "aside", "footer", "header", "main", "article", "section", "form", "button", "dialog",
    "figure", "table", "list", "dl", "blockquote", "label",
)
"""What a line can stand inside of; bit i of `MarkupLines.landmarks` is that of the i-th."""

_BLOCKS = (
    "html", "body", "address", "article", "aside", "blockquote", "br", "caption", "center", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li",
    "listing", "main", "marquee", "menu", "nav", "ol", "p", "plaintext", "pre", "search", "section",
    "summary", "table", "tbody", "text", "tfoot", "thead", "tr", "ul", "xmp",
)
_SPACED = ("td", "th", "button", "select", "option", "optgroup", "textarea", "input", "mtd")
# A browser that knows frames, films and sound shows nothing of what stands in for them.
_UNSEEN = (
    "head", "meta", "img", "script", "style", "template", "iframe", "noframes", "noembed",
    "video", "audio", "progress", "meter", "datalist", "title", "desc", "metadata", "defs", "symbol", "rp",
    "annotation", "annotation-xml",
)
# In HTML, any other names.
_FOREIGN = (
    "text", "desc", "metadata", "defs", "symbol", "annotation", "annotation-xml", "mfrac", "mtd",
)
_VOID = (
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
)
_INLINE = (
    "a", "span", "i", "em", "small", "u", "sup", "sub", "time", "picture", "source", "svg", "math",
    "foreignObject",
)
_PREFORMATTED = ("pre", "listing", "plaintext", "xmp", "textarea")
_STRONG = ("b", "strong")
_TAG_LANDMARKS = {
    "nav": "nav", "aside": "aside", "footer": "footer", "header": "header", "main": "main",
    "article": "article", "section": "section", "form": "form", "search": "form",
    "fieldset": "form", "button": "button", "dialog": "dialog", "figure": "figure",
    "table": "table", "ul": "list", "ol": "list", "menu": "list", "dir": "list", "dl": "dl",
    "blockquote": "blockquote", "label": "label",
}
_ROLE_LANDMARKS = {
    "navigation": "nav", "menu": "nav", "menubar": "nav", "complementary": "aside",
    "contentinfo": "footer", "banner": "header", "main": "main", "article": "article",
    "region": "section", "form": "form", "search": "form", "button": "button", "tab": "button",
    "dialog": "dialog", "alertdialog": "dialog", "figure": "figure", "table": "table",
    "grid": "table", "list": "list", "listbox": "list", "tablist": "list",
}
# fmt: on

REACH = 16
"""So many ancestors lend a line their names."""


class Layout(IntEnum):
    """What an element does to the line it stands in."""

    INLINE = 0
    SPACED = 1
    """Parts its text from what stands beside it, in the same line."""
    BLOCK = 2
    """Ends the line where it begins and where it ends."""


class Bit(IntFlag):
    """What holds inside an element; the lowest sixteen bits are those of `LANDMARKS`."""

    STRONG = 1 << 16
    HIDDEN = 1 << 17
    UNSEEN = 1 << 18
    PREFORMATTED = 1 << 19
    SVG = 1 << 20
    TITLE = 1 << 21
    LINK = 1 << 22
    """Inside an `a` with an address."""


HEADING = 24
"""The bits from here on are a heading's level."""


class Kinds(NamedTuple):
    """What elements do, by the number of their name in `STRINGS`.

    Attributes:
        layouts: uint8 array, a `Layout`.
        bits: int64 array, what holds inside: `Bit` and landmarks, the heading's level above them.
        tags: int64 array, index in `TAGS`, 0 for an element that a line is not said to stand in.
        empty: bool array, whether the element has neither contents nor an end tag.
    """

    layouts: NDArray[np.uint8]
    bits: Ints
    tags: Ints
    empty: NDArray[np.bool_]


def _layout(name: str) -> Layout:
    if name in _BLOCKS:
        return Layout.BLOCK
    return Layout.SPACED if name in _SPACED else Layout.INLINE


def _bits(name: str) -> int:
    bits = 0
    if name in _TAG_LANDMARKS:
        bits |= 1 << LANDMARKS.index(_TAG_LANDMARKS[name])
    for names, bit in (
        (_STRONG, Bit.STRONG),
        (_UNSEEN, Bit.UNSEEN),
        (_PREFORMATTED, Bit.PREFORMATTED),
        (("svg",), Bit.SVG),
        (("title",), Bit.TITLE),
    ):
        if name in names:
            bits |= bit
    if name in ("h1", "h2", "h3", "h4", "h5", "h6"):
        bits |= int(name[1]) << HEADING
    return int(bits)


_ALL = ("", *_BLOCKS, *_SPACED, *_UNSEEN, *_TAG_LANDMARKS, *_STRONG, *_INLINE, *_VOID)
_NAMED = (*dict.fromkeys(name for name in _ALL if name not in _FOREIGN), *_FOREIGN)
FOREIGN = len(_NAMED) - len(_FOREIGN)
"""The numbers from here on are those of elements that drawings and formulas alone know."""
STRINGS = {name.encode(): number for number, name in enumerate(_NAMED)}
"""The names of the elements that do anything, and of common ones that do not, by number."""
KINDS = Kinds(
    np.array([_layout(name) for name in _NAMED], dtype=np.uint8),
    np.array([_bits(name) for name in _NAMED], dtype=np.int64),
    np.array([TAGS.index(name) if name in TAGS else 0 for name in _NAMED], dtype=np.int64),
    np.array([name in _VOID for name in _NAMED]),
)
"""What each of them does; any other is inline, as the empty name is."""
ROLES = {role.encode(): 1 << LANDMARKS.index(name) for role, name in _ROLE_LANDMARKS.items()}
"""The landmark's bit of each ARIA role."""
