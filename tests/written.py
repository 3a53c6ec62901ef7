"""The written pages, short texts and seeds, and how the shipped model does on them.

python -m tests.written             prints the scores and what is lost, page by page
python -m tests.written --update    records floors and known failures as they are now
python -m tests.written --update --allow-lower    the same, though a floor would fall
"""

import argparse
import json
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paywallstrip import Classifier, Label, Page
from paywallstrip.labels import LABELS, PAYWALL
from paywallstrip.scoring import confusion_matrix, kept_counts, kept_scores, label_scores
from paywallstrip.training.joining import wrap_lines
from paywallstrip.training.written import read_lines, split_labels

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "pages"
INDEX: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text("utf-8"))
SHORT_TEXTS = HERE / "cases" / "short_texts.txt"
FLOORS = HERE / "floors.json"
KNOWN_FAILURES = HERE / "known_failures.json"
SEEDS = Path(os.environ.get("PAYWALLSTRIP_SEEDS", HERE.parent / "../shared/seeds"))
SEED_NAMES = ("000", "001")
MARGIN = 0.01
ALMOST_EMPTY = 0.1
APART = ("other kinds", "everyday pages", "behind the end")
"""Sets of pages that are harder than a newspaper's articles; they do not hide in these."""
COLUMNS = 72
"""Lines of text are often wrapped at so many, for a terminal or a letter."""


Pairs = list[tuple["Written", Page]]
"""Pages with what the model says of them."""


@dataclass(frozen=True)
class Written:
    """A page with the label of every line.

    Attributes:
        name: its file's name without the ending.
        text: the page as text.
        labels: one for each non-blank line.
    """

    name: str
    text: str
    labels: tuple[Label, ...]


def read_page(name: str) -> Written:
    """Read a written page; a line without a tab, or with an unknown label, is an error."""
    text, labels = read_lines(FOLDER / f"{name}.tsv")
    return Written(name, text, tuple(map(Label, labels)))


def wrapped(written: Written) -> Written:
    """Return a page with long lines broken between words; a piece keeps its line's label."""
    lines = [line for line in written.text.splitlines() if line.strip()]
    pieces, labels = wrap_lines(lines, written.labels, COLUMNS)
    return Written(f"{written.name}, wrapped", "\n".join(pieces), tuple(labels))


def with_links(written: Written) -> Written:
    """Return a page in Markdown: each line that leads elsewhere is a link, as menus have them."""
    lines = [line for line in written.text.splitlines() if line.strip()]
    linked = [
        f"* [{line.strip()}](https://paper.example/{number}?from=page)"
        if label in (Label.NAVIGATION, Label.RELATED_LINKS)
        else line
        for number, (line, label) in enumerate(zip(lines, written.labels, strict=True))
    ]
    return Written(f"{written.name}, with links", "\n".join(linked), written.labels)


def read_short_texts() -> dict[str, Written]:
    """Read the short texts by name: `## KIND | LANGUAGE | NAME`, then the lines with labels."""
    found = {}
    for block in SHORT_TEXTS.read_text("utf-8").removeprefix("## ").split("\n\n## "):
        header, _, content = block.partition("\n")
        name = header.split(" | ")[2]
        text, labels = split_labels(content, name)
        assert name not in found, f"two short texts are called {name}"
        found[name] = Written(name, text, tuple(map(Label, labels)))
    return found


def read_seed(name: str) -> Written:
    """Read a seed page; a label stands for each non-blank line."""
    labels = (SEEDS / f"{name}.labels").read_text("utf-8").split()
    text = (SEEDS / f"{name}.txt").read_bytes().decode("utf-8")
    return Written(name, text, tuple(map(Label, labels)))


def lost_content(written: Written, page: Page) -> list[str]:
    """Return the content lines that are not in the body."""
    return [
        line.text
        for line, label in zip(page.lines, written.labels, strict=True)
        if label is Label.CONTENT and not line.kept
    ]


def wrong_body(written: Written, page: Page) -> list[str]:
    """Return the lines that are in the body and should not be, or the other way round."""
    return [
        f"{'kept' if line.kept else 'lost'}: {line.text}"
        for line, label in zip(page.lines, written.labels, strict=True)
        if (label is Label.CONTENT) != line.kept
    ]


def wrong_labels(written: Written, page: Page) -> list[str]:
    """Return the lines whose label is wrong."""
    return [
        f"{line.label} for {label}: {line.text}"
        for line, label in zip(page.lines, written.labels, strict=True)
        if line.label is not label
    ]


def body_share(page: Page) -> float:
    """Return what share of the lines' characters is in the body."""
    sizes = [(len(line.text), line.kept) for line in page.lines]
    return sum(size for size, kept in sizes if kept) / sum(size for size, _ in sizes)


def scores(pairs: Pairs) -> dict[str, float]:
    """Score pages together."""
    truth = [LABELS.index(label) for written, _ in pairs for label in written.labels]
    lines = [line for _, page in pairs for line in page.lines]
    given = [LABELS.index(line.label) for line in lines]
    f1 = label_scores(confusion_matrix(truth, given)).f1
    content = kept_scores(
        kept_counts(
            [label == LABELS.index(Label.CONTENT) for label in truth],
            [line.kept for line in lines],
            [len(line.text) for line in lines],
        )
    )
    return {
        "accuracy": float(np.mean(np.array(truth) == np.array(given))),
        "macro-F1": float(np.mean(f1)),
        "paywall F1": float(f1[PAYWALL]),
        "content recall by characters": float(content.recall),
        "content precision by characters": float(content.precision),
    }


def all_scores(pages: Pairs, short_texts: Pairs, others: dict[str, Pairs]) -> dict[str, float]:
    """Score the pages of the index, the short texts, and the pages in other forms.

    Each set that the index names comes apart, so that it hides nothing of the others.
    """
    sets = {entry["name"]: f"{entry['set']}, " if "set" in entry else "" for entry in INDEX}
    chosen: dict[str, Pairs] = {}
    for pair in pages:
        chosen.setdefault(sets[pair[0].name], []).append(pair)
    chosen["short texts, "] = short_texts
    chosen |= {f"{form}, ": some for form, some in others.items()}
    return {
        f"{named}{name}": score
        for named, some in chosen.items()
        for name, score in scores(some).items()
    }


def other_forms(classifier: Classifier) -> dict[str, Pairs]:
    """Classify the pages of the index in the other forms that they may come in.

    The pages of some sets come apart: they are harder.
    """
    found: dict[str, Pairs] = {}
    for entry in INDEX:
        page = read_page(entry["name"])
        kind = f"{entry['set']}, " if entry.get("set") in APART else ""
        forms = {"wrapped": wrapped(page), "links in Markdown": with_links(page)}
        for form, written in forms.items():
            pair = (written, classifier.classify(written.text))
            found.setdefault(kind + form, []).append(pair)
    return found


def failures(classifier: Classifier, pages: Pairs, short_texts: Pairs) -> dict[str, str]:
    """Return the checks that fail now, each with what is wrong."""
    found: dict[str, str] = {}
    for entry, (written, page) in zip(INDEX, pages, strict=True):
        name = entry["name"]
        if entry["hard_negative"] and (lost := lost_content(written, page)):
            found[f"hard-negative:{name}"] = f"loses {len(lost)} content lines: {lost[0][:60]}"
        if entry["kind"] == "index-page" and body_share(page) > ALMOST_EMPTY:
            found[f"index:{name}"] = f"keeps {body_share(page):.0%} of its characters"
    for written, page in short_texts:
        if wrong := wrong_body(written, page):
            found[f"short-text:{written.name}"] = f"{len(wrong)} lines wrong: {wrong[0][:60]}"
    for name in SEED_NAMES if SEEDS.is_dir() else ():
        written = read_seed(name)
        page = classifier.classify(written.text)
        # A seed's text belongs to its publisher: only counts are written down.
        if wrong := wrong_body(written, page):
            found[f"seed-body:{name}"] = f"{len(wrong)} lines wrongly kept or lost"
        if len(others := other_wrong_labels(written, page)) > 2:
            found[f"seed-labels:{name}"] = f"{len(others)} other labels wrong"
    return found


def other_wrong_labels(written: Written, page: Page) -> list[str]:
    """Return the lines that are rightly dropped under a wrong label."""
    return [
        f"{line.label} for {label}: {line.text}"
        for line, label in zip(page.lines, written.labels, strict=True)
        if line.label is not label and Label.CONTENT not in (line.label, label)
    ]


def marked(check: str, names: list[str]) -> list[Any]:
    """Return the names as parameters; those that are known to fail as strict xfails."""
    known = json.loads(KNOWN_FAILURES.read_text("utf-8"))
    return [
        pytest.param(
            name,
            marks=[
                pytest.mark.xfail(
                    reason=known[f"{check}:{name}"], raises=AssertionError, strict=True
                )
            ]
            if f"{check}:{name}" in known
            else [],
        )
        for name in names
    ]


def main() -> int:
    """Report, and record with --update."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--update", action="store_true", help="record floors and known failures")
    parser.add_argument("--allow-lower", action="store_true", help="let a floor fall")
    arguments = parser.parse_args()
    classifier = Classifier.load()
    pages, short_texts = (
        [(written, classifier.classify(written.text)) for written in some]
        for some in ([read_page(entry["name"]) for entry in INDEX], read_short_texts().values())
    )
    for written, page in pages:
        lost, wrong = lost_content(written, page), wrong_labels(written, page)
        print(f"{written.name:24} {len(wrong):3} of {len(page.lines):3} wrong, {len(lost)} lost")
        for line in wrong:
            print(f"    {line[:150]}")
    measured = all_scores(pages, short_texts, other_forms(classifier))
    for name, score in measured.items():
        print(f"{score:.4f}  {name}")
    found = failures(classifier, pages, short_texts)
    for check, reason in found.items():
        print(f"{check}  {reason}")
    if not arguments.update:
        return 0
    floors = {name: math.floor((s - MARGIN) * 100) / 100 for name, s in measured.items()}
    before = json.loads(FLOORS.read_text("utf-8")) if FLOORS.is_file() else {}
    fallen = [name for name, floor in before.items() if floors.get(name, 0) < floor]
    if fallen and not arguments.allow_lower:
        print(f"not recorded, would fall: {', '.join(fallen)}", file=sys.stderr)
        return 1
    if not SEEDS.is_dir():
        known = json.loads(KNOWN_FAILURES.read_text("utf-8"))
        found |= {check: reason for check, reason in known.items() if check.startswith("seed-")}
    for path, content in ((FLOORS, floors), (KNOWN_FAILURES, found)):
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
