"""Where this library's time goes: its stages, and how far they are from reading the bytes once.

    python -m benchmarks.stages FOLDER ROUNDS

prints JSON. The stages' functions are wrapped here, while it measures, and not in the library.
"""

from __future__ import annotations

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.inputs import Inputs
from benchmarks.machine import use_cores
from paywallstrip import Classifier

REST = "everything else"
# Stage -> where its functions are looked up when they are called, as module:name.
STAGES: Mapping[str, Sequence[str]] = {
    "lines": ("reading:split_lines",),
    "words and their hashes": (
        "reading:split_tokens",
        "reading:find_words",
        "reading:pair_hashes",
        "reading:_hashed",
    ),
    "shape of lines": ("reading:measure",),
    "cues": ("reading:find_cues",),
    "topic of the page": (
        "reading:topic_keys",
        "features:read_topic",
        "features:shared_and_near",
        "features:topic_values",
    ),
    "surroundings of lines": ("features:FeatureExtractor._values",),
    "first stage": ("classifier:first_scores",),
    "second stage": ("classifier:second_scores",),
    "body": ("decisions:assemble",),
}


class Stopwatch:
    """Gives each moment to the innermost of the functions that run.

    Args:
        clock: tells the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._running: list[str] = []
        self._last = 0.0

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Give the time to a name, but for what runs inside under another one."""
        self._switch()
        self._running.append(name)
        try:
            yield
        finally:
            self._switch()
            self._running.pop()

    def _switch(self) -> None:
        now = self._clock()
        if self._running:
            name = self._running[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now


@contextmanager
def wrapped(watch: Stopwatch, stages: Mapping[str, Sequence[str]] = STAGES) -> Iterator[None]:
    """Let the stages' functions report to a stopwatch, and put them back afterwards.

    Args:
        watch: the stopwatch.
        stages: their functions, as `module:name` within the package.

    Raises:
        AttributeError: the library has no function of such a name any more: mend `STAGES`.
    """
    before = []
    for stage, places in stages.items():
        for place in places:
            owner, name = _find(place)
            before.append((owner, name, getattr(owner, name)))
            setattr(owner, name, _timed(getattr(owner, name), stage, watch))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _find(place: str) -> tuple[Any, str]:
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(f"paywallstrip.{module}")
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    return owner, name


def _timed(function: Callable[..., Any], stage: str, watch: Stopwatch) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **options: Any) -> Any:
        with watch.of(stage):
            return function(*arguments, **options)

    return timed


def measure_stages(texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Measure what each stage takes of `clean_many` on one core.

    Args:
        texts: the pages.
        rounds: how often; one more goes before.

    Returns:
        Stage to CPU seconds for all texts, the median of the rounds; what is in no stage
        under `REST`.
    """
    classifier = Classifier.load()
    found: list[dict[str, float]] = []
    for _ in range(rounds + 1):
        watch = Stopwatch()
        with wrapped(watch), watch.of(REST):
            for _ in classifier.clean_many(texts):
                pass
        found.append(watch.seconds)
    names = [*STAGES, REST]
    return {n: statistics.median(each.get(n, 0.0) for each in found[1:]) for n in names}


def measure_limits(texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Measure what no reader of these texts can do without, and the whole path beside it.

    Args:
        texts: the pages.
        rounds: how often; one more goes before.

    Returns:
        Name to CPU seconds for all texts, the median of the rounds.
    """
    classifier = Classifier.load()
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    actions: dict[str, Callable[[], object]] = {
        "each byte of the UTF-8 text read once": lambda: [
            np.frombuffer(each, np.uint8).max(initial=0) for each in data
        ],
        "the text as an array of code points": lambda: [_points(text) for text in texts],
        "the same, and one look-up for each character": lambda: [
            _CLASSES.take(_points(text), mode="clip") for text in texts
        ],
        "the whole path": lambda: list(classifier.clean_many(texts)),
    }
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds + 1):
        for name, action in actions.items():
            begin = time.process_time()
            action()
            times[name].append(time.process_time() - begin)
    return {name: statistics.median(each[1:]) for name, each in times.items()}


_CLASSES = np.zeros(1 << 16, np.uint8)


def _points(text: str) -> Any:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def main() -> None:
    """Measure and print."""
    use_cores(1)
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    texts = Inputs.read(folder).texts
    found = {
        "stages": measure_stages(texts, rounds),
        "limits": measure_limits(texts, rounds),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
