"""Pages of a few lines, as people try them first: what the shipped models keep of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import classify, classify_html

CASES = json.loads((Path(__file__).parent / "cases" / "small_pages.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_piece_is_kept_and_nothing_else(case: dict[str, Any]) -> None:
    if "html" in case:
        pytest.importorskip("turbohtml", reason="needs the extra html")
        page = classify_html(case["html"])
    else:
        page = classify(case["text"])
    assert [line.text for line in page.lines if line.kept] == case["kept"]
