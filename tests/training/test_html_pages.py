"""Pages of HTML to train on, made of the pages written for the purpose."""

import json
import lzma
from pathlib import Path

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.markup.elements import TAGS
from paywallstrip.training.html_pages import HtmlPage, assemble_html_pages

LINES = {
    "Harbour Ledger": "navigation",
    "One moment while we look whether you are a person.": "navigation",
    "Support the Ledger": "paywall",
}


@pytest.fixture
def pieceless(tmp_path: Path) -> HtmlPage:
    """The HTML of a written page that has no piece, beside an empty corpus."""
    lzma.open(tmp_path / "labelled.jsonl.xz", "wt").close()
    entry = {"name": "check-en", "domain": "quay.example", "language": "en"}
    (tmp_path / "index.json").write_text(json.dumps([entry]), "utf-8")
    text = "".join(f"{label}\t{line}\n" for line, label in LINES.items())
    (tmp_path / "check-en.tsv").write_text(text, "utf-8")
    (page,) = assemble_html_pages(tmp_path, part="all", further=None, written=tmp_path)
    return page


def test_a_page_without_a_piece_keeps_its_labels(pieceless: HtmlPage) -> None:
    assert pieceless.labels == tuple(LINES.values())


def test_what_a_page_without_a_piece_says_stands_where_an_article_would(
    pieceless: HtmlPage,
) -> None:
    assert TAGS[pieceless.markup.tags[1]] == "p"


def test_the_menu_of_a_page_without_a_piece_stays_one(pieceless: HtmlPage) -> None:
    assert pieceless.markup.link_characters[0] == len("Harbour Ledger")
