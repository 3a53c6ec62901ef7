"""Pages that nobody should write: each is read within bounds that the system enforces.

Each is read in a process of its own that may use so much memory and so many seconds of the
processor and no more; a page that goes beyond ends the process.
"""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
GIGABYTE = 1 << 30
MEMORY = 4 * GIGABYTE
SECONDS = 120

PAGES = {
    "empty": ("''", 0),
    "binary": ("__import__('random').Random(3).randbytes(5_000_000)", None),
    "zeros": ("bytes(5_000_000)", 0),
    "deep": ("'<div>' * 10_000 + 'x' + '</div>' * 10_000", 1),
    "deeper": ("'<div>' * 1_000_000 + 'x'", 1),
    "deep formatting": ("'<b><p>' * 10_000 + 'x'", 1),
    "formatting that is told apart": (
        "''.join(f'<font size={i}><p>' for i in range(2_000)) + 'x'",
        1,
    ),
    "formatting that is opened anew": (
        "''.join(f'<p><font size={i}>x' for i in range(2_500))",
        2_500,
    ),
    "deep links": ("'<a href=x>' * 20_000 + 'x'", 1),
    "deep tables": ("'<table>' * 5_000 + 'x'", 1),
    "deep lists": ("'<ul><li>' * 10_000 + 'x'", 1),
    "a million elements": ("'<p>a</p>' * 1_000_000", 1_000_000),
    "a million empty elements": ("'<p></p>' * 1_000_000", 0),
    "a million line breaks": ("'a<br>' * 1_000_000", 1_000_000),
    "a million preformatted lines": ("'<pre>' + 'a\\n' * 1_000_000", 1_000_000),
    "50 MB": (
        "'<div class=\"a b\"><p>Some words and <a href=/x>a link</a>.</p></div>\\n' * 780_000",
        780_000,
    ),
    "one text of 10 MB": ("'<p>' + 'word ' * 2_000_000", 1),
    "one word of 10 MB": ("'<p>' + 'w' * 10_000_000", 1),
    "10 MB of entities": ("'<p>' + '&amp;' * 2_000_000", 1),
    "unclosed everything": (
        "'<table><tr><td><ul><li><a href=x><b><i><select><option>' * 20_000 + 'x'",
        None,
    ),
    "an unclosed comment": ("'<p>a<!--' + '-' * 5_000_000", 1),
    "an unclosed attribute": ("'<p>a<p class=\"' + 'b ' * 2_000_000", 1),
    "an unclosed script": ("'<p>a<script>' + '<!--<script>' * 500_000", 1),
    "200,000 attributes": ("'<p ' + ' '.join(f'a{i}=1' for i in range(200_000)) + '>x'", 1),
    "a million classes for each line": (
        "'<div class=\"' + 'abc ' * 1_000_000 + '\">' + '<p>x</p>' * 10_000",
        10_000,
    ),
    "many words for many lines": (
        "'<div class=\"ab cd ef\">' * 16 + '<p>x</p>' * 200_000",
        200_000,
    ),
    "deep JSON-LD": (
        "'<script type=application/ld+json>' + '[' * 200_000 + '</script><p>x'",
        1,
    ),
    "a long number in JSON-LD": (
        "'<script type=application/ld+json>{\"a\": ' + '1' * 100_000 + '}</script><p>x'",
        1,
    ),
    "half a surrogate pair": ("'<p class=\\ud800>a\\ud800b'", 1),
}
CODE = """
import resource
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from paywallstrip.markup.lines import read_markup
print(len(read_markup({page}).tags))
"""


def read(page: str) -> subprocess.CompletedProcess[str]:
    """Read a page in a process that has these bounds."""
    code = CODE.format(page=page, memory=MEMORY, seconds=SECONDS)
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits are set as Linux sets them")
def test_a_page_that_grows_six_hundredfold_is_refused_by_name() -> None:
    done = read("''.join(f'<p><font size={i}>x' for i in range(8_000))")
    assert "PageError: this page of 158890 characters has more than 32 MB" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits are set as Linux sets them")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_within_bounds(name: str) -> None:
    page, lines = PAGES[name]
    done = read(page)
    assert done.returncode == 0, done.stderr
    assert lines is None or int(done.stdout) == lines
