"""Figures to evaluation.md and evaluation.json."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from paywallstrip.labels import LABELS
from paywallstrip.training import body_figures, labelled_figures
from paywallstrip.training.figures import (
    AHEAD,
    ALL,
    AS_IT_IS,
    CLEANED,
    CONTENT,
    DIFFERENCE,
    EMPTY_TABLE,
    LINE_F1,
    MACRO_F1,
    ORACLE,
    PRECISION,
    RECALL,
    Figure,
    system_on,
)
from paywallstrip.training.html_figures import HTML
from paywallstrip.training.labelled_figures import OWN
from paywallstrip.training.views import VERSIONS

MARKDOWN, JSON = "evaluation.md", "evaluation.json"

INTRODUCTION = """\
Every figure is on pages of sites that the model has not seen, all systems on the same pages \
and by the same scorer (`paywallstrip.scoring`). Brackets hold 95 % intervals by bootstrap over \
pages; evaluation.json has them for every figure, also where a table leaves them out.

- **On the labelled pages** a system is judged by which of the labelled lines it keeps. Line \
filters run on those very lines, or, where a name says "on html-text" and the like, on that \
converter's output. Extractors ran on the HTML. Every output but the labelled lines themselves is \
aligned to them word by word; a line was kept if half of its characters are there.
- **On HTML** means that this library was given the page's HTML, and judged like the extractors. \
Labels are judged on the lines of the HTML, as on the lines of a converter.
- **On true bodies** the score is word F1, mean over pages, lines that are only the headline left \
out on both sides.
- **Raw input** keeps everything. **C4 rules** are C4's rules for single lines. The **oracle** \
chooses among whole lines knowing the truth: no filter of lines does better.
"""


def describe_run(
    part: str, model: Mapping[str, Any], corpus: str, views: Path, pages: Mapping[str, int]
) -> dict[str, Any]:
    """Write down what was measured, and with what.

    Args:
        part: the part of the corpora.
        model: name and digests of the weights.
        corpus: the corpora's fingerprint.
        views: folder of the views; it knows the versions of the extractors.
        pages: how many pages there were, by corpus.

    Returns:
        Plain types, ready for JSON.
    """
    extractors = json.loads((views / VERSIONS).read_text(encoding="utf-8"))
    own = {name: _version(name) for name in ("paywallstrip", "numpy")}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "part": part,
        "pages": dict(pages),
        "corpus": corpus,
        "model": dict(model),
        "versions": {"python": platform.python_version(), **own, **extractors},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def write_report(
    out: Path, run: Mapping[str, Any], figures: Sequence[Figure], extra: Mapping[str, Any]
) -> str:
    """Write both files.

    Args:
        out: the folder they go to; made if it is missing.
        run: what `describe_run` gives.
        figures: the figures.
        extra: more for the JSON alone.

    Returns:
        The Markdown.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = to_markdown(run, figures)
    (out / MARKDOWN).write_text(text, encoding="utf-8")
    record = {**run, **extra, "figures": [figure.to_dict() for figure in figures]}
    packed = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    (out / JSON).write_text(packed + "\n", encoding="utf-8")
    return text


def to_markdown(run: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """Lay out all tables.

    Args:
        run: what `describe_run` gives.
        figures: the figures; sections without any are left out.

    Returns:
        The report.
    """
    parts = ["# Evaluation\n", INTRODUCTION, _head(run)]
    for section in (_labels, _content, _bodies, _leftovers, _strictness, _calibration):
        parts += section(figures)
    return "\n".join(parts)


def pivot(
    figures: Iterable[Figure],
    row: str,
    column: str,
    *,
    intervals: bool = False,
    corner: str = "",
) -> str:
    """Lay figures out as one Markdown table.

    Args:
        figures: the figures; of two in the same cell the last counts.
        row: the field of `Figure` that names the rows, in order of appearance.
        column: the field that names the columns.
        intervals: whether a cell shows the interval, too.
        corner: what stands above the row names.

    Returns:
        The table, with a newline at its end; empty without figures.
    """
    cells: dict[str, dict[str, str]] = {}
    columns: dict[str, None] = {}
    for figure in figures:
        name = getattr(figure, column)
        columns[name] = None
        cells.setdefault(getattr(figure, row), {})[name] = _cell(figure, intervals)
    if not cells:
        return ""
    lines = [_row([corner or row, *columns]), _row(["---"] + ["---:"] * len(columns))]
    for name, found in cells.items():
        lines.append(_row([name] + [found.get(each, "") for each in columns]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(figure: Figure, intervals: bool) -> str:
    if math.isnan(figure.value):
        return "–"
    sign = "+" if figure.measure == DIFFERENCE or figure.table.endswith(AHEAD) else ""
    text = f"{figure.value:{sign}.3f}"
    if intervals and not math.isnan(figure.low):
        text += f" ({figure.low:{sign}.3f} to {figure.high:{sign}.3f})"
    return text


def _head(run: Mapping[str, Any]) -> str:
    pages = ", ".join(f"{count} {name}" for name, count in run["pages"].items())
    versions = ", ".join(f"{name} {each}" for name, each in run["versions"].items())
    model = ", ".join(f"{name} `{each[:12]}`" for name, each in run["model"].items())
    return (
        f"Measured {run['date']}, part *{run['part']}*: {pages}. Corpus `{run['corpus'][:16]}`. "
        f"Model: {model}. {versions}.\n"
    )


def _in(
    figures: Iterable[Figure], table: str, test: Callable[[Figure], bool] = lambda _: True
) -> list[Figure]:
    return [figure for figure in figures if figure.table == table and test(figure)]


def _titled(title: str, table: str) -> list[str]:
    return [f"{title}\n", table] if table else []


def _kinds(figures: Iterable[Figure]) -> list[str]:
    """The kinds of groups: what stands before the colon."""
    groups = (figure.group.partition(": ") for figure in figures)
    return list(dict.fromkeys(kind for kind, colon, _ in groups if colon))


def _counted(figures: Iterable[Figure]) -> list[Figure]:
    """The figures with the number of pages in their group's name, without its kind."""
    return [
        figure.renamed(f"{figure.group.partition(': ')[2]} ({figure.pages})") for figure in figures
    ]


def _labels(figures: Sequence[Figure]) -> list[str]:
    def is_f1(figure: Figure) -> bool:
        return figure.measure == MACRO_F1 or figure.measure.endswith(" F1")

    found = _in(figures, labelled_figures.LABEL_TABLE)
    own = [figure for figure in found if figure.system == OWN]
    whole = [figure for figure in own if figure.group == ALL]
    parts = _titled(
        "## Labels, pooled over lines",
        pivot(_by_label(whole), "group", "measure", intervals=True, corner="label"),
    )
    everything = [figure for figure in found if figure.group == ALL and is_f1(figure)]
    parts += _titled(
        "### F1 by converter and extractor\n\nExcept on the labelled lines themselves, labels "
        "were carried over by alignment; lines without a counterpart are left out.",
        pivot(everything, "system", "measure", corner="lines of"),
    )
    for kind in _kinds(own):
        group = [f for f in own if f.group.startswith(f"{kind}: ") and is_f1(f)]
        parts += _titled(
            f"### F1 by {kind} (pages)", pivot(_counted(group), "group", "measure", corner=kind)
        )
    return parts


def _by_label(figures: Iterable[Figure]) -> list[Figure]:
    """Turn measures like "content F1" into the measure F1 of the group content."""
    found = []
    for figure in figures:
        label, _, measure = figure.measure.rpartition(" ")
        if label in set(LABELS):
            found.append(replace(figure, group=label, measure=measure))
        else:
            found.append(replace(figure, group="macro", measure="F1"))
    # The macro line comes first in the figures, and should come last in the table.
    return sorted(found, key=lambda figure: figure.group == "macro")


def _content(figures: Sequence[Figure]) -> list[str]:
    found = _in(figures, labelled_figures.CONTENT_TABLE)
    whole = [figure for figure in found if figure.group == ALL]
    parts = _titled(
        "## Content of the labelled pages", pivot(whole, "system", "measure", intervals=True)
    )
    ahead = _in(figures, labelled_figures.CONTENT_TABLE + AHEAD)
    parts += _titled(
        "### How far this library is ahead, on the labelled lines",
        pivot(ahead, "system", "measure", intervals=True, corner="ahead of"),
    )
    ahead = _in(figures, system_on(labelled_figures.CONTENT_TABLE, HTML) + AHEAD)
    parts += _titled(
        "### How far this library on HTML is ahead, on the labelled lines",
        pivot(ahead, "system", "measure", intervals=True, corner="ahead of"),
    )
    for kind in _kinds(found):
        for measure in (LINE_F1, RECALL, PRECISION):
            group = [f for f in found if f.measure == measure and f.group.startswith(f"{kind}: ")]
            table = pivot(_counted(group), "system", "group")
            parts += _titled(f"### {measure} by {kind} (pages)", table)
    return parts


def _bodies(figures: Sequence[Figure]) -> list[str]:
    found = _in(figures, body_figures.BODY_TABLE)
    parts = ["## True bodies, word F1\n"] if found else []
    for kind in _kinds(found):
        group = [figure for figure in found if figure.group.startswith(f"{kind}: ")]
        is_main = kind == "articles"
        title = "Article pages" if is_main else f"By {kind}"
        if kind == "language":
            title += ", article pages"
        if kind == "page type":
            title += ", WCXB (its own rules, not docs/LABELS.md, hold outside of articles)"
        table = pivot(_counted(group), "system", "group", intervals=is_main)
        parts += _titled(f"### {title} (pages)", table)
    ahead = _in(figures, body_figures.BODY_TABLE + AHEAD)
    parts += _titled(
        "### How far this library on html-text is ahead, word F1",
        pivot(ahead, "system", "group", intervals=True, corner="ahead of"),
    )
    ahead = _in(figures, system_on(body_figures.BODY_TABLE, HTML) + AHEAD)
    parts += _titled(
        "### How far this library on HTML is ahead, word F1",
        pivot(ahead, "system", "group", intervals=True, corner="ahead of"),
    )
    empty = _in(figures, EMPTY_TABLE)
    parts += _titled(
        "### Share of pages for which an extractor gave nothing",
        pivot(empty, "system", "group", corner="extractor"),
    )
    alone = _in(figures, body_figures.ALONE_TABLE)
    return parts + _titled(
        "### What is kept of a true body fed alone", pivot(alone, "group", "measure")
    )


def _leftovers(figures: Sequence[Figure]) -> list[str]:
    main = (AS_IT_IS, CLEANED, DIFFERENCE, ORACLE)
    parts = []
    found = _in(figures, body_figures.LEFTOVER_TABLE)
    for group in dict.fromkeys(figure.group for figure in found):
        table = pivot(
            [figure for figure in found if figure.group == group],
            "system",
            "measure",
            intervals=True,
            corner="extractor",
        )
        parts += _titled(f"### Word F1, {group}", table)
    found = _in(figures, labelled_figures.LEFTOVER_TABLE)
    scores = [figure for figure in found if figure.measure in main]
    rest = [figure for figure in found if figure.measure not in main]
    parts += _titled(
        "### Content F1 over the labelled lines",
        pivot(scores, "system", "measure", intervals=True, corner="extractor"),
    )
    parts += _titled(
        "### Content of the labelled lines by characters",
        pivot(rest, "system", "measure", corner="extractor"),
    )
    introduction = (
        "## Leftovers: an extractor's output as it is, and cleaned\n\n"
        "The mean is over all extractors but trafilatura's fast mode.\n"
    )
    return [introduction, *parts] if parts else []


def _strictness(figures: Sequence[Figure]) -> list[str]:
    found = _in(figures, labelled_figures.STRICTNESS_TABLE)
    parts = []
    for group in dict.fromkeys(figure.group for figure in found):
        members = [
            figure for figure in found if figure.group == group and figure.measure in CONTENT
        ]
        table = pivot(members, "system", "measure", corner="strictness")
        parts += _titled(f"### On {group}", table)
    introduction = (
        "## Strictness: content kept and precision\n\n"
        "On leftovers the recall is of the content that the extractors left, pooled over them.\n"
    )
    return [introduction, *parts] if parts else []


def _calibration(figures: Sequence[Figure]) -> list[str]:
    found = _in(figures, labelled_figures.CALIBRATION_TABLE)
    return _titled(
        "## Calibration error, 15 bins of equal mass a label",
        pivot(found, "system", "measure", corner="lines of"),
    )
