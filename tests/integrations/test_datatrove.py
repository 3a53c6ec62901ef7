"""datatrove's filter: in a pipeline with two workers, and document by document."""

import gzip
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Label, Page, classify

pytest.importorskip("datatrove", reason="datatrove is not installed")
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from paywallstrip.integrations.datatrove import BodyFilter


def read(folder: Path) -> list[dict[str, Any]]:
    """Read the documents of a folder, in order of their numbers."""
    rows = [
        json.loads(line)
        for path in folder.glob("*.jsonl.gz")
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    ]
    return sorted(rows, key=lambda row: int(row["id"]))


@pytest.fixture(scope="module")
def folder(records: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records through a pipeline with two workers; emptied ones are written apart."""
    folder = tmp_path_factory.mktemp("datatrove")
    (folder / "pages").mkdir()
    for part in range(2):
        rows = [{"id": str(i), "text": records[i]} for i in range(part, len(records), 2)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "pages" / f"{part}.jsonl").write_text(text, "utf-8")
    steps = [
        JsonlReader(str(folder / "pages")),
        BodyFilter(JsonlWriter(str(folder / "emptied"))),
        JsonlWriter(str(folder / "bodies")),
    ]
    executor = LocalPipelineExecutor(
        steps, tasks=2, workers=2, logging_dir=str(folder / "logs"), start_method="spawn"
    )
    executor.run()
    return folder


@pytest.fixture(scope="module")
def stats(folder: Path) -> dict[str, Any]:
    """What the pipeline counted in our step."""
    steps = json.loads((folder / "logs" / "stats.json").read_text("utf-8"))
    (ours,) = [step["stats"] for step in steps if "paywallstrip" in step["name"]]
    return ours  # type: ignore[no-any-return]


def test_bodies_are_those_of_the_library(folder: Path, expected: list[Page]) -> None:
    assert [row["text"] for row in read(folder / "bodies")] == [p.body for p in expected if p.body]


def test_emptied_documents_are_written_apart_as_they_were(
    folder: Path, records: list[str], expected: list[Page]
) -> None:
    emptied = [text for text, page in zip(records, expected, strict=True) if not page.body]
    assert [row["text"] for row in read(folder / "emptied")] == emptied


def test_no_document_is_lost(folder: Path, records: list[str]) -> None:
    assert len(read(folder / "bodies") + read(folder / "emptied")) == len(records)


def test_the_metadata_hold_the_counts(folder: Path, expected: list[Page]) -> None:
    lines = [row["metadata"]["paywallstrip"]["lines"] for row in read(folder / "bodies")]
    assert lines == [{**page.counts} for page in expected if page.body]


def _total(entry: Any) -> int:
    """Return a count; datatrove writes one that never varies as a bare number."""
    return int(entry["total"] if isinstance(entry, dict) else entry)


@pytest.mark.parametrize("label", ["content", "paywall", "navigation", "related-links"])
def test_the_stats_count_lines(stats: dict[str, Any], expected: list[Page], label: str) -> None:
    assert _total(stats[f"line-{label}"]) == sum(
        page.to_dict()["counts"][label] for page in expected
    )


def test_the_stats_count_emptied_documents(stats: dict[str, Any], expected: list[Page]) -> None:
    assert _total(stats["dropped_emptied"]) == sum(not page.body for page in expected)


def run(text: str, **settings: Any) -> tuple[Document, Any]:
    """Return a document after the filter, and what the filter answered."""
    doc = Document(text=text, id="a")
    return doc, BodyFilter(**settings).filter(doc)


def test_a_document_is_edited(written: list[str]) -> None:
    doc, kept = run(written[0])
    assert (doc.text, kept) == (classify(written[0]).body, True)


def test_an_emptied_document_is_dropped_with_a_reason(menu: str) -> None:
    assert run(menu)[1] == (False, "emptied")


def test_an_emptied_document_stays_where_told_so(menu: str) -> None:
    doc, kept = run(menu, emptied="keep")
    assert (doc.text, kept) == ("", True)


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_document_without_lines_passes(text: str) -> None:
    doc, kept = run(text)
    assert (doc.text, kept) == (text, True)


def test_label_only_leaves_the_text_alone(menu: str) -> None:
    doc, kept = run(menu, label_only=True)
    assert (doc.text, kept) == (menu, True)


def test_label_only_gives_the_spans(written: list[str]) -> None:
    doc, _ = run(written[0], label_only=True)
    assert doc.metadata["paywallstrip"]["spans"] == [
        {"start": line.start, "end": line.end, "label": line.label.value, "kept": line.kept}
        for line in classify(written[0]).lines
    ]


def counted(text: str, **settings: Any) -> set[str]:
    """Return the names of what the filter counted, but for lines by label."""
    step = BodyFilter(**settings)
    step.filter(Document(text=text, id="a"))
    return set(step.stats.stats) - {f"line-{label}" for label in Label}


def test_label_only_counts_neither_removed_lines_nor_emptied_documents(menu: str) -> None:
    assert counted(menu) - counted(menu, label_only=True) == {"line-removed", "emptied"}


def test_the_metadata_may_be_written_to_another_field(menu: str) -> None:
    doc = Document(text=menu, id="a", metadata={"paywallstrip": "mine"})
    BodyFilter(key="lines", emptied="keep").filter(doc)
    assert (doc.metadata["paywallstrip"], doc.metadata["lines"]["kept_share"]) == ("mine", 0)


def test_the_kept_share_is_in_the_metadata(menu: str) -> None:
    doc, _ = run(menu, emptied="keep")
    assert doc.metadata["paywallstrip"]["kept_share"] == 0


def test_settings_are_used(menu: str) -> None:
    assert run(menu, drop=["paywall"])[0].text == menu


@pytest.mark.parametrize(
    "settings", [{"emptied": "lose"}, {"drop": ["adverts"]}, {"key": ""}], ids=str
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"emptied must be|drop names|key must be"):
        BodyFilter(**settings)


def test_a_used_filter_pickles_small(menu: str) -> None:
    used = BodyFilter()
    used.filter(Document(text=menu, id="a"))
    assert len(pickle.dumps(used)) < 10_000
