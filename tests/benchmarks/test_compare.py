"""The command that measures speed, on two written pages."""

import json
import lzma
from html import escape
from pathlib import Path

import pytest

from benchmarks import compare
from benchmarks.competitors import COMPETITORS, OURS, RESILIPARSE, Competitor
from benchmarks.machine import cores
from benchmarks.rounds import skip_reason
from benchmarks.worker import timed
from paywallstrip.training.written import read_written

pytestmark = pytest.mark.slow

PAGES = Path(__file__).resolve().parent.parent / "pages"
SMALL = ["--quick", "--pages", "2", "--rounds", "2", "--starts", "1", "--job-pages", "2"]
SIZES = ["--page-sizes", "1", "3", "--line-sizes", "1", "20"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two pages that were written for the project."""
    folder = tmp_path_factory.mktemp("corpus")
    with lzma.open(folder / "labelled.jsonl.xz", "wt", encoding="utf-8") as file:
        for page in read_written(PAGES, names=("sample-metered-en", "donation-de")):
            lines = page.line_texts
            body = "".join(f"<p>{escape(line)}</p>" for line in lines)
            record = {
                "id": page.id,
                "source": "written",
                "domain": page.domain,
                "converter": "none",
                "lines": lines,
                "labels": [line.label for line in page.lines],
                "html": f"<html><body>{body}</body></html>",
            }
            file.write(json.dumps(record) + "\n")
    return folder


@pytest.fixture(scope="module")
def out(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a small run of the whole command writes, of two tools that are always there."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("out")
    chosen = [each for each in COMPETITORS if each.name in (OURS, "C4 line rules")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "COMPETITORS", chosen)
        compare.main(["--corpus", str(written), "--out", str(folder), *SMALL, *SIZES])
    return folder


def test_the_command_writes_figures_tables_and_plots(out: Path) -> None:
    found = {path.name for path in out.iterdir()}
    assert found == {"speed.json", "speed.md", "pages.svg", "lines.svg", "stages.svg"}


def test_every_tool_has_an_answer_for_each_round(out: Path) -> None:
    rounds = json.loads((out / "speed.json").read_text())["rounds"]
    done = {name: [each["pages"] for each in answers] for name, answers in rounds.items()}
    assert done == {OURS: [2, 2], "C4 line rules": [2, 2]}


def test_every_size_that_was_asked_for_is_measured(out: Path) -> None:
    run = json.loads((out / "speed.json").read_text())
    assert [each["size"] for each in run["pages"][OURS]] == [1, 3]
    assert [each["size"] for each in run["lines"][OURS]] == [1, 20]


@pytest.mark.skipif(cores() < 2, reason="there is one core")
def test_one_and_two_processes_take_turns(out: Path) -> None:
    jobs = json.loads((out / "speed.json").read_text())["jobs"]
    assert [(each["jobs"], each["pages"]) for each in jobs] == [(1, 2), (2, 2)] * 2


def test_every_stage_takes_some_of_the_time(out: Path) -> None:
    stages = json.loads((out / "speed.json").read_text())["stages"]
    assert min(stages.values()) > 0


def test_most_arrays_of_a_batch_are_counted(out: Path) -> None:
    passes = json.loads((out / "speed.json").read_text())["passes"]["passes"]
    assert passes["lines"] > passes["characters"] > 0


@pytest.mark.parametrize("competitor", COMPETITORS, ids=lambda each: each.name)
def test_a_tool_gives_text_for_a_page(
    competitor: Competitor, written: Path, tmp_path: Path
) -> None:
    if not competitor.installed:
        pytest.skip(f"not installed: {competitor.requirement}")
    from benchmarks.baselines import LinePipeline
    from benchmarks.inputs import Inputs, write_inputs

    lines, labels = write_inputs(written, tmp_path, 1)
    if "LinePipeline" in competitor.setup:
        pytest.importorskip("joblib")
        LinePipeline.fit(lines, labels).save(tmp_path)
    inputs = Inputs.read(tmp_path)
    page = (inputs.texts if competitor.takes == "text" else inputs.html)[0]
    tool = competitor.load(tmp_path)
    streamed = list(tool.stream([page], 1))
    assert streamed == [tool.clean(page)]
    assert streamed[0]
    assert tool.failures == 0


@pytest.mark.parametrize(("repeats", "runs"), [(1, 1), (2, 3), (5, 6)])
def test_the_first_of_several_quick_runs_is_not_counted(repeats: int, runs: int) -> None:
    done: list[None] = []
    timed(lambda: done.append(None), repeats)
    assert len(done) == runs


@pytest.mark.parametrize(("limit", "reason"), [(5.0, "over 5 s"), (15.0, "")])
def test_a_size_that_would_take_too_long_is_not_run(limit: float, reason: str) -> None:
    last = {"size": 10, "cpu": 1.0}
    assert skip_reason(COMPETITORS[0], "lines", 100, limit, [last]) == reason


def test_a_size_that_took_too_little_to_judge_by_does_not_stop_the_next() -> None:
    last = {"size": 1, "cpu": 0.1}
    assert skip_reason(COMPETITORS[0], "lines", 1000, 5.0, [last]) == ""


def test_what_was_not_run_at_one_size_is_not_run_at_the_next() -> None:
    before = [{"size": 10, "missing": "the process died"}]
    assert skip_reason(COMPETITORS[0], "lines", 100, 5.0, before) == "the process died"


def test_only_some_tools_run_at_the_largest_sizes() -> None:
    reasons = {each.name: skip_reason(each, "pages", 100_000, 5.0, []) for each in COMPETITORS}
    assert {name for name, reason in reasons.items() if not reason} == {OURS, RESILIPARSE}
