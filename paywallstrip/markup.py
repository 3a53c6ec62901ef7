"""HTML to lines: the text as a browser lays it out in blocks, and where each line stood.

The parser builds the tree as browsers do and reports it as events; one pass over them
makes the lines. What a browser never shows is left out (scripts, styles, templates, what
stands in for a frame or a film). What the page's own markup hides (`hidden`,
`display: none`) is kept and flagged: pages show much of it by script later.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.markup_hints import Hints, read_hints
from paywallstrip.markup_words import NameWords, hash_names
from paywallstrip.tokens import BASE, Hashes, mix

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
# fmt: on

REACH = 16
"""So many ancestors lend a line their names."""
CLASS_REACH = 4
"""So many ancestors make up `MarkupLines.class_paths`."""
MOST_WORDS = 16
"""So many words of one element are taken."""


class MarkupLines(NamedTuple):
    """The lines of one HTML page, and what the markup says of each.

    Attributes:
        text: the lines, joined by `\\n`; none is blank, white space is folded.
        title: what stands in `<title>`, white space folded; may be empty.
        hints: what the page's JSON-LD claims.
        tags: uint8 array of shape (lines,), index in `TAGS` of the innermost element
            that lays out a block, a cell or a control around the line's beginning.
        link_characters: int64 array of shape (lines,), characters inside `<a href>`.
        links: int64 array of shape (lines,), how many links have text in the line.
        strong_characters: int64 array of shape (lines,), characters in `b` or `strong`.
        depth: int64 array of shape (lines,), ancestors of the line's beginning.
        joined: int64 array of shape (lines,), depth of the innermost element around both
            the line and the one before it; 0 for the first line.
        landmarks: uint16 array of shape (lines,), bits in the order of `LANDMARKS`.
        headings: uint8 array of shape (lines,), 1 to 6 inside a heading, else 0.
        hidden: bool array of shape (lines,), whether the markup hides the line.
        parents: int64 array of shape (lines,), number of the innermost block element, in
            document order: the same for all lines of one element.
        tag_paths: uint32 array of shape (lines,), hash of the ancestors' tag names.
        class_paths: uint32 array of shape (lines,), hash of their tag names and classes.
        word_bounds: int64 array of shape (lines + 1,): the words of line i are
            `words[word_bounds[i]:word_bounds[i + 1]]`.
        words: uint32 array, hashed words of the ancestors' classes and ids, the nearest
            ancestor's first, as often as they stand there.
        word_levels: uint8 array, how many ancestors with words stand between the line
            and the word's own, 0 to `REACH` - 1.
    """

    text: str
    title: str
    hints: Hints
    tags: NDArray[np.uint8]
    link_characters: Ints
    links: Ints
    strong_characters: Ints
    depth: Ints
    joined: Ints
    landmarks: NDArray[np.uint16]
    headings: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    parents: Ints
    tag_paths: NDArray[np.uint32]
    class_paths: NDArray[np.uint32]
    word_bounds: Ints
    words: NDArray[np.uint32]
    word_levels: NDArray[np.uint8]


_STRONG, _HIDDEN, _SKIP, _PRE, _SVG = (1 << bit for bit in range(16, 21))
_HEADING = 21
_INLINE, _SPACED, _BLOCK = range(3)
_NAMES, _HREF, _HIDING, _TYPE = range(1, 5)
_ATTRIBUTES = {
    **dict.fromkeys(
        ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component"), _NAMES
    ),
    "href": _HREF,
    "hidden": _HIDING,
    "style": _HIDING,
    "type": _TYPE,
}
_State = tuple["_State | None", int, int, int, int, int, int]
"""An open element: the one around it, its number, its bits, the number of the innermost
block element, the index in `TAGS`, the number of the link, its depth."""

# fmt: off
_BLOCKS = (
    "html", "body", "address", "article", "aside", "blockquote", "caption", "center", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li",
    "listing", "main", "menu", "nav", "ol", "p", "plaintext", "pre", "search", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "xmp", "br",
)
_SPACED_TAGS = ("td", "th", "button", "select", "option", "optgroup", "textarea", "input")
_SKIPPED = (
    "head", "script", "style", "template", "iframe", "noframes", "noembed", "video", "audio",
    "canvas", "datalist", "title", "desc", "metadata", "defs", "symbol", "rp", "annotation",
    "annotation-xml",
)
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


def _element_kinds() -> dict[str, tuple[int, int, int]]:
    """Return what each element does: its layout, its bits, its index in `TAGS`."""
    names = {*_BLOCKS, *_SPACED_TAGS, *_SKIPPED, *_TAG_LANDMARKS, "b", "strong", "svg", "script"}
    kinds = {}
    for name in names:
        layout = _BLOCK if name in _BLOCKS else _SPACED if name in _SPACED_TAGS else _INLINE
        bits = 0
        if name in _TAG_LANDMARKS:
            bits |= 1 << LANDMARKS.index(_TAG_LANDMARKS[name])
        if name in ("b", "strong"):
            bits |= _STRONG
        if name == "svg":
            bits |= _SVG
        if name in _SKIPPED:
            bits |= _SKIP
        if name in ("pre", "listing", "plaintext", "xmp", "textarea"):
            bits |= _PRE
        if len(name) == 2 and name[0] == "h" and name[1].isdigit():
            bits |= int(name[1]) << _HEADING
        kinds[name] = (layout, bits, TAGS.index(name) if name in TAGS else 0)
    return kinds


_KINDS = _element_kinds()
_ROLES = {role: 1 << LANDMARKS.index(name) for role, name in _ROLE_LANDMARKS.items()}
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_markup(html: str | bytes) -> MarkupLines:
    """Turn an HTML page into lines.

    Args:
        html: the page; bytes are decoded as browsers do (byte order mark, then what a
            `<meta>` declares, then by what they look like).

    Returns:
        The lines and what the markup says of them.

    Raises:
        TypeError: if `html` is neither str nor bytes.
        ImportError: if the extra `html` is not installed.

    >>> read_markup("<title>T</title><h1>One</h1><p>Two <a href=/>three</a>").text
    'One\\nTwo three'
    """
    from turbohtml.saxparse import sax_parse

    reader = _Reader()
    sax_parse(decode_html(html), reader)
    return reader.finish()


class _Reader:
    """Receives the parser's events and makes lines of them."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, _State, int, int, int]] = []
        self.titles: list[str] = []
        self.scripts: list[str] = []
        self.hrefs = [""]
        # Of each element, by number: its parent, and which of `strings` its tag and names are.
        self.ups = [0]
        self.tags = [0]
        self.names = [0]
        self.strings = {"": 0}
        # The innermost open element.
        self.state: _State = (None, 0, 0, 0, 0, 0, 0)
        self.script = False
        # The line that is being read, and where it began.
        self.pieces: list[str] = []
        self.linked: list[str] = []
        self.strong: list[str] = []
        self.links = self.last_link = 0
        self.begun: _State | None = None
        self.after_link = -1

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        state = self.state
        _, above, bits, block, index, link, depth = state
        number = len(self.ups)
        self.ups.append(above)
        strings = self.strings
        self.tags.append(strings.setdefault(tag, len(strings)))
        layout = 0
        kind = _KINDS.get(tag)
        if kind:
            layout, own, own_index = kind
            if layout == _BLOCK:
                if self.pieces:
                    self.flush()
                block = number
            elif layout and self.pieces:
                self.pieces.append(" ")
            if own_index:
                index = own_index
            bits |= own
            if own >> _HEADING:
                bits = bits & ((1 << _HEADING) - 1) | own
            if tag == "title" and not bits & _SVG:
                self.titles.append("")
        names = ""
        for name, value in attrs:
            use = _ATTRIBUTES.get(name)
            if not use:
                continue
            if use == _NAMES:
                if value:
                    names = f"{names} {value}" if names else value
                    if name == "role":
                        bits |= _ROLES.get(value, 0)
            elif use == _HREF:
                if tag == "a":
                    if self.after_link == len(self.pieces):
                        # Two links that touch are two buttons more often than one word.
                        self.pieces.append(" ")
                    link = len(self.hrefs)
                    self.hrefs.append(value or "")
            elif use == _HIDING:
                if name == "hidden" or (value and _UNSEEN.search(value)):
                    bits |= _HIDDEN if layout == _BLOCK else _HIDDEN | _SKIP
            elif tag == "script":
                self.script = value is not None and value.strip().lower() == "application/ld+json"
        self.names.append(strings.setdefault(names, len(strings)) if names else 0)
        self.state = (state, number, bits, block, index, link, depth + 1)

    def end_element(self, tag: str) -> None:
        if self.pieces:
            kind = _KINDS.get(tag)
            if kind:
                if kind[0] == _BLOCK:
                    self.flush()
                elif kind[0]:
                    self.pieces.append(" ")
            elif tag == "a":
                self.after_link = len(self.pieces)
        self.state = self.state[0] or self.state

    def characters(self, data: str) -> None:
        state = self.state
        bits = state[2]
        if bits & (_SKIP | _PRE):
            if bits & _SKIP:
                self.keep_aside(data)
            else:
                self.keep_preformatted(data)
            return
        if data.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        if self.begun is None:
            self.begun = state
        self.pieces.append(data)
        link = state[5]
        if link:
            self.linked.append(data)
            if link != self.last_link:
                self.links += 1
                self.last_link = link
        if bits & _STRONG:
            self.strong.append(data)

    def keep_aside(self, data: str) -> None:
        """Keep what is not shown but tells of the page."""
        if self.bits_tag() == "script":
            if self.script:
                self.scripts.append(data)
        elif self.titles and not self.state[2] & _SVG and self.bits_tag() == "title":
            self.titles[-1] += data

    def bits_tag(self) -> str:
        """Return the innermost element's tag."""
        return [*self.strings][self.tags[self.state[1]]]

    def keep_preformatted(self, data: str) -> None:
        """Take text in which line feeds are shown."""
        state = self.state
        self.state = (*state[:2], state[2] & ~_PRE, *state[3:])
        for i, part in enumerate(data.split("\n")):
            if i and self.pieces:
                self.flush()
            if part:
                self.characters(part)
        self.state = state

    def comment(self, data: str) -> None:
        """Pass over a comment."""

    def doctype(self, name: str, public_id: str | None, system_id: str | None) -> None:
        """Pass over the document type."""

    def processing_instruction(self, target: str, data: str) -> None:
        """Pass over an instruction."""

    def flush(self) -> None:
        """End the line."""
        if self.begun is not None:
            text = " ".join("".join(self.pieces).split())
            linked = strong = 0
            if self.linked:
                linked = len(" ".join("".join(self.linked).split()))
                self.linked.clear()
            if self.strong:
                strong = len(" ".join("".join(self.strong).split()))
                self.strong.clear()
            self.lines.append((text, self.begun, linked, self.links, strong))
            self.begun = None
            self.links = self.last_link = 0
        self.pieces.clear()
        self.after_link = -1

    def finish(self) -> MarkupLines:
        """Return the page's lines as arrays."""
        self.flush()
        count = len(self.lines)
        texts = [line[0] for line in self.lines]
        states = np.array([line[1][1:] for line in self.lines], dtype=np.int64).reshape(count, 6)
        element, bits, block, tag, _, depth = states.T
        linked, links, strong = (
            np.array([line[2:] for line in self.lines], dtype=np.int64).reshape(count, 3).T
        )
        up = np.array(self.ups)
        ancestors = _ancestors(element, up)
        hashed = hash_names([*self.strings])
        own_tags = hashed.whole.take(np.array(self.tags))
        names = np.array(self.names)
        bounds, words, levels = _words(names.take(ancestors), hashed)
        return MarkupLines(
            text="\n".join(texts),
            title=next((t for t in (" ".join(t.split()) for t in self.titles) if t), ""),
            hints=read_hints(self.scripts),
            tags=tag.astype(np.uint8),
            link_characters=linked,
            links=links,
            strong_characters=strong,
            depth=depth,
            joined=_joined(element, depth, up),
            landmarks=bits.astype(np.uint16),
            headings=(bits >> _HEADING).astype(np.uint8),
            hidden=(bits & _HIDDEN) != 0,
            parents=block,
            tag_paths=_path_hashes(own_tags.take(ancestors)),
            class_paths=_path_hashes(
                (own_tags + hashed.whole.take(names)).take(ancestors[:CLASS_REACH])
            ),
            word_bounds=bounds,
            words=words,
            word_levels=levels,
        )


def _ancestors(elements: Ints, up: Ints) -> Ints:
    """Return an array of shape (REACH, lines): each line's element, its parent and so on."""
    result = np.empty((REACH, len(elements)), dtype=np.int64)
    for level in range(REACH):
        result[level] = elements
        elements = up.take(elements)
    return result


def _path_hashes(own: Hashes) -> NDArray[np.uint32]:
    """Hash each column of ancestors, the nearest first."""
    path = np.zeros(own.shape[1], dtype=np.uint64)
    for row in own[::-1]:
        path = mix(path * np.uint64(BASE) + row)
    return (path >> np.uint64(32)).astype(np.uint32)


def _joined(elements: Ints, depth: Ints, up: Ints) -> Ints:
    """Return the depth of the innermost element around each line and the one before it."""
    # Elements are numbered as they open: an ancestor of this line that opened before the
    # line before began is an ancestor of that one too.
    around, result = elements.copy(), depth.copy()
    result[:1] = 0
    before = np.concatenate([elements[:1], elements[:-1]])
    inside = np.flatnonzero(around > before)
    while len(inside):
        around[inside] = up[around[inside]]
        result[inside] -= 1
        inside = inside[around[inside] > before[inside]]
    return result


def _words(names: Ints, hashed: NameWords) -> tuple[Ints, NDArray[np.uint32], NDArray[np.uint8]]:
    """Return the words of the names of each line's ancestors.

    Args:
        names: int64 array of shape (REACH, lines), the names of each ancestor.
        hashed: the words of all names.
    """
    order = names.T.ravel()
    firsts = hashed.bounds.take(order)
    counts = np.minimum(hashed.bounds.take(order + 1) - firsts, MOST_WORDS)
    ends = np.cumsum(counts)
    bounds = np.concatenate([[0], ends[REACH - 1 :: REACH]])
    within = np.arange(bounds[-1]) - np.repeat(ends - counts, counts)
    words = hashed.words.take(np.repeat(firsts, counts) + within)
    levels = np.repeat(np.tile(np.arange(REACH, dtype=np.uint8), names.shape[1]), counts)
    return bounds, words, levels


def decode_html(html: str | bytes) -> str:
    """Decode a page as browsers do.

    Args:
        html: the page; a str is returned as it is.

    Returns:
        The page as text; bytes that mean nothing in its encoding become U+FFFD.
    """
    if isinstance(html, str):
        return html
    if not isinstance(html, bytes):
        raise TypeError(f"html must be a str or bytes, got {type(html).__name__}")
    from turbohtml.detect import detect

    found = detect(html).encoding or "windows-1252"
    if found == "UTF-8-SIG":
        return html.decode("utf-8-sig", "replace")
    return html.decode(f"whatwg-{found}", "replace")
