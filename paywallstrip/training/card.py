"""The model card: what a model folder holds, in words, written from its JSON."""

import errno
import json
from pathlib import Path
from typing import Any

from paywallstrip.labels import LABELS
from paywallstrip.model_folder import JSON_FILE, WEIGHTS_FILE
from paywallstrip.protected import refuse_protected
from paywallstrip.training.files import write_whole
from paywallstrip.training.versions import WITH_BLOCKS, WRITTEN_VIEW

CARD_FILE = "README.md"

SOURCES = """\
| source | licence of the collection |
|---|---|
| adbar/trafilatura, test pages | Apache-2.0 |
| postlight/parser, fixtures | Apache-2.0 or MIT |
| mozilla/readability, test pages | Apache-2.0 |
| goose3/goose3, test pages | Apache-2.0 |
| AndyTheFactory/newspaper4k, test pages | MIT |
| flairNLP/fundus, test pages | MIT |
| Murrough-Foley/web-content-extraction-benchmark (WCXB), development split | CC-BY-4.0 |"""

# A card stands in a checkout and in an installed package: a link would lead nowhere in one.
RULES = """\
The texts of real pages belong to their publishers; none is in the model or in the package.
The labels follow docs/LABELS.md, in an installed package paywallstrip/_docs/LABELS.md."""

TAKES = """\
Takes the text of a web page, one block a line, whole dump or an extractor's output, and labels
every line `content`, `paywall`, `navigation` or `related-links`."""
TAKES_HTML = """\
Takes a web page as HTML and labels every line of it `content`, `paywall`, `navigation` or
`related-links`, by the text of the lines and by the markup around them."""

REAL = """\
The real pages it is trained on are mostly English and German ones of news sites, magazines and
blogs, with some 25 other languages."""
MADE_UP = "{pages} pages written for the purpose add further languages."
LIMITS = """\
Languages that neither has are carried by the cue lists. Not meant for forums, shops and listings:
there the body follows the rules for articles."""

COUNTED = {
    ("folds", "dumps"): "the training part's labelled and further pages as they are",
    ("folds", "leftovers"): "what other converters and extractors make of these pages",
    ("folds", "HTML"): "the HTML of the training part's labelled and further pages",
    ("final", "dumps"): "the labelled pages as they are",
    ("final", "leftovers"): "what extractors leave of these pages",
    ("final", "HTML"): "the HTML of the labelled pages",
}
"""What lines the figures of a model of the corpora are counted on."""
ALONE = """\
Over folds README.md and docs/evaluation of the project count the labelled pages alone, so their
figures are others."""

OWN_USE = """\
{takes} {origin} It was not made by
the authors of paywallstrip; for pages unlike those below it may do worse than the shipped model."""


def check_card(folder: Path) -> None:
    """Refuse a folder in which a model and its card may not take the place of what is there.

    Args:
        folder: the folder that a model is to be written to.

    Raises:
        FileExistsError: there is a README.md, but no model.
        PermissionError: a file that would be replaced is write-protected.
    """
    card, model = folder / CARD_FILE, [folder / name for name in (JSON_FILE, WEIGHTS_FILE)]
    # A model that was cut off while it was replaced has its weights left.
    if card.exists() and not any(each.exists() for each in model):
        reason = "is no model's card, and would be replaced by one; choose another folder"
        raise FileExistsError(errno.EEXIST, reason, str(card))
    refuse_protected(card, *model)


def write_card(folder: Path) -> None:
    """Write the card of a model folder beside its JSON.

    Args:
        folder: the model folder; figures that its JSON does not hold are left out.
    """
    info = json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))
    name = info.get("name", folder.name)
    parts = [
        f"# Model card: {name}",
        _use(info),
        "## Figures",
        _figures(info),
        "## Data",
        _data(info),
    ]
    if info.get("corpora"):
        parts += ["### Sources", _sources(info), RULES]
    parts += ["## Provenance", _provenance(info)]
    write_whole(folder / CARD_FILE, "\n\n".join(parts) + "\n")


def _use(info: dict[str, Any]) -> str:
    takes = TAKES_HTML if info.get("kind") == "html" else TAKES
    if info.get("corpora"):
        pages = _views(info).get(WRITTEN_VIEW)
        made_up = [MADE_UP.format(pages=pages)] if pages else []
        return "\n".join([takes, REAL, *made_up, LIMITS])
    if (base := info.get("base")) is not None:
        origin = f"Adapted from {_model(base)} to the pages named under Data."
    elif (text := info.get("text")) is not None:
        origin = f"Trained on top of {_model(text)}, on the pages named under Data."
    else:
        origin = "Trained from scratch on the pages named under Data."
    return OWN_USE.format(takes=takes, origin=origin)


def _views(info: dict[str, Any]) -> dict[str, int]:
    """Return the training pages by their views; a model for HTML stands on one for text."""
    data = (info.get("text") or info).get("data") or {}
    views: dict[str, int] = data.get("views", {})
    return views


def _sources(info: dict[str, Any]) -> str:
    """Lay out where the lines come from, what is written for the purpose last."""
    views, rows = _views(info), [SOURCES]
    if pages := views.get(WRITTEN_VIEW):
        rows.append(f"| {pages} pages written for this project | MIT |")
    if pages := sum(count for view, count in views.items() if WITH_BLOCKS in view):
        rows.append(f"| blocks written for this project, set into {pages} page views | MIT |")
    return "\n".join(rows)


def _model(info: dict[str, Any]) -> str:
    return f"the model {info['name']} (weights `{(info['weights_sha256'] or '')[:16]}`)"


def _figures(info: dict[str, Any]) -> str:
    tables = []
    for part, title in (("folds", "folds of sites"), ("final", "final part")):
        for name, figures in (info.get(part) or {}).items():
            lines = f"{figures['lines']} lines"
            if counted := COUNTED.get((part, name)):
                lines += f" ({counted})"
            tables.append(f"{name[0].upper()}{name[1:]}, {title}, {lines}:\n\n{_table(figures)}")
    if info.get("corpora") and info.get("folds"):
        tables.append(ALONE)
    return "\n\n".join(tables) or "Not measured."


def _table(figures: dict[str, Any]) -> str:
    rows = ["| label | precision | recall | F1 | lines |", "|---|---|---|---|---|"]
    for label in LABELS:  # the JSON's are sorted
        scores = figures["labels"][label]
        values = " | ".join(_score(scores[key]) for key in ("precision", "recall", "f1"))
        rows.append(f"| {label} | {values} | {scores['support']} |")
    characters = figures["content_characters"]
    rows.append(
        f"\nMacro-F1 {_score(figures['macro_f1'])}; content by characters: recall "
        f"{_score(characters['recall'])} at precision {_score(characters['precision'])}."
    )
    return "\n".join(rows)


def _score(value: float | None) -> str:
    """Write a score; one that is not defined is None."""
    return "–" if value is None else f"{value:.3f}"


def _data(info: dict[str, Any]) -> str:
    data = info.get("data")
    if not data:
        return "Unknown."
    kind, counts = ("page views", "views") if "views" in data else ("pages", "labels")
    listed = ", ".join(f"{name} {count}" for name, count in data[counts].items())
    unnamed = data.get("pages_without_site")
    counted = f" (pages that name no site, counted as one each: {unnamed})" if unnamed else ""
    return (
        f"{data['pages']} {kind} of {data['sites']} sites{counted}, {data['lines']} lines "
        f"(fingerprint `{data['sha256'][:16]}`). {counts.capitalize()}: {listed}."
    )


def _provenance(info: dict[str, Any]) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in info.get("versions", {}).items())
    final = info.get("final_run")
    measured = f" Final part scored {final['date']}." if final else ""
    # A model of one's own has neither date nor seed: the same pages give the same files.
    trained = f"Trained {info['trained']}" if "trained" in info else "Trained"
    seed = f"; seed {info['seed']}" if "seed" in info else ""
    return (
        f"{trained} with {versions or 'unknown versions'}{seed}. Feature schema `{info['schema'][:16]}`, weights "
        f"`{info['weights_sha256'][:16]}`, format {info['format']}.{measured}"
    )
