"""Compressed files piece by piece, whole, in members, and damaged."""

import gzip
import importlib.util
import io
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.bulk.compression import compressed, pieces
from paywallstrip.bulk.records import DamagedError

GZIP, ZSTD = Path("a.gz"), Path("a.zst")
NAMES = [
    GZIP,
    pytest.param(
        ZSTD,
        marks=pytest.mark.skipif(
            importlib.util.find_spec("zstandard") is None, reason="zstandard is not installed"
        ),
    ),
]
NOISE = Random(1).randbytes(300_000)


@pytest.mark.parametrize("name", [Path("a"), *NAMES])
@given(parts=st.lists(st.binary(max_size=2000), max_size=5))
def test_members_behind_one_another_are_one_file(name: Path, parts: list[bytes]) -> None:
    data = b"".join(compressed(name, part) for part in parts)
    assert b"".join(pieces(name, io.BytesIO(data))) == b"".join(parts)


@pytest.mark.parametrize("name", NAMES)
@given(cut=st.integers(1, 10_000))
def test_a_file_cut_off_is_said_to_be(name: Path, cut: int) -> None:
    data = compressed(name, NOISE)
    with pytest.raises(DamagedError, match="cut off"):
        list(pieces(name, io.BytesIO(data[:-cut])))


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_before_the_damage_is_read(name: Path) -> None:
    data = compressed(name, b"first") + b"\xff" + compressed(name, b"second")
    read: list[bytes] = []
    with pytest.raises(DamagedError, match="cannot be decompressed"):
        read.extend(pieces(name, io.BytesIO(data)))
    assert b"".join(read) == b"first"


def test_zeros_behind_the_end_are_no_damage() -> None:
    assert b"".join(pieces(GZIP, io.BytesIO(gzip.compress(b"x") + bytes(70_000)))) == b"x"


def test_gzip_made_twice_is_the_same() -> None:
    assert compressed(GZIP, NOISE) == compressed(GZIP, NOISE)
