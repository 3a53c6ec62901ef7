"""Spark in local mode with two workers, from Parquet to Parquet."""

import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paywallstrip import Page

pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java", allow_module_level=True)

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from paywallstrip.integrations.arrow import ArrowStep, Columns  # noqa: E402
from paywallstrip.integrations.spark import MapInArrow, clean_frame  # noqa: E402


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def cleaned(spark: Any, records: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The records through Spark, from several Parquet files to Parquet."""
    folder = tmp_path_factory.mktemp("spark")
    for part in range(4):
        numbers = range(part, len(records), 4)
        table = pa.table({"id": list(numbers), "text": [records[i] for i in numbers]})
        pq.write_table(table, _made(folder / "pages") / f"{part}.parquet")
    frame = clean_frame(spark.read.parquet(str(folder / "pages")).repartition(4))
    frame.write.parquet(str(folder / "bodies"))
    return sorted(pq.read_table(folder / "bodies").to_pylist(), key=lambda row: row["id"])


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def test_bodies_are_those_of_the_library(cleaned: list[dict], expected: list[Page]) -> None:
    assert [row["body"] for row in cleaned] == [page.body for page in expected]


def test_labels_are_those_of_the_library(cleaned: list[dict], expected: list[Page]) -> None:
    labels = [[line.label.value for line in page.lines] for page in expected]
    assert [row["labels"] for row in cleaned] == labels


def test_other_columns_stay(cleaned: list[dict], records: list[str]) -> None:
    assert [(row["id"], row["text"]) for row in cleaned] == list(enumerate(records))


def test_a_frame_is_planned_with_the_columns_added(spark: Any) -> None:
    frame = clean_frame(spark.createDataFrame([], "id long, text string"))
    kinds = ["bigint", "string", "string", "double", "array<string>"]
    assert [kind for _, kind in frame.dtypes] == kinds


def test_null_texts_give_nulls(spark: Any) -> None:
    frame = spark.createDataFrame([("a", None)], "id string, text string")
    (row,) = clean_frame(frame).collect()
    assert row.asDict() == dict.fromkeys(("text", "body", "kept_share", "labels")) | {"id": "a"}


def test_columns_are_named_and_left_out_as_asked(spark: Any, menu: str) -> None:
    frame = spark.createDataFrame([(menu,)], "page string")
    (row,) = clean_frame(frame, "page", body="main", kept_share=None, labels=None).collect()
    assert row.asDict() == {"page": menu, "main": ""}


def test_settings_reach_the_workers(spark: Any, menu: str) -> None:
    frame = spark.createDataFrame([(menu,)], "text string")
    (row,) = clean_frame(frame, drop=["paywall"]).collect()
    assert row.body == menu


def test_the_step_fits_into_a_plan_of_ones_own(spark: Any, menu: str) -> None:
    step = MapInArrow(ArrowStep(Columns(kept_share=None, labels=None)))
    frame = spark.createDataFrame([(menu,)], "text string")
    (row,) = frame.mapInArrow(step, step.schema(frame.schema)).collect()
    assert row.body == ""


def test_a_missing_column_is_refused_before_anything_runs(spark: Any) -> None:
    with pytest.raises(ValueError, match="no column 'text' among page"):
        clean_frame(spark.createDataFrame([("a",)], "page string"))


@pytest.mark.parametrize("kind", ["int", "binary"])
def test_a_column_of_another_type_is_refused_before_anything_runs(spark: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"column 'text' must hold strings, got {kind}"):
        clean_frame(spark.createDataFrame([], f"text {kind}"))


def test_a_column_is_found_in_another_case(spark: Any, menu: str) -> None:
    frame = spark.createDataFrame([(menu,)], "Text string")
    (row,) = clean_frame(frame, kept_share=None, labels=None).collect()
    assert row.asDict() == {"Text": menu, "body": ""}


@pytest.mark.parametrize(
    ("schema", "named", "reason"),
    [
        ("text string, Body string", {}, "column 'Body' is already there"),
        ("text string", {"body": "TEXT"}, "column 'TEXT' is named twice"),
        ("text string", {"body": "Main", "labels": "main"}, "column 'Main' is named twice"),
    ],
    ids=["there", "text", "added"],
)
def test_columns_that_differ_in_case_alone_are_refused(
    spark: Any, schema: str, named: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        clean_frame(spark.createDataFrame([], schema), **named)


@pytest.mark.parametrize("written", ["true", "True"])
def test_case_is_heeded_where_spark_does_so(spark: Any, written: str) -> None:
    spark.conf.set("spark.sql.caseSensitive", written)
    try:
        frame = clean_frame(spark.createDataFrame([], "text string, Body string"))
    finally:
        spark.conf.unset("spark.sql.caseSensitive")
    assert frame.columns == ["text", "Body", "body", "kept_share", "labels"]


def test_a_used_step_pickles_small(menu: str) -> None:
    step = MapInArrow()
    list(step(iter([pa.record_batch({"text": [menu]})])))
    assert len(pyspark.cloudpickle.dumps(step)) + len(pickle.dumps(step)) < 10_000
