"""Apache Spark: `mapInArrow` over a DataFrame with a text column.

Needs `pip install pyspark pandas pyarrow`, on the workers too, and this package beside them;
`mapInArrow` itself asks for pandas.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing

try:
    from pyspark.sql.types import (
        ArrayType,
        CharType,
        DoubleType,
        NullType,
        StringType,
        StructField,
        StructType,
        VarcharType,
    )
except ModuleNotFoundError as error:
    raise missing(error, "pyspark pandas pyarrow") from error

from paywallstrip.integrations.arrow import ArrowStep, Columns

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


def clean_frame(
    frame: "DataFrame",
    column: str = "text",
    *,
    body: str | None = "body",
    kept_share: str | None = "kept_share",
    labels: str | None = "labels",
    drop: Collection[str] = DROP,
    strictness: float = STRICTNESS,
    model: str | None = None,
) -> "DataFrame":
    """Return a DataFrame with columns for body, kept share and labels added.

    Args:
        frame: a DataFrame with a column of pages' texts; a null text gives nulls.
        column: the name of that column.
        body: the name of the column for the body, a string; None leaves it out.
        kept_share: the same for the share of the lines' characters that are kept, a
            double from 0 to 1.
        labels: the same for the labels of the non-blank lines in order, an array of
            strings.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that every worker can read; None for the shipped model.

    Returns:
        The same rows, planned and not yet computed. Each Python worker loads the model
        once, and holds one Arrow batch at a time: where pages are long, lower
        `spark.sql.execution.arrow.maxRecordsPerBatch`.

    Raises:
        ValueError: if the column is missing or there more than once, one to add is already
            there, `drop` names an unknown label, or `strictness` lies outside 0 to 1. Names
            that differ in case alone are the same unless `spark.sql.caseSensitive` is set.
        TypeError: if the column holds something other than strings.
    """
    columns = _found(Columns(column, body, kept_share, labels), frame)
    step = MapInArrow(ArrowStep(columns, Settings(drop, strictness, model)))
    return frame.mapInArrow(step, step.schema(frame.schema))


def _found(columns: Columns, frame: "DataFrame") -> Columns:
    """Return the columns, checked, with the name that the frame has for the texts."""
    # Spark gives the setting back as it was written, and takes "True" as well.
    heeded = str(frame.sparkSession.conf.get("spark.sql.caseSensitive")).strip().lower()
    same = str if heeded == "true" else str.lower
    columns.check(frame.columns, same)
    columns = replace(columns, text=columns.text_among(frame.columns, same))
    kind = next(each.dataType for each in frame.schema if each.name == columns.text)
    if not isinstance(kind, (StringType, CharType, VarcharType, NullType)):
        hint = "; decode it first" if kind.typeName() == "binary" else ""
        raise TypeError(
            f"column {columns.text!r} must hold strings, got {kind.simpleString()}{hint}"
        )
    return columns


@dataclass(frozen=True)
class MapInArrow:
    """The function for `DataFrame.mapInArrow`, and the schema of what it returns.

    `clean_frame` puts both together; use this to put them into a plan of your own.

    Attributes:
        step: what to do with each batch.
    """

    step: ArrowStep = field(default_factory=ArrowStep)

    def __call__(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Yield each record batch with the columns added."""
        return map(self.step, batches)

    def schema(self, before: StructType) -> StructType:
        """Return the schema of a frame with the columns added.

        Args:
            before: the frame's schema.

        Returns:
            A new schema; all added columns may be null.
        """
        columns = self.step.columns
        kinds = {
            columns.body: StringType(),
            columns.kept_share: DoubleType(),
            columns.labels: ArrayType(StringType()),
        }
        added = [StructField(name, kinds[name]) for name in columns.added]
        return StructType([*before.fields, *added])
