"""Ray Data on this machine with two actors, from Parquet to Parquet."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from paywallstrip import Page

# Before it is imported; with it Ray writes a token into the user's home.
os.environ.setdefault("RAY_AUTH_MODE", "disabled")
# Or its workers give way to everything else on the machine.
os.environ.setdefault("RAY_worker_niceness", "0")
pytest.importorskip("ray", reason="Ray is not installed")
import pyarrow as pa
import pyarrow.parquet as pq
import ray
import ray.data

from paywallstrip.integrations.ray import PageCleaner


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    # Two actors, and processors for reading and writing beside them: with two in all nothing moves.
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def run(dataset: Any, **settings: Any) -> Any:
    return dataset.map_batches(
        PageCleaner,
        fn_constructor_kwargs=settings,
        batch_format="pyarrow",
        batch_size=64,
        compute=ray.data.ActorPoolStrategy(size=2),
    )


@pytest.fixture(scope="module")
def cleaned(records: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The records through Ray, from several Parquet files to Parquet."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "pages").mkdir()
    for part in range(4):
        numbers = range(part, len(records), 4)
        table = pa.table({"id": list(numbers), "text": [records[i] for i in numbers]})
        pq.write_table(table, folder / "pages" / f"{part}.parquet")
    run(ray.data.read_parquet(str(folder / "pages"))).write_parquet(str(folder / "bodies"))
    return sorted(pq.read_table(folder / "bodies").to_pylist(), key=lambda row: row["id"])


def test_bodies_are_those_of_the_library(cleaned: list[dict], expected: list[Page]) -> None:
    assert [row["body"] for row in cleaned] == [page.body for page in expected]


def test_labels_are_those_of_the_library(cleaned: list[dict], expected: list[Page]) -> None:
    labels = [[line.label.value for line in page.lines] for page in expected]
    assert [row["labels"] for row in cleaned] == labels


def test_other_columns_stay(cleaned: list[dict], records: list[str]) -> None:
    assert [(row["id"], row["text"]) for row in cleaned] == list(enumerate(records))


def test_settings_reach_the_actors(menu: str) -> None:
    settings = {"drop": ["paywall"], "kept_share": None, "labels": None}
    rows = run(ray.data.from_items([{"text": menu}]), **settings).take_all()
    assert rows == [{"text": menu, "body": menu}]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="no column 'text' among page"):
        PageCleaner()(pa.table({"page": ["a"]}))


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="strictness must lie from 0 to 1"):
        PageCleaner(strictness=2)


def test_a_used_step_pickles_small(menu: str) -> None:
    step = PageCleaner()
    step(pa.table({"text": [menu]}))
    assert len(ray.cloudpickle.dumps(step)) < 10_000
