"""What `clean` and `label` write, in each format, with each option."""

import json
import subprocess
from pathlib import Path

import pytest

import paywallstrip
from tests.cli.conftest import PAGE, Run

LABELS = {"content", "paywall", "navigation", "related-links"}


def test_clean_writes_what_the_library_returns(command: list[str]) -> None:
    done = subprocess.run([*command, "clean"], input=PAGE.encode(), capture_output=True)
    assert (done.stdout.decode(), done.stderr, done.returncode) == (
        paywallstrip.clean(PAGE),
        b"",
        0,
    )


def test_dash_is_standard_input(run: Run, page: bytes) -> None:
    assert run("clean", "-", text=page).stdout == run("clean", text=page).stdout


def test_file_is_read_instead_of_standard_input(run: Run, page: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a page.txt"
    path.write_bytes(page)
    assert run("clean", str(path)).stdout == run("clean", text=page).stdout


@pytest.mark.parametrize("verb", ["clean", "label"])
def test_who_gives_several_files_is_told_of_the_command_for_them(run: Run, verb: str) -> None:
    done = run(verb, "a.txt", "b.txt")
    assert done.returncode == 2
    assert (
        f"Got 2 files; {verb} takes one page. Many files: paywallstrip run".encode() in done.stderr
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028\n", "\x0b\n"])
def test_line_ends_pass_untouched(run: Run, end: str) -> None:
    text = PAGE.replace("\n", end)
    done = run("clean", "--drop", "none", text=text.encode())
    assert done.stdout == text.encode()


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "no line end", "\ufeffmark first\n", "\0\n"])
def test_odd_text_is_no_error(run: Run, text: str) -> None:
    done = run("clean", "--drop", "none", text=text.encode())
    assert (done.stderr, done.returncode) == (b"", 0)


def test_clean_json_is_one_object_with_the_body(run: Run, page: bytes) -> None:
    record = json.loads(run("clean", "--format", "json", text=page).stdout)
    assert record["body"] == paywallstrip.clean(PAGE)
    assert set(record["counts"]) == LABELS
    assert len(record["removed"]) == len(paywallstrip.classify(PAGE).removed)


def test_clean_jsonl_is_one_line(run: Run, page: bytes) -> None:
    output = run("clean", "--format", "jsonl", text=page).stdout.decode()
    assert output.count("\n") == 1
    assert json.loads(output) == json.loads(run("clean", "--format", "json", text=page).stdout)


def test_label_in_a_pipe_has_three_plain_columns(run: Run, page: bytes) -> None:
    output = run("label", text=page).stdout.decode()
    rows = [row.split("\t", 2) for row in output.removesuffix("\n").split("\n")]
    assert [text for _, _, text in rows] == PAGE.removesuffix("\n").split("\n")
    assert {name for name, _, _ in rows} <= LABELS
    assert {kept for _, kept, _ in rows} <= {"keep", "drop"}


def test_label_json_is_the_page(run: Run, page: bytes) -> None:
    record = json.loads(run("label", "--format", "json", text=page).stdout)
    assert record == json.loads(json.dumps(paywallstrip.classify(PAGE).to_dict()))


def test_label_jsonl_has_one_object_a_line(run: Run, page: bytes) -> None:
    rows = run("label", "--format", "jsonl", text=page).stdout.decode().splitlines()
    assert [json.loads(row)["text"] for row in rows] == PAGE.splitlines()


def test_drop_repeats_and_splits_at_commas(run: Run, page: bytes) -> None:
    split = run("label", "--drop", "paywall, navigation", text=page).stdout
    repeated = run("label", "--drop", "navigation", "--drop", "paywall", text=page).stdout
    assert split == repeated


def test_drop_none_keeps_every_line(run: Run, page: bytes) -> None:
    assert b"\tdrop\t" not in run("label", "--drop", "none", text=page).stdout


def test_strictness_reaches_the_library(run: Run, page: bytes) -> None:
    done = run("clean", "--strictness", "0", text=page)
    assert done.stdout.decode() == paywallstrip.clean(PAGE, strictness=0)


def test_version_is_the_installed_one(command: list[str]) -> None:
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"paywallstrip {paywallstrip.__version__}\n"


def test_who_names_no_model_folder_is_not_sent_to_names_that_are_refused(
    run: Run, tmp_path: Path
) -> None:
    done = run("clean", "--model", str(tmp_path))
    assert b"or, but for the command line, the name of a model" in done.stderr


def test_help_names_the_exit_codes(run: Run) -> None:
    assert b"Exit codes: 0 done; 1" in run("--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("cleanse",),
        ("clean", "--drop", "paywal"),
        ("clean", "--drop", "none,paywall"),
        ("clean", "--drop", ""),
        ("clean", "--strictness", "1.1"),
        ("clean", "--strictness", "nan"),
        ("clean", "--strictness", "high"),
        ("clean", "--format", "xml"),
        ("clean", "--model", "/nowhere"),
        ("clean", "a", "b"),
    ],
)
def test_wrong_usage_exits_2_with_a_message(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage: paywallstrip" in done.stderr
    assert b"Traceback" not in done.stderr
