"""Every notebook runs from top to bottom, and is kept with the outputs of a run."""

import json
import os
from itertools import islice
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.records import make_page
from tests.conftest import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KILOBYTE = 1000
# What a notebook needs beside the extra [notebook].
NEEDS = {"01-label": ["anywidget"], "02-retrain": ["sklearn", "matplotlib"]}
NEEDS["03-inspect"] = NEEDS["02-retrain"]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells that hold code."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def outputs(path: Path) -> list[dict[str, Any]]:
    """Return all outputs that a notebook is kept with."""
    return [output for cell in code_cells(path) for output in cell["outputs"]]


def test_there_are_notebooks_to_label_to_retrain_and_to_inspect() -> None:
    assert {"01-label", "02-retrain", "03-inspect"} <= {path.stem for path in NOTEBOOKS}


@each_notebook
def test_a_notebook_is_kept_as_run_from_top_to_bottom(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), "run tools/run_notebooks.py"


@each_notebook
def test_a_notebook_is_kept_without_errors_and_warnings(path: Path) -> None:
    assert not [
        x for x in outputs(path) if x["output_type"] == "error" or x.get("name") == "stderr"
    ]


@each_notebook
def test_an_output_is_at_most_60_kilobytes(path: Path) -> None:
    assert max(len(json.dumps(output)) for output in outputs(path)) <= 60 * KILOBYTE


@each_notebook
def test_a_notebook_names_no_folder_of_the_machine_it_ran_on(path: Path) -> None:
    text = json.dumps(outputs(path))
    assert not [name for name in ("/home/", "/tmp/", str(ROOT)) if name in text]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the notebooks: what one writes does not stay in the checkout."""
    # The kernel finds a checkout that is not installed as well.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return Path(copytree(FOLDER, tmp_path / "notebooks"))


def execute(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Run a notebook in a folder; return the cells that gave something out."""
    for name in ("nbformat", "nbclient", "ipykernel", *NEEDS.get(path.stem, ())):
        pytest.importorskip(name, reason="needs the extras [notebook], [train] and [plot]")
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell for cell in notebook.cells if cell.get("outputs")]


@pytest.mark.slow
@each_notebook
def test_a_notebook_runs(path: Path, folder: Path) -> None:
    assert execute(path, folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["02-retrain", "03-inspect"])
def test_a_notebook_takes_what_labelling_leaves(name: str, folder: Path) -> None:
    """Some lines are open, all lines of one page, and no page names a site."""
    pages = [
        make_page(
            page.id,
            page.text,
            [label if row and at % 5 else None for at, label in enumerate(page.labels)],
        )
        for row, page in enumerate(read_pages(folder / "pages.jsonl"))
    ]
    write_pages(pages, folder / "pages.jsonl")
    assert execute(FOLDER / f"{name}.ipynb", folder)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_pages_to_retrain_are_said_to_be_so(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    write_pages(islice(read_pages(FOLDER / "pages.jsonl"), count), tmp_path / "pages.jsonl")
    monkeypatch.chdir(tmp_path)
    first = "".join(code_cells(FOLDER / "02-retrain.ipynb")[0]["source"])
    with pytest.raises(ValueError, match=f"of {count} pages with labels . can be trained on"):
        exec(first, {})


def test_the_sample_pages_are_those_that_the_tool_makes(tmp_path: Path) -> None:
    from tools.make_sample_pages import SAMPLE, main

    main([str(tmp_path / "pages.jsonl")])
    assert (tmp_path / "pages.jsonl").read_bytes() == SAMPLE.read_bytes()
