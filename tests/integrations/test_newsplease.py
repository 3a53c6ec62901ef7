"""news-please: its extractor and ours in one crawl, and its library."""

import configparser
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import clean
from tests.integrations.conftest import MENU
from tests.integrations.test_scrapy import crawl

newsplease = pytest.importorskip("newsplease", reason="news-please is not installed")

from paywallstrip.integrations.newsplease import ArticlePipeline  # noqa: E402

EXTRACTOR = "newsplease.pipeline.pipelines.ArticleMasterExtractor"
OURS = "paywallstrip.integrations.newsplease.ArticlePipeline"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its own configuration, with the extractor that fetches no images."""
    own = Path(newsplease.__file__).parent / "config" / "config.cfg"
    parser = configparser.RawConfigParser()
    parser.read_string(own.read_text("utf-8"))
    parser["ArticleMasterExtractor"]["extractors"] = (
        "[('newspaper_extractor_no_images', 'NewspaperExtractorNoImages'), 'readability_extractor']"
    )
    path = tmp_path_factory.mktemp("news-please") / "config.cfg"
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
    return str(path)


def texts(site: str, folder: Path, config: str, pipelines: dict[str, int]) -> list[str]:
    """Return the articles' texts of a crawl, in order of their addresses."""
    crawled = crawl(
        site,
        folder,
        ITEM_PIPELINES=pipelines,
        SPIDER_ITEM="news-please",
        NEWS_PLEASE_CONFIG=config,
        FEED_EXPORT_FIELDS=["url", "article_text"],
    )
    return [item["article_text"] for item in crawled.items]


def test_articles_of_a_crawl_are_cleaned_after_they_were_extracted(
    site: str, tmp_path: Path, config: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    extracted = texts(site, tmp_path / "a", config, {EXTRACTOR: 100})
    cleaned = texts(site, tmp_path / "b", config, {EXTRACTOR: 100, OURS: 150})
    assert cleaned == [text and clean(text) for text in extracted]
    assert cleaned != extracted


def test_the_field_is_article_text() -> None:
    item: dict[str, Any] = {"article_text": MENU, "text": MENU}
    assert ArticlePipeline.from_crawler(_crawler()).process_item(item)["article_text"] == ""


def test_a_mark_that_its_items_do_not_have_is_refused_when_the_crawl_starts() -> None:
    with pytest.raises(ValueError, match="no field 'emptied'"):
        ArticlePipeline.from_crawler(_crawler(PAYWALLSTRIP_EMPTIED="mark"))


def test_a_field_that_its_items_do_not_have_is_refused_when_the_crawl_starts() -> None:
    with pytest.raises(ValueError, match="no field 'maintext'; let PAYWALLSTRIP_FIELD name"):
        ArticlePipeline.from_crawler(_crawler(PAYWALLSTRIP_FIELD="maintext"))


def test_another_field_that_its_items_have_is_cleaned() -> None:
    other = ArticlePipeline.from_crawler(_crawler(PAYWALLSTRIP_FIELD="article_description"))
    assert other.process_item({"article_description": MENU}) == {"article_description": ""}


def test_a_mark_that_its_items_have_is_set() -> None:
    marked = _crawler(PAYWALLSTRIP_EMPTIED="mark", PAYWALLSTRIP_MARK="db_id")
    item = ArticlePipeline.from_crawler(marked).process_item({"article_text": MENU})
    assert item == {"article_text": "", "db_id": True}


def _crawler(**settings: str) -> Any:
    from scrapy.utils.test import get_crawler

    return get_crawler(settings_dict=settings)
