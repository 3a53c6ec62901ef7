"""One view of the labelling widget, in a browser without a kernel: the test answers for Python."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MODEL = """
window.model = {
  values: { _rules: "", _progress: [], _problem: "" },
  handlers: {},
  sent: [],
  get(name) { return this.values[name]; },
  on(event, run) { this.handlers[event] = run; },
  off() {},
  send(message) { this.sent.push(message); },
  set(name, value) {
    this.values[name] = value;
    this.handlers[`change:${name}`]?.();
  },
};
"""


class View:
    """A view, and what Python would say to it."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        page.set_content("<div id='root'></div>")
        page.add_script_tag(content=MODEL)
        self.show("one")
        code = [
            (ROOT / "paywallstrip" / "notebook" / name).read_text("utf-8")
            for name in ("marks.js", "labeller.js")
        ]
        script = "\n".join(code).replace("export default", "window.widget =")
        page.add_script_tag(content=f"(() => {{{script}}})()")
        page.evaluate("widget.render({ model, el: document.getElementById('root') })")

    def show(self, page: str, **answer: Any) -> None:
        """Show a page of two lines, both guessed to be navigation."""
        shown = {"page": page, "lines": ["First", "Second"], "guesses": "nn", "sure": [50, 50]}
        given = {"page": page, "letters": "..", **answer}
        self.page.evaluate("given => { model.values._given = given; }", given)
        self.set("_shown", {"language": "", "url": "", **shown})

    def answer(self, message: dict[str, Any], letters: str, **more: Any) -> None:
        """Say that a message is saved."""
        tag = {"edition": message["edition"], "view": message["view"], "saved": message["page"]}
        self.set("_given", {"page": message["page"], "letters": letters, **tag, **more})

    def fail(self) -> None:
        """Say that a message could not be saved."""
        self.set("_problem", "")
        self.set("_problem", "Not saved: the disk is full")

    def set(self, name: str, value: object) -> None:
        self.page.evaluate("([name, value]) => model.set(name, value)", [name, value])

    def press(self, keys: str) -> None:
        """Press keys in the list of lines."""
        self.page.get_by_role("listbox").focus()
        for key in keys.split():
            self.page.keyboard.press(key)

    def sent(self, count: int) -> list[dict[str, Any]]:
        """Return the messages, once there are so many."""
        self.page.wait_for_function("count => model.sent.length >= count", arg=count)
        messages: list[dict[str, Any]] = self.page.evaluate("model.sent")
        return messages

    @property
    def status(self) -> str:
        text: str = self.page.locator(".status").inner_text()
        return text


@pytest.fixture
def view(page: "Page") -> View:
    """A view of the page "one"."""
    return View(page)


@pytest.fixture
def left(view: View) -> View:
    """A view whose page "one" could not be saved, and was left for "two"."""
    view.press("Home p")
    view.sent(1)
    view.fail()
    view.show("two")
    view.sent(2)
    view.fail()
    return view


def test_the_status_tells_of_a_page_that_was_left_unsaved(left: View) -> None:
    assert left.status.endswith("; NOT saved")


def test_try_again_sends_a_page_that_was_left_unsaved(left: View) -> None:
    left.page.get_by_role("button", name="Try again").click()
    last = left.sent(3)[-1]
    assert (last["page"], last["letters"]) == ("one", "p=")


def test_try_again_goes_once_all_is_saved(left: View) -> None:
    left.answer(left.sent(2)[-1], "..", page="two")
    assert left.status.endswith("; saved")


def test_a_page_done_that_was_left_unsaved_ends_no_other_page(view: View) -> None:
    view.press("Enter")
    view.sent(1)
    view.show("two")
    view.fail()
    view.page.get_by_role("button", name="Try again").click()
    assert [message["page"] for message in view.sent(2) if "finish" in message] == ["one"]


def finish(view: View, filled: list[int]) -> None:
    """Press Enter, and answer that `filled` are labelled by it; the page stays."""
    before = len(view.page.evaluate("model.sent"))
    view.press("Enter")
    view.answer(view.sent(before + 1)[-1], "nn", filled=filled)


def step(view: View, key: str, letters: str) -> None:
    """Undo or redo, and answer that it is saved."""
    before = len(view.page.evaluate("model.sent"))
    view.press(key)
    view.answer(view.sent(before + 1)[-1], letters)


def test_a_page_done_again_after_redo_is_opened_by_one_undo(view: View) -> None:
    finish(view, [0, 1])
    step(view, "z", "..")
    step(view, "y", "nn")
    finish(view, [])
    view.press("z")
    assert view.status.startswith("2 lines of this page to confirm")


def test_undo_goes_back_to_a_page_that_redo_made_done(view: View) -> None:
    finish(view, [0, 1])
    step(view, "z", "..")
    step(view, "y", "nn")
    view.show("two")
    view.press("z")
    assert view.sent(4)[-1]["show"] == "one"
