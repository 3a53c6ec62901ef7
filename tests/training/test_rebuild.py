"""The corpora built again from a small stand-in for the repositories."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.corpus import BodyPage, LabelledPage, read_bodies, read_labelled
from paywallstrip.training.further import FURTHER, line_hash, read_further
from paywallstrip.training.rebuild import (
    BODY_HASHES,
    LABELS,
    Rebuilt,
    body_hash,
    describe,
    main,
    read_kept_bodies,
    rebuild_labelled,
)
from tests.written import INDEX, read_page

IDS = [
    "trafilatura:trafilatura/tests/cache/{}.html",
    "readability:readability/test/test-pages/{}/source.html",
    "fundus:de/{}_2025_04_15",
    "wcxb-dev:{}",
]
FUNDUS = "fundus/tests/resources/parser/test_data/de"
WCXB = "web-content-extraction-benchmark/dev"
PLACES = ["{}", "{}", f"{FUNDUS}/{{}}.html.gz", f"{WCXB}/html/{{}}.html"]


def html_of(lines: Sequence[str]) -> str:
    return f"<html><body>{''.join(f'<p>{line}</p>' for line in lines)}</body></html>"


class StandIn:
    """Clones with four pages written for the project, and what is kept of them."""

    def __init__(self, folder: Path) -> None:
        self.clones, self.out = folder / "clones", folder / "out"
        self.labels, self.bodies = folder / "labels.jsonl", folder / "bodies.jsonl"
        self.pages: dict[str, tuple[list[str], list[str]]] = {}
        records, kept = [], []
        for form, place, entry in zip(IDS, PLACES, INDEX, strict=False):
            written = read_page(entry["name"])
            lines = [" ".join(line.split()) for line in written.text.split("\n") if line.strip()]
            labels = [label.value for label in written.labels]
            page_id = form.format(entry["name"])
            self.pages[page_id] = lines, labels
            self.put(place.format(page_id.partition(":")[2].removeprefix("de/")), lines)
            records.append(
                {
                    "id": page_id,
                    "domain": entry["domain"],
                    "converter": "html-text 0.7.1",
                    "rules": "0123456789ab",
                    "labelled_by": "reading",
                    "hashes": [line_hash(line) for line in lines],
                    "labels": [[label, 1] for label in labels],
                }
            )
            if page_id.startswith(("fundus", "wcxb")):
                kept.append(self.body(page_id, entry["domain"]))
        for path, each in ((self.labels, records), (self.bodies, kept)):
            path.write_text("".join(json.dumps(record) + "\n" for record in each), "utf-8")

    def body(self, page_id: str, domain: str) -> dict[str, Any]:
        """Put a page's true body where its source keeps it, and give what is kept of it."""
        content = [
            line for line, label in zip(*self.pages[page_id], strict=True) if label == "content"
        ]
        name = page_id.partition(":")[2].removeprefix("de/").removesuffix("_2025_04_15")
        if page_id.startswith("fundus"):
            parts = {"summary": [], "sections": [{"headline": [], "paragraphs": content}]}
            empty = {"title": "", "body": {"summary": [], "sections": []}}
            self.put_json(
                f"{FUNDUS}/{name}.json", {"V1": empty, "V2": {"title": "T", "body": parts}}
            )
        else:
            truth = {"title": "T", "main_content": "\n\n".join(content), "with": content[:1]}
            self.put_json(f"{WCXB}/ground-truth/{name}.json", {"ground_truth": truth})
        kept = body_hash("\n".join(content))
        return {"id": page_id, "domain": domain, "page_type": "article", "body": kept}

    def put(self, name: str, lines: Sequence[str]) -> None:
        path = self.clones / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = html_of(lines).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)

    def put_json(self, name: str, record: Any) -> None:
        path = self.clones / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record), "utf-8")

    def rebuild(self) -> int:
        options = {"repositories": self.clones, "labels": self.labels, "bodies": self.bodies}
        return main(
            [f"--{name}={value}" for name, value in options.items()] + [f"--out={self.out}"]
        )

    def labelled(self) -> list[LabelledPage]:
        return list(read_labelled(self.out / "labelled.jsonl.xz"))

    def whole(self) -> list[BodyPage]:
        return list(read_bodies(self.out / "bodies.jsonl.xz"))


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    pytest.importorskip("html_text", reason="the converters are not installed")
    return StandIn(tmp_path)


def test_every_page_comes_back_with_its_lines_and_labels(stand_in: StandIn) -> None:
    stand_in.rebuild()
    back = {page.id: (list(page.lines), list(page.labels)) for page in stand_in.labelled()}
    assert back == stand_in.pages


def test_every_body_comes_back(stand_in: StandIn) -> None:
    stand_in.rebuild()
    back = {page.id: body_hash(page.body) for page in stand_in.whole()}
    assert back == {page.id: page.body for page in read_kept_bodies(stand_in.bodies)}


def test_nothing_differs_where_all_came_back(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.rebuild()
    wanted = sum(len(lines) for lines, _ in stand_in.pages.values())
    assert capsys.readouterr().out == (
        f"labelled lines: {wanted} of {wanted} hashes match (100.00%); 0 of 4 pages differ\n"
        "bodies: 2 of 2 hashes match (100.00%); 0 of 2 pages differ\n"
    )


def test_a_line_that_was_changed_is_left_out_and_its_page_is_listed(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    page_id, (lines, _) = next(iter(stand_in.pages.items()))
    stand_in.put(page_id.partition(":")[2], [*lines[:-1], "Another line."])
    stand_in.rebuild()
    count = len(lines)
    assert f"{count - 1:5d} of {count:5d}  {page_id}\n" in capsys.readouterr().out


def test_labels_stay_with_their_lines_where_a_line_was_put_in(stand_in: StandIn) -> None:
    page_id, (lines, labels) = next(iter(stand_in.pages.items()))
    stand_in.put(page_id.partition(":")[2], [lines[0], "A new line.", *lines[1:]])
    stand_in.rebuild()
    page = next(page for page in stand_in.labelled() if page.id == page_id)
    assert (list(page.lines), list(page.labels)) == (lines, labels)


def test_a_page_that_is_gone_is_listed_as_not_found(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    page_id = next(iter(stand_in.pages))
    (stand_in.clones / page_id.partition(":")[2]).unlink()
    stand_in.rebuild()
    assert f"not found      0 of {len(stand_in.pages[page_id][0]):5d}  {page_id}" in (
        capsys.readouterr().out
    )


def test_a_body_that_was_changed_is_left_out_and_listed(
    stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    page_id = next(name for name in stand_in.pages if name.startswith("wcxb"))
    truth = {"ground_truth": {"main_content": "Another body."}}
    stand_in.put_json(f"{WCXB}/ground-truth/{page_id.partition(':')[2]}.json", truth)
    stand_in.rebuild()
    assert f"    0 of     1  {page_id}\n" in capsys.readouterr().out


def test_the_encoding_that_gives_most_lines_is_taken() -> None:
    pytest.importorskip("html_text", reason="the converters are not installed")
    line = "Der Fährbetrieb beginnt wieder."
    texts = [html_of([line.encode().decode("windows-1252")]), html_of([line])]
    labels = read_further(FURTHER)[0]
    one = type(labels)("a:1", "d", "html-text 0.7.1", "", "", (line_hash(line),), ("content",))
    [page] = rebuild_labelled([one], lambda _: texts, [])
    assert page.lines == (line,)


def test_a_corpus_can_give_the_html(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.rebuild()
    again = tmp_path / "again"
    main(
        [
            f"--html-from={stand_in.out}",
            f"--labels={stand_in.labels}",
            f"--bodies={stand_in.bodies}",
            f"--out={again}",
        ]
    )
    assert list(read_labelled(again / "labelled.jsonl.xz")) == stand_in.labelled()


def test_a_folder_without_clones_ends_in_failure(
    stand_in: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.clones = tmp_path / "nowhere"
    assert (stand_in.rebuild(), capsys.readouterr().err[:20]) == (2, "error: " + str(tmp_path)[:13])


def test_the_worst_page_is_listed_first() -> None:
    tally = [Rebuilt("a", 4, 3), Rebuilt("b", 4, 4), Rebuilt("c", 4, 0, False)]
    assert [line.split()[-1] for line in describe("lines", tally).splitlines()[1:]] == ["c", "a"]


def test_a_damaged_file_of_bodies_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bodies.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(DataError, match=r"bodies\.jsonl:1: "):
        read_kept_bodies(path)


def test_the_labels_kept_here_are_those_of_795_pages() -> None:
    pages = read_further(LABELS)
    assert (len(pages), sum(len(page.labels) for page in pages)) == (795, 126_962)


def test_the_bodies_kept_here_are_1378() -> None:
    assert len({page.id for page in read_kept_bodies(BODY_HASHES)}) == 1378


def test_the_labels_kept_here_are_the_corpus_s(corpus: Path) -> None:
    pages = {page.id: page for page in read_labelled(corpus / "labelled.jsonl.xz")}
    kept = {page.id: page for page in read_further(LABELS)}
    assert {name: page.labels for name, page in kept.items()} == {
        name: page.labels for name, page in pages.items()
    }


@pytest.mark.slow
def test_at_least_98_percent_of_the_corpus_s_lines_come_back(corpus: Path) -> None:
    pytest.importorskip("html_text", reason="the converters are not installed")
    pytest.importorskip("resiliparse", reason="the converters are not installed")
    html = {page.id: page.html for page in read_labelled(corpus / "labelled.jsonl.xz")}
    tally: list[Rebuilt] = []
    for _ in rebuild_labelled(read_further(LABELS), lambda name: [html[name]], tally):
        pass
    assert sum(page.found for page in tally) >= 0.98 * sum(page.wanted for page in tally)
