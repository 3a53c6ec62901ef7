"""Files of every format, made of the written pages, and a run over them in this process."""

import gzip
import json
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import clean_many
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.records import Totals
from paywallstrip.bulk.run import run
from paywallstrip.bulk.settings import Settings
from tests.written import INDEX, read_page

RECORDS = 120
MENU = "Log in\nPrivacy policy\nShare on Facebook\n"

Clean = Callable[..., Totals]


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """The written pages again and again, a page without a body and an empty one among them."""
    written = [read_page(entry["name"]).text for entry in INDEX]
    return list(islice(cycle([*written, MENU, ""]), RECORDS))


@pytest.fixture(scope="session")
def bodies(texts: list[str]) -> list[str]:
    """What the library itself makes of them."""
    return list(clean_many(texts))


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    """Run over some inputs into `tmp_path / "out"`."""

    def start(*given: Path, jobs: int = 1, resume: bool = False, **settings: Any) -> Totals:
        out = tmp_path / "out"
        found = find_inputs(map(str, given), out)
        for step in run(found, out, Settings(**settings), jobs=jobs, resume=resume):
            last = step
        return last.totals

    return start


def jsonl_lines(texts: list[str]) -> list[bytes]:
    """Write one object a line."""
    return [
        json.dumps({"id": i, "text": text}, ensure_ascii=False).encode()
        for i, text in enumerate(texts)
    ]


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, compressed or not."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        import zstandard

        reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        data = reader.read()
    return [json.loads(line) for line in data.splitlines()]


def wet_record(number: int, block: bytes, kind: str = "conversion", **headers: str) -> bytes:
    """Write a record of an archive as the standard has it."""
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": f"http://site.example/{number}",
        "WARC-Date": "2026-11-01T00:00:00Z",
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{number:012d}>",
        "Content-Type": "text/plain",
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{header}\r\n".encode() + block + b"\r\n\r\n"


def wet_records(texts: list[str]) -> list[bytes]:
    """Write a record a text."""
    return [wet_record(i, text.encode()) for i, text in enumerate(texts)]


def read_wet(path: Path) -> list[tuple[dict[str, str], str]]:
    """Read an archive: headers and content of each record."""
    from fastwarc.warc import ArchiveIterator

    return [
        (dict(record.headers.items()), record.reader.read().decode())
        for record in ArchiveIterator(str(path))
    ]
