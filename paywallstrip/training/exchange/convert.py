"""The formats by name, and conversion from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.exchange.labelstudio import read_label_studio, write_label_studio
from paywallstrip.training.exchange.prodigy import read_prodigy, write_prodigy
from paywallstrip.training.exchange.table import read_table, write_table
from paywallstrip.training.records import PageRecord

Format = Literal["native", "label-studio", "prodigy", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
PREDICTING: tuple[Format, ...] = ("label-studio", "prodigy")
"""The formats that hold a model's labels for annotators to start from."""


def read_format(
    form: Format, path: str | Path, *, texts: Mapping[str, str] | None = None
) -> Iterator[PageRecord]:
    """Read pages in one of the formats.

    Args:
        form: the format.
        path: the file.
        texts: page id to text, for exports of Label Studio that hold offsets but no text.

    Returns:
        The pages in the file's order.

    Raises:
        DataError: texts were given for another format, or the file is not of this one; the
            second is raised when the page at fault is reached.
        FileNotFoundError: the file does not exist; raised when the first page is asked for.
    """
    if texts is not None and form != "label-studio":
        raise DataError(f"texts belong to label-studio: a file in the format {form} has its own")
    match form:
        case "native":
            return read_pages(path)
        case "label-studio":
            return read_label_studio(path, texts=texts)
        case "prodigy":
            return read_prodigy(path)
        case "csv":
            return read_table(path)


def write_format(
    form: Format,
    pages: Iterable[PageRecord],
    path: str | Path,
    *,
    classifier: Classifier | None = None,
) -> None:
    """Write pages in one of the formats.

    Args:
        form: the format.
        pages: the pages.
        path: the file, replaced if it exists.
        classifier: gives labels for annotators to start from; only in `PREDICTING`.

    Raises:
        DataError: the format holds no such labels, or a page cannot be written in it.
    """
    if classifier is not None and form not in PREDICTING:
        raise DataError(
            f"the format {form} holds no predictions: they go into {' or '.join(PREDICTING)}"
        )
    match form:
        case "native":
            write_pages(pages, path)
        case "label-studio":
            write_label_studio(pages, path, classifier=classifier)
        case "prodigy":
            write_prodigy(pages, path, classifier=classifier)
        case "csv":
            write_table(pages, path)
