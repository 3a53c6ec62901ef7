"""`train --kind html` and `evaluate --html-model`, run as commands on a tiny corpus."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
pytest.importorskip("sklearn", reason="the extra [train] is not installed")

from paywallstrip import Classifier
from tests.tiny import ON_IT_ALONE, Tiny, write_tiny

pytestmark = pytest.mark.slow


class Trained(NamedTuple):
    """A corpus and the folders of the models trained on it."""

    tiny: Tiny
    text: Path
    text_folds: Path
    model: Path
    folds: Path
    done: subprocess.CompletedProcess[bytes]


def command(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", ON_IT_ALONE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model for text, and one for HTML on top of it."""
    folder = tmp_path_factory.mktemp("html")
    tiny = write_tiny(folder)
    text, text_folds = folder / "text", folder / "text-folds"
    model, folds = folder / "html", folder / "html-folds"
    first = command(
        "train", "--corpus", tiny.corpus, "--views", tiny.views,
        "--folds", text_folds, "--jobs", "1", "--out", text,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    done = command(
        "train", "--kind", "html", "--corpus", tiny.corpus, "--text", text,
        "--text-folds", text_folds, "--folds", folds, "--jobs", "1", "--out", model,
    )  # fmt: skip
    return Trained(tiny, text, text_folds, model, folds, done)


@pytest.mark.slow
def test_training_exits_0(trained: Trained) -> None:
    assert trained.done.returncode == 0, trained.done.stderr


@pytest.mark.slow
def test_the_model_answers_to_the_verbs_for_html(trained: Trained) -> None:
    page = Classifier.load(trained.model).classify_html("<p>The old harbour bridge closes.</p>")
    assert len(page.lines) == 1


@pytest.mark.slow
def test_its_card_says_what_it_takes(trained: Trained) -> None:
    card = (trained.model / "README.md").read_text("utf-8")
    assert "Takes a web page as HTML" in card
    assert "Trained on top of the model text (weights" in card


@pytest.mark.slow
def test_a_model_is_written_for_every_fold(trained: Trained) -> None:
    names = sorted(path.name for path in trained.folds.iterdir())
    assert names == [f"fold{number}" for number in range(5)]


@pytest.mark.slow
def test_evaluation_shows_html_in_beside_text_in(trained: Trained) -> None:
    tiny = trained.tiny
    done = command(
        "evaluate", "--quick", "--corpus", tiny.corpus, "--views", tiny.views,
        "--model", trained.text, "--html-model", trained.model,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = done.stdout.decode()
    assert "paywallstrip on HTML" in report
    assert "turbohtml" in report


@pytest.mark.slow
def test_a_model_for_text_is_refused_as_one_for_html(trained: Trained) -> None:
    tiny = trained.tiny
    done = command(
        "evaluate", "--quick", "--corpus", tiny.corpus, "--views", tiny.views,
        "--model", trained.text, "--html-model", trained.text,
    )  # fmt: skip
    assert done.returncode != 0
    assert b"kind text" in done.stderr


@pytest.mark.slow
def test_fold_models_of_another_model_are_refused(trained: Trained, tmp_path: Path) -> None:
    done = command(
        "train", "--kind", "html", "--corpus", trained.tiny.corpus,
        "--text-folds", trained.text_folds, "--out", tmp_path / "model",
    )  # fmt: skip
    assert done.returncode != 0
    assert b"fold models of another model" in done.stderr


@pytest.mark.parametrize(
    "options", [["--kind", "html"], ["--text-folds", "."], ["--kind", "html", "--views", "."]]
)
def test_options_of_the_other_kind_are_wrong_usage(options: list[str], tmp_path: Path) -> None:
    done = command("train", "--corpus", tmp_path, "--out", tmp_path / "model", *options)
    assert done.returncode == 2
