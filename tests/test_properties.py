"""What holds of every text, whatever stands in it."""

import itertools
import pickle
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from paywallstrip import Label, Page
from paywallstrip.lines import split_lines
from paywallstrip.page import assemble
from tests.toy import toy

settings.register_profile(
    "project",
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

# Lone surrogates, NUL and every other code point are characters like others.
ANY = st.text(st.characters(codec=None, min_codepoint=0, max_codepoint=0x10FFFF), max_size=200)
PIECES = [
    "Share",
    "Rain fell on the harbour all night, and the boats stayed in.",
    "Also read: the ferry",
    "Premium",
    "Cancel anytime and keep reading",
    "[Home](/)",
    "* [![](/a.png)](/b 'The harbour')",
    "![](/a.png)",
    "a](b",
    "$1 a month",
    "会員",
    "港に一晩中雨が降った。",
    "شارك",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x85",
    "\x00",
    "\ud800",
    "\u0301",
    "\u200b",
    "\ufeff",
    " ",
    "\t",
    "\u00a0",
]
ENDS = ["\n", "\r\n", "\r", "\n\n", "\n \n", "\r\n\r\n", "\r\r", "\n\r"]
PAGES = st.lists(st.sampled_from(PIECES + ENDS * 3), max_size=40).map("".join)
TEXTS = st.one_of(PAGES, ANY)
DROPS = st.sets(st.sampled_from(list(Label))).map(tuple)
STRICTNESS = st.floats(0, 1)
LINE_END = re.compile("\r\n|\n|\r")


def exact(page: Page) -> list[object]:
    return [(line, tuple(line.probabilities.values())) for line in page.lines]


@given(TEXTS)
def test_offsets_point_at_the_line(text: str) -> None:
    for line in toy().classify(text).lines:
        assert text[line.start : line.end] == line.text


@given(TEXTS)
def test_the_lines_are_all_that_is_not_blank(text: str) -> None:
    expected = [line for line in LINE_END.split(text) if line.strip()]
    assert [line.text for line in toy().classify(text).lines] == expected


@given(TEXTS)
def test_a_line_stands_between_two_line_ends(text: str) -> None:
    for line in toy().classify(text).lines:
        assert text[line.start - 1 : line.start] in ("", "\n", "\r") or line.start == 0
        assert text[line.end : line.end + 1] in ("", "\n", "\r")


@given(TEXTS)
def test_lines_follow_each_other_without_overlap(text: str) -> None:
    lines = toy().classify(text).lines
    assert all(a.end < b.start for a, b in itertools.pairwise(lines))


@given(TEXTS)
def test_between_lines_there_is_only_white_space(text: str) -> None:
    lines = toy().classify(text).lines
    begins = [0, *(line.end for line in lines)]
    ends = [*(line.start for line in lines), len(text)]
    assert not any(text[a:b].strip() for a, b in zip(begins, ends, strict=True))


@given(TEXTS, DROPS, STRICTNESS)
def test_the_body_holds_the_kept_lines_in_order(
    text: str, drop: tuple[Label, ...], strictness: float
) -> None:
    page = toy().classify(text, drop=drop, strictness=strictness)
    found = [line for line in LINE_END.split(page.body) if line.strip()]
    assert found == [line.text for line in page.lines if line.kept]


def gaps(lines: list[str], kept: list[bool]) -> list[int]:
    """Count, between every two kept lines, the blank lines of the longer adjoining run."""
    runs: list[list[int]] = []
    flags = iter(kept)
    inside = False
    for line in lines:
        if not line.strip():
            if inside:
                runs[-1][-1] += 1
        elif next(flags):
            runs.append([0])
            inside = True
        elif inside:
            runs[-1].append(0)
    return [max(run[0], run[-1]) for run in runs[:-1]]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(ENDS)), max_size=6))
def test_between_two_lines_of_the_body_the_longer_run_of_blank_lines_stays(
    lines: list[tuple[bool, str]],
) -> None:
    text = "".join(f"line{end}" for _, end in lines)
    kept = [flag for flag, _ in lines]
    batch = split_lines([text])
    body = assemble(text, batch.starts, batch.ends, np.array(kept, dtype=bool))
    assert gaps(LINE_END.split(body), [True] * sum(kept)) == gaps(LINE_END.split(text), kept)


@given(TEXTS, DROPS)
def test_the_body_invents_no_character(text: str, drop: tuple[Label, ...]) -> None:
    rest = iter(text)
    assert all(character in rest for character in toy().clean(text, drop=drop))


@given(TEXTS, DROPS)
def test_the_body_ends_with_a_line_end_only_if_the_text_does(
    text: str, drop: tuple[Label, ...]
) -> None:
    body = toy().clean(text, drop=drop)
    if body:
        assert body.endswith(("\n", "\r")) == text.endswith(("\n", "\r"))


@given(TEXTS, STRICTNESS)
def test_a_text_of_which_all_is_kept_comes_back_whole(text: str, strictness: float) -> None:
    assert toy().clean(text, drop=(), strictness=strictness) == text


@given(TEXTS)
def test_kept_and_removed_lines_are_all_lines(text: str) -> None:
    page = toy().classify(text)
    assert {line for line in page.lines if line.kept} | set(page.removed) == set(page.lines)


@given(TEXTS)
def test_the_counts_add_up_to_the_lines(text: str) -> None:
    page = toy().classify(text)
    assert sum(page.counts.values()) == len(page.lines)


@given(TEXTS)
def test_probabilities_sum_to_one(text: str) -> None:
    for line in toy().classify(text).lines:
        assert sum(line.probabilities.values()) == pytest.approx(1, abs=1e-12)


@given(TEXTS)
def test_probabilities_lie_between_none_and_one(text: str) -> None:
    for line in toy().classify(text).lines:
        assert all(0 <= p <= 1 for p in line.probabilities.values())


@given(TEXTS, DROPS, STRICTNESS, STRICTNESS)
def test_a_stricter_body_keeps_no_line_more(
    text: str, drop: tuple[Label, ...], one: float, other: float
) -> None:
    mild, strict = (
        {x.start for x in toy().classify(text, drop=drop, strictness=s).lines if x.kept}
        for s in sorted((one, other))
    )
    assert strict <= mild


@given(st.lists(TEXTS, max_size=12))
def test_a_batch_gives_each_text_what_it_gets_alone_bit_for_bit(texts: list[str]) -> None:
    pages = list(toy().classify_many(texts))
    assert [exact(page) for page in pages] == [exact(toy().classify(text)) for text in texts]


@given(TEXTS, TEXTS)
def test_a_text_gets_the_same_after_any_other(text: str, other: str) -> None:
    first = exact(toy().classify(text))
    toy().classify(other)
    assert exact(toy().classify(text)) == first


@given(TEXTS, DROPS)
def test_clean_and_classify_agree(text: str, drop: tuple[Label, ...]) -> None:
    assert toy().clean(text, drop=drop) == toy().classify(text, drop=drop).body


@given(TEXTS)
def test_a_page_survives_pickling(text: str) -> None:
    page = toy().classify(text)
    assert pickle.loads(pickle.dumps(page)) == page


@given(TEXTS)
def test_a_byte_order_mark_changes_no_label(text: str) -> None:
    first = re.split(r"[\r\n]", text)[0]
    # A mark that is all a line holds makes a line of it.
    assume(first.strip() and not first.startswith("\ufeff"))
    plain, marked = toy().classify(text), toy().classify(f"\ufeff{text}")
    assert [line.probabilities for line in marked.lines] == [
        line.probabilities for line in plain.lines
    ]
