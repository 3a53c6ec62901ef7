"""A classified page as text for people and as JSON for programs."""

import io
import json
import re
from typing import TYPE_CHECKING, Any, Literal

from paywallstrip.labels import Label, labelled_line

if TYPE_CHECKING:
    from paywallstrip.page import Page

Form = Literal["text", "json", "jsonl"]

STYLES = {
    Label.CONTENT: "green",
    Label.PAYWALL: "red",
    Label.NAVIGATION: "blue",
    Label.RELATED_LINKS: "yellow",
}
WIDTH = max(len(label) for label in Label)
# Characters that would steer a terminal rather than show on it: a web page is not trusted
# with the cursor, the colours, the window's title or the direction of the text around it.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def cleaned(page: "Page", form: Form) -> str:
    """Write the body of a page.

    Args:
        page: the classified page.
        form: "text" for the body alone, else an object with body, counts and removed lines.

    Returns:
        What goes to standard output.
    """
    if form == "text":
        return page.body
    record = {
        "body": page.body,
        "counts": {label.value: page.counts[label] for label in Label},
        "removed": [line.to_dict() for line in page.removed],
    }
    return _dump(record, form)


def labelled(page: "Page", form: Form) -> str:
    """Write each line of a page with its label, for programs.

    Args:
        page: the classified page.
        form: "text" for three columns, "json" for one object, "jsonl" for one a line.

    Returns:
        What goes to standard output.
    """
    if form == "json":
        return _dump(page.to_dict(), form)
    if form == "jsonl":
        return "".join(_dump(line.to_dict(), form) for line in page.lines)
    return "".join(labelled_line(line.label, line.kept, line.text) for line in page.lines)


def coloured(page: "Page") -> str:
    """Write each line of a page with its label, for a terminal.

    Args:
        page: the classified page.

    Returns:
        Lines with escape sequences for colour, as far as the terminal and NO_COLOR allow.
    """
    from rich.console import Console
    from rich.text import Text

    # Into a string, not to standard output: that one may be in a locale's encoding.
    console = Console(file=io.StringIO(), force_terminal=True, highlight=False)
    with console.capture() as capture:
        for line in page.lines:
            row = Text(f"{line.label.value:<{WIDTH}} {line.confidence:4.0%}  ")
            row.stylize(STYLES[line.label])
            row.append(visible(line.text), "" if line.kept else "dim")
            # Soft: the terminal wraps, so that a copied line is still one line.
            console.print(row, soft_wrap=True)
    return capture.get()


def visible(text: str) -> str:
    """Write characters that would steer a terminal as their escapes; a tab becomes a space.

    Args:
        text: what a page, an address or a file's name holds.

    Returns:
        What can be shown.
    """
    return CONTROLS.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return " " if character == "\t" else ascii(character)[1:-1]


def _dump(record: dict[str, Any], form: Form) -> str:
    """Write one object as JSON, indented or on one line."""
    return json.dumps(record, ensure_ascii=False, indent=2 if form == "json" else None) + "\n"
