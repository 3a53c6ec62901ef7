"""Bytes to text: encodings that are declared, detected, wrong or lies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.markup.decoding import decode_declared, decode_html

WEST = "<p>Größe – “Zitat” café €"
RUSSIAN = "<p>В Москве выпал снег, и поезда опаздывают на два часа."
JAPANESE = "<p>東京に雪が降った。今日は電車が遅れている。" * 5


def declared(encoding: str) -> bytes:
    return f"<meta charset={encoding}>".encode()


def xml(encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<html><p>'.encode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(WEST.encode(), WEST, id="UTF-8, not declared"),
        pytest.param(WEST.encode("utf-8-sig"), WEST, id="UTF-8 with mark"),
        pytest.param(b"\xff\xfe" + WEST.encode("utf-16-le"), WEST, id="UTF-16, low byte first"),
        pytest.param(b"\xfe\xff" + WEST.encode("utf-16-be"), WEST, id="UTF-16, high byte first"),
        pytest.param(WEST.encode("utf-16-le"), WEST, id="UTF-16 without a mark, low byte first"),
        pytest.param(WEST.encode("utf-16-be"), WEST, id="UTF-16 without a mark, high byte first"),
        pytest.param(declared("windows-1252") + WEST.encode("cp1252"), WEST, id="declared"),
        pytest.param(declared("iso-8859-1") + WEST.encode("cp1252"), WEST, id="as browsers read"),
        pytest.param(declared("Shift_JIS") + JAPANESE.encode("cp932"), JAPANESE, id="Shift JIS"),
        pytest.param(declared("koi8-r") + RUSSIAN.encode("koi8-r"), RUSSIAN, id="KOI8-R"),
        pytest.param(
            b'<meta http-equiv=Content-Type content="text/html; charset=windows-1251">'
            + RUSSIAN.encode("cp1251"),
            RUSSIAN,
            id="declared the old way",
        ),
        pytest.param(
            declared("iso-2022-jp") + JAPANESE.encode("iso2022_jp"), JAPANESE, id="ISO-2022-JP"
        ),
        pytest.param(WEST.encode("cp1252"), WEST, id="Western, detected"),
        pytest.param(RUSSIAN.encode("cp1251"), RUSSIAN, id="Cyrillic, detected"),
        pytest.param(JAPANESE.encode("euc_jp"), JAPANESE, id="EUC-JP, detected"),
        pytest.param(declared("iso-8859-1") + WEST.encode(), WEST, id="UTF-8 that denies it"),
        pytest.param(declared("utf-16") + WEST.encode(), WEST, id="UTF-8 called UTF-16"),
        pytest.param(declared("utf-8") + WEST.encode("cp1252"), WEST, id="Western called UTF-8"),
        pytest.param(declared("utf-8") + RUSSIAN.encode("cp1251"), RUSSIAN, id="Cyrillic likewise"),
        pytest.param(declared("nonsense") + WEST.encode(), WEST, id="an unknown name"),
        pytest.param(WEST.encode()[:-1], WEST[:-1] + "\ufffd", id="cut in a character"),
        pytest.param(
            WEST.encode() + b"\xff" + WEST.encode(), WEST + "\ufffd" + WEST, id="a byte is wrong"
        ),
        pytest.param(b"", "", id="no bytes"),
        pytest.param(b"<p>plain", "<p>plain", id="ASCII"),
        pytest.param(
            "<meta charset=utf-8><p>café".encode() + b"\xe2\x80",
            "<p>café\ufffd",
            id="UTF-8, cut off inside a character",
        ),
        pytest.param(
            "<meta charset=utf-8>éééé".encode() + b"\xff.", "éééé\ufffd.", id="UTF-8, four to one"
        ),
        pytest.param(
            "<meta charset=utf-8>“Rain” isn’t".encode() + b"\xe9.",
            "“Rain” isn’t\ufffd.",
            id="UTF-8 that says so, three to one",
        ),
        pytest.param("“R” isn’t".encode() + b"\xe9.", "“R” isn’t\ufffd.", id="three to one"),
        pytest.param(
            declared("utf-8") + "© 2024 “R".encode() + b"\xe2\x80 more",
            "© 2024 “R\ufffd more",
            id="UTF-8, cut inside a character in its midst",
        ),
        pytest.param(
            declared("utf-8") + "café \ud83d\ude00 fermé".encode("utf-8", "surrogatepass"),
            "café \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd fermé",
            id="UTF-8 with a character in halves",
        ),
        pytest.param(
            declared("iso-8859-1") + "éé".encode() + b"\xff.", "éé\ufffd.", id="two to one"
        ),
        pytest.param("caf\ufffd.".encode(), "caf\ufffd.", id="what another could not read"),
        pytest.param(
            declared("iso-8859-1") + "caf\ufffd.".encode(),
            "caf\ufffd.",
            id="what another could not read, called Western",
        ),
        pytest.param(
            declared("utf-8") + b"caf\xe9 \x96 \xc3\xa9", "café – Ã©", id="more mistakes than signs"
        ),
        pytest.param(xml("iso-8859-15") + "5 € œuvre".encode("iso-8859-15"), "5 € œuvre", id="XML"),
        pytest.param(xml("gbk") + "桥梁关闭".encode("gbk"), "桥梁关闭", id="XML, Chinese"),
        pytest.param(xml("nonsense") + WEST.encode("cp1252"), WEST, id="XML, an unknown name"),
        pytest.param(xml("utf-8") + WEST.encode("cp1252"), WEST, id="Western that XML calls UTF-8"),
        pytest.param(
            xml("utf-8") + declared("koi8-r") + RUSSIAN.encode("koi8-r"),
            RUSSIAN,
            id="XML that a meta denies",
        ),
        pytest.param(
            xml("windows-1252") + declared("koi8-r") + RUSSIAN.encode("koi8-r"),
            RUSSIAN,
            id="Western that a meta denies",
        ),
        pytest.param(b"<meta charset=hz-gb-2312><p>Rain", "<p>Rain", id="not shown by browsers"),
    ],
)
def test_bytes_are_read_as(data: bytes, text: str) -> None:
    assert decode_html(data).endswith(text)


def test_a_mark_at_the_beginning_of_a_text_is_no_line_of_it() -> None:
    assert decode_html("\ufeff<p>Rain") == "<p>Rain"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (WEST.encode("cp1252"), "ISO-8859-1", WEST),
        (JAPANESE.encode("cp932"), "shift_jis", JAPANESE),
        ("<p>①".encode("cp932"), "Shift_JIS", "<p>①"),
        (WEST.encode("cp1252"), " windows-1252 ", WEST),
        ("<p>비가 온다".encode("cp949"), "KS_C_5601-1987", "<p>비가 온다"),
        (WEST.encode("utf-8-sig"), "iso-8859-1", WEST.encode("utf-8-sig")),
        (WEST.encode(), "iso-8859-1", WEST),
        (b"<p>\\u0041", "unicode_escape", b"<p>\\u0041"),
        (b"<p>Rain", "", b"<p>Rain"),
        (b"<p>Rain", "a\0b", b"<p>Rain"),
        (b"<\0p\0>\0", "utf-8", b"<\0p\0>\0"),
        (b"<p>Rain", "ISO-2022-KR", b"<p>Rain"),
        (b"<p>Rain", "hz-gb-2312", b"<p>Rain"),
        (b"<p>Rain", " hz-gb-2312 ", b"<p>Rain"),
    ],
)
def test_what_the_server_says_is_believed_but_of_utf_8(
    data: bytes, charset: str, text: str | bytes
) -> None:
    assert decode_declared(data, charset) == text


def test_a_byte_order_mark_is_not_text() -> None:
    assert decode_html(b"\xff\xfea\0") == "a"


def test_a_str_is_taken_as_it_is() -> None:
    assert decode_html("<meta charset=utf-16>\ufeffé") == "<meta charset=utf-16>\ufeffé"


@pytest.mark.parametrize("html", [None, 3, ["<p>"], bytearray(b"<p>"), memoryview(b"<p>")])
def test_anything_else_is_refused_with_what_to_do(html: Any) -> None:
    with pytest.raises(TypeError, match=r"html must be a str or bytes, got"):
        decode_html(html)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_text(data: bytes) -> None:
    assert isinstance(decode_html(data), str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufffd\ufeff"), min_size=1))
def test_utf_8_that_says_so_is_read_as_such(text: str) -> None:
    assert decode_html(declared("utf-8") + text.encode()).endswith(text)
