"""A page to the markup of its tree: written out by the parser, in one form whatever it was.

Needs the extra `html`. What comes out has one `<` where a tag begins and one `>` where it ends,
and no other of the two but where a name holds a `<`: in texts and values they are written as
entities, and nothing stands in scripts and the like.
"""

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import NamedTuple

from turbohtml import Document, Element, Namespace, Node, Text, escape, parse

from paywallstrip.errors import PageError
from paywallstrip.groups import grouped
from paywallstrip.markup.xhtml import as_html

_EMPTIED = ("script", "style", "iframe", "noembed", "noframes")
_RAW = ("xmp", "plaintext")
"""What is written out as it stands, since the parser reads it so."""
DEEPEST = 513
"""So deep an element the parser nests nothing: what stands in it comes behind it."""
LONGEST = 32 << 20
"""Bytes that the markup of any page may have; reading it takes some twenty times as much memory."""
MOST_GROWTH = 20
"""Times its source that the markup of a longer one may have. Signs that become entities make six;
elements of formatting that are left open, which are opened anew in each paragraph, make 600."""
TOGETHER = 16 << 20
"""Bytes of markup after which a group of pages is closed."""


class Written(NamedTuple):
    """A page, written out.

    Attributes:
        markup: UTF-8, with half surrogate pairs as they are.
        scripts: the texts of JSON-LD.
    """

    markup: bytes
    scripts: list[str]


def write_page(html: str) -> Written:
    """Parse a page and write its tree out.

    Args:
        html: the page.

    Raises:
        PageError: if the markup is longer than `LONGEST` and `MOST_GROWTH` allow.

    >>> write_page("<p class=a>1 < 2<script>3 < 4</script>").markup
    b'<html><head></head><body><p class="a">1 &lt; 2<script></script></p></body></html>'
    """
    # Shadow roots would not be written out: they stay the templates that they are written as.
    tree = parse(as_html(html), allow_declarative_shadow_roots=False)
    scripts = []
    depths: dict[Node, int] = {}
    for name in _EMPTIED:
        for element in tree.select(name):
            text = element.text or _take_behind(element, depths)
            if text:
                # In drawings and formulas they are elements like others.
                if element.namespace != Namespace.HTML:
                    continue
                if name == "script" and _is_json_ld(element.attr("type")):
                    scripts.append(text)
                element.text = ""
    for name in _RAW:
        for element in tree.select(name):
            if element.namespace == Namespace.HTML:
                for child in element:
                    if isinstance(child, Text):
                        child.data = escape(child.data, quote=False)
    return Written(_encoded(tree, len(html)), scripts)


def write_groups(pages: Iterable[str]) -> Iterator[list[Written]]:
    """Write pages out, and put together what is read at once: all, unless their markup is long.

    Args:
        pages: the pages; errors as for `write_page`.
    """
    written = map(write_page, pages)
    return grouped(written, lambda page: len(page.markup), repeat(TOGETHER + 1))


def _take_behind(element: Element, depths: dict[Node, int]) -> str:
    """Take away the text that the parser set behind a deep element of no markup, and return it.

    Args:
        element: an element without a text in it.
        depths: how deep the last such element's parent stands; is replaced.
    """
    # Asked first: of most pages' scripts nothing more has to be known.
    following = element.next_sibling
    if not isinstance(following, Text) or following.data.isspace():
        return ""
    parent = element.parent
    if parent is None:
        return ""
    if parent not in depths:
        depths.clear()
        depths[parent] = sum(1 for _ in element.ancestors)
    if depths[parent] < DEEPEST:
        return ""
    text, following.data = following.data, ""
    return text


def _is_json_ld(kind: str | None) -> bool:
    return kind is not None and kind.strip().lower() == "application/ld+json"


def _encoded(tree: Document, size: int) -> bytes:
    """Write out the tree of a page of so many characters."""
    most = max(LONGEST, MOST_GROWTH * size)
    parts, length = [], 0
    for part in tree.serialize_iter():
        parts.append(part.encode("utf-8", "surrogatepass"))
        length += len(parts[-1])
        if length > most:
            raise PageError(
                f"this page of {size} characters has more than {most >> 20} MB of markup once it "
                "is parsed, by elements like <font> that are left open and opened anew in each "
                "paragraph; leave it out, or clean its text as another tool extracts it"
            )
    return b"".join(parts)
