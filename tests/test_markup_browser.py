"""HTML to lines, held against what Chromium shows of the same page, scripts and network off."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
pytest.importorskip("playwright", reason="needs the dependency group browser")

from paywallstrip.markup.lines import read_markup

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
PAGES = sorted((HERE / "html").glob("*.html"))
EXTRA = json.loads((HERE / "html" / "extra.json").read_text("utf-8"))
CASES = json.loads((HERE / "cases" / "markup_lines.json").read_text("utf-8"))["cases"]


@pytest.fixture(scope="module")
def tab(chromium: Any) -> Any:
    """A tab of Chromium in which nothing runs and nothing loads."""
    tab = chromium.new_context(java_script_enabled=False, offline=True).new_page()
    tab.route("**/*", lambda route: route.abort())
    return tab


def shown(tab: Any, html: str) -> list[str]:
    """Return the lines that the browser shows, white space folded."""
    tab.set_content(html, wait_until="domcontentloaded")
    text = tab.evaluate("document.body.innerText")
    return [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]


def bare(text: str) -> str:
    """Leave out white space and forms of letters: styles make gaps, capitals and slants."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_line_that_is_shown_is_lost(tab: Any, path: Path) -> None:
    html = path.read_text("utf-8")
    ours = bare(read_markup(html).text)
    lost = [line for line in shown(tab, html) if bare(line) not in ours]
    assert lost == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_all_lines_not_flagged_are_shown_but_these(tab: Any, path: Path) -> None:
    html = path.read_text("utf-8")
    markup = read_markup(html)
    whole = bare("".join(shown(tab, html)))
    lines = zip(markup.text.split("\n"), markup.hidden, strict=True)
    extra = [line for line, hidden in lines if not hidden and bare(line) not in whole]
    assert extra == list(EXTRA[path.stem])


@pytest.mark.parametrize(
    "case", [case for case in CASES if "browser" not in case], ids=lambda case: case["name"]
)
def test_the_lines_are_those_that_are_shown(tab: Any, case: dict[str, Any]) -> None:
    assert shown(tab, case["html"]) == case["lines"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "browser" in case], ids=lambda case: case["name"]
)
def test_a_difference_that_is_excused_is_there(tab: Any, case: dict[str, Any]) -> None:
    assert shown(tab, case["html"]) != case["lines"]
