"""Models of every format version load and decide as when they were written."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from paywallstrip import Classifier
from paywallstrip.model import FORMAT_VERSION, READERS, WEIGHTS_FILE
from tests.formats import MODELS, decisions, differing

FOLDERS = sorted(MODELS.glob("format-*"))


def test_every_version_up_to_the_present_one_has_a_reader_and_a_model() -> None:
    versions = list(range(1, FORMAT_VERSION + 1))
    assert (sorted(READERS), [folder.name for folder in FOLDERS]) == (
        versions,
        [f"format-{version}" for version in versions],
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_old_model_decides_as_when_it_was_written(folder: Path) -> None:
    assert differing(folder) == 0


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_old_model_gives_every_label(folder: Path) -> None:
    assert len({line["label"] for line in decisions(Classifier.load(folder))}) == 4


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_old_model_is_small(folder: Path) -> None:
    assert (folder / WEIGHTS_FILE).stat().st_size < 300_000


def test_another_decision_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(FOLDERS[-1], tmp_path, dirs_exist_ok=True)
    weights = tmp_path / WEIGHTS_FILE
    with np.load(weights) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["second_bias"][0] += 1000
    np.savez_compressed(weights, **arrays)
    assert differing(tmp_path) > 0
