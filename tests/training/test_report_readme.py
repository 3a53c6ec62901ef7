"""The table of figures in README.md."""

import json
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.training.report_readme import (
    BEGIN,
    END,
    NOTHING,
    figures_table,
    main,
    read_evaluations,
    replace_between,
)

FIGURE = {
    "table": "labels",
    "group": "all",
    "system": "labelled lines",
    "measure": "macro-F1",
    "value": 0.81234,
    "low": 0.8,
    "high": 0.82,
    "pages": 3,
}


def evaluation(part: str, **changed: Any) -> dict[str, Any]:
    pages = {"labelled pages": 3, "true bodies": 0}
    return {"part": part, "date": "2020-01-02", "pages": pages, "figures": [FIGURE | changed]}


def written(folder: Path, *evaluations: dict[str, Any]) -> Path:
    for number, each in enumerate(evaluations):
        path = folder / str(number) / "evaluation.json"
        path.parent.mkdir()
        path.write_text(json.dumps(each))
    return folder


def test_a_figure_stands_in_its_row_with_its_interval() -> None:
    table = figures_table({"final": evaluation("final")})
    assert "| labels: macro-F1 | 0.812 (0.800 to 0.820) |\n" in table


def test_both_parts_stand_beside_each_other() -> None:
    both = {"final": evaluation("final"), "folds": evaluation("folds", value=0.5, low=None)}
    table = figures_table(both)
    assert "| | folds of sites | final sites |\n" in table
    assert "| labels: macro-F1 | 0.500 | 0.812 (0.800 to 0.820) |\n" in table


def test_a_row_without_figures_is_left_out() -> None:
    assert "calibration" not in figures_table({"final": evaluation("final")})


def test_a_figure_that_is_not_defined_leaves_its_row_out() -> None:
    assert "macro-F1" not in figures_table({"final": evaluation("final", value=None)})


def test_without_evaluations_a_sentence_says_so() -> None:
    assert figures_table({}) == NOTHING


def test_evaluations_are_found_by_their_part(tmp_path: Path) -> None:
    folder = written(tmp_path, evaluation("final"), evaluation("folds"))
    assert set(read_evaluations(folder)) == {"final", "folds"}


def test_two_evaluations_of_one_part_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, evaluation("final"), evaluation("final"))
    with pytest.raises(ValueError, match="another evaluation of 'final'"):
        read_evaluations(folder)


def test_only_what_is_between_the_markers_changes() -> None:
    text = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    assert replace_between(text, "new\n") == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"


def test_without_markers_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="markers"):
        replace_between("above\nbelow\n", "new\n")


def test_the_command_writes_what_it_then_finds_up_to_date(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n")
    folder = written(tmp_path, evaluation("final"))
    options = ["--readme", str(readme), "--evaluations", str(folder)]
    assert main([*options, "--check"]) == 1
    assert main(options) == 0
    assert main([*options, "--check"]) == 0


def test_the_readme_s_table_is_up_to_date() -> None:
    assert main(["--check"]) == 0, "run make figures"
