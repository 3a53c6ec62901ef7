"""`train` and `evaluate` on files of labelled pages, by the real command."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from paywallstrip import Classifier
from paywallstrip.training import evaluate, from_record
from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.records import make_page
from tests.cli.conftest import OTHER_MODEL, SCRIPT, TRAIN, Run, needs_training
from tests.written import INDEX, read_page


def write(path: Path, count: int, domain: str = "") -> str:
    """Write some of the written pages as a file of labelled pages."""
    pages = [read_page(entry["name"]) for entry in INDEX[:count]]
    records = [
        make_page(
            page.name, page.text, [x.value for x in page.labels], domain=domain or f"{page.name}.ex"
        )
        for page in pages
    ]
    write_pages(records, path)
    return str(path)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    """One adaptation for all tests."""
    if not TRAIN:
        pytest.skip("the extra [train] is not installed")
    folder = tmp_path_factory.mktemp("own")
    data, model = write(folder / "pages.jsonl", 4, "town.example"), folder / "model"
    done = subprocess.run(
        [str(SCRIPT), "train", data, "--adapt", "--cross-validate", "--out", str(model)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return model, done


def test_adapting_exits_0_and_says_nothing_on_standard_output(adapted) -> None:
    _, done = adapted
    assert (done.returncode, done.stdout) == (0, b""), done.stderr


def test_doubts_are_one_line_each_on_standard_error(adapted) -> None:
    _, done = adapted
    assert b"paywallstrip: warning: all pages are of one site, town.example" in done.stderr
    assert b"DataWarning" not in done.stderr


def test_doubts_come_before_the_long_part(adapted) -> None:
    _, done = adapted
    assert done.stderr.index(b"warning:") < done.stderr.index(b"moving the weights")


def test_the_adapted_model_loads(adapted) -> None:
    model, _ = adapted
    assert Classifier.load(model).clean("") == ""


def test_the_adapted_model_has_figures_and_a_card(adapted) -> None:
    model, _ = adapted
    info = json.loads((model / "model.json").read_text("utf-8"))
    assert info["base"]["name"] == "text-v1"
    assert "pages, before the adaptation" in info["folds"]
    assert "Adapted from" in (model / "README.md").read_text("utf-8")


@needs_training
def test_the_model_that_is_named_is_adapted(tmp_path: Path, run: Run) -> None:
    data = write(tmp_path / "pages.jsonl", 2)
    run("train", data, "--adapt", "--model", OTHER_MODEL, "--out", str(tmp_path / "model"))
    info = json.loads((tmp_path / "model" / "model.json").read_text("utf-8"))
    assert info["base"]["name"] == "format fixture"


@needs_training
def test_training_from_scratch_writes_a_model(tmp_path: Path, run: Run) -> None:
    data, model = write(tmp_path / "pages.jsonl.xz", 4), tmp_path / "model"
    done = run("train", data, "--jobs", "1", "--out", str(model))
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert b"4 labelled pages are few" in done.stderr
    assert b"fitting the second stage" in done.stderr
    assert Classifier.load(model).clean("") == ""


def test_evaluation_prints_a_table(tmp_path: Path, run: Run) -> None:
    done = run("evaluate", write(tmp_path / "a.jsonl", 2), write(tmp_path / "b.jsonl", 3))
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert text.startswith("| label | precision | recall | F1 | lines |\n")
    assert "\nMacro-F1 " in text
    assert not re.search(r"\d\.0 \|\n", text)


def test_the_table_says_what_evaluate_finds(tmp_path: Path, run: Run) -> None:
    data = write(tmp_path / "pages.jsonl", 3)
    scores = evaluate(Classifier.load(), map(from_record, read_pages(data)))
    columns = (scores.precision, scores.recall, scores.f1)
    row = " | ".join(f"{column[0]:.3f}" for column in columns)
    assert f"| content | {row} | {scores.support[0]:.0f} |" in run("evaluate", data).stdout.decode()


def test_a_score_of_no_line_is_a_dash(tmp_path: Path, run: Run) -> None:
    write_pages([make_page("a", "Home\n", ["navigation"])], tmp_path / "pages.jsonl")
    done = run("evaluate", str(tmp_path / "pages.jsonl"))
    assert "| paywall | – | – | – | 0 |" in done.stdout.decode()


def test_evaluation_takes_a_model(adapted, tmp_path: Path, run: Run) -> None:
    model, _ = adapted
    data = write(tmp_path / "pages.jsonl", 4)
    shipped, moved = run("evaluate", data), run("evaluate", data, "--model", str(model))
    assert (shipped.returncode, moved.returncode) == (0, 0)
    assert shipped.stdout != moved.stdout


@needs_training
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_an_unknown_label_is_one_line_with_its_place(
    command: str, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "pages.jsonl"
    page = {"id": "a", "text": "Home", "lines": [{"start": 0, "end": 4, "label": "menu"}]}
    path.write_text(json.dumps(page) + "\n", "utf-8")
    out = ["--out", str(tmp_path / "model")] if command == "train" else []
    done = run(command, str(path), *out)
    assert done.returncode == 1
    assert b"pages.jsonl:1: page a, line 1: " in done.stderr.splitlines()[-1]
    assert b"Traceback" not in done.stderr


@needs_training
def test_too_little_data_is_one_line(tmp_path: Path, run: Run) -> None:
    done = run("train", write(tmp_path / "pages.jsonl", 1), "--out", str(tmp_path / "model"))
    assert done.returncode == 1
    assert b"at least two pages" in done.stderr.splitlines()[-1]


@needs_training
def test_without_a_standard_error_steps_do_not_go_to_standard_output(tmp_path: Path) -> None:
    data = write(tmp_path / "pages.jsonl", 1)
    line = f"{SCRIPT} train {data} --out {tmp_path / 'model'} 2>&-"
    done = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


@needs_training
def test_data_that_are_refused_leave_no_folder(tmp_path: Path, run: Run) -> None:
    run("train", write(tmp_path / "pages.jsonl", 1), "--out", str(tmp_path / "models/new"))
    assert not (tmp_path / "models").exists()


@needs_training
def test_data_that_are_refused_leave_a_folder_that_was_there(tmp_path: Path, run: Run) -> None:
    (tmp_path / "model").mkdir()
    run("train", write(tmp_path / "pages.jsonl", 1), "--out", str(tmp_path / "model"))
    assert (tmp_path / "model").is_dir()


@needs_training
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, run: Run) -> None:
    data = write(tmp_path / "pages.jsonl", 2)
    done = run("train", data, "--out", f"{data}/model")
    assert done.returncode == 1
    assert done.stderr.startswith(f"paywallstrip: {data}/model: ".encode())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--out", "model"], b"give either files of labelled pages or --corpus"),
        (["train", "DATA", "--corpus", ".", "--out", "model"], b"give either files"),
        (["train", "--corpus", ".", "--adapt", "--out", "model"], b"--adapt needs DATA"),
        (["train", "DATA", "--views", ".", "--out", "model"], b"--views needs --corpus"),
        (["train", "DATA", "--model", ".", "--out", "model"], b"--model needs --adapt"),
        (
            ["train", "DATA", "--adapt", "--model", ".", "--out", "."],
            b"--out would replace --model; choose another folder",
        ),
        (["evaluate"], b"give either files of labelled pages or --corpus"),
        (["evaluate", "DATA", "--quick"], b"--quick needs --corpus"),
        (["evaluate", "DATA", "--html-model", "."], b"--html-model needs --corpus"),
        (["evaluate", "DATA", "--part", "folds"], b"--part needs --corpus"),
        (["train", "DATA", "--seed", "0", "--out", "model"], b"--seed needs --corpus"),
        (
            ["train", "DATA", "--adapt", "--jobs", "1", "--out", "model"],
            b"--jobs is for training from scratch",
        ),
        (
            ["train", "--corpus", ".", "--text", ".", "--out", "model"],
            b"--text is for --kind html",
        ),
        (
            ["train", "--corpus", ".", "--kind", "html", "--seed", "1", "--out", "model"],
            b"--seed is for --kind text",
        ),
        (["evaluate", "DATA", "--jobs", "1"], b"--jobs needs --corpus"),
        (["evaluate", "DATA", "--record"], b"--record needs --corpus"),
        (
            ["evaluate", "--corpus", ".", "--part", "folds", "--record"],
            b"--record needs --part final",
        ),
    ],
)
def test_options_that_mean_nothing_together_are_wrong_usage(
    arguments: list[str], message: bytes, tmp_path: Path, run: Run
) -> None:
    data = tmp_path / "pages.jsonl"
    data.write_text("", "utf-8")
    done = run(*(str(data) if each == "DATA" else each for each in arguments))
    assert done.returncode == 2
    assert message in done.stderr
