"""Label Studio: tasks to import there, and its exports JSON and JSON-MIN."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.training.datafile import dump_json
from paywallstrip.training.exchange.spans import (
    Span,
    given_fields,
    in_characters,
    inked_spans,
    label_lines,
    page_fields,
    page_name,
)
from paywallstrip.training.files import open_read, open_write
from paywallstrip.training.records import PageRecord

PAGE_ID = "page_id"
"""The page's id in a task's data; `id` there is overwritten in the export JSON-MIN."""
_LINK = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|/data/)\S+\s*", re.IGNORECASE)
"""What a task may hold in place of its text: an address, or a path of Label Studio's."""
LABELLING = """\
<View>
  <Labels name="label" toName="text">
    <Label value="content" background="#2e7d32"/>
    <Label value="paywall" background="#c62828"/>
    <Label value="navigation" background="#1565c0"/>
    <Label value="related-links" background="#f9a825"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>
"""
"""The labelling interface to paste into the project's settings."""


def read_label_studio(
    path: str | Path, *, texts: Mapping[str, str] | None = None
) -> Iterator[PageRecord]:
    """Read an export of Label Studio, JSON or JSON-MIN.

    A task gives a page for each annotation that was not skipped, or one whose lines are all
    open if there is none. Predictions are passed over.

    Args:
        path: the file, one JSON array.
        texts: page id to text, for tasks that hold offsets but no text.

    Yields:
        The pages in the file's order.

    Raises:
        FileNotFoundError: the file does not exist.
        DataError: it is no such export, or a task cannot be used; the message names file,
            task and page, and the line if it is about one.
    """
    for number, task in enumerate(_tasks(path), start=1):
        data = task.get("data", task)
        if not isinstance(data, dict):
            raise DataError(f"{path}: task {number}: 'data' must be a JSON object")
        page_id = page_name(data.get(PAGE_ID), task.get("id"), number)
        where = f"{path}: task {task.get('id', number)}, page {page_id}"
        text = (texts or {}).get(page_id)
        if text is None:
            text = data.get("text")
            if not isinstance(text, str) or _LINK.fullmatch(text):
                what = f"only a link, {text.strip()}" if isinstance(text, str) else "no text"
                raise DataError(f"{where}: it has {what}; give the file with the text as texts")
        try:
            for spans in _annotations(task):
                yield PageRecord(
                    page_id,
                    text,
                    label_lines(text, in_characters(text, spans)),
                    **page_fields(data),
                )
        except DataError as error:
            raise DataError(f"{where}: {error}") from error


def write_label_studio(
    pages: Iterable[PageRecord], path: str | Path, *, classifier: Classifier | None = None
) -> None:
    """Write tasks for Label Studio to import.

    Labels become an annotation. With a classifier each task also has its labels as a
    prediction, which annotators start from; its score is the mean of the lines' confidence,
    so that a project sorted by it shows the least certain pages first.

    Args:
        pages: the pages.
        path: the file, replaced if it exists.
        classifier: gives the predictions; None writes none.
    """
    with open_write(path) as file:
        separator = "[\n"
        for page in pages:
            file.write(separator + dump_json(label_studio_task(page, classifier)))
            separator = ",\n"
        file.write("\n]\n" if separator == ",\n" else "[]\n")


def label_studio_task(page: PageRecord, classifier: Classifier | None = None) -> dict[str, Any]:
    """Make one task, see `write_label_studio`.

    Args:
        page: the page.
        classifier: gives the prediction; None for none.

    Returns:
        The task as Label Studio imports it.
    """
    data = {"text": page.text, PAGE_ID: page.id, **given_fields(page)}
    task: dict[str, Any] = {"data": data}
    regions = [_region(number, span) for number, span in inked_spans(page)]
    if regions:
        task["annotations"] = [{"result": regions}]
    if classifier is not None:
        task["predictions"] = [_prediction(page.text, classifier)]
    return task


def _region(number: int, span: Span, **more: Any) -> dict[str, Any]:
    region = {
        "id": f"line-{number}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": span.text,
            "labels": [span.label],
        },
        **more,
    }
    # The note of a region: shown there, and kept in its exports.
    return region | ({"meta": {"text": [span.by]}} if span.by else {})


def _prediction(text: str, classifier: Classifier) -> dict[str, Any]:
    lines = classifier.classify(text).lines
    regions = []
    for number, line in enumerate(lines, start=1):
        inked = line.text.strip()
        start = line.start + line.text.index(inked)
        span = Span(start, start + len(inked), line.label.value, text=inked)
        regions.append(_region(number, span, score=round(line.confidence, 4)))
    mean = sum(line.confidence for line in lines) / max(len(lines), 1)
    name = str(classifier.model.info.get("name", "paywallstrip"))
    return {"model_version": name, "score": round(mean, 4), "result": regions}


def _tasks(path: str | Path) -> list[dict[str, Any]]:
    with open_read(path) as file:
        try:
            tasks = json.load(file)
        except UnicodeDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}: not JSON: {error}") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DataError(f"{path}: expected a JSON array of tasks, as Label Studio exports it")
    return tasks


def _annotations(task: dict[str, Any]) -> list[list[Span]]:
    """The spans of each annotation; one empty list if there is none."""
    if "data" not in task:
        return [_minimal_spans(task)]
    found = []
    for annotation in _list(task, "annotations"):
        if not annotation.get("was_cancelled"):
            by = _annotator(annotation.get("completed_by"))
            found.append(_spans(_list(annotation, "result"), by))
    return found or [[]]


def _spans(results: list[dict[str, Any]], by: str) -> list[Span]:
    regions = [each for each in results if each.get("type") == "labels"]
    _refuse_others(
        [each.get("value") for each in regions],
        [(str(each.get("type")), each.get("value")) for each in results],
    )
    # Annotators write notes, too: one is a name only in a file that no annotator has saved.
    return [_span(each.get("value"), by or _note(each)) for each in regions]


def _minimal_spans(record: dict[str, Any]) -> list[Span]:
    """The spans of JSON-MIN, where they stand under the name of the control tag."""
    by = _annotator(record.get("annotator"))
    values = [
        (name, value)
        for name, field in record.items()
        if isinstance(field, list)
        for value in field
        # The task's own data stands there, too.
        if isinstance(value, dict) and any(key.endswith("labels") for key in value)
    ]
    regions = [value for _, value in values if "labels" in value]
    _refuse_others(regions, values)
    return [_span(value, by) for value in regions]


def _refuse_others(regions: list[Any], values: list[tuple[str, Any]]) -> None:
    """Refuse regions that are not of the tag `Labels`: dropped, their lines would be open.

    What is said of a region with labels, such as a choice, stands at its place and is no
    label; nor is what is said of the whole page.
    """
    places = [_place(value) for value in regions]
    for kind, value in values:
        place = _place(value)
        if place is not None and place not in places:
            raise DataError(
                f"{json.dumps(value)[:120]} is a region of {kind!r}, not of 'labels': label with "
                "the tags Labels and Text"
            )


def _place(value: Any) -> tuple[Any, Any] | None:
    match value:
        case {"globalOffsets": {"start": start, "end": end}} | {"start": start, "end": end}:
            return start, end
    return None


def _list(record: dict[str, Any], field: str) -> list[dict[str, Any]]:
    values = record.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise DataError(f"{field!r} must be a list of JSON objects")
    return values


def _span(value: Any, by: str) -> Span:
    match value:
        # Where the text is marked up, `start` and `end` are paths into it.
        case {"labels": [str(label)], "globalOffsets": {"start": int(start), "end": int(end)}}:
            pass
        case {"labels": [str(label)], "start": int(start), "end": int(end)}:
            pass
        case _:
            raise DataError(f"{json.dumps(value)[:120]} is no span with start, end and one label")
    text = value.get("text")
    return Span(start, end, label, by, text if isinstance(text, str) else None)


def _note(region: dict[str, Any]) -> str:
    match region.get("meta"):
        case {"text": [str(note), *_]}:
            return note
    return ""


def _annotator(completed_by: Any) -> str:
    match completed_by:
        case {"email": str(email)} if email:
            return email
        case {"id": int(number)}:
            return f"annotator {number}"
        case int(number):
            return f"annotator {number}"
        case str(name):
            return name
    return ""
