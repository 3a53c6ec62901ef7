"""`train` and `evaluate` on a tiny corpus, by the real command."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from paywallstrip import Classifier, Label
from tests.cli.conftest import SCRIPT, TRAIN, Run, needs_training
from tests.tiny import ON_IT_ALONE, Tiny, pack, write_tiny
from tests.written import INDEX, read_page

# Import hooks stand in for an environment without a package.
WITHOUT = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name == "sklearn" else found(name, package)
)
from paywallstrip.cli.entry import main
main()
"""
NO_CONVERTERS = """
import sys
for name in ("html_text", "resiliparse", "trafilatura"):
    sys.modules[name] = None
from paywallstrip.cli.entry import main
main()
"""


pytestmark = pytest.mark.slow


class Trained(NamedTuple):
    """A tiny corpus and what one run of `train` on it left."""

    tiny: Tiny
    model: Path
    folds: Path
    done: subprocess.CompletedProcess[bytes]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One training for all tests: it takes some seconds."""
    if not TRAIN:
        pytest.skip("the extra [train] is not installed")
    folder = tmp_path_factory.mktemp("training")
    tiny = write_tiny(folder)
    model, folds = folder / "model", folder / "folds"
    options = ["--corpus", tiny.corpus, "--views", tiny.views, "--folds", folds, "--out", model]
    done = subprocess.run(
        [sys.executable, "-c", ON_IT_ALONE, "train", "--jobs", "1", *map(str, options)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Trained(tiny, model, folds, done)


@pytest.fixture(scope="session")
def evaluated(
    trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[bytes], Path]:
    """One recorded evaluation on the final part, and where its report went."""
    out = tmp_path_factory.mktemp("evaluation")
    corpus = ["--corpus", trained.tiny.corpus, "--views", trained.tiny.views]
    options = [*corpus, "--model", trained.model, "--out", out]
    done = subprocess.run(
        [str(SCRIPT), "evaluate", "--quick", "--record", *map(str, options)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done, out


def test_training_exits_0_and_says_nothing_on_standard_output(trained: Trained) -> None:
    assert (trained.done.returncode, trained.done.stdout) == (0, b""), trained.done.stderr


def test_training_shows_its_steps_on_standard_error(trained: Trained) -> None:
    assert b"fitting the second stage" in trained.done.stderr


def test_a_trained_model_loads_and_keeps_the_article(trained: Trained) -> None:
    # A whole page: of two lines a model of two dozen pages knows too little.
    page = read_page(next(entry["name"] for entry in INDEX if entry["language"] == "en"))
    lines = filter(str.strip, page.text.split("\n"))
    pairs = zip(lines, page.labels, strict=True)
    kept = [line for line, label in pairs if label == Label.CONTENT]
    assert max(kept, key=len) in Classifier.load(trained.model).clean(page.text)


def test_a_trained_model_has_a_card(trained: Trained) -> None:
    assert "Macro-F1" in (trained.model / "README.md").read_text("utf-8")


def test_a_model_of_other_corpora_claims_neither_the_shipped_one_s_name_nor_its_sources(
    trained: Trained,
) -> None:
    card = (trained.model / "README.md").read_text("utf-8")
    assert card.startswith("# Model card: model\n")
    assert "### Sources" not in card
    assert "It was not made by\nthe authors of paywallstrip" in card


def test_a_model_is_written_for_every_fold(trained: Trained) -> None:
    names = sorted(path.name for path in trained.folds.iterdir())
    assert names == [f"fold{number}" for number in range(5)]


def test_evaluation_prints_the_tables(evaluated) -> None:
    done, _ = evaluated
    assert done.returncode == 0, done.stderr
    assert "## Labels, pooled over lines" in done.stdout.decode()


def test_evaluation_writes_a_report(evaluated) -> None:
    _, out = evaluated
    record = json.loads((out / "evaluation.json").read_text("utf-8"))
    assert (record["part"], record["pages"]["labelled pages"]) == ("final", 5)


def test_evaluation_leaves_the_model_as_it_is_unless_told_to_record(
    trained: Trained, run: Run
) -> None:
    before = {path.name: path.read_bytes() for path in trained.model.iterdir()}
    corpus = ["--corpus", str(trained.tiny.corpus), "--views", str(trained.tiny.views)]
    done = run("evaluate", *corpus, "--model", str(trained.model), "--quick")
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in trained.model.iterdir()} == before


def test_recorded_figures_go_into_the_model_folder(trained: Trained, evaluated) -> None:
    info = json.loads((trained.model / "model.json").read_text("utf-8"))
    assert set(info["final"]) == {"dumps", "leftovers"}
    assert info["final"]["dumps"].keys() == info["folds"]["dumps"].keys()


def test_recorded_figures_go_into_the_card(trained: Trained, evaluated) -> None:
    assert "Dumps, final part" in (trained.model / "README.md").read_text("utf-8")


def test_a_model_still_loads_after_its_evaluation(trained: Trained, evaluated) -> None:
    assert Classifier.load(trained.model).clean("") == ""


def test_folds_are_judged_by_the_models_that_have_not_seen_them(trained: Trained, run: Run) -> None:
    corpus = ["--corpus", str(trained.tiny.corpus), "--views", str(trained.tiny.views)]
    done = run("evaluate", *corpus, "--part", "folds", "--model", str(trained.folds), "--quick")
    assert done.returncode == 0, done.stderr
    assert "part *folds*: 19 labelled pages" in done.stdout.decode()


@needs_training
def test_folds_without_their_models_are_refused_in_one_line(tmp_path: Path, run: Run) -> None:
    tiny = write_tiny(tmp_path)
    corpus = ["--corpus", str(tiny.corpus), "--views", str(tiny.views)]
    done = run("evaluate", *corpus, "--part", "folds")
    assert done.returncode == 1
    assert b"the folds need a model each" in done.stderr.splitlines()[-1]


@needs_training
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_missing_corpus_file_is_one_line(command: str, tmp_path: Path, run: Run) -> None:
    tiny = write_tiny(tmp_path)
    (tiny.corpus / "bodies.jsonl.xz").unlink()
    done = run(command, *_options(command, tiny, tmp_path))
    assert done.returncode == 1
    assert b"bodies.jsonl.xz: No such file" in done.stderr.splitlines()[-1]
    assert b"Traceback" not in done.stderr


@needs_training
def test_a_page_without_a_field_is_one_line_with_its_place(tmp_path: Path, run: Run) -> None:
    tiny = write_tiny(tmp_path)
    pack(tiny.corpus / "labelled.jsonl.xz", [{"id": "a"}])
    done = run("train", *_options("train", tiny, tmp_path))
    assert done.returncode == 1
    assert b"labelled.jsonl.xz:1: page a: field 'source' is missing" in done.stderr.splitlines()[-1]


@needs_training
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_the_corpus_in_place_of_the_views_is_one_line(
    command: str, tmp_path: Path, run: Run
) -> None:
    tiny = write_tiny(tmp_path)
    done = run(command, *_options(command, tiny._replace(views=tiny.corpus), tmp_path))
    assert done.returncode == 1
    assert b"field 'view' is missing" in done.stderr.splitlines()[-1]


@needs_training
def test_a_corpus_that_is_no_xz_file_is_one_line(tmp_path: Path, run: Run) -> None:
    tiny = write_tiny(tmp_path)
    (tiny.corpus / "labelled.jsonl.xz").write_bytes(b"not xz")
    done = run("train", *_options("train", tiny, tmp_path))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_missing_folder_is_wrong_usage(command: str, tmp_path: Path, run: Run) -> None:
    done = run(command, "--corpus", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_without_the_extra_the_pip_line_and_2(command: str, tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path)
    done = _run(WITHOUT, command, *_options(command, tiny, tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "paywallstrip[train,cli]"' in done.stderr
    assert done.stderr.count("\n") == 1


@needs_training
def test_a_missing_converter_gives_its_pip_line_and_2(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path)
    done = _run(NO_CONVERTERS, "train", "--corpus", tiny.corpus, "--out", tmp_path / "model")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install " in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_help_of_evaluate_says_that_processes_are_for_the_corpora(run: Run) -> None:
    assert re.search(rb"--jobs N +With --corpus: ", run("evaluate", "--help").stdout)


def test_help_imports_nothing_of_the_extra() -> None:
    code = (
        "import sys\nfrom paywallstrip.cli.app import commands\n"
        "commands.main(['train', '--help'], standalone_mode=False)\n"
        "print({'sklearn', 'joblib', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


def _options(command: str, tiny: Tiny, folder: Path) -> list[str]:
    options = ["--corpus", str(tiny.corpus), "--views", str(tiny.views)]
    return [*options, "--out", str(folder / "model")] if command == "train" else options


def _run(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
