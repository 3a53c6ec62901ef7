"""A JupyterLab and a Chromium for all tests of this folder."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.lab import Lab, Notebook

Open = Callable[..., "Notebook"]


@pytest.fixture(scope="session")
def tabs(chromium: "Browser") -> "BrowserContext":
    """Where tabs are opened; what JupyterLab is made of is loaded but once."""
    return chromium.new_context(viewport={"width": 1200, "height": 1000}, reduced_motion="reduce")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Lab]":
    """A JupyterLab server."""
    pytest.importorskip("jupyterlab", reason="needs the dependency group browser")
    from tests.browser.lab import Lab

    with Lab.serve(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture
def page(tabs: "BrowserContext") -> "Iterator[Page]":
    """A tab of its own; what goes wrong in the browser's code fails the test."""
    tab = tabs.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    tab.close()
    assert not errors


@pytest.fixture
def labels(lab: "Lab", request: pytest.FixtureRequest) -> Path:
    """The file that the test's labels go to."""
    name = re.sub(r"\W+", "-", request.node.name)
    return lab.folder / f"{name}.jsonl"


@pytest.fixture
def open_pages(lab: "Lab", page: "Page", labels: Path) -> Iterator[Open]:
    """Opens a notebook whose first cell shows a widget with some pages."""

    def open_pages(pages: Mapping[str, str], *cells: str) -> "Notebook":
        name = f"{labels.stem}.ipynb"
        first = (
            "from paywallstrip.notebook import Labeller\n"
            f"labeller = Labeller({dict(pages)!r}, {labels.name!r}, by='anna')\n"
            "labeller"
        )
        lab.write(name, [first, *cells])
        notebook = lab.open(page, name)
        notebook.run(0)
        notebook.focus()
        return notebook

    yield open_pages
    lab.stop_kernels(page)
