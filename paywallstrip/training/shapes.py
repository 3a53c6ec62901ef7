"""The shape of a labelled page in a file: what its JSON Schema forbids, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paywallstrip.labels import LABELS

LABEL_NAMES = tuple(label.value for label in LABELS)
OPTIONAL = ("url", "domain", "language", "rules")
_REQUIRED = ("id", "text", "lines")
_LINE_REQUIRED = ("start", "end", "label")
_LINE_OPTIONAL = ("by",)


def parse_json(content: str) -> Any:
    """Read one value of JSON.

    Args:
        content: the JSON, decoded with `surrogateescape`.

    Returns:
        The value.

    Raises:
        ValueError: it is no UTF-8 or no JSON, or an object has a field twice; the message says
            which.
    """
    try:
        content.encode()
    except UnicodeEncodeError as error:
        # A byte that was no UTF-8 is half a surrogate pair now.
        byte = ord(content[error.start]) & 0xFF
        raise ValueError(f"not UTF-8: byte 0x{byte:02x}") from error
    try:
        return json.loads(content, object_pairs_hook=_object)
    except _TwiceError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error


class _TwiceError(ValueError):
    """An object has a field twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its fields; Python would keep the last of two, other readers the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _TwiceError(f"field {twice!r} stands there twice in one object: which one counts?")
    return found


def record_faults(record: Any) -> Iterator[tuple[int | None, str]]:
    """Find what is wrong with the shape of a page.

    Args:
        record: what JSON gave.

    Yields:
        The line of the page that a fault is about, from 1, None for the whole page; and what
        was found and expected.
    """
    if not isinstance(record, dict):
        hint = "; a file has one page a line" if isinstance(record, list) else ""
        yield None, f"expected a JSON object, found {kind_of(record)}{hint}"
        return
    yield from ((None, message) for message in _field_faults(record, _REQUIRED, OPTIONAL))
    yield from ((None, message) for message in string_faults(record))
    lines = record.get("lines", [])
    if not isinstance(lines, list):
        yield None, f"'lines' must be a list, found {kind_of(lines)}"
        return
    for number, line in enumerate(lines, start=1):
        for message in _line_faults(line):
            yield number, message


def string_faults(record: Mapping[str, Any]) -> Iterator[str]:
    """Find what is wrong with the fields of a page that are strings.

    Args:
        record: the page; fields may be missing.

    Yields:
        What was found and expected.
    """
    for field in ("id", "text", *OPTIONAL):
        if not isinstance(record.get(field, ""), str):
            yield f"{field!r} must be a string, found {kind_of(record[field])}"
    if record.get("id") == "":
        yield "'id' is empty"


def giver_faults(by: Any) -> Iterator[str]:
    """Find what is wrong with the name of who labelled a line.

    Args:
        by: what stands there.

    Yields:
        What was found and expected.
    """
    if not isinstance(by, str):
        yield f"'by' must be a string, found {kind_of(by)}"


def label_faults(label: Any) -> Iterator[str]:
    """Find what is wrong with a label.

    Args:
        label: what stands there.

    Yields:
        What was found and expected.
    """
    if label is not None and (not isinstance(label, str) or label not in LABEL_NAMES):
        yield f"label {label!r} is none of {', '.join(LABEL_NAMES)}, nor null for an open line"


def is_one_line(text: str) -> bool:
    """Tell whether a text is one non-blank line, as the library splits texts.

    Args:
        text: the text, without a line end.
    """
    return bool(text.strip()) and "\n" not in text and "\r" not in text


def kind_of(value: Any) -> str:
    """Name the kind of a value of JSON, with its article.

    Args:
        value: what JSON gave.
    """
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _line_faults(line: Any) -> Iterator[str]:
    if not isinstance(line, dict):
        yield f"expected a JSON object, found {kind_of(line)}"
        return
    yield from _field_faults(line, _LINE_REQUIRED, _LINE_OPTIONAL)
    for field in ("start", "end"):
        value = line.get(field, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"{field!r} must be a whole number from 0, found {value!r}"
    yield from giver_faults(line.get("by", ""))
    yield from label_faults(line.get("label"))


def _field_faults(
    record: dict[str, Any], required: Sequence[str], optional: Sequence[str]
) -> Iterator[str]:
    for field in required:
        if field not in record:
            yield f"field {field!r} is missing"
    for field in record:
        if field not in required and field not in optional:
            yield f"field {field!r} is unknown: known are {', '.join((*required, *optional))}"
