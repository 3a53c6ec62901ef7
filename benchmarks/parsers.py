"""Compare HTML parsers: their speed, and the lines that come of their trees.

    python -m benchmarks.parsers --corpus ../shared/corpus

Measures those of `PARSERS` that are installed, and says which are not. The comparison with what
a browser shows needs playwright and Chromium. Every parser feeds the same reader of lines, the
slow one of the tests, so only the trees differ. Times are CPU times of this process, the least of
several runs; a busy machine still adds to them. Prints a table in Markdown.
"""

import argparse
import json
import os
import platform
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from paywallstrip.training.corpus import read_bodies
from paywallstrip.training.views import BODIES
from tests.reference.markup import Page, Reader, new_strings

ROUNDS = 3
STEP = 13
"""Every so manieth page of the corpus is taken."""
CASES = Path(__file__).parent.parent / "tests" / "cases" / "markup_lines.json"


def turbohtml() -> tuple[Callable[[str], Any], Callable[[str, Reader], None]]:
    """Parse, and walk in C with a call for each event."""
    import turbohtml
    from turbohtml.saxparse import sax_parse

    return turbohtml.parse, sax_parse


def selectolax() -> tuple[Callable[[str], Any], Callable[[str, Reader], None]]:
    """Walk Lexbor's tree by child and next."""
    from selectolax.lexbor import LexborHTMLParser

    def feed(html: str, reader: Reader) -> None:
        tree = LexborHTMLParser(html)
        node, path = tree.root, []
        while node is not None:
            if node.is_text_node:
                reader.characters(node.text_content or "")
            elif node.is_element_node:
                reader.start_element(node.tag, tuple(node.attributes.items()))
                # What a template holds is not among its children.
                child = None if node.tag == "template" else node.child
                if child is not None:
                    path.append(node)
                    node = child
                    continue
                reader.end_element(node.tag)
            node = node.next
            while node is None and path:
                above = path.pop()
                reader.end_element(above.tag)
                node = above.next if path else None

    return LexborHTMLParser, feed


def resiliparse() -> tuple[Callable[[str], Any], Callable[[str, Reader], None]]:
    """Walk Lexbor's tree through another wrapper."""
    from resiliparse.parse.html import HTMLTree, NodeType

    def feed(html: str, reader: Reader) -> None:
        tree = HTMLTree.parse(html)
        # Its stubs allow for None where there is none.
        node: Any = tree.document
        node, path = node.first_element_child, []
        while node is not None:
            if node.type == NodeType.TEXT:
                reader.characters(node.value or "")
            elif node.type == NodeType.ELEMENT:
                attributes = tuple((name, node.getattr(name)) for name in node.attrs)
                reader.start_element(node.tag, attributes)
                child = None if node.tag == "template" else node.first_child
                if child is not None:
                    path.append(node)
                    node = child
                    continue
                reader.end_element(node.tag)
            node = node.next
            while node is None and path:
                above = path.pop()
                reader.end_element(above.tag)
                node = above.next if path else None

    return HTMLTree.parse, feed


def _feed_tree(root: Any, reader: Reader) -> None:
    from lxml import etree

    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        named = isinstance(element.tag, str)
        if named and event == "start":
            reader.start_element(element.tag, tuple(element.attrib.items()))
            if element.text:
                reader.characters(element.text)
        elif event != "start":
            if named:
                reader.end_element(element.tag)
            if element.tail:
                reader.characters(element.tail)


def lxml() -> tuple[Callable[[str], Any], Callable[[str, Reader], None]]:
    """Walk libxml2's tree, which is not that of the standard."""
    from lxml.html import HTMLParser, document_fromstring

    def parse(html: str) -> Any:
        # As bytes: a str with an encoding declaration is refused.
        data = html.encode("utf-8", "replace")
        return document_fromstring(data, parser=HTMLParser(encoding="utf-8", huge_tree=True))

    return parse, lambda html, reader: _feed_tree(parse(html), reader)


def html5_parser() -> tuple[Callable[[str], Any], Callable[[str, Reader], None]]:
    """Walk an lxml tree that a parser by the standard built."""
    import html5_parser

    return html5_parser.parse, lambda html, reader: _feed_tree(html5_parser.parse(html), reader)


PARSERS = {
    "turbohtml": turbohtml,
    "selectolax": selectolax,
    "resiliparse": resiliparse,
    "lxml": lxml,
    "html5-parser": html5_parser,
}


def notes_of(feed: Callable[[str, Reader], None], html: str) -> Page:
    """Read the lines of a page from a parser's tree; none where it gives up."""
    reader = Reader(new_strings())
    try:
        feed(html, reader)
    except Exception as error:
        # Each parser has errors of its own for what it cannot take, the empty page to begin with.
        print(f"  gave up: {error!r}"[:200])
    return reader.finish()


def milliseconds(action: Callable[[str], object], pages: list[str]) -> float:
    """Return the CPU time a page takes."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for page in pages:
            action(page)
        best = min(best, time.process_time() - begin)
    return 1000 * best / len(pages)


def words(text: str) -> Counter[str]:
    """Count the words of a text."""
    return Counter(re.findall(r"\w+", text.lower()))


def shown_texts(pages: list[str]) -> Iterator[str]:
    """Yield what Chromium shows of each page, scripts and network off."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_context(java_script_enabled=False, offline=True).new_page()
        tab.route("**/*", lambda route: route.abort())
        for page in pages:
            tab.set_content(page, wait_until="domcontentloaded")
            yield tab.evaluate("document.body.innerText") or ""
        browser.close()


def lines_shown(text: str) -> list[str]:
    """Return the lines of a browser's text, without white space."""
    return [line for line in (re.sub(r"\s", "", line) for line in text.split("\n")) if line]


def compare(feed: Callable[[str, Reader], None], pages: list[str], shown: list[str]) -> list[str]:
    """Return the share of shown words found, of shown lines found, and of cases that hold."""
    told = found = lines = alike = 0
    for page, text in zip(pages, shown, strict=False):
        ours = notes_of(feed, page).texts
        wanted = words(text)
        told += wanted.total()
        found += (wanted & words("\n".join(ours))).total()
        known = {re.sub(r"\s", "", line) for line in ours}
        lines += len(lines_shown(text))
        alike += sum(line in known for line in lines_shown(text))
    cases = json.loads(CASES.read_text("utf-8"))["cases"]
    held = sum(notes_of(feed, case["html"]).texts == case["lines"] for case in cases)
    shares = [f"{found / told:.2%}", f"{alike / lines:.2%}"] if told else ["", ""]
    return [*shares, f"{held} of {len(cases)}"]


def skipped(name: str, error: Exception) -> str:
    """Return the row of a parser that is not installed, or that refuses to be imported."""
    try:
        return f"| {name} {version(name)} | skipped: {str(error)[:80]} |"
    except PackageNotFoundError:
        return f"| {name} | skipped: not installed, pip install {name} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=100, help="pages to measure speed on")
    parser.add_argument("--shown", type=int, default=60, help="pages to show to a browser")
    options = parser.parse_args()
    bodies = islice(read_bodies(options.corpus / BODIES), 0, options.pages * STEP, STEP)
    pages = [page.html for page in bodies]
    shown = list(shown_texts(pages[: options.shown])) if options.shown else []
    size = sum(map(len, pages)) // len(pages)
    print(f"{len(pages)} pages of {size:,} characters; {len(shown)} shown by Chromium; ", end="")
    print(f"Python {platform.python_version()}\n")
    print("| package | parse | parse and lines | words found | lines found | cases |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, load in PARSERS.items():
        try:
            parse, feed = load()
        except (ImportError, RuntimeError) as error:
            print(skipped(name, error))
            continue
        fed = milliseconds(partial(notes_of, feed), pages)
        cells = [f"{milliseconds(parse, pages):.2f} ms", f"{fed:.2f} ms"]
        cells += compare(feed, pages, shown)
        print(f"| {name} {version(name)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
