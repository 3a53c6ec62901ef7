"""news-please: a pipeline for its crawler, between its extractor and its storages.

In its `config.cfg`, section `[Scrapy]`:

    ITEM_PIPELINES = {'newsplease.pipeline.pipelines.ArticleMasterExtractor': 100,
                      'paywallstrip.integrations.newsplease.ArticlePipeline': 150,
                      'newsplease.pipeline.pipelines.JsonFileStorage': 300}

Single articles need no adapter: `paywallstrip.clean(article.maintext)`.
"""

from typing import TYPE_CHECKING, ClassVar, Self

from paywallstrip.integrations.scrapy import BodyPipeline
from paywallstrip.integrations.settings import missing

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class ArticlePipeline(BodyPipeline):
    """`BodyPipeline` on news-please's field `article_text`; its settings work here too.

    news-please's items have a fixed set of fields, so `PAYWALLSTRIP_FIELD` must name one of
    them, and so must `PAYWALLSTRIP_MARK` where `PAYWALLSTRIP_EMPTIED` is `"mark"`.
    """

    default_field: ClassVar[str] = "article_text"

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Make the pipeline from a crawler's settings.

        Raises:
            ValueError: if a setting has a value it cannot have.
            TypeError: if the model is neither a str nor a path.
            ModelError: if the model is missing, damaged, or no model for text.
        """
        made = super().from_crawler(crawler)
        named = {"PAYWALLSTRIP_FIELD": made.field} if made.field != cls.default_field else {}
        if made.emptied == "mark":
            named["PAYWALLSTRIP_MARK"] = made.mark
        for setting, name in named.items():
            if name not in (fields := _item_fields()):
                raise ValueError(
                    f"news-please's items have no field {name!r}; "
                    f"let {setting} name one of {', '.join(fields)}"
                )
        return made


def _item_fields() -> list[str]:
    try:
        # Imported where it is asked for: with its own field and no mark Scrapy alone will do.
        from newsplease.crawler.items import NewscrawlerItem
    except ModuleNotFoundError as error:
        raise missing(error, "news-please") from error
    return sorted(NewscrawlerItem.fields)
