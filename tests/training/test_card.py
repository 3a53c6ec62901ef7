"""The card of a model of the corpora."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paywallstrip.labels import CONTENT, NAVIGATION
from paywallstrip.model_folder import DEFAULT_HTML_NAME, DEFAULT_NAME, default_path
from paywallstrip.training.card import write_card
from paywallstrip.training.summary import summarise


def card_of(folder: Path, shipped: str, **changed: Any) -> str:
    """Write a card from a shipped model's JSON; lines are put together."""
    info = json.loads((default_path(shipped) / "model.json").read_text("utf-8")) | changed
    (folder / "model.json").write_text(json.dumps(info))
    write_card(folder)
    return (folder / "README.md").read_text("utf-8").replace("\n", " ")


EACH = pytest.mark.parametrize("shipped", [DEFAULT_NAME, DEFAULT_HTML_NAME])


@pytest.fixture
def data() -> dict[str, Any]:
    """What the model for text was trained on, in made-up numbers."""
    views = {"goose3+blocks": 3, "goose3+blocks+wrapped": 4, "original": 9, "written": 123}
    return {"lines": 99, "pages": 139, "sha256": "0" * 64, "sites": 8, "views": views}


@EACH
def test_a_card_links_to_nothing_that_an_installed_package_lacks(
    shipped: str, tmp_path: Path
) -> None:
    assert "](" not in card_of(tmp_path, shipped)


def test_written_pages_are_named_with_their_number(data: dict[str, Any], tmp_path: Path) -> None:
    card = card_of(tmp_path, DEFAULT_NAME, data=data)
    assert "123 pages written for the purpose add further languages." in card
    assert "| 123 pages written for this project | MIT |" in card


def test_a_model_for_html_names_the_written_pages_of_the_one_it_stands_on(
    data: dict[str, Any], tmp_path: Path
) -> None:
    text = {"name": "text", "weights_sha256": "0" * 64, "data": data}
    card = card_of(tmp_path, DEFAULT_HTML_NAME, text=text)
    assert "| 123 pages written for this project | MIT |" in card


def test_blocks_are_a_source_with_the_views_that_hold_them(
    data: dict[str, Any], tmp_path: Path
) -> None:
    card = card_of(tmp_path, DEFAULT_NAME, data=data)
    assert "set into 7 page views | MIT |" in card


def test_without_written_pages_none_is_named(data: dict[str, Any], tmp_path: Path) -> None:
    del data["views"]["written"]
    assert "pages written" not in card_of(tmp_path, DEFAULT_NAME, data=data)


@EACH
def test_every_table_says_what_lines_it_counts(shipped: str, tmp_path: Path) -> None:
    assert " lines:" not in card_of(tmp_path, shipped)


def test_a_score_is_rounded_once() -> None:
    # Of 4 in 19 four digits are 0.2105, which is written as 0.210; the score itself as 0.211.
    truth = np.array([CONTENT] * 4 + [NAVIGATION] * 15)
    found = np.full(19, CONTENT)
    figures = summarise(truth, found, found == CONTENT, np.ones(19, dtype=np.int64))
    assert f"{figures['labels']['content']['precision']:.3f}" == "0.211"
