"""Files of HTML: a page each, and what comes of it is text."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip import classify_html, clean_html
from paywallstrip.bulk import text
from paywallstrip.bulk.checks import check_model, check_packages
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.settings import Settings
from paywallstrip.errors import ModelKindError
from paywallstrip.model_folder import default_path
from tests.bulk.conftest import Clean

PAGES = sorted((Path(__file__).parents[1] / "html").glob("*.html"))[:3]
GROWS = "".join(f"<p><font size={i}>x" for i in range(8_000))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of pages."""
    folder = tmp_path / "in"
    folder.mkdir()
    for page in PAGES:
        (folder / page.name).write_bytes(page.read_bytes())
    return folder


def test_bodies_are_those_of_the_library(tmp_path: Path, clean: Clean, pages: Path) -> None:
    clean(pages)
    bodies = [(tmp_path / f"out/{page.name}.txt").read_text("utf-8") for page in PAGES]
    assert bodies == [clean_html(page.read_bytes()) + "\n" for page in PAGES]


def test_several_processes_give_the_same(tmp_path: Path, clean: Clean, pages: Path) -> None:
    clean(pages, jobs=2)
    written = (tmp_path / f"out/{PAGES[0].name}.txt").read_text("utf-8")
    assert written == clean_html(PAGES[0].read_bytes()) + "\n"


def test_a_page_without_a_body_gives_an_empty_file(tmp_path: Path, clean: Clean) -> None:
    (tmp_path / "a.html").write_text("")
    clean(tmp_path / "a.html")
    assert (tmp_path / "out/a.html.txt").read_bytes() == b""


def test_the_encoding_that_a_page_declares_holds(tmp_path: Path, clean: Clean) -> None:
    sentence = "Die Brücke über den Fluss wird im Frühjahr nach langer Prüfung größer gebaut."
    page = f'<meta charset="iso-8859-1"><article><h1>Die Brücke</h1><p>{sentence}</p></article>'
    (tmp_path / "a.html").write_bytes(page.encode("iso-8859-1"))
    clean(tmp_path / "a.html", drop=())
    assert sentence in (tmp_path / "out/a.html.txt").read_text("utf-8")


def test_removed_lines_go_into_a_file_beside_it(tmp_path: Path, clean: Clean, pages: Path) -> None:
    clean(pages, keep_removed=True)
    removed = (tmp_path / f"out/{PAGES[0].name}.removed.txt").read_text("utf-8")
    gone = classify_html(PAGES[0].read_bytes()).removed
    assert removed.splitlines() == [line.text for line in gone]


def test_lines_are_labelled(tmp_path: Path, clean: Clean, pages: Path) -> None:
    clean(pages, label_only=True)
    lines = (tmp_path / f"out/{PAGES[0].name}.txt").read_text("utf-8").splitlines()
    found = classify_html(PAGES[0].read_bytes()).lines
    assert [line.split("\t")[0] for line in lines] == [line.label.value for line in found]


def test_a_page_that_cannot_be_read_is_rejected(tmp_path: Path, clean: Clean, pages: Path) -> None:
    (pages / "grows.html").write_text(GROWS)
    assert clean(pages).rejected == 1
    assert "32 MB" in (tmp_path / "out/grows.html.txt.rejects.jsonl").read_text()


def test_it_takes_no_other_page_with_it(clean: Clean, pages: Path) -> None:
    (pages / "grows.html").write_text(GROWS)
    assert clean(pages).records == len(PAGES)


def test_a_page_too_large_is_rejected_unread(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, pages: Path
) -> None:
    monkeypatch.setattr(text, "PAGE_BYTES", 10)
    assert clean(pages).rejected == len(PAGES)


def test_a_finished_page_is_not_done_again(tmp_path: Path, clean: Clean, pages: Path) -> None:
    clean(pages)
    (tmp_path / f"out/{PAGES[0].name}.txt").write_text("kept")
    clean(pages, resume=True)
    assert (tmp_path / f"out/{PAGES[0].name}.txt").read_text() == "kept"


def test_a_model_for_text_is_refused(tmp_path: Path, pages: Path) -> None:
    found = find_inputs([str(pages)], tmp_path / "out")
    with pytest.raises(ModelKindError, match="needs a model of kind html"):
        check_model(found, Settings(model=str(default_path())))


def test_an_archive_that_nothing_can_read_is_not_looked_into(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.warc").write_bytes(b"")
    monkeypatch.setattr("paywallstrip.bulk.checks.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "fastwarc", None)
    with pytest.raises(ImportError, match=r"these inputs need: pip install fastwarc$"):
        check_packages(find_inputs([str(tmp_path / "a.warc")], tmp_path / "out"))


def test_without_the_extra_the_pip_line_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pages: Path
) -> None:
    monkeypatch.setattr("paywallstrip.bulk.checks.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "paywallstrip\[html\]"'):
        check_packages(find_inputs([str(pages)], tmp_path / "out"))
