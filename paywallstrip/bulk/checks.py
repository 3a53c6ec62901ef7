"""What is checked of the inputs before a run writes anything."""

from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from paywallstrip.bulk import jsonl, parquet, warc
from paywallstrip.bulk.compression import packing
from paywallstrip.bulk.inputs import Input
from paywallstrip.bulk.records import BulkError
from paywallstrip.bulk.settings import Settings
from paywallstrip.errors import ModelKindError
from paywallstrip.model_folder import HTML_KIND, TEXT_KIND

FIELDS = {"jsonl": jsonl.fields, "parquet": parquet.fields}
"""What yields the names of a record's fields, of those at the beginning of a file."""
MOST_FILES = 100
"""So many files are looked at for the text column; the first one has it, but for a mistake."""


def check_packages(inputs: list[Input]) -> None:
    """Check that what the inputs' formats need is installed.

    Args:
        inputs: the files to clean.

    Raises:
        ImportError: with the pip line.
    """
    needs = {
        "pyarrow": any(each.kind == "parquet" for each in inputs),
        "fastwarc": any(each.kind == "warc" for each in inputs),
        "zstandard": any(packing(each.path) == ".zst" for each in inputs),
    }
    missing = [name for name, needed in needs.items() if needed and find_spec(name) is None]
    # An archive can only be looked into with what it needs itself.
    readable = (each for each in inputs if each.kind != "warc" or not missing)
    if find_spec("turbohtml") is None and any(map(_holds_html, readable)):
        missing.append('"paywallstrip[html]"')
    if missing:
        raise ImportError(f"these inputs need: pip install {' '.join(missing)}")


def check_model(inputs: list[Input], settings: Settings) -> None:
    """Check that the model given can be loaded, and is of the kind that the inputs need.

    Args:
        inputs: the files to clean.
        settings: how to clean.

    Raises:
        ModelError: if it cannot be loaded or is of the other kind.
        OSError: if an archive cannot be opened.
    """
    given = settings.loaded_kind()
    if given is None:
        return
    for each in inputs:
        needed = _kind_needed(each)
        if needed is not None and needed != given:
            raise ModelKindError(
                f"{each.path} needs a model of kind {needed}, and {settings.model} is one of kind "
                f"{given}; give another --model, or none"
            )


def _holds_html(each: Input) -> bool:
    """Tell whether a file holds HTML; one that cannot be read is left to the run, to reject."""
    try:
        return _kind_needed(each) == HTML_KIND
    except OSError:
        return False


def _kind_needed(each: Input) -> str | None:
    """Return the kind of model that a file needs; None where no record can be read."""
    if each.kind == "warc":
        return warc.kind_needed(each.path)
    return HTML_KIND if each.kind == "html" else TEXT_KIND


def check_column(inputs: list[Input], settings: Settings) -> None:
    """Check that a record has the text column, of those at the beginning of the first files.

    Args:
        inputs: the files to clean; files without such columns, and those that cannot be read,
            say nothing.
        settings: how to clean.

    Raises:
        BulkError: if there are records, and none has it.
    """
    other: tuple[Path, list[str]] | None = None
    for each in islice((each for each in inputs if each.kind in FIELDS), MOST_FILES):
        try:
            for names in FIELDS[each.kind](each.path):
                if settings.column in names:
                    return
                other = other or (each.path, names)
        except (OSError, ValueError):
            # The run rejects it.
            continue
    if other is not None:
        path, names = other
        raise BulkError(
            f"{path}: there is no column {settings.column!r} among {', '.join(names) or 'none'}; "
            "give the column or field with the text by --text-column"
        )
