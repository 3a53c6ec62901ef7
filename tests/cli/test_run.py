"""The command `run`: options, exit codes, what it says."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import paywallstrip
from paywallstrip.bulk.records import Totals
from paywallstrip.bulk.run import Progress
from paywallstrip.cli import progress
from tests.bulk.conftest import read_jsonl, wet_record
from tests.cli.conftest import PAGE, SCRIPT, Run, unread
from tests.cli.test_entry import WITHOUT
from tests.formats import PRESENT_HTML


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A file of three pages."""
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps({"page": PAGE}) + "\n" for _ in range(3)), "utf-8")
    return path


def test_bodies_are_those_of_the_library(run: Run, pages: Path, tmp_path: Path) -> None:
    done = run("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page")
    assert (done.returncode, done.stdout) == (0, b"")
    found = [row["body"] for row in read_jsonl(tmp_path / "out/pages.jsonl")]
    assert found == [paywallstrip.clean(PAGE)] * 3


def test_options_reach_the_library(run: Run, pages: Path, tmp_path: Path) -> None:
    options = ["--text-column=page", "--drop=none", "--strictness=0", "--prefix=x_", "--jobs=2"]
    run("run", str(pages), "--out", str(tmp_path / "out"), "--keep-removed", *options)
    row = read_jsonl(tmp_path / "out/pages.jsonl")[0]
    assert row == {"page": PAGE, "x_body": PAGE, "x_kept_share": 1.0, "x_removed": []}


def test_a_table_ends_the_run(run: Run, pages: Path, tmp_path: Path) -> None:
    done = run("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page")
    table = dict(row.split(None, 1) for row in done.stderr.decode().splitlines())
    assert (table["files"], table["records"], table["rejected"]) == ("1", "3", "0")


def test_neither_rate_nor_time_left_counts_what_an_interrupted_run_did(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, twenty_seconds_later, end = 100.0, 120.0, 120.0
    clock = iter([begin, begin, twenty_seconds_later, end])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    step = Progress(
        files=1,
        size=1000,
        consumed=900,
        consumed_before=800,
        totals=Totals(records=900),
        records_before=800,
    )
    progress.show(iter([step]))
    first, *_, rate = capsys.readouterr().err.splitlines()
    assert (first, rate.split()) == (
        "90%, 0 of 1 files, 900 records, 5 a second, 20 s left",
        ["rate", "5", "records/s"],
    )


def test_records_left_out_are_counted(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    (tmp_path / "a.warc").write_bytes(wet_record(1, b"software: x", "warcinfo"))
    done = run("run", str(tmp_path / "a.warc"), "--out", str(tmp_path / "out"))
    assert b"left out             1 (records of other types or media)" in done.stderr


def test_a_reason_for_what_is_rejected_is_told(run: Run, pages: Path, tmp_path: Path) -> None:
    pages.write_text("[]")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/another.jsonl.rejects.jsonl").touch()
    done = run("run", str(pages), "--out", str(tmp_path / "out"))
    path = tmp_path / "out/pages.jsonl.rejects.jsonl"
    assert f"{path}: not a JSON object but list; an object a line" in done.stderr.decode()


def test_a_mistaken_column_is_wrong_usage_and_leaves_the_folder_alone(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    done = run("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "content")
    assert (done.returncode, b"no column 'content' among page" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_name_that_would_steer_a_terminal_is_shown_as_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "\x1b[31mred.jsonl").write_text("bad\n")
    done = run("run", str(tmp_path), "--out", str(tmp_path / "\x1b[31mout"))
    assert (b"\x1b" in done.stderr, b"\\x1b[31mred.jsonl" in done.stderr) == (False, True)


def test_rejected_records_exit_3_and_the_rest_is_done(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    with pages.open("a") as stream:
        stream.write("bad\n")
    done = run("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page")
    assert done.returncode == 3
    assert b"1 (listed in NAME.rejects.jsonl)" in done.stderr
    assert len(read_jsonl(tmp_path / "out/pages.jsonl")) == 3
    assert read_jsonl(tmp_path / "out/pages.jsonl.rejects.jsonl")[0]["line"] == 4


def test_a_resumed_run_still_tells_of_rejects(run: Run, pages: Path, tmp_path: Path) -> None:
    pages.write_text("bad\n" * 5)
    arguments = ("run", str(pages), "--out", str(tmp_path / "out"))
    run(*arguments)
    assert run(*arguments, "--resume").returncode == 3


def test_a_second_run_without_resume_is_wrong_usage(run: Run, pages: Path, tmp_path: Path) -> None:
    arguments = ("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page")
    run(*arguments)
    done = run(*arguments)
    assert (done.returncode, b"--resume" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["nothing.jsonl"],
        ["--jobs", "0"],
        ["--label-only", "--keep-removed"],
        ["--strictness", "2"],
    ],
)
def test_wrong_usage_exits_2_with_a_message(
    run: Run, pages: Path, tmp_path: Path, options: list[str]
) -> None:
    given = [] if not options else [str(pages)]
    done = run("run", *given, *options, "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage: paywallstrip run" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_output_folder_without_a_name_is_wrong_usage(run: Run, pages: Path) -> None:
    done = run("run", str(pages), "--out", "")
    assert (done.returncode, b"give . for the current folder" in done.stderr) == (2, True)


def test_an_output_folder_that_cannot_be_made_is_one_line(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    options = ["--text-column", "page", "--out", str(tmp_path / "file/out")]
    done = run("run", str(pages), *options)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


def test_a_model_of_the_other_kind_is_one_line_and_no_output(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    options = ["--text-column", "page", "--model", str(PRESENT_HTML)]
    done = run("run", str(pages), "--out", str(tmp_path / "out"), *options)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_an_outputs_folder_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/sub/a.jsonl").write_text('{"text": "Log in"}')
    (tmp_path / "out").mkdir()
    (tmp_path / "out/sub").write_text("")
    done = run("run", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--resume")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"--resume goes on" in done.stderr


def test_a_full_disk_names_the_output_and_resume_goes_on(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits for processes")
    arguments = ("run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page")
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    done = subprocess.run(
        [SCRIPT, *arguments],
        capture_output=True,
        check=False,
        # What is left open complains when it goes: from 3.13 on, of bytes that it cannot write.
        env={**os.environ, "PYTHONWARNINGS": "default::ResourceWarning"},
        # Not a full disk, but a file that cannot grow fails in the same way.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, most)),
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"pages.jsonl: " in done.stderr
    assert done.stderr.count(b"--resume goes on") == 1
    assert run(*arguments, "--resume").returncode == 0
    assert len(read_jsonl(tmp_path / "out/pages.jsonl")) == 3


@pytest.mark.parametrize(
    ("name", "package"),
    [("a.parquet", "pyarrow"), ("a.wet", "fastwarc"), ("a.jsonl.zst", "zstandard")],
)
def test_a_missing_package_gives_the_pip_line_and_2(
    tmp_path: Path, name: str, package: str
) -> None:
    (tmp_path / name).write_bytes(b"")
    code = WITHOUT.format(name=package)
    arguments = ["run", str(tmp_path / name), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"pip install {package}" in done.stderr


def test_an_archive_of_html_without_its_package_leaves_no_folder(tmp_path: Path) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    page = wet_record(1, b"<p>Log in", "resource", Content_Type="text/html")
    (tmp_path / "a.warc").write_bytes(page)
    command = [sys.executable, "-c", WITHOUT.format(name="turbohtml"), "run"]
    done = subprocess.run([*command, "a.warc", "--out", "out"], cwd=tmp_path, check=False)
    assert (done.returncode, (tmp_path / "out").exists()) == (2, False)


def test_a_run_goes_on_where_nobody_reads_what_it_says(pages: Path, tmp_path: Path) -> None:
    with pages.open("a") as stream:
        stream.write("bad\n")
    arguments = ["run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page"]
    with unread() as writing:
        done = subprocess.run([SCRIPT, *arguments], stderr=writing, check=False)
    assert done.returncode == 3


def test_a_run_goes_on_once_its_terminal_is_gone(pages: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    own, theirs = pty.openpty()
    arguments = ["run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page"]
    process = subprocess.Popen([SCRIPT, *arguments], stderr=theirs)
    os.close(theirs)
    os.close(own)
    assert process.wait() == 0


def test_a_terminal_is_shown_a_bar_with_the_rate(pages: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, "run", str(pages), "--out", str(tmp_path / "out"), "--text-column", "page"],
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    shown = b""
    # Linux says by an error that the other end is closed.
    with contextlib.suppress(OSError):
        while piece := os.read(own, 65536):
            shown += piece
    os.close(own)
    assert process.wait() == 0
    assert b"100%" in shown
    assert b"records/s" in shown.split(b"100%")[-1]
