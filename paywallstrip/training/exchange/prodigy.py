"""Prodigy: its JSON Lines, as `db-out` writes and the span recipes read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.training.datafile import dump_json
from paywallstrip.training.exchange.spans import (
    Span,
    given_fields,
    inked_spans,
    label_lines,
    page_fields,
    page_name,
)
from paywallstrip.training.files import open_read, open_write
from paywallstrip.training.records import PageRecord, make_page

ACCEPT = "accept"
_ANSWERS = (ACCEPT, "reject", "ignore")


def read_prodigy(path: str | Path) -> Iterator[PageRecord]:
    """Read what Prodigy wrote.

    Of a page that was rejected, ignored or not answered yet all lines are open.

    Args:
        path: a JSON Lines file, one page a line.

    Yields:
        The pages in the file's order.

    Raises:
        FileNotFoundError: the file does not exist.
        DataError: a page cannot be used; the message names file, line and page, and the line
            of the page if it is about one.
    """
    with open_read(path) as file:
        for row, content in enumerate(file, start=1):
            if content.strip():
                yield _page(f"{path}:{row}", row, content)


def write_prodigy(
    pages: Iterable[PageRecord], path: str | Path, *, classifier: Classifier | None = None
) -> None:
    """Write pages for Prodigy.

    Args:
        pages: the pages. One that has labels is an accepted answer.
        path: the file, replaced if it exists.
        classifier: labels the pages that have none, for annotators to start from; None leaves
            them bare.
    """
    with open_write(path) as file:
        for page in pages:
            file.write(dump_json(prodigy_task(page, classifier)) + "\n")


def prodigy_task(page: PageRecord, classifier: Classifier | None = None) -> dict[str, Any]:
    """Make one task, see `write_prodigy`.

    Args:
        page: the page.
        classifier: labels it if it has no label; None for none.

    Returns:
        The task as Prodigy reads it.
    """
    is_labelled = any(page.labels)
    source = ""
    if classifier is not None and not is_labelled:
        labels = [line.label.value for line in classifier.classify(page.text).lines]
        source = str(classifier.model.info.get("name", "paywallstrip"))
        page = make_page(page.id, page.text, labels, **given_fields(page))
    task: dict[str, Any] = {
        "text": page.text,
        "meta": {"id": page.id, **given_fields(page)},
        "spans": [_span_of(span, source) for _, span in inked_spans(page)],
    }
    return task | ({"answer": ACCEPT} if is_labelled else {})


def _span_of(span: Span, source: str) -> dict[str, Any]:
    record = {"start": span.start, "end": span.end, "label": span.label}
    # A model's label is by whoever accepts it: `source` is Prodigy's word for where it began.
    more = {"by": span.by, "source": source}
    return record | {name: value for name, value in more.items() if value}


def _page(where: str, row: int, content: str) -> PageRecord:
    try:
        task = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON: {error}") from error
    if not isinstance(task, dict) or not isinstance(task.get("text"), str):
        raise DataError(f"{where}: expected a JSON object with a 'text'")
    if "lines" in task:
        raise DataError(f"{where}: a page in the native format, not one of Prodigy's")
    meta = task.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    page_id = page_name(meta.get("id"), task.get("_input_hash"), row)
    try:
        spans = _spans(task)
        return PageRecord(
            page_id, task["text"], label_lines(task["text"], spans), **page_fields(meta)
        )
    except DataError as error:
        raise DataError(f"{where}: page {page_id}: {error}") from error


def _spans(task: dict[str, Any]) -> list[Span]:
    answer = task.get("answer")
    # Spans without an answer are those that annotators start from, such as a model's.
    if answer is not None and answer not in _ANSWERS:
        raise DataError(f"answer {answer!r} is none of {', '.join(_ANSWERS)}")
    if answer != ACCEPT:
        return []
    by = task.get("_annotator_id") or task.get("_session_id") or ""
    spans = task.get("spans", [])
    if not isinstance(spans, list):
        raise DataError("'spans' must be a list")
    return [_span(span, str(by)) for span in spans]


def _span(span: Any, by: str) -> Span:
    match span:
        case {"start": int(start), "end": int(end), "label": str(label)}:
            return Span(start, end, label, str(span.get("by") or by))
    raise DataError(f"{json.dumps(span)[:120]} is no span with start, end and label")
