"""Training the shipped kind of model on the corpora: what is told."""

from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from paywallstrip.training import recipe


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
