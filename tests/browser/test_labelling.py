"""The labelling widget in a real JupyterLab: what a reader does, and what comes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paywallstrip.training.datafile import read_pages
from tests.written import read_page

if TYPE_CHECKING:
    from tests.browser.lab import Notebook

    Open = Callable[..., Notebook]

pytestmark = pytest.mark.browser

PAGE = """\
Harrow Vale Courier
Home
Log in
Subscribe
The night mill will not be knocked down, the council said
When the last shift left the mill in 1987, somebody hung a coat on a nail and never came back.
Engineers began bracing the north wall in January, and hope to be done by May.
Keep reading the Courier
Cancel anytime
More from Harrow Vale
Bus route 14 to return after two-year gap
Privacy
"""
LINES = PAGE.count("\n")
LONG = 1000


def labels_in(path: Path, page: str = "page") -> list[str | None]:
    """Return the labels that a file has of a page."""
    (record,) = [record for record in read_pages(path) if record.id == page]
    return list(record.labels)


def test_lines_are_labelled_by_key(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home n n n p c")
    notebook.saved()
    expected = ["navigation"] * 3 + ["paywall", "content"] + [None] * (LINES - 5)
    assert labels_in(labels) == expected


def test_a_run_of_lines_is_labelled_by_mouse(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE})
    notebook.drag(1, 3)
    notebook.button("related links").click()
    notebook.saved()
    assert labels_in(labels) == [None, *["related-links"] * 3, *[None] * (LINES - 4)]


def test_a_run_of_lines_is_labelled_with_shift(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home Shift+ArrowDown Shift+ArrowDown r")
    notebook.saved()
    assert labels_in(labels) == [*["related-links"] * 3, *[None] * (LINES - 3)]


def test_a_label_goes_on_from_above_and_to_the_end(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home p s End ArrowUp n ArrowUp e")
    notebook.saved()
    assert labels_in(labels) == [*["paywall"] * 2, *[None] * (LINES - 4), *["navigation"] * 2]


def test_undo_takes_back_and_redo_makes_again(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home p p p z Control+z y")
    notebook.saved()
    assert labels_in(labels) == [*["paywall"] * 2, *[None] * (LINES - 2)]


def test_the_key_for_doubt_goes_from_the_least_certain_line_to_the_next(
    open_pages: "Open",
) -> None:
    notebook = open_pages({"page": PAGE})
    sure = notebook.options.locator(".sure").all_text_contents()
    percent = [int(text.removesuffix(" %")) for text in sure]
    visited = [notebook.cursor()]
    for _ in range(3):
        notebook.press("u")
        visited.append(notebook.cursor())
    assert [percent[line] for line in visited] == sorted(percent)[:4]


def test_a_page_done_is_saved_and_the_next_one_shown(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE, "other": "Share on Facebook\n"})
    notebook.press("Enter")
    notebook.widget.get_by_text("1 of 2 pages done").wait_for()
    assert None not in labels_in(labels)
    assert notebook.options.count() == 1


def test_a_page_done_again_can_still_be_labelled(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Enter")
    notebook.widget.get_by_text("1 of 1 page done").wait_for()
    notebook.press("Enter")
    notebook.page.wait_for_timeout(1000)  # until the answer no key counts
    notebook.press("Home p")
    notebook.saved()
    assert notebook.letters().startswith("p")


def test_undo_right_after_a_page_done_opens_it_again(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE, "other": "Share on Facebook\n"})
    notebook.press("Home p Enter")
    notebook.widget.get_by_text("1 of 2 pages done").wait_for()
    notebook.press("z")
    notebook.widget.get_by_text("0 of 2 pages done").wait_for()
    notebook.saved()
    assert labels_in(labels) == ["paywall", *[None] * (LINES - 1)]
    assert notebook.guessed() == [False] + [True] * (LINES - 1)


def test_a_page_done_can_be_opened_again_later(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE, "other": "Share on Facebook\n"})
    notebook.press("Enter")
    notebook.widget.get_by_text("1 of 2 pages done").wait_for()
    notebook.button("Previous page").click()
    notebook.options.nth(1).wait_for()
    notebook.press("z")
    notebook.widget.get_by_text("0 of 2 pages done").wait_for()
    assert labels_in(labels) == [None] * LINES


def test_two_views_keep_each_others_labels(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE}, "labeller")
    notebook.run(1)
    lists = [notebook.widget.nth(view).get_by_role("listbox") for view in (0, 1)]
    for view in lists:
        view.get_by_role("option").first.wait_for()
    for view, line in zip(lists, (0, 4), strict=True):
        view.get_by_role("option").nth(line).click()
        notebook.press("p")
    for widget in (notebook.widget.nth(0), notebook.widget.nth(1)):
        widget.get_by_text(f"{LINES - 2} lines of this page").wait_for()
        widget.get_by_text("; saved").wait_for()
    expected = ["paywall", None, None, None, "paywall", *[None] * (LINES - 5)]
    assert labels_in(labels) == expected
    assert notebook.button("Undo").nth(0).is_enabled()


def test_what_could_not_be_saved_stays_and_is_tried_again(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE, "other": "Share on Facebook\n"})
    labels.write_text("no labels\n", "utf-8")
    notebook.press("Home p")
    notebook.button("Next page").click()
    notebook.widget.get_by_role("alert").get_by_text("Not saved: ").wait_for()
    chooser = notebook.widget.get_by_role("combobox")
    assert (chooser.input_value(), notebook.options.count()) == ("page", LINES)
    labels.unlink()
    notebook.button("Try again").click()
    notebook.widget.get_by_text("; saved").wait_for()
    assert labels_in(labels) == ["paywall", *[None] * (LINES - 1)]
    assert chooser.input_value() == "other"


def test_a_key_held_down_is_no_word_on_the_next_page(open_pages: "Open", labels: Path) -> None:
    notebook = open_pages({"page": PAGE, "other": "Share on Facebook\n"})
    notebook.page.keyboard.down("Enter")
    notebook.widget.get_by_text("1 of 2 pages done").wait_for()
    notebook.page.keyboard.down("Enter")
    notebook.page.keyboard.up("Enter")
    notebook.press("r")
    notebook.widget.get_by_text("2 of 2 pages done").wait_for()
    assert labels_in(labels, "other") == ["related-links"]


def test_labels_are_there_after_a_reload(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home r r r")
    notebook.saved()
    notebook.save_and_reload()
    assert notebook.guessed() == [False] * 3 + [True] * (LINES - 3)
    assert notebook.letters().startswith("rrr")


def test_labels_are_there_in_a_new_kernel(open_pages: "Open", lab: "object") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home r r r")
    notebook.saved()
    notebook = open_pages({"page": PAGE})
    assert notebook.letters().startswith("rrr")


RETRAIN = """\
from paywallstrip.training import LabelledText, train
pages = [LabelledText(x.line_texts, x.labels) for x in labeller.done]
labeller.use(train(pages))"""


def test_what_was_labelled_changes_the_guesses_of_a_new_model(open_pages: "Open") -> None:
    pytest.importorskip("sklearn", reason="needs the extra [train]")
    # The shipped model takes the line for navigation; on this site it is paywall.
    pages = {f"page {i}": PAGE.replace("Home", f"Kiebitzrunde\nHome {i}") for i in range(6)}
    notebook = open_pages(pages, RETRAIN)
    before = notebook.letters()[1]
    for done in range(1, 6):
        notebook.press("Home ArrowDown p Enter")
        notebook.widget.get_by_text(f"{done} of 6 pages done").wait_for()
    notebook.run(1)
    notebook.page.wait_for_function(
        "mark => mark.textContent === 'P'",
        arg=notebook.options.locator(".mark").nth(1).element_handle(),
    )
    assert (before, notebook.guessed()[1]) == ("n", True)


def test_letters_do_not_reach_the_notebook_s_own_commands(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE}, "2")
    # To the notebook these would delete the cell, and add one.
    notebook.press("d d a b x")
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == 2


def test_the_rules_are_one_key_away(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("?")
    assert notebook.widget.get_by_role("region", name="Labelling rules").is_visible()


def test_what_was_done_is_said_to_a_screen_reader(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home Shift+ArrowDown p")
    assert notebook.widget.get_by_role("status").text_content() == "2 lines paywall"


def test_a_line_is_read_with_its_label_and_how_sure_it_is(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    notebook.press("Home p")
    first, second = notebook.lines.aria_snapshot().splitlines()[1:3]
    assert '"Harrow Vale Courier . paywall, labelled"' in first
    assert "Home . navigation, guessed, " in second


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_no_rule_of_accessibility_is_broken(open_pages: "Open", theme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs the dependency group browser"
    )
    notebook = open_pages({"page": read_page("sample-metered-en").text})
    notebook.theme(theme)
    notebook.press("Home p p ? Shift+ArrowDown")
    found = axe.Axe().run(notebook.page, context=".paywallstrip-labeller")
    assert found.violations_count == 0, found.generate_report()


def test_a_dark_theme_makes_the_widget_dark(open_pages: "Open") -> None:
    notebook = open_pages({"page": PAGE})
    shade = "element => getComputedStyle(element.querySelector('.mark')).borderTopColor"
    notebook.theme("JupyterLab Light")
    light = notebook.lines.evaluate(shade)
    notebook.theme("JupyterLab Dark")
    assert notebook.lines.evaluate(shade) != light


def test_a_key_press_touches_no_other_line_of_a_thousand(open_pages: "Open") -> None:
    text = read_page("sample-metered-en").text
    lines = [line for line in text.splitlines() if line.strip()]
    long = "\n".join(f"{lines[i % len(lines)]} {i}" for i in range(LONG))
    notebook = open_pages({"page": long})
    notebook.press("Home")
    shown = [notebook.press_timed(key) for key in "cpnrcpnruu"]
    whole = notebook.press_timed("e")
    # Time depends on the machine, and is only reported; what is touched does not.
    assert max(press.lines for press in shown) <= 2
    assert whole.lines > 2
    for name, presses in (("a line", shown), ("many lines", [whole])):
        print(f"{name}: ms until drawn", *(round(x.milliseconds) for x in presses))
        print(f"{name}: ms of processor time", *(round(x.cpu) for x in presses))
