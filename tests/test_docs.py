"""The Markdown of the repository: its links lead somewhere, its tables are tables."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path.relative_to(ROOT) for pattern in ("*.md", "docs/**/*.md") for path in ROOT.glob(pattern)
)
CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
RULE = re.compile(r"\|( *:?-+:? *\|)+")


def prose(page: Path) -> str:
    """Read a page without its blocks of code."""
    return CODE.sub("", (ROOT / page).read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return what links may name behind the `#`, as the common hosts make it of headings."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(prose(page))]
    assert [name for name in targets if not (ROOT / page.parent / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_to_a_heading_names_one(page: Path) -> None:
    lost = []
    for link in LINK.findall(prose(page)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if anchor and anchor not in anchors(target):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_table_has_a_head(page: Path) -> None:
    lines = ["", *prose(page).splitlines(), ""]
    first = [
        i
        for i, line in enumerate(lines)
        if line.startswith("|") and not lines[i - 1].startswith("|")
    ]
    assert [lines[i] for i in first if not RULE.fullmatch(lines[i + 1])] == []


def layout_of(folder: str) -> str:
    """Return what CONTRIBUTING.md says of the modules of a folder: a row, of training a table."""
    pages = prose(Path("CONTRIBUTING.md"))
    if folder == "training/":
        return pages.partition("\n| modules |")[2].partition("\n\n")[0]
    row = re.search(rf"^\| `paywallstrip/{folder}` .*$", pages, re.MULTILINE)
    assert row
    return row[0]


# In integrations/ a module is named after its framework.
@pytest.mark.parametrize("folder", ["", "markup/", "bulk/", "cli/", "notebook/", "training/"])
def test_the_layout_names_every_module(folder: str) -> None:
    modules = {path.stem for path in (ROOT / "paywallstrip" / folder).glob("[!_]*.py")}
    assert modules - set(re.findall(r"\w+", layout_of(folder))) == set()
