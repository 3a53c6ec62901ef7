"""Whether the arrays of a model folder are what scoring takes them for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable
from paywallstrip.errors import ModelDamagedError


def check_types(arrays: dict[str, Any]) -> None:
    """Raise `ModelDamagedError` unless all are arrays of whole numbers or flags."""
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ModelDamagedError(f"{name} is no array")
        if array.dtype.kind not in "iub":
            raise ModelDamagedError(
                f"{name} has type {array.dtype}, only whole numbers and flags belong here"
            )


def check_cues(cues: CueTable) -> None:
    """Raise `ModelDamagedError` unless matching can go by this table."""
    types = {"keys": "uint64", "longer": "bool", "groups": "uint16", "first": "int64"}
    for field, dtype in (types | {"members": "int64"}).items():
        array = getattr(cues, field)
        if array.dtype != dtype or array.ndim != 1:
            raise ModelDamagedError(
                f"cue_{field} is {array.dtype} of {array.ndim} dimensions, expected {dtype} of 1"
            )
    size = len(cues.keys)
    if size < 16 or size & (size - 1):
        raise ModelDamagedError(f"cue_keys has {size} slots, expected a power of two")
    if len(cues.longer) != size or len(cues.groups) != size:
        raise ModelDamagedError("cue_longer and cue_groups must be as long as cue_keys")
    bounds = cues.first
    if (
        len(bounds) < 2
        or bounds[0]
        or bounds[-1] != len(cues.members)
        or (np.diff(bounds) < 0).any()
    ):
        raise ModelDamagedError("cue_first does not divide cue_members into sets")
    if int(cues.groups.max()) + 1 >= len(bounds):
        raise ModelDamagedError("cue_groups names a set that cue_first does not have")
    if ((cues.members < 0) | (cues.members >= len(cues.categories))).any():
        raise ModelDamagedError("cue_members names a category that the model does not have")


def checked(
    arrays: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...], dtype: type[np.integer[Any]]
) -> NDArray[Any]:
    """Return the array of that name; `ModelDamagedError` unless it has this shape and type."""
    array = arrays[name]
    if array.shape != shape or array.dtype != dtype:
        raise ModelDamagedError(
            f"{name} is {array.dtype} of shape {array.shape}, "
            f"expected {np.dtype(dtype)} of shape {shape}"
        )
    return array
