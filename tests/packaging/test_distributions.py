"""What is in the wheel and the sdist, and what they weigh."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Distributions

pytestmark = pytest.mark.wheel

MEGABYTE = 1_000_000
MODELS = ROOT / "models"


def model_folders() -> list[Path]:
    """Return the folders that hold a model; models/labels holds labels for training."""
    return sorted(path.parent for path in MODELS.glob("*/*.npz"))


def names_in(wheel: Path) -> set[str]:
    """Return the names of a wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_package_and_its_metadata_only(distributions: Distributions) -> None:
    tops = {name.split("/")[0] for name in names_in(distributions.wheel)}
    (metadata,) = tops - {"paywallstrip"}
    assert metadata.endswith(".dist-info")


def test_wheel_holds_no_tests(distributions: Distributions) -> None:
    parts = {part for name in names_in(distributions.wheel) for part in name.split("/")}
    assert not {part for part in parts if part in ("tests", "pages") or part.startswith("test_")}


def test_wheel_holds_every_file_of_every_model(distributions: Distributions) -> None:
    files = {
        f"paywallstrip/_models/{path.relative_to(MODELS)}"
        for folder in model_folders()
        for path in folder.iterdir()
    }
    assert any(name.startswith("paywallstrip/_models/text-v1/") for name in files)
    assert files <= names_in(distributions.wheel)


def test_wheel_holds_data_types_and_licence(distributions: Distributions) -> None:
    names = names_in(distributions.wheel)
    assert "paywallstrip/py.typed" in names
    assert any(name.startswith("paywallstrip/data/") for name in names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_wheel_holds_the_labelling_rules_as_they_are_in_docs(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        rules = archive.read("paywallstrip/_docs/LABELS.md")
    assert rules == (ROOT / "docs" / "LABELS.md").read_bytes()


def test_wheel_holds_the_labelling_widget_s_browser_side(distributions: Distributions) -> None:
    names = names_in(distributions.wheel)
    files = ("labeller.css", "labeller.js", "marks.js")
    assert {f"paywallstrip/notebook/{file}" for file in files} <= names


def test_wheel_holds_no_labels_for_training(distributions: Distributions) -> None:
    assert not {name for name in names_in(distributions.wheel) if "/_models/labels/" in name}


def test_sdist_builds_the_same_wheel(distributions: Distributions) -> None:
    assert names_in(distributions.wheel_of_sdist) == names_in(distributions.wheel)


def test_sdist_holds_what_its_tests_and_checks_need(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"conftest.py", ".ci/run", ".ci/lowest.py"} <= names


def test_sdist_holds_no_environment_and_no_cache(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        parts = {part for name in archive.getnames() for part in name.split("/")}
    assert not parts & {".venv", ".git", "__pycache__", ".pytest_cache", ".mypy_cache"}


def test_wheel_weighs_at_most_8_megabytes(distributions: Distributions) -> None:
    assert distributions.wheel.stat().st_size <= 8 * MEGABYTE


def test_each_model_weighs_at_most_6_megabytes() -> None:
    sizes = [sum(x.stat().st_size for x in folder.rglob("*")) for folder in model_folders()]
    assert max(sizes) <= 6 * MEGABYTE
