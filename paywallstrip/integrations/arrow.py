"""Arrow record batches and tables with a text column, given columns for what was found.

Spark and Ray pass these; anything else that speaks Arrow can use the step as it is.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from paywallstrip.integrations.settings import Settings, beside_missing, missing
from paywallstrip.labels import LABELS
from paywallstrip.outcome import Outcome

try:
    import pyarrow as pa
except ModuleNotFoundError as error:
    raise missing(error, "pyarrow") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Batch = TypeVar("Batch", pa.RecordBatch, pa.Table)


@dataclass(frozen=True)
class Columns:
    """Names of the text column and of the columns to add; None leaves one out.

    Attributes:
        text: the column with the pages' texts.
        body: gets the body, a string.
        kept_share: gets the share of the lines' characters that are kept, 0 to 1.
        labels: gets the labels of the non-blank lines in order, a list of strings.

    Raises:
        ValueError: if two have the same name, or all that could be added are None.
    """

    text: str = "text"
    body: str | None = "body"
    kept_share: str | None = "kept_share"
    labels: str | None = "labels"

    def __post_init__(self) -> None:
        if not self.added:
            raise ValueError("body, kept_share and labels are all None; name one to add")
        self._check_apart(str)

    @property
    def added(self) -> list[str]:
        """The columns to add, in order."""
        return [name for name in (self.body, self.kept_share, self.labels) if name is not None]

    def check(self, present: "Sequence[str]", same: "Callable[[str], str]" = str) -> None:
        """Check that the columns fit a table.

        Args:
            present: the names of the table's columns.
            same: returns the same of two names that mean the same column.

        Raises:
            ValueError: if the text column is missing or there more than once, or one to add is
                already there or has the name of another.
        """
        self._check_apart(same)
        self.text_among(present, same)
        found = {same(name): name for name in present}
        for name in self.added:
            if same(name) in found:
                raise ValueError(
                    f"column {found[same(name)]!r} is already there; "
                    f"choose another name than {name!r}"
                )

    def text_among(self, present: "Sequence[str]", same: "Callable[[str], str]") -> str:
        """Return the name that a table has for the column of texts.

        Args:
            present: the names of the table's columns.
            same: returns the same of two names that mean the same column; an exact name wins.

        Raises:
            ValueError: if the column is missing or there more than once.
        """
        exact = [name for name in present if name == self.text]
        texts = exact or [name for name in present if same(name) == same(self.text)]
        if len(texts) > 1:
            raise ValueError(
                f"column {self.text!r} is there {len(texts)} times ({', '.join(texts)}); "
                "leave one of them, or give them names of their own"
            )
        if not texts:
            raise ValueError(
                f"there is no column {self.text!r} among {', '.join(present)}; "
                "name the one that holds the pages' texts"
            )
        return texts[0]

    def _check_apart(self, same: "Callable[[str], str]") -> None:
        names = [same(name) for name in (self.text, *self.added)]
        twice = [name for name in self.added if names.count(same(name)) > 1]
        if twice:
            raise ValueError(f"column {twice[0]!r} is named twice; each needs a name of its own")


@dataclass(frozen=True)
class ArrowStep:
    """Adds columns to record batches and tables; pickles small.

    A null text gives nulls.

    Attributes:
        columns: which column to read, which to add.
        settings: how to clean.

    Raises:
        TypeError: if either is something else, such as the name of a column.

    >>> import pyarrow
    >>> step = ArrowStep(Columns(labels=None))
    >>> step(pyarrow.table({"text": ["Log in", None]})).to_pylist()
    [{'text': 'Log in', 'body': '', 'kept_share': 0.0}, {'text': None, 'body': None, 'kept_share': None}]
    """

    columns: Columns = field(default_factory=Columns)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        for name, kind in (("columns", Columns), ("settings", Settings)):
            given = getattr(self, name)
            if not isinstance(given, kind):
                raise TypeError(
                    f"{name} must be a {kind.__name__}, got {type(given).__name__}; "
                    "ArrowStep(Columns(text='page'), Settings(strictness=0.2)), for instance"
                )

    def __call__(self, batch: Batch) -> Batch:
        """Return a batch or table with the columns added.

        Args:
            batch: any number of rows.

        Returns:
            The same rows in the same order.

        Raises:
            ValueError: if the text column is missing or there more than once, one to add is
                already there, or a text is not UTF-8.
            TypeError: if the text column holds something other than strings, or `batch` is
                neither a batch nor a table.
        """
        if not isinstance(batch, (pa.RecordBatch, pa.Table)):
            raise TypeError(
                f"batch must be an Arrow record batch or table, got {type(batch).__name__}; "
                "Ray's map_batches passes tables with batch_format='pyarrow'"
            )
        self.columns.check(batch.schema.names)
        column = batch.column(self.columns.text)
        kind = _checked_type(self.columns.text, column.type)
        texts = _texts(self.columns.text, column)
        rows = beside_missing(texts, self.settings.outcomes)
        for name, values in self._made(rows, kind):
            batch = batch.append_column(name, values)
        return batch

    def _made(
        self, rows: list[Outcome | None], kind: pa.DataType
    ) -> "Iterator[tuple[str, pa.Array | pa.ChunkedArray]]":
        names = self.columns
        if names.body is not None:
            yield names.body, pa.array([row and row.body for row in rows], type=kind)
        if names.kept_share is not None:
            shares = [row and row.kept_share for row in rows]
            yield names.kept_share, pa.array(shares, type=pa.float64())
        if names.labels is not None:
            yield names.labels, _label_lists(rows)


def _checked_type(name: str, kind: pa.DataType) -> pa.DataType:
    """Return the type of the bodies: that of the texts, if it can hold them."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if _is_one_of(value, "is_string", "is_large_string", "is_string_view"):
        return value
    # A column of nulls alone has this type where nothing declares another.
    if pa.types.is_null(kind):
        return pa.string()
    is_binary = _is_one_of(value, "is_binary", "is_large_binary", "is_binary_view")
    hint = "; decode it first" if is_binary else ""
    raise TypeError(f"column {name!r} must hold strings, got {kind}{hint}")


def _is_one_of(kind: pa.DataType, *names: str) -> bool:
    """Tell whether any of some checks holds; pyarrow before 16 has not all of them."""
    return any(hasattr(pa.types, name) and getattr(pa.types, name)(kind) for name in names)


def _texts(name: str, column: "pa.Array | pa.ChunkedArray") -> list[str | None]:
    """Return the texts of a column, which Arrow does not check where it is given bytes."""
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        row, error = next(_undecodable(column))
        raise ValueError(
            f"column {name!r}, row {row} of its batch (from 0) is not UTF-8: {error.reason} at "
            f"byte {error.start}; decode it by its own encoding, or make it null"
        ) from None


def _undecodable(
    column: "pa.Array | pa.ChunkedArray",
) -> "Iterator[tuple[int, UnicodeDecodeError]]":
    for row, value in enumerate(column):
        try:
            value.as_py()
        except UnicodeDecodeError as error:
            yield row, error


def _label_lists(rows: list[Outcome | None]) -> pa.Array:
    """Return a list of label names for each row."""
    none = np.empty(0, dtype=np.int64)
    codes = [none if row is None else row.labels for row in rows]
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in codes])]).astype(np.int32)
    values = pa.array([label.value for label in LABELS]).take(
        pa.array(np.concatenate([none, *codes]))
    )
    empty = pa.array([row is None for row in rows], type=pa.bool_())
    return pa.ListArray.from_arrays(offsets, values, mask=empty)
