"""A model folder: weights as plain arrays, a JSON beside them, never a pickle."""

import json
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from paywallstrip.arrays import Archive, checksum_of, read_archive
from paywallstrip.characters import table
from paywallstrip.cues import CueTable
from paywallstrip.errors import (
    ModelDamagedError,
    ModelFormatError,
    ModelNotFoundError,
    ModelSchemaError,
)
from paywallstrip.families import context_measures, own_measures
from paywallstrip.features import HASH_BITS, ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.islands import NO_ISLANDS, Islands
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import table_width
from paywallstrip.model_checks import check_cues, check_types, checked
from paywallstrip.sequence import second_measures
from paywallstrip.stages import MIXING_UNIT, UNIT, WORD_UNIT, FirstStage, SecondStage
from paywallstrip.topic import RARITY_BITS

if TYPE_CHECKING:
    from pathlib import Path

# What only training needs (hashlib, pathlib, zipfile) is imported there: it would take
# longer than reading the model.

FORMAT_VERSION = 4
"""Raised when a reader of the old format could misread a folder; old versions stay readable.

CONTRIBUTING.md has the rule."""
FEATURE_VERSION = 1
"""Raised when a feature's meaning changes without its name or place changing."""
PAGE_KINDS = (35, 65, 80, 90, 97)
"""Percent of a page's characters in running text from which the next kind begins."""
_KINDS = np.searchsorted(PAGE_KINDS, np.arange(PAGE_KINDS[-1] + 1), side="right")
OLD_HASH_BITS = 16
"""Of a hashed column's number, in formats 1 and 2."""
PACKED = ("cue_", "evidence", "markup_")
"""Beginnings of the names of arrays that are packed: they become half as large or less."""
WEIGHTS_FILE = "weights.npz"
JSON_FILE = "model.json"
CHECKSUM = "weights_checksum"
"""The field in it that tells which arrays it belongs to, as `arrays.checksum_of` takes it."""
SHIPPED_SCHEMA = (
    0x6E6DFEEB,
    "30e991eb019a6f758c546a7122b3eee0c3ef681f5a2e0f59be8bcc7c93352b6c",
)
"""Checksum of the shipped model's cue categories, and the fingerprint they give."""
TEXT_KIND, HTML_KIND = "text", "html"
DEFAULT_NAME = "text-v1"
DEFAULT_HTML_NAME = "html-v1"
SHIPPED = {TEXT_KIND: DEFAULT_NAME, HTML_KIND: DEFAULT_HTML_NAME}
"""Names of the models that come with the package, by kind."""

Built = TypeVar("Built")
Reader = Callable[[dict[str, Any], dict[str, NDArray[Any]]], Built]


@dataclass(frozen=True)
class Model:
    """All that turns texts into scores.

    Attributes:
        extractor: the feature extractor with the model's cue lists and word rarities.
        first: weights of the first stage.
        second: weights of the second stage.
        offsets: int64 array of shape (kinds of page, labels), added to the scores before
            the best label is taken, in units of `stages.UNIT`; the kind of a page is the
            bin of `PAGE_KINDS` that its share of running text falls into.
        info: the model's JSON.
        islands: which content stands apart from the page's main run, and what that costs it.
        evidence: uint8 array of shape (`first_width`,), how much the training lines said of
            each of the first stage's weights, as `training.evidence` grades it; None where
            the model does not say. Only adapting reads it.
    """

    extractor: FeatureExtractor
    first: FirstStage
    second: SecondStage
    offsets: Ints
    info: dict[str, Any]
    islands: Islands = NO_ISLANDS
    evidence: NDArray[np.uint8] | None = None


def page_kinds(prose_share: Ints) -> Ints:
    """Return the kind of each page, 0 up to `len(PAGE_KINDS)`, a row of `Model.offsets`.

    Args:
        prose_share: int64 array, percent of the page's characters in running text.
    """
    return _KINDS.take(prose_share, mode="clip")


def first_width(extractor: FeatureExtractor) -> int:
    """Return how many columns the first stage has, all roles counted."""
    hashed = (len(WIDE_ROLES) + 1) << HASH_BITS
    return extractor.context_width * len(ROLES) + extractor.own_width + hashed


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


def schema_fingerprint(categories: tuple[str, ...]) -> str:
    """Return the SHA-256 of everything that gives a column its meaning.

    Args:
        categories: names of the cue categories.
    """
    parts = {
        "version": FEATURE_VERSION,
        "unicode": table().unicode,
        "labels": [label.value for label in LABELS],
        # How many hashed columns there are is told by the format's version.
        "units": [UNIT, WORD_UNIT, MIXING_UNIT, OLD_HASH_BITS, RARITY_BITS],
        "roles": [ROLES, WIDE_ROLES],
        "page_kinds": PAGE_KINDS,
        "measures": [
            repr(m)
            for family in (
                context_measures(categories),
                own_measures(categories),
                second_measures(),
            )
            for m in family
        ],
    }
    import hashlib

    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def save_model(model: Model, path: "str | Path") -> None:
    """Write a model folder.

    Args:
        model: the model; its `info` may hold anything JSON can, the fields that the
            format itself needs are set here.
        path: the folder; made if it is missing, its two files are replaced.
    """
    fingerprint = schema_fingerprint(model.extractor.cues.categories)
    arrays = model_arrays(model)
    if model.evidence is not None:
        arrays["evidence"] = model.evidence
    write_folder(path, TEXT_KIND, fingerprint, model, arrays)


def model_arrays(model: Model) -> dict[str, NDArray[Any]]:
    """Return the arrays that score, by the names they are written under."""
    return {
        **{f"first_{k}": v for k, v in model.first._asdict().items()},
        **{f"second_{k}": v for k, v in model.second._asdict().items()},
        **{f"cue_{k}": v for k, v in model.extractor.cues._asdict().items() if k != "categories"},
        "rarity": model.extractor.rarity,
        "offsets": model.offsets,
        "islands": np.array(model.islands, dtype=np.int64),
    }


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


def load_model(path: "str | Path") -> Model:
    """Read a model folder.

    Args:
        path: the folder.

    Returns:
        The model, checked against this release's features.

    Raises:
        ModelNotFoundError: if the folder or one of its files is missing.
        ModelFormatError: if it is no model folder or of an unknown format version.
        ModelSchemaError: if it was trained on other features than this release computes.
        ModelDamagedError: if arrays are missing, cut off, of wrong shape or type, or too large.
    """
    return read_folder(path, TEXT_KIND, _is_schema, READERS)


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
        ModelError: as for `load_model`.
    """
    info = _read_info(path, kind, is_schema, readers)
    weights = os.path.join(path, WEIGHTS_FILE)
    arrays, checksum = _read_arrays(weights)
    try:
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
                "give the path of a folder that `paywallstrip train` wrote, or the name of a "
                f"model that comes with the package: {' or '.join(SHIPPED.values())}"
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


def _is_schema(found: object, categories: tuple[str, ...]) -> bool:
    # Of the shipped model's features the fingerprint is known: taking it needs hashlib.
    names = "\n".join(categories).encode("utf-8", "surrogatepass")
    known = (zlib.crc32(names), found) == SHIPPED_SCHEMA
    return known or found == schema_fingerprint(categories)


def _read_arrays(path: str) -> Archive:
    try:
        return read_archive(path)
    except Exception as error:
        # zipfile and numpy raise errors of many kinds, depending on where the damage is.
        raise ModelDamagedError(f"{path} cannot be read as arrays: {error}") from None


def read_format_1(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model of its JSON and its arrays, which have fewer hashed columns."""
    return _read_stages(info, _widened(arrays))


def read_format_2(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model of its JSON and its arrays: as in format 1, with `islands`."""
    return _with_islands(read_format_1(info, arrays), arrays)


def read_format_3(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model of its JSON and its arrays: of text the same as in format 4."""
    return read_format_4(info, arrays)


def read_format_4(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model of its JSON and its arrays."""
    return _with_islands(_read_stages(info, arrays), arrays)


def _widened(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Give each of the present hashed columns the weights of the old one that it is a part of."""
    count, old = len(LABELS), 1 << OLD_HASH_BITS
    parts = (1 << HASH_BITS) // old
    wide = checked(arrays, "first_wide", (old, count * len(WIDE_ROLES)), np.int16)
    narrow = checked(arrays, "first_narrow", (old, count), np.int16)
    found = {"first_wide": wide.repeat(parts, axis=0), "first_narrow": narrow.repeat(parts, axis=0)}
    if "evidence" in arrays:
        hashed = (len(WIDE_ROLES) + 1) * old
        others, own = arrays["evidence"][:-hashed], arrays["evidence"][-hashed:]
        found["evidence"] = np.concatenate([others, own.repeat(parts)])
    return {**arrays, **found}


def _read_stages(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model without what looks at content last, checking every array."""
    check_types(arrays)
    cues = CueTable(
        tuple(info["cue_categories"]),
        *(arrays[f"cue_{field}"] for field in CueTable._fields[1:]),
    )
    check_cues(cues)
    rarity = checked(arrays, "rarity", (1 << RARITY_BITS,), np.uint8)
    extractor = FeatureExtractor(cues, rarity)
    count, hashed = len(LABELS), 1 << HASH_BITS
    width = np.int8 if arrays["first_wide"].dtype == np.int8 else np.int16
    first = FirstStage(
        checked(arrays, "first_bias", (count,), np.int64),
        checked(arrays, "first_context", (extractor.context_width, count * len(ROLES)), np.int32),
        checked(arrays, "first_own", (extractor.own_width, count), np.int32),
        checked(arrays, "first_wide", (hashed, count * len(WIDE_ROLES)), width),
        checked(arrays, "first_narrow", (hashed, count), width),
    )
    second = SecondStage(
        checked(arrays, "second_bias", (count,), np.int64),
        checked(arrays, "second_table", (table_width(second_measures()), count), np.int32),
        checked(arrays, "second_mixing", (count, count), np.int64),
    )
    evidence = None
    if "evidence" in arrays:
        evidence = checked(arrays, "evidence", (first_width(extractor),), np.uint8)
    return Model(
        extractor,
        first,
        second,
        checked(arrays, "offsets", (len(PAGE_KINDS) + 1, count), np.int64),
        info,
        evidence=evidence,
    )


def _with_islands(model: Model, arrays: dict[str, NDArray[Any]]) -> Model:
    islands = checked(arrays, "islands", (len(Islands._fields),), np.int64)
    if (islands < (1, 1, 1, 0)).any() or islands[1] > 100:
        raise ModelDamagedError(f"islands is {islands.tolist()}, which is out of range")
    return replace(model, islands=Islands(*islands.tolist()))


READERS: Mapping[int, Reader[Model]] = {
    1: read_format_1,
    2: read_format_2,
    3: read_format_3,
    4: read_format_4,
}
"""Format version to what makes a model of its description and arrays; none is ever taken out."""
