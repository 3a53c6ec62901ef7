"""Labelled lines to a page: what the caller reads, and the body put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.labels import ByLabel, Label
from paywallstrip.lines import Ints
from paywallstrip.once import made_once


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line of a page.

    Of an HTML page, the input is the text of its lines, joined by `\n`: what `body` holds
    if nothing is dropped.

    Attributes:
        text: the line as it stands in the input, without its line end.
        start: offset of its first character in the input.
        end: offset one past its last; `input[start:end] == text`.
        label: what the line is. Not always the most probable label: the model's thresholds,
            by the kind of page, are in the label and not in `probabilities`.
        probabilities: each label's probability, 0 to 1; they sum to 1.
        kept: whether the line is part of the body.
        tag: of an HTML page's line, the innermost element that lays out a block, a cell or
            a control around it, such as `p` or `li`; else None.
        link_share: of an HTML page's line, the share of its characters inside links, 0 to
            1; else None.
    """

    text: str
    start: int
    end: int
    label: Label
    probabilities: Mapping[Label, float]
    kept: bool
    tag: str | None = None
    link_share: float | None = None

    @property
    def confidence(self) -> float:
        """The probability of the line's label, 0 to 1."""
        return self.probabilities[self.label]

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain types, ready for JSON; `tag` and `link_share` if it has them."""
        plain: dict[str, Any] = {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "label": self.label.value,
            "probabilities": {label.value: p for label, p in self.probabilities.items()},
            "confidence": self.confidence,
            "kept": self.kept,
        }
        if self.tag is not None:
            plain |= {"tag": self.tag, "link_share": self.link_share}
        return plain

    def __hash__(self) -> int:
        return hash((self.text, self.start, self.end, self.label, self.kept))


@dataclass(frozen=True)
class Page:
    """A page's lines with their labels, and its body.

    Attributes:
        lines: every non-blank line, in order.
        body: the text of the kept lines, as `paywallstrip.clean` returns it.
    """

    lines: tuple[Line, ...]
    body: str

    @made_once
    def removed(self) -> tuple[Line, ...]:
        """The lines that are not part of the body, in order."""
        return tuple(line for line in self.lines if not line.kept)

    @made_once
    def counts(self) -> Mapping[Label, int]:
        """How many lines have each label; all four labels are there."""
        found = dict.fromkeys(Label, 0)
        for line in self.lines:
            found[line.label] += 1
        return ByLabel(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain types, ready for JSON."""
        return {
            "lines": [line.to_dict() for line in self.lines],
            "body": self.body,
            "counts": {label.value: count for label, count in self.counts.items()},
        }

    def __repr__(self) -> str:
        # Every line with its probabilities would fill screens.
        counts = ", ".join(f"{label.value} {count}" for label, count in self.counts.items())
        return f"<Page of {len(self.lines)} lines: {counts}>"

    def __getstate__(self) -> dict[str, Any]:
        return {"lines": self.lines, "body": self.body}


def assemble(text: str, starts: Ints, ends: Ints, kept: NDArray[np.bool_]) -> str:
    """Put the body of a text together from its kept lines.

    Each kept line brings its own line end and the blank lines after it. Where lines were
    removed between two kept ones, only the longer of the two adjoining runs of blank
    lines stays (the first, if they are equally long); blank lines beside a removed head
    or tail go; the last kept line keeps its line end only if the text ends with one.

    Where a kept line ends in `\\r` alone and the run that stays begins with `\\n`, the two
    would read as one line end, and a blank line would be lost: the `\\n` before the run, the
    last of a removed line's end, then stays too, and the kept line ends in `\\r\\n`.

    Args:
        text: the whole input.
        starts: int64 array of shape (lines,), offsets of the non-blank lines in `text`.
        ends: int64 array of shape (lines,), one past the last character of each.
        kept: bool array of shape (lines,).

    Returns:
        The body; the text itself if no line was removed.
    """
    flags = kept.tobytes()
    if b"\0" not in flags:
        return text
    pieces: list[str] = []
    stop = end = 0
    # Runs of kept lines are few: they are looked for one by one.
    while (first := flags.find(b"\1", stop)) >= 0:
        if pieces:
            # Between two runs stand the blank lines after one and those before the next.
            after = text[end : starts.item(stop)]
            before = text[ends.item(first - 1) : starts.item(first)]
            pieces.append(after if after == before else joint(after, before))
        stop = flags.find(b"\0", first)
        begin = starts.item(first) if first else 0
        if stop < 0:
            pieces.append(text[begin:])
            break
        end = ends.item(stop - 1)
        pieces.append(text[begin:end])
    if pieces and not kept[-1] and text.endswith(("\n", "\r")):
        pieces.append(line_end(text, end))
    return "".join(pieces)


def line_end(text: str, at: int) -> str:
    """Return the line end that stands at an offset; `""` at the end of the text."""
    return "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]


def joint(after: str, before: str) -> str:
    """Return what stays between two kept lines: the first one's line end and blank lines.

    Args:
        after: what follows the kept line, up to the first line removed: its line end and
            blank lines.
        before: the same after the last line removed, up to the next kept line.
    """
    own = line_end(after, 0)
    blank = after[len(own) :]
    skipped = len(line_end(before, 0))
    other = before[skipped:]
    if _count_ends(blank) >= _count_ends(other):
        return own + blank
    if own == "\r" and other.startswith("\n"):
        # What stands before a lone `\n` is never a lone `\r`: it ends in `\n` itself, and
        # that one makes a single `\r\n` of the kept line's end.
        return own + before[skipped - 1 :]
    return own + other


def _count_ends(blank: str) -> int:
    """Count line ends; `\\r\\n` is one."""
    return blank.count("\n") + blank.count("\r") - blank.count("\r\n")
