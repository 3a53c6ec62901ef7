"""The `style` of an element: whether it hides it."""

import re
from enum import IntEnum

# What may hold a semicolon that ends nothing. Each ends with the style if nothing else ends it.
_APART = re.compile(r""""[^"]*"?|'[^']*'?|\([^()]*\)?|/\*.*?(?:\*/|\Z)""", re.DOTALL)
# fmt: off
_ALWAYS = ("inherit", "initial", "unset")
# What browsers know; anything else is passed over, and what was said before it holds.
_DISPLAYS = frozenset((
    "none", "contents", "inline", "block", "flow", "flow-root", "list-item", "inline-block",
    "run-in", "ruby", "ruby-text", "math", "flex", "inline-flex", "grid", "inline-grid", "table",
    "inline-table", "table-row", "table-cell", "table-caption", "table-row-group",
    "table-header-group", "table-footer-group", "table-column", "table-column-group",
    "-webkit-box", "-webkit-inline-box", "-webkit-flex", "-webkit-inline-flex", *_ALWAYS,
))
# fmt: on
_VISIBILITIES = frozenset(("visible", "hidden", "collapse", *_ALWAYS))
_CONTENTS = frozenset(("visible", "hidden", "auto", *_ALWAYS))
_VALUES = {"display": _DISPLAYS, "visibility": _VISIBILITIES, "content-visibility": _CONTENTS}
_UNTIL_FOUND = "until-found"
"""The value of `hidden` that hides the contents of a box, as `content-visibility` does."""
_UNBOXED = ("inline", "contents", "initial", "unset")


class Hiding(IntEnum):
    """What an element's style does to what stands in it."""

    NONE = 0
    SHOWN = 1
    """Shown though it may stand in what is not `visible`."""
    INVISIBLE = 2
    """Hidden, but for what is `visible` in it."""
    HIDDEN = 3


def read_style(style: str, hidden: str | None, boxed: bool) -> Hiding:
    """Tell whether an element is hidden.

    Args:
        style: its `style`; may be empty.
        hidden: its attribute `hidden`, which a `display` overrules; None without one.
        boxed: whether it is more than a run of text: `content-visibility` does nothing to those.

    >>> read_style("color: red; display: none", hidden=None, boxed=True).name
    'HIDDEN'
    >>> read_style("/* display: none */", hidden=None, boxed=True).name
    'NONE'
    """
    said = _declared(style)
    display = said.get("display")
    if hidden is not None and hidden.lower() == _UNTIL_FOUND:
        said.setdefault("content-visibility", "hidden")
    elif hidden is not None and display is None:
        return Hiding.HIDDEN
    if display == "none":
        return Hiding.HIDDEN
    boxed = boxed if display is None else display not in _UNBOXED
    if boxed and said.get("content-visibility") == "hidden":
        return Hiding.HIDDEN
    visibility = said.get("visibility")
    if visibility in ("hidden", "collapse"):
        return Hiding.INVISIBLE
    return Hiding.SHOWN if visibility in ("visible", "initial") else Hiding.NONE


def _declared(style: str) -> dict[str, str]:
    """Return what a style says of showing: of two things that hold the last one."""
    said: dict[str, str] = {}
    firm = set()
    for declaration in _APART.sub("", style).lower().split(";"):
        name, _, value = declaration.partition(":")
        value, _, important = value.partition("!")
        name = name.strip()
        words = value.split()
        if not words or name not in _VALUES or not _VALUES[name].issuperset(words):
            continue
        if important.strip() == "important":
            firm.add(name)
        elif important or name in firm:
            continue
        said[name] = " ".join(words)
    return said
