"""A page to lines once more: the parser's events, one after the other, as they come."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np
from turbohtml import DocumentFragment, Element, Namespace, Node, Text, parse
from turbohtml.saxparse import SaxHandler

from paywallstrip.markup.elements import FOREIGN, HEADING, KINDS, REACH, ROLES, STRINGS, Bit, Layout
from paywallstrip.markup.reader import HREF_REACH, Links, Notes, Places
from paywallstrip.markup.styles import Hiding, read_style
from paywallstrip.markup.writer import DEEPEST
from paywallstrip.markup.xhtml import as_html

_CODE = ("script", "style", "iframe", "noembed", "noframes")
_NAMES, _HREF = range(1, 3)
_ATTRIBUTES = {
    "class": _NAMES,
    "id": _NAMES,
    "role": _NAMES,
    "itemprop": _NAMES,
    "rel": _NAMES,
    "data-testid": _NAMES,
    "data-component": _NAMES,
    "href": _HREF,
    "xlink:href": _HREF,
}
_BELOW_HEADING = (1 << HEADING) - 1
_BLOCK, _SPACED = int(Layout.BLOCK), int(Layout.SPACED)
_STRONG, _HIDDEN, _UNSEEN = int(Bit.STRONG), int(Bit.HIDDEN), int(Bit.UNSEEN)
_SVG, _TITLE, _JSON_LD = int(Bit.SVG), int(Bit.TITLE), 1 << 30
_PREFORMATTED = int(Bit.PREFORMATTED)
_ASIDE = _UNSEEN | _PREFORMATTED

Kind = tuple[int, int, int, int]
"""What an element of one name does: a `Layout`; what holds inside of it; its index in `TAGS`;
its number."""
KINDS_BY_NAME: dict[str, Kind] = {
    name.decode(): (
        int(KINDS.layouts[number]),
        int(KINDS.bits[number]),
        int(KINDS.tags[number]),
        number,
    )
    for name, number in STRINGS.items()
}
PLAIN = KINDS_BY_NAME[""]
_OF_DRAWINGS = {name.decode() for name, number in STRINGS.items() if number >= FOREIGN}
ROLES_BY_NAME = {role.decode(): bit for role, bit in ROLES.items()}

State = tuple["State | None", int, int, int, int, int, int]
"""An open element: the one around it, its number, its bits, the number of the innermost
block element, the index in `TAGS`, the number of the innermost link, its depth."""

Attributes = tuple[tuple[str, str | None], ...]
Event = tuple[str, str, Attributes]
"""What the parser tells: start, end or text; the tag or the text; attributes."""


class Page(NamedTuple):
    """What was read of a page; tags, names and addresses by their number.

    Attributes:
        texts: the lines.
        numbers: for each line its element, bits, block, index in `TAGS` and depth; characters
            in links, links, the number of the first one's address; characters in bold.
        ups: the number of each element's parent; element 0 is the document. Elements in which
            nothing is shown are left out.
        tags: each element's tag.
        names: its class, id and the like.
        titles: the texts in `<title>`.
        scripts: the texts of JSON-LD.
    """

    texts: list[str]
    numbers: list[tuple[int, ...]]
    ups: list[int]
    tags: list[int]
    names: list[int]
    titles: list[str]
    scripts: list[str]


def new_strings() -> defaultdict[str, int]:
    """Tags, names and addresses by their number; what is looked up gets the next one."""
    known = {name.decode(): number for name, number in STRINGS.items()}
    return defaultdict(count(len(known)).__next__, known)


def read_notes(html: str) -> Notes:
    """Read one page as `paywallstrip.markup.reader.read_notes` does."""
    reader = Reader(new_strings())
    feed(as_html(html), reader)
    page = reader.finish()
    columns = np.array(page.numbers, dtype=np.int64).reshape(-1, 9).T.copy()
    up = np.array(page.ups)
    ancestors = [columns[0]]
    while len(ancestors) < REACH:
        ancestors.append(up[ancestors[-1]])
    titles = (" ".join(title.split()) for title in page.titles)
    return Notes(
        page.texts,
        np.array([0, len(page.texts)]),
        Places(*columns[:5]),
        np.array(ancestors),
        Links(*columns[5:8]),
        columns[8],
        up,
        np.array(page.tags),
        np.array(page.names),
        "\0".join([*reader.strings, ""]),
        [next(filter(None, titles), "")],
        [page.scripts],
    )


def feed(html: str, reader: "Reader") -> None:
    """Tell of a page's elements and texts in order."""
    # The parser's own events leave out shadow roots.
    todo: list[tuple[str, Iterator[Node]]] = []
    tag, nodes = "", iter(parse(html, allow_declarative_shadow_roots=False))
    behind = False
    while True:
        node = next(nodes, None)
        if isinstance(node, Text):
            if not behind:
                reader.characters(node.data)
            behind = False
        elif isinstance(node, Element):
            # A drawing's script is no script of the page, so nobody asks what it is.
            foreign = node.tag == "script" and node.namespace != Namespace.HTML
            names = () if foreign else node.attrs
            reader.start_element(node.tag, tuple((name, node.attr(name)) for name in names))
            todo.append((tag, nodes))
            tag, nodes = node.tag, iter(node)
            if tag in _CODE and not node.text and len(todo) >= DEEPEST:
                # Deeper than the parser nests anything, code comes behind its script.
                following = node.next_sibling
                if isinstance(following, Text) and not following.data.isspace():
                    reader.characters(following.data)
                    behind = True
        elif isinstance(node, DocumentFragment):
            # What a template holds.
            todo.append((tag, nodes))
            tag, nodes = "", iter(node)
        elif node is None:
            if tag:
                reader.end_element(tag)
            if not todo:
                return
            tag, nodes = todo.pop()


class Reader(SaxHandler):
    """Receives the parser's events, and makes lines of them when the page has ended."""

    def __init__(self, strings: defaultdict[str, int]) -> None:
        self.events: list[Event] = []
        # Of each event: what its element does, and whether it is a part of a fraction.
        self.kinds: list[tuple[Kind | None, bool]] = []
        self.at = 0
        self.strings = strings
        self.texts: list[str] = []
        self.numbers: list[tuple[int, ...]] = []
        self.ups, self.tags, self.names = [0], [0], [0]
        self.hrefs = [""]
        self.titles: list[str] = []
        self.scripts: list[str] = []
        self.state: State = (None, 0, 0, 0, 0, 0, 0)
        # The line that is being read.
        self.begun: State | None = None
        self.pieces: list[str] = []
        self.linked: list[str] = []
        self.strong: list[str] = []
        self.links = self.first_link = self.last_link = 0
        self.after_link = -1
        # How many texts were taken, now and where each open `a` began.
        self.taken = 0
        self.anchors: list[int] = []

    def start_element(self, tag: str, attrs: Attributes) -> None:
        """Open an element."""
        self.events.append(("start", tag, attrs))

    def end_element(self, tag: str) -> None:
        """Close the innermost element."""
        self.events.append(("end", tag, ()))

    def characters(self, data: str) -> None:
        """Take a text."""
        self.events.append(("text", data, ()))

    def start(self, tag: str, attrs: Attributes) -> None:
        """Open an element."""
        state = self.state
        _, above, bits, block, index, link, depth = state
        ups = self.ups
        number = len(ups)
        if tag == "a":
            self.anchors.append(self.taken)
        kind, parted = self.kinds[self.at]
        own_number = self.strings[tag]
        layout, own, own_index, _ = kind or PLAIN
        if layout == _BLOCK:
            block = number
            broken = tag != "br" or not self.is_hidden(self.at)
            if self.pieces and broken and not bits & _UNSEEN:
                self.flush()
        unread = bool((bits | own) & _UNSEEN) or self.is_left_out()
        spaced = layout == _SPACED and not self.takes_no_room(tag, attrs)
        if self.pieces and (parted or spaced) and not unread:
            self.pieces.append(" ")
        if own_index:
            index = own_index
        if own:
            if own > _BELOW_HEADING:
                bits &= _BELOW_HEADING
            bits |= own
        if tag == "dialog" and not any(name == "open" for name, _ in attrs):
            bits |= _HIDDEN
        if bits & _UNSEEN and tag != "a":
            # No line begins in there, so nobody asks for the element or its names.
            if tag == "script" and _is_json_ld(attrs):
                bits |= _JSON_LD
            self.state = (state, above, bits, block, index, link, depth)
            return
        names = ""
        for name, value in attrs:
            use = _ATTRIBUTES.get(name)
            if use is None:
                continue
            if use == _HREF:
                # A drawing's own name for it counts if there is no other.
                if tag == "a" and (name == "href" or (bits & _SVG and "href" not in dict(attrs))):
                    link = self.open_link(value or "", unread)
            elif value:
                names = f"{names} {value}" if names else value
                if name == "role":
                    bits |= ROLES_BY_NAME.get(value, 0)
        if tag == "a" and self.after_link == len(self.pieces) and not unread and self.has_text():
            self.pieces.append(" ")
        if self.is_hidden(self.at):
            bits |= _HIDDEN
            if self.begun is not None and self.has_blocks():
                self.flush()
            elif self.begun is not None:
                # In the midst of a line that is shown, it would not be that line any more.
                bits |= _UNSEEN
        ups.append(above)
        self.tags.append(own_number)
        self.names.append(self.strings[names] if names else 0)
        self.state = (state, number, bits, block, index, link, depth + 1)

    def is_left_out(self) -> bool:
        """Tell whether the element that begins is hidden in the midst of a line."""
        return self.begun is not None and self.is_hidden(self.at) and not self.has_blocks()

    def takes_no_room(self, tag: str, attrs: Attributes) -> bool:
        """Tell whether the element that begins is an input that is hidden."""
        kind = dict(attrs).get("type") or ""
        return tag == "input" and (kind.lower() == "hidden" or self.is_hidden(self.at))

    def is_hidden(self, at: int) -> bool:
        """Tell whether the element that begins somewhere is hidden by its attributes."""
        hiding = self.hiding(at)
        if hiding != Hiding.INVISIBLE:
            return hiding == Hiding.HIDDEN
        depth = 0
        for i in range(at, len(self.events)):
            kind = self.events[i][0]
            depth += (kind == "start") - (kind == "end")
            if not depth or (kind == "start" and self.hiding(i) == Hiding.SHOWN):
                break
        return not depth

    def hiding(self, at: int) -> Hiding:
        """Tell what the attributes of the element that begins somewhere do."""
        given = dict(self.events[at][2])
        layout = (self.kinds[at][0] or PLAIN)[0]
        hidden = given["hidden"] or "" if "hidden" in given else None
        return read_style(given.get("style") or "", hidden, bool(layout))

    def find_kinds(self) -> None:
        """Find what the elements do, which depends on where they stand."""
        around: list[tuple[str, Kind | None, bool, bool]] = [("", None, False, False)]
        for event, tag, attrs in self.events:
            above, _, _, drawn = around[-1]
            if event == "start":
                kind = None if tag in _OF_DRAWINGS and not drawn else KINDS_BY_NAME.get(tag)
                if tag == "template" and _is_shadow(attrs):
                    kind = (*PLAIN[:3], self.strings[tag])
                parted = above == "mfrac" and drawn
                drawn = tag in ("svg", "math") or (drawn and tag != "foreignObject")
                around.append((tag, kind, parted, drawn))
            self.kinds.append(around[-1][1:3])
            if event == "end":
                around.pop()

    def has_text(self) -> bool:
        """Tell whether text of the line stands in the element that begins."""
        around: list[bool] = [False]
        for at in range(self.at, len(self.events)):
            kind, data, _ = self.events[at]
            if kind == "start":
                unseen = (self.kinds[at][0] or PLAIN)[1] & _UNSEEN
                around.append(around[-1] or bool(unseen) or self.is_hidden(at))
            elif kind == "end":
                around.pop()
                if len(around) == 1:
                    break
            elif not around[-1] and not data.isspace():
                return True
        return False

    def has_blocks(self) -> bool:
        """Tell whether blocks with text stand in the element that begins."""
        around: list[tuple[bool, int]] = []
        for at in range(self.at, len(self.events)):
            kind, data, _ = self.events[at]
            if kind == "start":
                layout, bits, _, _ = self.kinds[at][0] or PLAIN
                block, unseen = around[-1] if around else (False, 0)
                around.append((block or layout == _BLOCK, unseen | bits & _UNSEEN))
            elif kind == "end":
                around.pop()
                if not around:
                    break
            elif around[-1] == (True, 0) and not data.isspace():
                return True
        return False

    def open_link(self, href: str, unread: bool) -> int:
        """Return the number of a new link."""
        if self.after_link == len(self.pieces) and not unread:
            # Two links that touch are two buttons more often than one word.
            self.pieces.append(" ")
        self.hrefs.append(href[:HREF_REACH])
        return len(self.hrefs) - 1

    def end(self, tag: str) -> None:
        """Close the innermost element."""
        state = self.state
        outer = state[0]
        if outer is None:
            return
        self.state = outer
        said = tag == "a" and self.taken > self.anchors.pop()
        if not self.pieces:
            return
        kind, parted = self.kinds[self.at]
        layout = kind[0] if kind is not None else 0
        unread = state[2] & _UNSEEN
        if parted and not unread:
            self.pieces.append(" ")
        if layout == _BLOCK or (state[2] ^ outer[2]) & _HIDDEN:
            # What is hidden is a line of its own, whatever element it stands in.
            if not unread:
                self.flush()
        elif unread:
            # What is not read parts nothing.
            pass
        elif layout:
            # An input has nothing in it.
            if tag != "input":
                self.pieces.append(" ")
        elif tag == "a" and (state[5] != outer[5] or said):
            self.after_link = len(self.pieces)

    def text(self, data: str) -> None:
        """Take a text."""
        blank = data.isspace()
        if blank and not self.pieces:
            return
        state = self.state
        bits = state[2]
        if bits & _ASIDE:
            if bits & _UNSEEN:
                self.keep_aside(data, bits)
            else:
                self.take_preformatted(data, bits)
            return
        if blank:
            self.pieces.append(" ")
            return
        if self.begun is None:
            self.begun = state
        self.pieces.append(data)
        self.taken += 1
        link = state[5]
        if link:
            self.linked.append(data)
            if link != self.last_link:
                self.links += 1
                self.first_link = self.first_link or link
                self.last_link = link
        if bits & _STRONG:
            self.strong.append(data)

    def keep_aside(self, data: str, bits: int) -> None:
        """Keep what is not shown but tells of the page."""
        if bits & _JSON_LD:
            self.scripts.append(data)
        elif bits & _TITLE and not bits & _SVG:
            self.titles.append(data)

    def take_preformatted(self, data: str, bits: int) -> None:
        """Take a text in which line feeds are shown."""
        state = self.state
        self.state = (*state[:2], bits & ~_PREFORMATTED, *state[3:])
        for i, part in enumerate(data.split("\n")):
            if i and self.pieces:
                self.flush()
            if part:
                self.text(part)
        self.state = state

    def flush(self) -> None:
        """End the line."""
        begun, pieces = self.begun, self.pieces
        if begun is not None:
            text = _folded(pieces)
            linked = strong = target = links = 0
            if self.linked:
                alone = self.linked == pieces
                linked = len(text if alone else _folded(self.linked))
                target = self.strings[self.hrefs[self.first_link]]
                links = self.links
                self.linked = []
                self.links = self.first_link = self.last_link = 0
            if self.strong:
                strong = len(_folded(self.strong))
                self.strong = []
            _, number, bits, block, index, _, depth = begun
            self.texts.append(text)
            line = (number, bits, block, index, depth, linked, links, target, strong)
            self.numbers.append(line)
            self.begun = None
        self.pieces = []
        self.after_link = -1

    def finish(self) -> Page:
        """Return what the page says, when it has ended."""
        self.find_kinds()
        for at, (kind, data, attrs) in enumerate(self.events):
            self.at = at
            if kind == "start":
                self.start(data, attrs)
            elif kind == "end":
                self.end(data)
            else:
                self.text(data)
        self.flush()
        return Page(
            self.texts,
            self.numbers,
            self.ups,
            self.tags,
            self.names,
            self.titles,
            self.scripts,
        )


def _is_shadow(attrs: Attributes) -> bool:
    return (dict(attrs).get("shadowrootmode") or "").lower() in ("open", "closed")


def _is_json_ld(attrs: Attributes) -> bool:
    for name, value in attrs:
        if name == "type":
            return value is not None and value.strip().lower() == "application/ld+json"
    return False


def _folded(pieces: list[str]) -> str:
    text = pieces[0].strip() if len(pieces) == 1 else "".join(pieces).strip()
    # Of white space, a space alone can be printed: most texts are folded already.
    if text.isprintable() and "  " not in text:
        return text
    return " ".join(text.split())
