"""The written blocks, and how one is set into a page.

Paywall lines are rare and speak many languages. The blocks (`data/blocks/*.jsonl`, one file a
language) are offers, gates, appeals, related cards and their look-alikes, written for the
purpose; training sets them into real pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS, Label

BLOCK_DIRECTORY = Path(__file__).parents[1] / "data" / "blocks"

ARTICLE = "article"
"""The kind of a block that is a passage of a body: all of it content."""

KINDS = (
    "meter",
    "gate",
    "registration",
    "offer",
    "donation",
    "support",
    "membership",
    "adblock",
    "badge",
    "menu",
    "related",
    "also-read",
    "prev-next",
    "recommendation",
    "disclaimer",
    "biography",
    "comments",
    "newsletter",
    ARTICLE,
)
RUNNING_FURNITURE = ("biography", "comments", "disclaimer")
"""Kinds of running text that is no part of the body, though it reads like one."""
PLACES = ("menu", "head", "middle", "end-of-body", "tail")
GATES = ("meter", "gate", "registration", "offer", "membership")
"""Kinds that may stand where a body breaks off."""

CUT = 0.4
"""Share of the gates at a body's end that cut the rest of it."""
_CUT_FROM = 7  # lines of content that a body needs to be cut
_MENU_LINES = 12  # a block of the menu begins within so many lines
_HEAD_LINES = 25
_TAIL_SHARE = 4  # the tail is the last quarter of the lines,
_TAIL_LINES = 3  # or so many of a very short page

_FIELDS = ("id", "language", "kind", "template", "place", "lines")


@dataclass(frozen=True, slots=True)
class Block:
    """A written block of lines.

    Attributes:
        id: the language, a hyphen, a number.
        language: two letters.
        kind: one of `KINDS`.
        template: name of the skeleton that it shares with at most a few others.
        place: where it would stand in a page, one of `PLACES`.
        lines: its lines, white space folded as in all pages one trains on.
        labels: one label a line.
    """

    id: str
    language: str
    kind: str
    template: str
    place: str
    lines: tuple[str, ...]
    labels: tuple[str, ...]


def read_blocks(folder: str | Path = BLOCK_DIRECTORY) -> tuple[Block, ...]:
    """Read all written blocks.

    Args:
        folder: where the files lie, one a language, named after it.

    Returns:
        The blocks, file by file in the order of the names.

    Raises:
        DataError: there are no files, or a block is not as it should be; the message names
            file and line.
    """
    blocks: dict[str, Block] = {}
    for path in sorted(Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, text in enumerate(file, start=1):
                try:
                    block = _parsed(json.loads(text))
                    _check(block, path.stem)
                    if block.id in blocks:
                        raise ValueError(f"the id {block.id!r} is taken")
                except ValueError as error:  # JSON's own errors are of this kind too
                    raise DataError(f"{path}:{number}: {error}") from error
                blocks[block.id] = block
    if not blocks:
        raise DataError(f"{folder} holds no blocks (*.jsonl)")
    return tuple(blocks.values())


def _parsed(record: Any) -> Block:
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    for field in _FIELDS:
        if field not in record:
            raise ValueError(f"field {field!r} is missing")
    if not isinstance(record["lines"], list):
        raise ValueError("lines must be a list")
    lines, labels = [], []
    for pair in record["lines"]:
        match pair:
            case [str(label), str(text)]:
                labels.append(label)
                lines.append(_folded(text))
            case _:
                raise ValueError(f"{pair!r} is no pair of label and text")
    fields = {field: str(record[field]) for field in _FIELDS[:-1]}
    return Block(**fields, lines=tuple(lines), labels=tuple(labels))


def _folded(text: str) -> str:
    if not text.strip():
        raise ValueError("a line is blank")
    if any(character in text for character in "\n\r\t"):
        raise ValueError(f"a tab or a line end stands in {text!r}")
    # Converted pages have no other white space than single spaces: a no-break space kept
    # here would tell the blocks from the pages.
    return " ".join(text.split())


def _check(block: Block, language: str) -> None:
    if block.language != language:
        raise ValueError(f"language {block.language!r} in the file of {language!r}")
    if not block.id.startswith(f"{language}-"):
        raise ValueError(f"the id {block.id!r} does not begin with '{language}-'")
    if block.kind not in KINDS:
        raise ValueError(f"unknown kind {block.kind!r}: one of {', '.join(KINDS)}")
    if block.place not in PLACES:
        raise ValueError(f"unknown place {block.place!r}: one of {', '.join(PLACES)}")
    if not block.template:
        raise ValueError("the template has no name")
    if not block.lines:
        raise ValueError("the block has no lines")
    for label in block.labels:
        if label not in LABELS:
            raise ValueError(f"unknown label {label!r}: one of {', '.join(LABELS)}")


def set_block(
    lines: Sequence[str],
    labels: Sequence[str | None],
    block: Block,
    rng: Random,
    *,
    cut: float = CUT,
) -> tuple[list[str], list[str | None]]:
    """Set a block into a page, where its place says.

    A gate at the end of a body sometimes takes the place of the rest of it, as on a page that
    shows its first paragraphs only.

    Args:
        lines: the page's lines.
        labels: one label a line, None where it is not known.
        block: the block.
        rng: makes the choices.
        cut: probability, 0 to 1, that a gate at the end of a body cuts it.

    Returns:
        The lines and labels with the block among them; the other lines keep their order.

    Raises:
        ValueError: there is not one label a line.
    """
    if len(lines) != len(labels):
        raise ValueError(f"{len(lines)} lines, but {len(labels)} labels")
    body = [i for i, label in enumerate(labels) if label == Label.CONTENT]
    at = _position(block.place, len(lines), body, rng)
    kept = list(range(len(lines)))
    is_gate = block.place == "end-of-body" and block.kind in GATES
    if is_gate and len(body) >= _CUT_FROM and rng.random() < cut:
        stays = rng.randrange(2, len(body) - 1)
        # The block follows the last line that stays, so what is cut lies behind it.
        at = body[stays - 1] + 1
        dropped = set(body[stays:])
        kept = [i for i in kept if i not in dropped]
    before, after = kept[:at], kept[at:]
    return (
        [lines[i] for i in before] + list(block.lines) + [lines[i] for i in after],
        [labels[i] for i in before] + list(block.labels) + [labels[i] for i in after],
    )


def _position(place: str, count: int, body: Sequence[int], rng: Random) -> int:
    """The index of the line before which a block goes."""
    if place == "menu":
        return rng.randrange(max(1, min(_MENU_LINES, count)))
    if place == "head":
        return rng.randrange(max(1, min(_HEAD_LINES, count)))
    if place == "tail" or not body:
        tail = max(_TAIL_LINES, count // _TAIL_SHARE)
        return rng.randrange(max(0, count - tail), count + 1)
    if place == "middle":
        return rng.choice(body) + 1
    return body[-1] + 1
