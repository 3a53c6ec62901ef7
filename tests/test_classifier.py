"""What the verbs promise: options, errors at the door, and the same answer everywhere."""

import importlib.metadata
import inspect
import itertools
import os
import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

import paywallstrip
from paywallstrip import Classifier, Label, Page, api
from paywallstrip.decisions import Options
from paywallstrip.errors import ModelNotFoundError
from paywallstrip.labels import LABELS
from paywallstrip.model_folder import SHIPPED, default_folder
from paywallstrip.model_formats import save_model
from paywallstrip.stages import UNIT
from tests.toy import toy, toy_model

PAGES = Path(__file__).parent / "pages"
VERBS = ("clean", "classify", "clean_many", "classify_many")
TEXT = "Share\nRain fell on the harbour all night.\n\nAlso read\nPremium\n"


class Frame:
    """A table as pandas and polars have it: iterated, pandas' gives its columns' names."""

    columns = property(lambda _: ["text"])

    def __iter__(self) -> Iterator[str]:
        yield from self.columns


def written_texts() -> list[str]:
    """Read the written pages as texts, without their labels."""
    return [
        "\n".join(line.partition("\t")[2] for line in path.read_text("utf-8").split("\n"))
        for path in sorted(PAGES.glob("*.tsv"))
    ]


def call(verb: str, text: Any, **options: Any) -> Any:
    """Call a verb with one text, whether it takes one or many."""
    method = getattr(toy(), verb)
    return next(method([text], **options)) if verb.endswith("_many") else method(text, **options)


def exact(page: Page) -> list[Any]:
    return [(line, tuple(line.probabilities.values())) for line in page.lines]


# Options


def test_the_module_verbs_are_those_of_the_shipped_model() -> None:
    assert paywallstrip.classify(TEXT) == Classifier.load().classify(TEXT)


MODULE_VERBS = [
    (verb, shipped)
    for shipped, verbs in (
        ("shipped", VERBS),
        ("shipped_html", ("clean_html", "classify_html", "clean_html_many", "classify_html_many")),
    )
    for verb in verbs
]


@pytest.mark.parametrize(("verb", "shipped"), MODULE_VERBS)
def test_a_module_verb_hands_all_options_on(
    verb: str, shipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = Mock()
    monkeypatch.setattr(api, shipped, lambda: classifier)
    options = {"drop": ("paywall",), "strictness": 0.2}
    if verb.endswith("_many"):
        options["n_jobs"] = 2
    getattr(paywallstrip, verb)(TEXT, **options)
    getattr(classifier, verb).assert_called_once_with(TEXT, **options)


@pytest.mark.parametrize("verb", [verb for verb, _ in MODULE_VERBS])
def test_a_module_verb_takes_what_the_classifiers_takes(verb: str) -> None:
    own = inspect.signature(getattr(paywallstrip, verb))
    _, *expected = inspect.signature(getattr(Classifier, verb)).parameters.values()
    assert list(own.parameters.values()) == expected


@pytest.mark.parametrize("shipped", [api.shipped, api.shipped_html])
def test_a_shipped_model_is_loaded_once(shipped: Callable[[], Classifier]) -> None:
    assert shipped() is shipped()


@pytest.mark.parametrize("shipped", [api.shipped, api.shipped_html])
def test_no_folder_here_is_taken_for_a_shipped_model(
    shipped: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SHIPPED.values():
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    # Loaded anew.
    assert isinstance(shipped.__wrapped__(), Classifier)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_drop_and_strictness(verb: str) -> None:
    result = call(verb, TEXT, drop=(), strictness=0.7)
    assert getattr(result, "body", result) == TEXT


@pytest.mark.parametrize("verb", VERBS)
def test_options_are_keyword_only(verb: str) -> None:
    argument = [TEXT] if verb.endswith("_many") else TEXT
    with pytest.raises(TypeError, match="positional"):
        getattr(toy(), verb)(argument, ())


def test_at_the_default_strictness_a_line_is_kept_unless_its_label_is_dropped() -> None:
    for page in toy().classify_many(written_texts()):
        assert [line.kept for line in page.lines] == [
            line.label is Label.CONTENT for line in page.lines
        ]


@pytest.mark.parametrize("label", list(Label))
def test_a_single_dropped_label_drops_its_lines_only(label: Label) -> None:
    for page in toy().classify_many(written_texts(), drop=(label,)):
        assert {line.label is label for line in page.removed} <= {True}


@pytest.mark.parametrize("label", list(Label))
def test_a_label_may_be_dropped_by_its_name(label: Label) -> None:
    assert toy().clean(TEXT, drop=(label.value,)) == toy().clean(TEXT, drop=(label,))


def test_dropping_all_four_labels_leaves_nothing() -> None:
    assert toy().clean(TEXT, drop=tuple(Label)) == ""


def test_dropping_all_four_labels_leaves_nothing_at_any_strictness() -> None:
    assert toy().clean(TEXT, drop=tuple(Label), strictness=0) == ""


def test_dropping_nothing_keeps_everything_at_any_strictness() -> None:
    assert toy().clean(TEXT, drop=(), strictness=1) == TEXT


@pytest.mark.parametrize(
    "drop",
    [["paywall"], {"paywall"}, frozenset({"paywall"}), ("paywall", "paywall"), {"paywall": 1}],
    ids=["list", "set", "frozenset", "twice", "dict"],
)
def test_any_collection_of_labels_may_be_dropped(drop: Any) -> None:
    assert toy().clean(TEXT, drop=drop) == toy().clean(TEXT, drop=("paywall",))


def test_labels_to_drop_may_come_from_a_generator() -> None:
    drop: Any = (label for label in Label)
    assert toy().clean(TEXT, drop=drop) == ""


def test_strictness_does_not_change_labels_or_probabilities() -> None:
    strict, mild = (toy().classify(TEXT, strictness=s) for s in (1, 0))
    assert [(x.label, x.probabilities) for x in strict.lines] == [
        (x.label, x.probabilities) for x in mild.lines
    ]


@pytest.mark.slow
def test_the_body_only_shrinks_as_strictness_grows() -> None:
    steps = [i / 10 for i in range(11)]
    for text in written_texts():
        kept = [
            {line.start for line in toy().classify(text, strictness=s).lines if line.kept}
            for s in steps
        ]
        assert all(more >= less for more, less in itertools.pairwise(kept))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_strictness_may_be_a_number_of_numpys(kind: type[np.floating]) -> None:
    assert toy().classify(TEXT, strictness=float(kind(0.25))) == toy().classify(
        TEXT,
        strictness=kind(0.25),  # type: ignore[arg-type]
    )


def test_at_the_moved_border_the_label_decides() -> None:
    options = Options.check(("navigation",), 1)
    scores = np.zeros((2, len(LABELS)), np.int64)
    scores[:, [LABELS.index(label) for label in Label if label != "navigation"]] = -options.shift
    best = np.array([LABELS.index(Label.CONTENT), LABELS.index(Label.NAVIGATION)])
    assert options.kept(scores, best).tolist() == [True, False]


@pytest.mark.parametrize(("strictness", "logits"), [(0, 6), (0.25, 3), (0.5, 0), (1, -6)])
def test_strictness_moves_the_border_by_up_to_six_logits(strictness: float, logits: int) -> None:
    assert Options.check((), strictness).shift == logits * UNIT


def test_strictness_may_be_a_whole_number_of_numpys() -> None:
    given: Any = np.int64(1)
    assert toy().clean(TEXT, strictness=given) == toy().clean(TEXT, strictness=1)


def test_strictness_makes_a_difference() -> None:
    texts = written_texts()
    sizes = [sum(map(len, toy().clean_many(texts, strictness=s))) for s in (0, 0.5, 1)]
    assert sizes[0] > sizes[1] > sizes[2]


# Errors at the door

BAD_OPTIONS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"drop": ("menu",)}, ValueError, "drop names 'menu'; the labels are content, paywall,"),
    ({"drop": ("Paywall",)}, ValueError, "drop names 'Paywall'"),
    ({"drop": (None,)}, ValueError, "drop names None"),
    ({"drop": (["paywall"],)}, ValueError, r"drop names \['paywall'\]"),
    ({"drop": "paywall"}, TypeError, r"got the str 'paywall'; use \('paywall',\)"),
    ({"drop": "paywall, navigation"}, TypeError, r"use \('paywall', 'navigation'\)"),
    ({"drop": None}, TypeError, "drop must be"),
    ({"drop": 3}, TypeError, "drop must be"),
    ({"drop": b"paywall"}, TypeError, "drop must be a sequence of labels, got bytes"),
    ({"drop": bytearray(b"paywall")}, TypeError, "drop must be .*, got bytearray"),
    ({"drop": [np.array([1, 2])]}, ValueError, r"drop names array\(\[1, 2\]\)"),
    ({"strictness": -0.1}, ValueError, "strictness must lie from 0 to 1, got -0.1"),
    ({"strictness": 1.1}, ValueError, "strictness must lie from 0 to 1"),
    ({"strictness": float("nan")}, ValueError, "strictness must lie from 0 to 1"),
    ({"strictness": float("inf")}, ValueError, "strictness must lie from 0 to 1"),
    ({"strictness": "0.5"}, TypeError, "strictness must be a number from 0 to 1, got '0.5'"),
    ({"strictness": True}, TypeError, "strictness must be a number"),
    ({"strictness": None}, TypeError, "strictness must be a number"),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("options", "error", "message"), BAD_OPTIONS)
def test_a_bad_option_is_refused_at_once(
    verb: str, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    argument = [TEXT] if verb.endswith("_many") else TEXT
    with pytest.raises(error, match=message):
        getattr(toy(), verb)(argument, **options)


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_option_is_refused(verb: str) -> None:
    argument = [TEXT] if verb.endswith("_many") else TEXT
    with pytest.raises(TypeError, match="threshold"):
        getattr(toy(), verb)(argument, threshold=0.5)


@pytest.mark.parametrize("verb", ["clean_many", "classify_many"])
@pytest.mark.parametrize("number", [0, -2, -100])
def test_an_impossible_number_of_jobs_is_refused_at_once(verb: str, number: int) -> None:
    with pytest.raises(ValueError, match="n_jobs must be 1 or more, or -1"):
        getattr(toy(), verb)([TEXT], n_jobs=number)


@pytest.mark.parametrize("number", [1.0, "2", None, True, np.array([2]), int])
def test_jobs_that_are_no_whole_number_are_refused_at_once(number: Any) -> None:
    with pytest.raises(TypeError, match="n_jobs must be a whole number"):
        toy().clean_many([TEXT], n_jobs=number)


def test_the_number_of_jobs_may_be_a_whole_number_of_numpys() -> None:
    number: Any = np.int64(1)
    assert list(toy().clean_many([TEXT], n_jobs=number)) == [toy().clean(TEXT)]


@pytest.mark.parametrize("verb", ["clean_many", "classify_many"])
@pytest.mark.parametrize("single", [TEXT, TEXT.encode()], ids=["str", "bytes"])
def test_a_single_text_for_many_is_refused_at_once(verb: str, single: Any) -> None:
    with pytest.raises(TypeError, match="iterable of str, got a single"):
        getattr(toy(), verb)(single)


@pytest.mark.parametrize("verb", ["clean_many", "classify_many"])
@pytest.mark.parametrize(
    ("keyed", "advice"),
    [
        (Frame(), r"got Frame; pass one of its columns, such as frame\['text'\]"),
        ({TEXT: TEXT}, r"got dict; pass a list, such as that of its values\(\)"),
    ],
    ids=["frame", "mapping"],
)
def test_what_would_give_its_keys_for_texts_is_refused_at_once(
    verb: str, keyed: Any, advice: str
) -> None:
    with pytest.raises(TypeError, match=f"texts must be an iterable of str, {advice}"):
        getattr(toy(), verb)(keyed)


@pytest.mark.parametrize("verb", ["clean_many", "classify_many"])
@pytest.mark.parametrize("nothing", [None, 7], ids=["None", "int"])
def test_what_is_no_iterable_is_refused_at_once(verb: str, nothing: Any) -> None:
    with pytest.raises(TypeError, match="texts must be an iterable of str, got"):
        getattr(toy(), verb)(nothing)


@pytest.mark.parametrize("path", [7, b"models/text-v1"], ids=["int", "bytes"])
def test_a_path_of_another_type_is_refused(path: Any) -> None:
    with pytest.raises(TypeError, match="path must be a str or a Path, got"):
        Classifier.load(path)


@pytest.mark.parametrize(
    "given", ["models/text-v1", PAGES, None, {}], ids=lambda x: type(x).__name__
)
def test_a_classifier_is_made_of_a_model_alone(given: Any) -> None:
    with pytest.raises(
        TypeError, match=r"model must be a loaded model, got .*; use Classifier\.load"
    ):
        Classifier(given)


def test_an_empty_path_is_named_in_the_error() -> None:
    with pytest.raises(ModelNotFoundError, match=r"^an empty path is no model folder"):
        Classifier.load("")


@pytest.mark.parametrize("name", ["text-v1", "html-v1", Path("text-v1")])
def test_a_model_that_comes_with_the_package_is_loaded_by_its_name(
    name: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded, expected = Classifier.load(name), Classifier.load(default_folder(str(name)))
    assert type(loaded._model) is type(expected._model)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_is_loaded_before_a_model_of_its_name(
    kind: type[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(toy_model(), tmp_path / "html-v1")
    monkeypatch.chdir(tmp_path)
    assert Classifier.load(kind("html-v1")).model.info["name"] == "toy"


def test_a_path_of_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    entry: Any = next(os.scandir(os.fsencode(tmp_path)))
    with pytest.raises(TypeError, match="path must be a str or a Path, got DirEntry"):
        Classifier.load(entry)


def test_a_name_that_no_model_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ModelNotFoundError, match=r"html-v0 is no model .* text-v1 or html-v1"):
        Classifier.load("html-v0")


def test_the_shipped_verbs_refuse_what_is_no_text() -> None:
    with pytest.raises(TypeError, match="text must be a str, got NoneType; pass ''"):
        paywallstrip.clean(None)  # type: ignore[arg-type]


# The same answer everywhere


def test_a_text_in_a_batch_gets_what_it_gets_alone() -> None:
    texts = written_texts()
    pages = list(toy().classify_many(texts))
    assert [exact(page) for page in pages] == [exact(toy().classify(text)) for text in texts]


def test_the_toy_model_meets_every_label() -> None:
    labels = {line.label for page in toy().classify_many(written_texts()) for line in page.lines}
    assert labels == set(Label)


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_batch_gives_each_text_the_same(seed: int) -> None:
    texts = [*written_texts(), "", "Share", "\r", "\n\n", "會員\r"]
    order = random.Random(seed).sample(range(len(texts)), len(texts))
    pages = list(toy().classify_many(texts[i] for i in order))
    for i, page in zip(order, pages, strict=True):
        assert exact(page) == exact(toy().classify(texts[i]))


def test_the_same_text_again_gives_the_same() -> None:
    first = toy().classify(TEXT)
    toy().clean("Something else.\n" * 1000)
    assert exact(toy().classify(TEXT)) == exact(first)


def test_clean_gives_the_body_that_classify_gives() -> None:
    for text in written_texts():
        assert toy().clean(text) == toy().classify(text).body


def test_clean_many_gives_the_bodies_that_classify_many_gives() -> None:
    texts = written_texts()
    assert list(toy().clean_many(texts)) == [page.body for page in toy().classify_many(texts)]


def test_two_processes_give_what_one_gives() -> None:
    texts = written_texts() * 5
    here, there = (list(toy().classify_many(texts, n_jobs=n)) for n in (1, 2))
    assert [exact(page) for page in here] == [exact(page) for page in there]


def test_all_processors_give_what_one_gives() -> None:
    texts = written_texts()
    assert list(toy().clean_many(texts, n_jobs=-1)) == list(toy().clean_many(texts))


def test_threads_may_share_a_classifier() -> None:
    texts = written_texts() * 2
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(toy().classify, texts))
    assert pages == [toy().classify(text) for text in texts]


def test_threads_may_share_a_classifier_that_was_never_used() -> None:
    fresh: Classifier = pickle.loads(pickle.dumps(toy()))
    barrier = threading.Barrier(4)

    def first(text: str) -> Page:
        barrier.wait()
        return fresh.classify(text)

    texts = written_texts()[:4]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(first, texts)) == [toy().classify(text) for text in texts]


def test_a_pickled_classifier_decides_the_same() -> None:
    again = pickle.loads(pickle.dumps(toy()))
    assert exact(again.classify(TEXT)) == exact(toy().classify(TEXT))


def test_two_streams_of_one_classifier_do_not_disturb_each_other() -> None:
    texts = written_texts()
    streams = [toy().clean_many(texts) for _ in range(2)]
    assert all(a == b for a, b in zip(*streams, strict=True))


def test_the_model_is_left_as_it_was() -> None:
    before = pickle.dumps(toy().model.first)
    list(toy().classify_many(written_texts()))
    assert pickle.dumps(toy().model.first) == before


def test_read_only_weights_are_enough() -> None:
    again = pickle.loads(pickle.dumps(toy()))
    for array in (*again.model.first, *again.model.second, again.model.offsets):
        array.setflags(write=False)
    assert again.clean(TEXT) == toy().clean(TEXT)


def test_no_arithmetic_warning_is_raised() -> None:
    with np.errstate(all="raise"):
        assert len(list(toy().classify_many(written_texts()))) > 0


def test_the_version_of_a_package_that_is_not_installed_is_an_attribute_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert not hasattr(paywallstrip, "__version__")


def test_importing_the_package_imports_no_extra() -> None:
    extras = {"sklearn", "joblib", "scipy", "click", "rich", "matplotlib", "turbohtml", "lxml"}
    code = f"import sys, paywallstrip; print(sorted(set(sys.modules) & {extras!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
