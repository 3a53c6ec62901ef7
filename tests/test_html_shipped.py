"""The model for HTML that comes with the package."""

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip import Classifier, Label
from paywallstrip.model_folder import default_path

PAGE = """
<title>Harbour bridge closes for repairs | The Tidewater Post</title>
<nav><ul class="menu"><li><a href=/>Home</a><li><a href=/news>News</a><li><a href=/sport>Sport</a></ul></nav>
<main><article>
<h1>Harbour bridge closes for repairs</h1>
<p>The old harbour bridge closes on Monday for six weeks, the town council said on Friday.</p>
<p>“We found cracks in two of its four bearings,” said the chief engineer, Åsa Lindqvist.</p>
</article>
<section class="related"><h3>Most read</h3>
<div class="card"><a href=/a>Ferry fares go up again in spring</a></div>
<div class="card"><a href=/b>Three schools to share one kitchen</a></div>
<div class="card"><a href=/c>Why the lighthouse went dark</a></div></section></main>
<footer><a href=/imprint>Imprint</a> <a href=/privacy>Privacy policy</a></footer>
"""
BODY = PAGE.splitlines()[4:7]


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.load(default_path("html-v1"))


def test_the_body_is_the_article(shipped: Classifier) -> None:
    body = shipped.clean_html(PAGE).split("\n")
    assert [f"<h1>{body[0]}</h1>", *(f"<p>{line}</p>" for line in body[1:])] == BODY


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Sport", Label.NAVIGATION),
        ("Most read", Label.RELATED_LINKS),
        ("Three schools to share one kitchen", Label.RELATED_LINKS),
    ],
)
def test_what_is_left_out_is_named(shipped: Classifier, text: str, label: Label) -> None:
    labels = {line.text: line.label for line in shipped.classify_html(PAGE).lines}
    assert labels[text] == label
