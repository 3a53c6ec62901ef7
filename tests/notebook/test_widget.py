"""The labelling widget's side in Python; tests/browser/ has the browser's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason="needs the extra [notebook]")

from paywallstrip.errors import DataError
from paywallstrip.notebook import Labeller
from paywallstrip.notebook.widget import SHOWN
from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.labelling_rules import rules_text
from paywallstrip.training.own_checks import DataWarning
from paywallstrip.training.records import make_page
from tests.conftest import ROOT
from tests.toy import toy

PAGES = {"one": "First.\nSecond.\n", "two": "Third.\nFourth.\n"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


def open_widget(path: Path, pages: dict[str, str] = PAGES) -> Labeller:
    return Labeller(pages, path, classifier=toy())


def tell(widget: Labeller, page: str, letters: str, **more: Any) -> None:
    """Give the widget a message as the browser sends it."""
    content = {"page": page, "letters": letters, "edition": 1, "view": "a", **more}
    widget._handle_custom_msg(content, [])


def test_the_first_page_is_shown_with_a_guess_for_each_line(path: Path) -> None:
    shown = open_widget(path)._shown
    assert (len(shown["lines"]), len(shown["guesses"]), len(shown["sure"])) == (2, 2, 2)


def test_a_message_saves_labels_and_is_answered(path: Path) -> None:
    widget = open_widget(path)
    page = widget._shown["page"]
    tell(widget, page, "p.")
    assert [record.labels for record in read_pages(path)] == [("paywall", None)]
    tag = {"saved": page, "edition": 1, "view": "a", "filled": None}
    assert widget._given == {"page": page, "letters": "p.", **tag}


def test_labels_that_others_gave_are_shown_with_the_page_and_not_before(path: Path) -> None:
    widget, other = open_widget(path), open_widget(path)
    tell(other, "one", ".n")
    tell(widget, "one", "p.")
    before = widget._given["letters"]
    tell(widget, "one", "p.", show="two")
    tell(widget, "two", "..", show="one")
    assert (before, widget._given["letters"]) == ("p.", "pn")


def test_a_page_done_brings_the_next_that_is_open(path: Path) -> None:
    widget = open_widget(path)
    first = widget._shown["page"]
    tell(widget, first, "pc", show="")
    assert widget._shown["page"] != first


def test_the_page_that_was_asked_for_is_shown(path: Path) -> None:
    widget = open_widget(path)
    tell(widget, widget._shown["page"], "..", show="two")
    assert (widget._shown["page"], widget._given["letters"]) == ("two", "..")


def test_what_comes_late_of_another_page_is_saved_and_not_shown(path: Path) -> None:
    widget = open_widget(path)
    tell(widget, "one", "..", show="two")
    tell(widget, "one", "pc")
    assert (widget._shown["page"], widget._given["page"]) == ("two", "two")
    assert widget._given["saved"] == "one"
    assert [record.labels for record in widget.done] == [("paywall", "content")]


def test_a_page_done_says_which_lines_have_their_guess_for_a_label(path: Path) -> None:
    widget = open_widget(path)
    first = widget._shown["page"]
    tell(widget, first, "p=", finish="pc", show="")
    assert (widget._given["saved"], widget._given["filled"]) == (first, [1])


def test_a_page_that_another_reader_has_done_is_not_the_next(path: Path) -> None:
    widget, other = open_widget(path), open_widget(path)
    first, second = widget._labelling.order
    tell(other, second, "pp")
    tell(widget, first, "==", finish="cc", show="")
    assert widget._shown["page"] == first


def test_a_page_is_shown_with_what_another_reader_has_labelled(path: Path) -> None:
    widget, other = open_widget(path), open_widget(path)
    tell(other, "two", "pp")
    tell(widget, "one", "==", show="two")
    assert widget._given["letters"] == "pp"


def test_what_others_did_counts_as_done(path: Path) -> None:
    widget, other = open_widget(path), open_widget(path)
    tell(other, "two", "pp")
    tell(widget, "one", "p=")
    assert {page["page"]: page["open"] for page in widget._progress} == {"one": 1, "two": 0}


def test_two_views_keep_each_others_labels(path: Path) -> None:
    widget = open_widget(path, {"one": "First.\nSecond.\n"})
    tell(widget, "one", "p=")
    tell(widget, "one", "=n", view="b")
    assert widget._given["letters"] == "pn"


def test_a_widget_of_the_same_file_opens_at_the_first_page_not_done(path: Path) -> None:
    widget = open_widget(path)
    first = widget._shown["page"]
    tell(widget, first, "pc")
    assert open_widget(path)._shown["page"] != first


def test_the_pages_done_are_there_to_train_on(path: Path) -> None:
    widget = open_widget(path)
    tell(widget, "one", "pc")
    assert [record.labels for record in widget.done] == [("paywall", "content")]


def test_a_failure_to_save_is_shown(path: Path) -> None:
    widget = open_widget(path)
    path.mkdir()
    tell(widget, "one", "pc")
    assert widget._problem.startswith("Not saved: ")


def test_a_page_done_is_saved_although_the_next_cannot_be_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: object, __: object) -> None:
        raise DataError("the file is cut off")

    widget = open_widget(path)
    monkeypatch.setattr("paywallstrip.notebook.labelling.Labelling.next", cut_off)
    tell(widget, "one", "p=", finish="pc", show="")
    assert widget._problem == "Saved, but no other page can be shown: the file is cut off"
    assert (widget._given["saved"], widget._given["filled"]) == ("one", [1])


def test_a_write_protected_file_is_said_to_be_so(path: Path) -> None:
    write_pages([make_page("two", PAGES["two"])], path)
    path.chmod(0o444)
    widget = open_widget(path)
    tell(widget, "one", "pc")
    assert "is write-protected" in widget._problem


def test_a_warning_points_to_who_makes_the_widget(path: Path) -> None:
    page = make_page("x", "A\n", domain="a.example")
    write_pages([page], path)
    with pytest.warns(DataWarning) as caught:
        Labeller([replace(page, domain="b.example")], path, classifier=toy())
    assert caught[0].filename == __file__


def test_another_model_s_guesses_are_shown(path: Path) -> None:
    widget = open_widget(path, {"one": "Share on Facebook\nSubscribe to read on\n"})
    before = widget._shown["sure"]
    widget.use(type(toy()).load())
    assert widget._shown["sure"] != before


def test_its_text_form_says_how_far_it_is(path: Path) -> None:
    widget = open_widget(path)
    tell(widget, "one", "pc")
    assert repr(widget) == f"Labeller: 1 of 2 pages done, {path}"


def test_a_long_line_is_cut_for_the_browser_only(path: Path) -> None:
    line = "long " * SHOWN
    widget = open_widget(path, {"one": line})
    tell(widget, "one", "c")
    assert len(widget._shown["lines"][0]) < len(line)
    assert [record.text for record in read_pages(path)] == [line]


def test_a_lone_surrogate_is_shown_as_a_question_mark(path: Path) -> None:
    assert open_widget(path, {"one": "a\ud800b"})._shown["lines"] == ["a?b"]


def test_the_rules_are_those_in_docs() -> None:
    assert rules_text() == (ROOT / "docs" / "LABELS.md").read_text("utf-8")


def test_the_rules_are_shown_whole(path: Path) -> None:
    rendered = open_widget(path)._rules
    assert rendered.count("<li>") == sum(
        line.lstrip().startswith(("- ", "1. ", "2. ", "3. ", "4. "))
        for line in rules_text().splitlines()
    )
