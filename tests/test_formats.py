"""Models of every format version load and decide as when they were written."""

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from paywallstrip import Classifier
from paywallstrip.errors import ModelDamagedError
from paywallstrip.features import WIDE_ROLES
from paywallstrip.html_model import HTML_READERS
from paywallstrip.labels import LABELS
from paywallstrip.model import OLD_HASH_BITS
from paywallstrip.model_folder import CHECKSUM, FORMAT_VERSION, JSON_FILE, WEIGHTS_FILE
from paywallstrip.model_formats import READERS, load_model, read_format_1, save_model
from paywallstrip.reading import HASH_BITS
from tests.formats import MODELS, decisions, differing
from tests.toy import edit_arrays

TEXT_FOLDERS, HTML_FOLDERS = sorted(MODELS.glob("format-*")), sorted(MODELS.glob("html-format-*"))
FOLDERS = [*TEXT_FOLDERS, *HTML_FOLDERS]


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """Give the folder of each version and kind."""
    if request.param in HTML_FOLDERS:
        pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    return Path(request.param)


@pytest.mark.parametrize(
    ("readers", "folders", "name"),
    [(READERS, TEXT_FOLDERS, "format"), (HTML_READERS, HTML_FOLDERS, "html-format")],
    ids=["text", "html"],
)
def test_every_version_up_to_the_present_one_has_a_reader_and_a_model(
    readers: Mapping[int, object], folders: list[Path], name: str
) -> None:
    versions = list(range(1, FORMAT_VERSION + 1))
    assert (sorted(readers), [folder.name for folder in folders]) == (
        versions,
        [f"{name}-{version}" for version in versions],
    )


def test_an_old_model_decides_as_when_it_was_written(folder: Path) -> None:
    assert differing(folder) == 0


def test_an_old_model_gives_every_label(folder: Path) -> None:
    assert len({line["label"] for line in decisions(Classifier.load(folder))}) == 4


def test_an_old_model_saved_again_is_of_the_present_version(tmp_path: Path) -> None:
    save_model(load_model(TEXT_FOLDERS[0]), tmp_path)
    assert load_model(tmp_path).info["format"] == FORMAT_VERSION


def test_each_part_of_an_old_hashed_column_has_its_evidence() -> None:
    with np.load(TEXT_FOLDERS[0] / WEIGHTS_FILE) as archive:
        arrays = {name: archive[name] for name in archive.files}
    binned = arrays["first_context"].size // len(LABELS) + len(arrays["first_own"])
    hashed = (len(WIDE_ROLES) + 1) << OLD_HASH_BITS
    random = np.random.default_rng(3)
    arrays["evidence"] = random.integers(0, 256, binned + hashed).astype(np.uint8)
    info = json.loads((TEXT_FOLDERS[0] / JSON_FILE).read_text("utf-8"))
    found = np.asarray(read_format_1(info, arrays).evidence)
    parts = 1 << (HASH_BITS - OLD_HASH_BITS)
    assert (arrays["evidence"][binned:] == found[binned:].reshape(-1, parts).T).all()


def test_an_old_model_is_small(folder: Path) -> None:
    assert (folder / WEIGHTS_FILE).stat().st_size < 400_000


def test_another_decision_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(TEXT_FOLDERS[-1], tmp_path, dirs_exist_ok=True)
    weights = tmp_path / WEIGHTS_FILE
    with np.load(weights) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["second_bias"][0] += 1000
    np.savez_compressed(weights, **arrays)
    description = json.loads((tmp_path / JSON_FILE).read_text("utf-8"))
    del description[CHECKSUM]
    (tmp_path / JSON_FILE).write_text(json.dumps(description), "utf-8")
    assert differing(tmp_path) > 0


def test_an_old_model_with_a_member_that_is_no_array_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with (
        zipfile.ZipFile(folder / WEIGHTS_FILE) as old,
        zipfile.ZipFile(tmp_path / WEIGHTS_FILE, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, b"none" if name == "first_wide.npy" else old.read(name))
    with pytest.raises(ModelDamagedError, match="first_wide is no array"):
        Classifier.load(tmp_path)


def test_an_old_model_with_evidence_of_another_shape_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    edit_arrays(tmp_path, lambda arrays: arrays.update(evidence=np.array(0, np.uint8)))
    with pytest.raises(ModelDamagedError, match=r"evidence is uint8 of shape \(\)"):
        Classifier.load(tmp_path)
