"""Every notebook runs from top to bottom, and is kept without its outputs."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs the extra [notebook]")
    nbclient = pytest.importorskip("nbclient", reason="needs the extra [notebook]")
    pytest.importorskip("ipykernel", reason="needs the extra [notebook]")
    notebook = nbformat.read(path, as_version=4)
    # Its own folder, as where a reader opens it.
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(FOLDER)}}).execute()
    assert [cell for cell in notebook.cells if cell.get("outputs")]
