"""Training the shipped kind of model on the corpora: what is told."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from paywallstrip.training import identity, recipe
from paywallstrip.training.identity import identify
from tests.tiny import PAGES, write_tiny
from tests.written import INDEX


@pytest.mark.parametrize("missing", ["FURTHER", "WRITTEN"])
def test_training_tells_what_an_installed_package_lacks(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recipe, missing, tmp_path / "nowhere")
    steps: list[str] = []
    with pytest.raises(FileNotFoundError):
        recipe.train_corpora(tmp_path, tmp_path / "model", progress=steps.append)
    assert "what only a checkout has" in steps[-1]


def test_training_from_a_checkout_lacks_nothing(tmp_path: Path) -> None:
    steps: list[str] = []
    with pytest.raises(FileNotFoundError):
        recipe.train_corpora(tmp_path, tmp_path / "model", progress=steps.append)
    assert steps == ["reading the corpora"]


def keep_ids(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let a checkout keep the ids of some pages, as of the shipped models' corpora."""
    ids = [f"written:{entry['name']}" for entry in INDEX[:count]]
    labels: dict[str, Any] = dict.fromkeys(("domain", "converter", "rules", "labelled_by"), "")
    kept = dict.fromkeys(("domain", "page_type", "body"), "")
    files = {"LABELS": labels | {"hashes": [], "labels": []}, "BODY_HASHES": kept}
    for name, fields in files.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"id": each, **fields}) + "\n" for each in ids), "utf-8")
        monkeypatch.setattr(identity, name, path)


@pytest.mark.parametrize(
    ("kept", "name"), [(PAGES, "text-v9"), (PAGES + 1, "text-v9"), (40, "mine"), (5, "mine")]
)
def test_a_model_has_the_shipped_name_on_the_shipped_corpora_alone(
    kept: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_ids(tmp_path, monkeypatch, kept)
    corpus = write_tiny(tmp_path).corpus
    assert identify(corpus, tmp_path / "mine", "text-v9")["name"] == name


def test_a_model_of_an_installed_package_is_named_after_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "LABELS", tmp_path / "nowhere")
    assert identify(tmp_path, tmp_path / "mine", "text-v9") == {"name": "mine"}
