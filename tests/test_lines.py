"""Where lines begin and end; the cases are in cases/lines.json."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from paywallstrip import lines
from paywallstrip.characters import TABLE_SIZE, CharacterClass, table
from paywallstrip.lines import split_lines

CASES = json.loads((Path(__file__).parent / "cases" / "lines.json").read_text("utf-8"))


def spans(text: str) -> list[list[int]]:
    batch = split_lines([text])
    return [[int(a), int(b)] for a, b in zip(batch.starts, batch.ends, strict=True)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_text_is_cut_as_the_case_says(case: dict) -> None:
    assert spans(case["text"]) == case["lines"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_stands_before_in_the_batch_does_not_change_the_cut(case: dict) -> None:
    for other in ("", "x", "x\n", "x\r", "\r", "\n", " "):
        batch = split_lines([other, case["text"], other])
        part = slice(int(batch.bounds[1]), int(batch.bounds[2]))
        origin = batch.origins[1]
        found = np.stack([batch.starts[part] - origin, batch.ends[part] - origin], axis=1)
        assert found.tolist() == case["lines"]


def test_a_long_text_is_cut_piece_by_piece_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*(case["text"] for case in CASES), "Wide: \u2019\U0001f600 \r\n \n end"]
    whole = split_lines(texts)
    monkeypatch.setattr(lines, "PIECE", 3)
    assert all(np.array_equal(a, b) for a, b in zip(split_lines(texts), whole, strict=True))


def test_every_line_knows_its_text() -> None:
    assert split_lines(["a\nb", "", "\r", "c"]).pages.tolist() == [0, 0, 3]


def test_heads_and_tails_leave_white_space_out() -> None:
    batch = split_lines([" \u00a0ab \u2028\n"])
    assert (batch.heads.tolist(), batch.tails.tolist()) == ([2], [4])


def test_no_texts_have_no_lines() -> None:
    assert split_lines([]).starts.tolist() == []


def test_white_space_is_what_str_strip_takes_away() -> None:
    points = [p for p in range(TABLE_SIZE) if not chr(p).strip()]
    blank = np.flatnonzero(table().classes <= CharacterClass.LINE_END)
    assert blank.tolist() == points


def test_no_white_space_lies_beyond_the_table() -> None:
    assert all(chr(p).strip() for p in range(TABLE_SIZE, sys.maxunicode + 1))


def test_only_newline_and_carriage_return_are_line_ends() -> None:
    ends = np.flatnonzero(table().classes == CharacterClass.LINE_END)
    assert ends.tolist() == [10, 13]


def test_the_table_says_what_unicode_it_was_made_from() -> None:
    assert table().unicode.count(".") == 2
