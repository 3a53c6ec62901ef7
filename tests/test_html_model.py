"""The folder of a model for HTML: written, read, refused."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.errors import ModelDamagedError, ModelFormatError, ModelSchemaError
from paywallstrip.html_model import load_html_model, save_html_model
from paywallstrip.markup.lines import read_markup
from paywallstrip.markup.stages import MarkupStages
from paywallstrip.model_formats import load_model, save_model
from tests.toy import edit_arrays, toy_model
from tests.toy_html import toy_html

PAGES = [
    read_markup(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "html").glob("*.html"))
]
MARKUP = [f"markup_{name}" for name in MarkupStages._fields]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_html_model(toy_html().html_model, tmp_path)
    return tmp_path


def test_a_loaded_model_scores_as_the_saved_one(folder: Path) -> None:
    expected = toy_html().html_model.score(PAGES)[1]
    assert np.array_equal(load_html_model(folder).score(PAGES)[1], expected)


def test_pages_score_alike_in_any_company() -> None:
    model = toy_html().html_model
    alone = np.concatenate([model.score([page])[1] for page in PAGES])
    assert np.array_equal(model.score(PAGES)[1], alone)


def test_the_description_names_the_kind(folder: Path) -> None:
    assert json.loads((folder / "model.json").read_text("utf-8"))["kind"] == "html"


def test_it_is_not_loaded_as_a_model_for_text(folder: Path) -> None:
    with pytest.raises(ModelFormatError, match="kind 'html'"):
        load_model(folder)


def test_a_model_for_text_is_not_loaded_as_one(tmp_path: Path) -> None:
    save_model(toy_model(), tmp_path)
    with pytest.raises(ModelFormatError, match="kind 'text'"):
        load_html_model(tmp_path)


def test_other_features_are_refused(folder: Path) -> None:
    path = folder / "model.json"
    info = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**info, "schema": "0" * 64}), "utf-8")
    with pytest.raises(ModelSchemaError):
        load_html_model(folder)


@pytest.mark.parametrize(
    "name", ["markup_bias", "markup_names", "markup_around", "second_table", "first_wide"]
)
def test_a_missing_array_is_named(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.pop(name))
    with pytest.raises(ModelDamagedError, match=name):
        load_html_model(folder)


@pytest.mark.parametrize("name", MARKUP)
def test_an_array_of_another_shape_is_named(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name][:-1]}))
    with pytest.raises(ModelDamagedError, match=name):
        load_html_model(folder)


@pytest.mark.parametrize("name", MARKUP)
def test_an_array_of_another_width_of_number_is_named(folder: Path, name: str) -> None:
    edit_arrays(folder, lambda arrays: arrays.update({name: arrays[name].astype(np.int8)}))
    with pytest.raises(ModelDamagedError, match=name):
        load_html_model(folder)
