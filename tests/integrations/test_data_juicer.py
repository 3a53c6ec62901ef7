"""data-juicer's mapper: on its dataset with two processes, and by its command."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Page, classify
from paywallstrip.errors import ModelNotFoundError
from tests.integrations.conftest import read_jsonl

pytest.importorskip("data_juicer", reason="data-juicer is not installed")
from data_juicer.core.data import NestedDataset
from data_juicer.ops import load_ops

from paywallstrip.integrations.data_juicer import PaywallstripMapper


def run(rows: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    """Return the rows of a dataset after the mapper."""
    mapper = PaywallstripMapper(**settings)
    return NestedDataset.from_list(rows).process([mapper]).to_list()  # type: ignore[no-any-return]


def test_samples_of_a_dataset_get_their_bodies(records: list[str], expected: list[Page]) -> None:
    found = run([{"text": text} for text in records], num_proc=2)
    assert [row["text"] for row in found] == [page.body for page in expected]


def test_other_fields_stay(menu: str) -> None:
    assert run([{"text": menu, "id": 7}]) == [{"text": "", "id": 7}]


def test_the_text_may_have_another_name(menu: str) -> None:
    assert run([{"page": menu}], text_key="page") == [{"page": ""}]


def test_a_missing_text_stays_missing(menu: str) -> None:
    found = run([{"text": menu}, {"text": None}, {"text": menu}])
    assert [row["text"] for row in found] == ["", None, ""]


def test_settings_are_used(written: list[str]) -> None:
    (found,) = run([{"text": written[0]}], strictness=1.0)
    assert found["text"] == classify(written[0], strictness=1.0).body


def test_it_is_found_by_its_name(menu: str) -> None:
    (mapper,) = load_ops([{"paywallstrip_mapper": {"drop": ["paywall"]}}])
    assert mapper.process_batched({"text": [menu]}) == {"text": [menu]}


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="drop names 'adverts'"):
        PaywallstripMapper(drop=["adverts"])


def test_a_missing_model_is_refused_before_anything_runs() -> None:
    with pytest.raises(ModelNotFoundError, match="nowhere is no model folder"):
        PaywallstripMapper(model="nowhere")


def test_the_settings_of_a_used_mapper_pickle_small(menu: str) -> None:
    used = PaywallstripMapper()
    used.process_batched({"text": [menu]})
    assert len(pickle.dumps(used.settings)) < 10_000


def test_a_recipe_gives_the_bodies_by_its_command(
    tmp_path: Path, records: list[str], expected: list[Page]
) -> None:
    pages = "".join(json.dumps({"text": text}) + "\n" for text in records[:60])
    (tmp_path / "pages.jsonl").write_text(pages, "utf-8")
    recipe = {
        "dataset_path": str(tmp_path / "pages.jsonl"),
        "export_path": str(tmp_path / "bodies.jsonl"),
        "np": 1,
        "custom_operator_paths": ["operators.py"],
        "process": [{"paywallstrip_mapper": {"strictness": 0.5}}],
    }
    (tmp_path / "operators.py").write_text("import paywallstrip.integrations.data_juicer\n")
    # JSON is YAML too.
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe), "utf-8")
    program = [str(Path(sys.executable).with_name("dj-process")), "--config", "recipe.yaml"]
    subprocess.run(program, check=True, capture_output=True, timeout=240, cwd=tmp_path)
    found = read_jsonl(tmp_path / "bodies.jsonl")
    assert [row["text"] for row in found] == [page.body for page in expected[:60]]
