"""Records of an archive whose header says a wrong length take no other with them."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.bulk import archive, warc
from paywallstrip.bulk.records import Mark, Reject
from tests.bulk.conftest import MENU, Clean, read_jsonl, read_wet, wet_record

pytest.importorskip("fastwarc", reason="fastwarc is not installed")

GOOD = [wet_record(number, MENU.encode()) for number in range(9)]
"""Records of some 250 bytes."""
LENGTHS = {
    "behind the end": "99999",
    "over two others": "600",
    "too short": "3",
    "a terabyte": str(1 << 40),
    "of 64 bits": str(1 << 63),
    "of more bits": "9" * 20,
    "of 5,000 digits": "9" * 5000,
    "negative": "-1",
    "no number": "x",
}


@pytest.fixture(params=list(LENGTHS.values()), ids=list(LENGTHS))
def length(request: pytest.FixtureRequest) -> str:
    """What a header says of a record of a few bytes."""
    return str(request.param)


def with_wrong_length(length: str, kind: str, ending: str) -> list[bytes]:
    """Give the records of an archive whose second one says that it has another length."""
    bad = wet_record(9, b"GET /, and some more", kind, Content_Length=length)
    parts = [GOOD[0], bad, *GOOD[1:]]
    return list(map(gzip.compress, parts)) if ending else parts


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("kind", ["request", "conversion"])
def test_a_wrong_length_costs_no_other_record(
    tmp_path: Path, clean: Clean, length: str, kind: str, ending: str
) -> None:
    path = tmp_path / f"a.warc{ending}"
    path.write_bytes(b"".join(with_wrong_length(length, kind, ending)))
    clean(path)
    found = [headers["WARC-Target-URI"] for headers, _ in read_wet(tmp_path / "out" / path.name)]
    assert found == [f"http://site.example/{number}" for number in range(9)]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("kind", ["request", "conversion"])
def test_a_wrong_length_is_named(
    tmp_path: Path, clean: Clean, length: str, kind: str, ending: str
) -> None:
    path, parts = tmp_path / f"a.warc{ending}", with_wrong_length(length, kind, ending)
    path.write_bytes(b"".join(parts))
    clean(path)
    rejects = read_jsonl(tmp_path / "out" / f"{path.name}.rejects.jsonl")
    assert [row["byte"] for row in rejects] == [len(parts[0])]


def test_a_wrong_length_of_the_first_record_costs_no_other_record(
    tmp_path: Path, clean: Clean, length: str
) -> None:
    bad = wet_record(9, b"GET /, and some more", "request", Content_Length=length)
    (tmp_path / "a.warc.gz").write_bytes(b"".join(map(gzip.compress, [bad, *GOOD])))
    assert clean(tmp_path / "a.warc.gz").records == len(GOOD)


def test_a_length_behind_the_end_of_an_archive_packed_as_a_whole_is_named(
    tmp_path: Path, clean: Clean
) -> None:
    bad = wet_record(9, b"GET /", "request", Content_Length="99999")
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(b"".join([*GOOD[:2], bad, *GOOD[2:]])))
    clean(tmp_path / "a.warc.gz")
    (row,) = read_jsonl(tmp_path / "out/a.warc.gz.rejects.jsonl")
    assert (row["byte"], "cannot be read from here on" in row["reason"]) == (
        len(GOOD[0] + GOOD[1]),
        True,
    )


@pytest.mark.parametrize("between", [b"", b"\n", b"\n\n", b"\r\n\r\n", b"\0\0"])
def test_records_without_the_line_ends_of_the_standard_are_read(
    tmp_path: Path, clean: Clean, between: bytes
) -> None:
    bare = [record.removesuffix(b"\r\n\r\n") for record in GOOD]
    (tmp_path / "a.wet").write_bytes(between.join(bare))
    totals = clean(tmp_path / "a.wet")
    assert (totals.records, totals.rejected) == (9, 0)


def test_several_records_in_a_later_member_are_read(tmp_path: Path, clean: Clean) -> None:
    longer = wet_record(8, MENU.encode() * 3)
    parts = [GOOD[0], GOOD[1] + longer]
    (tmp_path / "a.wet.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    totals = clean(tmp_path / "a.wet.gz")
    assert (totals.records, totals.rejected) == (3, 0)


def test_what_was_read_before_an_error_is_given_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wet"
    path.write_bytes(GOOD[0])

    def failing(*arguments: Any) -> Iterator[archive.Item | Reject]:
        yield from archive.records(*arguments)
        raise ValueError("no more")

    monkeypatch.setattr(warc, "records", failing)
    chunks = warc.read(path, Mark())
    assert len(next(chunks).payload[1]) == 1
    with pytest.raises(ValueError, match="no more"):
        next(chunks)


def test_signs_of_members_in_junk_are_looked_through_once() -> None:
    class Counted(io.BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.asked += len(data)
            return data

    # Its flags say that it is no member.
    junk = b"\x1f\x8b\x08\xff" * 1000
    stream = Counted(junk + gzip.compress(GOOD[0]))
    assert archive._next(stream, 1, packed=True) == len(junk)
    assert stream.asked < 2 * len(stream.getvalue())


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_length_whose_header_is_spelled_otherwise_is_named(
    tmp_path: Path, clean: Clean, ending: str
) -> None:
    parts = [record.replace(b"Content-Length", b"content-length") for record in GOOD[:2]]
    path = tmp_path / f"a.warc{ending}"
    path.write_bytes(b"".join(map(gzip.compress, parts) if ending else parts))
    clean(path)
    rejects = read_jsonl(tmp_path / "out" / f"{path.name}.rejects.jsonl")
    assert all("knows the header content-length as" in row["reason"] for row in rejects)
