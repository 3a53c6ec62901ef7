"""NeMo Curator's modifier in its own stage `Modify`.

Its requirements bring CUDA packages, so the package is installed without them, and beside it
what `Modify` itself imports: the stage is real, Curator's executors are not run.
"""

import pickle
from typing import Any

import pytest

from paywallstrip import Page, classify

pytest.importorskip("nemo_curator", reason="NeMo Curator is not installed")
import pandas as pd
from nemo_curator.stages.text.modifiers import Modify
from nemo_curator.tasks import DocumentBatch

from paywallstrip.integrations.nemo_curator import BodyModifier


def run(stage: Modify, texts: list[str]) -> pd.DataFrame:
    """Return a batch of documents after a stage, pickled as it is on its way to a worker."""
    frame = pd.DataFrame({"id": range(len(texts)), "text": texts})
    batch = DocumentBatch(dataset_name="pages", data=frame)
    return pickle.loads(pickle.dumps(stage)).process(batch).to_pandas()


def test_documents_get_their_bodies(records: list[str], expected: list[Page]) -> None:
    found = run(Modify(BodyModifier(), input_fields="text"), records)
    assert found["text"].tolist() == [page.body for page in expected]


def test_the_body_may_go_to_a_field_of_its_own(menu: str) -> None:
    found = run(Modify(BodyModifier(), input_fields="text", output_fields="body"), [menu])
    assert found.to_dict("records") == [{"id": 0, "text": menu, "body": ""}]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=str)
def test_a_missing_text_stays_missing(missing: Any, menu: str) -> None:
    found = run(Modify(BodyModifier(), input_fields="text"), [menu, missing])
    assert found["text"].isna().tolist() == [False, True]


def test_a_list_is_refused(menu: str) -> None:
    with pytest.raises(TypeError, match="text must be a str, got list"):
        BodyModifier().modify_document([menu])  # type: ignore[arg-type]


def test_settings_are_used(written: list[str]) -> None:
    modifier = BodyModifier(strictness=1.0)
    assert modifier.modify_document(written[0]) == classify(written[0], strictness=1.0).body


def test_the_stage_has_the_name_of_the_modifier() -> None:
    assert Modify(BodyModifier(), input_fields="text").name == "BodyModifier"


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="drop names 'adverts'"):
        BodyModifier(drop=["adverts"])


def test_a_used_modifier_pickles_small(menu: str) -> None:
    used = BodyModifier()
    used.modify_document(menu)
    assert len(pickle.dumps(used)) < 10_000
