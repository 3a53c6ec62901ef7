"""HTML to lines: the text as a browser lays it out in blocks, and where each line stood.

The parser builds the tree as browsers do and reports it as events; one pass over them
makes the lines. What a browser never shows is left out (scripts, styles, templates, what
stands in for a frame or a film). What the page's own markup hides (`hidden`,
`display: none`) is kept and flagged: pages show much of it by script later.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from paywallstrip.hints import Hints, read_hints
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
# fmt: on

REACH = 12
"""So many ancestors with a class or id lend a line their words."""
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
    names = {*_BLOCKS, *_SPACED_TAGS, *_SKIPPED, *_TAG_LANDMARKS, "b", "strong", "svg"}
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
_PLAIN = (_INLINE, 0, 0)
_ROLES = {role: 1 << LANDMARKS.index(name) for role, name in _ROLE_LANDMARKS.items()}
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


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


class _Row(NamedTuple):
    """What is noted of a line while the page is read."""

    text: str
    element: int
    bits: int
    block: int
    tag: int
    depth: int
    linked: int
    links: int
    strong: int


class _Reader:
    """Receives the parser's events and makes lines of them."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.titles: list[str] = []
        self.scripts: list[str] = []
        # Of each element, by number: the nearest ancestor, tag, class and id.
        self.up = [0]
        self.tags = [""]
        self.names = [""]
        # The state inside the innermost open element, and those to come back to.
        self.stack: list[tuple[int, int, int, int, int]] = []
        self.element = self.bits = self.block = self.tag = self.link = 0
        self.script = False
        # The line that is being read.
        self.pieces: list[str] = []
        self.linked: list[str] = []
        self.strong: list[str] = []
        self.links: set[int] = set()
        self.begun: tuple[int, int, int, int, int] | None = None
        self.after_link = -1

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        self.stack.append((self.element, self.bits, self.block, self.tag, self.link))
        number = len(self.up)
        self.up.append(self.element)
        self.tags.append(tag)
        self.element = number
        layout, own, index = _KINDS.get(tag, _PLAIN)
        if layout == _BLOCK:
            if self.pieces:
                self.flush()
            self.block = number
        elif layout == _SPACED and self.pieces:
            self.pieces.append(" ")
        if index:
            self.tag = index
        bits = self.bits | own
        if own >> _HEADING:
            bits = bits & ((1 << _HEADING) - 1) | own
        self.bits = bits
        self.names.append(self.read_attributes(tag, attrs, layout) if attrs else "")
        if tag == "title" and not bits & _SVG:
            self.titles.append("")

    def read_attributes(
        self, tag: str, attrs: tuple[tuple[str, str | None], ...], layout: int
    ) -> str:
        names = ""
        for name, value in attrs:
            if name == "class" or name == "id":
                if value:
                    names += f" {value}"
            elif name == "href":
                if tag == "a":
                    if self.after_link == len(self.pieces):
                        # Two links that touch are two buttons more often than one word.
                        self.pieces.append(" ")
                    self.link = self.element
            elif name == "hidden" or name == "style":
                if name == "hidden" or (value and _UNSEEN.search(value)):
                    self.bits |= _HIDDEN if layout == _BLOCK else _HIDDEN | _SKIP
            elif name == "role":
                self.bits |= _ROLES.get(value or "", 0)
            elif name == "type" and tag == "script":
                self.script = value is not None and value.strip().lower() == "application/ld+json"
        return names

    def end_element(self, tag: str) -> None:
        layout = _KINDS.get(tag, _PLAIN)[0]
        if layout and self.pieces:
            if layout == _BLOCK:
                self.flush()
            else:
                self.pieces.append(" ")
        if tag == "script":
            self.script = False
        elif tag == "a":
            self.after_link = len(self.pieces)
        self.element, self.bits, self.block, self.tag, self.link = self.stack.pop()

    def characters(self, data: str) -> None:
        bits = self.bits
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
            self.begun = (self.element, bits, self.block, self.tag, len(self.stack))
        self.pieces.append(data)
        if self.link:
            self.linked.append(data)
            self.links.add(self.link)
        if bits & _STRONG:
            self.strong.append(data)

    def keep_aside(self, data: str) -> None:
        """Keep what is not shown but tells of the page."""
        if self.script:
            self.scripts.append(data)
        elif self.tags[self.element] == "title" and not self.bits & _SVG:
            self.titles[-1] += data

    def keep_preformatted(self, data: str) -> None:
        """Take text in which line feeds are shown."""
        self.bits &= ~_PRE
        for i, part in enumerate(data.split("\n")):
            if i and self.pieces:
                self.flush()
            if part:
                self.characters(part)
        self.bits |= _PRE

    def comment(self, data: str) -> None:
        """Pass over a comment."""

    def doctype(self, name: str, public_id: str | None, system_id: str | None) -> None:
        """Pass over the document type."""

    def processing_instruction(self, target: str, data: str) -> None:
        """Pass over an instruction."""

    def flush(self) -> None:
        """End the line."""
        if self.begun is not None:
            self.rows.append(
                _Row(
                    _folded(self.pieces),
                    *self.begun,
                    len(_folded(self.linked)),
                    len(self.links),
                    len(_folded(self.strong)),
                )
            )
            self.begun = None
            if self.linked:
                self.linked.clear()
                self.links.clear()
            self.strong.clear()
        self.pieces.clear()
        self.after_link = -1

    def finish(self) -> MarkupLines:
        """Return the page's lines as arrays."""
        self.flush()
        columns = list(zip(*self.rows, strict=True)) or [()] * len(_Row._fields)
        texts, *numbers = columns
        element, bits, block, tag, depth, linked, links, strong = (
            np.array(column, dtype=np.int64) for column in numbers
        )
        tag_paths, class_paths = self.paths(element)
        bounds, words, levels = self.words(element)
        return MarkupLines(
            text="\n".join(texts),
            title=next((t for t in (" ".join(t.split()) for t in self.titles) if t), ""),
            hints=read_hints(self.scripts),
            tags=tag.astype(np.uint8),
            link_characters=linked,
            links=links,
            strong_characters=strong,
            depth=depth,
            landmarks=bits.astype(np.uint16),
            headings=(bits >> _HEADING).astype(np.uint8),
            hidden=(bits & _HIDDEN) != 0,
            parents=block,
            tag_paths=tag_paths,
            class_paths=class_paths,
            word_bounds=bounds,
            words=words,
            word_levels=levels,
        )

    def paths(self, elements: Ints) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return hashes of each element's ancestors: their tags, and their tags and classes."""
        known = {0: (0, 0)}
        for element in elements.tolist():
            chain = []
            while element not in known:
                chain.append(element)
                element = self.up[element]
            tag_path, class_path = known[element]
            for each in reversed(chain):
                tag = self.tags[each].encode("utf-8", "replace")
                tag_path = crc32(tag + b"/", tag_path)
                names = self.names[each].encode("utf-8", "replace")
                class_path = crc32(tag + names + b"/", class_path)
                known[each] = tag_path, class_path
        pairs = np.array([known[e] for e in elements.tolist()], dtype=np.uint32).reshape(-1, 2)
        return pairs[:, 0].copy(), pairs[:, 1].copy()

    def words(self, elements: Ints) -> tuple[Ints, NDArray[np.uint32], NDArray[np.uint8]]:
        """Return the words of the ancestors' classes and ids."""
        bounds, words, levels = [0], [], []
        for element in elements.tolist():
            level = 0
            while element and level < REACH:
                own = class_words(self.names[element])
                if own:
                    words += own
                    levels += [level] * len(own)
                    level += 1
                element = self.up[element]
            bounds.append(len(words))
        return (
            np.array(bounds, dtype=np.int64),
            np.array(words, dtype=np.uint32),
            np.array(levels, dtype=np.uint8),
        )


def _folded(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split()) if pieces else ""


@lru_cache(4096)
def class_words(names: str) -> tuple[int, ...]:
    """Return hashes of the words in classes and ids, cut at case, hyphens and digits.

    >>> class_words("teaserList__item-3") == class_words("teaser list item")
    True
    """
    found = (word.lower() for word in _WORD.findall(names))
    distinct = dict.fromkeys(word for word in found if len(word) > 1)
    return tuple(crc32(word.encode("utf-8", "replace")) for word in [*distinct][:MOST_WORDS])


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
