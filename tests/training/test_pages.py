"""Assembling the training pages, on invented corpora and views."""

import json
import logging
import lzma
from collections import Counter
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training import further, pages
from paywallstrip.training.blocks import Block
from paywallstrip.training.converters import CONVERTERS, DUMPS, LEFTOVERS, Converter
from paywallstrip.training.corpus import is_final
from paywallstrip.training.excerpts import MOST_OF_A_SHORT_PAGE
from paywallstrip.training.further import line_hash
from paywallstrip.training.pages import assemble_pages
from paywallstrip.training.versions import TrainingPage
from tests.tiny import pack

BODY = [f"The ferry made trip {i} to the island on Sunday." for i in range(9)]
LINES = ["Home", "News", *BODY, "Imprint"]
LABELS = ["navigation"] * 2 + ["content"] * 9 + ["navigation"]
HTML = '<html lang="en">\n'
NAMES = [f"{number}.example" for number in range(60)]
TRAINING = [name for name in NAMES if not is_final(name)][:20]
FINAL = next(name for name in NAMES if is_final(name))
FURTHER_ID = "invented:further"
BLOCKS = (
    Block("en-1", "en", "gate", "ferry", "tail", ("Buy now",), ("paywall",)),
    Block("de-1", "de", "menu", "pier", "menu", ("Jetzt kaufen",), ("paywall",)),
)


def view_lines(name: str) -> list[str]:
    """The lines that the converter of this name gives of the invented page."""
    return [f"Made by {name}.", *(LINES if name in DUMPS else BODY)]


def stand_in(name: str, html: str) -> str:
    """A converter that reads a page of two lines more than its own one gives."""
    own = html.replace(HTML, "")
    return own if name == "html-text" else "\n".join([f"Made by {name}.", own])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with corpus/, views/ and further.jsonl."""
    page: dict[str, Any] = {
        "source": "",
        "converter": "html-text 0.7.1",
        "lines": LINES,
        "labels": LABELS,
    }
    page["html"] = HTML + "\n".join(LINES)
    sites = [*TRAINING, FINAL]
    labelled = [page | {"id": f"invented:{site}", "domain": site} for site in sites]
    pack(tmp_path / "corpus/labelled.jsonl.xz", labelled)
    body = {"source": "", "page_type": "article", "html": page["html"]}
    pack(tmp_path / "corpus/bodies.jsonl.xz", [body | {"id": FURTHER_ID, "domain": TRAINING[0]}])
    views: list[dict[str, Any]] = [
        {"id": record["id"], "view": name, "lines": view_lines(name)}
        for record in labelled
        for name in CONVERTERS
    ]
    labels: dict[bool, list[str | None]] = {True: [None, *LABELS], False: [None] + ["content"] * 9}
    for view in views:
        view["labels"] = labels[view["view"] in DUMPS]
    pack(tmp_path / "views/labelled.jsonl.xz", views)
    bare = [{"id": FURTHER_ID, "view": name, "lines": view_lines(name)} for name in CONVERTERS]
    pack(tmp_path / "views/bodies.jsonl.xz", bare)
    kept: dict[str, Any] = {"id": FURTHER_ID, "domain": TRAINING[0], "converter": "html-text 0.7.1"}
    kept |= {"rules": "0" * 12, "labelled_by": "reading"}
    runs = [["navigation", 2], ["content", 9], ["navigation", 1]]
    kept |= {"hashes": [line_hash(line) for line in LINES], "labels": runs}
    (tmp_path / "further.jsonl").write_text(json.dumps(kept) + "\n")
    return tmp_path


@pytest.fixture(autouse=True)
def converters(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, forked: None
) -> None:
    if "corpus" in request.fixturenames:
        return
    table = {
        name: Converter(name, each.kind, "numpy", partial(partial, stand_in, name))
        for name, each in CONVERTERS.items()
    }
    monkeypatch.setattr(pages, "CONVERTERS", table)
    monkeypatch.setattr(further, "CONVERTERS", table)


def assemble(folder: Path, views: bool = True, **options: Any) -> list[TrainingPage]:
    defaults: dict[str, Any] = {"part": "train", "seed": 0, "further": folder / "further.jsonl"}
    defaults |= {"blocks": BLOCKS, "progress": False}
    return assemble_pages(
        folder / "corpus", folder / "views" if views else None, **defaults | options
    )


def of_kind(assembled: list[TrainingPage], names: tuple[str, ...]) -> list[TrainingPage]:
    return [page for page in assembled if page.view.partition("+")[0] in names]


def test_every_page_comes_as_it_is(folder: Path) -> None:
    originals = of_kind(assemble(folder), ("original",))
    assert [page.lines for page in originals] == [tuple(LINES)] * 21


def test_every_page_comes_as_two_other_dumps(folder: Path) -> None:
    dumps = of_kind(assemble(folder), DUMPS)
    assert list(Counter(page.id for page in dumps).values()) == [2] * 21


def test_a_page_s_dumps_are_different_ones(folder: Path) -> None:
    dumps = of_kind(assemble(folder), DUMPS)
    assert len({(page.id, page.view.partition("+")[0]) for page in dumps}) == 42


def test_every_page_comes_as_a_few_of_its_lines(folder: Path) -> None:
    short = of_kind(assemble(folder), ("short",))
    assert list(Counter(page.id for page in short).values()) == [1] * 21


def test_no_dump_is_the_page_s_own_converter_s(folder: Path) -> None:
    assert not of_kind(assemble(folder), ("html-text",))


def test_a_further_page_that_is_no_article_comes_as_it_is_and_counts_a_quarter(
    folder: Path,
) -> None:
    body = {"id": FURTHER_ID, "domain": TRAINING[0], "source": "", "page_type": "forum"}
    pack(folder / "corpus/bodies.jsonl.xz", [body | {"html": HTML + "\n".join(LINES)}])
    versions = [page for page in assemble(folder) if page.id == FURTHER_ID]
    assert [(page.view, page.weight) for page in versions] == [("other-type", 0.25)]


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_every_page_comes_as_so_many_leftovers(folder: Path, count: int) -> None:
    assert len(of_kind(assemble(folder, leftovers=count), LEFTOVERS)) == 21 * count


def test_a_page_s_leftovers_are_different_ones(folder: Path) -> None:
    leftovers = of_kind(assemble(folder, leftovers=10), LEFTOVERS)
    assert len({(page.id, page.view.partition("+")[0]) for page in leftovers}) == 210


def test_one_of_a_page_s_dumps_holds_two_blocks(folder: Path) -> None:
    held: dict[str, list[int]] = {}
    for page in of_kind(assemble(folder), DUMPS):
        held.setdefault(page.id, []).append(page.labels.count("paywall"))
    assert set(map(tuple, map(sorted, held.values()))) == {(0, 2)}


def test_a_view_says_that_its_lines_are_wrapped(folder: Path) -> None:
    wrapped = [page for page in assemble(folder) if page.view.endswith("+wrapped")]
    assert 5 < len(wrapped) < 25


def test_some_leftovers_hold_a_block(folder: Path) -> None:
    leftovers = of_kind(assemble(folder, leftovers=10), LEFTOVERS)
    held = sum(page.labels.count("paywall") for page in leftovers)
    assert 0.1 < held / len(leftovers) < 0.4


def test_a_leftover_holds_no_menu(folder: Path) -> None:
    leftovers = of_kind(assemble(folder, leftovers=10), LEFTOVERS)
    assert not [page for page in leftovers if "Jetzt kaufen" in page.lines]


def test_most_blocks_of_a_dump_are_of_the_page_s_language(folder: Path) -> None:
    lines = Counter(line for page in of_kind(assemble(folder), DUMPS) for line in page.lines)
    assert lines["Buy now"] > lines["Jetzt kaufen"] > 0


def test_a_view_says_that_it_holds_blocks(folder: Path) -> None:
    assembled = assemble(folder)
    assert all(("paywall" in page.labels) == ("+blocks" in page.view) for page in assembled)


def test_without_blocks_none_is_set(folder: Path) -> None:
    assert not [page for page in assemble(folder, blocks=()) if "paywall" in page.labels]


def test_the_shipped_blocks_are_the_default(folder: Path) -> None:
    assembled = assemble(folder, blocks=None)
    assert len({line for page in assembled for line in page.lines}) > 100


def test_a_page_s_views_have_one_label_a_line(folder: Path) -> None:
    assert all(len(page.lines) == len(page.labels) for page in assemble(folder))


def test_a_line_whose_label_is_open_has_none(folder: Path) -> None:
    views = [page for page in assemble(folder) if not page.view.endswith("+joined")]
    labels = {
        label
        for page in views
        for line, label in zip(page.lines, page.labels, strict=True)
        if line.startswith("Made by")
    }
    assert labels == {None}


def test_nothing_weighs_more_than_the_originals(folder: Path) -> None:
    weights = {page.view == "original": page.weight for page in assemble(folder)}
    assert max(page.weight for page in assemble(folder)) == weights[True]


def test_some_leftovers_have_their_lines_put_together(folder: Path) -> None:
    leftovers = of_kind(assemble(folder), LEFTOVERS)
    joined = [page for page in leftovers if page.view.endswith("+joined")]
    assert 0 < len(joined) < len(leftovers) / 2


def test_joined_leftovers_say_the_same_in_fewer_lines(folder: Path) -> None:
    own = {(page.id, page.view.partition("+")[0]): page for page in assemble(folder, blocks=())}
    joined = [page for page in own.values() if page.view.endswith("+joined")]
    said = " ".join(view_lines("goose3"))
    assert {" ".join(page.lines).partition(".")[2] for page in joined} == {said.partition(".")[2]}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with one written page."""
    index = [{"name": "en-tail", "domain": TRAINING[0], "language": "en"}]
    (tmp_path / "index.json").write_text(json.dumps(index), "utf-8")
    (tmp_path / "en-tail.tsv").write_text("content\tOne.\n\nnavigation\tShare\n", "utf-8")
    return tmp_path


def test_written_pages_come_too(folder: Path, written: Path) -> None:
    page = assemble(folder, written=written)[-1]
    assert (page.view, page.lines, page.labels) == (
        "written",
        ("One.", "Share"),
        ("content", "navigation"),
    )


def test_a_few_lines_of_a_long_written_page_come_too(folder: Path, written: Path) -> None:
    content = "".join(f"content\tSentence {number}.\n" for number in range(MOST_OF_A_SHORT_PAGE))
    (written / "en-tail.tsv").write_text(f"{content}navigation\tShare\n", "utf-8")
    whole, short = assemble(folder, written=written)[-2:]
    assert (whole.view, short.view) == ("written", "short")
    assert set(short.lines) < set(whole.lines)


def test_a_short_written_page_comes_once(folder: Path, written: Path) -> None:
    assert [page.id for page in assemble(folder, written=written)].count("en-tail") == 1


def test_a_written_page_of_the_final_part_is_refused(folder: Path, written: Path) -> None:
    index = [{"name": "en-tail", "domain": FINAL, "language": "en"}]
    (written / "index.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(DataError, match="belongs to the final part"):
        assemble(folder, written=written)


def test_the_language_is_the_page_s(folder: Path) -> None:
    assert {page.language for page in assemble(folder)} == {"en"}


def test_the_final_part_is_not_for_training(folder: Path) -> None:
    assert FINAL not in {page.domain for page in assemble(folder)}


def test_all_pages_can_be_asked_for(folder: Path) -> None:
    assert FINAL in {page.domain for page in assemble(folder, part="all")}


def test_the_same_seed_gives_the_same_pages(folder: Path) -> None:
    assert assemble(folder) == assemble(folder)


def test_another_seed_gives_other_pages(folder: Path) -> None:
    assert assemble(folder, seed=1) != assemble(folder)


def test_a_page_does_not_depend_on_the_others(folder: Path) -> None:
    alone = [page for page in assemble(folder) if page.id == f"invented:{TRAINING[5]}"]
    with lzma.open(folder / "corpus/labelled.jsonl.xz", "rt") as file:
        records = [json.loads(line) for line in file]
    pack(folder / "corpus/labelled.jsonl.xz", records[5:6])
    assert assemble(folder, further=None) == alone


def test_further_pages_come_too(folder: Path) -> None:
    assert FURTHER_ID in {page.id for page in assemble(folder)}


def test_further_pages_can_be_left_out(folder: Path) -> None:
    assert FURTHER_ID not in {page.id for page in assemble(folder, further=None)}


def test_labels_are_carried_to_the_views_of_further_pages(folder: Path) -> None:
    versions = [page for page in assemble(folder, blocks=()) if page.id == FURTHER_ID]
    views = of_kind(versions, tuple(CONVERTERS))
    assert {page.labels[1:] for page in views} == {tuple(LABELS), ("content",) * 9}


def test_further_pages_can_come_in_their_own_lines_only(folder: Path) -> None:
    assembled = assemble(folder, further_views=False)
    views = [page.view for page in assembled if page.id == FURTHER_ID]
    assert views == ["original", "short", "original+blocks"]


def test_further_lines_that_are_missing_are_logged(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"id": FURTHER_ID, "source": "", "page_type": "article", "domain": TRAINING[0]}
    lines = "\n".join(LINES[:6])
    pack(folder / "corpus/bodies.jsonl.xz", [body | {"html": HTML + lines}])
    with caplog.at_level(logging.WARNING):
        assemble(folder)
    assert "6 of 12 labelled lines found (50.0 %), 1 pages differ" in caplog.text


def test_views_are_converted_where_none_are_given(folder: Path) -> None:
    dumps = of_kind(assemble(folder, views=False, blocks=()), DUMPS)
    made = [page.view.removesuffix("+wrapped") for page in dumps]
    assert [page.lines[0] for page in dumps] == [f"Made by {name}." for name in made]


def test_labels_are_carried_to_converted_views(folder: Path) -> None:
    dumps = of_kind(assemble(folder, views=False, blocks=()), DUMPS)
    assert {page.labels for page in dumps} == {(None, *LABELS)}


def test_two_processes_convert_the_same(folder: Path) -> None:
    assert assemble(folder, views=False, n_jobs=2) == assemble(folder, views=False)


def test_only_what_is_needed_is_converted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {
        name: Converter(name, "dump", "numpy", partial(partial, stand_in, name)) for name in DUMPS
    }
    monkeypatch.setattr(pages, "CONVERTERS", table)
    assert len(of_kind(assemble(folder, views=False, leftovers=0), DUMPS)) == 42


def test_a_view_without_a_line_is_left_out(folder: Path) -> None:
    with lzma.open(folder / "views/labelled.jsonl.xz", "rt") as file:
        records = [json.loads(line) for line in file]
    pack(
        folder / "views/labelled.jsonl.xz",
        [record | {"lines": [], "labels": []} for record in records],
    )
    assert {page.view for page in assemble(folder, further=None)} == {"original", "short"}


def test_a_missing_view_is_named(folder: Path) -> None:
    pack(folder / "views/labelled.jsonl.xz", [])
    with pytest.raises(DataError, match=r"has no view by .* of page invented:"):
        assemble(folder)


@pytest.mark.parametrize("part", ["final", ""])
def test_an_unknown_part_is_refused(folder: Path, part: str) -> None:
    with pytest.raises(ValueError, match="part must be one of train, all"):
        assemble(folder, part=part)


@pytest.mark.parametrize("count", [-1, 11])
def test_more_leftovers_than_there_are_is_refused(folder: Path, count: int) -> None:
    with pytest.raises(ValueError, match="leftovers must be 0 to 10"):
        assemble(folder, leftovers=count)


@pytest.mark.slow
def test_real_pages_come_as_they_are(corpus: Path, tmp_path: Path) -> None:
    for package in ("html_text", "inscriptis", "resiliparse"):
        pytest.importorskip(package)
    # A twentieth of them: each is converted twice.
    with lzma.open(corpus / "labelled.jsonl.xz", "rt", encoding="utf-8") as stream:
        records = [json.loads(line) for line in islice(stream, 0, None, 20)]
    pack(tmp_path / "labelled.jsonl.xz", records)
    assembled = assemble_pages(
        tmp_path, None, part="all", seed=0, leftovers=0, further=None, progress=False
    )
    assert [page.lines for page in assembled if page.view == "original"] == [
        tuple(record["lines"]) for record in records
    ]
