"""Small models of every format version, kept as they were written, and what they decide.

python -m tests.formats                   writes the folders of the present version, of both kinds
python -m tests.formats FOLDER --train    trains a model on written pages instead
python -m tests.formats FOLDER --check    loads the model there and compares what it decides

A folder that a release has written is never written anew: it stands for the models that users
have. `.ci/run` trains with the lowest and the newest packages and checks with the other.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip import Classifier, Page
from paywallstrip.errors import ModelKindError
from paywallstrip.html_model import HtmlModel, save_html_model
from paywallstrip.model import Model
from paywallstrip.model_folder import FORMAT_VERSION, JSON_FILE, WEIGHTS_FILE
from paywallstrip.model_formats import save_model
from paywallstrip.training.written import read_lines, read_written
from paywallstrip.word_weights import BYTE_STEP
from tests.toy import toy_model
from tests.toy_html import toy_html
from tests.written import FOLDER as PAGES
from tests.written import INDEX

MODELS = Path(__file__).resolve().parent / "models"
PRESENT = MODELS / f"format-{FORMAT_VERSION}"
PRESENT_HTML = MODELS / f"html-format-{FORMAT_VERSION}"
HTML_PAGES = PAGES.parent / "html"
EXPECTED = "expected.json"
TRAINED = 8
HTML_NAMES = ("article", "broken", "forms", "inline", "tables")
NAMES = ("sample-metered-en", "metered-ja", "donation-uk", "alsoread-ar", "metered-zh")
DENSITY = 0.002
LEVEL = (363_000, -299_000, 344_000, -290_000)
HTML_LEVEL = (440_000, -785_000, 219_000, 371_000)
"""Added to the made-up biases, so that no label outdoes the others on the pages."""
DIGITS = 6
"""Decimals of a probability that are promised to be the same everywhere."""


def sparse_model() -> Model:
    """Make the toy model with most of its hashed weights at nought, so that it packs small."""
    model = toy_model()
    random = np.random.default_rng(1)

    def thinned(weights: np.ndarray) -> np.ndarray:
        few = np.where(random.random(weights.shape) < DENSITY, weights, 0)
        return (few // BYTE_STEP).astype(np.int8)

    wide, narrow = thinned(model.first.wide), thinned(model.first.narrow)
    first = model.first._replace(wide=wide, narrow=narrow)
    rarity = np.full_like(model.extractor.rarity, 7)
    extractor = type(model.extractor)(model.extractor.cues, rarity)
    second = model.second._replace(bias=model.second.bias + np.array(LEVEL))
    return Model(extractor, first, second, model.offsets, {"name": "format fixture"}, model.islands)


def sparse_html_model() -> HtmlModel:
    """Make the toy model for HTML over the sparse one for text, with few weights of names."""
    markup = toy_html().html_model.markup
    random = np.random.default_rng(2)
    names = np.where(random.random(markup.names.shape) < DENSITY, markup.names, 0)
    bias = markup.bias + np.array(HTML_LEVEL)
    return HtmlModel(sparse_model(), markup._replace(bias=bias, names=names.astype(np.int16)))


def decisions(classifier: Classifier) -> list[dict[str, Any]]:
    """Give the label and the probabilities of each line of some pages."""
    return [
        {
            "label": line.label.value,
            "kept": line.kept,
            "probabilities": [round(value, DIGITS) for value in line.probabilities.values()],
        }
        for page in _classified(classifier)
        for line in page.lines
    ]


def _classified(classifier: Classifier) -> list[Page]:
    try:
        _ = classifier.html_model
    except ModelKindError:
        return [classifier.classify(read_lines(PAGES / f"{name}.tsv")[0]) for name in NAMES]
    texts = [(HTML_PAGES / f"{name}.html").read_text("utf-8") for name in HTML_NAMES]
    return [classifier.classify_html(text) for text in texts]


def write(folder: Path) -> None:
    """Write the sparse model of the folder's kind, packed, and what it decides."""
    if folder == PRESENT_HTML:
        save_html_model(sparse_html_model(), folder)
    else:
        save_model(sparse_model(), folder)
    # Readers take packed arrays; as the library writes them, these take 2 MB.
    with np.load(folder / WEIGHTS_FILE) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez_compressed(folder / WEIGHTS_FILE, **arrays)
    info = json.loads((folder / JSON_FILE).read_text("utf-8"))
    info["weights_sha256"] = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    (folder / JSON_FILE).write_text(json.dumps(info, indent=1, sort_keys=True) + "\n", "utf-8")
    record(folder)


def train_one(folder: Path) -> None:
    """Train a model on the first written pages, and write it and what it decides."""
    from paywallstrip.training import LabelledText, train

    pages = read_written(PAGES, names=[entry["name"] for entry in INDEX[:TRAINED]])
    train(
        [LabelledText(page.line_texts, page.labels, domain=page.domain) for page in pages],
        out=folder,
    )
    record(folder)


def record(folder: Path) -> None:
    """Write what the model of a folder decides beside it."""
    text = json.dumps(decisions(Classifier.load(folder)))
    (folder / EXPECTED).write_text(text.replace("}, ", "},\n ") + "\n", "utf-8")


def differing(folder: Path) -> int:
    """Count the lines that the model decides otherwise than what is written beside it."""
    expected = json.loads((folder / EXPECTED).read_text("utf-8"))
    got = decisions(Classifier.load(folder))
    if len(got) != len(expected):
        return max(len(got), len(expected))
    return sum(not same(one, other) for one, other in zip(expected, got, strict=True))


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two decisions are the same, probabilities but for the last decimal."""
    decided = [(each["label"], each["kept"]) for each in (one, other)]
    return decided[0] == decided[1] and np.allclose(
        one["probabilities"], other["probabilities"], rtol=0, atol=2 * 10**-DIGITS
    )


def main() -> int:
    """Write, train or check a model; 1 if it is there already or decides otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.formats")
    parser.add_argument("folder", type=Path, nargs="?")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--train", action="store_true")
    action.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.folder is None and (options.check or options.train):
        parser.error("--train and --check need a folder")
    if options.check:
        count = differing(options.folder)
        print(f"{options.folder}: numpy {np.__version__} decides {count} lines otherwise")
        return int(count > 0)
    for folder in [options.folder] if options.folder else [PRESENT, PRESENT_HTML]:
        if (folder / EXPECTED).exists():
            print(f"{folder} is there already; delete it only if no release has written it")
            return 1
        (train_one if options.train else write)(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
