"""What to cut out of a text to get its body; needs no framework."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip import Label, Line
from paywallstrip.integrations.removal import removed_spans
from paywallstrip.lines import split_lines
from paywallstrip.page import assemble

CASES = json.loads((Path(__file__).parents[1] / "cases" / "body.json").read_text("utf-8"))


def lines_of(text: str, kept: list[bool]) -> list[Line]:
    """Return the lines of a text, some of them kept."""
    batch = split_lines([text])
    offsets = zip(batch.starts.tolist(), batch.ends.tolist(), kept, strict=True)
    return [Line(text[a:b], a, b, Label.CONTENT, {}, keep) for a, b, keep in offsets]


def cut(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text without its spans."""
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_without_the_spans_the_body_is_left(case: dict) -> None:
    text = case["text"]
    kept = [text[start] != "-" for start in split_lines([text]).starts]
    assert cut(text, removed_spans(text, lines_of(text, kept))) == case["body"]


TEXTS = st.text(st.sampled_from("a-\n\r \u2028"), max_size=40)


@given(TEXTS, st.randoms(use_true_random=False))
def test_whatever_is_removed_the_body_is_left(text: str, random: object) -> None:
    batch = split_lines([text])
    kept = [random.random() < 0.5 for _ in batch.starts]  # type: ignore[attr-defined]
    body = assemble(text, batch.starts, batch.ends, np.array(kept, dtype=bool))
    assert cut(text, removed_spans(text, lines_of(text, kept))) == body


@given(TEXTS, st.randoms(use_true_random=False))
def test_spans_are_in_order_apart_and_not_empty(text: str, random: object) -> None:
    kept = [random.random() < 0.5 for _ in split_lines([text]).starts]  # type: ignore[attr-defined]
    edges = [edge for span in removed_spans(text, lines_of(text, kept)) for edge in span]
    assert all(a < b for a, b in pairwise(edges))
