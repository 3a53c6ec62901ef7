"""Record batches and tables, given columns."""

from typing import Any

import pytest

from paywallstrip import Page, classify

pytest.importorskip("pyarrow", reason="pyarrow is not installed")
import pyarrow as pa

from paywallstrip.integrations.arrow import ArrowStep, Columns
from paywallstrip.integrations.settings import Settings


def rows_of(pages: list[Page]) -> list[dict]:
    """Return the columns that a step adds, as the library's own pages give them."""
    rows = []
    for page in pages:
        size = sum(len(line.text) for line in page.lines)
        kept = sum(len(line.text) for line in page.lines if line.kept)
        labels = [line.label.value for line in page.lines]
        rows.append({"body": page.body, "kept_share": kept / size, "labels": labels})
    return rows


def test_a_table_gets_what_the_library_finds(records: list[str], expected: list[Page]) -> None:
    found = ArrowStep()(pa.table({"text": records})).drop_columns("text")
    assert found.to_pylist() == rows_of(expected)


def test_a_record_batch_gives_a_record_batch(records: list[str], expected: list[Page]) -> None:
    found = ArrowStep()(pa.record_batch({"text": records[:2]})).drop_columns("text")
    assert (type(found), found.to_pylist()) == (pa.RecordBatch, rows_of(expected[:2]))


def test_other_columns_and_their_order_stay(menu: str) -> None:
    found = ArrowStep()(pa.table({"id": [7], "text": [menu], "url": [None]}))
    assert found.column_names == ["id", "text", "url", "body", "kept_share", "labels"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_bodies_have_the_type_of_the_texts(kind: pa.DataType, menu: str) -> None:
    found = ArrowStep()(pa.table({"text": pa.array([menu], kind)}))
    assert found.schema.field("body").type == kind


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_a_dictionary_of_texts_is_read(kind: pa.DataType, menu: str) -> None:
    texts = pa.array([menu, menu], kind).dictionary_encode()
    assert ArrowStep()(pa.table({"text": texts})).column("body").to_pylist() == ["", ""]


def test_a_column_in_chunks_is_read(menu: str) -> None:
    texts = pa.chunked_array([[menu], [], [None, menu]])
    assert ArrowStep()(pa.table({"text": texts})).column("body").to_pylist() == ["", None, ""]


@pytest.mark.parametrize("kind", [pa.string(), pa.null()], ids=str)
def test_null_texts_give_nulls(kind: pa.DataType) -> None:
    found = ArrowStep()(pa.table({"text": pa.array([None], kind)})).drop_columns("text")
    assert found.to_pylist() == [{"body": None, "kept_share": None, "labels": None}]


def test_a_text_without_lines_has_no_labels() -> None:
    found = ArrowStep()(pa.table({"text": [" \n"]})).drop_columns("text")
    assert found.to_pylist() == [{"body": " \n", "kept_share": 0.0, "labels": []}]


def test_no_rows_give_no_rows_of_the_right_types() -> None:
    found = ArrowStep()(pa.table({"text": pa.array([], pa.string())}))
    kinds = [found.schema.field(name).type for name in ("body", "kept_share", "labels")]
    assert kinds == [pa.string(), pa.float64(), pa.list_(pa.string())]


def test_columns_are_named_and_left_out_as_asked(menu: str) -> None:
    columns = Columns("page", body=None, kept_share="share", labels=None)
    assert ArrowStep(columns)(pa.table({"page": [menu]})).column_names == ["page", "share"]


def test_settings_are_used(written: list[str]) -> None:
    found = ArrowStep(settings=Settings(strictness=1.0))(pa.table({"text": written[:1]}))
    assert found.column("body").to_pylist() == [classify(written[0], strictness=1.0).body]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": "page"}, "columns must be a Columns, got str"),
        ({"settings": {"strictness": 1.0}}, "settings must be a Settings, got dict"),
    ],
)
def test_a_step_of_something_else_is_refused_where_it_is_made(given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        ArrowStep(**given)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="no column 'text' among page, url"):
        ArrowStep()(pa.table({"page": ["a"], "url": ["b"]}))


def test_a_column_that_is_already_there_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="column 'body' is already there"):
        ArrowStep()(pa.table({"text": ["a"], "body": ["b"]}))


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (pa.binary(), "got binary; decode it first"),
        (pa.large_binary(), "got large_binary; decode it first"),
        (pa.int64(), "got int64"),
    ],
    ids=str,
)
def test_a_column_of_another_type_is_refused(kind: pa.DataType, hint: str) -> None:
    with pytest.raises(TypeError, match=f"column 'text' must hold strings, {hint}"):
        ArrowStep()(pa.table({"text": pa.array([], kind)}))


def test_texts_are_read_by_a_pyarrow_that_knows_no_views(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(pa.types, "is_string_view", raising=False)
    made = ArrowStep(Columns(labels=None, kept_share=None))(pa.table({"text": ["Log in"]}))
    assert made["body"].to_pylist() == [""]


def test_a_text_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"column 'text' is there 2 times \(text, text\)"):
        ArrowStep()(pa.table([["a"], ["b"]], names=["text", "text"]))


def test_names_that_mean_the_same_make_the_text_column_unclear() -> None:
    with pytest.raises(ValueError, match=r"column 'text' is there 2 times \(Text, TEXT\)"):
        Columns().check(["Text", "TEXT"], str.lower)


def test_of_names_that_mean_the_same_the_exact_one_is_taken() -> None:
    assert Columns().check(["text", "TEXT"], str.lower) is None  # type: ignore[func-returns-value]


def test_what_is_neither_batch_nor_table_is_refused_with_the_way_to_make_ray_pass_tables() -> None:
    batch: Any = {"text": ["Log in"]}
    with pytest.raises(TypeError, match=r"got dict; Ray's .* batch_format='pyarrow'"):
        ArrowStep()(batch)


@pytest.mark.parametrize("whole", [True, False], ids=["array", "chunks"])
def test_a_text_that_is_not_utf_8_is_named(whole: bool) -> None:
    # Spark reads files as they are, and calls them strings.
    bad = pa.array([b"Log in", None, b"caf\xe9s"]).view(pa.string())
    texts = bad if whole else pa.chunked_array([bad[:1], bad[1:]])
    with pytest.raises(ValueError, match=r"column 'text', row 2 of its batch .* at byte 3; decode"):
        ArrowStep()(pa.table({"text": texts}))


def test_two_columns_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="column 'text' is named twice"):
        Columns(body="text")


def test_a_step_that_adds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="all None"):
        Columns(body=None, kept_share=None, labels=None)
