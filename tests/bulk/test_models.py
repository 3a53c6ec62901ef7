"""A model given for a run is of the kind that its inputs need."""

import json
import shutil
from pathlib import Path

import pytest

from paywallstrip import Classifier
from paywallstrip.bulk import settings
from paywallstrip.bulk.checks import check_model
from paywallstrip.bulk.inputs import find_inputs
from paywallstrip.bulk.notes import SETTINGS
from paywallstrip.bulk.records import BulkError
from paywallstrip.bulk.settings import Settings
from paywallstrip.errors import ModelKindError, ModelNotFoundError
from paywallstrip.model_folder import JSON_FILE, SHIPPED, default_folder
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


def copy_of(model: str, tmp_path: Path, **changed: object) -> Path:
    """Copy a model folder, with other fields in its description."""
    folder = Path(shutil.copytree(model, tmp_path / "model", dirs_exist_ok=True))
    described = json.loads((folder / JSON_FILE).read_text("utf-8"))
    (folder / JSON_FILE).write_text(json.dumps({**described, **changed}), "utf-8")
    return folder


def test_a_run_is_not_gone_on_with_by_another_model_in_the_same_folder(
    inputs: Path, tmp_path: Path, clean: Clean
) -> None:
    model = str(copy_of(TEXT, tmp_path))
    clean(inputs / "a.txt", model=model)
    copy_of(TEXT, tmp_path, weights_sha256="0" * 64)
    with pytest.raises(BulkError, match=r"begun with another model of kind text: .*, not 000"):
        clean(inputs / "a.txt", model=model, resume=True)


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_run_is_not_gone_on_with_by_another_release_of_the_shipped_models(
    inputs: Path, clean: Clean, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    clean(inputs / "a.txt")
    model = HTML if kind == "html" else TEXT
    other = {name: default_folder(name) for name in SHIPPED.values()}
    other[SHIPPED[kind]] = model
    monkeypatch.setattr(settings, "default_folder", other.get)
    with pytest.raises(BulkError, match=f"begun with another model of kind {kind}"):
        clean(inputs / "a.txt", resume=True)


@pytest.mark.parametrize("model", [None, TEXT])
def test_a_run_is_gone_on_with_by_the_same_model(
    inputs: Path, clean: Clean, model: str | None
) -> None:
    clean(inputs / "a.txt", model=model)
    assert clean(inputs / "a.txt", model=model, resume=True).rejected == 0


@pytest.mark.parametrize("weights", [None, {}, "x"])
def test_a_run_of_a_release_that_noted_no_model_is_gone_on_with(
    inputs: Path, tmp_path: Path, clean: Clean, weights: object
) -> None:
    clean(inputs / "a.txt")
    note = tmp_path / "out" / SETTINGS
    about = json.loads(note.read_bytes())
    del about["weights"]
    note.write_text(json.dumps(about if weights is None else {**about, "weights": weights}))
    assert clean(inputs / "a.txt", resume=True).rejected == 0


def test_html_is_cleaned_by_the_model_given(inputs: Path, tmp_path: Path, clean: Clean) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is not installed")
    pytest.importorskip("turbohtml", reason="the extra [html] is not installed")
    clean(inputs / "html.warc", model=HTML, strictness=0.0)
    ((_, body),) = read_wet(tmp_path / "out/html.warc")
    assert body == Classifier.load(HTML).clean_html(PAGE, strictness=0.0) != ""
