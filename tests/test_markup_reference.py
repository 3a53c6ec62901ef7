"""Pages read by arrays against their slow twin in tests/reference, which takes event by event."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.markup.lines import MarkupLines, as_markup_lines, read_markup, read_markups
from tests.reference.markup import read_notes

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases" / "markup_lines.json").read_text("utf-8"))["cases"]
PAGES = sorted((HERE / "html").glob("*.html"))

STARTS = (
    "<p>", "<div class='a b'>", "<span>", "<span hidden>", "<i style='Display : none'>",
    "<b style=visibility:hidden>", "<strong>", "<a href=/x>", "<a href='/y?a=1&amp;b=2' id=l>",
    "<a>", "<a hidden href=z>", "<li role=button>", "<ul role=navigation rel=x>", "<table>", "<tr>",
    "<td>", "<select>", "<option>", "<button>", "<h1>", "<h2 itemprop=headline>", "<pre>", "<pre>\n",
    "<textarea>", "<textarea>\n", "<listing>", "<xmp>", "<plaintext>", "<title>", "<script>",
    "<script type='application/ld+json'>", "<style>", "<iframe>", "<noscript>", "<template>",
    "<video>", "<dialog>", "<dialog open>", "<details>", "<svg>", "<math>", "<foreignObject>",
    "<link>", "<source>", "<param/>", "<br>", "<br hidden>", "<hr>", "<input style=display:none>",
    "<img alt='a>b'>", "<my-element data-testid=t data-component=c>", "<blockquote-like>",
    "<a<b>", "<p\"q=\">", "<p a\"b='c' class=d>", "<p class='<!-- \"'>", "<p <!-- id=e>", "<p =\"x>",
    "<frameset>", "<head>", "<body class=f>", "<i style='visibility:visible'>", "<input type=hidden>", "<input type=text>",
    "<a id=x>", "<a xlink:href='/d?e=1'>", "<a xlink:href=/d href=/f>", "<template shadowrootmode=closed>", "<text>", "<desc>", "<mfrac>", "<mn>", "<mtd>", "<text hidden>",
    "<div hidden style='display:block'>", "<u hidden=until-found>", "<p hidden=UNTIL-found>",
    "<i hidden=until-found style='display:block'>", "<u style='content-visibility:hidden'>",
    "<my-app style='visibility:hidden;display:inline'>",
)  # fmt: skip
ENDS = tuple(
    f"</{name}>"
    for name in (
        *("p", "div", "span", "i", "b", "strong", "a", "li", "ul", "table", "tr", "td", "select"),
        *("button", "h1", "h2", "pre", "textarea", "listing", "xmp", "title", "script", "style"),
        *(
            "iframe",
            "noscript",
            "template",
            "video",
            "dialog",
            "svg",
            "math",
            "link",
            "br",
            "text",
            "desc",
            "mfrac",
            "mn",
            "mtd",
        ),
    )
)
TEXTS = (
    "a", "Word", " ", "  \n", "\n", "\t x ", "&nbsp;", "\xa0 y", "&lt;b&gt;", "&amp;amp;", "\"q\" =\"",
    "<!-- c -->", "<!-- > <p \" -->", "<!--[if x]><!-->", "<!---->", "<!-->", "<?pi \"x\" ?>",
    "<!doctype x\"<y>", "\u2003", "\u3000z", "é", "漢字", "😀", "\x00", "\x01", "\x1c", "\u0085",
    "\ud800", "{\"@type\": \"Article\", \"headline\": \"h\"}", "x" * 70, " " * 70, "-->",
)  # fmt: skip
markup = st.lists(st.sampled_from((*STARTS, *STARTS, *ENDS, *TEXTS, *TEXTS))).map("".join)


def are_same(found: Any, twin: Any) -> bool:
    if isinstance(found, np.ndarray):
        return found.dtype == twin.dtype and np.array_equal(found, twin)
    return bool(found == twin)


def differences(found: MarkupLines, twin: MarkupLines) -> list[str]:
    """Name the fields in which two pages differ."""
    return [
        name for name in found._fields if not are_same(getattr(found, name), getattr(twin, name))
    ]


def twin_of(html: str) -> MarkupLines:
    return as_markup_lines(read_notes(html))[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case_is_read_as_by_its_twin(case: dict[str, Any]) -> None:
    assert not differences(read_markup(case["html"]), twin_of(case["html"]))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_page_is_read_as_by_its_twin(path: Path) -> None:
    html = path.read_text("utf-8")
    assert not differences(read_markup(html), twin_of(html))


@settings(max_examples=300)
@given(markup)
@example("<pre>&gt;<span style='display:none'>\n</span>,")
@example("<p><em><plaintext>e<b>")
@example("<math><script><a>\n<p>T")
@example(
    '<svg><script type=\'application/ld+json\'>{"@type": "Article",<!-- c --> "headline": "h"}'
)
@example("<a&b>x</a&b>")
@example("<p>x<link hidden>y<svg><link>z</link></svg>")
@example("<a href=/x>" + "".join(f"<span>{i} " for i in range(50)))
def test_odd_markup_is_read_as_by_its_twin(html: str) -> None:
    assert not differences(read_markup(html), twin_of(html))


@given(st.lists(markup, max_size=4))
def test_what_is_read_of_a_page_does_not_depend_on_the_others(pages: list[str]) -> None:
    together = read_markups(pages)
    assert not [
        difference
        for found, html in zip(together, pages, strict=True)
        for difference in differences(found, read_markup(html))
    ]


@pytest.mark.parametrize("count", [508, 509, 510, 600])
@pytest.mark.parametrize(
    "element", ["script", "style", "iframe", "script type=application/ld+json"]
)
def test_markup_that_is_too_deep_is_read_as_by_its_twin(count: int, element: str) -> None:
    page = "<div>" * count + f'<p>a<{element}>{{"@type": "Article", "headline": "h"}}'
    html = page + f"</{element.split()[0]}>b<p>c"
    assert not differences(read_markup(html), twin_of(html))


def test_no_pages_have_no_lines() -> None:
    assert read_markups([]) == []


@pytest.mark.parametrize(
    "html", ["<p cl\ud800ass=x>y", "<p\ud800>y", "<a href='\ud800'>\udc00 z", "<p id=\ud800>y"]
)
def test_half_a_surrogate_pair_stays_what_it_is(html: str) -> None:
    assert read_markup(html).text == html.rpartition(">")[2]
