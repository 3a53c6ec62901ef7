"""What the tests of the adapters share: texts, and a site on this machine."""

import html
import json
import os
import threading
from collections.abc import Generator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path

import pytest

from paywallstrip import Page, classify_many
from tests.written import INDEX, read_page

RECORDS = 400
REQUIRED = "PAYWALLSTRIP_FRAMEWORKS"
"""Set where the frameworks are to be there, by tools/adapters.py."""
MENU = "Log in\nPrivacy policy\nShare on Facebook\n"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that is skipped for want of the framework that was to be installed."""
    report = yield
    reason = str(report.longrepr)
    if os.environ.get(REQUIRED) and report.skipped and "is not installed" in reason:
        report.outcome, report.longrepr = "failed", reason
    return report


@pytest.fixture(scope="session")
def written() -> list[str]:
    """The texts of the written pages."""
    return [read_page(entry["name"]).text for entry in INDEX]


@pytest.fixture(scope="session")
def records(written: list[str]) -> list[str]:
    """The written pages again and again, and a page without a body among them."""
    return list(islice(cycle([*written, MENU]), RECORDS))


@pytest.fixture(scope="session")
def expected(records: list[str]) -> list[Page]:
    """What the library itself makes of the records."""
    return list(classify_many(records))


@pytest.fixture(scope="session")
def menu() -> str:
    """A text of which no line is part of the body."""
    return MENU


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, written: list[str]) -> Iterator[str]:
    """The address of a site of five pages with a body, one without, and a front page."""
    folder = tmp_path_factory.mktemp("site")
    texts = [*written[:5], MENU]
    for number, text in enumerate(texts):
        lines = "\n".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line)
        page = f"<html><body><article>\n{lines}\n</article></body></html>"
        (folder / f"{number}.html").write_text(page, "utf-8")
    links = "".join(f'<a href="{number}.html">{number}</a>' for number in range(len(texts)))
    (folder / "index.html").write_text(f"<html><body>{links}</body></html>", "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def read_jsonl(path: Path) -> list[dict]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
