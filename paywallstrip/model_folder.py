"""A model folder as files: weights as plain arrays, a JSON beside them, never a pickle."""

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from paywallstrip.arrays import Archive, checksum_of, read_archive
from paywallstrip.errors import (
    ModelDamagedError,
    ModelFormatError,
    ModelNotFoundError,
    ModelSchemaError,
)
from paywallstrip.labels import LABELS
from paywallstrip.model import Model
from paywallstrip.model_checks import check_types

if TYPE_CHECKING:
    from pathlib import Path

# What only training needs (hashlib, pathlib, zipfile) is imported there: it would take
# longer than reading the model.

FORMAT_VERSION = 4
"""Raised when a reader of the old format could misread a folder; old versions stay readable.

CONTRIBUTING.md has the rule."""
PACKED = ("cue_", "evidence", "markup_")
"""Beginnings of the names of arrays that are packed: they become half as large or less."""
WEIGHTS_FILE = "weights.npz"
JSON_FILE = "model.json"
CHECKSUM = "weights_checksum"
"""The field in it that tells which arrays it belongs to, as `arrays.checksum_of` takes it."""
TEXT_KIND, HTML_KIND = "text", "html"
DEFAULT_NAME = "text-v1"
DEFAULT_HTML_NAME = "html-v1"
SHIPPED = {TEXT_KIND: DEFAULT_NAME, HTML_KIND: DEFAULT_HTML_NAME}
"""Names of the models that come with the package, by kind."""

Built = TypeVar("Built")
Reader = Callable[[dict[str, Any], dict[str, NDArray[Any]]], Built]


def default_path(name: str = DEFAULT_NAME) -> "Path":
    """Return the folder of a shipped model, in a wheel or in a checkout.

    Args:
        name: the model's name.

    Raises:
        ModelNotFoundError: if neither has it.
    """
    from pathlib import Path

    return Path(default_folder(name))


def default_folder(name: str = DEFAULT_NAME) -> str:
    """Return the same as `default_path`, as a str.

    Args:
        name: the model's name.

    Raises:
        ModelNotFoundError: if neither has it.
    """
    package = os.path.dirname(__file__)
    for folder in (os.path.join(package, "_models"), os.path.join(package, "..", "models")):
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(os.path.join(path, JSON_FILE)):
            return path
    raise ModelNotFoundError(
        f"the shipped model {name} is missing from this installation of paywallstrip; "
        "reinstall it, or give Classifier.load the path of a model folder"
    )


def write_folder(
    path: "str | Path", kind: str, fingerprint: str, model: Model, arrays: dict[str, NDArray[Any]]
) -> None:
    """Write a model folder of some kind.

    Args:
        path: the folder; made if it is missing.
        kind: "text" or "html".
        fingerprint: of the features.
        model: gives `info` and the cue categories.
        arrays: the arrays by name.

    Raises:
        OSError: the folder or a file cannot be written, or a file is write-protected; no draft
            stays behind.
    """
    import hashlib
    from pathlib import Path

    from paywallstrip.protected import refuse_protected

    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    weights, description = folder / WEIGHTS_FILE, folder / JSON_FILE
    refuse_protected(weights, description)
    drafts = [each.with_name(f".{each.name}.part") for each in (weights, description)]
    try:
        checksum = _write_arrays(drafts[0], arrays)
        digest = hashlib.sha256(drafts[0].read_bytes()).hexdigest()
        # The checksum is compared when the folder is read, where the digest would take too long.
        sums = {"weights_sha256": digest, CHECKSUM: checksum}
        drafts[1].write_text(_described(kind, fingerprint, model, sums), encoding="utf-8")
        # Whoever stops in between leaves a folder that `load` refuses, not one of two models.
        description.unlink(missing_ok=True)
        os.replace(drafts[0], weights)
        os.replace(drafts[1], description)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _described(kind: str, fingerprint: str, model: Model, sums: Mapping[str, Any]) -> str:
    """Write what stands beside the weights."""
    info = {
        **model.info,
        "format": FORMAT_VERSION,
        "kind": kind,
        "schema": fingerprint,
        "labels": [label.value for label in LABELS],
        "cue_categories": list(model.extractor.cues.categories),
        **sums,
    }
    return json.dumps(info, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _write_arrays(path: "Path", arrays: dict[str, NDArray[Any]]) -> int:
    """Write an .npz whose bytes depend on the arrays and on zlib alone; return its checksum."""
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            if name.startswith(PACKED):
                entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=False) as file:
                np.lib.format.write_array(file, arrays[name], allow_pickle=False)
        return checksum_of((entry.filename, entry.CRC) for entry in archive.infolist())


def read_folder(
    path: "str | Path",
    kind: str,
    is_schema: Callable[[object, tuple[str, ...]], bool],
    readers: Mapping[int, Reader[Built]],
) -> Built:
    """Read a model folder of some kind.

    Args:
        path: the folder.
        kind: "text" or "html".
        is_schema: says whether a fingerprint is that of this release's features with some
            cue categories.
        readers: format version to what makes a model of the JSON and the arrays.

    Returns:
        What the reader of the folder's version made.

    Raises:
        ModelError: as for `model_formats.load_model`.
    """
    info = _read_info(path, kind, is_schema, readers)
    weights = os.path.join(path, WEIGHTS_FILE)
    arrays, checksum = _read_arrays(weights)
    try:
        check_types(arrays)
        built = readers[info["format"]](info, arrays)
    except KeyError as error:
        raise ModelDamagedError(f"{weights}: array {error} is missing") from None
    except ModelDamagedError as error:
        raise ModelDamagedError(f"{weights}: {error}") from None
    # Models written before it was recorded have none.
    if info.get(CHECKSUM, checksum) != checksum:
        raise ModelDamagedError(
            f"{weights} and {JSON_FILE} beside it were not written together; copy both of one model"
        )
    return built


def model_kind(path: "str | Path") -> str:
    """Return the kind of a model folder, "text" unless its description says otherwise.

    What is wrong with a folder is for its own loader to say.
    """
    return HTML_KIND if _described_as(path, "kind") == HTML_KIND else TEXT_KIND


def weights_digest(path: "str | Path") -> str | None:
    """Return the SHA-256 of a model folder's weights as its description has it, if it has one."""
    digest = _described_as(path, "weights_sha256")
    return digest if isinstance(digest, str) else None


def _described_as(path: "str | Path", field: str) -> Any:
    """Return a field of a model folder's description; None where there is none."""
    try:
        with open(os.path.join(path, JSON_FILE), encoding="utf-8") as file:
            return json.load(file).get(field)
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def _read_info(
    path: "str | Path",
    kind: str,
    is_schema: Callable[[object, tuple[str, ...]], bool],
    readers: Mapping[int, Reader[Built]],
) -> dict[str, Any]:
    for name in (JSON_FILE, WEIGHTS_FILE):
        if not os.path.isfile(os.path.join(path, name)):
            raise ModelNotFoundError(
                f"{os.fspath(path) or 'an empty path'} is no model folder: {name} is missing; "
                "give the path of a folder that `paywallstrip train` wrote, or, but for the "
                "command line, the name of a model that comes with the package: "
                f"{' or '.join(SHIPPED.values())}"
            )
    description = os.path.join(path, JSON_FILE)
    try:
        with open(description, encoding="utf-8") as file:
            info = json.load(file)
        found = info["format"]
    except OSError as error:
        raise ModelDamagedError(f"{description} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFormatError(f"{description} is no model description: {error}") from None
    # True is 1 and may not pass for it; a list cannot be looked up.
    if type(found) is not int or found not in readers:
        raise ModelFormatError(
            f"{path} has format version {found!r}, this release reads "
            f"{', '.join(map(str, readers))}; update paywallstrip or retrain the model"
        )
    if info.get("kind") != kind:
        raise ModelFormatError(
            f"{path} is a model of kind {info.get('kind')!r}; the {kind} verbs need kind {kind!r}"
        )
    labels = [label.value for label in LABELS]
    if info.get("labels", labels) != labels:
        raise ModelFormatError(f"{description}: labels must be {labels}, not {info['labels']}")
    names = info.get("cue_categories")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelFormatError(f"{description}: cue_categories must be a list of names")
    if not is_schema(info.get("schema"), tuple(names)):
        raise ModelSchemaError(
            f"{path} was trained on other features than this release of paywallstrip computes; "
            "retrain it, or use the release that wrote it"
        )
    return dict(info)


def _read_arrays(path: str) -> Archive:
    try:
        return read_archive(path)
    except Exception as error:
        # zipfile and numpy raise errors of many kinds, depending on where the damage is.
        raise ModelDamagedError(f"{path} cannot be read as arrays: {error}") from None
