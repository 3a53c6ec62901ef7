"""A line's scores to their parts: what each feature said for and against each label.

A score is a sum of weights, one or more a feature, so that the parts of a stage add up
to its scores exactly. The first stage judges the line by itself, by its neighbours and
by the page; the second stage adds to that verdict what the first one said of the lines
around, and the last look at where the line stands. What the second stage adds up decides.

Hashed features (words, pairs of words, beginnings and ends of words, whole lines) are
named by the text they stand for, folded as the model sees it: in lower case, every digit
as 0. Text that falls into the same of 262,144 columns shares a weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import TABLE_SIZE, table
from paywallstrip.decisions import content_apart, whole_number, with_offsets
from paywallstrip.features import ROLES, WIDE_ROLES, LineFeatures, Reading
from paywallstrip.labels import CONTENT, LABELS, ByLabel, Label
from paywallstrip.lines import Ints, split_lines
from paywallstrip.measures import Measure, Values, column_names, to_columns
from paywallstrip.model import PAGE_KINDS, Model, page_kinds
from paywallstrip.page import Line
from paywallstrip.sequence import second_measures, second_values
from paywallstrip.stages import MIXING_UNIT, UNIT, centred, first_scores, second_scores, shares
from paywallstrip.tokens import STEM, TAIL, split_tokens
from paywallstrip.windows import Lanes
from paywallstrip.word_weights import SCALE_ONE, step_of, token_scale

Stage = Literal["first", "second"]
STAGES: tuple[Stage, ...] = ("first", "second")
PLACES = {
    -2: "2 lines before: ",
    -1: "previous line: ",
    0: "",
    1: "next line: ",
    2: "2 lines after: ",
}
"""What stands before the name of a feature of the line so many lines further on."""
SHOWN = 10
"""How many contributions of each stage are printed."""
QUOTED = 60
"""Characters of a line that are quoted."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature of a line added to the scores of the labels.

    Attributes:
        stage: `"first"` or `"second"`.
        feature: what was seen, such as `cue=donation in 1..2` or `next line: word 'share'`.
        weights: by label, in natural logarithms of odds: above 0 it spoke for the label,
            below 0 against it.
    """

    stage: Stage
    feature: str
    weights: Mapping[Label, float]

    @property
    def influence(self) -> float:
        """The largest of the weights, without its sign."""
        return max(map(abs, self.weights.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the contribution as plain types, ready for JSON."""
        return {
            "stage": self.stage,
            "feature": self.feature,
            "weights": {label.value: weight for label, weight in self.weights.items()},
        }

    @classmethod
    def of(cls, stage: Stage, feature: str, weights: Mapping[Label, float]) -> Self:
        """Make a contribution whose weights cannot be changed."""
        return cls(stage, feature, ByLabel(weights))

    def __hash__(self) -> int:
        return hash((self.stage, self.feature, tuple(self.weights.items())))


@dataclass(frozen=True)
class Explanation:
    """Why a line has the label that it has.

    Attributes:
        line: the line, as `classify` with its default options gives it.
        contributions: every feature of both stages that carries any weight, the most
            influential first. Those of the second stage add up to `scores`.
    """

    line: Line
    contributions: tuple[Contribution, ...]

    @property
    def scores(self) -> Mapping[Label, float]:
        """Each label's sum over the second stage; the highest one is the line's label."""
        return self.sums("second")

    def sums(self, stage: Stage) -> Mapping[Label, float]:
        """Return each label's sum over the contributions of a stage.

        Args:
            stage: "first" or "second".

        Raises:
            ValueError: if there is no such stage.
        """
        if not isinstance(stage, str) or stage not in STAGES:
            raise ValueError(f"stage is {stage!r}; the stages are {', '.join(STAGES)}")
        chosen = [c.weights for c in self.contributions if c.stage == stage]
        return {label: sum(weights[label] for weights in chosen) for label in LABELS}

    def for_label(self, label: Label | str) -> tuple[Contribution, ...]:
        """Return what spoke for or against a label, the most influential first.

        Args:
            label: one of the four, as a `Label` or by its name.

        Raises:
            ValueError: if there is no such label.
        """
        if not isinstance(label, str) or label not in LABELS:
            raise ValueError(f"label is {label!r}; the labels are {', '.join(LABELS)}")
        wanted = Label(label)
        having = [c for c in self.contributions if c.weights[wanted]]
        return tuple(sorted(having, key=lambda c: -abs(c.weights[wanted])))

    def top(self, label: Label | str, n: int = SHOWN) -> tuple[Contribution, ...]:
        """Return the `n` most influential of `for_label(label)`, fewer if there are fewer.

        Args:
            label: one of the four, as a `Label` or by its name.
            n: how many, from 0.

        Raises:
            TypeError: if `n` is no whole number.
            ValueError: if it is below 0, or there is no such label.
        """
        count = whole_number(n, "n must be a whole number from 0")
        if count < 0:
            raise ValueError(f"n must be 0 or more, got {n}")
        return self.for_label(label)[:count]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain types, ready for JSON."""
        return {
            "line": self.line.to_dict(),
            "contributions": [c.to_dict() for c in self.contributions],
        }

    def __repr__(self) -> str:
        # Hundreds of contributions with four weights each would fill screens.
        line, count = self.line, len(self.contributions)
        return f"<Explanation of {_quote(line.text)}: {line.label}, {count} contributions>"

    def __str__(self) -> str:
        line = self.line
        rows = [f"{_quote(line.text)} is {line.label} ({line.confidence:.0%})", ""]
        head = "".join(f"{label.value:>15}" for label in LABELS)
        rows.append(f"{head}  feature")
        for stage in STAGES[::-1]:
            chosen = [c for c in self.contributions if c.stage == stage]
            rows.append(f"{_cells(self.sums(stage))}  {stage} stage, sum of {len(chosen)}")
            rows += [f"{_cells(c.weights)}    {c.feature}" for c in chosen[:SHOWN]]
        return "\n".join(rows)


def _cells(weights: Mapping[Label, float]) -> str:
    return "".join(f"{weights[label]:>+15.2f}" for label in LABELS)


def _quote(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= QUOTED else text[: QUOTED - 1] + "…")


def check_number(line: Any, count: int) -> int:
    """Check the number of a line at the door.

    Raises:
        TypeError: if it is no whole number.
        IndexError: if the text has no such line.
    """
    number = whole_number(line, "line must be a whole number, an index into Page.lines")
    if not 0 <= number < count:
        has = f"{count} lines, 0 to {count - 1}" if count > 1 else f"{count or 'no'} line"
        raise IndexError(f"there is no line {number}: the text has {has} (blank ones not counted)")
    return number


def explain(model: Model, text: str, line: Line, number: int) -> Explanation:
    """Take a line's scores apart.

    Args:
        model: the model.
        text: the page.
        line: the line as the model labels it.
        number: its index among the lines of the page.
    """
    reading = model.extractor.read([text])
    scores = first_scores(reading, model.first)
    parts = [
        *_first_parts(reading, number, model),
        *_second_parts(reading, scores, number, model),
    ]
    # Features of one name are one: a word that stands twice, members that say nothing.
    sums: dict[tuple[Stage, str], Ints] = {}
    for part in parts:
        key = (part.stage, part.feature)
        sums[key] = sums.get(key, 0) + part.weights
    contributions = [
        # Whole numbers below 2**53 over a power of two: exact, and so are their sums.
        Contribution.of(stage, feature, dict(zip(LABELS, (whole / UNIT).tolist(), strict=True)))
        for (stage, feature), whole in sums.items()
        if whole.any()
    ]
    return Explanation(line, tuple(sorted(contributions, key=lambda c: -c.influence)))


class _Part(NamedTuple):
    """One addend of a stage's scores.

    Attributes:
        stage: the stage.
        feature: its name.
        weights: int64 array of shape (labels,), in units of `stages.UNIT`.
    """

    stage: Stage
    feature: str
    weights: Ints


def _first_parts(reading: Reading, number: int, model: Model) -> list[_Part]:
    """Return what the first stage adds up for a line."""
    stage, extractor = model.first, model.extractor
    # Those of the line and of the ones that lend to it.
    first = max(number + min(ROLES), 0)
    end = min(number + max(ROLES) + 1, len(reading.lines.starts))
    features = reading.features_of(first, end)
    parts = [_Part("first", "bias", stage.bias)]
    names = column_names(extractor.own)
    parts += [
        _Part("first", names[column], _whole(stage.own[column]))
        for column in features.own[number - first].tolist()
    ]
    words, step = _Words(reading, features, first), step_of(stage.wide)
    for name, column, scale in words.narrow(number):
        parts.append(_Part("first", name, _whole(stage.narrow[column]) * scale * step))
    count = len(reading.lines.starts)
    names = column_names(extractor.context)
    for i, role in enumerate(ROLES):
        if 0 <= number + role < count:
            for column in features.context[number + role - first].tolist():
                weights = _role(stage.context[column], i)
                parts.append(_Part("first", PLACES[role] + names[column], weights))
    for i, role in enumerate(WIDE_ROLES):
        if 0 <= number + role < count:
            for name, column, scale in words.wide(number + role):
                weights = _role(stage.wide[column], i) * scale * step
                parts.append(_Part("first", PLACES[role] + name, weights))
    return parts


def _second_parts(reading: Reading, scores: Ints, number: int, model: Model) -> list[_Part]:
    """Return what the second stage, the page's kind and the last look add up for a line."""
    stage, measures = model.second, second_measures()
    some = slice(number, number + 1)
    values: Values = {
        name: value.part(some) if isinstance(value, Lanes) else value[..., some]
        for name, value in second_values(reading, shares(scores)).items()
    }
    names = column_names(measures)
    parts = [_Part("second", "bias", stage.bias)]
    parts += [
        _Part("second", names[column], _whole(stage.table[column]))
        for column in to_columns(measures, values, reading.coarse[some])[0].tolist()
    ]
    below = centred(scores)[number]
    for label, weights in zip(LABELS, _mixed(below, stage.mixing), strict=True):
        parts.append(_Part("second", f"first stage's score of {label.value}", weights))
    kind = int(page_kinds(reading.prose_share)[number])
    name = list(Measure("offset: page-prose", PAGE_KINDS).names())[kind]
    parts.append(_Part("second", name, model.offsets[kind]))
    shifted = with_offsets(second_scores(reading, scores, stage), reading, model)
    if number in content_apart(shifted.argmax(axis=1), reading, model):
        lowered = np.zeros(len(LABELS), dtype=np.int64)
        lowered[CONTENT] = -model.islands.penalty
        parts.append(_Part("second", "far behind the main run of content", lowered))
    return parts


def _mixed(below: Ints, mixing: Ints) -> Ints:
    """Return what each of the first stage's scores adds, of shape (labels, labels).

    Only the sum over all four is rounded down; each part is the step that this sum takes,
    so that no fraction is lost or counted twice.
    """
    steps = np.cumsum(below[:, None] * mixing, axis=0) // MIXING_UNIT
    return np.diff(steps, axis=0, prepend=0)


def _whole(weights: NDArray[Any]) -> Ints:
    return weights.astype(np.int64)


def _role(weights: NDArray[Any], role: int) -> Ints:
    """Return the weights that a line lends in one role."""
    return _whole(weights[role * len(LABELS) : (role + 1) * len(LABELS)])


class _Words:
    """The hashed features of some of a page's lines, named by what they stand for.

    Args:
        reading: the page.
        features: the columns of the lines.
        first: the number of the first of them in the page; all methods count from the page's.
    """

    def __init__(self, reading: Reading, features: LineFeatures, first: int) -> None:
        self.features, self.first = features, first
        self.lines = reading.lines
        (self.text,) = reading.texts
        self.scales = token_scale(np.diff(features.bounds))

    def wide(self, line: int) -> list[tuple[str, int, int]]:
        """Return name, column and scale of what a line also lends to its neighbours."""
        words = self._words(line)
        found = self._each(line, self.features.wide, [f"word {word!r}" for word in words])
        own = self.text[self.lines.starts[line] : self.lines.ends[line]]
        name = f"line {_quote(own)}" if words else "line without words"
        return [*found, (name, int(self.features.wide_lines[line - self.first]), SCALE_ONE)]

    def narrow(self, line: int) -> list[tuple[str, int, int]]:
        """Return name, column and scale of what counts for a line alone."""
        words = self._words(line)
        ends = [f"last pair {words[-1]!r}"] if words else []
        pairs = [f"pair {f'{a} {b}'!r}" for a, b in pairwise(words)]
        named = (
            [*pairs, *ends],
            [f"stem {word[:STEM]!r}" for word in words],
            [f"tail {word[-TAIL:]!r}" for word in words],
        )
        found = []
        for columns, names in zip(self.features.narrow, named, strict=True):
            found += self._each(line, columns, names)
        edges = (words[:1], words[-1:])
        for columns, edge, words_ in zip(
            self.features.narrow_lines, ("first", "last"), edges, strict=True
        ):
            name = f"{edge} word {words_[0]!r}" if words_ else f"no {edge} word"
            found.append((name, int(columns[line - self.first]), SCALE_ONE))
        return found

    def _each(self, line: int, columns: Ints, names: Sequence[str]) -> list[tuple[str, int, int]]:
        at = line - self.first
        begin, end = self.features.bounds[at : at + 2]
        scale = int(self.scales[at])
        picked = columns[begin:end].tolist()
        return [(name, column, scale) for name, column in zip(names, picked, strict=True)]

    def _words(self, line: int) -> list[str]:
        """Return a line's words, folded."""
        own = self.text[self.lines.starts[line] : self.lines.ends[line]]
        tokens = split_tokens(split_lines([own]))
        return [_fold(own[a:b]) for a, b in zip(tokens.starts, tokens.ends, strict=True)]


def _fold(word: str) -> str:
    folds = table().folds
    return "".join(chr(folds[ord(c)]) if ord(c) < TABLE_SIZE else c for c in word)
