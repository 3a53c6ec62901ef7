"""The picture in README.md."""

import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from paywallstrip import Label, classify

TOOL = Path(__file__, "../../tools/make_picture.py").resolve()


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The command as a module; tools/ is no package."""
    spec = importlib.util.spec_from_file_location("make_picture", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_the_one_that_the_shipped_model_gives(tool: ModuleType) -> None:
    assert tool.main(["--check"]) == 0, "run make picture"


def test_the_picture_is_well_formed_and_shows_every_line(tool: ModuleType) -> None:
    page = classify(tool.sample())
    texts = ET.fromstring(tool.draw(page.lines)).iter("{http://www.w3.org/2000/svg}text")
    shown = [text.text for text in texts]
    labels = [text for text in shown if text in set(Label)]
    assert len(labels) == len(page.lines)
