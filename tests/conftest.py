"""What tests of every folder share."""

import multiprocessing
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("PAYWALLSTRIP_CORPUS", ROOT / "../shared/corpus"))

# Nothing here is judged by the clock: the first example of a test may load a model.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with the corpora; a test that asks for it skips where there is none."""
    if not CORPUS.is_dir():
        pytest.skip("the corpora are not here (PAYWALLSTRIP_CORPUS)")
    return CORPUS


@pytest.fixture
def forked() -> Iterator[None]:
    """Fork the processes that a test starts: others would not see what it has replaced.

    Python does so by itself on Linux before 3.14.
    """
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[Any], list[Any]]:
    """Look for no docstring examples in test modules.

    Modules whose extra is not installed are passed over in the search for examples; a test
    module that cannot be imported would be passed over with them, and its tests be missed.
    """
    collectors = yield
    # pytest does not export the class.
    return [c for c in collectors if type(c).__name__ != "DoctestModule"]


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A Chromium without a window; playwright bears one in a process and no more."""
    pytest.importorskip("playwright", reason="needs the dependency group browser")
    from tests.browser.lab import find_chromium, open_chromium

    if find_chromium() is None:
        pytest.skip("needs Chromium")
    with open_chromium() as browser:
        yield browser
