"""Scrapy's item pipeline: in a real crawl of a local site, and item by item."""

import json
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Label, classify, clean
from paywallstrip.errors import ModelNotFoundError
from tests.integrations.conftest import MENU, read_jsonl

pytest.importorskip("scrapy", reason="Scrapy is not installed")
import scrapy
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from paywallstrip.integrations.scrapy import BodyPipeline

PIPELINE = "paywallstrip.integrations.scrapy.BodyPipeline"
CRAWL = Path(__file__).parent / "crawl.py"


@dataclass
class Crawled:
    items: list[dict[str, Any]]
    stats: dict[str, Any]
    log: str


def crawl(site: str, folder: Path, **settings: Any) -> Crawled:
    """Crawl the site with the pipeline switched on."""
    feed = folder / "items.jsonl"
    settings = {
        "ITEM_PIPELINES": {PIPELINE: 300},
        "FEEDS": {str(feed): {"format": "jsonlines"}},
        **settings,
    }
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    files = [str(folder / name) for name in ("settings.json", "stats.json")]
    command = [sys.executable, str(CRAWL), site, *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    stats = json.loads((folder / "stats.json").read_text("utf-8"))
    items = read_jsonl(feed) if feed.exists() else []
    return Crawled(sorted(items, key=lambda item: item["url"]), stats, done.stderr)


@pytest.fixture(scope="module")
def crawled(site: str, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """A crawl without settings of ours."""
    return crawl(site, tmp_path_factory.mktemp("crawl"))


def lines_of(text: str) -> str:
    """Return a written page's text as the spider reads it from its paragraphs."""
    return "\n".join(line for line in text.splitlines() if line)


@pytest.fixture
def texts(written: list[str]) -> list[str]:
    return [lines_of(text) for text in [*written[:5], MENU]]


def test_a_crawl_keeps_the_bodies(crawled: Crawled, texts: list[str]) -> None:
    assert [item["text"] for item in crawled.items] == [clean(text) for text in texts]


def test_a_crawl_counts_items_and_lines(crawled: Crawled, texts: list[str]) -> None:
    stats = crawled.stats
    lines = sum(classify(text).counts[Label.NAVIGATION] for text in texts)
    found = {key: stats[f"paywallstrip/{key}"] for key in ("cleaned", "emptied")}
    assert (found, stats["paywallstrip/lines/navigation"]) == ({"cleaned": 6, "emptied": 1}, lines)


def test_a_crawl_drops_emptied_items_where_told_so(site: str, tmp_path: Path) -> None:
    dropped = crawl(site, tmp_path, PAYWALLSTRIP_EMPTIED="drop")
    assert (len(dropped.items), dropped.stats["item_dropped_count"]) == (5, 1)


def test_a_crawl_marks_emptied_items_where_told_so(site: str, tmp_path: Path) -> None:
    items = crawl(site, tmp_path, PAYWALLSTRIP_EMPTIED="mark").items
    assert [item["emptied"] for item in items] == [False] * 5 + [True]


def test_a_crawl_warns_of_nothing(crawled: Crawled) -> None:
    assert (len(crawled.items), crawled.log) == (6, "")


def test_a_crawl_says_what_to_do_with_lists(site: str, tmp_path: Path) -> None:
    assert "join its parts" in crawl(site, tmp_path, SPIDER_LISTS=True).log


class TextItem(scrapy.Item):
    text = scrapy.Field()


@dataclass
class Article:
    text: str


def pipeline(**settings: Any) -> BodyPipeline:
    return BodyPipeline.from_crawler(get_crawler(settings_dict=settings))


@pytest.mark.parametrize("item", [{"text": MENU}, TextItem(text=MENU), Article(MENU)], ids=type)
def test_every_kind_of_item_is_cleaned(item: Any) -> None:
    cleaned = pipeline().process_item(item)
    assert (cleaned.text if isinstance(cleaned, Article) else cleaned["text"]) == ""


def test_the_field_is_the_one_that_the_settings_name() -> None:
    item = {"text": MENU, "body": MENU}
    assert pipeline(PAYWALLSTRIP_FIELD="body").process_item(item) == {"text": MENU, "body": ""}


def test_labels_to_drop_come_from_the_settings() -> None:
    item = {"text": MENU}
    assert pipeline(PAYWALLSTRIP_DROP="paywall, content").process_item(item) == {"text": MENU}


def test_strictness_comes_from_the_settings(written: list[str]) -> None:
    item = {"text": written[0]}
    expected = clean(written[0], strictness=1)
    assert pipeline(PAYWALLSTRIP_STRICTNESS="1").process_item(item)["text"] == expected


@pytest.mark.parametrize("item", [{}, {"text": None}, {"text": ""}, {"text": " \n"}])
def test_an_item_without_text_passes_as_it_is(item: dict) -> None:
    assert pipeline(PAYWALLSTRIP_EMPTIED="drop").process_item(dict(item)) == item


def test_an_emptied_item_is_dropped_with_a_reason() -> None:
    with pytest.raises(DropItem, match="no line of field 'text'"):
        pipeline(PAYWALLSTRIP_EMPTIED="drop").process_item({"text": MENU})


def test_an_item_that_is_dropped_holds_its_text_as_it_was() -> None:
    item = {"text": MENU}
    with pytest.raises(DropItem):
        pipeline(PAYWALLSTRIP_EMPTIED="drop").process_item(item)
    assert item == {"text": MENU}


def test_an_older_scrapy_may_pass_the_spider() -> None:
    assert pipeline().process_item({"text": MENU}, object()) == {"text": ""}


@pytest.mark.parametrize(
    "settings",
    [
        {"PAYWALLSTRIP_EMPTIED": "lose"},
        {"PAYWALLSTRIP_DROP": ["adverts"]},
        {"PAYWALLSTRIP_STRICTNESS": 2},
        {"PAYWALLSTRIP_FIELD": ["text"]},
        {"PAYWALLSTRIP_MARK": "", "PAYWALLSTRIP_EMPTIED": "mark"},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_when_the_crawl_starts(settings: dict) -> None:
    with pytest.raises(ValueError, match=r"(emptied|mark|field|strictness) must|drop names"):
        pipeline(**settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYWALLSTRIP_STRICTNESS", "high"),
        ("PAYWALLSTRIP_STRICTNESS", [1]),
        ("PAYWALLSTRIP_DROP", 5),
    ],
)
def test_a_setting_that_scrapy_cannot_read_is_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must"):
        pipeline(**{name: value})


def test_a_missing_model_is_refused_when_the_crawl_starts() -> None:
    with pytest.raises(ModelNotFoundError, match="nowhere is no model folder"):
        pipeline(PAYWALLSTRIP_MODEL="nowhere")


def test_the_mark_may_not_replace_the_text() -> None:
    with pytest.raises(ValueError, match="field and mark are both 'text'"):
        pipeline(PAYWALLSTRIP_EMPTIED="mark", PAYWALLSTRIP_MARK="text")


def test_a_mark_that_is_not_set_may_have_the_name_of_the_text() -> None:
    item = {"emptied": MENU}
    assert pipeline(PAYWALLSTRIP_FIELD="emptied").process_item(item) == {"emptied": ""}


def test_the_pipeline_pickles_small() -> None:
    used = BodyPipeline()
    used.process_item({"text": MENU})
    assert len(pickle.dumps(used)) < 10_000
