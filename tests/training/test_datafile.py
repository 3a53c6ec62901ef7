"""Files of labelled pages: what is written is read, and what is wrong is named by its place."""

import gzip
import importlib.resources
import json
import lzma
import os
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.datafile import (
    Problem,
    check_file,
    dump_json,
    read_pages,
    validate_file,
    write_pages,
)
from paywallstrip.training.files import new_folders
from paywallstrip.training.own_pages import LabelledText
from paywallstrip.training.records import LabelledSpan, PageRecord, make_page
from tests.test_properties import TEXTS

TEXT = "Harbour Post\n\nThe ferry runs again.\r\nSubscribe to read on\n"
PAGE = make_page(
    "ferry:1",
    TEXT,
    ["navigation", "content", None],
    by="Ada",
    url="https://ferry.example/again",
    domain="ferry.example",
    language="en",
    rules="0123456789ab",
)
RECORD: dict[str, Any] = json.loads(dump_json(asdict(PAGE)))
MISSHAPEN: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    (
        "no-object",
        lambda record: [record],
        "pages.jsonl:1: expected a JSON object, found a list; a file has one page a line",
    ),
    (
        "no-id",
        lambda record: record.pop("id"),
        "pages.jsonl:1: field 'id' is missing",
    ),
    (
        "empty-id",
        lambda record: record.update(id=""),
        "pages.jsonl:1: 'id' is empty",
    ),
    (
        "number-for-id",
        lambda record: record.update(id=7),
        "pages.jsonl:1: 'id' must be a string, found a number",
    ),
    (
        "no-text",
        lambda record: record.pop("text"),
        "pages.jsonl:1: page ferry:1: field 'text' is missing",
    ),
    (
        "null-for-url",
        lambda record: record.update(url=None),
        "pages.jsonl:1: page ferry:1: 'url' must be a string, found null",
    ),
    (
        "unknown-field",
        lambda record: record.update(lang="en"),
        "pages.jsonl:1: page ferry:1: field 'lang' is unknown: known are id, text, lines, url, "
        "domain, language, rules",
    ),
    (
        "lines-no-list",
        lambda record: record.update(lines={}),
        "pages.jsonl:1: page ferry:1: 'lines' must be a list, found an object",
    ),
    (
        "line-no-object",
        lambda record: record["lines"].insert(1, "content"),
        "pages.jsonl:1: page ferry:1, line 2: expected a JSON object, found a string",
    ),
    (
        "no-label",
        lambda record: record["lines"][1].pop("label"),
        "pages.jsonl:1: page ferry:1, line 2: field 'label' is missing",
    ),
    (
        "fifth-label",
        lambda record: record["lines"][2].update(label="advert"),
        "pages.jsonl:1: page ferry:1, line 3: label 'advert' is none of content, paywall, "
        "navigation, related-links, nor null for an open line",
    ),
    (
        "list-for-label",
        lambda record: record["lines"][2].update(label=["content"]),
        "pages.jsonl:1: page ferry:1, line 3: label ['content'] is none of content, paywall, "
        "navigation, related-links, nor null for an open line",
    ),
    (
        "half-a-character",
        lambda record: record["lines"][0].update(start=0.5),
        "pages.jsonl:1: page ferry:1, line 1: 'start' must be a whole number from 0, found 0.5",
    ),
    (
        "true-for-a-number",
        lambda record: record["lines"][0].update(start=False),
        "pages.jsonl:1: page ferry:1, line 1: 'start' must be a whole number from 0, found False",
    ),
    (
        "negative",
        lambda record: record["lines"][0].update(start=-1),
        "pages.jsonl:1: page ferry:1, line 1: 'start' must be a whole number from 0, found -1",
    ),
    (
        "unknown-field-of-a-line",
        lambda record: record["lines"][0].update(score=1),
        "pages.jsonl:1: page ferry:1, line 1: field 'score' is unknown: known are start, end, "
        "label, by",
    ),
    (
        "number-for-by",
        lambda record: record["lines"][0].update(by=1),
        "pages.jsonl:1: page ferry:1, line 1: 'by' must be a string, found a number",
    ),
]
MISPLACED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    (
        "line-end-in-it",
        lambda record: record["lines"][1].update(end=36),
        "pages.jsonl:1: page ferry:1, line 2: start 14 and end 36 are not those of a line: "
        "expected 14 and 35, 'The ferry runs again.'",
    ),
    (
        "out-of-order",
        lambda record: record["lines"].reverse(),
        "pages.jsonl:1: page ferry:1, line 1: start 37 and end 57 are not those of a line: "
        "expected 0 and 12, 'Harbour Post'",
    ),
    (
        "one-too-few",
        lambda record: record["lines"].pop(),
        "pages.jsonl:1: page ferry:1: 2 entries in 'lines', but the text has 3 non-blank lines",
    ),
    (
        "one-too-many",
        lambda record: record["lines"].append({"start": 58, "end": 58, "label": None}),
        "pages.jsonl:1: page ferry:1: 4 entries in 'lines', but the text has 3 non-blank lines",
    ),
]


def changed(change: Callable[[dict[str, Any]], Any]) -> Any:
    """Give the page's record as a change leaves it, or what the change gives in its place."""
    record = json.loads(json.dumps(RECORD))
    result = change(record)
    return result if isinstance(result, list) and result and result[0] is record else record


def written(folder: Path, *records: Any) -> Path:
    path = folder / "pages.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def messages(path: Path) -> list[str]:
    return [str(problem).replace(str(path), path.name) for problem in validate_file(path)]


@st.composite
def pages(draw: st.DrawFn) -> PageRecord:
    text = draw(TEXTS.filter(lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text)))
    page = make_page(draw(st.text(min_size=1)), text)
    options = st.sampled_from([*map(str, LABELS), None])
    lines = tuple(
        replace(line, label=(label := draw(options)), by=draw(st.text(max_size=3)) if label else "")
        for line in page.lines
    )
    return replace(page, lines=lines, url=draw(st.text()), language=draw(st.text()))


@settings(max_examples=100, derandomize=True)
@given(st.lists(pages(), max_size=3))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, records: list[PageRecord]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    write_pages(records, path)
    assert list(read_pages(path)) == records


@settings(max_examples=100, derandomize=True)
@given(pages())
def test_each_page_is_one_line_for_every_reader(
    tmp_path_factory: pytest.TempPathFactory, page: PageRecord
) -> None:
    path = tmp_path_factory.getbasetemp() / "line.jsonl"
    write_pages([page], path)
    assert len(path.read_text("utf-8").splitlines()) == 1


def test_halves_that_would_be_read_as_one_character_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="page ferry:2: the halves of a surrogate pair cannot be"):
        write_pages([PAGE, make_page("ferry:2", "\ud83d\ude00 again")], tmp_path / "pages.jsonl")


def test_half_a_surrogate_pair_is_read_as_it_was_written(tmp_path: Path) -> None:
    page = make_page("ferry:2", "\ude00\ud83d again")
    write_pages([page], tmp_path / "pages.jsonl")
    assert list(read_pages(tmp_path / "pages.jsonl")) == [page]


@pytest.mark.parametrize("ending", ["", ".gz", ".xz", ".zst", ".GZ", ".XZ"])
def test_a_packed_file_is_read_as_its_name_says(tmp_path: Path, ending: str) -> None:
    if ending == ".zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"pages.jsonl{ending}"
    write_pages([PAGE], path)
    assert list(read_pages(path)) == [PAGE]


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda _: b"", lambda _: b"no archive"])
def test_a_packed_file_that_is_damaged_is_refused(
    tmp_path: Path, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    if ending == ".zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"pages.jsonl{ending}"
    write_pages([PAGE] * 3, path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match="cut off, or not packed as its name says"):
        list(read_pages(path))


def test_equal_pages_make_equal_packed_files(tmp_path: Path) -> None:
    for name in ("one.gz", "other.gz"):
        write_pages([PAGE], tmp_path / name)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "other.gz").read_bytes()


def test_a_packed_file_holds_no_time(tmp_path: Path) -> None:
    write_pages([PAGE], tmp_path / "pages.gz")
    # The bytes that a gzip member has for it.
    assert (tmp_path / "pages.gz").read_bytes()[4:8] == bytes(4)


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        (PAGE, "pages must be an iterable of PageRecord, got PageRecord; pass a list"),
        (None, "pages must be an iterable of PageRecord, got NoneType; pass a list"),
        (
            [PAGE, LabelledText(["a"], [None])],
            r"page 1 must be .*, got LabelledText; make_page\(id",
        ),
    ],
)
def test_what_holds_no_records_is_not_written(tmp_path: Path, pages: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        write_pages(pages, tmp_path / "pages.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_a_list_of_paths_is_refused_at_once() -> None:
    paths: Any = ["pages.jsonl"]
    with pytest.raises(TypeError, match=r"got list; of a list: read_pages\(\*paths\)"):
        read_pages(paths)


def test_pages_of_several_files_come_in_order(tmp_path: Path) -> None:
    other = replace(PAGE, id="ferry:2")
    write_pages([PAGE], tmp_path / "a.jsonl")
    write_pages([other], tmp_path / "b.jsonl")
    assert list(read_pages(tmp_path / "b.jsonl", tmp_path / "a.jsonl")) == [other, PAGE]


def test_absent_fields_are_empty(tmp_path: Path) -> None:
    record = {"id": "a", "text": "News", "lines": [{"start": 0, "end": 4, "label": "navigation"}]}
    [page] = read_pages(written(tmp_path, record))
    assert page == PageRecord("a", "News", (LabelledSpan(0, 4, "navigation", ""),))


def test_a_byte_order_mark_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text(f"\ufeff{json.dumps(RECORD)}\n\n", "utf-8")
    assert list(read_pages(path)) == [PAGE]


def test_a_page_knows_its_lines_texts_and_labels() -> None:
    assert (PAGE.line_texts, PAGE.labels) == (
        ("Harbour Post", "The ferry runs again.", "Subscribe to read on"),
        ("navigation", "content", None),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [pytest.param(*rest, id=name) for name, *rest in (*MISSHAPEN, *MISPLACED)],
)
def test_what_is_wrong_is_named_by_file_page_and_line(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    assert messages(written(tmp_path, changed(change))) == [message]


@pytest.mark.parametrize(
    "change", [pytest.param(change, id=name) for name, change, _ in (*MISSHAPEN, *MISPLACED)]
)
def test_a_page_that_is_wrong_is_not_read(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    with pytest.raises(DataError, match=r"pages\.jsonl:1: "):
        list(read_pages(written(tmp_path, changed(change))))


@pytest.mark.parametrize("content", ["{", "nul", '{"id": "a"', "[" * 100_000])
def test_what_is_no_json_is_named_by_its_row(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text(f"{json.dumps(RECORD)}\n{content}\n", "utf-8")
    assert messages(path)[0].startswith("pages.jsonl:2: not JSON: ")


@pytest.mark.parametrize("field", ["id", "label"])
def test_a_field_that_stands_there_twice_is_named_by_its_row(tmp_path: Path, field: str) -> None:
    path = written(tmp_path, RECORD)
    content = path.read_text("utf-8").replace(f'"{field}":', f'"{field}": "a", "{field}":', 1)
    path.write_text(content, "utf-8")
    assert messages(path) == [
        f"pages.jsonl:1: field '{field}' stands there twice in one object: which one counts?"
    ]


@pytest.mark.parametrize("records", [[RECORD], RECORD], ids=["array", "page"])
def test_json_over_several_lines_is_one_problem(tmp_path: Path, records: Any) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text("\n" + json.dumps(records, indent=1), "utf-8")
    (message,) = messages(path)
    assert message.startswith("pages.jsonl: one page a line is expected, not an array or indented")


def test_all_that_is_wrong_is_listed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        changed(lambda record: record["lines"][0].update(label="x")),
        RECORD,
        changed(lambda record: record["lines"][2].update(label="y")),
    )
    assert [(problem.row, problem.line) for problem in validate_file(path)] == [(1, 1), (3, 3)]


def test_a_row_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    with path.open("ab") as file:
        file.write(b'{"id": "caf\xe9"}\n')
    assert messages(path) == ["pages.jsonl:2: not UTF-8: byte 0xe9"]


def test_a_row_that_is_no_utf8_counts_as_a_page(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    with path.open("ab") as file:
        file.write(b"\xe9\n")
    assert check_file(path).pages == 2


def test_a_row_that_begins_as_utf_16_does_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    with path.open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert messages(path) == ["pages.jsonl:2: not UTF-8: byte 0xff"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_one_problem(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, RECORD, RECORD)
    path.write_bytes(f"\ufeff{path.read_text('utf-8')}".encode(encoding))
    assert messages(path) == ["pages.jsonl: not UTF-8, but UTF-16: save it as UTF-8"]


def test_a_blank_domain_is_none(tmp_path: Path) -> None:
    assert check_file(written(tmp_path, {**RECORD, "domain": " "})).without_domain == 1


def test_what_would_steer_a_terminal_is_escaped_in_a_pages_name() -> None:
    assert str(Problem("a.jsonl", 1, "\x1b[2J", None, "is wrong")) == (
        "a.jsonl:1: page \\x1b[2J: is wrong"
    )


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_a_file_that_is_cut_off_is_named(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"pages.jsonl.{ending}"
    path.write_bytes(pack(json.dumps(RECORD).encode())[:-12])
    assert messages(path)[0].startswith(f"pages.jsonl.{ending}: cut off, or not packed")


def test_pages_of_one_text_that_agree_are_no_problem(tmp_path: Path) -> None:
    again = changed(lambda record: record["lines"][0].update(label=None))
    assert validate_file(written(tmp_path, RECORD, again)) == []


def test_a_contradiction_behind_an_open_line_is_warned_of(tmp_path: Path) -> None:
    copies = [
        make_page(str(i), "News", [label])
        for i, label in enumerate([None, "content", "navigation"])
    ]
    write_pages(copies, tmp_path / "pages.jsonl")
    (problem,) = validate_file(tmp_path / "pages.jsonl")
    assert problem.message.endswith("in row 2 (page 1)")


def test_pages_of_one_text_that_contradict_each_other_are_warned_of(tmp_path: Path) -> None:
    other = changed(lambda record: record["lines"][1].update(label="related-links"))
    other["id"] = "ferry:2"
    path = written(tmp_path, RECORD, other)
    message = (
        "'The ferry runs again.' is 'related-links' here, but 'content' in row 1 (page ferry:1)"
    )
    assert validate_file(path) == [Problem(str(path), 2, "ferry:2", 2, message, "warning")]


def test_an_id_that_would_steer_a_terminal_is_escaped_in_a_contradiction(tmp_path: Path) -> None:
    copies = [make_page("\x1b\ud800", "News", ["content"]), make_page("b", "News", ["navigation"])]
    write_pages(copies, tmp_path / "pages.jsonl")
    (problem,) = validate_file(tmp_path / "pages.jsonl")
    assert problem.message.endswith(r"in row 1 (page \x1b\ud800)")


def test_one_id_for_two_texts_is_warned_of(tmp_path: Path) -> None:
    other = changed(lambda record: record.update(text="News", lines=[]))
    other["lines"] = [{"start": 0, "end": 4, "label": "navigation"}]
    assert [problem.severity for problem in validate_file(written(tmp_path, RECORD, other))] == [
        "warning"
    ]


def test_a_page_that_is_wrong_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    before = path.read_bytes()
    with pytest.raises(DataError, match="page ferry:1: 0 entries in 'lines'"):
        write_pages([PAGE, replace(PAGE, lines=())], path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    path.chmod(0o640)
    write_pages([PAGE], path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_page_is_written_with_all_its_fields(tmp_path: Path) -> None:
    write_pages([PAGE], tmp_path / "pages.jsonl")
    assert (tmp_path / "pages.jsonl").read_text("utf-8") == dump_json(asdict(PAGE)) + "\n"


def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD)
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="is write-protected"):
        write_pages([], path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows lets not everybody make links")
def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link = tmp_path / "pages.jsonl"
    link.symlink_to(Path("store") / "pages.jsonl")
    write_pages([PAGE], link)
    assert (link.is_symlink(), list(read_pages(tmp_path / "store" / "pages.jsonl"))) == (
        True,
        [PAGE],
    )


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_pages([PAGE], tmp_path / "nowhere" / "pages.jsonl")
    assert caught.value.filename == str(tmp_path / "nowhere")


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    # A folder stands in its place.
    with pytest.raises(IsADirectoryError) as caught:
        write_pages([PAGE], tmp_path)
    assert caught.value.filename == str(tmp_path)


def test_a_file_that_cannot_be_read_from_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_pages(read_pages(tmp_path / "none.jsonl"), tmp_path / "pages.jsonl")
    assert caught.value.filename == str(tmp_path / "none.jsonl")


def test_new_folders_inside_each_other_go_together(tmp_path: Path) -> None:
    with pytest.raises(DataError), new_folders(tmp_path / "out", tmp_path / "out" / "folds"):
        raise DataError("there is no page")
    assert list(tmp_path.iterdir()) == []


def test_nobody_gave_an_open_line_its_label() -> None:
    assert make_page("ferry:1", "News", [None], by="Ada").lines[0].by == ""


def test_one_label_too_few_is_refused() -> None:
    with pytest.raises(DataError, match="page a: 1 non-blank lines, but 0 labels"):
        make_page("a", "News", [])


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("", {}, "'id' is empty"),
        (1, {}, "'id' must be a string, found a number"),
        ("a", {"domain": None}, "'domain' must be a string, found null"),
        ("a", {"labels": ["content"], "by": 3}, "line 1: 'by' must be a string, found a number"),
    ],
)
def test_a_page_that_could_not_be_read_again_is_not_made(
    name: Any, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        make_page(name, "The ferry runs again.", **more)


def test_a_page_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    page = replace(PAGE, language=None)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="'language' must be a string, found null"):
        write_pages([page], tmp_path / "pages.jsonl")


def test_a_page_of_bytes_is_refused() -> None:
    text: Any = b"The ferry runs again."
    with pytest.raises(TypeError, match="page a: text must be a str, got bytes"):
        make_page("a", text)


def test_a_fifth_label_is_refused() -> None:
    with pytest.raises(DataError, match="page a, line 1: label 'advert' is none of"):
        make_page("a", "News", ["advert"])


def schema() -> Any:
    validators = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    file = importlib.resources.files("paywallstrip") / "data" / "labelled-page.schema.json"
    definition = json.loads(file.read_text("utf-8"))
    validators.Draft202012Validator.check_schema(definition)
    return validators.Draft202012Validator(definition)


def test_the_schema_takes_a_page() -> None:
    assert schema().is_valid(RECORD)


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change, _ in MISSHAPEN])
def test_the_schema_refuses_what_the_reader_calls_misshapen(
    change: Callable[[dict[str, Any]], Any],
) -> None:
    assert not schema().is_valid(changed(change))


@settings(max_examples=100, derandomize=True)
@given(pages())
def test_the_schema_takes_whatever_is_written(page: PageRecord) -> None:
    assert schema().is_valid(json.loads(dump_json(asdict(page))))


def test_the_page_in_the_docs_is_one(tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs" / "labelled-pages.md"
    [block] = re.findall(r"```json\n(.*?)```", docs.read_text("utf-8"), re.DOTALL)
    (tmp_path / "pages.jsonl").write_text(block, "utf-8")
    assert [page.labels for page in read_pages(tmp_path / "pages.jsonl")] == [
        ("navigation", "content")
    ]
