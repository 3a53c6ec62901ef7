"""dolma's tagger: span by span, and through its own commands `tag` and `mix`."""

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Page, classify

pytest.importorskip("dolma", reason="dolma is not installed")
from dolma.core.data_types import Document, Span

from paywallstrip.integrations.dolma import LineTagger

MODULE = "paywallstrip.integrations.dolma"


def spans_of(text: str, kind: str | None = None, tagger: Any = LineTagger) -> list[Span]:
    found = tagger().predict(Document(source="test", id="a", text=text)).spans
    return [span for span in found if kind is None or span.type == kind]


def test_every_line_has_a_span_that_takes_in_its_line_end() -> None:
    text = "Log in\r\n\nShare on Facebook"
    spans = [span for span in spans_of(text) if span.type != "removed"]
    assert [text[span.start : span.end] for span in spans] == ["Log in\r\n", "Share on Facebook"]


def test_type_and_score_are_label_and_probability(written: list[str]) -> None:
    spans = [span for span in spans_of(written[0]) if span.type != "removed"]
    lines = classify(written[0]).lines
    assert [(s.type, s.score) for s in spans] == [(x.label.value, x.confidence) for x in lines]


def test_offsets_count_characters_not_bytes() -> None:
    text = "Anmelden 🔑 für Abonnenten\nLog in\n"
    assert [text[span.start : span.end] for span in spans_of(text)][1] == "Log in\n"


def test_what_is_removed_leaves_the_body(records: list[str], expected: list[Page]) -> None:
    bodies = []
    for text in records:
        for span in reversed(spans_of(text, "removed")):
            text = text[: span.start] + text[span.end :]
        bodies.append(text)
    assert bodies == [page.body for page in expected]


def test_a_document_without_spans_has_the_type_to_remove_all_the_same() -> None:
    assert LineTagger().group_output(LineTagger().predict(Document("test", "a", ""))) == {
        "removed": []
    }


def test_a_subclass_has_settings_of_its_own(menu: str) -> None:
    class Lenient(LineTagger):
        drop = ("paywall",)

    assert spans_of(menu, "removed", Lenient) == []


def test_a_used_tagger_pickles_small(menu: str) -> None:
    used = LineTagger()
    used.predict(Document("test", "a", menu))
    assert len(pickle.dumps(used)) < 10_000


def dolma(folder: Path, config: dict[str, Any], command: str) -> None:
    """Run one of dolma's commands with a configuration."""
    path = folder / f"{command}.json"
    path.write_text(json.dumps(config), "utf-8")
    program = [sys.executable, "-m", "dolma.cli", "-c", str(path), command]
    subprocess.run(program, check=True, capture_output=True, timeout=240)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def tag(folder: Path, texts: list[str]) -> str:
    """Write documents, tag them by dolma's command, and return the documents' pattern."""
    rows = [{"id": str(i), "source": "test", "text": text} for i, text in enumerate(texts)]
    write(folder / "documents" / "pages.jsonl.gz", rows)
    documents = f"{folder}/documents/*.jsonl.gz"
    config = {
        "documents": [documents],
        "taggers": ["paywallstrip"],
        "tagger_modules": [MODULE],
        "experiment": "lines",
        "processes": 1,
    }
    dolma(folder, config, "tag")
    return documents


def test_attributes_have_an_underscore_for_a_hyphen(tmp_path: Path, written: list[str]) -> None:
    tag(tmp_path, written)
    (path,) = (tmp_path / "attributes" / "lines").glob("*.gz")
    lines = gzip.decompress(path.read_bytes()).splitlines()
    found = {name for line in lines for name in json.loads(line)["attributes"]}
    kinds = ("content", "paywall", "navigation", "related_links", "removed")
    assert found == {f"lines__paywallstrip__{kind}" for kind in kinds}


def test_tagged_and_mixed_by_dolma_the_bodies_are_left(
    tmp_path: Path, records: list[str], expected: list[Page]
) -> None:
    documents = tag(tmp_path, records)
    removed = {"span": "$.attributes.lines__paywallstrip__removed", "min_score": 0.5}
    stream = {
        "name": "bodies",
        "documents": [documents],
        "attributes": ["lines"],
        "span_replacement": [{**removed, "replacement": ""}],
        "output": {"path": f"{tmp_path}/out", "max_size_in_bytes": 1_000_000_000},
    }
    dolma(tmp_path, {"streams": [stream], "processes": 1}, "mix")
    (out,) = (tmp_path / "out").glob("*.gz")
    mixed = [json.loads(line) for line in gzip.decompress(out.read_bytes()).splitlines()]
    bodies = {row["id"]: row["text"] for row in mixed}
    assert bodies == {str(i): page.body for i, page in enumerate(expected)}
