"""Pages on their way to labels, and the file that keeps them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason="needs the extra [notebook]")

from paywallstrip import Classifier
from paywallstrip.errors import DataError
from paywallstrip.notebook.labelling import LETTERS, Labelling
from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.labelling_rules import rules_version
from paywallstrip.training.own_checks import DataWarning
from paywallstrip.training.records import PageRecord, make_page
from tests.toy import toy
from tests.written import read_page

SURE = "Share on Facebook\nPrivacy policy\n"
UNSURE = "3 Months\nMore\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


def start(path: Path, pages: object = None, **options: object) -> Labelling:
    """Label two pages of two lines with made-up weights, unless told otherwise."""
    chosen = pages or {"one": "First.\n\nSecond.\n", "two": "Third.\nFourth.\n"}
    return Labelling(chosen, path, **{"classifier": toy(), **options})  # type: ignore[arg-type]


def late_label(monkeypatch: pytest.MonkeyPatch, theirs: Labelling) -> None:
    """Label page one for others just before the next lock is had."""

    @contextmanager
    def late(_: Path, *, wait: bool) -> Iterator[None]:
        monkeypatch.undo()
        theirs.label("one", "p=")
        yield

    monkeypatch.setattr("paywallstrip.notebook.labels_file.file_lock", late)


def test_each_label_has_a_letter_of_its_own() -> None:
    assert sorted(LETTERS.values()) == ["c", "n", "p", "r"]


def test_the_page_that_the_model_is_least_certain_of_comes_first(path: Path) -> None:
    pages = {"sure": SURE, "unsure": UNSURE}
    assert start(path, pages, classifier=Classifier.load()).order == ["unsure", "sure"]


def test_no_file_is_written_before_there_is_a_label(path: Path) -> None:
    start(path)
    assert not path.exists()


def test_no_file_is_written_by_who_labels_nothing(path: Path) -> None:
    start(path).label("one", "==")
    assert not path.exists()


def test_a_label_is_in_the_file_at_once(path: Path) -> None:
    start(path, by="anna").label("one", "p.")
    (record,) = read_pages(path)
    assert [(line.label, line.by) for line in record.lines] == [("paywall", "anna"), (None, "")]


def test_a_guess_is_never_written_as_a_label(path: Path) -> None:
    labelling = start(path)
    labelling.label("one", "c.")
    labelling.use(Classifier.load())
    assert [record.labels for record in read_pages(path)] == [("content", None)]


def test_a_labelled_page_carries_the_version_of_the_rules(path: Path) -> None:
    start(path).label("one", "cc")
    assert [record.rules for record in read_pages(path)] == [rules_version()]


def test_labelling_goes_on_where_it_was_left(path: Path) -> None:
    start(path).label("one", "p.")
    assert start(path).letters("one") == "p."


def test_a_page_is_done_when_its_last_line_has_a_label(path: Path) -> None:
    labelling = start(path)
    labelling.label("one", "p.")
    before = labelling.done()
    labelling.label("one", "pn")
    assert ([page.id for page in before], [page.id for page in labelling.done()]) == ([], ["one"])


def test_the_next_page_is_the_next_that_is_not_done(path: Path) -> None:
    labelling = start(path, {name: f"{name}\n" for name in "abc"})
    first, second, third = labelling.order
    labelling.label(second, "c")
    assert (labelling.next(), labelling.next(first), labelling.next(third)) == (first, third, first)


def test_there_is_no_next_page_once_all_are_done(path: Path) -> None:
    labelling = start(path)
    for page in labelling.order:
        labelling.label(page, "cn")
    assert labelling.next() is None


def test_a_label_can_be_taken_back(path: Path) -> None:
    labelling = start(path)
    labelling.label("one", "pp")
    labelling.label("one", "p.")
    assert [record.labels for record in read_pages(path)] == [("paywall", None)]


def test_a_label_taken_back_is_by_nobody(path: Path) -> None:
    labelling = start(path)
    for letters in ("c.", "p.", ".."):
        labelling.label("one", letters)
    assert [(line.label, line.by) for line in labelling.record("one").lines] == [(None, "")] * 2


def test_the_same_label_stays_with_who_gave_it_first(path: Path) -> None:
    mine, theirs = start(path, by="anna"), start(path, by="bert")
    theirs.label("one", "p=")
    mine.label("one", "p=")
    assert [line.by for line in mine.record("one").lines] == ["bert", ""]


def test_who_labelled_a_line_before_stays_beside_it(path: Path) -> None:
    page = make_page("one", "First.\nSecond.\n", ["content", "content"], by="ben")
    labelling = start(path, [page], by="anna")
    labelling.label("one", "cp")
    assert [line.by for line in labelling.record("one").lines] == ["ben", "anna"]


def test_pages_of_others_in_the_file_stay(path: Path) -> None:
    start(path, {"other": "A line.\n"}).label("other", "c")
    start(path).label("one", "pp")
    assert [record.id for record in read_pages(path)] == ["other", "one"]


def test_what_is_added_to_the_file_meanwhile_stays(path: Path) -> None:
    mine, theirs = start(path), start(path)
    mine.label("one", "cc")
    theirs.label("two", "nn")
    mine.label("one", "pp")
    assert {record.id: record.labels for record in read_pages(path)} == {
        "one": ("paywall", "paywall"),
        "two": ("navigation", "navigation"),
    }


def test_what_others_label_on_the_same_page_stays(path: Path) -> None:
    mine, theirs = start(path, by="anna"), start(path, by="bert")
    mine.label("one", "c.")
    theirs.label("one", ".p")
    mine.label("one", "n.")
    (record,) = read_pages(path)
    assert [(x.label, x.by) for x in record.lines] == [("navigation", "anna"), ("paywall", "bert")]


def test_a_label_of_others_can_be_taken_back_once_it_was_handed_out(path: Path) -> None:
    mine, theirs = start(path), start(path)
    mine.label("one", "c.")
    theirs.label("one", ".p")
    assert theirs.hand_out("one") == "cp"
    theirs.label("one", ".p")
    assert [record.labels for record in read_pages(path)] == [(None, "paywall")]


def test_a_page_that_another_reader_has_done_is_not_offered_again(path: Path) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "pp")
    assert mine.next() == "two"


def test_a_page_is_handed_out_as_the_file_has_it(path: Path) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "pp")
    assert mine.hand_out("one") == "pp"


def test_a_page_done_takes_guesses_for_right(path: Path) -> None:
    start(path).finish("one", "p=", "pc")
    assert [record.labels for record in read_pages(path)] == [("paywall", "content")]


def test_a_guess_replaces_no_label_that_another_reader_gave_meanwhile(path: Path) -> None:
    mine, theirs = start(path, by="anna"), start(path, by="bert")
    theirs.label("one", "p.")
    filled = mine.finish("one", "==", "cc")
    (record,) = read_pages(path)
    assert [(x.label, x.by) for x in record.lines] == [("paywall", "bert"), ("content", "anna")]
    assert filled == (1,)


def test_labels_that_others_gave_meanwhile_are_seen_once_a_page_is_done(path: Path) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "p=")
    mine.finish("one", "==", "cc")
    assert mine.seen("one") == "pc"


def test_guesses_that_do_not_fit_are_refused(path: Path) -> None:
    with pytest.raises(DataError, match=r"page 'one' has 2 lines, .* got 1 letters"):
        start(path).finish("one", "==", "c")
    assert not path.exists()


def test_a_label_taken_back_takes_none_that_another_reader_gave_since(path: Path) -> None:
    mine, theirs = start(path), start(path)
    mine.label("one", "c=")
    theirs.hand_out("one")
    theirs.label("one", "p=")
    mine.label("one", ".=")
    assert [record.labels for record in read_pages(path)] == [("paywall", None)]


@pytest.mark.parametrize("letter", ["p", "c"], ids=["the same", "another"])
def test_a_label_taken_back_brings_back_what_was_under_it_unseen(path: Path, letter: str) -> None:
    mine, theirs = start(path, by="anna"), start(path, by="bert")
    theirs.label("one", "p=")
    mine.label("one", f"{letter}=")
    mine.label("one", ".=")
    (record,) = read_pages(path)
    assert [(line.label, line.by) for line in record.lines] == [("paywall", "bert"), (None, "")]


def test_a_label_that_was_brought_back_can_be_taken_back_once_it_was_handed_out(
    path: Path,
) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "p=")
    for letters in ("c=", ".="):
        mine.label("one", letters)
    mine.hand_out("one")
    mine.label("one", ".=")
    assert [record.labels for record in read_pages(path)] == [(None, None)]


def test_what_is_written_just_before_the_lock_is_had_is_brought_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = start(path), start(path)
    late_label(monkeypatch, theirs)
    for letters in ("c=", ".="):
        mine.label("one", letters)
    assert [record.labels for record in read_pages(path)] == [("paywall", None)]


def test_what_was_under_a_label_is_past_once_others_replaced_it(path: Path) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "p=")
    mine.label("one", "c=")
    theirs.hand_out("one")
    theirs.label("one", "n=")
    mine.hand_out("one")
    mine.label("one", ".=")
    assert [record.labels for record in read_pages(path)] == [(None, None)]


def test_what_was_under_a_label_is_past_once_the_page_is_done(path: Path) -> None:
    mine, theirs = start(path), start(path)
    theirs.label("one", "p=")
    mine.label("one", "c=")
    theirs.hand_out("one")
    theirs.label("one", "n=")
    mine.finish("one", "==", "cc")
    mine.label("one", ".=")
    assert [record.labels for record in read_pages(path)] == [(None, "content")]


def test_labels_of_a_page_that_the_file_lost_are_written_again(path: Path) -> None:
    labelling = start(path)
    labelling.label("one", "p.")
    path.unlink()
    labelling.label("one", "=n")
    assert [record.labels for record in read_pages(path)] == [("paywall", "navigation")]


def test_of_a_page_that_another_file_lacks_the_reader_s_own_labels_are_written_again(
    path: Path,
) -> None:
    mine, theirs = start(path, by="anna"), start(path, by="bert")
    theirs.label("one", "p=")
    mine.hand_out("one")
    mine.label("one", "=n")
    write_pages([], path)
    mine.label("one", "==")
    assert [record.labels for record in read_pages(path)] == [(None, "navigation")]


def test_a_label_that_its_reader_took_back_elsewhere_is_not_written_again(path: Path) -> None:
    mine, elsewhere = start(path), start(path)
    mine.label("one", "p.")
    elsewhere.hand_out("one")
    mine.label("one", "..")
    elsewhere.label("one", "=n")
    assert [record.labels for record in read_pages(path)] == [(None, "navigation")]


def test_what_is_written_just_before_the_lock_is_had_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = start(path), start(path)
    late_label(monkeypatch, theirs)
    mine.label("one", "=n")
    assert [record.labels for record in read_pages(path)] == [("paywall", "navigation")]


def test_a_page_that_others_wrote_with_another_text_stays(path: Path) -> None:
    labelling = start(path)
    start(path, {"one": "Another text.\n"}).label("one", "p")
    with pytest.raises(DataError, match="has a page 'one' with other text"):
        labelling.label("one", "cc")


def test_another_model_keeps_the_labels_and_changes_the_guesses(path: Path) -> None:
    page = read_page("sample-metered-en")
    labelling = start(path, {"page": page.text})
    labelling.label("page", "r" + "." * (len(page.labels) - 1))
    before = labelling.guess("page").letters
    labelling.use(Classifier.load())
    assert labelling.letters("page")[:2] == "r."
    assert labelling.guess("page").letters != before


@pytest.mark.parametrize(
    ("page", "letters", "message"),
    [
        ("three", "cc", "there is no page 'three' here"),
        ("one", "c", "page 'one' has 2 lines, .* got 1 letters"),
        ("one", "cx", "each one of cpnr.=; got 2 letters, 'cx'"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    path: Path, page: str, letters: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        start(path).label(page, letters)


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([], "there is no page with a line"),
        ({"empty": " \n"}, "there is no page with a line"),
        ([make_page("a", "x"), make_page("a", "y")], "two pages have the id 'a'"),
    ],
)
def test_pages_that_cannot_be_labelled_are_refused(path: Path, pages: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Labelling(pages, path, classifier=toy())  # type: ignore[arg-type]


@pytest.mark.parametrize("pages", ["a text", ["a text"], {"a": 1}, None, 1], ids=str)
def test_what_is_no_page_is_refused(path: Path, pages: object) -> None:
    with pytest.raises(TypeError, match=r"got (str|int|NoneType)$"):
        Labelling(pages, path, classifier=toy())  # type: ignore[arg-type]


def test_a_single_page_is_refused_with_what_to_pass(path: Path) -> None:
    page: Any = make_page("a", "x")
    with pytest.raises(TypeError, match="got a single page; pass a list, even of one"):
        Labelling(page, path, classifier=toy())


@pytest.mark.parametrize("option", ["by", "classifier"])
def test_an_option_of_another_type_is_refused(path: Path, option: str) -> None:
    options: dict[str, Any] = {"classifier": toy(), option: 3}
    with pytest.raises(TypeError, match=f"{option} must be a "):
        Labelling({"a": "Home"}, path, **options)


def test_a_text_that_changed_since_it_was_labelled_is_refused(path: Path) -> None:
    start(path).label("one", "cc")
    with pytest.raises(DataError, match="has a page 'one' with other text"):
        start(path, {"one": "Another text.\n"})


def test_a_file_that_has_a_page_twice_is_refused(path: Path) -> None:
    start(path).label("one", "cc")
    path.write_text(path.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(DataError, match="page 'one' is there twice"):
        start(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        start(tmp_path / "nowhere" / "labels.jsonl")


def test_labels_are_as_they_were_if_the_file_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelling = start(path)
    labelling.label("one", "c.")
    before = path.read_bytes()

    def full(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        labelling.label("one", "cp")
    assert (path.read_bytes(), labelling.letters("one")) == (before, "c.")


def test_a_page_of_a_file_is_labelled_as_it_is(path: Path) -> None:
    page: PageRecord = replace(make_page("x", "A\nB\n"), url="https://a.example/", language="de")
    labelling = start(path, [page])
    labelling.label("x", "cc")
    (record,) = read_pages(path)
    assert (record.url, record.language, record.text) == (page.url, page.language, page.text)


def test_a_domain_given_later_is_taken_over(path: Path) -> None:
    page = make_page("x", "A\nB\n")
    start(path, [page]).label("x", "c.")
    later = replace(page, url="https://a.example/x", domain="a.example", language="de")
    start(path, [later]).label("x", "cc")
    assert [(x.url, x.domain, x.language) for x in read_pages(path)] == [
        ("https://a.example/x", "a.example", "de")
    ]


def test_pages_done_have_a_domain_given_later(path: Path) -> None:
    page = make_page("x", "A\n")
    start(path, [page]).label("x", "c")
    later = start(path, [replace(page, domain="a.example")])
    assert [record.domain for record in later.done()] == ["a.example"]


def test_a_page_of_another_domain_than_in_the_file_is_named(path: Path) -> None:
    page = make_page("x", "A\n", domain="a.example")
    start(path, [page]).label("x", "c")
    with pytest.warns(DataWarning, match="'x' has the domain 'a.example', and is given 'b.ex"):
        later = start(path, [replace(page, domain="b.example")])
    assert later.record("x").domain == "a.example"


def test_case_and_white_space_make_no_other_domain(path: Path) -> None:
    page = make_page("x", "A\n", domain="Town.example")
    start(path, [page]).label("x", "c")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        start(path, [replace(page, domain="town.example ")])


def test_a_domain_left_out_is_no_other_domain(path: Path) -> None:
    page = make_page("x", "A\n", domain="a.example")
    start(path, [page]).label("x", "c")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        start(path, [replace(page, domain="")])


def test_as_many_differences_as_a_warning_names_are_all(path: Path) -> None:
    pages = [make_page(f"page {i}", "A\n", domain="a.example") for i in range(3)]
    write_pages(pages, path)
    with pytest.warns(DataWarning, match=r"page 2' has the domain .* given 'b.example'$"):
        start(path, [replace(page, domain="b.example") for page in pages])


def test_many_pages_that_the_file_has_otherwise_are_one_warning(path: Path) -> None:
    pages = [make_page(f"page {i}", "A\n", domain="a.example") for i in range(9)]
    write_pages(pages, path)
    with pytest.warns(DataWarning) as caught:
        start(path, [replace(page, domain="b.example") for page in pages])
    (message,) = [str(one.message) for one in caught]
    assert message.endswith(
        "page 2' has the domain 'a.example', and is given 'b.example'; and 6 more"
    )
