"""Files, pipes, terminals and locales as they come."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PAGE, SCRIPT, Run, unread


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the message of a run that failed with nothing but one line."""
    assert (done.returncode, done.stdout) == (1, b"")
    message = done.stderr.decode()
    assert message.startswith("paywallstrip: ")
    assert message.count("\n") == 1
    return message


def test_missing_file_is_one_line(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "none.txt")
    assert one_line(run("clean", path)) == f"paywallstrip: {path}: No such file or directory\n"


def test_folder_is_one_line(run: Run, tmp_path: Path) -> None:
    assert "Is a directory" in one_line(run("label", str(tmp_path)))


def test_unreadable_file_is_one_line(run: Run, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "page.txt"
    path.touch(mode=0)
    assert "Permission denied" in one_line(run("clean", str(path)))


def test_name_that_is_not_utf8_is_one_line(run: Run, tmp_path: Path) -> None:
    assert "No such file" in one_line(run("clean", os.fsencode(tmp_path) + b"/\xff", LC_ALL="C"))


def test_name_with_a_line_end_is_one_line(run: Run) -> None:
    one_line(run("clean", "no\nsuch file"))


def test_name_that_would_steer_a_terminal_is_shown_as_text(run: Run) -> None:
    message = one_line(run("clean", "\x1b[31mred.txt"))
    assert message == "paywallstrip: \\x1b[31mred.txt: No such file or directory\n"


def test_undecodable_byte_is_named(run: Run) -> None:
    message = one_line(run("clean", text=b"fine\ncaf\xe9\n"))
    assert "standard input: not UTF-8: byte 0xe9 at offset 8, in line 2" in message


def test_empty_model_folder_is_one_line(run: Run, page: bytes, tmp_path: Path) -> None:
    one_line(run("clean", "--model", str(tmp_path), text=page))


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_output_is_utf8_in_every_locale(run: Run, page: bytes, variables: dict[str, str]) -> None:
    done = run("clean", "--drop", "none", text=page, **variables)
    assert (done.stdout, done.stderr) == (page, b"")


@pytest.mark.parametrize("arguments", [("clean", "--drop", "none"), ("label",), ("--help",)])
def test_closed_pipe_is_silent(arguments: tuple[str, ...]) -> None:
    with unread() as writing:
        done = subprocess.run(
            [SCRIPT, *arguments],
            input=PAGE.encode() * 1000,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b""
    assert done.returncode in (1, 141)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_reader_that_stops_early_ends_it_with_141(unbuffered: str) -> None:
    line = f'yes "A sentence of an article." | head -n 200000 | {SCRIPT} label'
    done = subprocess.run(
        ["bash", "-c", f'{line} | head -n 1 >/dev/null; echo "${{PIPESTATUS[2]}}"'],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=True,
    )
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_is_one_line(page: bytes) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [SCRIPT, "clean", "--drop", "none"],
            input=page,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"paywallstrip: standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("closing", "stream"), [("<&-", "standard input"), (">&-", "standard output")]
)
def test_closed_stream_is_one_line(closing: str, stream: str, page: bytes) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT} clean {closing}"], input=page, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (1, f"paywallstrip: {stream} is closed\n")


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        # Each has something to say beside its result.
        (("clean", "page.html", "--drop", "none"), "<html>\n"),
        (("labels", "validate", "pages.jsonl"), ""),
        (("labels", "convert", "--from=native", "--to=csv", "pages.jsonl", "pages.csv"), ""),
    ],
    ids=["clean", "validate", "convert"],
)
def test_what_is_asked_for_is_done_where_nobody_reads_what_is_said(
    tmp_path: Path, arguments: tuple[str, ...], output: str
) -> None:
    (tmp_path / "page.html").write_text("<html>\n")
    (tmp_path / "pages.jsonl").write_text('{"id": "a", "text": "", "lines": []}\n')
    with unread() as writing:
        done = subprocess.run(
            [SCRIPT, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=writing, check=False
        )
    assert (done.returncode, done.stdout.decode()) == (0, output)


def test_interrupt_exits_130_without_a_traceback() -> None:
    process = subprocess.Popen(
        [SCRIPT, "clean"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    # It reads its input before it starts to work: once a pipe's worth is taken and more
    # than the pipe holds, it is past its start.
    assert process.stdin is not None
    process.stdin.write(b"x" * (1 << 20))
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors.strip()) == (130, b"", b"")


def in_terminal(arguments: list[str], **variables: str) -> str:
    """Run the console script on a terminal of its own and return what it shows."""
    main, sub = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        stdout=sub,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "xterm-256color", **variables},
    )
    os.close(sub)
    shown = b""
    try:
        while chunk := os.read(main, 65536):
            shown += chunk
    except OSError:
        # Linux reports the end of a terminal as an error.
        pass
    finally:
        os.close(main)
    assert process.wait(timeout=60) == 0
    return shown.decode()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A page with what would steer a terminal, as a file."""
    path = tmp_path / "page.txt"
    path.write_text(PAGE + "A title\x1b]0;owned\x07 that would be set\n" + "long " * 60 + "\n")
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
class TestTerminal:
    """`label` where a person looks on."""

    def test_lines_are_coloured(self, file: str) -> None:
        assert "\x1b[3" in in_terminal(["label", file], NO_COLOR="")

    def test_no_color_is_obeyed(self, file: str) -> None:
        assert "\x1b[3" not in in_terminal(["label", file], NO_COLOR="1")

    def test_a_page_cannot_steer_the_terminal(self, file: str) -> None:
        shown = in_terminal(["label", file])
        assert "\x1b]0" not in shown
        assert r"A title\x1b]0;owned\x07 that" in shown

    def test_long_lines_stay_whole(self, file: str) -> None:
        assert "long " * 59 + "long" in in_terminal(["label", file], NO_COLOR="1")

    def test_utf8_is_written_in_every_locale(self, file: str) -> None:
        shown = in_terminal(["label", file], LC_ALL="C", PYTHONIOENCODING="ascii")
        assert "Åsa Lindqvist" in shown
