"""Take the pictures in docs/images/: the labelling widget in a JupyterLab, light and dark.

Usage: python -m tools.make_screenshots [FOLDER]. Needs the dependency group browser, and
Chromium. The pages shown are written for the project.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.browser.lab import Lab, Notebook, open_chromium

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SHOWN = ("donation-en", "metered-trade-en", "sample-metered-en")
CELL = f"""\
from paywallstrip.notebook import Labeller
from paywallstrip.training.datafile import read_pages
from paywallstrip.training.records import make_page

records = read_pages({str(ROOT / "notebooks" / "pages.jsonl")!r})
pages = [make_page(x.id, x.text) for x in records if x.id in {SHOWN!r}]
labeller = Labeller(pages, "labels.jsonl", by="me")
labeller"""
WIDTH, HEIGHT = 1200, 1000
COLOURS = 64


def take(notebook: Notebook, path: Path) -> None:
    """Take a picture of the widget alone, in few colours."""
    notebook.widget.scroll_into_view_if_needed()
    notebook.widget.screenshot(path=path)
    # A third of the size, and no eye sees the difference.
    with Image.open(path) as picture:
        picture.quantize(COLOURS).save(path, optimize=True)


def main(arguments: Sequence[str]) -> None:
    """Take all pictures.

    Args:
        arguments: the folder they go to; nothing for docs/images/.
    """
    out = Path(arguments[0]) if arguments else IMAGES
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Lab.serve(Path(folder)) as lab:
        lab.write("label.ipynb", [CELL])
        with open_chromium() as browser:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            notebook = lab.open(page, "label.ipynb")
            notebook.run(0)
            notebook.focus()
            notebook.press("ArrowUp ArrowUp n Shift+ArrowDown Shift+ArrowDown")
            notebook.saved()
            take(notebook, out / "labelling.png")
            notebook.theme("JupyterLab Dark")
            take(notebook, out / "labelling-dark.png")
            notebook.theme("JupyterLab Light")
            notebook.press("?")
            take(notebook, out / "labelling-rules.png")


if __name__ == "__main__":
    main(sys.argv[1:])
