"""The report on adaptation, docs/adaptation.md, from the figures measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.scoring import label_scores
from paywallstrip.training.shift import PAGE_LINES, Strengths

LEAST = 25
"""Pages that a group must have."""
GAIN, LOSS = 0.02, 0.003
"""What was asked for with 10 pages: the least mean gain, and the most that is lost elsewhere."""
ASKED = 10

HEAD = """\
# Adapting the shipped model to a few pages

`paywallstrip train DATA… --adapt --out MODEL` and `paywallstrip.training.adapt` move the shipped
model towards labelled pages of one's own. This page says how far that carries. It is written by
`python -m paywallstrip.training.adaptation --corpus DIR --bases DIR --out docs/adaptation.md`.

## How it works

Each weight of the first stage may differ from the shipped one by as much as the new pages ask
for: the multinomial logistic regression is fitted once more, with the shipped model's scores as
the point to start from and an L2 penalty on the difference. The penalty on a weight is the one it
was trained with plus what its own training lines said of it (the diagonal of their Fisher
information, kept with the model in one byte a column): a word that they did not have moves freely,
one that stood in thousands of them hardly. What the new pages do not have keeps its weight, and
no page of the corpora is needed. A page of more than {page_lines} lines counts as much as one of
{page_lines}, since lines of one page are no independent witnesses, and lines of rare labels count
more: by the share of the other lines to the power of {balance:g}. The second stage, thresholds, cue
lists and word rarities stay. A model that does not say what its lines said is moved as if they
had said much of shape and little of words. What else was tried is in [experiments.md](experiments.md).

The penalty on the weights is divided by {weights:g}, and one on the bias of each label by {bias:g}:
the smaller the number, the less they move."""

HOW = """\
## How it was measured

Groups of at least {least} pages of the training part that share a language or a publishing
system; the corpora hold no single publisher's template that often. For each, a base model was
fitted without any page of the group's sites, and without one fold of all sites: on the pages as
they are, without other converters' views and written blocks, and with three folds for the second
stage, to keep the cost down, so that it is somewhat weaker than the shipped model. The six
smallest groups were left out of one base model together. Then {sizes} pages of the group were
drawn, {draws} times each; the adapted model is judged on the group's pages of other sites (of large
groups on a sample of 100 pages) and, elsewhere, on the fold of sites that the base has not seen,
without the group's. The base models have no thresholds. Values are macro-F1 over lines, of the
labels that have at least 20 lines on the pages judged on, means over the draws; ± is the standard
deviation of the gain over the draws. Part of what is won is that rare labels are named more
often, on whatever pages: [experiments.md](experiments.md) says how much.

| group | told by | pages | sites |
|---|---|---|---|"""


class Result(NamedTuple):
    """What adaptation to so many pages of a group gave.

    Attributes:
        group: the group's name.
        how: how its pages are told.
        pages: how many it has.
        sites: of how many sites.
        size: how many pages the model was adapted to.
        draws: per draw the macro-F1 on the rest of the group before and after, and elsewhere
            before and after.
    """

    group: str
    how: str
    pages: int
    sites: int
    size: int
    draws: tuple[tuple[float, float, float, float], ...]

    @property
    def gain(self) -> float:
        """Mean change of the macro-F1 on the rest of the group."""
        return float(np.mean([after - before for before, after, _, _ in self.draws]))

    @property
    def spread(self) -> float:
        """Standard deviation of that change over the draws."""
        return float(np.std([after - before for before, after, _, _ in self.draws]))

    @property
    def change_elsewhere(self) -> float:
        """Mean change of the macro-F1 on other sites."""
        return float(np.mean([after - before for _, _, before, after in self.draws]))


@dataclass(frozen=True)
class SiteResult:
    """What adaptation to single sites gave, each page judged by a model adapted to the others.

    Attributes:
        sites: how many sites.
        pages: how many pages they have.
        before: int64 array of shape (labels, labels), the confusion matrix of the base.
        after: that of the adapted models.
    """

    sites: int
    pages: int
    before: Ints
    after: Ints

    @classmethod
    def none(cls) -> SiteResult:
        """Make a result without sites."""
        empty = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
        return cls(0, 0, empty, empty)

    def __add__(self, other: SiteResult) -> SiteResult:
        """Pool two results."""
        return SiteResult(
            self.sites + other.sites,
            self.pages + other.pages,
            self.before + other.before,
            self.after + other.after,
        )


def write_report(results: Sequence[Result], sites: SiteResult, strengths: Strengths) -> str:
    """Write the report.

    Args:
        results: what `adaptation.measure` gives for the groups.
        sites: what it gives for single sites.
        strengths: what the model was moved with.

    Returns:
        Markdown.
    """
    head = HEAD.format(
        weights=strengths.weights,
        bias=strengths.bias,
        balance=strengths.balance,
        page_lines=PAGE_LINES,
    )
    sizes = sorted({result.size for result in results})
    named = f"{', '.join(map(str, sizes[:-1]))} and {sizes[-1]}" if sizes[1:] else str(sizes[0])
    how = HOW.format(least=LEAST, sizes=named, draws=len(results[0].draws))
    groups = {r.group: f"| {r.group} | {r.how} | {r.pages} | {r.sites} |" for r in results}
    parts = [head, "\n".join([how, *groups.values()]), _table(results), _means(results, sizes)]
    if sites.sites:
        parts.append(_single_sites(sites))
    return "\n\n".join(parts) + "\n"


def _table(results: Iterable[Result]) -> str:
    rows = [
        "## What it gives",
        "",
        "| group | pages adapted to | before | after | gain | elsewhere, change |",
        "|---|---|---|---|---|---|",
    ]
    for r in results:
        before, after = np.mean([draw[:2] for draw in r.draws], axis=0)
        rows.append(
            f"| {r.group} | {r.size} | {before:.3f} | {after:.3f} | {r.gain:+.3f} ± {r.spread:.3f} "
            f"| {r.change_elsewhere:+.4f} |"
        )
    return "\n".join(rows)


def _means(results: Sequence[Result], sizes: Sequence[int]) -> str:
    rows = ["| pages adapted to | mean gain | elsewhere, mean change |", "|---|---|---|"]
    for size in sizes:
        gain, change = _mean(results, size)
        rows.append(f"| {size} | {gain:+.3f} | {change:+.4f} |")
    if ASKED in sizes:
        gain, change = _mean(results, ASKED)
        rows += [
            "",
            f"Asked for with {ASKED} pages: a mean gain of at least {GAIN} "
            f"({'reached' if gain >= GAIN else 'not reached'}), and at most {LOSS} lost elsewhere "
            f"({'kept' if change >= -LOSS else 'not kept'}).",
        ]
    return "\n".join(["Mean over the groups:", "", *rows])


def _single_sites(sites: SiteResult) -> str:
    before, after = label_scores(sites.before), label_scores(sites.after)
    rows = [
        "## Pages of one site",
        "",
        f"The groups hold {sites.sites} sites with three pages or more, {sites.pages} pages "
        "together. Each page was judged by the base model adapted to the other pages of its "
        "site; lines are pooled.",
        "",
        "| label | F1 before | after | lines |",
        "|---|---|---|---|",
    ]
    for i, label in enumerate(LABELS):
        rows.append(
            f"| {label} | {before.f1[i]:.3f} | {after.f1[i]:.3f} | {before.support[i]:.0f} |"
        )
    rows.append(f"| macro-F1 | {before.macro_f1:.3f} | {after.macro_f1:.3f} | |")
    return "\n".join(rows)


def _mean(results: Sequence[Result], size: int) -> tuple[float, float]:
    chosen = [result for result in results if result.size == size]
    gain = float(np.mean([result.gain for result in chosen]))
    return gain, float(np.mean([result.change_elsewhere for result in chosen]))
