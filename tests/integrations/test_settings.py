"""What every adapter shares; needs no framework."""

import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import classify, clean
from paywallstrip.errors import ModelError, ModelNotFoundError, TextError
from paywallstrip.integrations import settings as module
from paywallstrip.integrations.settings import Settings, beside_missing, classifier
from paywallstrip.outcome import Outcome

ADAPTERS = {
    "arrow": "pip install pyarrow",
    "data_juicer": "pip install py-data-juicer aiohttp",
    "datatrove": "pip install datatrove",
    "dolma": "pip install dolma",
    "langchain": "pip install langchain-core",
    "llama_index": "pip install llama-index-core",
    "nemo_curator": "pip install nemo-curator",
    "newsplease": "pip install scrapy",
    "ray": "pip install pyarrow",
    "scrapy": "pip install scrapy",
    "spark": "pip install pyspark pandas pyarrow",
}


def test_used_settings_pickle_small(menu: str) -> None:
    used = Settings()
    used.clean(menu)
    assert len(pickle.dumps(used)) < 500


def test_settings_come_out_of_a_pickle_as_they_went_in() -> None:
    given = Settings(["paywall"], 0.2, "some/model")
    assert pickle.loads(pickle.dumps(given)) == given


def test_labels_to_drop_may_come_from_a_generator() -> None:
    assert Settings(label for label in ["paywall"]).drop == ("paywall",)  # type: ignore[arg-type]


def test_a_process_loads_a_model_once() -> None:
    Settings().clean("Log in")
    before = classifier(None)
    pickle.loads(pickle.dumps(Settings())).clean("Log in")
    assert classifier(None) is before


MODELS = Path(__file__).parents[1] / "models"


def test_a_model_written_into_the_same_folder_is_loaded(tmp_path: Path) -> None:
    folder, formats = tmp_path / "model", []
    for name in ("format-2", "format-3"):
        # The copy is dated now, as a model just trained is.
        shutil.copytree(MODELS / name, folder, copy_function=shutil.copy, dirs_exist_ok=True)
        formats.append(classifier(str(folder)).model.info["format"])
    assert formats == [2, 3]


def test_a_model_is_used_on_while_its_folder_is_written(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "format-3", tmp_path / "model")
    before = classifier(str(tmp_path / "model"))
    (tmp_path / "model" / "model.json").unlink()
    assert classifier(str(tmp_path / "model")) is before


def test_settings_clean_as_the_library_does(written: list[str]) -> None:
    settings = Settings(("navigation",), 0.9)
    expected = [clean(text, drop=("navigation",), strictness=0.9) for text in written]
    assert list(settings.clean_many(written)) == expected


def test_a_model_may_be_a_path(tmp_path: Path) -> None:
    assert Settings(model=tmp_path).model == str(tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [b"some/model", 5], ids=str)
def test_a_model_that_is_no_path_is_refused_at_the_door(model: Any) -> None:
    with pytest.raises(TypeError, match="model must be a str or a Path, got"):
        Settings(model=model)


def test_missing_texts_count_where_an_error_names_the_index_of_another() -> None:
    texts: Any = [None, "Log in", None, 5]
    with pytest.raises(TextError, match="text 3: text must be a str, got int"):
        beside_missing(texts, Settings().clean_many)


def test_a_missing_model_is_named_where_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="nowhere"):
        Settings(model=str(tmp_path / "nowhere")).clean("Log in")


@pytest.mark.parametrize("model", ["nowhere", "html-v1"])
def test_a_model_that_cannot_be_used_is_refused_when_it_is_loaded(model: str) -> None:
    with pytest.raises(ModelError, match=r"is no model folder|kind html"):
        Settings(model=model).load()


@pytest.mark.parametrize("wrong", [{"drop": ["adverts"]}, {"strictness": 2}], ids=str)
def test_a_wrong_setting_is_refused_at_the_door(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"drop names|strictness must lie"):
        Settings(**wrong)


def test_outcomes_say_what_pages_say(written: list[str]) -> None:
    found = list(Settings().outcomes(written))
    pages = [classify(text) for text in written]
    assert [(o.body, o.counts) for o in found] == [(p.body, {**p.counts}) for p in pages]


def test_spans_are_those_of_the_lines(written: list[str]) -> None:
    (found,) = Settings().outcomes(written[:1])
    assert [tuple(span.values()) for span in found.spans()] == [
        (line.start, line.end, line.label.value, line.kept) for line in classify(written[0]).lines
    ]


def outcome(text: str) -> Outcome:
    return next(Settings().outcomes([text]))


@pytest.mark.parametrize(("text", "emptied"), [("Log in", True), ("", False), (" \n", False)])
def test_only_a_text_with_lines_can_be_emptied(text: str, emptied: bool) -> None:
    assert outcome(text).emptied is emptied


@pytest.mark.parametrize("text", ["Log in", "", "\n"])
def test_where_nothing_is_kept_the_share_is_nought(text: str) -> None:
    assert outcome(text).kept_share == 0


def test_the_core_imports_no_adapter() -> None:
    program = "import sys, paywallstrip; paywallstrip.clean(''); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert b"paywallstrip.integrations" not in loaded.stdout


# Makes every import of a framework fail, be it installed or not.
_WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
import paywallstrip.integrations.{module}
"""
_FRAMEWORKS = {
    "pyarrow", "pyspark", "ray", "datatrove", "dolma", "data_juicer", "nemo_curator",
    "langchain_core", "llama_index", "scrapy", "itemadapter",
}  # fmt: skip


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_without_its_framework_says_what_to_install(name: str) -> None:
    program = _WITHOUT.format(names=_FRAMEWORKS, module=name)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.rstrip().endswith(f"this adapter needs: {ADAPTERS[name]}")


def test_every_adapter_is_in_the_list_above() -> None:
    folder = Path(module.__file__).parent
    shared = {"__init__", "outcome", "removal", "settings"}
    assert {path.stem for path in folder.glob("*.py")} - shared == set(ADAPTERS)
