"""Tables, shares and slopes of a run, from figures made up for the purpose."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.competitors import OURS
from benchmarks.report import (
    NOTHING,
    jobs_table,
    limit_table,
    main,
    page_text,
    shares,
    slope,
    speed_ratios,
    stage_table,
    start_table,
    sweep_table,
    table,
    throughput_table,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"


def answer(**changed: Any) -> dict[str, Any]:
    return {"pages": 10, "characters": 1000, "wall": 2.0, "cpu": 1.0, "memory": 50.0} | changed


def run(**changed: Any) -> dict[str, Any]:
    tools = {OURS: {"takes": "text"}, "other": {"takes": "html"}}
    rounds = {
        OURS: [answer(), answer(cpu=2.0), answer()],
        "other": [answer(cpu=3.0), answer(cpu=8.0), answer(cpu=5.0)],
    }
    return {"tools": tools, "rounds": rounds, "cores": 2} | changed


def test_a_table_sets_its_first_column_left_and_the_others_right() -> None:
    assert table(("a", "b"), [("c", "d")]) == "| a | b |\n| --- | ---: |\n| c | d |\n"


def test_ratios_are_taken_round_by_round() -> None:
    both = run()["rounds"]
    assert speed_ratios(both[OURS], both["other"]) == [3, 4, 5]


def test_a_round_that_one_tool_did_not_finish_has_no_ratio() -> None:
    assert speed_ratios([answer(), answer()], [{"missing": "over 1 s"}, answer(cpu=2.0)]) == [2]


def test_a_tool_stands_with_its_rates_and_the_median_of_its_ratios() -> None:
    assert "| other | HTML | 2 | 5 | 0.00 | 4.00 | 3.00 to 5.00 |\n" in throughput_table(run())


def test_a_tool_without_a_finished_round_has_empty_cells() -> None:
    rounds = {OURS: [answer()], "other": [{"missing": "over 1 s"}]}
    assert "| other | HTML |  |  |  |  |  |\n" in throughput_table(run(rounds=rounds))


def test_pages_on_which_a_tool_failed_are_told() -> None:
    rounds = {OURS: [answer()], "other": [answer(failures=3)]}
    assert "gave no text: other on 3." in throughput_table(run(rounds=rounds))


def test_a_fresh_process_stands_in_milliseconds_with_both_peaks() -> None:
    starts = {OURS: [answer(wall=0.1, cpu=0.05, memory=30.0)]}
    assert f"| {OURS} | 100 | 50 | 30 | 50 |\n" in start_table(run(starts=starts))


def test_two_processes_are_compared_by_the_clock_on_the_wall() -> None:
    jobs = [answer(jobs=1, wall=4.0), answer(jobs=2, wall=2.0, cpu=9.0)]
    assert "are 2.00 times as fast" in jobs_table(run(jobs=jobs))


def test_one_core_is_not_compared_with_two() -> None:
    assert "gave one core" in jobs_table(run(cores=1, jobs=[]))


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        ({"missing": "over 60 s"}, "over 60 s"),
        (answer(pages=100, cpu=0.01234), "0.0123"),
        (answer(pages=70, cpu=60.0), "60 for 70"),
        (answer(pages=1, cpu=5.0), "5"),
    ],
)
def test_a_size_says_its_time_or_why_there_is_none(given: dict[str, Any], cell: str) -> None:
    assert sweep_table({"tool": [{"size": 100, **given}]}).endswith(f"| tool | {cell} |\n")


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_slope_is_the_power_that_the_time_grows_with(power: float) -> None:
    sizes = [10.0, 100.0, 1000.0]
    assert slope(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_shares_are_those_of_the_sum() -> None:
    assert shares({"a": 1.0, "b": 3.0}) == {"a": 0.25, "b": 0.75}


def test_stages_that_took_no_time_have_no_share() -> None:
    assert shares({"a": 0.0}) == {"a": 0.0}


def test_a_stage_stands_with_its_share() -> None:
    assert "| a | 1,000.0 | 25% |\n" in stage_table({"a": 1.0, "b": 3.0})


def test_a_limit_stands_with_how_often_it_goes_into_the_whole_path() -> None:
    assert "| bytes | 100.0 | 20 |\n" in limit_table({"bytes": 0.1, "the whole path": 2.0})


def test_without_a_run_a_sentence_says_so() -> None:
    assert page_text(None, "benchmarks") == NOTHING


def test_the_page_s_tables_are_up_to_date() -> None:
    arguments = [str(DOCS / "benchmarks"), "--page", str(DOCS / "speed.md"), "--check"]
    assert main(arguments) == 0, (
        "run python -m benchmarks.report docs/benchmarks --page docs/speed.md"
    )
