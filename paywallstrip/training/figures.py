"""Counts a page to figures: every score of every group of pages with its interval."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from paywallstrip.labels import LABELS
from paywallstrip.scoring import (
    Floats,
    Ints,
    LabelScores,
    Statistic,
    bounds,
    kept_counts,
    kept_scores,
    label_scores,
    page_counts,
    page_mean,
    resample,
)
from paywallstrip.training.converters import LEFTOVERS

Groups = Mapping[str, Ints]
Statistics = Mapping[str, Statistic]

OURS, RAW, C4, ORACLE = "paywallstrip", "raw input", "C4 rules", "oracle"
MEAN = "mean"
DUMPS = ("html-text", "resiliparse-plain")
"""The plain converters whose output stands for a full page."""
ROUGH_DUMPS = ("markdownify", "beautifulsoup", "beautifulsoup-lines")
"""Those of other form, judged by labelled lines alone: Markdown has addresses that no body has."""
# Its fast mode is trafilatura's default with fewer fallbacks, not another witness.
AVERAGED = tuple(name for name in LEFTOVERS if name != "trafilatura-fast")
"""The extractors that the mean over leftovers is taken of."""

EMPTY_TABLE, EMPTY = "no output", "pages without output"
AHEAD = ", ahead"
"""What the name of a table of differences ends in."""

ALL = "all"
FEW_PAGES = 5
"""A language or source with fewer pages gets no figures of its own."""

MACRO_F1 = "macro-F1"
RECALL = "recall (characters)"
PRECISION = "precision (characters)"
LINE_F1 = "F1 (lines)"
WORD_F1 = "word F1"
AS_IT_IS, CLEANED, DIFFERENCE = "as it is", "cleaned", "difference"


@dataclass(frozen=True, slots=True)
class Figure:
    """One score of one system on one group of pages.

    Attributes:
        table: what is scored.
        group: the pages.
        system: whose output.
        measure: the score's name.
        value: the score; nan where it is not defined.
        low: lower end of its 95 % interval; nan where there is none.
        high: upper end.
        pages: how many pages it rests on.
    """

    table: str
    group: str
    system: str
    measure: str
    value: float
    low: float
    high: float
    pages: int

    def renamed(self, group: str) -> Figure:
        """Return the figure under another group's name."""
        return replace(self, group=group)

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as plain types; what is not defined is None."""
        fields = asdict(self)
        for name in ("value", "low", "high"):
            fields[name] = None if math.isnan(fields[name]) else round(fields[name], 5)
        return fields


def make_figures(
    table: str, system: str, counts: ArrayLike, statistics: Statistics, groups: Groups
) -> list[Figure]:
    """Score one system on every group.

    Args:
        table: what is scored.
        system: whose output.
        counts: numbers of shape (pages, columns), one row a page.
        statistics: name to function from sums, (samples, columns), to scores, (samples,).
        groups: name to the pages of a group, as indices of rows.

    Returns:
        One figure a group and statistic; groups without pages are left out.
    """
    rows = np.asarray(counts, dtype=np.float64)
    figures = []
    for group, members in groups.items():
        if not len(members):
            continue
        total = rows[members].sum(axis=0, keepdims=True)
        samples = resample(rows[members])
        for measure, statistic in statistics.items():
            value = float(statistic(total)[0])
            low, high = bounds(statistic(samples))
            figures.append(Figure(table, group, system, measure, value, low, high, len(members)))
    return figures


def make_differences(
    table: str, counts: Mapping[str, Floats], ours: str, statistics: Statistics, groups: Groups
) -> list[Figure]:
    """Score how far one system lies ahead of each other one, on the same pages.

    Args:
        table: what is scored; the figures' table is this with `AHEAD` after it.
        counts: system to rows of counts, float64 arrays of shape (pages, columns).
        ours: the system to compare with all others.
        statistics: as for `make_figures`.
        groups: as for `make_figures`.

    Returns:
        Figures of the differences, the other system as their system; an interval that does
        not hold 0 tells the two apart.
    """
    width = counts[ours].shape[1]

    def ahead(statistic: Statistic) -> Statistic:
        return lambda sums: statistic(sums[:, :width]) - statistic(sums[:, width:])

    wrapped = {name: ahead(statistic) for name, statistic in statistics.items()}
    figures = []
    for system, rows in counts.items():
        if system != ours:
            pair = np.hstack([counts[ours], rows])
            figures += make_figures(table + AHEAD, system, pair, wrapped, groups)
    return figures


def empty_figures(outputs: Mapping[str, Sequence[Sequence[str]]], groups: Groups) -> list[Figure]:
    """Count the pages for which an extractor gave nothing.

    Args:
        outputs: extractor to the lines of each page.
        groups: as for `make_figures`.

    Returns:
        Shares of pages.
    """
    figures = []
    for system, pages in outputs.items():
        counts = page_counts([not lines for lines in pages])
        figures += make_figures(EMPTY_TABLE, system, counts, {EMPTY: page_mean}, groups)
    return figures


def bare_figure(
    table: str, group: str, system: str, measure: str, value: float, pages: int
) -> Figure:
    """Make a figure without an interval; arguments as in `Figure`."""
    return Figure(table, group, system, measure, value, math.nan, math.nan, pages)


def system_on(system: str, view: str) -> str:
    """Name what a system makes of a converter's output."""
    return f"{system} on {view}"


def all_pages(count: int) -> dict[str, Ints]:
    """Give the one group that holds every page.

    Args:
        count: how many pages there are.

    Returns:
        Its name and members.
    """
    return {ALL: np.arange(count)}


def group_by(kind: str, values: Sequence[str | None], few: int = FEW_PAGES) -> dict[str, Ints]:
    """Group pages by some property.

    Args:
        kind: the property's name.
        values: its value for each page; None leaves a page out.
        few: values with fewer pages are put together as ``other``.

    Returns:
        Group names, as ``kind: value``, the largest group first and ``other`` last.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for index, value in enumerate(values):
        if value is not None:
            members[value].append(index)
    large = {value: pages for value, pages in members.items() if len(pages) >= few}
    rest = sorted(page for pages in members.values() if len(pages) < few for page in pages)
    ordered = sorted(large, key=lambda value: (-len(large[value]), value))
    groups = {f"{kind}: {value}": np.array(large[value]) for value in ordered}
    return groups | ({f"{kind}: other": np.array(rest)} if rest else {})


def content_row(content: ArrayLike, kept: ArrayLike, sizes: ArrayLike) -> Floats:
    """Count what of a page's content was kept, by characters and by lines.

    Args:
        content: booleans of shape (lines,).
        kept: booleans of shape (lines,).
        sizes: numbers of shape (lines,), characters.

    Returns:
        float64 array of shape (6,): `kept_counts` by characters, then by lines.
    """
    return np.concatenate([kept_counts(content, kept, sizes), kept_counts(content, kept)])


def _label_column(name: str, label: int) -> Statistic:
    def score(sums: Floats) -> Floats:
        scores: LabelScores = label_scores(sums.reshape(-1, len(LABELS), len(LABELS)))
        column: Floats = getattr(scores, name)[:, label]
        return column

    return score


def _macro_f1(sums: Floats) -> Floats:
    return label_scores(sums.reshape(-1, len(LABELS), len(LABELS))).macro_f1


def label_statistics() -> dict[str, Statistic]:
    """Give the scores of a confusion matrix that was flattened.

    Returns:
        Macro-F1, then precision, recall and F1 a label.
    """
    found: dict[str, Statistic] = {MACRO_F1: _macro_f1}
    for index, label in enumerate(LABELS):
        for name, field in (("precision", "precision"), ("recall", "recall"), ("F1", "f1")):
            found[f"{label} {name}"] = _label_column(field, index)
    return found


CONTENT: Statistics = {
    RECALL: lambda sums: kept_scores(sums[:, :3]).recall,
    PRECISION: lambda sums: kept_scores(sums[:, :3]).precision,
    LINE_F1: lambda sums: kept_scores(sums[:, 3:6]).f1,
    "recall (lines)": lambda sums: kept_scores(sums[:, 3:6]).recall,
    "precision (lines)": lambda sums: kept_scores(sums[:, 3:6]).precision,
}
"""Scores of sums of `content_row`."""

WORDS: Statistics = {WORD_F1: page_mean}
"""Scores of sums of `scoring.page_counts`."""


def _word_mean(column: int) -> Statistic:
    return lambda sums: page_mean(sums[:, [column, 3]])


LEFTOVER_WORDS: Statistics = {
    AS_IT_IS: _word_mean(0),
    CLEANED: _word_mean(1),
    DIFFERENCE: lambda sums: page_mean(sums[:, [1, 3]]) - page_mean(sums[:, [0, 3]]),
    ORACLE: _word_mean(2),
}
"""Scores of sums of (as it is, cleaned, oracle, 1): three word F1 and one for the page."""


def _mean_score(part: int, name: str, columns: slice) -> Statistic:
    """A score of one of three parts, meaned over the extractors that stand side by side."""

    def score(sums: Floats) -> Floats:
        parts = sums.reshape(len(sums), -1, 3, 6)[:, :, part, columns]
        mean: Floats = getattr(kept_scores(parts), name).mean(axis=1)
        return mean

    return score


def leftover_statistics() -> dict[str, Statistic]:
    """Give the scores of leftovers on labelled lines.

    Returns:
        Functions of sums of shape (samples, extractors * 18): for each extractor a
        `content_row` as it is, one cleaned and one of the oracle; means over the extractors.
    """
    lines, characters = slice(3, 6), slice(0, 3)
    before, after = _mean_score(0, "f1", lines), _mean_score(1, "f1", lines)
    found: dict[str, Statistic] = {
        AS_IT_IS: before,
        CLEANED: after,
        DIFFERENCE: lambda sums: after(sums) - before(sums),
        ORACLE: _mean_score(2, "f1", lines),
    }
    for name in ("recall", "precision"):
        found[f"{name} {AS_IT_IS}"] = _mean_score(0, name, characters)
        found[f"{name} {CLEANED}"] = _mean_score(1, name, characters)
    return found
