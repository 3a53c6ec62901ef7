"""Measure this library's speed against other tools', all in one run and in turn.

    python -m benchmarks.compare --corpus ../shared/corpus --out docs/benchmarks

Writes speed.json (the raw figures), speed.md (tables) and plots. Run it on an idle machine; it
takes some twelve minutes, with --quick about two. Tools that are not installed are left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.baselines import LinePipeline
from benchmarks.competitors import COMPETITORS, Competitor
from benchmarks.inputs import Inputs, write_inputs
from benchmarks.machine import cores, describe_machine, one_core, versions
from benchmarks.report import write_run
from benchmarks.rounds import (
    ROOT,
    Process,
    cold_starts,
    job_rounds,
    ours,
    paired_rounds,
    single_texts,
    sweep,
)

# What the tools are called as packages; the first two are always there.
PACKAGES = (
    "paywallstrip",
    "numpy",
    "resiliparse",
    "turbohtml",
    "trafilatura",
    "jusText",
    "readability-lxml",
    "html-text",
    "lxml",
    "scikit-learn",
)


class Plan(NamedTuple):
    """How much is measured.

    Attributes:
        pages: pages of the corpus a round.
        rounds: rounds that are counted.
        starts: how often each fresh process is started.
        page_sizes: pages of the streams.
        line_sizes: lines of the single pages.
        job_pages: pages for one and for two processes.
        limit: seconds a tool may take a size.
    """

    pages: int
    rounds: int
    starts: int
    page_sizes: tuple[int, ...]
    line_sizes: tuple[int, ...]
    job_pages: int
    limit: float


FULL = Plan(
    200,
    5,
    5,
    (1, 10, 100, 1000, 10_000, 100_000),
    (1, 10, 100, 1000, 10_000, 100_000, 1_000_000),
    10_000,
    60,
)
QUICK = Plan(20, 3, 1, (1, 10, 100), (1, 10, 100, 1000), 100, 5)


def compare(corpus: Path, plan: Plan, competitors: Sequence[Competitor]) -> dict[str, Any]:
    """Measure everything.

    Args:
        corpus: the folder with the labelled corpus.
        plan: how much.
        competitors: the tools, this library among them; all installed.

    Returns:
        Plain types, ready for JSON: see `benchmarks.report`.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        say("choosing pages")
        lines, labels = write_inputs(corpus, folder, plan.pages)
        if any("LinePipeline" in each.setup for each in competitors):
            LinePipeline.fit(lines, labels).save(folder)
        found: dict[str, Any] = {
            "inputs": Inputs.read(folder).sizes(),
            "tools": {
                each.name: {
                    "takes": each.takes,
                    "setup": each.setup,
                    "call": each.many or each.call,
                }
                for each in competitors
            },
        }
        say("starting the tools")
        every = [stack.enter_context(Process(each, folder)) for each in competitors]
        own = ours(every)
        count, limit = plan.rounds, plan.limit
        found["rounds"] = paired_rounds(every, plan.pages, count, limit, say)
        with one_core():
            found["starts"] = cold_starts(competitors, folder, plan.starts, say)
        found["single"] = single_texts(own, limit, say)
        found["jobs"] = []
        if cores() > 1:
            # One with the arrays of a line of 10 MB is slower to fork, and no user's.
            with Process(own.competitor, folder) as fresh:
                found["jobs"] = job_rounds(fresh, plan.job_pages, count, limit, say)
        found["stages"], found["limits"] = _stages(folder, count)
        found["passes"] = _json_of("benchmarks.passes", str(folder))
        found["pages"] = sweep(every, "pages", plan.page_sizes, limit, say)
        found["lines"] = sweep(every, "lines", plan.line_sizes, limit, say)
        return found


def _stages(folder: Path, rounds: int) -> tuple[Any, Any]:
    say("stages")
    found = _json_of("benchmarks.stages", str(folder), str(rounds))
    return found["stages"], found["limits"]


def _json_of(module: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", module, *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def say(what: str) -> None:
    """Tell on standard error what is going on."""
    print(what, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write, from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code, 0.
    """
    options = _parser().parse_args(arguments)
    plan = QUICK if options.quick else FULL
    chosen = {name: getattr(options, name) for name in Plan._fields}
    plan = plan._replace(**{name: each for name, each in chosen.items() if each is not None})
    competitors = [each for each in COMPETITORS if each.installed]
    for each in COMPETITORS:
        if not each.installed:
            say(f"{each.name} is left out: pip install {each.requirement}")
    run = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "cores": cores(),
        "versions": versions(PACKAGES),
        "options": {"quick": options.quick, **plan._asdict()},
    }
    write_run(run | compare(options.corpus, plan, competitors), options.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the corpora")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    for name, help_text in (
        ("pages", "pages a round"),
        ("rounds", "rounds that are counted"),
        ("starts", "how often each fresh process is started"),
        ("job-pages", "pages for n_jobs 1 and 2"),
    ):
        parser.add_argument(f"--{name}", type=_positive, help=help_text)
    for name, help_text in (
        ("page-sizes", "pages of the streams"),
        ("line-sizes", "lines of the single pages"),
    ):
        parser.add_argument(f"--{name}", type=_positive, nargs="+", metavar="N", help=help_text)
    parser.add_argument("--limit", type=float, help="seconds a tool may take a size")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
