"""The tables and plots of a run, made from its raw figures.

    python -m benchmarks.report docs/benchmarks --page docs/speed.md

writes them anew beside speed.json, and the tables between the two markers of the page; with
``--check`` it writes nothing and only compares.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.competitors import OURS
from paywallstrip.training.report_readme import replace_between

JSON, MARKDOWN = "speed.json", "speed.md"
NOTHING = "The figures follow with the first run on an idle machine.\n"
SLOPE_FROM = 1000
"""Lines from which on the slope is taken: below it a call costs more than its lines."""

Run = Mapping[str, Any]
Cells = Sequence[str]


def to_markdown(run: Run) -> str:
    """Lay a run out.

    Args:
        run: the content of speed.json.

    Returns:
        Markdown, without a title.
    """
    parts = [
        _measured(run),
        "### The same pages, in turn\n",
        throughput_table(run),
        "### Fresh processes\n",
        _START,
        start_table(run),
        "### Single texts\n",
        single_table(run),
        "### Two processes\n",
        jobs_table(run),
        "### Time against size\n",
        _limits_of_sweeps(run),
        "CPU seconds for a stream of so many pages, the same ones over and over.\n",
        sweep_table(run["pages"]),
        "CPU seconds for one page of so many lines.\n",
        sweep_table(run["lines"]),
        _slope(run),
        "### Where the time goes\n",
        stage_table(run["stages"]),
        limit_table(run["limits"]),
        _passes(run["passes"]),
    ]
    return "\n".join(part for part in parts if part)


_START = """\
From the start of the process to its first answer, on the page nearest to 8,000 characters; medians.
The last column is the most memory that a process of its own held after all rounds above, the pages
included.
"""


def _limits_of_sweeps(run: Run) -> str:
    return (
        f"A tool that would take over {run['options']['limit']:.0f} s, judged by the size before, "
        "is not run at a size; at the largest sizes only this library and resiliparse are. A "
        "stream of theirs that reaches the limit says how many pages it had done.\n"
    )


def _measured(run: Run) -> str:
    pages, options = run["inputs"], run["options"]
    packages = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    count = max(pages["pages"], 1)
    quick = "A quick run: too small to quote. " if options["quick"] else ""
    return (
        f"{quick}{run['date']}, {run['machine']}; {packages}.\n\n"
        f"{pages['pages']} pages of the labelled corpus, on average "
        f"{pages['lines'] / count:,.0f} lines and {pages['characters'] / count:,.0f} characters "
        f"of text, {pages['HTML characters'] / count:,.0f} of HTML. Tools that take HTML were "
        "given the HTML, the others the text of the dump. Every tool ran in a process of its own "
        f"on the same core; in each of {options['rounds']} rounds all of them, in turn, went over "
        "the same pages.\n"
    )


def throughput_table(run: Run) -> str:
    """Lay out pages and characters a second, and each tool against this library.

    Characters are those of the pages' text for every tool. The last two columns are what this
    library does for each page or character of the other, and the least and the most of the
    rounds; they are medians of the rounds' ratios, and not ratios of medians.
    """
    own = run["rounds"][OURS]
    rows = []
    for name, answers in run["rounds"].items():
        good = [each for each in answers if "missing" not in each]
        if not good:
            rows.append((name, _takes(run, name), "", "", "", "", ""))
            continue
        wall, cpu, characters = (_median_rate(good, *what) for what in _RATES)
        ratios = speed_ratios(own, answers)
        rows.append(
            (
                name,
                _takes(run, name),
                f"{cpu:,.0f}",
                f"{wall:,.0f}",
                f"{characters / 1e6:,.2f}",
                f"{statistics.median(ratios):.2f}" if ratios else "",
                f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "",
            )
        )
    head = (
        "",
        "takes",
        "pages a CPU second",
        "pages a second",
        "million characters a CPU second",
        "this library is … times as fast",
        "in the rounds",
    )
    failures = {
        name: max(each.get("failures", 0) for each in answers)
        for name, answers in run["rounds"].items()
        if answers
    }
    failed = ", ".join(f"{name} on {count}" for name, count in failures.items() if count)
    note = f"Pages on which a tool failed, and gave no text: {failed}.\n" if failed else ""
    return table(head, rows) + (f"\n{note}" if note else "")


_RATES = (("pages", "wall"), ("pages", "cpu"), ("characters", "cpu"))


def _median_rate(answers: Iterable[Run], what: str, time: str) -> float:
    return float(statistics.median(each[what] / each[time] for each in answers))


def _takes(run: Run, name: str) -> str:
    return {"html": "HTML", "text": "text"}[run["tools"][name]["takes"]]


def speed_ratios(ours: Sequence[Run], others: Sequence[Run]) -> list[float]:
    """Compare two tools round by round, in characters a CPU second.

    Args:
        ours: the answers of this library.
        others: those of another tool, of the same rounds.

    Returns:
        How many times as fast this library was in each round that both finished.
    """
    return [
        (own["characters"] / own["cpu"]) / (other["characters"] / other["cpu"])
        for own, other in zip(ours, others, strict=True)
        if "missing" not in own and "missing" not in other
    ]


def start_table(run: Run) -> str:
    """Lay out what fresh processes took."""
    rows = []
    for name, answers in run["starts"].items():
        rounds = [each["memory"] for each in run["rounds"].get(name, ()) if "memory" in each]
        memory = [each["memory"] for each in answers if each["memory"] is not None]
        rows.append(
            (
                name,
                *(f"{1000 * _median(answers, time):,.0f}" for time in ("wall", "cpu")),
                f"{statistics.median(memory):,.0f}" if memory else "",
                f"{max(rounds):,.0f}" if rounds else "",
            )
        )
    return table(("", "ms", "CPU ms", "peak MB", "peak MB after the rounds"), rows)


def _median(answers: Iterable[Run], what: str) -> float:
    return float(statistics.median(each[what] for each in answers))


def single_table(run: Run) -> str:
    """Lay out what single texts took."""
    names = {"characters": "`clean`, {:,} characters", "line": "`clean`, one line of {:,}"}
    rows = [
        (names[each["kind"]].format(each["characters"]), *_milliseconds(each))
        for each in run["single"]
        if "missing" not in each
    ]
    return table(("", "CPU ms", "ms"), rows)


def _milliseconds(answer: Run) -> tuple[str, str]:
    return f"{1000 * answer['cpu']:,.2f}", f"{1000 * answer['wall']:,.2f}"


def jobs_table(run: Run) -> str:
    """Lay out one process against two, by the clock on the wall."""
    if run["cores"] < 2:
        return "Not measured: the machine gave one core.\n"
    by_jobs: dict[int, list[Run]] = {1: [], 2: []}
    for each in run["jobs"]:
        by_jobs[each["jobs"]].append(each)
    pairs = [
        one["wall"] / two["wall"]
        for one, two in zip(by_jobs[1], by_jobs[2], strict=True)
        if "missing" not in one and "missing" not in two
    ]
    if not pairs:
        return "Not measured: no round came to its end.\n"
    rows = [
        (str(jobs), f"{_median_rate(good, 'pages', 'wall'):,.0f}")
        for jobs, answers in by_jobs.items()
        if (good := [each for each in answers if "missing" not in each])
    ]
    return table(("`n_jobs`", "pages a second"), rows) + (
        f"\nTwice as many processes are {statistics.median(pairs):.2f} times as fast "
        f"({min(pairs):.2f} to {max(pairs):.2f}) over {by_jobs[1][0]['pages']:,} pages, "
        "starting them included.\n"
    )


def sweep_table(answers: Mapping[str, Sequence[Run]]) -> str:
    """Lay out the CPU seconds of each tool at each size."""
    sizes = [each["size"] for each in next(iter(answers.values()))]
    rows = [(name, *map(_seconds, each)) for name, each in answers.items()]
    return table(("", *(f"{size:,}" for size in sizes)), rows)


def _seconds(answer: Run) -> str:
    if "missing" in answer:
        return str(answer["missing"])
    text = f"{answer['cpu']:.3g}"
    stopped = answer["pages"] > 1 and answer["pages"] < answer["size"]
    return f"{text} for {answer['pages']:,}" if stopped else text


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Fit a line through time against size, both as logarithms.

    Args:
        sizes: at least two different sizes.
        seconds: the time at each.

    Returns:
        Its slope: 1 where the time grows as the size.
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def _slope(run: Run) -> str:
    points = [
        (each["size"], each["cpu"])
        for each in run["lines"][OURS]
        if "missing" not in each and each["size"] >= SLOPE_FROM
    ]
    if len(points) < 2:
        return ""
    sizes, seconds = zip(*points, strict=True)
    return (
        f"From {sizes[0]:,} to {sizes[-1]:,} lines this library's time grows with the power "
        f"{slope(sizes, seconds):.3f} of the size (CPU time, slope on logarithmic axes).\n"
    )


def shares(seconds: Mapping[str, float]) -> dict[str, float]:
    """Turn the seconds of stages into shares of their sum."""
    total = sum(seconds.values())
    return {name: each / total if total else 0.0 for name, each in seconds.items()}


def stage_table(seconds: Mapping[str, float]) -> str:
    """Lay out the stages."""
    rows = [
        (name, f"{1000 * seconds[name]:,.1f}", f"{share:.0%}")
        for name, share in shares(seconds).items()
    ]
    return table(("stage", "CPU ms, all pages", "share"), rows)


def limit_table(seconds: Mapping[str, float]) -> str:
    """Lay out how far the whole path, the last of the figures, is from each of the others."""
    *_, whole = seconds.values()
    rows = [
        (name, f"{1000 * each:,.1f}", f"{whole / each:,.0f}" if each else "")
        for name, each in seconds.items()
    ]
    return table(("", "CPU ms, all pages", "the whole path takes … times as long"), rows)


def _passes(passes: Run) -> str:
    sizes = {
        "characters": "at least one entry a character",
        "words": "at least one a word",
        "lines": "at least one a line",
        "fewer": "fewer",
    }
    rows = [(sizes[name], f"{count:,}") for name, count in passes["passes"].items()]
    return (
        f"One batch ({passes['characters']:,} characters, {passes['words']:,} words, "
        f"{passes['lines']:,} lines) fills so many arrays, {passes['bytes a character']:,.0f} "
        "bytes for each character in all. Counted are arrays that numpy makes or writes to; "
        "what it only reads, as for a maximum, is not.\n\n"
    ) + table(("arrays with", "filled"), rows)


def table(head: Cells, rows: Iterable[Cells]) -> str:
    """Lay out a table; all columns but the first are set to the right.

    Args:
        head: the titles.
        rows: as many cells a row.

    Returns:
        Markdown that ends in a line end.
    """
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def page_text(run: Run | None, plots: str) -> str:
    """Write what stands between the markers of the page.

    Args:
        run: the content of speed.json; None if there is none.
        plots: the folder of the plots as the page sees it.
    """
    if run is None:
        return NOTHING
    pictures = "\n".join(f"![{title}]({plots}/{name})\n" for name, title in _plot_titles().items())
    return f"{to_markdown(run)}\n{pictures}"


def _plot_titles() -> dict[str, str]:
    from benchmarks.plots import TITLES

    return TITLES


def read_run(folder: Path) -> Run | None:
    """Read a run's raw figures; None if there are none."""
    path = folder / JSON
    if not path.exists():
        return None
    run: Run = json.loads(path.read_text(encoding="utf-8"))
    return run


def write_run(run: Run, folder: Path) -> None:
    """Write the raw figures of a run, its tables and its plots into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(run, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / JSON).write_text(text, encoding="utf-8")
    write_report(run, folder)


def write_report(run: Run, folder: Path) -> None:
    """Write the tables and the plots of a run beside its raw figures."""
    from benchmarks.plots import draw

    (folder / MARKDOWN).write_text(f"# Speed\n\n{to_markdown(run)}", encoding="utf-8")
    draw(run, folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code: 0, or 1 with ``--check`` if the page is not up to date.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("run", type=Path, metavar="FOLDER")
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    run = read_run(options.run)
    before = options.page.read_text(encoding="utf-8")
    after = replace_between(before, page_text(run, options.run.name))
    if not options.check:
        if run is not None:
            write_report(run, options.run)
        options.page.write_text(after, encoding="utf-8")
        return 0
    if before != after:
        print(f"{options.page.name} is not up to date", file=sys.stderr)
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
