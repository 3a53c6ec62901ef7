"""What is read of Markdown's links."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.lines import split_lines
from paywallstrip.links import without_addresses
from tests.toy import toy

PIECES = ["[", "]", "](", "!", "(", ")", "<", ">", '"', "'", " ", "\t", "\n", "\r\n", "a", "/b"]
MARKDOWN = st.lists(st.sampled_from([*PIECES, "[a](/b)", "[a](", '[](/b "c")'])).map("".join)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[Home](/)", "Home"),
        ("* [Home](https://example.com/home?a=b&c=d) | [News](/news)", "* Home | News"),
        ("[Rain](/rain_(weather)) fell.", "Rain fell."),
        ("[Rain](<a b> 'All of it') fell.", "Rain fell."),
        ("![The harbour](/a.jpg)", "The harbour"),
        ("[![The harbour](/a.jpg)](/b) closes", "The harbour closes"),
        ("[![](/a.jpg)](/b)", "*"),
        ("[](/b)", "*"),
        ("[![](/a.jpg) The [old] harbour](/b)", "[* The [old] harbour]"),
        ("harbour closes](/b) on Monday", "harbour closes] on Monday"),
        ("[Home]( /a b )", "[Home]( /a b )"),
        ("[Home](/a( ) b", "[Home](/a( ) b"),
        ("[Home]\n(/)", "[Home]\n(/)"),
        ("[The\nharbour](/)", "[The\nharbour]"),
        ("f[i](x) and (a) [b]", "f[i](x) and (a) [b]"),
        ("[](int_a,int_b){return_a<b;}", "[](int_a,int_b){return_a<b;}"),
        ("[2019](2) AC 113", "[2019](2) AC 113"),
        ("[sic](recte:the)", "[sic](recte:the)"),
        (
            "[注](この記事は七月の紙面に載ったものです。)",
            "[注](この記事は七月の紙面に載ったものです。)",
        ),
        ("[新闻](/新闻/上海)", "新闻"),
        ("[Home](index.html)", "Home"),
        ("[Home](news/today)", "Home"),
        ('[Rain](/x "Read \\"Harbour\\" now")', "Rain"),
        ("[Rain](/a\\)b)", "Rain"),
        ("[Mail](mailto:a@paper.example?subject=Tip)", "Mail"),
        ("[Call](tel:112) or [write](MAILTO:editor)", "Call or write"),
        ("[Menu](javascript:open)", "Menu"),
        ("[Next](?page=2)", "Next"),
        ("[Top](#top)", "Top"),
        ("[Town](www.münchen.example)", "Town"),
        ("[注](新聞.html)", "[注](新聞.html)"),
        ("注](新聞.html)", "注](新聞.html)"),
        ("no link", "no link"),
    ],
)
def test_a_link_is_read_as_its_text(text: str, read: str) -> None:
    assert without_addresses(text) == read


@given(MARKDOWN)
def test_the_lines_stay_the_same(text: str) -> None:
    ends = re.compile("\r\n|\n|\r")
    before, after = (ends.split(each) for each in (text, without_addresses(text)))
    assert [bool(line.strip()) for line in before] == [bool(line.strip()) for line in after]


@given(MARKDOWN)
def test_lines_stand_where_they_stand_in_the_text(text: str) -> None:
    lines = split_lines([text])
    found = [(line.start, line.end) for line in toy().classify(text).lines]
    assert found == list(zip(lines.starts.tolist(), lines.ends.tolist(), strict=True))


@given(MARKDOWN)
def test_there_are_as_many_as_the_text_has(text: str) -> None:
    assert len(toy().classify(text).lines) == len(split_lines([text]).starts)


def test_a_line_of_a_page_keeps_its_addresses() -> None:
    page = "[Home](https://a.example/x)\nRain fell on the [harbour](https://b.example/y).\n"
    assert [line.text for line in toy().classify(page).lines] == page.splitlines()


def test_a_line_is_labelled_as_without_its_addresses() -> None:
    text = "[Home](/) [Premium](/premium)\n[Rain fell](/rain) on the harbour all night.\n"
    found, plain = (toy().classify(each).lines for each in (text, without_addresses(text)))
    assert [line.probabilities for line in found] == [line.probabilities for line in plain]


@pytest.mark.parametrize(
    "piece", ["[", "](", "[a](", "[a](b(c)", '[a](b "', "[a](<b", "![](", "[a](b)](c"]
)
def test_hostile_texts_take_no_longer_than_their_length_asks(piece: str) -> None:
    # Were it the square of the length, this would take hours.
    assert without_addresses(piece * 500_000)
