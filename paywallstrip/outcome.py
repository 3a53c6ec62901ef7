"""What a step reports of one text: its body, and its lines as arrays.

A `Page` makes an object of every line; over a corpus that costs half as much again as the
labelling itself.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.decisions import Decision, body_of
from paywallstrip.labels import LABELS, Label
from paywallstrip.lines import Ints


class Outcome(NamedTuple):
    """What was found of one text.

    Attributes:
        body: the text of the kept lines.
        starts: int64 array of shape (lines,), offsets of the non-blank lines in the text.
        ends: int64 array of shape (lines,), one past the last character of each.
        labels: int64 array of shape (lines,), index of each line's label in `LABELS`.
        kept: bool array of shape (lines,).
        characters: characters in lines.
        kept_characters: characters in lines that stay.
    """

    body: str
    starts: Ints
    ends: Ints
    labels: Ints
    kept: NDArray[np.bool_]
    characters: int
    kept_characters: int

    @classmethod
    def of(cls, decision: Decision) -> "Outcome":
        """Report the decision on a text."""
        starts, ends, kept = decision.starts, decision.ends, decision.kept
        sizes = ends - starts
        return cls(
            body_of(decision),
            starts,
            ends,
            decision.best,
            kept,
            int(sizes.sum()),
            int(sizes[kept].sum()),
        )

    @property
    def kept_share(self) -> float:
        """Characters in kept lines by characters in all lines, 0 to 1; 0 without lines."""
        return self.kept_characters / self.characters if self.characters else 0.0

    @property
    def emptied(self) -> bool:
        """Whether the text has lines, none of them part of the body."""
        return len(self.kept) > 0 and not self.kept.any()

    @property
    def counts(self) -> dict[Label, int]:
        """How many lines have each label; all four labels are there."""
        numbers = np.bincount(self.labels, minlength=len(LABELS)).tolist()
        return dict(zip(LABELS, numbers, strict=True))

    def spans(self) -> list[dict[str, int | str | bool]]:
        """Return `start`, `end`, `label` and `kept` of each line, in order."""
        rows = zip(
            self.starts.tolist(),
            self.ends.tolist(),
            self.labels.tolist(),
            self.kept.tolist(),
            strict=True,
        )
        return [
            {"start": start, "end": end, "label": LABELS[label].value, "kept": kept}
            for start, end, label, kept in rows
        ]
