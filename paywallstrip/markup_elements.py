"""What each HTML element does to the lines: its layout, and what it says of them."""

from enum import IntEnum, IntFlag

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
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "xmp",
)
_SPACED = ("td", "th", "button", "select", "option", "optgroup", "textarea", "input")
# A browser that knows frames, films and sound shows nothing of what stands in for them.
# `meta` and `img` are always empty: to say so spares a look at their attributes.
_UNSEEN = (
    "head", "meta", "img", "script", "style", "template", "iframe", "noframes", "noembed", "video", "audio",
    "progress", "meter", "datalist", "title", "desc", "metadata", "defs", "symbol", "rp",
    "annotation", "annotation-xml",
)
_INLINE = ("a", "span", "i", "em", "small", "u", "sup", "sub", "time", "picture", "source", "svg")
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


# fmt: off
NUMBERS = (
    "element", "bits", "block", "tag", "depth", "linked", "links", "target", "strong",
)
# fmt: on
"""What is noted of a line, in this order: the number of the element it begins in, that
element's bits, its block element's number, its index in `TAGS`, its depth; characters in
links, links, the number of the first link's address, characters in bold."""


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
    JSON_LD = 1 << 22
    DIALOG = 1 << 23
    """Hidden unless it is open."""


HEADING = 24
"""The bits from here on are a heading's level."""


Kind = tuple[int, int, int, int]
"""What an element of one name does: a `Layout`; what holds inside of it, `Bit` and landmarks,
the heading's level above them; its index in `TAGS`, 0 for an element that a line is not said to
stand in; its number in `STRINGS`. No named tuple: a plain one is much faster to take apart."""


def _kind(name: str, number: int) -> Kind:
    layout = Layout.INLINE
    if name in _BLOCKS:
        layout = Layout.BLOCK
    elif name in _SPACED:
        layout = Layout.SPACED
    bits = 0
    if name in _TAG_LANDMARKS:
        bits |= 1 << LANDMARKS.index(_TAG_LANDMARKS[name])
    for names, bit in (
        (_STRONG, Bit.STRONG),
        (_UNSEEN, Bit.UNSEEN),
        (_PREFORMATTED, Bit.PREFORMATTED),
        (("svg",), Bit.SVG),
        (("title",), Bit.TITLE),
        (("dialog",), Bit.DIALOG),
    ):
        if name in names:
            bits |= bit
    if name in ("h1", "h2", "h3", "h4", "h5", "h6"):
        bits |= int(name[1]) << HEADING
    return int(layout), int(bits), TAGS.index(name) if name in TAGS else 0, number


_NAMED = dict.fromkeys(("", *_BLOCKS, *_SPACED, *_UNSEEN, *_TAG_LANDMARKS, *_STRONG, *_INLINE))
STRINGS = {name: number for number, name in enumerate(_NAMED)}
"""The names of the elements that do anything, and of common ones that do not, by number."""
KINDS = {name: _kind(name, number) for name, number in STRINGS.items()}
"""What each of them does; any other is inline."""
ROLES = {role: 1 << LANDMARKS.index(name) for role, name in _ROLE_LANDMARKS.items()}
"""The landmark's bit of each ARIA role."""
