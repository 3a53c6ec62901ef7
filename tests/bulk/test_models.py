"""A model given for a run is of the kind that its inputs need."""

from pathlib import Path

import pytest

from paywallstrip import Classifier
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.run import check_model
from paywallstrip.bulk.settings import Settings
from paywallstrip.errors import ModelKindError, ModelNotFoundError
from tests.bulk.conftest import Clean, read_wet, wet_record
from tests.formats import PRESENT, PRESENT_HTML

PAGE = b"<p>The old harbour bridge closes on Monday.<p><a href=/>Share</a>"
TEXT, HTML = str(PRESENT), str(PRESENT_HTML)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A text, an archive of text, one of HTML and one of no page at all."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Log in")
    (folder / "text.warc").write_bytes(wet_record(1, b"Log in"))
    page = wet_record(1, PAGE, "resource", Content_Type="text/html")
    (folder / "html.warc").write_bytes(wet_record(0, b"", "warcinfo") + page)
    (folder / "none.warc").write_bytes(wet_record(0, b"", "warcinfo"))
    return folder


def check(path: Path, model: str) -> None:
    check_model(find_inputs([str(path)], path.parent / "out"), Settings(model=model))


@pytest.mark.parametrize(
    ("name", "model"), [("a.txt", HTML), ("text.warc", HTML), ("html.warc", TEXT)]
)
def test_a_model_of_the_other_kind_is_refused(inputs: Path, name: str, model: str) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    with pytest.raises(ModelKindError, match=rf"{name} needs a model of kind \w+, and "):
        check(inputs / name, model)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("a.txt", TEXT),
        ("text.warc", TEXT),
        ("html.warc", HTML),
        ("none.warc", TEXT),
        ("none.warc", HTML),
    ],
)
def test_a_model_of_the_right_kind_is_taken(inputs: Path, name: str, model: str) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    check(inputs / name, model)


def test_a_folder_that_is_no_model_is_refused(inputs: Path) -> None:
    with pytest.raises(ModelNotFoundError):
        check(inputs / "a.txt", str(inputs))


def test_html_is_cleaned_by_the_model_given(inputs: Path, tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    clean(inputs / "html.warc", model=HTML, strictness=0.0)
    ((_, body),) = read_wet(tmp_path / "out/html.warc")
    assert body == Classifier.load(HTML).clean_html(PAGE, strictness=0.0) != ""
