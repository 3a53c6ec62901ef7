"""A tiny corpus in the corpora's format, made from the pages written for the project."""

import json
import lzma
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from paywallstrip.training.converters import CONVERTERS, DUMPS
from paywallstrip.training.corpus import is_final
from tests.written import INDEX, Written, read_page

PAGES = 24
CONTENT = "content"
SITES = [f"town{number}.example" for number in range(60)]
TRAINING = [site for site in SITES if not is_final(site)]
FINAL = [site for site in SITES if is_final(site)]


ON_IT_ALONE = """
from pathlib import Path
from paywallstrip.training import recipe
recipe.WRITTEN = Path("none")
from paywallstrip.cli.entry import main
main()
"""
"""The command line without the pages in `models/pages`: hundreds that `train` would take beside
a tiny corpus, for minutes."""


class Tiny(NamedTuple):
    """Folders of a corpus and of its views."""

    corpus: Path
    views: Path


def write_tiny(folder: Path) -> Tiny:
    """Write two dozen pages, a fifth of them of the final part, with views by all converters."""
    tiny = Tiny(folder / "corpus", folder / "views")
    labelled: list[dict[str, Any]] = []
    for number, entry in enumerate(INDEX[:PAGES]):
        site = FINAL[number // 5] if number % 5 == 0 else TRAINING[number % 9]
        labelled.append(record(read_page(entry["name"]), site, entry["language"]))
    bodies = [body(page) for page in labelled]
    pack(tiny.corpus / "labelled.jsonl.xz", labelled)
    pack(tiny.corpus / "bodies.jsonl.xz", bodies)
    views = [view(page, name) for page in labelled for name in CONVERTERS]
    pack(tiny.views / "labelled.jsonl.xz", views)
    bare = [{k: v for k, v in each.items() if k != "labels"} for each in views]
    pack(tiny.views / "bodies.jsonl.xz", bare)
    (tiny.views / "versions.json").write_text("{}", "utf-8")
    return tiny


def pack(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write records as the corpora are written."""
    path.parent.mkdir(exist_ok=True)
    with lzma.open(path, "wt", encoding="ascii") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def record(written: Written, site: str, language: str) -> dict[str, Any]:
    """Make a labelled page of a written one."""
    lines = [line for line in written.text.split("\n") if line.strip()]
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return {
        "id": f"written:{written.name}",
        "source": "wcxb-dev",
        "url": "",
        "domain": site,
        "converter": "html-text 0.7.1",
        "lines": lines,
        "labels": [label.value for label in written.labels],
        "html": f'<html lang="{language}"><body>{paragraphs}</body></html>',
    }


def body(page: Mapping[str, Any]) -> dict[str, Any]:
    """Make the page with its true body, without labels."""
    kept = [
        line for line, label in zip(page["lines"], page["labels"], strict=True) if label == CONTENT
    ]
    fields = {name: page[name] for name in ("id", "source", "url", "domain", "html")}
    return {**fields, "page_type": "article", "title": "", "body": "\n".join(kept)}


def view(page: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Make a page's view: dumps have all lines, extractors the content and what follows it."""
    pairs = list(zip(page["lines"], page["labels"], strict=True))
    if name not in DUMPS:
        pairs = [
            pair
            for before, pair in zip([("", ""), *pairs], pairs, strict=False)
            if CONTENT in (before[1], pair[1])
        ]
    return {
        "id": page["id"],
        "view": name,
        "lines": [line for line, _ in pairs],
        "labels": [label for _, label in pairs],
    }
