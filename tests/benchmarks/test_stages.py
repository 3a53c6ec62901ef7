"""Who a moment belongs to, and how arrays are counted."""

import subprocess
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from benchmarks.passes import Counter
from benchmarks.stages import STAGES, Stopwatch, wrapped
from paywallstrip import Classifier, features

ROOT = Path(__file__).resolve().parents[2]


def test_a_moment_belongs_to_the_innermost_function() -> None:
    watch = Stopwatch(iter(map(float, count())).__next__)
    # The clock is asked when each begins and ends: 0, 1, 2, 3.
    with watch.of("outer"), watch.of("inner"):
        pass
    assert watch.seconds == {"outer": 2.0, "inner": 1.0}


def test_a_function_that_raises_gives_the_moment_back() -> None:
    watch = Stopwatch(iter(map(float, count())).__next__)
    with watch.of("outer"), pytest.raises(KeyError), watch.of("inner"):
        raise KeyError
    assert watch.seconds == {"outer": 2.0, "inner": 1.0}


def test_every_stage_is_seen_on_the_way_of_a_page() -> None:
    watch = Stopwatch()
    with wrapped(watch):
        Classifier.load().clean("Subscribe now\nA sentence of the body stands here.\n")
    assert set(watch.seconds) == set(STAGES)


def test_wrapped_functions_are_put_back() -> None:
    before = dict(vars(features))
    with wrapped(Stopwatch()):
        assert vars(features) != before
    assert vars(features) == before


def counted(program: str) -> str:
    """Run a program whose module `paywallstrip` is counted, and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_an_array_is_counted_once_however_often_it_is_seen() -> None:
    counter = Counter()
    counter.on = True
    array = np.arange(5)
    counter.new(counter.new(array))
    assert counter.entries == [5]


def test_a_view_is_not_counted() -> None:
    counter = Counter()
    counter.on = True
    counter.new(np.arange(5)[1:])
    assert counter.entries == []


def test_what_is_written_to_counts_each_time() -> None:
    counter = Counter()
    counter.on = True
    array = np.arange(5)
    counter.written(counter.written(array)[:2])
    assert counter.entries == [5, 2]


def test_counting_does_not_change_what_is_decided() -> None:
    text = "Subscribe now\nA sentence of the body stands here, and it is long enough.\n"
    program = (
        "from benchmarks.passes import Counter, install\n"
        "counter = Counter(); install(counter); counter.on = True\n"
        "import paywallstrip\n"
        f"print(paywallstrip.classify({text!r}).to_dict()['lines'])\n"
        "assert counter.entries\n"
    )
    assert counted(program) == str(Classifier.load().classify(text).to_dict()["lines"])
