"""Odd texts: nothing is lost, nothing crashes, nothing takes long."""

import time
import tracemalloc
from pathlib import Path

import pytest

from paywallstrip import Classifier
from tests.toy import full_cues, toy, toy_model

ODD = {
    "empty": "",
    "one space": " ",
    "blanks only": " \t\n\n\u00a0\u3000\r\n \u2003\n",
    "line ends only": "\n\r\r\n\n",
    "one character": "x",
    "one line": "Rain fell on the harbour all night.",
    "one line and its end": "Rain fell on the harbour all night.\n",
    "two lines": "Share\nRain fell on the harbour all night.",
    "two lines without an end": "Share\nRain fell",
    "blank head and tail": "\n\n  Share\n\n\n",
    "carriage returns": "Share\rRain fell.\rAlso read\r",
    "mixed line ends": "Share\r\nRain fell.\rAlso read\n\rEnd\n\n\r\n",
    "line separators inside a line": "Rain\u2028fell\u2029on\x0bthe\x0charbour\x85all\x1cnight.",
    "only line separators": "\u2028\u2029\x0b\x0c\x85\x1c\x1d\x1e",
    "NUL": "Rain\x00fell\n\x00\nShare\x00",
    "every control character": "".join(map(chr, range(0x20))) + "\x7f\x80\x9f",
    "a lone high surrogate": "Rain \ud83d fell\nShare",
    "a lone low surrogate": "\udc00\nShare",
    "surrogates in the wrong order": "\udc00\ud800",
    "combining marks only": "\u0301\u0301\u0308\u20dd\nShare",
    "a letter under many marks": "a" + "\u0301" * 500 + "\nRain fell",
    "right to left": "شارك\nهطل المطر طوال الليل على الميناء القديم.\nשתפו",
    "direction marks": "\u202eShare\u202c\n\u200f\u200e\n\u2066Rain\u2069",
    "zero width only": "\u200b\u200c\u200d\ufeff\n\u2060",
    "byte order mark": "\ufeffShare\nRain fell",
    "a script without spaces": "会員\n港に一晩中雨が降った。\n続きを読む",
    "Thai": "ฝนตกตลอดทั้งคืนที่ท่าเรือ\nแชร์",
    "emoji with joiners": "👩‍👩‍👧‍👦 🏳️‍🌈\n🇩🇪",
    "beyond the basic plane": "𠀀𠀁𠀂\n𝔖𝔥𝔞𝔯𝔢\n\U0010ffff\n\U000e0001",
    "noncharacters": "\ufffe\uffff\n\ufdd0",
    "punctuation only": "***\n---\n|\n…",
    "a letter that grows in lower case": "İSTANBUL ẞ ŉ\nŞEHİR",
    "ten thousand equal lines": "Share\n" * 10_000,
    "ten thousand different words": " ".join(f"w{i}" for i in range(10_000)),
}


@pytest.fixture(params=list(ODD.values()), ids=list(ODD))
def odd(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ink(text: str) -> list[str]:
    """Cut a text into its non-blank lines, the slow way."""
    return [
        line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()
    ]


def test_every_non_blank_line_of_an_odd_text_is_there(odd: str) -> None:
    assert [line.text for line in toy().classify(odd).lines] == ink(odd)


def test_an_odd_text_comes_back_whole_when_nothing_is_dropped(odd: str) -> None:
    assert toy().clean(odd, drop=()) == odd


def test_the_body_of_an_odd_text_holds_its_kept_lines(odd: str) -> None:
    page = toy().classify(odd)
    assert ink(page.body) == [line.text for line in page.lines if line.kept]


def test_every_line_of_an_odd_text_has_probabilities(odd: str) -> None:
    for line in toy().classify(odd).lines:
        assert sum(line.probabilities.values()) == pytest.approx(1, abs=1e-9)


def test_an_odd_text_is_labelled_alike_in_a_batch_of_all() -> None:
    texts = list(ODD.values())
    assert list(toy().classify_many(texts)) == [toy().classify(text) for text in texts]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2028", "\x0b\x0c\x85"])
def test_a_text_without_ink_has_no_lines(text: str) -> None:
    assert toy().classify(text).lines == ()


def test_an_empty_text_has_an_empty_body() -> None:
    assert toy().clean("") == ""


def test_a_page_without_lines_counts_no_label() -> None:
    assert set(toy().classify("").counts.values()) == {0}


@pytest.mark.slow
def test_a_line_of_ten_megabytes_is_labelled() -> None:
    text = "Rain fell on the harbour. " * 400_000
    assert toy().classify(text).lines[0].text == text


@pytest.mark.slow
def test_a_word_of_ten_megabytes_is_labelled() -> None:
    assert len(toy().classify("x" * 10_000_000).lines) == 1


@pytest.mark.slow
def test_a_line_of_three_million_ideographs_is_labelled() -> None:
    assert len(toy().classify("雨" * 3_000_000).lines) == 1


@pytest.mark.slow
def test_a_million_lines_come_back_whole() -> None:
    text = "Rain fell\nShare\n" * 500_000
    assert toy().clean(text, drop=()) == text


@pytest.mark.slow
def test_three_million_blank_lines_cost_no_label() -> None:
    text = "Share\n" + "\n \r\n" * 1_500_000 + "Rain fell"
    assert len(toy().classify(text).lines) == 2


@pytest.mark.slow
def test_time_grows_with_the_input_and_no_faster() -> None:
    def seconds(lines: int) -> float:
        text = "Rain fell on the harbour.\nShare\n" * (lines // 2)
        # The processor's time, which does not pass while others are at work.
        begin = time.process_time()
        toy().clean(text)
        return time.process_time() - begin

    seconds(1000)
    small = min(seconds(10_000) for _ in range(3))
    # Sixteen times the lines: a quadratic step would take 256 times as long.
    assert seconds(160_000) < 80 * small


@pytest.mark.slow
def test_a_million_lines_would_fit_into_four_gigabytes() -> None:
    lines = 20_000
    text = "Rain fell on the harbour.\nShare\n" * (lines // 2)
    classifier = full_cues()
    tracemalloc.start()
    try:
        classifier.clean(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4e9 * lines / 1e6


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (None, "pass ''"),
        (b"Share", "decode"),
        (["Share"], "clean_many"),
        (7, "must be a str, got int"),
        (float("nan"), "pass ''"),
        (bytearray(b"Share"), "decode"),
        (Path("page.txt"), r"got \w*Path; read it first: path\.read_text\('utf-8'\)"),
    ],
    ids=["None", "bytes", "list", "int", "NaN", "bytearray", "path"],
)
def test_what_is_no_text_is_refused_with_advice(given: object, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        toy().clean(given)  # type: ignore[arg-type]


def test_classify_refuses_what_clean_refuses() -> None:
    with pytest.raises(TypeError, match="decode"):
        toy().classify(b"Share")  # type: ignore[arg-type]


def test_a_subclass_of_str_is_a_text() -> None:
    class Text(str):
        __slots__ = ()

    assert toy().classify(Text("Rain fell\nShare")) == toy().classify("Rain fell\nShare")


def test_of_a_subclass_of_str_comes_a_plain_str() -> None:
    class Text(str):
        __slots__ = ()

    # Of nothing dropped the body is the text itself.
    assert type(toy().clean(Text("Rain fell"), drop=())) is str


def test_a_classifier_of_an_untouched_model_takes_every_odd_text() -> None:
    assert len(list(Classifier(toy_model()).clean_many(ODD.values()))) == len(ODD)
