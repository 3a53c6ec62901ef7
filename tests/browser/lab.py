"""A real JupyterLab, driven in a real Chromium."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDGET = ".paywallstrip-labeller"
START = 60  # seconds for the server, on a busy machine
QUIET = {"fetchNews": "false", "checkForUpdates": False}
WAIT = 60_000  # milliseconds for what should appear
PAUSE = 500  # milliseconds between two tries


def find_chromium() -> str | None:
    """Return the Chromium that is installed, None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        yield browser
        browser.close()


class Lab:
    """A JupyterLab server of its own: settings, notebooks and kernels lie in one folder."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address

    @classmethod
    @contextmanager
    def serve(cls, folder: Path) -> Iterator["Lab"]:
        """Serve a folder, and stop at the end."""
        own = {
            name: str(folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        }
        quiet = folder / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
        quiet.mkdir(parents=True)
        (quiet / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
        labconfig = folder / "jupyter_config_dir/labconfig"
        labconfig.mkdir()
        (labconfig / "page_config.json").write_text(json.dumps({"buildCheck": False}))
        with (folder / "server.log").open("w+b") as log:
            server = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                    *(
                        "--ServerApp.port=0",
                        "--IdentityProvider.token=",
                        f"--notebook-dir={folder}",
                    ),
                    # Nothing is looked up on the network, and no question asked.
                    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                ],
                env={**os.environ, **own, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=log,
                stderr=log,
            )
            try:
                yield cls(folder, _address(folder / "server.log", server))
            finally:
                server.terminate()
                server.wait(30)

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of code cells."""
        notebook = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "source": source,
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                }
                for number, source in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / name).write_text(json.dumps(notebook), "utf-8")

    def stop_kernels(self, page: Page) -> None:
        """Stop all kernels, so that the next test has the machine to itself."""
        page.evaluate(
            """async () => {
                for (const { id } of await (await fetch("/api/kernels")).json()) {
                    const cookie = document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? "";
                    await fetch(`/api/kernels/${id}`,
                        { method: "DELETE", headers: { "X-XSRFToken": cookie } });
                }
            }"""
        )

    def open(self, page: Page, name: str) -> "Notebook":
        """Open a notebook in a workspace of its own."""
        workspace = name.removesuffix(".ipynb")
        page.goto(f"{self.address}lab/workspaces/{workspace}/tree/{name}")
        return Notebook(page)


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers, and return its address."""
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        for word in log.read_text("utf-8").split():
            if word.startswith("http://127.0.0.1:") and word.endswith("/lab"):
                address = word.removesuffix("lab")
                with urlopen(f"{address}api/status") as answer:
                    if answer.status == 200:
                        return address
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8')}")


class Shown(NamedTuple):
    """What a key press did.

    Attributes:
        lines: how many lines it changed.
        milliseconds: from the press to the moment the browser had drawn the change.
        cpu: milliseconds that the page's main thread worked for it.
    """

    lines: int
    milliseconds: float
    cpu: float


# A message that is posted while a frame is made ready comes after the frame is drawn.
WATCH = """list => {
    window.shown = null;
    const lines = new Set();
    const observer = new MutationObserver(changes => {
        for (const { target } of changes) {
            const line = (target.closest ? target : target.parentElement).closest("[role=option]");
            if (line) lines.add(line);
        }
    });
    observer.observe(list, { attributes: true, childList: true, characterData: true, subtree: true });
    list.addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            window.shown = { lines: lines.size, milliseconds: performance.now() - timeStamp };
            observer.disconnect();
        };
        channel.port2.postMessage(0);
    }), { capture: true, once: true });
}"""


class Notebook:
    """An open notebook that shows a labelling widget."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.widget = page.locator(WIDGET)
        self.lines = self.widget.get_by_role("listbox")
        self.options = self.lines.get_by_role("option")
        self._devtools: CDPSession | None = None
        page.locator(".jp-Notebook").wait_for(timeout=WAIT)

    def run(self, cell: int) -> None:
        """Run a cell, and wait until it is done."""
        prompt = self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-InputPrompt")
        # A cell that is run before the kernel is connected is passed over without a word,
        # though the kernel is shown as idle; one that runs has a mark at once.
        for _ in range(WAIT // PAUSE):
            assert not self.page.locator(".jp-Dialog").all_text_contents()
            prompt.click()
            self.page.get_by_role("button", name="Run this cell and advance").first.click()
            self.page.wait_for_timeout(PAUSE)
            if prompt.text_content() != "[ ]:":
                break
        prompt.filter(has_text=re.compile(r"\d")).wait_for(timeout=WAIT)

    def focus(self) -> None:
        """Bring the list of lines into view and give it the keys."""
        self.options.first.wait_for(timeout=WAIT)
        self.lines.scroll_into_view_if_needed()
        self.lines.focus()

    def press(self, keys: str) -> None:
        """Press keys one after the other; a space stands between them."""
        for key in keys.split():
            self.page.keyboard.press(key)

    def letters(self) -> str:
        """Return the letters that the lines show."""
        return "".join(self.options.locator(".mark").all_text_contents()).lower()

    def guessed(self) -> list[bool]:
        """Return which lines show a guess of the model."""
        found: list[bool] = self.options.evaluate_all(
            "lines => lines.map(line => line.classList.contains('guessed'))"
        )
        return found

    def cursor(self) -> int:
        """Return the line that the cursor is on."""
        found: int = self.lines.evaluate(
            "list => [...list.children].findIndex(x => x.id === list.getAttribute('aria-activedescendant'))"
        )
        return found

    def saved(self) -> None:
        """Wait until the widget says that all is saved."""
        self.widget.get_by_text("; saved").wait_for(timeout=WAIT)

    def theme(self, name: str) -> None:
        """Choose a theme in JupyterLab's menu, and give the keys back to the list."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        for part in ("Theme", name):
            self.page.locator(".lm-Menu-itemLabel").get_by_text(part, exact=True).click()
        light = str("Light" in name).lower()
        self.page.locator(f"body[data-jp-theme-light={light}]").wait_for(
            state="attached", timeout=WAIT
        )
        self.focus()

    def press_timed(self, key: str) -> Shown:
        """Press a key and note what it did."""
        self.lines.evaluate(WATCH)
        before = self._worked()
        self.page.keyboard.press(key)
        shown = self.page.wait_for_function("window.shown", timeout=WAIT).json_value()
        return Shown(**shown, cpu=self._worked() - before)

    def _worked(self) -> float:
        """Return how many milliseconds of processor time the page's main thread has used."""
        if self._devtools is None:
            self._devtools = self.page.context.new_cdp_session(self.page)
            # Not by the clock: that counts what else the machine does.
            self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        (seconds,) = [x["value"] for x in metrics if x["name"] == "TaskDuration"]
        return 1000 * float(seconds)

    def button(self, name: str) -> Locator:
        """Return a button of the widget."""
        return self.widget.get_by_role("button", name=name)

    def drag(self, first: int, last: int) -> None:
        """Drag the mouse from one line to another."""
        for line, action in ((first, "down"), (last, "up")):
            box = self.options.nth(line).bounding_box()
            assert box is not None
            self.page.mouse.move(box["x"] + 100, box["y"] + box["height"] / 2, steps=5)
            getattr(self.page.mouse, action)()

    def save_and_reload(self) -> None:
        """Save the notebook, and load the browser's page anew."""
        self.page.get_by_role("button", name="Save and create checkpoint").first.click()
        self.page.locator(".jp-DocumentManager-Saved, .jp-NotebookPanel").first.wait_for()
        self.page.wait_for_timeout(PAUSE)
        self.page.reload()
        self.options.first.wait_for(timeout=WAIT)
