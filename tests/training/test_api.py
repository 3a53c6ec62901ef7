"""Training and evaluating on pages of one's own."""

import subprocess
import sys
from pathlib import Path

import pytest

from paywallstrip import Classifier
from paywallstrip.errors import DataError
from paywallstrip.training import LabelledText, evaluate, train
from tests.toy import toy
from tests.written import INDEX, read_page

NAMES = [entry["name"] for entry in INDEX[:8]]


def text_of(name: str) -> LabelledText:
    written = read_page(name)
    lines = [line for line in written.text.split("\n") if line.strip()]
    return LabelledText(lines, [label.value for label in written.labels], domain=name)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classifier, Path]:
    """A classifier trained on some written pages, and its folder."""
    for name in ("sklearn", "joblib", "scipy"):
        pytest.importorskip(name, reason="needs the extra [train]")
    out = tmp_path_factory.mktemp("api") / "model"
    return train(map(text_of, NAMES), out=out), out


def test_a_trained_classifier_knows_what_it_was_trained_on(trained) -> None:
    classifier, _ = trained
    assert evaluate(classifier, map(text_of, NAMES)).macro_f1 > 0.9


def test_the_folder_holds_the_same_model(trained) -> None:
    classifier, out = trained
    text = read_page(NAMES[0]).text
    assert Classifier.load(out).classify(text) == classifier.classify(text)


def test_scores_count_the_lines_of_each_label() -> None:
    page = LabelledText(["One line.", "Home", "Buy now"], ["content", "navigation", None])
    assert evaluate(toy(), [page]).support.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([], "there is no page"),
        ([LabelledText(["a"], [])], "page 0 has 1 lines, but 0 labels"),
        ([LabelledText(["a"], ["menu"])], "page 0: unknown label 'menu': one of content"),
        ([LabelledText([" "], ["content"])], "page 0: ' ' is not one non-blank line"),
        ([LabelledText(["a\rb"], ["content"])], "is not one non-blank line"),
    ],
)
def test_pages_that_cannot_be_used_are_refused(pages: list[LabelledText], message: str) -> None:
    with pytest.raises(DataError, match=message):
        train(pages)
    with pytest.raises(DataError, match=message):
        evaluate(toy(), pages)


def test_one_label_alone_cannot_be_trained() -> None:
    with pytest.raises(DataError, match="at least two labels"):
        train([LabelledText(["a", "b"], ["content", None])])


def test_importing_the_package_imports_no_extra() -> None:
    code = (
        "import paywallstrip.training, sys; print({'sklearn', 'scipy', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_names_are_functions_whatever_else_is_imported() -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    code = (
        "import pkgutil, importlib, paywallstrip.training as t\n"
        "for m in pkgutil.iter_modules(t.__path__):\n"
        "    importlib.import_module(f'{t.__name__}.{m.name}')\n"
        "print(callable(t.train), callable(t.evaluate))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"
