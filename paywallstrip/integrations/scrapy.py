"""Scrapy: an item pipeline that leaves the body in an item's text field.

ITEM_PIPELINES = {"paywallstrip.integrations.scrapy.BodyPipeline": 300}
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing

try:
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem
except ModuleNotFoundError as error:
    raise missing(error, "scrapy") from error

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

EMPTIED = ("keep", "drop", "mark")


class BodyPipeline:
    """Cleans one field of every item that passes; reads these settings of Scrapy's.

    | setting | what it is | unless given |
    |---|---|---|
    | `PAYWALLSTRIP_FIELD` | the field with the text | `"text"` |
    | `PAYWALLSTRIP_EMPTIED` | what becomes of an item without a body: `"keep"` it with an empty text, `"drop"` it, or `"mark"` it | `"keep"` |
    | `PAYWALLSTRIP_MARK` | the field that says so, True or False, of every item, with `"mark"` | `"emptied"` |
    | `PAYWALLSTRIP_DROP` | the labels whose lines are not part of the body | all but `content` |
    | `PAYWALLSTRIP_STRICTNESS` | 0 (keep when in doubt) to 1 (drop when in doubt) | 0.5 |
    | `PAYWALLSTRIP_MODEL` | a model folder | the shipped model |

    An item whose field is missing, None or blank passes as it is. Scrapy's stats count
    items (`paywallstrip/cleaned`, `paywallstrip/emptied`) and lines by label
    (`paywallstrip/lines/navigation`).

    Args:
        field: as in the table.
        emptied: as in the table.
        mark: as in the table.
        settings: how to clean.
        stats: where to count; None for nowhere.

    Raises:
        ValueError: if `emptied` is none of the three, `field` or `mark` is no name, or both
            are the same with `"mark"`.
    """

    default_field: ClassVar[str] = "text"

    def __init__(
        self,
        field: str = "text",
        emptied: str = "keep",
        mark: str = "emptied",
        settings: Settings | None = None,
        stats: "StatsCollector | None" = None,
    ) -> None:
        if emptied not in EMPTIED:
            raise ValueError(f"emptied must be one of {', '.join(EMPTIED)}, got {emptied!r}")
        for argument, name in (("field", field), ("mark", mark)):
            if not (isinstance(name, str) and name):
                raise ValueError(f"{argument} must be the name of an item's field, got {name!r}")
        if emptied == "mark" and mark == field:
            raise ValueError(
                f"field and mark are both {mark!r}, so the mark would replace the text; "
                "choose another field for it"
            )
        self.field = field
        self.emptied = emptied
        self.mark = mark
        self.settings = settings or Settings()
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Make the pipeline from a crawler's settings.

        Raises:
            ValueError: if a setting has a value it cannot have.
            TypeError: if the model is neither a str nor a path.
            ModelError: if the model is missing, damaged, or no model for text.
        """
        given = crawler.settings
        # Scrapy splits a str at its commas and leaves the spaces.
        labels = _read(given.getlist, "PAYWALLSTRIP_DROP", DROP, "name labels, as a list")
        drop = [str(label).strip() for label in labels]
        strictness = _read(
            given.getfloat, "PAYWALLSTRIP_STRICTNESS", STRICTNESS, "be a number from 0 to 1"
        )
        settings = Settings(drop, strictness, given.get("PAYWALLSTRIP_MODEL"))
        # What raises with the first item raises with all of them, and each is lost.
        settings.load()
        return cls(
            given.get("PAYWALLSTRIP_FIELD", cls.default_field),
            given.get("PAYWALLSTRIP_EMPTIED", "keep"),
            given.get("PAYWALLSTRIP_MARK", "emptied"),
            settings,
            crawler.stats,
        )

    def process_item(self, item: Any, spider: object = None) -> Any:
        """Clean an item's text field in place.

        Args:
            item: any kind of item that Scrapy knows.
            spider: not used; Scrapy before 2.14 passes it.

        Returns:
            The same item.

        Raises:
            DropItem: if no line is part of the body and emptied items are to be dropped.
            TypeError: if the field holds something other than a str.
        """
        adapter = ItemAdapter(item)
        text = adapter.get(self.field)
        emptied = False
        if text is not None and not (isinstance(text, str) and not text.strip()):
            emptied = self._clean(adapter, text)
        if self.emptied == "mark":
            adapter[self.mark] = emptied
        return item

    def _clean(self, adapter: "ItemAdapter", text: Any) -> bool:
        """Clean a text, count, and tell whether nothing is left."""
        if not isinstance(text, str):
            hint = "; join its parts with line ends first" if isinstance(text, list) else ""
            raise TypeError(
                f"item field {self.field!r} must be a str, got {type(text).__name__}{hint}"
            )
        page = self.settings.classify(text)
        self._count("cleaned")
        for label, lines in page.counts.items():
            self._count(f"lines/{label}", lines)
        if not page.body:
            self._count("emptied")
            if self.emptied == "drop":
                # As it was: Scrapy hands what is dropped to `item_dropped`, and logs it.
                raise DropItem(f"no line of field {self.field!r} is part of the body")
        adapter[self.field] = page.body
        return not page.body

    def _count(self, what: str, number: int = 1) -> None:
        if self.stats is not None and number:
            self.stats.inc_value(f"paywallstrip/{what}", number)


def _read(read: "Callable[[str, Any], Any]", name: str, default: Any, asked: str) -> Any:
    """Read a setting by one of Scrapy's own readers, whose errors do not name it."""
    try:
        return read(name, default)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must {asked}: {error}") from None
