"""Crawl a site with Scrapy, in a process of its own: its reactor runs once a process.

    python crawl.py ADDRESS SETTINGS.json STATS.json

The spider makes an item of each page that the front page links to; `SPIDER_ITEM` in the
settings says which: `text`, the paragraphs as lines, or `news-please`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class Links(scrapy.Spider):
    name = "links"

    def parse(self, response: Response) -> Any:
        yield from response.follow_all(css="a", callback=self.parse_page)

    def parse_page(self, response: Response) -> Iterator[Any]:
        if self.settings["SPIDER_ITEM"] == "news-please":
            yield news_please_item(response)
            return
        text = "\n".join(response.css("p::text").getall())
        yield {"url": response.url, "text": [text] if self.settings["SPIDER_LISTS"] else text}


def news_please_item(response: Response) -> Any:
    """Return an item as news-please's own spiders make it."""
    from newsplease.crawler.items import NewscrawlerItem

    return NewscrawlerItem(
        url=response.url,
        source_domain=b"127.0.0.1",
        html_title=b"",
        rss_title=b"",
        local_path="",
        filename="",
        download_date="2026-01-01 00:00:00",
        spider_response=response,
    )


def main() -> None:
    address, settings, stats = sys.argv[1:]
    given = json.loads(Path(settings).read_text("utf-8"))
    if given.get("SPIDER_ITEM") == "news-please":
        from newsplease.config import CrawlerConfig

        CrawlerConfig.get_instance().setup(given["NEWS_PLEASE_CONFIG"])
    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False, **given})
    crawler = process.create_crawler(Links)
    process.crawl(crawler, start_urls=[address])
    process.start()
    found = crawler.stats.get_stats()
    Path(stats).write_text(json.dumps(found, default=str), "utf-8")


if __name__ == "__main__":
    main()
