"""What is larger than a page may be is rejected by itself, and never held as a whole."""

import gzip
import importlib
import importlib.util
import io
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Classifier
from paywallstrip.bulk import archive, jsonl, parquet, warc
from paywallstrip.bulk.compression import PIECE, pieces
from paywallstrip.bulk.records import CHUNK_RECORDS, NO_MEMORY, Mark, Totals
from paywallstrip.bulk.settings import Settings
from tests.bulk.conftest import Clean, jsonl_lines, read_jsonl, wet_record, wet_records

MEGABYTE = 1 << 20
PACKED = [
    ".gz",
    pytest.param(
        ".zst",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("zstandard") is None, reason="zstandard is not installed"
        ),
    ),
]
PAGE = b"<p>The old harbour bridge closes on Monday."
BIG = "The old harbour bridge is too big."


def compressor(ending: str) -> Any:
    if ending == ".gz":
        return zlib.compressobj(9, wbits=31)
    import zstandard

    return zstandard.ZstdCompressor().compressobj()


def bomb(ending: str, megabytes: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """Compress so many zeros, with something around them."""
    packer = compressor(ending)
    zeros = bytes(MEGABYTE)
    packed = [packer.compress(part) for part in (before, *[zeros] * megabytes, after)]
    return b"".join([*packed, packer.flush()])


def peak(action: Callable[[], object]) -> int:
    """Return how many bytes of Python's memory an action takes at most."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", PACKED)
def test_a_compressed_file_is_read_in_small_pieces(ending: str) -> None:
    content = pieces(Path(f"a{ending}"), io.BytesIO(bomb(ending, 4)))
    assert max(map(len, content)) <= PIECE


@pytest.mark.parametrize("ending", PACKED)
def test_little_is_uncompressed_at_once(ending: str) -> None:
    data = bomb(ending, 150)

    def read() -> None:
        for _ in pieces(Path(f"a{ending}"), io.BytesIO(data)):
            pass

    assert peak(read) < {".gz": 20, ".zst": 100}[ending] * MEGABYTE


def test_of_a_large_group_of_rows_little_is_held(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    texts = [f"{i} " + "The old harbour bridge closes. " * 3000 for i in range(1000)]
    # Pages are as large as what is written at once, and each is held whole.
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts}), path, compression="none", write_batch_size=10)
    before = pa.total_allocated_bytes()
    chunks = parquet.read(path, Mark(), Settings())
    held = max(pa.total_allocated_bytes() - before for _ in chunks)
    assert held < 50 * MEGABYTE


@pytest.mark.parametrize("ending", PACKED)
def test_many_equal_lines_are_read_as_several_chunks(tmp_path: Path, ending: str) -> None:
    line = b'{"text": "Log in"}\n'
    packer = compressor(ending)
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(packer.compress(line * 10 * CHUNK_RECORDS) + packer.flush())
    lines = [chunk.payload[1].count(b"\n") for chunk in jsonl.read(path, Mark())]
    assert max(lines) <= CHUNK_RECORDS + PIECE // len(line) + 1


@pytest.fixture
def short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line may have two pieces, no more."""
    monkeypatch.setattr(jsonl, "PAGE_BYTES", 2 * PIECE)


def long_lines(ending: str) -> bytes:
    """Write five lines, the second and the last of them too long."""
    line = b'{"text": "Log in"}'
    lines = [line, line + b" " * 5 * PIECE, line, line, line + b" " * 3 * PIECE]
    data = b"\n".join(lines)
    return gzip.compress(data) if ending else data


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_line_too_long_is_rejected_alone(
    tmp_path: Path, clean: Clean, short_lines: None, ending: str
) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(long_lines(ending))
    assert clean(path).records == 3
    rejects = read_jsonl(tmp_path / "out" / f"{path.name}.rejects.jsonl")
    assert [row["line"] for row in rejects] == [2, 5]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_most_that_a_line_may_have_is_exact(
    tmp_path: Path, clean: Clean, short_lines: None, end: bytes
) -> None:
    lines = [b'{"text": "Log in"}'.ljust(2 * PIECE + more) for more in (0, 1)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines) + end)
    totals = clean(tmp_path / "a.jsonl")
    assert (totals.records, totals.rejected) == (1, 1)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_reading_goes_on_behind_a_line_too_long(
    tmp_path: Path, short_lines: None, ending: str
) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(long_lines(ending))
    chunks = list(jsonl.read(path, Mark()))
    for number, chunk in enumerate(chunks, 1):
        rest = [(each.first, each.after) for each in jsonl.read(path, chunk.after)]
        assert rest == [(each.first, each.after) for each in chunks[number:]]


def test_a_line_too_long_is_not_held(tmp_path: Path, short_lines: None) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(bomb(".gz", 100))
    assert peak(lambda: list(jsonl.read(path, Mark()))) < 30 * MEGABYTE


def packed(encodings: str, data: bytes) -> bytes:
    """Encode as an HTTP header says."""
    from fastwarc import stream_io

    for name in encodings.split(", "):
        if name in ("gzip", "deflate"):
            data = (gzip if name == "gzip" else zlib).compress(data)
        elif name == "chunked":
            data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)
        else:
            target = io.BytesIO()
            writer = {"br": stream_io.BrotliWriter, "zstd": stream_io.ZstdWriter}[name](target)
            writer.write(data)
            writer.close()
            data = target.getvalue()
    return data


def response(encodings: str, body: bytes) -> bytes:
    """Write a record of a page with encodings."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encodings}\r\n\r\n"
    block = head.encode() + packed(encodings, body)
    return wet_record(1, block, "response", Content_Type="application/http")


@pytest.fixture
def fastwarc() -> None:
    """The packages that archives of HTML need."""
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")


ENCODINGS = ["gzip", "deflate", "br", "zstd", "gzip, gzip", "br, deflate"]


@pytest.mark.parametrize("encodings", ENCODINGS)
def test_a_response_is_read_whatever_it_is_packed_by(
    tmp_path: Path, clean: Clean, fastwarc: None, encodings: str
) -> None:
    (tmp_path / "a.warc").write_bytes(response(encodings, PAGE * 99))
    totals = clean(tmp_path / "a.warc")
    assert (totals.records, totals.rejected) == (1, 0)


@pytest.mark.parametrize("encodings", ENCODINGS)
def test_a_response_that_unpacks_to_too_much_is_rejected(
    tmp_path: Path,
    clean: Clean,
    fastwarc: None,
    monkeypatch: pytest.MonkeyPatch,
    encodings: str,
) -> None:
    monkeypatch.setattr(warc, "PAGE_BYTES", 10_000)
    (tmp_path / "a.warc").write_bytes(response(encodings, PAGE * 999))
    clean(tmp_path / "a.warc")
    (reject,) = read_jsonl(tmp_path / "out/a.warc.rejects.jsonl")
    assert "the most that a page may have" in reject["reason"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_response_that_unpacks_to_too_much_is_not_held(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(warc, "PAGE_BYTES", MEGABYTE)
    data = packed(encoding, bytes(50 * MEGABYTE))

    def unpack() -> None:
        with pytest.raises(ValueError, match="the most that a page may have"):
            warc._decoded_by(encoding, data)

    assert peak(unpack) < 15 * MEGABYTE


def test_pages_that_unpack_to_much_are_not_held_together(
    fastwarc: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "PAGE_BYTES", len(PAGE) * 150)
    record = response("gzip", PAGE * 100)
    found = archive.records(Path("a.warc"), io.BytesIO(record * 5), ("response",))
    items = [each for each in found if isinstance(each, archive.Item)]
    assert [len(pages) for pages in warc._pages(items, [], Totals())] == [2, 2, 1]


@pytest.fixture
def small_pages(fastwarc: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may have 1,000 bytes."""
    monkeypatch.setattr(archive, "PAGE_BYTES", 1000)
    monkeypatch.setattr(warc, "PAGE_BYTES", 1000)


def large(kind: str, media_type: str) -> bytes:
    """Write a record of several pieces."""
    head = b""
    if kind == "response":
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode()
        media_type = "application/http"
    return wet_record(2, head + PAGE * 4000, kind, Content_Type=media_type)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("conversion", "text/plain"), ("resource", "text/html"), ("response", "text/html")],
)
def test_a_record_too_large_is_rejected_alone(
    tmp_path: Path, clean: Clean, small_pages: None, kind: str, media_type: str, ending: str
) -> None:
    parts = [wet_record(1, b"Log in"), large(kind, media_type), wet_record(3, b"Log in")]
    path = tmp_path / f"a.warc{ending}"
    path.write_bytes(b"".join(map(gzip.compress, parts) if ending else parts))
    totals = clean(path)
    (reject,) = read_jsonl(tmp_path / "out" / f"{path.name}.rejects.jsonl")
    assert "http://site.example/2: more than" in reject["reason"]
    assert totals.records == 2


@pytest.mark.parametrize("kind", ["response", "resource"])
def test_a_large_record_that_is_no_page_is_left_out(
    tmp_path: Path, clean: Clean, small_pages: None, kind: str
) -> None:
    (tmp_path / "a.warc").write_bytes(wet_record(1, b"Log in") + large(kind, "video/mp4"))
    totals = clean(tmp_path / "a.warc")
    assert (totals.records, totals.rejected) == (1, 0)


def test_want_of_memory_is_named(
    tmp_path: Path, clean: Clean, fastwarc: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> Iterator[object]:
        raise MemoryError

    monkeypatch.setattr(Classifier, "stream_html", fail)
    page = wet_record(1, PAGE, "resource", Content_Type="text/html")
    (tmp_path / "a.warc").write_bytes(page)
    clean(tmp_path / "a.warc")
    (reject,) = read_jsonl(tmp_path / "out/a.warc.rejects.jsonl")
    assert reject["reason"] == f"http://site.example/1: {NO_MEMORY}"


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that does not suffice for batches with `BIG` in a text."""
    decide = Classifier.decide

    def fail(classifier: Classifier, texts: list[str], *arguments: Any) -> Any:
        if BIG in texts:
            raise MemoryError
        return decide(classifier, texts, *arguments)

    monkeypatch.setattr(Classifier, "decide", fail)


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.wet", "folder"])
def test_a_text_too_large_for_the_memory_is_rejected_alone(
    tmp_path: Path, clean: Clean, small_memory: None, name: str
) -> None:
    path, texts = tmp_path / name, ["Log in", BIG, "Subscribe", BIG, "Share"]
    if name == "folder":
        path.mkdir()
        for i, text in enumerate(texts):
            (path / f"{i}.txt").write_text(text)
    elif name == "a.jsonl":
        path.write_bytes(b"\n".join(jsonl_lines(texts)))
    elif name == "a.wet":
        pytest.importorskip("fastwarc")
        path.write_bytes(b"".join(wet_records(texts)))
    else:
        pa = pytest.importorskip("pyarrow")
        importlib.import_module("pyarrow.parquet").write_table(pa.table({"text": texts}), path)
    totals = clean(path)
    found = [
        each for one in (tmp_path / "out").rglob("*.rejects.jsonl") for each in read_jsonl(one)
    ]
    assert (totals.records, totals.rejected, len(found)) == (3, 2, 2)
    assert all(NO_MEMORY in reject["reason"] for reject in found)


def test_want_of_memory_for_reading_is_no_texts_fault(small_memory: None) -> None:
    def texts() -> Iterator[str]:
        yield "Log in"
        raise MemoryError

    with pytest.raises(MemoryError):
        list(Settings().texts(texts()))


def test_want_of_memory_for_reading_is_told_behind_a_text_too_large(small_memory: None) -> None:
    def texts() -> Iterator[str]:
        yield BIG
        raise MemoryError

    # Not taken for the end of the texts: what comes behind would be lost.
    with pytest.raises(MemoryError):
        list(Settings().texts(texts()))


def test_want_of_memory_for_the_model_is_no_texts_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Classifier:
        raise MemoryError

    monkeypatch.setattr("paywallstrip.bulk.settings._classifier", fail)
    with pytest.raises(MemoryError):
        next(Settings().texts(["Log in"]))


def test_texts_behind_one_too_large_keep_their_order(
    small_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is given again is several batches, the first of them with a text too large in it.
    monkeypatch.setattr("paywallstrip.pool.BATCH_CHARACTERS", 4000)
    texts = [BIG if i in (6, 8) else f"Log in {i}" for i in range(30)]
    found = [getattr(each, "text", BIG) for each in Settings().texts(texts)]
    assert found == texts
