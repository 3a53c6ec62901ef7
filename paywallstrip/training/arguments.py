"""What is passed to `train`, `adapt` and `LineClassifier`, checked before anything is done."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from paywallstrip.decisions import whole_number
from paywallstrip.training.own_pages import LabelledText
from paywallstrip.training.records import PageRecord

if TYPE_CHECKING:
    from paywallstrip.training.fit import Settings

_LEAST = {"folds": 2, "iterations": 1}
"""The settings that are whole numbers."""


def check_positive(value: Any, name: str, *, or_zero: bool = False) -> None:
    """Check a strength or a scale.

    Args:
        value: what was given.
        name: the argument's.
        or_zero: whether it may be 0, too.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number of some hundred digits
        number = math.inf
    # Turned round it would let NaN pass.
    if not (number >= 0 if or_zero else number > 0) or number == math.inf:
        least = "0 or above 0" if or_zero else "above 0"
        raise ValueError(f"{name} must be {least} and finite, got {value!r}")


def check_count(value: Any, name: str, least: int) -> None:
    """Check a number of processes, folds or steps.

    Args:
        value: what was given.
        name: the argument's.
        least: the lowest it may be.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is less than that.
    """
    if whole_number(value, f"{name} must be a whole number from {least}") < least:
        raise ValueError(f"{name} must be {least} or more, got {value!r}")


def check_settings(settings: Settings) -> None:
    """Check the numbers that a model is trained with.

    Args:
        settings: what was given.

    Raises:
        TypeError: it is no `Settings`, or one of its numbers is none.
        ValueError: one of them is out of range.
    """
    from paywallstrip.training.fit import Settings

    check_kind(settings, Settings, "settings")
    for name, value in vars(settings).items():
        if name in _LEAST:
            check_count(value, f"settings: {name}", _LEAST[name])
        else:
            # Columns of scale 0 are switched off.
            check_positive(value, f"settings: {name}", or_zero=name.endswith("_scale"))


def check_kind(value: Any, kind: type, name: str) -> None:
    """Check that an argument is of a class of this library.

    Args:
        value: what was given.
        kind: the class.
        name: the argument's.

    Raises:
        TypeError: it is of another one.
    """
    if not isinstance(value, kind):
        given = type(value).__name__
        raise TypeError(f"{name} must be a {kind.__name__}, got {given}; or leave it out")


def check_progress(progress: Any) -> None:
    """Check what is to be told each step.

    Args:
        progress: what was given; None tells nobody.

    Raises:
        TypeError: it cannot be called, as True cannot.
    """
    if progress is not None and not callable(progress):
        kind = type(progress).__name__
        raise TypeError(f"progress must be a function that takes a str, got {kind}; such as print")


def check_out(out: Any) -> None:
    """Check the folder that a model is to be written to.

    Args:
        out: what was given.

    Raises:
        TypeError: it is neither a str nor a path.
        ValueError: it is empty, which would be the working directory.
    """
    if not isinstance(out, (str, PathLike)):
        raise TypeError(f"out must be a str or a Path, got {type(out).__name__}")
    if not fspath(out):
        raise ValueError("out is an empty path; give '.' for the current folder")


def list_pages(pages: Any) -> list[LabelledText]:
    """List pages, which may come from an iterator.

    Args:
        pages: what was given.

    Returns:
        What it holds; `own_checks.check_pages` looks into it.

    Raises:
        TypeError: it is a path, a single page or otherwise not iterable.
    """
    asked = f"pages must be an iterable of LabelledText, got {type(pages).__name__}"
    if isinstance(pages, (str, PathLike)):
        raise TypeError(
            f"{asked}; of a file: map(from_record, paywallstrip.training.datafile.read_pages(path))"
        )
    if isinstance(pages, (LabelledText, PageRecord)):
        raise TypeError(f"{asked}; pass a list, even of one")
    if not isinstance(pages, Iterable):
        raise TypeError(asked)
    return list(pages)
