"""A model for text as a folder of arrays, in the form of each format version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable
from paywallstrip.errors import ModelDamagedError
from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.islands import Islands
from paywallstrip.labels import LABELS
from paywallstrip.measures import table_width
from paywallstrip.model import (
    OLD_HASH_BITS,
    PAGE_KINDS,
    Model,
    first_width,
    is_schema,
    schema_fingerprint,
)
from paywallstrip.model_checks import check_cues, checked
from paywallstrip.model_folder import TEXT_KIND, Reader, read_folder, write_folder
from paywallstrip.reading import HASH_BITS
from paywallstrip.sequence import second_measures
from paywallstrip.stages import FirstStage, SecondStage
from paywallstrip.topic import MOST_RARITY, RARITY_BITS

if TYPE_CHECKING:
    from pathlib import Path


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
    return read_folder(path, TEXT_KIND, is_schema, READERS)


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
    evidence = arrays.get("evidence")
    # One of another shape stays, to be refused with what it should be.
    if evidence is not None and evidence.ndim == 1:
        hashed = (len(WIDE_ROLES) + 1) * old
        others, own = evidence[:-hashed], evidence[-hashed:]
        found["evidence"] = np.concatenate([others, own.repeat(parts)])
    return {**arrays, **found}


def _read_stages(info: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model without what looks at content last, checking every array."""
    cues = CueTable(
        tuple(info["cue_categories"]),
        *(arrays[f"cue_{field}"] for field in CueTable._fields[1:]),
    )
    check_cues(cues)
    rarity = checked(arrays, "rarity", (1 << RARITY_BITS,), np.uint8)
    if rarity.max() > MOST_RARITY:
        raise ModelDamagedError(f"rarity is {rarity.max()}, expected {MOST_RARITY} at most")
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
