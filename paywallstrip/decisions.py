"""What is decided of a page's lines, by which options, and what is made of it."""

import operator
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.islands import apart
from paywallstrip.labels import CONTENT, LABELS, ByLabel, Label
from paywallstrip.lines import Ints, split_lines
from paywallstrip.model import Model, page_kinds
from paywallstrip.page import Line, Page, assemble
from paywallstrip.stages import UNIT, probabilities

if TYPE_CHECKING:
    from paywallstrip.html_model import HtmlModel
    from paywallstrip.markup.lines import MarkupLines

DROP = (Label.PAYWALL, Label.NAVIGATION, Label.RELATED_LINKS)
STRICTNESS = 0.5
REACH = 6.0
"""How many logits a strictness of 0 or 1 moves the border between kept and dropped."""


def whole_number(value: Any, asked: str) -> int:
    """Check a whole number at the door: Python's or numpy's, but no truth value.

    Args:
        value: what was given.
        asked: what it must be, for the message.

    Raises:
        TypeError: if it is no whole number.
    """
    with suppress(TypeError):
        # Arrays have such a method, too, and refuse it when it is called.
        if not isinstance(value, (bool, np.bool_)):
            return operator.index(value)
    raise TypeError(f"{asked}, got {value!r}")


class Decision(NamedTuple):
    """What was decided of the lines of one text.

    Attributes:
        text: the input; of an HTML page the text of its lines.
        starts: int64 array of shape (lines,), offsets in `text`.
        ends: int64 array of shape (lines,).
        best: int64 array of shape (lines,), index of the label in `LABELS`.
        scores: int64 array of shape (lines, labels).
        kept: bool array of shape (lines,).
        markup: what the markup says of the lines, of an HTML page.
    """

    text: str
    starts: Ints
    ends: Ints
    best: Ints
    scores: Ints
    kept: NDArray[np.bool_]
    markup: "MarkupLines | None" = None


class Options(NamedTuple):
    """The checked options of a verb.

    Attributes:
        dropped: bool array of shape (labels,).
        shift: added to the scores of the labels that stay, in units of `stages.UNIT`.
    """

    dropped: NDArray[np.bool_]
    shift: int

    @classmethod
    def check(cls, drop: Collection[str], strictness: float) -> Self:
        """Check `drop` and `strictness` at the door."""
        given: Any = drop
        if isinstance(drop, str):
            labels = tuple(name.strip() for name in drop.split(","))
            raise TypeError(
                f"drop must be a sequence of labels, got the str {drop!r}; use {labels}"
            )
        if not isinstance(given, Iterable) or isinstance(given, (bytes, bytearray)):
            raise TypeError(
                f"drop must be a sequence of labels, got {type(given).__name__}; "
                "use () to drop nothing"
            )
        names = tuple(drop)
        # Some things cannot even be compared with a label.
        unknown = [name for name in names if not isinstance(name, str) or name not in LABELS]
        if unknown:
            raise ValueError(f"drop names {unknown[0]!r}; the labels are {', '.join(LABELS)}")
        # Of numpy's numbers only those of 64 bits are `float`.
        if isinstance(strictness, bool) or not isinstance(
            strictness, (int, float, np.floating, np.integer)
        ):
            raise TypeError(f"strictness must be a number from 0 to 1, got {strictness!r}")
        if not 0 <= strictness <= 1:
            raise ValueError(f"strictness must lie from 0 to 1, got {strictness!r}")
        dropped = np.array([label in names for label in LABELS])
        return cls(dropped, round((STRICTNESS - float(strictness)) * 2 * REACH * UNIT))

    def kept(self, scores: Ints, best: Ints) -> NDArray[np.bool_]:
        """Return which lines stay.

        Args:
            scores: the scores with the model's offsets in them.
            best: the label of the best one of each line.
        """
        by_label: NDArray[np.bool_] = ~self.dropped.take(best)
        if not self.shift or self.dropped.all() or not self.dropped.any():
            return by_label
        stay = scores[:, ~self.dropped].max(axis=1) + self.shift
        go = scores[:, self.dropped].max(axis=1)
        # Ties go to the label that comes first in the order of labels, as in argmax.
        return np.where(stay == go, by_label, stay > go)


def decided(
    texts: Sequence[str],
    reading: Reading,
    scores: Ints,
    model: "Model | HtmlModel",
    options: Options,
) -> list[Decision]:
    """Choose the labels of a batch, and share them out among its texts.

    Args:
        texts: the texts of the batch.
        reading: what was read of them.
        scores: int64 array of shape (lines, labels), the last stage's scores; what the last
            look takes from content is taken from them in place.
        model: has the offsets, and says what content stands apart.
        options: checked options.

    Returns:
        A decision for each text.
    """
    lines = reading.lines
    shifted = with_offsets(scores, reading, model)
    best = shifted.argmax(axis=1)
    lowered = content_apart(best, reading, model)
    if len(lowered):
        scores[lowered, CONTENT] -= model.islands.penalty
        shifted[lowered, CONTENT] -= model.islands.penalty
        best[lowered] = shifted.take(lowered, axis=0).argmax(axis=1)
    kept = options.kept(shifted, best)
    decisions = []
    bounds = lines.bounds.tolist()
    for text, read, begin, end, origin in zip(
        texts, reading.texts, bounds, bounds[1:], lines.origins.tolist(), strict=False
    ):
        part = slice(begin, end)
        if read is text:
            starts, ends = lines.starts[part] - origin, lines.ends[part] - origin
        else:
            # What was read has other offsets, but the same lines.
            own = split_lines([text])
            starts, ends = own.starts, own.ends
        decisions.append(Decision(text, starts, ends, best[part], scores[part], kept[part]))
    return decisions


def with_offsets(scores: Ints, reading: Reading, model: "Model | HtmlModel") -> Ints:
    """Return the scores with what the model adds to them on the line's kind of page."""
    shifted: Ints = scores + model.offsets.take(page_kinds(reading.prose_share), axis=0)
    return shifted


def content_apart(best: Ints, reading: Reading, model: "Model | HtmlModel") -> Ints:
    """Return which lines are called content far behind their page's main run of it."""
    return apart(best == CONTENT, reading.shape.size, reading.lines.pages, model.islands)


def body_of(decision: Decision) -> str:
    """Return the kept lines."""
    return assemble(decision.text, decision.starts, decision.ends, decision.kept)


def page_of(decision: Decision) -> Page:
    """Return the lines with their labels."""
    text, markup = decision.text, decision.markup
    starts, ends = decision.starts.tolist(), decision.ends.tolist()
    tags: Iterable[str | None] = repeat(None)
    link_shares: Iterable[float | None] = repeat(None)
    if markup is not None:
        # Text needs nothing of markup, and its first call should not wait for it.
        from paywallstrip.markup.elements import TAGS

        tags = [TAGS[tag] for tag in markup.tags.tolist()]
        link_shares = (markup.link_characters / (decision.ends - decision.starts)).tolist()
    lines = tuple(
        Line(
            text[start:end],
            start,
            end,
            LABELS[best],
            ByLabel(zip(LABELS, chance, strict=True)),
            kept,
            tag,
            link_share,
        )
        for start, end, best, chance, kept, tag, link_share in zip(
            starts,
            ends,
            decision.best.tolist(),
            probabilities(decision.scores).tolist(),
            decision.kept.tolist(),
            tags,
            link_shares,
            strict=False,
        )
    )
    return Page(lines, body_of(decision))
