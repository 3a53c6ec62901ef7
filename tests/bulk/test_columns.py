"""A text column that no record has is a mistake, told before anything is written."""

import gzip
from pathlib import Path

import pytest

from paywallstrip.bulk import checks
from paywallstrip.bulk.checks import check_column
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.records import BulkError
from paywallstrip.bulk.settings import Settings

OTHER = b'{"id": 1, "page": "Log in"}\n'
GOOD = b'{"text": null}\n'


def check(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    check_column(find_inputs([str(folder)], folder / "out"), Settings())


@pytest.mark.parametrize("name", ["a_jsonl", "a_jsonl_gz"])
def test_what_columns_there_are_is_told(tmp_path: Path, name: str) -> None:
    content = gzip.compress(OTHER) if name.endswith("gz") else OTHER
    with pytest.raises(BulkError, match=r"no column 'text' among id, page; .* --text-column"):
        check(tmp_path, **{name: content})


def test_the_columns_of_parquet_are_told(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": [1], "page": ["Log in"]}), tmp_path / "a.parquet")
    with pytest.raises(BulkError, match="no column 'text' among id, page"):
        check(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a_jsonl": OTHER + GOOD}, id="a later record"),
        pytest.param({"a_jsonl": OTHER, "b_jsonl": GOOD}, id="another file"),
        pytest.param({"a_jsonl": b"\xef\xbb\xbf" + GOOD}, id="behind a byte order mark"),
    ],
)
def test_one_record_with_the_column_is_enough(tmp_path: Path, files: dict[str, bytes]) -> None:
    check(tmp_path, **files)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a_jsonl": b""}, id="an empty file"),
        pytest.param({"a_jsonl": b"bad\n[]\n1\n\xff\n"}, id="no objects"),
        pytest.param({"a_jsonl": b"[" * 100_000}, id="nested too deep"),
        pytest.param({"a_jsonl_gz": b"bad"}, id="damage"),
        pytest.param({"a_txt": b"Log in"}, id="a format without columns"),
    ],
)
def test_what_has_no_records_is_no_mistake(tmp_path: Path, files: dict[str, bytes]) -> None:
    check(tmp_path, **files)


def test_damaged_parquet_is_no_mistake(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    check(tmp_path, a_parquet=b"bad")


def test_not_every_file_of_many_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MOST_FILES", 2)
    with pytest.raises(BulkError, match="no column 'text'"):
        check(tmp_path, a_jsonl=OTHER, b_jsonl=OTHER, c_jsonl=GOOD)


def test_files_without_columns_are_not_among_those_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MOST_FILES", 1)
    with pytest.raises(BulkError, match="no column 'text'"):
        check(tmp_path, a_txt=b"Log in", b_jsonl=OTHER)
