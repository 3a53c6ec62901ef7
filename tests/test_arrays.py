"""Reading .npz files: what numpy's own reader gives, without its imports."""

import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paywallstrip import arrays
from paywallstrip.arrays import read_arrays

ARRAYS = {
    "bytes": np.arange(7, dtype=np.uint8),
    "flags": np.array([True, False]),
    "words": np.arange(12, dtype=np.int64).reshape(3, 4),
    "none": np.zeros((0, 4), np.int16),
    "single": np.array("16.0.0"),
}
SAVE: Any = np.savez  # to mypy any array by name may be the flag for pickles
TURNED = np.asfortranarray(np.arange(6).reshape(2, 3))


@pytest.fixture(params=[np.savez, np.savez_compressed], ids=["plain", "compressed"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    request.param(tmp_path / "arrays.npz", **ARRAYS)
    return tmp_path / "arrays.npz"


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_read_as_it_was_written(path: Path, name: str) -> None:
    np.testing.assert_array_equal(read_arrays(path)[name], ARRAYS[name], strict=True)


def test_an_array_of_another_order_is_left_to_numpy(tmp_path: Path) -> None:
    SAVE(tmp_path / "arrays.npz", turned=TURNED, **ARRAYS)
    np.testing.assert_array_equal(read_arrays(tmp_path / "arrays.npz")["turned"], TURNED)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Arrays at all places that numbers of eight bytes may have in a file."""
    numbers = {"x" * length: np.arange(3, dtype=np.int64) for length in range(1, 9)}
    SAVE(tmp_path / "odd.npz", **numbers)
    return tmp_path / "odd.npz"


def test_arrays_lie_where_numpy_reads_them_without_a_copy(odd: Path) -> None:
    assert all(array.flags.aligned for array in read_arrays(odd).values())


def test_arrays_cannot_be_written_to(odd: Path) -> None:
    assert not any(array.flags.writeable for array in read_arrays(odd).values())


def test_a_checksum_does_not_depend_on_the_order_of_members() -> None:
    members = [("a.npy", 1), ("b.npy", 2)]
    assert arrays.checksum_of(members) == arrays.checksum_of(members[::-1])


def test_a_changed_byte_of_an_array_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # Near the end of the first array, which the second one follows.
    content[zipfile.ZipFile(path).infolist()[1].header_offset - 4] ^= 1
    path.write_bytes(content)
    with pytest.raises((ValueError, zipfile.BadZipFile, zlib.error)):
        read_arrays(path)


def test_an_archive_with_a_remark_is_left_to_numpy(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2:] = b"\x02\x00"
    path.write_bytes(content + b"hi")
    assert set(read_arrays(path)) == set(ARRAYS)


BOMB = 1 << 22
LIMIT = 1 << 20


def bomb(path: Path, remark: bytes, said: int) -> Path:
    """Write an archive that unpacks to `BOMB` bytes, and says another number perhaps."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.npy", bytes(BOMB))
        archive.comment = remark
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", BOMB), struct.pack("<L", said)))
    return path


@pytest.mark.parametrize("said", [BOMB, 100], ids=["honest", "lying"])
@pytest.mark.parametrize("remark", [b"", b"hi"], ids=["plain", "left to numpy"])
def test_a_bomb_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remark: bytes, said: int
) -> None:
    monkeypatch.setattr(arrays, "LARGEST", LIMIT)
    path = bomb(tmp_path / "bomb.npz", remark, said)
    tracemalloc.start()
    try:
        with pytest.raises((arrays.TooLargeError, ValueError, zipfile.BadZipFile)):
            read_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < BOMB // 2
    finally:
        tracemalloc.stop()


def test_many_members_that_are_too_large_together_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = sum(entry.file_size for entry in zipfile.ZipFile(path).infolist())
    monkeypatch.setattr(arrays, "LARGEST", total - 1)
    with pytest.raises(arrays.TooLargeError, match="would take more than"):
        read_arrays(path)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "LARGEST", LIMIT)
    (tmp_path / "long.npz").write_bytes(bytes(LIMIT + 1))
    with pytest.raises(arrays.TooLargeError):
        read_arrays(tmp_path / "long.npz")


def test_a_first_page_needs_no_module_that_only_training_needs() -> None:
    code = (
        "import sys, numpy; had = set(sys.modules); import paywallstrip; paywallstrip.clean('Hello.');"
        "print(*sorted({'hashlib', 'pathlib', 'zipfile', 'tomllib'} & (set(sys.modules) - had)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
