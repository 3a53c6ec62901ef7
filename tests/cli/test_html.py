"""The option --html of `clean` and `label`."""

import json
from pathlib import Path

import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.html_model import save_html_model
from tests.cli.conftest import Run
from tests.toy_html import toy_html

HTML = "<title>Brücke</title><meta charset=iso-8859-1><p>Die Brücke ist zu.<p><a href=/>Teilen</a>"
PAGE = HTML.encode("iso-8859-1")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a small model for HTML."""
    folder = tmp_path_factory.mktemp("models") / "toy"
    save_html_model(toy_html().html_model, folder)
    return str(folder)


def test_clean_writes_the_body_of_the_page(run: Run, model: str) -> None:
    done = run("clean", "--html", "--drop=navigation", "--model", model, text=PAGE)
    body = toy_html().clean_html(PAGE, drop=("navigation",))
    assert done.stdout.decode() == f"{body}\n" != "\n"


def test_the_page_may_be_in_its_own_encoding(run: Run, model: str) -> None:
    done = run("clean", "--html", "--drop", "none", "--model", model, text=PAGE)
    assert done.stdout.decode() == "Die Brücke ist zu.\nTeilen\n"


def test_who_forgets_the_option_is_told_before_the_encoding_is_wrong(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    done = run("clean", str(tmp_path / "page.html"))
    assert b"with --html it is read as HTML" in done.stderr


@pytest.mark.slow
def test_a_page_that_grows_out_of_bounds_is_refused_by_its_name(
    run: Run, model: str, tmp_path: Path
) -> None:
    growing = "".join(f"<p><font size={i}>x" for i in range(4_000))
    (tmp_path / "page.html").write_text(growing)
    done = run("clean", "--html", "--model", model, str(tmp_path / "page.html"))
    name = str(tmp_path / "page.html")
    assert done.stderr.decode().startswith(f"paywallstrip: {name}: this page of")


def test_a_page_without_a_body_gives_nothing(run: Run, model: str) -> None:
    assert run("clean", "--html", "--model", model, text=b"").stdout == b""


def test_a_file_is_read(run: Run, model: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE)
    done = run("clean", "--html", "--drop=none", "--model", model, str(path))
    assert done.stdout.decode() == "Die Brücke ist zu.\nTeilen\n"


def test_label_tells_tag_and_link_share(run: Run, model: str) -> None:
    done = run("label", "--html", "--format", "jsonl", "--model", model, text=PAGE)
    rows = [json.loads(row) for row in done.stdout.decode().splitlines()]
    assert [(row["tag"], row["link_share"]) for row in rows] == [("p", 0.0), ("p", 1.0)]


def test_without_the_option_markup_is_text(run: Run) -> None:
    done = run("clean", "--drop", "none", text=HTML.encode())
    assert done.stdout.decode() == HTML


@pytest.mark.parametrize("name", ["page.html", "PAGE.HTM", "page.xhtml"])
def test_who_forgets_the_option_is_told(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HTML.encode())
    done = run("clean", str(tmp_path / name))
    assert "with --html it is read as HTML" in done.stderr.decode()


@pytest.mark.parametrize("begin", ["<!DOCTYPE html>", "\n <html lang=en>", "\ufeff<HTML>"])
def test_who_pipes_html_without_the_option_is_told(run: Run, begin: str) -> None:
    done = run("clean", text=(begin + HTML).encode())
    assert done.stderr.decode().startswith("standard input: read as plain text; with --html")


@pytest.mark.parametrize("verb", ["clean", "label"])
def test_who_gives_a_text_as_html_is_told(run: Run, model: str, verb: str) -> None:
    done = run(verb, "--html", "--model", model, text=b"Rain fell, 1 < 2.\nShare\n")
    assert done.stderr.decode() == (
        "standard input: read as HTML, but it holds no tag; "
        "without --html it is read as plain text\n"
    )


@pytest.mark.parametrize(
    "page", [b"", b" \n", b"<P>a", b"a</p>", b"<!-- a -->", "<p>a".encode("utf-16-be")]
)
def test_html_with_a_tag_or_nothing_at_all_is_read_without_a_word(
    run: Run, model: str, page: bytes
) -> None:
    assert run("clean", "--html", "--model", model, text=page).stderr == b""


def test_a_page_read_as_html_is_read_without_a_word(run: Run, model: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    assert run("clean", "--html", "--model", model, str(tmp_path / "page.html")).stderr == b""


def test_a_text_is_read_without_a_word(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(HTML.encode())
    assert run("clean", str(tmp_path / "page.txt")).stderr == b""


def test_a_model_for_html_refuses_text_in_one_line(run: Run, model: str) -> None:
    done = run("clean", "--model", model, text=b"text")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


def test_a_model_for_text_refuses_html_by_name(run: Run) -> None:
    text_model = Path(__file__).parents[2] / "models" / "text-v1"
    done = run("clean", "--html", "--model", str(text_model), text=PAGE)
    assert b"kind text" in done.stderr
