"""A page to the markup of its tree: written out by the parser, in one form whatever it was.

Needs the extra `html`. What comes out has one `<` where a tag begins and one `>` where it ends,
and no other of the two but where a name holds a `<`: in texts and values they are written as
entities, and nothing stands in scripts and the like.
"""

from typing import NamedTuple

from turbohtml import Document, Namespace, Text, escape, parse

_EMPTIED = ("script", "style", "iframe", "noembed", "noframes")
_RAW = ("xmp", "plaintext")
"""What is written out as it stands, since the parser reads it so."""


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

    >>> write_page("<p class=a>1 < 2<script>3 < 4</script>").markup
    b'<html><head></head><body><p class="a">1 &lt; 2<script></script></p></body></html>'
    """
    tree = parse(html)
    scripts = []
    for name in _EMPTIED:
        for element in tree.select(name):
            text = element.text
            if text:
                if name == "script" and _is_json_ld(element.attr("type")):
                    scripts.append(text)
                # In drawings and formulas they are elements like others.
                if element.namespace == Namespace.HTML:
                    element.text = ""
    for name in _RAW:
        for element in tree.select(name):
            if element.namespace == Namespace.HTML:
                for child in element:
                    if isinstance(child, Text):
                        child.data = escape(child.data, quote=False)
    return Written(_encoded(tree), scripts)


def _is_json_ld(kind: str | None) -> bool:
    return kind is not None and kind.strip().lower() == "application/ld+json"


def _encoded(tree: Document) -> bytes:
    try:
        return tree.encode()
    except UnicodeEncodeError:
        return tree.html.encode("utf-8", "surrogatepass")
