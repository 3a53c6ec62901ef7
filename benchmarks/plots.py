"""Plots of a run; they need the extra ``[plot]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.competitors import OURS
from benchmarks.report import shares

PAGES, LINES, STAGES = "pages.svg", "lines.svg", "stages.svg"
TITLES = {
    PAGES: "CPU time against the number of pages",
    LINES: "CPU time against the lines of one page",
    STAGES: "The share of each stage",
}
_SIZE = (9.0, 5.0)  # inches
_FLAT = (7.5, 2.4)


def draw(run: Mapping[str, Any], folder: Path) -> None:
    """Draw time against size for both sweeps, and the share of each stage.

    Args:
        run: the content of speed.json.
        folder: where the plots go.

    Raises:
        ImportError: if matplotlib is missing.
    """
    draw_sweep(run["pages"], "pages", folder / PAGES)
    draw_sweep(run["lines"], "lines of one page", folder / LINES)
    draw_stages(run["stages"], folder / STAGES)


def draw_sweep(answers: Mapping[str, Sequence[Mapping[str, Any]]], what: str, path: Path) -> None:
    """Draw CPU time against size on logarithmic axes, one curve a tool.

    Args:
        answers: each tool's answers by size; those that are missing are left out.
        what: what is counted.
        path: the file, its suffix the format.
    """
    figure, axes = _axes(_SIZE)
    # Ten colours repeat from the eleventh curve on; this library's is black.
    others = _colours(len(answers))
    for (name, each), colour in zip(answers.items(), others, strict=True):
        points = [(_done(a), a["cpu"]) for a in each if "missing" not in a]
        if points:
            width, colour = (3.0, "black") if name == OURS else (1.2, colour)
            axes.plot(
                *zip(*points, strict=True), marker="o", ms=3, lw=width, color=colour, label=name
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(what)
    axes.set_ylabel("CPU seconds, one core")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize="small")
    _save(figure, path)


def _done(answer: Mapping[str, Any]) -> int:
    """Return the size that was reached: a stream may have ended at its limit."""
    return int(answer["pages"] if 1 < answer["pages"] < answer["size"] else answer["size"])


def draw_stages(seconds: Mapping[str, float], path: Path) -> None:
    """Draw the share of each stage as one stacked bar.

    Args:
        seconds: stage to CPU seconds.
        path: the file, its suffix the format.
    """
    figure, axes = _axes(_FLAT)
    left = 0.0
    colours = _colours(len(seconds))
    for (name, share), colour in zip(shares(seconds).items(), colours, strict=True):
        axes.barh([0], [share], left=left, color=colour, label=f"{name}, {share:.0%}")
        left += share
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the CPU time")
    figure.legend(loc="outside upper center", ncols=3, fontsize="small")
    _save(figure, path)


def _colours(count: int) -> list[Any]:
    import matplotlib as mpl

    return [mpl.colormaps["tab10"](number) for number in range(count)]


def _axes(size: tuple[float, float]) -> tuple[Any, Any]:
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('plots need matplotlib: pip install "paywallstrip[plot]"') from error
    # Equal input gives an equal file, so that a plot changes in the history only when it does.
    mpl.rcParams["svg.hashsalt"] = "paywallstrip"
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots()


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else {}, dpi=150)
