"""Parquet: a record is a row. Needs `pip install pyarrow`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paywallstrip.bulk.compression import require
from paywallstrip.bulk.records import (
    CHUNK_BYTES,
    CHUNK_RECORDS,
    Chunk,
    Cleaned,
    Mark,
    Reject,
    Totals,
    reason_of,
)
from paywallstrip.bulk.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_BYTES = 64 << 20
"""Size of a row group written, before encoding."""
READ_BYTES = 1 << 20
"""What is read of a column at once; else pyarrow holds all that a row group has of it."""


def read(path: Path, start: Mark, settings: Settings) -> Iterator[Chunk]:
    """Yield some rows at a time.

    A group of rows that cannot be read is rejected, and the next one tried; all rows are if the
    text column is missing or holds no strings, or one to add is there.

    Args:
        path: a Parquet file.
        start: must be the file's start; a Parquet file cannot be added to after a kill.
        settings: how it will be cleaned.

    Returns:
        An iterator over chunks whose payload is a record batch as an Arrow stream.

    Raises:
        OSError, ValueError: if the file cannot be opened, is not Parquet, holds what pyarrow does
            not know, or has neither rows nor the columns it should have.
    """
    pa, _ = _packages()
    if start != Mark():
        raise ValueError("a Parquet file can only be read from its start")
    try:
        yield from _chunks(path, settings)
    except pa.ArrowException as error:
        # Some of them are ValueErrors, others are not.
        raise ValueError(str(error)) from error


def _chunks(path: Path, settings: Settings) -> Iterator[Chunk]:
    pa, pq = _packages()
    # What is fetched before it is asked for would be whole columns again.
    with pq.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False) as file:
        size, groups = path.stat().st_size, file.metadata.num_row_groups
        row = 0
        try:
            schema_batch(path, settings)
        except ValueError as error:
            rows = file.metadata.num_rows
            if not rows:
                raise
            yield Chunk(None, 0, Mark(0, rows), size, (Reject("row", 0, str(error), rows),))
            return
        for group in range(groups):
            about = file.metadata.row_group(group)
            each = about.total_byte_size // max(about.num_rows, 1)
            most = min(max(CHUNK_BYTES // max(each, 1), 1), CHUNK_RECORDS)
            end = row + about.num_rows
            try:
                batches = file.iter_batches(most, row_groups=[group])
                for batch in (part for whole in batches for part in _parts(whole, settings)):
                    after = row + batch.num_rows
                    consumed = size * after // max(file.metadata.num_rows, 1)
                    yield Chunk(_to_bytes(batch), row, Mark(0, after), consumed)
                    row = after
            except (OSError, pa.ArrowException) as error:
                reason = f"rows {row} to {end - 1} cannot be read: {error}"
                reject = Reject("row", row, reason, end - row)
                yield Chunk(None, row, Mark(0, end), 0, (reject,))
            row = end


def _parts(batch: "pa.RecordBatch", settings: Settings) -> "Iterator[pa.RecordBatch]":
    """Cut a batch that is much more than a chunk: where values repeat the file has each once."""
    size = max(batch.nbytes, _decoded_size(batch.column(settings.column)))
    most = -(-batch.num_rows // max(size // CHUNK_BYTES, 1))
    for first in range(0, batch.num_rows, max(most, 1)):
        yield batch.slice(first, most)


def _decoded_size(column: Any) -> int:
    """Return how many bytes the texts of a column take, those of a dictionary each by itself."""
    pa, _ = _packages()
    kind = column.type
    if not pa.types.is_dictionary(kind) or pa.types.is_null(kind.value_type):
        return int(column.nbytes)
    # Not decoded to measure it: an array holds at most 2 GB.
    compute = require("pyarrow.compute", "pyarrow")
    sizes = compute.binary_length(column.dictionary).take(column.indices)
    return compute.sum(sizes).as_py() or 0


def fields(path: Path) -> Iterator[list[str]]:
    """Yield the names of a file's columns, once.

    Args:
        path: a Parquet file.

    Returns:
        An iterator over a list of names.

    Raises:
        OSError, ValueError: if the file cannot be opened, or is not Parquet.
    """
    _, pq = _packages()
    yield pq.read_schema(path).names


def clean(chunk: Chunk, settings: Settings) -> Cleaned:
    """Clean some rows.

    Args:
        chunk: as `read` yields them.
        settings: how to clean.

    Returns:
        A record batch with the columns added, as an Arrow stream. Rejected rows are left out.
    """
    pa, _ = _packages()
    batch = pa.ipc.open_stream(chunk.payload).read_next_batch()
    column = _checked(batch, settings)
    totals = Totals()
    rejects: list[Reject] = []
    texts: list[tuple[int, str | None]] = []
    for i, text in enumerate(_values(column)):
        if isinstance(text, UnicodeDecodeError):
            reason = f"not UTF-8: {text.reason} at byte {text.start}"
            rejects.append(Reject("row", chunk.first + i, reason))
        else:
            texts.append((i, text))
    good: list[int] = []
    rows = []
    for i, found in settings.beside(texts):
        if isinstance(found, MemoryError):
            rejects.append(Reject("row", chunk.first + i, reason_of(found)))
            continue
        totals.count(found and found.outcome)
        good.append(i)
        rows.append(settings.values(found))
    if rejects:
        # Row by row: `take` does not know all types of strings.
        batch = pa.concat_batches([batch[:0], *(batch[i : i + 1] for i in good)])
    totals.reject(rejects)
    columns = zip(*rows, strict=True) if rows else [()] * len(settings.added)
    kinds = _kinds(settings, column.type)
    for name, kind, values in zip(settings.added, kinds, columns, strict=True):
        batch = batch.append_column(name, pa.array(list(values), type=kind))
    return Cleaned(_to_bytes(batch), rejects, totals)


class Writer:
    """Writes record batches to a Parquet file, compressed as another file is.

    Args:
        path: the file to write.
        like: the input.
    """

    def __init__(self, path: Path, like: Path) -> None:
        self._pa, self._pq = _packages()
        self._path = path
        self._held: list[pa.RecordBatch] = []
        self._size = 0
        self._writer: Any = None
        with self._pq.ParquetFile(like) as file:
            about = file.metadata
            some = about.num_row_groups and about.num_columns
            codec = about.row_group(0).column(0).compression if some else "SNAPPY"
        self._codec = "none" if codec == "UNCOMPRESSED" else codec.lower()

    def write(self, data: bytes) -> None:
        """Take a record batch; it is written once a row group is full."""
        batch = self._pa.ipc.open_stream(data).read_next_batch()
        self._held.append(batch)
        self._size += batch.nbytes
        if self._size >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is held, and the end of the file."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._held:
            return
        table = self._pa.Table.from_batches(self._held)
        if self._writer is None:
            self._writer = self._pq.ParquetWriter(self._path, table.schema, compression=self._codec)
        self._writer.write_table(table, row_group_size=max(len(table), 1))
        self._held, self._size = [], 0


def schema_batch(path: Path, settings: Settings) -> bytes:
    """Return what an input without rows becomes: a batch without rows, columns added.

    Args:
        path: a Parquet file.
        settings: how to clean.

    Returns:
        The batch as an Arrow stream.

    Raises:
        ValueError: if the text column is missing or holds no strings, or one to add is there.
    """
    pa, pq = _packages()
    schema = pq.read_schema(path)
    # Of nested types of extensions an empty table cannot be made, nor an array of no values.
    none = [pa.nulls(0, field.type) for field in schema]
    batch = pa.RecordBatch.from_arrays(none, schema=schema)
    data: bytes = clean(Chunk(_to_bytes(batch), 0, Mark(), 0), settings).output
    return data


def _packages() -> tuple[Any, Any]:
    """Import pyarrow and its Parquet module."""
    pq = require("pyarrow.parquet", "pyarrow")
    return require("pyarrow", "pyarrow"), pq


def _to_bytes(batch: "pa.RecordBatch") -> bytes:
    """Write a batch as an Arrow stream: pickling a slice would take the whole with it."""
    pa, _ = _packages()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _checked(batch: "pa.RecordBatch", settings: Settings) -> Any:
    """Return the text column, after checking that it and those to add fit."""
    pa, _ = _packages()
    names = batch.schema.names
    if settings.column not in names:
        raise ValueError(
            f"there is no column {settings.column!r} among {', '.join(names) or 'none'}; "
            "give --text-column"
        )
    if names.count(settings.column) > 1:
        raise ValueError(f"there are {names.count(settings.column)} columns {settings.column!r}")
    for name in settings.added:
        if name in names:
            raise ValueError(f"column {name!r} is there already; give --prefix")
    column = batch.column(settings.column)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if not any(is_kind(kind) for is_kind in _text_kinds()):
        raise ValueError(f"column {settings.column!r} must hold strings, but holds {kind}")
    return column


def _text_kinds() -> list[Any]:
    """Return what tells the types of texts; older pyarrow has not all of them."""
    types = _packages()[0].types
    names = ("is_string", "is_large_string", "is_string_view", "is_null")
    return [getattr(types, name) for name in names if hasattr(types, name)]


def _kinds(settings: Settings, kind: Any) -> list[Any]:
    """Return the types of the columns added, `kind` being that of the texts."""
    pa, _ = _packages()
    text = pa.string() if pa.types.is_null(kind) else kind
    span = {
        "start": pa.int64(),
        "end": pa.int64(),
        "label": pa.string(),
        "kept": pa.bool_(),
    }
    found = pa.list_(pa.struct(span)) if settings.label_only else text
    return [found, pa.float64(), pa.list_(text)][: len(settings.added)]


def _values(column: Any) -> list[str | UnicodeDecodeError | None]:
    """Return the texts of a column, an error in place of each that is not UTF-8."""
    try:
        values: list[str | UnicodeDecodeError | None] = column.to_pylist()
    except UnicodeDecodeError:
        values = []
        for scalar in column:
            try:
                values.append(scalar.as_py())
            except UnicodeDecodeError as error:
                values.append(error)
    return values
