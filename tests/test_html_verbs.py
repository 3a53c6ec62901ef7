"""The verbs for HTML: what they return and refuse."""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip import Classifier, Label, Page
from paywallstrip.arguments import checked_page
from paywallstrip.errors import ModelKindError, PageError, TextError
from paywallstrip.html_model import save_html_model
from paywallstrip.markup import writer
from paywallstrip.markup.lines import read_markup
from tests.toy import toy
from tests.toy_html import toy_html

PAGES = [
    path.read_text("utf-8") for path in sorted((Path(__file__).parent / "html").glob("*.html"))
]
HTML = PAGES[0]
SINGLE = ("clean_html", "classify_html")
MANY = ("clean_html_many", "classify_html_many")


def argument(verb: str, page: Any = HTML) -> Any:
    return [page] if verb.endswith("_many") else page


def run(classifier: Classifier, verb: str, page: Any, **options: Any) -> Any:
    result = getattr(classifier, verb)(argument(verb, page), **options)
    return next(iter(result)) if verb.endswith("_many") else result


def test_a_page_has_the_lines_of_its_markup() -> None:
    lines = toy_html().classify_html(HTML).lines
    assert "\n".join(line.text for line in lines) == read_markup(HTML).text


def test_offsets_are_those_in_the_text_of_all_lines() -> None:
    page = toy_html().classify_html(HTML)
    text = "\n".join(line.text for line in page.lines)
    assert all(text[line.start : line.end] == line.text for line in page.lines)


def test_the_body_is_the_kept_lines() -> None:
    page = toy_html().classify_html(HTML)
    assert page.body == "\n".join(line.text for line in page.lines if line.kept)


def test_nothing_is_lost_if_nothing_is_dropped() -> None:
    assert toy_html().clean_html(HTML, drop=()) == read_markup(HTML).text


@pytest.mark.parametrize("verb", MANY)
def test_nothing_is_lost_of_many_if_nothing_is_dropped(verb: str) -> None:
    page = run(toy_html(), verb, HTML, drop=())
    assert getattr(page, "body", page) == read_markup(HTML).text


@pytest.mark.parametrize("verb", MANY)
def test_an_impossible_number_of_jobs_is_refused_at_once(verb: str) -> None:
    with pytest.raises(ValueError, match="n_jobs must be 1 or more, or -1"):
        getattr(toy_html(), verb)([HTML], n_jobs=0)


def test_a_line_tells_its_tag() -> None:
    lines = toy_html().classify_html("<h2>a</h2><ul><li>b</ul>").lines
    assert [line.tag for line in lines] == ["h2", "li"]


def test_a_line_tells_its_link_share() -> None:
    (line,) = toy_html().classify_html("<p>See <a href=/>here</a>").lines
    assert line.link_share == 0.5


def test_a_line_as_plain_types_has_both() -> None:
    (line,) = toy_html().classify_html("<p>a").lines
    plain = json.loads(json.dumps(line.to_dict()))
    assert (plain["tag"], plain["link_share"]) == ("p", 0.0)


def test_a_line_of_text_has_neither() -> None:
    (line,) = toy().classify("a").lines
    assert (line.tag, line.link_share, "tag" in line.to_dict()) == (None, None, False)


def test_a_page_survives_pickling() -> None:
    page = toy_html().classify_html(HTML)
    assert pickle.loads(pickle.dumps(page)) == page


@pytest.mark.parametrize("html", ["", b"", "<p></p>", "<script>x</script>"])
def test_a_page_without_lines_has_an_empty_body(html: str | bytes) -> None:
    page = toy_html().classify_html(html)
    assert (page.lines, page.body) == ((), "")


@pytest.mark.parametrize("html", PAGES)
def test_bytes_give_what_their_text_gives(html: str) -> None:
    assert toy_html().classify_html(html.encode()) == toy_html().classify_html(html)


def test_a_page_is_classified_alike_in_any_company() -> None:
    alone = [toy_html().classify_html(html) for html in PAGES]
    assert list(toy_html().classify_html_many(PAGES * 2)) == alone * 2


def test_processes_give_the_same_in_order() -> None:
    alone = [toy_html().clean_html(html) for html in PAGES]
    assert list(toy_html().clean_html_many(PAGES * 5, n_jobs=2)) == alone * 5


def test_clean_and_classify_agree() -> None:
    assert toy_html().clean_html(HTML) == toy_html().classify_html(HTML).body


def test_options_do_what_they_do_for_text() -> None:
    page = toy_html().classify_html(HTML, drop=("navigation",), strictness=0.5)
    assert {line.label for line in page.removed} <= {Label.NAVIGATION}


@pytest.mark.parametrize("verb", SINGLE)
@pytest.mark.parametrize("html", [None, 3, ["<p>"], bytearray(b"<p>")])
def test_what_is_no_page_is_refused(verb: str, html: Any) -> None:
    with pytest.raises(TypeError, match="html must be a str or bytes, got"):
        getattr(toy_html(), verb)(html)


@pytest.mark.parametrize(
    ("html", "advice"),
    [
        (None, "pass ''"),
        (float("nan"), "pass ''"),
        (bytearray(b"<p>"), r"pass bytes\(html\)"),
        (memoryview(b"<p>"), r"pass bytes\(html\)"),
        (["<p>"], "clean_html_many"),
        (("<p>",), "clean_html_many"),
        (Path("page.html"), r"read it first: path\.read_bytes\(\)"),
    ],
    ids=["None", "NaN", "bytearray", "memoryview", "list", "tuple", "path"],
)
def test_what_is_no_page_is_refused_with_advice(html: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        toy_html().clean_html(html)


def test_of_a_subclass_of_str_the_page_alone_goes_on() -> None:
    class Html(str):
        __slots__ = ()

    # What it carries along would go to the workers, too.
    assert type(checked_page(Html("<p>Rain fell"))) is str


@pytest.mark.parametrize("jobs", [1, 2])
def test_in_a_stream_the_error_names_the_pages_index(jobs: int) -> None:
    stream = toy_html().clean_html_many(["<p>a", b"<p>b", None], n_jobs=jobs)  # type: ignore[list-item]
    assert len([next(stream), next(stream)]) == 2
    with pytest.raises(TextError, match="page 2: html must be a str or bytes, got NoneType"):
        next(stream)


def test_a_list_in_a_stream_of_pages_is_told_to_be_flat() -> None:
    pages: list[Any] = [["<p>a"]]
    with pytest.raises(TextError, match="got list; each element is one page: pass a flat list"):
        list(toy_html().clean_html_many(pages))


def test_a_page_that_grows_out_of_bounds_ends_a_stream_with_its_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "LONGEST", 1 << 20)
    growing = "".join(f"<p><font size={i}>x" for i in range(1_000))
    stream = toy_html().clean_html_many(["<p>a", growing], drop=())
    assert next(stream) == "a"
    with pytest.raises(PageError) as caught:
        next(stream)
    assert caught.value.__notes__ == ["while deciding element 1 of the stream"]


@pytest.mark.parametrize("verb", MANY)
@pytest.mark.parametrize("single", ["<p>a", b"<p>a", bytearray(b"<p>a"), memoryview(b"<p>a"), None])
def test_what_is_no_stream_of_pages_is_refused_at_once(verb: str, single: Any) -> None:
    with pytest.raises(TypeError, match="pages must be an iterable of str or bytes, got"):
        getattr(toy_html(), verb)(single)


@pytest.mark.parametrize("verb", [*SINGLE, *MANY])
def test_a_wrong_option_is_refused_at_once(verb: str) -> None:
    with pytest.raises(ValueError, match="strictness must lie from 0 to 1"):
        getattr(toy_html(), verb)(argument(verb), strictness=2)


@pytest.mark.parametrize("verb", [*SINGLE, *MANY])
def test_a_model_for_text_refuses_html_at_once(verb: str) -> None:
    with pytest.raises(
        ModelKindError, match=r"this model is of kind text.*Classifier\.load\('html-v1'\)"
    ):
        getattr(toy(), verb)(argument(verb))


@pytest.mark.parametrize("verb", ["clean", "classify", "clean_many", "classify_many"])
def test_a_model_for_html_refuses_text_at_once(verb: str) -> None:
    with pytest.raises(ModelKindError, match="this model is of kind html"):
        getattr(toy_html(), verb)(argument(verb, "text"))


def test_a_model_for_html_explains_no_text() -> None:
    with pytest.raises(ModelKindError, match="this model is of kind html"):
        toy_html().explain("text", 0)


def test_a_loaded_model_is_of_the_kind_it_was_saved_as(tmp_path: Path) -> None:
    save_html_model(toy_html().html_model, tmp_path / "model")
    loaded = Classifier.load(tmp_path / "model")
    assert loaded.classify_html(HTML) == toy_html().classify_html(HTML)


def test_a_classifier_for_html_goes_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(toy_html()))
    assert copy.clean_html(HTML) == toy_html().clean_html(HTML)


def test_a_page_is_a_page() -> None:
    assert isinstance(toy_html().classify_html(HTML), Page)


@pytest.mark.parametrize("verb", MANY)
def test_a_missing_package_is_told_before_the_first_page(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = toy_html()
    monkeypatch.setitem(sys.modules, "paywallstrip.markup.reader", None)
    with pytest.raises(ImportError):
        getattr(classifier, verb)([])
