"""Run the notebooks in notebooks/ and keep their outputs in them.

python tools/run_notebooks.py [NOTEBOOK...]
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import nbclient
import nbformat

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
# A widget is alive only where its kernel is; its text stays.
ALIVE = "application/vnd.jupyter.widget-view+json"


def run(path: Path) -> Any:
    """Run a notebook in a copy of its folder, so that what it writes is gone afterwards.

    Args:
        path: the notebook.

    Returns:
        The notebook with its outputs, and nothing in it that each run makes anew.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        copy = copytree(path.parent, Path(folder, "notebooks"))
        client = nbclient.NotebookClient(
            notebook,
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(copy)}},
        )
        client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(ALIVE, None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Args:
        arguments: the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path, nargs="*", help="all in notebooks/ without one")
    for path in parser.parse_args(arguments).notebook or sorted(NOTEBOOKS.glob("*.ipynb")):
        nbformat.write(run(path), path)
        print(path.name)


if __name__ == "__main__":
    main()
