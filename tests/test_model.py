"""Model folders: what is written is read back, and what is no model is refused by name."""

import json
import os
import pickle
import random
import re
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

import numpy as np
import pytest

from paywallstrip import Classifier, PaywallstripError, arrays
from paywallstrip.errors import (
    DataError,
    ModelDamagedError,
    ModelError,
    ModelFormatError,
    ModelKindError,
    ModelNotFoundError,
    ModelSchemaError,
    PageError,
)
from paywallstrip.model import SHIPPED_SCHEMA, Model, schema_fingerprint
from paywallstrip.model_folder import FORMAT_VERSION, JSON_FILE, WEIGHTS_FILE, default_path
from paywallstrip.model_formats import load_model, save_model
from tests.toy import CUES, Arrays, edit_arrays, toy, toy_model

TEXT = "Share\nRain fell on the harbour all night.\n\nAlso read\nPremium\n"

NAMES = (
    "cue_first",
    "cue_groups",
    "cue_keys",
    "cue_longer",
    "cue_members",
    "first_bias",
    "first_context",
    "first_narrow",
    "first_own",
    "first_wide",
    "islands",
    "offsets",
    "rarity",
    "second_bias",
    "second_mixing",
    "second_table",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved toy model, to be damaged."""
    save_model(toy_model(), tmp_path / "model")
    return tmp_path / "model"


def edit_json(folder: Path, **changes: Any) -> None:
    info = json.loads((folder / JSON_FILE).read_text("utf-8"))
    (folder / JSON_FILE).write_text(json.dumps(info | changes), "utf-8")


def weights(model: Model) -> list[tuple[str, tuple[int, ...], bytes]]:
    """Return type, shape and bytes of every weight."""
    arrays: list[np.ndarray] = [*model.first, *model.second, model.offsets, model.extractor.rarity]
    return [(array.dtype.str, array.shape, array.tobytes()) for array in arrays]


# Round trip


def test_a_folder_s_name_may_be_a_str(tmp_path: Path) -> None:
    save_model(toy_model(), str(tmp_path / "named"))
    assert load_model(str(tmp_path / "named")).info["name"] == "toy"


def test_a_loaded_model_decides_as_the_saved_one(folder: Path) -> None:
    assert Classifier.load(folder).classify(TEXT) == toy().classify(TEXT)


def test_loaded_weights_are_the_saved_ones(folder: Path) -> None:
    assert weights(load_model(folder)) == weights(toy_model())


def test_loaded_cues_are_the_saved_ones(folder: Path) -> None:
    again, cues = load_model(folder).extractor.cues, toy_model().extractor.cues
    assert again.categories == cues.categories
    for field in cues._fields[1:]:
        assert np.array_equal(getattr(again, field), getattr(cues, field)), field


def test_a_model_saved_twice_is_the_same_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    save_model(load_model(folder), tmp_path / "again")
    for name in (JSON_FILE, WEIGHTS_FILE):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_folders_above_a_model_are_made(tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path / "models" / "own")
    assert load_model(tmp_path / "models" / "own").info["name"] == "toy"


def test_saving_over_a_model_replaces_it(folder: Path) -> None:
    edit_json(folder, format=0)
    save_model(toy_model(), folder)
    assert load_model(folder).info["format"] == FORMAT_VERSION


def test_what_a_model_says_of_itself_is_kept(folder: Path) -> None:
    assert load_model(folder).info["name"] == "toy"


def test_the_json_names_the_labels_in_their_order(folder: Path) -> None:
    assert load_model(folder).info["labels"] == [
        "content",
        "paywall",
        "navigation",
        "related-links",
    ]


def test_a_path_may_be_a_str(folder: Path) -> None:
    assert Classifier.load(str(folder)).clean(TEXT) == toy().clean(TEXT)


def test_the_weights_hold_no_pickle(folder: Path) -> None:
    with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as archive:
        assert {archive[name].dtype.kind for name in archive.files} <= set("iub")


def test_a_folder_of_compressed_weights_is_read(folder: Path) -> None:
    with np.load(folder / WEIGHTS_FILE) as archive:
        arrays: Any = {name: archive[name] for name in archive.files}
    np.savez_compressed(folder / WEIGHTS_FILE, **arrays)
    assert Classifier.load(folder).clean(TEXT) == toy().clean(TEXT)


def test_the_shipped_model_loads() -> None:
    assert Classifier.load().model.info["kind"] == "text"


def test_the_shipped_model_takes_at_most_six_megabytes() -> None:
    assert sum(path.stat().st_size for path in default_path().glob("*")) <= 6_000_000


def test_the_schema_names_other_cue_categories_otherwise() -> None:
    assert schema_fingerprint(("a", "b")) != schema_fingerprint(("a", "c"))


def test_the_recorded_schema_is_that_of_the_shipped_model() -> None:
    names = json.loads((default_path() / JSON_FILE).read_text("utf-8"))["cue_categories"]
    checksum = zlib.crc32("\n".join(names).encode())
    assert (checksum, schema_fingerprint(tuple(names))) == SHIPPED_SCHEMA


# Missing


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="nowhere is no model folder"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [JSON_FILE, WEIGHTS_FILE])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelNotFoundError, match=f"{name} is missing"):
        load_model(folder)


def test_a_description_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("paywallstrip.model_folder.json.load", refuse)
    with pytest.raises(ModelDamagedError, match=f"{JSON_FILE} cannot be read: Permission denied"):
        load_model(folder)


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    with pytest.raises(ModelNotFoundError):
        load_model(folder / JSON_FILE)


def test_a_missing_model_is_a_missing_file() -> None:
    assert issubclass(ModelNotFoundError, FileNotFoundError)


# The JSON


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"format"',
        b"{}",
        b"\xff\xfe{}",
        b"format: 1",
        b"[" * 100_000,
    ],
    ids=[
        "empty",
        "cut off",
        "a list",
        "null",
        "a string",
        "without a format",
        "not UTF-8",
        "YAML",
        "nested without end",
    ],
)
def test_a_json_that_is_no_model_description_is_refused(folder: Path, content: bytes) -> None:
    (folder / JSON_FILE).write_bytes(content)
    with pytest.raises(ModelFormatError, match="no model description"):
        Classifier.load(folder)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, "1", None, 1.5, True, [1]])
def test_another_format_version_is_refused(folder: Path, version: object) -> None:
    edit_json(folder, format=version)
    with pytest.raises(ModelFormatError, match=re.escape(f"has format version {version!r}")):
        load_model(folder)


@pytest.mark.parametrize("kind", ["html", None, ""])
def test_a_model_of_another_kind_is_refused(folder: Path, kind: object) -> None:
    edit_json(folder, kind=kind)
    with pytest.raises(ModelFormatError, match=f"of kind {kind!r}; the text verbs need"):
        load_model(folder)


def test_another_schema_is_refused(folder: Path) -> None:
    edit_json(folder, schema="0" * 64)
    with pytest.raises(ModelSchemaError, match="trained on other features"):
        load_model(folder)


def test_other_cue_categories_are_another_schema(folder: Path) -> None:
    edit_json(folder, cue_categories=[*sorted(CUES)[:-1], "other"])
    with pytest.raises(ModelSchemaError):
        load_model(folder)


@pytest.mark.parametrize("categories", [None, 7, "gate", [1, 2], [["gate"]], {}])
def test_cue_categories_that_are_no_list_of_names_are_refused(
    folder: Path, categories: object
) -> None:
    edit_json(folder, cue_categories=categories)
    with pytest.raises(ModelError):
        load_model(folder)


# The arrays


def test_every_cut_off_file_of_weights_is_refused(folder: Path) -> None:
    whole = (folder / WEIGHTS_FILE).read_bytes()
    for size in (0, 1, 3, 4, 30, 1000, len(whole) // 2, len(whole) - 100, len(whole) - 1):
        (folder / WEIGHTS_FILE).write_bytes(whole[:size])
        with pytest.raises(ModelDamagedError, match="cannot be read as arrays"):
            load_model(folder)


def test_weights_of_another_model_are_refused(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays.update(second_bias=arrays["second_bias"] + 1))
    with pytest.raises(ModelDamagedError, match=r"model\.json beside it were not written together"):
        load_model(folder)


def test_weights_are_not_compared_where_no_checksum_was_recorded(folder: Path) -> None:
    info = json.loads((folder / JSON_FILE).read_text("utf-8"))
    del info["weights_checksum"]
    (folder / JSON_FILE).write_text(json.dumps(info), "utf-8")
    edit_arrays(folder, lambda arrays: arrays.update(second_bias=arrays["second_bias"] + 1))
    assert load_model(folder).info == info


def test_labels_in_another_order_are_refused(folder: Path) -> None:
    edit_json(folder, labels=["navigation", "paywall", "content", "related-links"])
    with pytest.raises(ModelFormatError, match=r"labels must be .*not .*'navigation'"):
        load_model(folder)


@pytest.mark.parametrize("seed", range(60))
def test_a_changed_byte_is_refused_or_harmless(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray((folder / WEIGHTS_FILE).read_bytes())
    # In the archive's directory and headers, where a byte means most.
    at = chance.choice([m.start() for m in re.finditer(b"PK", content)]) + chance.randrange(160)
    content[min(at, len(content) - 1)] ^= 1 << chance.randrange(8)
    (folder / WEIGHTS_FILE).write_bytes(content)
    try:
        again = load_model(folder)
    except ModelError:
        return
    assert Classifier(again).clean(TEXT) == toy().clean(TEXT)


def test_a_file_of_a_single_array_is_refused(folder: Path) -> None:
    with (folder / WEIGHTS_FILE).open("wb") as file:
        np.save(file, np.zeros(4, np.int64))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


def test_a_pickle_in_place_of_the_weights_is_refused(folder: Path) -> None:
    (folder / WEIGHTS_FILE).write_bytes(pickle.dumps({"first_bias": [1, 2]}))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


class Trap:
    """Would show if it were ever unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was loaded",)


def test_a_pickled_array_of_objects_is_refused_unread(folder: Path) -> None:
    def plant(arrays: Arrays) -> None:
        arrays["first_bias"] = np.array([Trap()] * 4, dtype=object)

    edit_arrays(folder, plant)
    with pytest.raises(ModelDamagedError, match="cannot be read as arrays"):
        load_model(folder)


def test_a_member_that_is_no_array_is_refused(folder: Path) -> None:
    with zipfile.ZipFile(folder / WEIGHTS_FILE, "a") as archive:
        archive.writestr("notes.txt", "not an array")
    with pytest.raises(ModelDamagedError):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_array_is_named(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.pop(name))
    with pytest.raises(ModelDamagedError, match=f"array '{name}' is missing"):
        load_model(folder)


def test_these_are_all_arrays_of_a_model(folder: Path) -> None:
    with np.load(folder / WEIGHTS_FILE) as archive:
        assert sorted(archive.files) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_that_is_too_short_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name][:-1]}))
    with pytest.raises(ModelDamagedError, match=name[:4]):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_array_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name][:0]}))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_without_a_dimension_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name].flat[0]}))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_of_another_number_of_dimensions_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name][None]}))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_of_floats_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name].astype(float)}))
    with pytest.raises(ModelDamagedError, match="only whole numbers and flags"):
        load_model(folder)


def test_weights_that_are_not_finite_are_refused(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays.update(first_bias=np.full(4, np.nan)))
    with pytest.raises(ModelDamagedError, match="first_bias"):
        load_model(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_of_another_width_of_number_is_refused(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name].astype(np.int8)}))
    with pytest.raises(ModelDamagedError):
        load_model(folder)


@pytest.mark.parametrize("name", ["cue_first", "cue_members"])
def test_a_cue_table_with_a_negative_number_is_refused(folder: Path, name: str) -> None:
    def spoil(arrays: Arrays) -> None:
        arrays[name][1] = -1

    edit_arrays(folder, spoil)
    with pytest.raises(ModelDamagedError, match=name):
        load_model(folder)


def test_a_cue_of_an_unknown_category_is_refused(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays["cue_members"].fill(len(CUES)))
    with pytest.raises(ModelDamagedError, match="cue_members"):
        load_model(folder)


def test_a_word_rarer_than_the_scale_is_refused(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays["rarity"].fill(16))
    with pytest.raises(ModelDamagedError, match="rarity is 16, expected 15 at most"):
        load_model(folder)


@pytest.mark.parametrize("beyond", [0, 1000])
def test_a_cue_of_an_unknown_set_is_refused(folder: Path, beyond: int) -> None:
    def spoil(arrays: Arrays) -> None:
        sets = len(arrays["cue_first"]) - 1
        arrays["cue_groups"][:1] = sets + beyond

    edit_arrays(folder, spoil)
    with pytest.raises(ModelDamagedError, match="cue_groups"):
        load_model(folder)


def test_a_cue_table_whose_size_is_no_power_of_two_is_refused(folder: Path) -> None:
    def shorten(arrays: Arrays) -> None:
        for name in ("cue_keys", "cue_longer", "cue_groups"):
            arrays[name] = arrays[name][:-2]

    edit_arrays(folder, shorten)
    with pytest.raises(ModelDamagedError, match="power of two"):
        load_model(folder)


def test_a_cue_table_of_fewer_than_sixteen_slots_is_refused(folder: Path) -> None:
    def shorten(arrays: Arrays) -> None:
        for name in ("cue_keys", "cue_longer", "cue_groups"):
            arrays[name] = arrays[name][:8]

    edit_arrays(folder, shorten)
    with pytest.raises(ModelDamagedError, match="8 slots"):
        load_model(folder)


def test_sets_of_cues_that_leave_the_first_member_out_are_refused(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays["cue_first"].clip(1, out=arrays["cue_first"]))
    with pytest.raises(ModelDamagedError, match="cue_first"):
        load_model(folder)


@pytest.mark.parametrize(
    "islands",
    [(0, 60, 4, 1), (1, 0, 4, 1), (1, 101, 4, 1), (1, 60, 0, 1), (1, 60, 4, -1)],
    ids=["gap", "no share", "share", "distance", "penalty"],
)
def test_a_last_look_out_of_range_is_refused(folder: Path, islands: tuple[int, ...]) -> None:
    edit_arrays(folder, lambda arrays: arrays.update(islands=np.array(islands, np.int64)))
    with pytest.raises(ModelDamagedError, match=r"islands is .* out of range"):
        load_model(folder)


@pytest.mark.parametrize("share", [1, 100])
def test_a_share_at_either_end_of_its_range_is_taken(folder: Path, share: int) -> None:
    model = replace(toy_model(), islands=toy_model().islands._replace(share=share))
    save_model(model, folder)
    assert load_model(folder).islands.share == share


def test_a_folder_that_was_written_in_part_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(toy_model(), tmp_path / "model")
    replaced = os.replace

    def stopped(source: Path, target: Path) -> None:
        if target.name == JSON_FILE:
            raise KeyboardInterrupt
        replaced(source, target)

    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        save_model(toy_model(), tmp_path / "model")
    with pytest.raises(ModelNotFoundError, match=f"{JSON_FILE} is missing"):
        load_model(tmp_path / "model")


def test_a_folder_that_cannot_be_written_holds_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_text", Mock(side_effect=OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        save_model(toy_model(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [JSON_FILE, WEIGHTS_FILE])
def test_a_write_protected_model_is_not_replaced(name: str, tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path)
    (tmp_path / name).chmod(0o444)
    with pytest.raises(PermissionError, match=f"is write-protected: .*{name}"):
        save_model(toy_model(), tmp_path)


def test_a_model_of_someone_else_s_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(toy_model(), tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="is write-protected"):
        save_model(toy_model(), tmp_path)


def test_a_folder_holds_two_files(tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [JSON_FILE, WEIGHTS_FILE]


def test_a_category_of_half_a_surrogate_pair_is_refused_by_name(tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path)
    info = json.loads((tmp_path / JSON_FILE).read_text("utf-8"))
    info["cue_categories"][0] = "\ud800"
    (tmp_path / JSON_FILE).write_text(json.dumps(info), "utf-8")
    with pytest.raises(ModelSchemaError):
        load_model(tmp_path)


def test_a_folder_that_would_fill_the_memory_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "LARGEST", 1 << 20)
    with pytest.raises(ModelDamagedError, match=r"weights\.npz cannot be read as arrays: it would"):
        load_model(folder)


def test_a_damaged_model_is_an_error_of_the_package() -> None:
    assert issubclass(ModelDamagedError, PaywallstripError)


@pytest.mark.parametrize(
    ("error", "base"),
    [(ModelKindError, TypeError), (PageError, ValueError), (DataError, ValueError)],
)
def test_an_error_is_of_the_kind_that_the_docs_name(
    error: type[PaywallstripError], base: type[Exception]
) -> None:
    assert issubclass(error, base)


def test_a_model_error_names_the_file(folder: Path) -> None:
    edit_arrays(folder, lambda arrays: arrays.pop("offsets"))
    with pytest.raises(ModelDamagedError, match=WEIGHTS_FILE):
        load_model(folder)
