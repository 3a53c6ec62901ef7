"""The bar for long steps."""

import subprocess
import sys

import pytest

from paywallstrip.training.progress import track
from tests.cli.conftest import unread

pytest.importorskip("rich", reason="the bar needs the extra [cli]")


def test_items_pass_in_order() -> None:
    assert list(track(iter("abc"), 3, "letters")) == ["a", "b", "c"]


def test_the_bar_is_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    list(track("abc", 5, "letters", done=2))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "letters" in shown.err
    assert "5/5" in shown.err


def test_nothing_is_shown_where_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    list(track("abc", 3, "letters", show=False))
    assert capsys.readouterr() == ("", "")


def test_items_pass_where_nobody_reads_what_is_shown() -> None:
    code = "from paywallstrip.training.progress import track; print(*track('abc', 3, 'letters'))"
    command = [sys.executable, "-c", code]
    with unread() as writing:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writing, check=False)
    assert (done.returncode, done.stdout) == (0, b"a b c\n")
