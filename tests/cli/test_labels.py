"""`labels validate` and `labels convert`, by the real command."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.records import make_page
from tests.cli.conftest import OTHER_MODEL, Run

PAGE = make_page(
    "ferry:1",
    "Harbour Post\nThe ferry runs again.\n",
    ["navigation", "content"],
    domain="ferry.example",
)
FORMATS = ["native", "label-studio", "prodigy", "csv"]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A file with one good page."""
    path = tmp_path / "pages.jsonl"
    write_pages([PAGE], path)
    return path


@pytest.fixture
def wrong(pages: Path) -> Path:
    """A file with a good page and one with a fifth label."""
    record = json.loads(pages.read_text("utf-8"))
    record["lines"][1]["label"] = "advert"
    with pages.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    return pages


def test_validate_is_silent_about_good_pages(run: Run, pages: Path) -> None:
    done = run("labels", "validate", str(pages))
    assert (done.returncode, done.stdout) == (0, b"")


def test_validate_names_file_row_page_and_line(run: Run, wrong: Path) -> None:
    done = run("labels", "validate", str(wrong))
    assert done.stdout.decode().startswith(
        f"error: {wrong}:2: page ferry:1, line 2: label 'advert' is none of"
    )


def test_validate_ends_in_failure_where_a_page_is_wrong(run: Run, wrong: Path) -> None:
    done = run("labels", "validate", str(wrong))
    assert (done.returncode, done.stderr) == (1, b"pages: 2, errors: 1, warnings: 0\n")


def test_a_warning_alone_is_no_failure(run: Run, tmp_path: Path) -> None:
    other = replace(make_page("ferry:2", PAGE.text, ["navigation"] * 2), domain=PAGE.domain)
    write_pages([PAGE, other], tmp_path / "pages.jsonl")
    done = run("labels", "validate", str(tmp_path / "pages.jsonl"))
    assert (done.returncode, done.stderr) == (0, b"pages: 2, errors: 0, warnings: 1\n")


def test_validate_counts_pages_without_a_domain(run: Run, pages: Path, tmp_path: Path) -> None:
    write_pages([PAGE, make_page("ferry:2", "News")], tmp_path / "other.jsonl")
    done = run("labels", "validate", str(pages), str(tmp_path / "other.jsonl"))
    assert done.stderr == b"pages: 3 (1 without a domain), errors: 0, warnings: 0\n"


def test_validate_names_a_file_whose_name_is_no_utf8(run: Run, wrong: Path) -> None:
    odd = wrong.rename(wrong.with_name(os.fsdecode(b"\xff.jsonl")))
    done = run("labels", "validate", os.fsencode(odd))
    assert rb"\udcff.jsonl:2: page ferry:1, line 2: " in done.stdout


def test_validate_escapes_what_would_steer_a_terminal_in_a_name(run: Run, wrong: Path) -> None:
    odd = wrong.rename(wrong.with_name("a\x1b[31m\n.jsonl"))
    done = run("labels", "validate", str(odd))
    assert rb"a\x1b[31m\n.jsonl:2: page ferry:1, line 2: " in done.stdout


def test_validate_without_a_file_is_wrong_usage(run: Run) -> None:
    assert run("labels", "validate").returncode == 2


@pytest.mark.parametrize("form", FORMATS)
def test_a_page_is_converted_there_and_back(run: Run, pages: Path, form: str) -> None:
    there, back = pages.with_name("there"), pages.with_name("back.jsonl")
    run("labels", "convert", "--from", "native", "--to", form, str(pages), str(there))
    run("labels", "convert", "--from", form, "--to", "native", str(there), str(back))
    assert list(read_pages(back)) == [PAGE]


def test_convert_tells_how_many_pages_it_wrote(run: Run, pages: Path) -> None:
    out = pages.with_name("out.csv")
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(pages), str(out))
    assert (done.stdout, done.stderr) == (b"", f"{out}: 1 page\n".encode())


def test_pages_without_a_line_are_left_out_of_tables_alone(run: Run, pages: Path) -> None:
    write_pages([replace(PAGE, text="", lines=())], pages)
    out = pages.with_name("out.json")
    done = run("labels", "convert", "--from=native", "--to=label-studio", str(pages), str(out))
    assert done.stderr == f"{out}: 1 page\n".encode()


def test_convert_escapes_what_would_steer_a_terminal_in_a_name(run: Run, pages: Path) -> None:
    out = pages.with_name("a\x1b[31m\n.csv")
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(pages), str(out))
    assert done.stderr.endswith(rb"a\x1b[31m\n.csv: 1 page" + b"\n")


def test_convert_tells_how_many_pages_a_table_lacks(run: Run, pages: Path) -> None:
    write_pages([PAGE, replace(PAGE, id="b", text="", lines=()), replace(PAGE, id="c")], pages)
    out = pages.with_name("out.csv")
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(pages), str(out))
    assert done.stderr == f"{out}: 2 pages, 1 without a line left out\n".encode()


def test_convert_adds_the_shipped_model_s_predictions(run: Run, pages: Path) -> None:
    out = pages.with_name("tasks.json")
    options = ["--from", "native", "--to", "label-studio", "--predict"]
    run("labels", "convert", *options, str(pages), str(out))
    [task] = json.loads(out.read_text("utf-8"))
    assert len(task["predictions"][0]["result"]) == 2


def test_convert_adds_the_predictions_of_the_model_that_is_named(run: Run, pages: Path) -> None:
    out = pages.with_name("tasks.json")
    options = ["--from", "native", "--to", "label-studio", "--predict"]
    run("labels", "convert", *options, "--model", OTHER_MODEL, str(pages), str(out))
    [task] = json.loads(out.read_text("utf-8"))
    assert task["predictions"][0]["model_version"] == "format fixture"


def test_an_id_that_would_steer_a_terminal_is_escaped_in_a_failure(run: Run, pages: Path) -> None:
    write_pages([replace(PAGE, id="\x1b[31m")] * 2, pages)
    out = pages.with_name("out.csv")
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(pages), str(out))
    assert rb"page \x1b[31m comes twice in a row" in done.stderr


@pytest.mark.parametrize("options", [["--from=native"], ["--from=label-studio", "--texts"]])
def test_a_conversion_never_replaces_an_input(
    run: Run, pages: Path, tmp_path: Path, options: list[str]
) -> None:
    before = pages.read_bytes()
    given = [str(pages)] if len(options) == 1 else [str(pages), str(tmp_path / "export.json")]
    (tmp_path / "export.json").write_text("[]", "utf-8")
    done = run("labels", "convert", *options, *given, str(pages), "--to=csv")
    assert (done.returncode, pages.read_bytes()) == (2, before)


def test_convert_takes_texts_from_another_file(run: Run, pages: Path) -> None:
    export, out = pages.with_name("export.json"), pages.with_name("out.jsonl")
    tasks = [{"id": 1, "data": {"page_id": "ferry:1"}, "annotations": []}]
    export.write_text(json.dumps(tasks), "utf-8")
    options = ["--from", "label-studio", "--to", "native", "--texts", str(pages)]
    run("labels", "convert", *options, str(export), str(out))
    assert [page.text for page in read_pages(out)] == [PAGE.text]


def test_a_conversion_that_fails_says_why_in_one_line(run: Run, wrong: Path) -> None:
    out = wrong.with_name("out.csv")
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(wrong), str(out))
    assert (done.returncode, done.stderr.count(b"\n"), out.exists()) == (1, 1, False)


@pytest.mark.parametrize(
    "options",
    [
        ["--from", "native", "--to", "csv", "--predict"],
        ["--from", "native", "--to", "prodigy", "--model", "."],
        ["--from", "csv", "--to", "native", "--texts", "pages.jsonl"],
        ["--from", "doccano", "--to", "native"],
        ["--to", "native"],
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(
    run: Run, pages: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.chdir(pages.parent)
    assert run("labels", "convert", *options, str(pages), "out").returncode == 2


def test_converting_to_standard_output_is_wrong_usage(
    run: Run, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pages.parent)
    done = run("labels", "convert", "--from", "native", "--to", "csv", str(pages), "-")
    assert (done.returncode, Path("-").exists()) == (2, False)


def test_converting_to_a_folder_is_wrong_usage(run: Run, pages: Path) -> None:
    options = ["--from", "native", "--to", "csv"]
    assert run("labels", "convert", *options, str(pages), str(pages.parent)).returncode == 2


def test_the_formats_offered_are_those_there_are() -> None:
    from paywallstrip.cli.labels import FORMATS as OFFERED
    from paywallstrip.training.exchange.convert import FORMATS as KNOWN

    assert tuple(OFFERED.choices) == KNOWN
