"""Every format: bodies are those of the library, in order, and the rest is left alone."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip import Classifier, classify, classify_many
from paywallstrip.bulk import jsonl, parquet
from paywallstrip.bulk.records import CHUNK_BYTES, CHUNK_RECORDS, Chunk, Mark, Totals
from paywallstrip.bulk.settings import Settings
from paywallstrip.errors import ModelError, ModelNotFoundError
from paywallstrip.model_folder import DEFAULT_HTML_NAME, default_path
from tests.bulk.conftest import (
    MENU,
    Clean,
    jsonl_lines,
    read_jsonl,
    read_wet,
    wet_record,
    wet_records,
)


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_jsonl_bodies_are_those_of_the_library(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str], ending: str
) -> None:
    data = b"\n".join(jsonl_lines(texts))
    if ending == ".gz":
        data = gzip.compress(data)
    if ending == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
        data = zstandard.compress(data)
    path = tmp_path / f"pages.jsonl{ending}"
    path.write_bytes(data)
    totals = clean(path)
    rows = read_jsonl(tmp_path / "out" / path.name)
    assert [(row["id"], row["body"]) for row in rows] == list(enumerate(bodies))
    assert totals.records == len(texts)


def test_several_processes_give_the_same_file(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_bytes(b"\n".join(jsonl_lines(texts * 4)))
    clean(path, jobs=2)
    rows = read_jsonl(tmp_path / "out/pages.jsonl")
    assert [row["body"] for row in rows] == bodies * 4


def test_a_json_line_keeps_its_spelling(tmp_path: Path, clean: Clean) -> None:
    line = '{ "a" : 1.50e3,"text":"Log in", "é": "\\u00e9" , "n": 12345678901234567890 }'
    (tmp_path / "a.jsonl").write_text(f"\n{line}\r\n\n", "utf-8")
    clean(tmp_path / "a.jsonl")
    written = (tmp_path / "out/a.jsonl").read_text("utf-8")
    assert written == line[:-1] + ', "body": "", "kept_share": 0.0}\n'


def test_a_byte_order_mark_is_no_error(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "Log in"}\n')
    assert clean(tmp_path / "a.jsonl").rejected == 0


def test_half_a_surrogate_pair_goes_out_as_it_came_in(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a \\ud800 b"}\n')
    clean(tmp_path / "a.jsonl", drop=())
    assert b'"body": "a \\ud800 b"' in (tmp_path / "out/a.jsonl").read_bytes()


def test_a_null_text_gives_nulls(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": null}\n')
    clean(tmp_path / "a.jsonl")
    row = {"text": None, "body": None, "kept_share": None}
    assert read_jsonl(tmp_path / "out/a.jsonl") == [row]


def test_label_only_gives_spans_into_the_text(
    tmp_path: Path, clean: Clean, texts: list[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines(texts[:10])))
    clean(tmp_path / "a.jsonl", label_only=True)
    rows = read_jsonl(tmp_path / "out/a.jsonl")
    expected = [
        [
            {"start": line.start, "end": line.end, "label": line.label.value, "kept": line.kept}
            for line in page.lines
        ]
        for page in classify_many(texts[:10])
    ]
    assert [row["spans"] for row in rows] == expected
    assert "body" not in rows[0]


def test_removed_lines_are_kept_on_request(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines([MENU])))
    clean(tmp_path / "a.jsonl", keep_removed=True)
    assert read_jsonl(tmp_path / "out/a.jsonl")[0]["removed"] == MENU.splitlines()


def test_column_and_prefix_name_what_is_read_and_added(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "Log in"}\n')
    clean(tmp_path / "a.jsonl", column="body", prefix="clean_")
    row = {"body": "Log in", "clean_body": "", "clean_kept_share": 0.0}
    assert read_jsonl(tmp_path / "out/a.jsonl") == [row]


def test_strictness_and_drop_reach_the_library(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(jsonl_lines([MENU])))
    clean(tmp_path / "a.jsonl", drop=("paywall",))
    assert read_jsonl(tmp_path / "out/a.jsonl")[0]["body"] == MENU


def test_a_text_file_becomes_its_body(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str]
) -> None:
    for i, text in enumerate(texts):
        path = tmp_path / f"in/{i % 3}/{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    clean(tmp_path / "in")
    found = [(tmp_path / f"out/{i % 3}/{i}.txt").read_bytes().decode() for i in range(len(texts))]
    assert found == bodies


def test_text_is_labelled_as_by_the_command_label(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text(MENU)
    clean(tmp_path / "a.txt", label_only=True)
    expected = "".join(
        f"{line.label.value}\t{'keep' if line.kept else 'drop'}\t{line.text}\n"
        for line in classify(MENU).lines
    )
    assert (tmp_path / "out/a.txt").read_text() == expected


def test_removed_lines_of_text_go_into_a_file_beside_it(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.txt").write_text(MENU)
    clean(tmp_path / "a.txt", keep_removed=True)
    assert (tmp_path / "out/a.removed.txt").read_text() == MENU


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize("by_record", [True, False])
def test_wet_bodies_are_those_of_the_library(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str], ending: str, by_record: bool
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    records = wet_records(texts)
    parts = records if by_record else [b"".join(records)]
    if ending == ".gz":
        parts = [gzip.compress(part) for part in parts]
    if ending == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
        parts = [zstandard.compress(part) for part in parts]
    path = tmp_path / f"pages.warc.wet{ending}"
    path.write_bytes(b"".join(parts))
    totals = clean(path)
    assert [content for _, content in read_wet(tmp_path / "out" / path.name)] == bodies
    assert totals.rejected == 0


def test_a_wet_record_says_which_one_it_was_made_of(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    info = wet_record(9, b"software: x", "warcinfo")
    (tmp_path / "a.wet").write_bytes(info + wet_record(1, MENU.encode()))
    clean(tmp_path / "a.wet")
    ((headers, content),) = read_wet(tmp_path / "out/a.wet")
    assert headers["WARC-Refers-To"] == "<urn:uuid:00000000-0000-0000-0000-000000000001>"
    assert headers["WARC-Target-URI"] == "http://site.example/1"
    assert (headers["Paywallstrip-Kept-Share"], content) == ("0.000000", "")


def test_wet_labels_stand_in_a_metadata_record(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    (tmp_path / "a.wet").write_bytes(wet_record(1, MENU.encode()))
    clean(tmp_path / "a.wet", label_only=True)
    (page, text), (about, content) = read_wet(tmp_path / "out/a.wet")
    assert (text, about["WARC-Type"]) == (MENU, "metadata")
    assert about["WARC-Refers-To"] == page["WARC-Record-ID"]
    assert len(json.loads(content)["spans"]) == len(MENU.splitlines())


@pytest.mark.parametrize("codec", ["zstd", "snappy", "none"])
def test_parquet_bodies_are_those_of_the_library(
    tmp_path: Path, clean: Clean, texts: list[str], bodies: list[str], codec: str
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    table = pa.table({"id": list(range(len(texts))), "text": texts})
    table = table.replace_schema_metadata({"made": "here"})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=50, compression=codec)
    clean(tmp_path / "a.parquet")
    written = pq.read_table(tmp_path / "out/a.parquet")
    assert written.column("body").to_pylist() == bodies
    assert written.select(["id", "text"]).equals(table)
    assert written.schema.metadata[b"made"] == b"here"


def write_parquet(table: Any, path: Path) -> None:
    """Write a table, or skip the test where this pyarrow cannot write one of its types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.write_table(table, path)
    except pa.ArrowNotImplementedError as error:
        pytest.skip(f"pyarrow {pa.__version__}: {error}")


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_parquet_text_may_be_of_any_type_of_string(tmp_path: Path, clean: Clean, kind: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    types = {
        "string": pa.string(),
        "large_string": pa.large_string(),
        "string_view": pa.string_view(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    column = pa.array(["Log in", None, "Log in"]).cast(types[kind])
    write_parquet(pa.table({"text": column}), tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet", label_only=True)
    rows = pq.read_table(tmp_path / "out/a.parquet").to_pylist()
    assert [row["kept_share"] for row in rows] == [0.0, None, 0.0]
    assert rows[0]["spans"] == [{"start": 0, "end": 6, "label": "navigation", "kept": False}]


@pytest.mark.parametrize("kind", ["string", "string_view", "dictionary"])
def test_parquet_columns_of_any_type_of_string_stay_beside_rejects(
    tmp_path: Path, clean: Clean, kind: str
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    binary = pa.array([b"Log in", b"\xff", None], pa.binary())
    kinds = {"dictionary": pa.dictionary(pa.int32(), pa.string())}
    other = pa.array(["a", "b", "c"]).cast(kinds.get(kind) or getattr(pa, kind)())
    text = pa.Array.from_buffers(pa.string(), 3, binary.buffers())
    write_parquet(pa.table({"text": text, "other": other}), tmp_path / "a.parquet")
    assert clean(tmp_path / "a.parquet").rejected == 1
    assert pq.read_table(tmp_path / "out/a.parquet")["other"].to_pylist() == ["a", "c"]


@pytest.mark.parametrize("rows", [0, 1])
def test_parquet_columns_of_nested_extension_types_are_kept(
    tmp_path: Path, clean: Clean, rows: int
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    names = pa.array([b"0123456789abcdef"], pa.uuid())
    nested = pa.StructArray.from_arrays([names], ["name"])
    table = pa.table({"text": ["Log in"], "nested": nested})[:rows]
    pq.write_table(table, tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "out/a.parquet").select(["text", "nested"]).equals(table)


def test_parquet_without_rows_still_gets_its_columns(tmp_path: Path, clean: Clean) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    clean(tmp_path / "a.parquet", keep_removed=True)
    names = pq.read_table(tmp_path / "out/a.parquet").column_names
    assert names == ["text", "body", "kept_share", "removed"]


@pytest.mark.parametrize("name", ["A.JSONL.GZ", "A.WARC.WET.GZ"])
def test_an_ending_in_capitals_says_the_same(tmp_path: Path, clean: Clean, name: str) -> None:
    lines, path = jsonl_lines([MENU]), tmp_path / name
    if "WET" in name:
        pytest.importorskip("fastwarc", reason="fastwarc is not installed")
        lines = wet_records([MENU])
    path.write_bytes(gzip.compress(lines[0]))
    assert clean(path).records == 1
    assert (tmp_path / "out" / name).read_bytes().startswith(b"\x1f\x8b")


def test_a_last_line_without_its_end_is_read(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "Log in"}\r\n{"text": "Log in"}')
    assert clean(tmp_path / "a.jsonl").records == 2


@given(text=st.text(st.characters(exclude_categories=())))
def test_a_body_in_json_lines_is_written_as_json_writes_it(text: str) -> None:
    line = json.dumps({"text": text}).encode()
    chunk = Chunk((Path("a.jsonl"), line), 1, Mark(), 0)
    written = jsonl.clean(chunk, Settings(drop=())).output
    ascii_only = any("\ud800" <= char <= "\udfff" for char in text)
    body = json.dumps(text, ensure_ascii=ascii_only).encode()
    assert written == line[:-1] + b', "body": ' + body + written[written.rindex(b', "kept') :]


def test_an_empty_file_becomes_an_empty_file(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    clean(tmp_path / "a.jsonl")
    assert (tmp_path / "out/a.jsonl").read_bytes() == b""


PAGE = """<html><head><title>Bridge</title></head><body><nav><a href="/">Home</a></nav><article>
<p>The old harbour bridge closes on Monday for six weeks, the town council said on Friday.</p>
<p>Å: Engineers found cracks in two of its four bearings during the spring inspection.</p>
</article></body></html>"""


LONG_PAGE = (PAGE + "<p>rain</p>" * 99).encode()
RESPONSE = {"kind": "response", "Content_Type": "application/http; msgtype=response"}
RESPONSE_HEADERS = ("Content-Type: text/html; charset=utf-8",)


def http(body: bytes, *headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode() + body


def clean_response(tmp_path: Path, clean: Clean, block: bytes) -> Totals:
    (tmp_path / "a.warc").write_bytes(wet_record(1, block, **RESPONSE))
    return clean(tmp_path / "a.warc")


def html_archive(path: Path) -> None:
    """Write an archive with a page in four ways, and with what is none."""
    latin = PAGE.encode("latin-1")
    charset = "Content-Type: text/html; charset=iso-8859-1"
    blocks = [
        http(latin, charset),
        http(gzip.compress(latin), charset, "Content-Encoding: gzip"),
        # The page's own bytes decide where the server's word is none.
        http(PAGE.encode(), "Content-Type: text/html; charset=idna"),
        http(b"\x89PNG", "Content-Type: image/png"),
        http(b"not gzip", charset, "Content-Encoding: gzip"),
    ]
    records = [wet_record(i, block, **RESPONSE) for i, block in enumerate(blocks)]
    records.append(wet_record(7, PAGE.encode(), "resource", Content_Type="text/html"))
    records.append(wet_record(8, b"GET / HTTP/1.1\r\n\r\n", "request"))
    path.write_bytes(b"".join(map(gzip.compress, records)))


def test_html_needs_its_model_and_says_so(
    tmp_path: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    html_archive(tmp_path / "a.warc.gz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="empty"):
        clean(tmp_path / "a.warc.gz", model=str(tmp_path / "empty"))


def test_html_bodies_are_those_of_the_library(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    try:
        body = Classifier.load(default_path(DEFAULT_HTML_NAME)).clean_html(PAGE)
    except ModelNotFoundError:
        pytest.skip("there is no model for HTML here")
    html_archive(tmp_path / "a.warc.gz")
    totals = clean(tmp_path / "a.warc.gz")
    found = {
        headers["WARC-Target-URI"]: content
        for headers, content in read_wet(tmp_path / "out/a.warc.gz")
    }
    assert set(found.values()) == {body}
    assert (totals.records, totals.rejected, totals.left_out) == (4, 1, 2)
    (reject,) = read_jsonl(tmp_path / "out/a.warc.gz.rejects.jsonl")
    assert "the response's encoding cannot be undone" in reject["reason"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"%x\r\n%b\r\n0\r\n\r\n", ["Transfer-Encoding: chunked"], id="in chunks"),
        pytest.param(None, ["Transfer-Encoding: chunked"], id="chunks undone"),
        pytest.param(None, ["Content-Encoding: gzip"], id="gzip undone"),
        pytest.param(None, ["Content-Encoding: br"], id="brotli undone"),
    ],
)
def test_a_response_is_read_whatever_its_headers_say(
    tmp_path: Path, clean: Clean, body: bytes | None, headers: list[str]
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    page = PAGE.encode()
    block = http(page if body is None else body % (len(page), page), *RESPONSE_HEADERS, *headers)
    totals = clean_response(tmp_path, clean, block)
    assert (totals.records, totals.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(gzip.compress(LONG_PAGE) + b"\n", "gzip", id="padded"),
        pytest.param(gzip.compress(LONG_PAGE) + b"\0\0", "gzip,identity", id="with identity"),
        pytest.param(gzip.compress(b"<p>") + gzip.compress(LONG_PAGE), "x-gzip", id="two members"),
        pytest.param(zlib.compress(LONG_PAGE), "deflate", id="deflate"),
        pytest.param(zlib.compress(LONG_PAGE, wbits=-15), "deflate", id="deflate alone"),
    ],
)
def test_a_packed_response_is_read(
    tmp_path: Path, clean: Clean, body: bytes, encoding: str
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    block = http(body, *RESPONSE_HEADERS, f"Content-Encoding: {encoding}")
    totals = clean_response(tmp_path, clean, block)
    assert (totals.records, totals.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("block", "read"),
    [
        pytest.param(http(b"\n<!DOCTYPE html>" + LONG_PAGE), True, id="HTML"),
        pytest.param(
            http(gzip.compress(b"<html>" + LONG_PAGE), "Content-Encoding: gzip"), True, id="packed"
        ),
        pytest.param(http(b"<rss><p>The old harbour bridge closes.</rss>"), False, id="a feed"),
        pytest.param(http(b"not gzip", "Content-Encoding: gzip"), False, id="damaged"),
        pytest.param(
            http(b"<html>" + LONG_PAGE).replace(b"200 OK", b"404 Not Found"), False, id="an error"
        ),
    ],
)
def test_a_response_without_a_type_is_read_if_it_is_plainly_html(
    tmp_path: Path, clean: Clean, block: bytes, read: bool
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    totals = clean_response(tmp_path, clean, block)
    assert (totals.records, totals.left_out, totals.rejected) == (read, not read, 0)


def test_a_packed_response_taken_out_of_its_chunks_is_read(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    headers = ("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    block = http(gzip.compress(LONG_PAGE), *RESPONSE_HEADERS, *headers)
    totals = clean_response(tmp_path, clean, block)
    assert (totals.records, totals.rejected) == (1, 0)


@pytest.mark.parametrize("encoding", ["gzip", "gzip,identity", "deflate"])
def test_a_response_cut_off_is_rejected_not_halved(
    tmp_path: Path, clean: Clean, encoding: str
) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    packed = (zlib if encoding == "deflate" else gzip).compress(LONG_PAGE)
    half = packed[: len(packed) // 2]
    clean_response(tmp_path, clean, http(half, *RESPONSE_HEADERS, f"Content-Encoding: {encoding}"))
    (reject,) = read_jsonl(tmp_path / "out/a.warc.rejects.jsonl")
    assert "cut off" in reject["reason"]


def test_a_damaged_response_is_rejected_not_emptied(tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    packed = bytearray(gzip.compress(LONG_PAGE))
    packed[20:60] = bytes(40)
    block = http(bytes(packed), *RESPONSE_HEADERS, "Content-Encoding: gzip")
    clean_response(tmp_path, clean, block)
    (reject,) = read_jsonl(tmp_path / "out/a.warc.rejects.jsonl")
    assert "cannot be undone" in reject["reason"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_many_short_records_are_read_as_several_chunks(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    texts = ["Log in to read on, " * 5] * (3 * CHUNK_RECORDS)
    if name.endswith("jsonl"):
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        chunks = list(jsonl.read(path, Mark()))
    else:
        pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        pq.write_table(pa.table({"text": texts}), path)
        chunks = list(parquet.read(path, Mark(), Settings()))
    assert len(chunks) >= 3


@pytest.mark.parametrize("kind", ["string", "dictionary"])
def test_long_rows_that_repeat_are_read_as_several_chunks(tmp_path: Path, kind: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    column = pa.array(["Log in to read on, " * 1000] * CHUNK_RECORDS)
    column = column.dictionary_encode() if kind == "dictionary" else column
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    rows = [
        chunk.after.number - chunk.first
        for chunk in parquet.read(tmp_path / "a.parquet", Mark(), Settings())
    ]
    assert max(rows) * 19_000 < 2 * CHUNK_BYTES


def test_texts_that_repeat_may_be_longer_together_than_an_array_may_be(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    indices = pa.array([0] * 2200, pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, ["x" * 1_000_000])
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    chunks = parquet.read(tmp_path / "a.parquet", Mark(), Settings())
    assert not any(chunk.rejects for chunk in chunks)
