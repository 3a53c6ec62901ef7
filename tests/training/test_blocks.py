"""The written blocks, and setting one into a page."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.blocks import (
    ARTICLE,
    GATES,
    KINDS,
    PLACES,
    Block,
    read_blocks,
    set_block,
)

RECORD: dict[str, Any] = {
    "id": "en-001",
    "language": "en",
    "kind": "gate",
    "template": "ferry",
    "place": "end-of-body",
    "lines": [["paywall", "Read on for 2\u00a0€"], ["navigation", "Log in"]],
}
LINES = ["Home", "News", *(f"The ferry made trip {i}." for i in range(12)), "Imprint", "Contact"]
LABELLED: list[str | None] = [*["navigation"] * 2, *["content"] * 12, *["navigation"] * 2]
SEEDS = range(40)


def written(folder: Path, *records: Any, name: str = "en.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return folder


def block_of(place: str = "end-of-body", kind: str = "gate") -> Block:
    return Block("en-1", "en", kind, "ferry", place, ("Buy", "Log in"), ("paywall", "navigation"))


def positions(place: str, lines: list[str], labels: list[str | None]) -> set[int]:
    block = block_of(place)
    return {set_block(lines, labels, block, Random(i), cut=0)[0].index("Buy") for i in SEEDS}


@pytest.fixture(scope="module")
def blocks() -> tuple[Block, ...]:
    return read_blocks()


def test_at_least_300_blocks_are_written(blocks: tuple[Block, ...]) -> None:
    assert len(blocks) >= 300


def test_at_least_20_languages_have_blocks(blocks: tuple[Block, ...]) -> None:
    assert len({block.language for block in blocks}) >= 20


def test_at_most_5_blocks_share_a_template(blocks: tuple[Block, ...]) -> None:
    assert max(Counter(block.template for block in blocks).values()) <= 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_block_is_there(blocks: tuple[Block, ...], kind: str) -> None:
    assert kind in {block.kind for block in blocks}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_taken(blocks: tuple[Block, ...], place: str) -> None:
    assert place in {block.place for block in blocks}


def test_no_block_is_written_twice(blocks: tuple[Block, ...]) -> None:
    assert len({block.lines for block in blocks}) == len(blocks)


def test_passages_alone_claim_to_be_content(blocks: tuple[Block, ...]) -> None:
    assert {block.kind for block in blocks if "content" in block.labels} == {ARTICLE}


def test_passages_are_content_throughout(blocks: tuple[Block, ...]) -> None:
    assert {label for block in blocks if block.kind == ARTICLE for label in block.labels} == {
        "content"
    }


def test_every_label_is_there(blocks: tuple[Block, ...]) -> None:
    assert {label for block in blocks for label in block.labels} == set(LABELS)


def test_no_line_has_white_space_that_pages_do_not_have(blocks: tuple[Block, ...]) -> None:
    lines = [line for block in blocks for line in block.lines]
    assert [" ".join(line.split()) for line in lines] == lines


def test_a_block_is_read_with_its_white_space_folded(tmp_path: Path) -> None:
    [block] = read_blocks(written(tmp_path, RECORD))
    assert block.lines == ("Read on for 2 €", "Log in")


def test_a_block_is_read_with_its_labels(tmp_path: Path) -> None:
    [block] = read_blocks(written(tmp_path, RECORD))
    assert block.labels == ("paywall", "navigation")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "the id 'en-001' is taken"),
        ({"language": "fr"}, "language 'fr' in the file of 'en'"),
        ({"id": "fr-1"}, "the id 'fr-1' does not begin with 'en-'"),
        ({"kind": "advert"}, "unknown kind 'advert': one of meter, gate"),
        ({"place": "side"}, "unknown place 'side': one of menu, head"),
        ({"template": ""}, "the template has no name"),
        ({"lines": []}, "the block has no lines"),
        ({"lines": "Buy"}, "lines must be a list"),
        ({"lines": ["Buy"]}, "'Buy' is no pair of label and text"),
        ({"lines": [["paywall", " "]]}, "a line is blank"),
        ({"lines": [["paywall", "a\tb"]]}, "a tab or a line end stands in"),
        ({"lines": [["advert", "Buy"]]}, "unknown label 'advert': one of content, paywall"),
    ],
)
def test_a_wrong_block_is_refused_by_file_and_line(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    folder = written(tmp_path, RECORD, RECORD | change)
    with pytest.raises(DataError, match=f"en.jsonl:2: {message}"):
        read_blocks(folder)


@pytest.mark.parametrize("field", sorted(RECORD))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != field}
    with pytest.raises(DataError, match=f":1: field '{field}' is missing"):
        read_blocks(written(tmp_path, record))


def test_a_folder_without_blocks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no blocks"):
        read_blocks(tmp_path)


@pytest.mark.parametrize("place", PLACES)
def test_the_other_lines_keep_their_order(place: str) -> None:
    for seed in SEEDS:
        lines, _ = set_block(LINES, LABELLED, block_of(place), Random(seed), cut=0)
        assert [line for line in lines if line not in ("Buy", "Log in")] == LINES


@pytest.mark.parametrize("place", PLACES)
def test_each_line_keeps_its_label(place: str) -> None:
    known = dict(zip([*LINES, "Buy", "Log in"], [*LABELLED, "paywall", "navigation"], strict=True))
    for seed in SEEDS:
        lines, labels = set_block(LINES, LABELLED, block_of(place), Random(seed))
        assert [known[line] for line in lines] == labels


@pytest.mark.parametrize("place", PLACES)
def test_a_block_stays_in_one_piece(place: str) -> None:
    for seed in SEEDS:
        lines, _ = set_block(LINES, LABELLED, block_of(place), Random(seed))
        assert lines[lines.index("Buy") + 1] == "Log in"


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_page_becomes_the_block(place: str) -> None:
    assert set_block([], [], block_of(place), Random(0))[0] == ["Buy", "Log in"]


@pytest.mark.parametrize("place", PLACES)
def test_a_page_without_content_takes_a_block(place: str) -> None:
    lines, _ = set_block(["Home"], ["navigation"], block_of(place), Random(0))
    assert sorted(lines) == ["Buy", "Home", "Log in"]


def test_unknown_labels_stay_unknown() -> None:
    _, labels = set_block(LINES, [None] * len(LINES), block_of(), Random(0))
    assert labels.count(None) == len(LINES)


def test_a_block_of_the_menu_stands_near_the_top() -> None:
    assert max(positions("menu", LINES * 5, LABELLED * 5)) < 12


def test_a_block_of_the_tail_stands_near_the_end() -> None:
    assert min(positions("tail", LINES, LABELLED)) >= len(LINES) - 4


def test_a_block_of_the_middle_follows_a_line_of_the_body() -> None:
    assert positions("middle", LINES, LABELLED) <= set(range(3, 15))


def test_a_block_at_the_end_of_the_body_follows_its_last_line() -> None:
    assert positions("end-of-body", LINES, LABELLED) == {14}


def cut_at(kind: str, count: int = 12) -> list[list[str]]:
    """The pages that 40 seeds make of a body of `count` lines when every gate cuts."""
    lines, labels = LINES[: count + 2] + LINES[-2:], LABELLED[: count + 2] + LABELLED[-2:]
    block = block_of(kind=kind)
    return [set_block(lines, labels, block, Random(seed), cut=1)[0] for seed in SEEDS]


@pytest.mark.parametrize("kind", GATES)
def test_a_gate_can_cut_the_rest_of_the_body(kind: str) -> None:
    assert all(lines[lines.index("Log in") + 1 :] == LINES[-2:] for lines in cut_at(kind))


@pytest.mark.parametrize("kind", GATES)
def test_a_cut_leaves_two_lines_of_the_body_at_least(kind: str) -> None:
    assert min(lines.index("Buy") for lines in cut_at(kind)) == 4


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(GATES)))
def test_no_other_block_cuts_the_body(kind: str) -> None:
    assert {len(lines) for lines in cut_at(kind)} == {len(LINES) + 2}


def test_a_body_of_six_lines_is_not_cut() -> None:
    assert {len(lines) for lines in cut_at("gate", count=6)} == {12}


def test_a_label_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="16 lines, but 15 labels"):
        set_block(LINES, LABELLED[1:], block_of(), Random(0))
