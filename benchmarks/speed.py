"""Measure the library's speed on dumps: a stream, single pages, a fresh process.

    python benchmarks/speed.py --corpus ../shared/corpus

Prints a table in Markdown with the date and the machine. Each figure is the median of
several runs in one process on one core; run it on an idle machine.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from paywallstrip import Classifier
from paywallstrip.training.corpus import read_labelled
from paywallstrip.training.views import LABELLED

ROUNDS = 7
PAGES = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    corpus = parser.parse_args().corpus
    texts = ["\n".join(page.lines) for page in read_labelled(corpus / LABELLED)][:PAGES]
    classifier = Classifier.load()
    rows = [*stream_rows(classifier, texts), *page_rows(classifier, texts), *start_rows()]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {cpu()}, Python {platform.python_version()}, ", end="")
    print(f"numpy {np.__version__}\n\n| what | measured |\n|---|---:|")
    for what, value in rows:
        print(f"| {what} | {value} |")


def cpu() -> str:
    """Name the processor and how many of them there are."""
    info = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip()
        for line in (info.read_text() if info.exists() else "").splitlines()
        if line.startswith("model name")
    ]
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}"


def seconds(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of an action, after one run that is not counted."""
    action()
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def stream_rows(classifier: Classifier, texts: list[str]) -> list[tuple[str, str]]:
    """Measure `clean_many` on one core."""
    took = seconds(lambda: list(classifier.clean_many(texts)))
    size = sum(map(len, texts))
    return [
        (f"`clean_many`, {len(texts)} dumps of {size // len(texts):,} characters", ""),
        ("characters a second", f"{size / took / 1e6:.1f} million"),
        ("pages a second", f"{len(texts) / took:,.0f}"),
    ]


def page_rows(classifier: Classifier, texts: list[str]) -> list[tuple[str, str]]:
    """Measure `clean` on single texts."""
    page = min(texts, key=lambda text: abs(len(text) - 8000))
    rows = []
    for text in (page, page[:500]):
        took = seconds(lambda text=text: classifier.clean(text), 51)  # type: ignore[misc]
        rows.append((f"`clean`, {len(text):,} characters", f"{took * 1000:.2f} ms"))
    return rows


def start_rows() -> list[tuple[str, str]]:
    """Measure fresh processes."""
    programs = {
        "fresh process: `import numpy`": "import numpy",
        "fresh process: to the first cleaned page": "import paywallstrip; paywallstrip.clean('Hello.')",
    }
    rows = []
    for what, program in programs.items():
        command = [sys.executable, "-c", program]
        took = seconds(lambda command=command: subprocess.run(command, check=True), 15)  # type: ignore[misc]
        rows.append((what, f"{took * 1000:.0f} ms"))
    return rows


if __name__ == "__main__":
    main()
