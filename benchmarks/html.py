"""Measure the HTML path against trafilatura, in turn in one process.

    python -m benchmarks.html --corpus ../shared/corpus

Every eighth labelled page, CPU milliseconds a page, medians over the rounds, and the ratios round
by round. Needs the extra [html] and trafilatura.
"""

import argparse
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

import trafilatura

from benchmarks.machine import cpu_seconds, describe_run
from paywallstrip import clean_html_many
from paywallstrip.training.corpus import read_labelled
from paywallstrip.training.views import LABELLED

EVERY = 8
ROUNDS = 5


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    pages = [page.html for page in read_labelled(parser.parse_args().corpus / LABELLED)][::EVERY]
    ways: dict[str, Callable[[], Iterable[object]]] = {
        "`clean_html_many`": lambda: clean_html_many(pages),
        "trafilatura": lambda: (trafilatura.extract(page) for page in pages),
        "trafilatura, fast": lambda: (trafilatura.extract(page, fast=True) for page in pages),
    }
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            took = cpu_seconds(way())
            if number:  # the first one imports and loads
                rounds[name].append(took / len(pages) * 1000)
    own = next(iter(rounds.values()))
    print(f"{describe_run()}, {len(pages)} pages, {ROUNDS} rounds\n")
    print("| | CPU ms a page | times this library's | in the rounds |")
    print("|---|---:|---:|---:|")
    for name, times in rounds.items():
        ratios = [other / mine for other, mine in zip(times, own, strict=True)]
        print(
            f"| {name} | {statistics.median(times):.2f} | {statistics.median(ratios):.2f} ", end=""
        )
        print(f"| {min(ratios):.2f} to {max(ratios):.2f} |")


if __name__ == "__main__":
    main()
