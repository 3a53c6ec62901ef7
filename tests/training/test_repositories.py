"""Pages and bodies in clones of the public repositories, laid out as docs/data.md says."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.repositories import Repositories, TrueBody, decodings

HTML = "<html><body><p>Der Fährbetrieb beginnt wieder.</p></body></html>"
FUNDUS = "fundus/tests/resources/parser/test_data"
WCXB = "web-content-extraction-benchmark"
ARTICLE = {
    "title": "Die Fähre",
    "body": {
        "summary": ["Sie fährt."],
        "sections": [
            {"headline": [], "paragraphs": ["Seit Montag.", "Und bis Mai."]},
            {"headline": ["Preise"], "paragraphs": ["Frei."]},
        ],
    },
}
TRUTH = {
    "url": "https://ferry.example/",
    "ground_truth": {
        "title": "The ferry",
        "main_content": "The ferry runs again.",
        "with": ["runs again"],
        "without": ["Log in"],
    },
}


def put(folder: Path, name: str, data: bytes | str | dict[str, Any]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, dict):
        data = json.dumps(data)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("trafilatura:trafilatura/tests/cache/a.html", "trafilatura/tests/cache/a.html"),
        ("postlight:parser/fixtures/a.html", "parser/fixtures/a.html"),
        ("fundus:de/FAZ_2025_04_15", f"{FUNDUS}/de/FAZ_2025_04_15.html.gz"),
        ("fundus:de/FAZ_2025_04_15", f"{FUNDUS}/de/FAZ_2025_04_15.html"),
        ("wcxb-dev:0001", f"{WCXB}/dev/html/0001.html"),
        ("wcxb-dev:0001", f"{WCXB}/dev/html/0001.html.gz"),
    ],
)
def test_a_page_is_found_where_its_source_keeps_it(tmp_path: Path, page: str, name: str) -> None:
    data = HTML.encode()
    put(tmp_path, name, gzip.compress(data) if name.endswith(".gz") else data)
    assert Repositories(tmp_path).html(page)[0] == HTML


@pytest.mark.parametrize(
    "page", ["trafilatura:trafilatura/tests/cache/b.html", "fundus:at/FAZ_2025", "wcxb-dev:0001"]
)
def test_a_page_that_is_not_there_has_no_text(tmp_path: Path, page: str) -> None:
    put(tmp_path, f"{FUNDUS}/de/FAZ_2025.html", HTML)
    put(tmp_path, f"{WCXB}/test/html/0001.html", HTML)
    assert Repositories(tmp_path).html(page) == []


def test_a_folder_without_a_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds none of the clones: trafilatura, parser, "):
        Repositories(tmp_path)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (HTML.encode(), HTML),
        (b"\xef\xbb\xbf" + HTML.encode(), HTML),
        (HTML.encode("utf-16"), HTML),
        (HTML.encode("windows-1252"), HTML),
        (b'<meta charset="iso-8859-2">\xb1', '<meta charset="iso-8859-2">ą'),
        (b'<meta charset="no-such-thing">\xe4', '<meta charset="no-such-thing">ä'),
        (b"\x81", "\ufffd"),
    ],
)
def test_the_likeliest_encoding_comes_first(data: bytes, text: str) -> None:
    assert decodings(data)[0] == text


def test_each_text_comes_once() -> None:
    assert decodings(b"<meta charset=utf-8>plain") == ["<meta charset=utf-8>plain"]


def test_a_body_of_wcxb_comes_from_its_ground_truth(tmp_path: Path) -> None:
    put(tmp_path, f"{WCXB}/dev/ground-truth/0001.json", TRUTH)
    assert list(Repositories(tmp_path).bodies("wcxb-dev:0001")) == [
        TrueBody(
            "https://ferry.example/",
            "The ferry",
            "The ferry runs again.",
            ("runs again",),
            ("Log in",),
        )
    ]


def test_a_body_of_fundus_comes_from_each_version_of_its_publisher(tmp_path: Path) -> None:
    other = ARTICLE | {"title": "Alt"}
    put(tmp_path, f"{FUNDUS}/de/FAZ.json", {"V1": other, "V1_1": ARTICLE, "V2": {"title": "-"}})
    text = "Sie fährt.\nSeit Montag.\nUnd bis Mai.\nPreise\nFrei."
    assert list(Repositories(tmp_path).bodies("fundus:de/FAZ_2025_04_15")) == [
        TrueBody("", "Alt", text),
        TrueBody("", "Die Fähre", text),
    ]


def test_a_body_that_is_not_there_is_none(tmp_path: Path) -> None:
    put(tmp_path, f"{WCXB}/dev/ground-truth/0001.json", TRUTH)
    assert list(Repositories(tmp_path).bodies("wcxb-dev:0002")) == []


@pytest.mark.parametrize("record", [{}, {"ground_truth": {}}, {"ground_truth": []}])
def test_a_file_laid_out_in_another_way_is_named(tmp_path: Path, record: dict[str, Any]) -> None:
    put(tmp_path, f"{WCXB}/dev/ground-truth/0001.json", record)
    with pytest.raises(DataError, match=r"0001\.json: not laid out as expected"):
        list(Repositories(tmp_path).bodies("wcxb-dev:0001"))
