"""What is left out in turn, and what the first stage gives without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")

from paywallstrip.classifier import Classifier
from paywallstrip.families import context_measures, own_measures
from paywallstrip.training import ablation
from paywallstrip.training.ablation_report import render
from paywallstrip.training.design import first_design
from paywallstrip.training.written import WRITTEN
from tests.tiny import write_tiny

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _few_written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave a few of the pages in models/pages: they are hundreds, and trials two dozen."""
    folder = tmp_path_factory.mktemp("pages")
    few = json.loads((WRITTEN / "index.json").read_text("utf-8"))[:4]
    (folder / "index.json").write_text(json.dumps(few), "utf-8")
    for entry in few:
        copy(WRITTEN / f"{entry['name']}.tsv", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ablation, "WRITTEN", folder)
        yield


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> list[ablation.Trial]:
    tiny = write_tiny(tmp_path_factory.mktemp("tiny"))
    return ablation.run_trials(tiny.corpus, tiny.views, folds=(0, 1), jobs=1, shares=(0.5,))


def test_every_family_belongs_to_one_group() -> None:
    families = [m.name for m in (*context_measures(("x",)), *own_measures(("x",)))]
    grouped = [name for group in ablation.GROUPS.values() for name in group]
    assert sorted(grouped) == sorted(families)


def test_columns_are_named_as_many_as_the_design_has() -> None:
    extractor = Classifier.load().model.extractor
    design = first_design(extractor.read(["One line"]), extractor)
    assert len(ablation.name_columns(extractor).group) == design.shape[1]


def test_what_a_neighbour_lends_is_empty_on_a_page_of_one_line() -> None:
    extractor = Classifier.load().model.extractor
    design = first_design(extractor.read(["One line"]), extractor)
    assert design[:, np.flatnonzero(ablation.name_columns(extractor).beside)].nnz == 0


def test_the_first_trial_leaves_nothing_out(trials: list[ablation.Trial]) -> None:
    assert (trials[0].kind, trials[0].name) == ("all", "nothing")


def test_every_trial_is_judged_on_the_same_lines(trials: list[ablation.Trial]) -> None:
    assert len({trial.figures["lines"] for trial in trials}) == 1


def test_fewer_sites_are_fewer_pages(trials: list[ablation.Trial]) -> None:
    [half] = [trial for trial in trials if trial.kind == "sites"]
    assert half.pages < trials[0].pages


def test_every_kind_of_data_is_left_out_once(trials: list[ablation.Trial]) -> None:
    names = [trial.name for trial in trials if trial.kind == "data"]
    assert names == [
        "written blocks",
        "written pages",
        "further labelled pages",
        "leftovers of other extractors",
    ]


def test_the_table_has_a_row_for_every_trial(trials: list[ablation.Trial]) -> None:
    rows = [line for line in render(trials, (0, 1), 100).splitlines() if line[:2] == "| "]
    # Three heads; what leaves nothing out stands in all three tables.
    assert len(rows) == len(trials) + 2 + 3


def test_the_command_writes_the_table_and_the_curve(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [plot]")
    tiny = write_tiny(tmp_path)
    out = tmp_path / "out"
    where = ["--corpus", str(tiny.corpus), "--views", str(tiny.views), "--out", str(out)]
    ablation.main([*where, "--folds", "0", "--jobs", "1"])
    assert {path.name for path in out.iterdir()} == {"ablation.md", "learning-curve.svg"}
