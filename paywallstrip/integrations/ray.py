"""Ray Data: a callable class for `Dataset.map_batches` with Arrow tables.

Needs `pip install "ray[data]"`, on the workers too, and this package beside them.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.arrow import ArrowStep, Columns
from paywallstrip.integrations.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa


class PageCleaner:
    """Adds columns for body, kept share and labels to Arrow tables.

    Give the class to `map_batches`, so that Ray makes one of it in each of its actors:

        actors = ray.data.ActorPoolStrategy(size=2)
        dataset.map_batches(PageCleaner, batch_format="pyarrow", compute=actors)

    Args:
        column: the name of the column with the pages' texts; a null text gives nulls.
        body: the name of the column for the body, a string; None leaves it out.
        kept_share: the same for the share of the lines' characters that are kept, a
            double from 0 to 1.
        labels: the same for the labels of the non-blank lines in order, a list of
            strings.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that every worker can read; None for the shipped model.

    Raises:
        ValueError: if `drop` names an unknown label, `strictness` lies outside 0 to 1, or
            two columns have one name.

    >>> import pyarrow
    >>> PageCleaner(labels=None)(pyarrow.table({"text": ["Log in"]})).to_pylist()
    [{'text': 'Log in', 'body': '', 'kept_share': 0.0}]
    """

    def __init__(
        self,
        column: str = "text",
        *,
        body: str | None = "body",
        kept_share: str | None = "kept_share",
        labels: str | None = "labels",
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
        model: str | None = None,
    ) -> None:
        columns = Columns(column, body, kept_share, labels)
        self.step = ArrowStep(columns, Settings(drop, strictness, model))

    def __call__(self, table: "pa.Table") -> "pa.Table":
        """Return the table with the columns added.

        Args:
            table: any number of rows.

        Returns:
            The same rows in the same order.

        Raises:
            ValueError: if the text column is missing or there more than once, one to add is
                already there, or a text is not UTF-8.
            TypeError: if the text column holds something other than strings, or what is
                passed is no Arrow table.
        """
        return self.step(table)
