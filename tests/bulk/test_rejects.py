"""What cannot be read is rejected with its place, and takes nothing else with it."""

import gzip
import json
from pathlib import Path

import pytest

from paywallstrip.bulk import parquet
from paywallstrip.bulk.records import BulkError
from tests.bulk.conftest import (
    Clean,
    jsonl_lines,
    read_jsonl,
    read_wet,
    wet_record,
    wet_records,
)


def rejects(path: Path) -> list[dict]:
    return read_jsonl(path.with_name(path.name + ".rejects.jsonl"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a"', "not JSON"),
        (b'{"text": "a', "not JSON: Unterminated string starting at character 9"),
        (b'{"text": "\xff"}', "not UTF-8"),
        (b'["a"]', "not a JSON object but list"),
        (b'{"page": "a"}', "has no field 'text'"),
        (b'{"text": 1}', "holds no string but int"),
        (b'{"text": "a", "body": "b"}', "give --prefix"),
        (b'{"text": ' + b"[" * 100_000, "not"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, clean: Clean, line: bytes, reason: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "Log in"}\n\n' + line + b'\n{"text": ""}\n')
    totals = clean(tmp_path / "a.jsonl")
    (row,) = rejects(tmp_path / "out/a.jsonl")
    assert (row["input"], row["line"]) == (str(tmp_path / "a.jsonl"), 3)
    assert reason in row["reason"]
    assert (totals.records, totals.rejected) == (2, 1)


def test_a_number_of_many_digits_in_another_field_is_left_alone(
    tmp_path: Path, clean: Clean
) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Log in", "id": ' + "1" * 5000 + "}")
    assert clean(tmp_path / "a.jsonl").rejected == 0


@pytest.mark.parametrize(
    "content", ['[{"text": "a"}]', '[\n {"text": "a"}\n]', '{\n "text": "a"\n}']
)
def test_other_json_is_told_what_is_expected(tmp_path: Path, clean: Clean, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    clean(tmp_path / "a.json")
    assert "; an object a line is expected" in rejects(tmp_path / "out/a.json")[0]["reason"]


def test_one_percent_of_bad_lines_costs_nothing_else(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    lines = jsonl_lines(texts * 5)
    bad = set(range(50, len(lines), 100))
    for place in bad:
        lines[place] = lines[place][: len(lines[place]) // 2]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    clean(tmp_path / "a.jsonl")
    good = [body for place, body in enumerate(bodies * 5) if place not in bad]
    assert [row["body"] for row in read_jsonl(tmp_path / "out/a.jsonl")] == good
    assert {row["line"] - 1 for row in rejects(tmp_path / "out/a.jsonl")} == bad


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("place", [0.02, 0.5, 0.98])
def test_damaged_wet_records_cost_nothing_else(
    tmp_path: Path,
    clean: Clean,
    texts: list[str],
    bodies: list[str],
    packed: bool,
    place: float,
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    records = wet_records(texts)
    # The very first, two behind one another, the very last.
    bad = {0, 40, 41, len(records) - 1}
    if packed:
        records = [gzip.compress(record, mtime=0) for record in records]
    offsets = [sum(map(len, records[:i])) for i in range(len(records))]
    for i in bad:
        if packed:
            # From behind the member's header, which holds no content, to its checksum.
            at = max(int(len(records[i]) * place), 10)
            damaged = bytearray(records[i])
            damaged[at] ^= 0xFF
            records[i] = bytes(damaged)
        else:
            records[i] = records[i].replace(b"WARC/1.0", b"WARX/1.0")
    path = tmp_path / ("a.wet.gz" if packed else "a.wet")
    path.write_bytes(b"".join(records))
    clean(path)
    good = [body for i, body in enumerate(bodies) if i not in bad]
    assert [content for _, content in read_wet(tmp_path / "out" / path.name)] == good
    found = {row["byte"] for row in rejects(tmp_path / "out" / path.name)}
    # Without its first word a plain record cannot be told from the end of the one before.
    expected = bad if packed else bad - {41}
    assert found == {offsets[i] for i in expected}


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_wet_file_cut_off_is_said_to_be(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str], ending: str, cut: int
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    # Only line ends stand behind the last record's text.
    cut = cut if ending else cut + 4
    records = wet_records([*texts[:9], "The bridge closes on Monday. " * 40])
    packed = [gzip.compress(record) for record in records] if ending else records
    path = tmp_path / f"a.wet{ending}"
    path.write_bytes(b"".join(packed)[:-cut])
    clean(path)
    assert [content for _, content in read_wet(tmp_path / "out" / path.name)] == bodies[:9]
    (row,) = rejects(tmp_path / "out" / path.name)
    assert row["byte"] == sum(map(len, packed[:9]))


@pytest.mark.parametrize("padding", [b"\0", b"\0\0", b"\n", b"\0" * 2_500_000])
def test_padding_between_records_is_passed_over(
    tmp_path: Path, clean: Clean, padding: bytes
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    some = [wet_record(number, b"Log in") for number in range(3)]
    (tmp_path / "a.wet").write_bytes(padding.join(some) + padding)
    totals = clean(tmp_path / "a.wet")
    assert (totals.records, totals.rejected) == (3, 0)


def test_an_output_with_the_name_of_a_reject_file_is_refused(tmp_path: Path, clean: Clean) -> None:
    names = ["a.jsonl.rejects.jsonl", "a.jsonl"]
    for name in names:
        (tmp_path / name).write_bytes(b'{"text": "Log in"}\n')
    with pytest.raises(BulkError, match=r"a\.jsonl\.rejects\.jsonl is the name of two outputs"):
        clean(*(tmp_path / name for name in names))


def test_a_wet_record_that_is_not_utf8_is_named(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    (tmp_path / "a.wet").write_bytes(wet_record(1, b"Log in") + wet_record(2, b"\xff"))
    assert clean(tmp_path / "a.wet").records == 1
    (row,) = rejects(tmp_path / "out/a.wet")
    assert row["reason"].startswith("http://site.example/2: not UTF-8")


def test_a_text_file_that_is_not_utf8_has_no_output(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_bytes(b"good\nbad \xff")
    clean(tmp_path / "a.txt")
    assert not (tmp_path / "out/a.txt").exists()
    assert rejects(tmp_path / "out/a.txt")[0]["byte"] == 9


def test_jsonl_in_gzip_cut_off_gives_all_lines_before_the_cut(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    half = len(texts) // 2
    parts = [b"\n".join(jsonl_lines(part)) + b"\n" for part in (texts[:half], texts[half:])]
    data = gzip.compress(parts[0]) + gzip.compress(parts[1])[:20]
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    clean(tmp_path / "a.jsonl.gz")
    rows = read_jsonl(tmp_path / "out/a.jsonl.gz")
    assert [row["body"] for row in rows] == bodies[:half]
    (row,) = rejects(tmp_path / "out/a.jsonl.gz")
    assert (row["line"], "cut off" in row["reason"]) == (half + 1, True)


def test_parquet_rows_that_are_not_utf8_are_left_out(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    raw = [b"\xff" if i % 50 == 7 else text.encode() for i, text in enumerate(texts)]
    column = pa.array(raw, pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet")
    good = [body for i, body in enumerate(bodies) if i % 50 != 7]
    assert pq.read_table(tmp_path / "out/a.parquet").column("body").to_pylist() == good
    assert [row["row"] for row in rejects(tmp_path / "out/a.parquet")] == [7, 57, 107]


def test_a_damaged_row_group_is_rejected_alone(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts}), path, row_group_size=40, use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset : column.data_page_offset + 40] = b"\xff" * 40
    path.write_bytes(data)
    totals = clean(path)
    assert pq.read_table(tmp_path / "out/a.parquet").column("body").to_pylist() == (
        bodies[:40] + bodies[80:]
    )
    assert totals.rejected == 40


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"page": ["a"]}, "no column 'text' among page; give --text-column"),
        ({"text": [1]}, "must hold strings, but holds int64"),
        ({"text": ["a"], "body": ["b"]}, "give --prefix"),
    ],
)
def test_a_parquet_file_that_does_not_fit_is_rejected(
    tmp_path: Path, clean: Clean, columns: dict, reason: str
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet")
    assert reason in rejects(tmp_path / "out/a.parquet")[0]["reason"]
    assert not (tmp_path / "out/a.parquet").exists()


def test_all_rows_of_a_parquet_file_that_does_not_fit_are_counted(
    tmp_path: Path, clean: Clean
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"page": ["a"] * 5}), tmp_path / "a.parquet")
    assert clean(tmp_path / "a.parquet").rejected == 5
    assert rejects(tmp_path / "out/a.parquet")[0]["records"] == 5


def test_a_parquet_file_with_two_text_columns_is_rejected(tmp_path: Path, clean: Clean) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    twice = pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"])
    pq.write_table(twice, tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet")
    assert "there are 2 columns 'text'" in rejects(tmp_path / "out/a.parquet")[0]["reason"]


def test_a_parquet_file_that_pyarrow_cannot_read_costs_no_other(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    def fail(*arguments: object) -> None:
        raise pa.ArrowNotImplementedError("of no known type")

    pq.write_table(pa.table({"text": ["Log in"]}), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text('{"text": "Log in"}\n')
    monkeypatch.setattr(parquet, "schema_batch", fail)
    totals = clean(tmp_path / "a.parquet", tmp_path / "b.jsonl")
    assert (totals.records, totals.rejected) == (1, 1)


@pytest.mark.parametrize("name", ["a.parquet", "a.wet.gz", "a.jsonl.gz"])
def test_a_file_of_another_kind_than_its_name_is_rejected(
    tmp_path: Path, clean: Clean, name: str
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    (tmp_path / name).write_bytes(b"something else")
    (tmp_path / "b.jsonl").write_text('{"text": "Log in"}\n')
    totals = clean(tmp_path / name, tmp_path / "b.jsonl")
    assert (totals.records, totals.rejected) == (1, 1)
    assert json.loads((tmp_path / "out/b.jsonl").read_text())["body"] == ""
