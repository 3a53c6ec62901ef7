"""Pages that nobody should write: each is read within bounds that the system enforces.

Each is read in a process of its own that may use so much memory and so many seconds of the
processor and no more; a page that goes beyond ends the process.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.odd_pages import PAGES

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
GIGABYTE = 1 << 30
MEMORY = 4 * GIGABYTE
SECONDS = 120

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
