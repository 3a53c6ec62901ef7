"""Written markup to tags, attributes and texts."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

import numpy as np

from paywallstrip.errors import PageError
from paywallstrip.markup import writer
from paywallstrip.markup.attributes import ASKED, find_attributes, named
from paywallstrip.markup.tags import Source, find_marks, find_tags, join_pages, new_strings
from paywallstrip.markup.texts import Runs, are_blank, fold_texts
from paywallstrip.markup.writer import write_groups, write_page

TEXTS = st.text(' \t\n\v\f\r\x1c\x1f\x01a&<>"\x85\xa0\u2003\u3000é“あ', min_size=1, max_size=20)


def written(text: str) -> bytes:
    """Write a text as the parser does."""
    for character, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ("\xa0", "nbsp")):
        text = text.replace(character, f"&{name};")
    return text.encode()


def joined(texts: list[str]) -> tuple[Source, Runs]:
    parts = [written(text) for text in texts]
    source = join_pages(parts)
    return source, Runs(source.origins[:-1], source.origins[1:])


def tags_of(html: str) -> list[str]:
    """Return each tag that is found, as it is written."""
    source = join_pages([write_page(html).markup])
    tags = find_tags(source, find_marks(source), new_strings())
    spans = zip(tags.starts[1:].tolist(), tags.ends[1:].tolist(), strict=True)
    return [source.data[begin : end + 1].decode() for begin, end in spans]


def values_of(html: str, name: str) -> list[str]:
    """Return the values of all attributes of some name."""
    source = join_pages([write_page(html).markup])
    marks = find_marks(source)
    found = find_attributes(source, marks, find_tags(source, marks, new_strings()))
    at = named(source, found, name).nonzero()[0]
    spans = zip(found.begins[at].tolist(), found.ends[at].tolist(), strict=True)
    return [source.data[begin:end].decode() for begin, end in spans]


def reopening(count: int) -> str:
    """Return a page of elements that are left open, and opened anew in each paragraph."""
    return "".join(f"<p><font size={i}>x" for i in range(count))


def test_a_page_whose_markup_grows_out_of_bounds_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "LONGEST", 1 << 20)
    with pytest.raises(
        PageError, match="this page of 7890 characters has more than 1 MB of markup"
    ):
        write_page(reopening(440)[:7890])


def test_a_page_whose_markup_grows_but_stays_short_is_written() -> None:
    assert write_page(reopening(100)).markup.count(b"<font") == 100 * 101 // 2


def test_a_long_page_is_written_whose_markup_grows_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LONGEST", 1 << 10)
    html = "<p>&nbsp;<a title='\"'>" + "\xa0" * 10_000
    assert len(write_page(html).markup) > 60_000


def test_pages_are_put_together_until_their_markup_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "TOGETHER", 2 * len(write_page("<p>a").markup))
    assert [len(group) for group in write_groups(["<p>a"] * 7)] == [3, 3, 1]


@given(st.lists(TEXTS, min_size=1))
@example([" " * 100, " " * 100 + "a", " " * 100 + "\u2003", " " * 7 + "\u3000", "\x1f" * 8])
def test_a_text_is_blank_if_it_is_white_space(texts: list[str]) -> None:
    assert are_blank(*joined(texts)).tolist() == [text.isspace() for text in texts]


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1))
def test_texts_are_folded_as_by_splitting_and_joining(lines: list[list[str]]) -> None:
    first = np.array([i == 0 for line in lines for i in range(len(line))])
    source, runs = joined([text for line in lines for text in line])
    found = fold_texts(source, runs, first, np.zeros_like(first))
    assert found == [" ".join("".join(line).split()) for line in lines]


def test_a_space_is_put_before_texts_that_stand_apart() -> None:
    source, runs = joined(["a", "b", "c", "d"])
    flags = np.array([True, False, False, True])
    assert fold_texts(source, runs, flags, np.array([False, True, False, False])) == ["a bc", "d"]


def test_a_comment_is_one_tag_whatever_stands_in_it() -> None:
    assert tags_of('<p>a<!-- <b class="x > "> <!-- -->b')[5:-3] == [
        '<!-- <b class="x > "> <!-- -->'
    ]


def test_a_comment_that_shows_itself_to_old_browsers_ends_where_it_does() -> None:
    assert tags_of("<p>a<!--[if x]><!-->b")[5:6] == ["<!--[if x]><!-->"]


@pytest.mark.parametrize("html", ["<p <!-- id=x>", "<a<b>", "<!doctype x<y>", "<p <q>"])
def test_a_tag_ends_where_it_does_whatever_its_names_hold(html: str) -> None:
    tags = tags_of(html + "<i>x</i>")
    assert ("<i>" in tags, {tag.count(">") for tag in tags}) == (True, {1})


@pytest.mark.parametrize("name", ASKED)
def test_an_attribute_is_found_by_its_whole_name(name: str) -> None:
    html = f"<p x{name}=1 {name}=2 {name}x=3><b x-{name}=4><i {name}=5 y=6>"
    assert values_of(html, name) == ["2", "5"]


@pytest.mark.parametrize(
    "html",
    [
        "<p id=a><b x\"=1 id=b><i id=c>",
        "<p id=a><b\"c id=b><i id=c>",
        "<p id=a><b =\"x id=b><i id=c>",
        "<p id=a><b x\"y=\"z\" id=b\"=><i id=c>",
        "<p id=a>\"<b id=b>=\"\"</b>\"<i id=c>",
    ],
)  # fmt: skip
def test_quotes_in_names_and_texts_are_not_around_values(html: str) -> None:
    assert [value[0] for value in values_of(html, "id")] == ["a", "b", "c"]


def test_a_script_says_nothing_but_json_ld() -> None:
    page = write_page("<script>1 < 2</script><script type='application/ld+json '>{}</script>")
    assert (page.markup.count(b"></script>"), page.scripts) == (2, ["{}"])


def test_what_the_parser_takes_as_it_stands_is_written_as_text() -> None:
    assert b"<xmp>&lt;b&gt;&amp;lt;</xmp>" in write_page("<xmp><b>&lt;</xmp>").markup
