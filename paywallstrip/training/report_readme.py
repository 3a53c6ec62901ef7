"""The table of figures in README.md, made from the evaluations that are kept in docs.

``python -m paywallstrip.training.report_readme`` reads every evaluation.json below
docs/evaluation and writes the table between the two markers; with ``--check`` it only compares.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from paywallstrip.labels import LABELS
from paywallstrip.training import body_figures, labelled_figures
from paywallstrip.training.figures import (
    ALL,
    CLEANED,
    DIFFERENCE,
    DUMPS,
    LINE_F1,
    MACRO_F1,
    MEAN,
    ORACLE,
    OURS,
    PRECISION,
    RECALL,
    WORD_F1,
    system_on,
)
from paywallstrip.training.html_figures import HTML
from paywallstrip.training.labelled_figures import OWN
from paywallstrip.training.report import JSON

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
RIVAL = "trafilatura"
NOTHING = "The figures of the shipped model follow with its evaluation.\n"
PARTS = {"folds": "folds of sites", "final": "final sites"}


class Row(NamedTuple):
    """A row of the table: its title, and where its figure stands in an evaluation."""

    title: str
    table: str
    group: str
    system: str
    measure: str


def _rows() -> list[Row]:
    labels, content = labelled_figures.LABEL_TABLE, labelled_figures.CONTENT_TABLE
    rows = []
    for lines, name in ((OWN, "labels"), (HTML, "HTML in: labels")):
        rows.append(Row(f"{name}: macro-F1", labels, ALL, lines, MACRO_F1))
        rows += [Row(f"{name}: {label} F1", labels, ALL, lines, f"{label} F1") for label in LABELS]
    for system, name in (
        (OURS, "kept as content"),
        (system_on(OURS, HTML), "HTML in: kept as content"),
        (RIVAL, "kept by trafilatura, from the HTML"),
    ):
        for measure in (RECALL, PRECISION, LINE_F1):
            rows.append(Row(f"{name}: {measure}", content, ALL, system, measure))
    dump = DUMPS[0]
    for group in body_figures.GROUP_NAMES.values():
        for title, system in (
            ("dump to body", system_on(OURS, dump)),
            ("HTML to body", system_on(OURS, HTML)),
            ("trafilatura, from the HTML", RIVAL),
            ("best choice of lines there is", system_on(ORACLE, dump)),
        ):
            rows.append(
                Row(f"{group}, word F1: {title}", body_figures.BODY_TABLE, group, system, WORD_F1)
            )
    left = labelled_figures.LEFTOVER_TABLE
    rows.append(Row("extractors' outputs, cleaned: content F1", left, ALL, MEAN, CLEANED))
    rows.append(Row("what cleaning gains there", left, ALL, MEAN, DIFFERENCE))
    calibration = labelled_figures.CALIBRATION_TABLE
    rows.append(Row("calibration error", calibration, ALL, OWN, MEAN))
    return rows


def figures_table(evaluations: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay the main figures out.

    Args:
        evaluations: part to the content of its evaluation.json.

    Returns:
        Markdown: the table and a line on what it was measured on; a sentence that says so
        where there is no evaluation.
    """
    parts = [part for part in PARTS if part in evaluations]
    if not parts:
        return NOTHING
    found = {part: _index(evaluations[part]) for part in parts}
    lines = [
        f"| | {' | '.join(PARTS[part] for part in parts)} |",
        f"|---|{'---:|' * len(parts)}",
    ]
    for row in _rows():
        cells = [_cell(found[part].get(row[1:]), row) for part in parts]
        if any(cells):
            lines.append(f"| {row.title} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_measured(evaluations, parts), ""])


def _index(evaluation: Mapping[str, Any]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    names = ("table", "group", "system", "measure")
    return {tuple(each[name] for name in names): each for each in evaluation["figures"]}


def _cell(figure: Mapping[str, Any] | None, row: Row) -> str:
    if figure is None or figure["value"] is None:
        return ""
    sign = "+" if row.measure == DIFFERENCE else ""
    text = f"{figure['value']:{sign}.3f}"
    if figure["low"] is not None:
        text += f" ({figure['low']:{sign}.3f} to {figure['high']:{sign}.3f})"
    return text


def _measured(evaluations: Mapping[str, Mapping[str, Any]], parts: Sequence[str]) -> list[str]:
    about = {
        "folds": "each page judged by a model that has not seen its site",
        "final": "the shipped model on sites that nothing was trained or tuned on",
    }
    lines = []
    for part in parts:
        run = evaluations[part]
        pages = ", ".join(f"{count} {name}" for name, count in run["pages"].items())
        lines.append(f"*{PARTS[part].capitalize()}*: {pages}; {about[part]} ({run['date']}).")
    return lines


def read_evaluations(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the evaluations below a folder.

    Args:
        folder: where they lie, one a part, in folders of their own.

    Returns:
        Part to the content of its evaluation.json.

    Raises:
        ValueError: if two of them are of one part.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob(JSON)):
        evaluation = json.loads(path.read_text(encoding="utf-8"))
        if evaluation["part"] in found:
            raise ValueError(f"{path}: there is another evaluation of {evaluation['part']!r}")
        found[evaluation["part"]] = evaluation
    return found


def replace_between(text: str, new: str) -> str:
    """Put something new between the markers.

    Args:
        text: a text that has both markers, each once, on lines of their own.
        new: what goes between them.

    Returns:
        The text.

    Raises:
        ValueError: if the markers are not there.
    """
    before, begin, rest = text.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers {BEGIN} and {END} are not there")
    return f"{before}{BEGIN}\n\n{new}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the table from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code: 0, or 1 with ``--check`` if the table is not up to date.
    """
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.report_readme")
    parser.description = "Write the table of figures in README.md."
    parser.add_argument("--evaluations", type=Path, default=ROOT / "docs" / "evaluation")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(arguments)
    before = options.readme.read_text(encoding="utf-8")
    after = replace_between(before, figures_table(read_evaluations(options.evaluations)))
    if not options.check:
        options.readme.write_text(after, encoding="utf-8")
        return 0
    if before != after:
        print(f"{options.readme.name} is not up to date: make figures", file=sys.stderr)
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
