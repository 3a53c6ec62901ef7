"""news-please: a pipeline for its crawler, between its extractor and its storages.

In its `config.cfg`, section `[Scrapy]`:

    ITEM_PIPELINES = {'newsplease.pipeline.pipelines.ArticleMasterExtractor': 100,
                      'paywallstrip.integrations.newsplease.ArticlePipeline': 150,
                      'newsplease.pipeline.pipelines.JsonFileStorage': 300}

Single articles need no adapter: `paywallstrip.clean(article.maintext)`.
"""

from typing import ClassVar

from paywallstrip.integrations.scrapy import BodyPipeline


class ArticlePipeline(BodyPipeline):
    """`BodyPipeline` on news-please's field `article_text`; its settings work here too.

    news-please's items have a fixed set of fields, so `PAYWALLSTRIP_MARK` must name one of
    them where `PAYWALLSTRIP_EMPTIED` is `"mark"`.
    """

    default_field: ClassVar[str] = "article_text"
