"""Label Studio: exports as it writes them, tasks as it imports them."""

import json
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.exchange.labelstudio import (
    LABELLING,
    label_studio_task,
    read_label_studio,
    write_label_studio,
)
from paywallstrip.training.records import PageRecord, make_page
from tests.toy import toy

CASES = Path(__file__).parents[2] / "cases" / "exchange"
EXPORT = CASES / "label-studio.json"
MINIMAL = CASES / "label-studio-min.json"
N, C, P = "navigation", "content", "paywall"
PAGE = make_page(
    "ferry:1",
    "Harbour Post\n\n  The ferry 🚢 runs again.\nSubscribe to read on\n",
    [N, C, None],
    by="Ada",
    domain="ferry.example",
)


def read(path: Path) -> list[tuple[str, tuple[str | None, ...], set[str]]]:
    return [
        (page.id, page.labels, {line.by for line in page.lines if line.by})
        for page in read_label_studio(path)
    ]


def written(folder: Path, *tasks: Any) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks), "utf-8")
    return path


def task_of(*values: dict[str, Any], **data: Any) -> dict[str, Any]:
    result = [
        {"type": "labels", "from_name": "label", "to_name": "text", "value": value}
        for value in values
    ]
    return {"id": 7, "data": data, "annotations": [{"id": 1, "result": result}]}


def test_an_export_gives_a_page_an_annotation_that_was_not_skipped() -> None:
    assert read(EXPORT) == [
        ("ferry:1", (N, N, C, C, None), {"annotator 1"}),
        ("ferry:1", (N, None, None, None, P), {"bea@ferry.example"}),
        ("102", (N, C, None), {"annotator 1"}),
        ("bote:3", (None,), set()),
    ]


def test_a_minimal_export_gives_the_same_pages_as_it_lists_them() -> None:
    full, minimal = read(EXPORT), read(MINIMAL)
    assert [page[:2] for page in minimal] == [full[at][:2] for at in (1, 0, 2, 3)]


def test_a_minimal_export_says_who_labelled() -> None:
    assert [by for _, _, by in read(MINIMAL)] == [
        {"bea@ferry.example"},
        {"annotator 1"},
        {"annotator 1"},
        set(),
    ]


def test_what_a_task_of_a_minimal_export_lists_beside_its_labels_is_passed_over(
    tmp_path: Path,
) -> None:
    links = [{"start": 5, "end": 9, "url": "https://ferry.example/"}]
    task = {"id": 7, "text": "News\nMore", "links": links}
    assert read(written(tmp_path, task)) == [("7", (None, None), set())]


def test_a_note_of_an_annotator_is_no_name(tmp_path: Path) -> None:
    task = task_of({"start": 0, "end": 4, "labels": [N]}, text="News")
    (annotation,) = task["annotations"]
    annotation["completed_by"] = {"email": "bea@ferry.example"}
    annotation["result"][0]["meta"] = {"text": ["ask Ada"]}
    assert read(written(tmp_path, task)) == [("7", (N,), {"bea@ferry.example"})]


def test_an_export_keeps_where_a_page_is_from() -> None:
    page = next(read_label_studio(EXPORT))
    assert (page.url, page.domain, page.language) == (
        "https://ferry.example/again",
        "ferry.example",
        "en",
    )


HYPERTEXT = {"start": 0, "end": 4, "hypertextlabels": [N]}
CHOICE = {"choices": ["news"]}


@pytest.mark.parametrize(
    "task",
    [
        {
            "id": 7,
            "data": {"text": "News\nMore"},
            "annotations": [{"result": [{"type": "hypertextlabels", "value": HYPERTEXT}]}],
        },
        {"id": 7, "text": "News\nMore", "hypertextlabels": [HYPERTEXT]},
    ],
    ids=["full", "minimal"],
)
def test_regions_of_another_kind_are_refused(tmp_path: Path, task: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"task 7, .* is a region of 'hypertextlabels', not of"):
        list(read_label_studio(written(tmp_path, task)))


def test_what_is_said_beside_the_labels_is_passed_over(tmp_path: Path) -> None:
    task = task_of({"start": 0, "end": 4, "labels": [N]}, text="News\nMore")
    of_region = {"type": "choices", "value": {"start": 0, "end": 4} | CHOICE}
    of_page = {"type": "choices", "value": CHOICE}
    task["annotations"][0]["result"] += [of_region, of_page]
    [page] = read_label_studio(written(tmp_path, task))
    assert page.labels == (N, None)


def test_a_page_may_be_number_0(tmp_path: Path) -> None:
    export = written(tmp_path, task_of(text="News", page_id=0))
    assert next(read_label_studio(export)).id == "0"


def test_a_page_with_an_empty_name_is_named_by_its_task(tmp_path: Path) -> None:
    assert next(read_label_studio(written(tmp_path, task_of(text="News", page_id="")))).id == "7"


def test_a_task_without_a_number_has_that_of_its_place(tmp_path: Path) -> None:
    export = written(tmp_path, {"data": {"text": "News"}}, {"data": {"text": "More"}})
    assert [page.id for page in read_label_studio(export)] == ["1", "2"]


def test_a_task_without_a_number_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"task 1, page a: it has no text"):
        list(read_label_studio(written(tmp_path, {"data": {"page_id": "a"}})))


def test_a_field_that_is_no_string_is_passed_over(tmp_path: Path) -> None:
    export = written(tmp_path, task_of(text="News", domain=None))
    assert next(read_label_studio(export)).domain == ""


def test_an_annotator_with_an_empty_address_has_a_number(tmp_path: Path) -> None:
    task = task_of({"start": 0, "end": 4, "labels": [N]}, text="News")
    task["annotations"][0]["completed_by"] = {"email": "", "id": 3}
    assert read(written(tmp_path, task)) == [("7", (N,), {"annotator 3"})]


def test_offsets_alone_take_the_text_from_elsewhere(tmp_path: Path) -> None:
    export = written(tmp_path, task_of({"start": 0, "end": 4, "labels": [N]}, page_id="a"))
    [page] = read_label_studio(export, texts={"a": "News\nMore"})
    assert page == PageRecord("a", "News\nMore", make_page("a", "News\nMore", [N, None]).lines)


@pytest.mark.parametrize("text", ["https://page.example/7.txt", None])
def test_a_text_given_stands_in_for_a_link_to_it(tmp_path: Path, text: str | None) -> None:
    value = {"start": 0, "end": 4, "text": "News", "labels": [N]}
    export = written(tmp_path, task_of(value, page_id="a", text=text))
    [page] = read_label_studio(export, texts={"a": "News\nMore"})
    assert page.labels == (N, None)


def test_offsets_alone_without_a_text_are_refused(tmp_path: Path) -> None:
    export = written(tmp_path, task_of({"start": 0, "end": 4, "labels": [N]}, page_id="a"))
    with pytest.raises(DataError, match=r"export\.json: task 7, page a: it has no text"):
        list(read_label_studio(export))


@pytest.mark.parametrize(
    "text",
    [
        "https://ferry.example/again.txt\n",
        " HTTPS://ferry.example/again.txt",
        "s3://pages/again",
        "/data/upload/1/again.txt",
    ],
)
def test_a_link_in_place_of_the_text_is_refused(tmp_path: Path, text: str) -> None:
    export = written(tmp_path, task_of(page_id="a", text=text))
    message = rf"task 7, page a: it has only a link, {text.strip()}; give the file with the text"
    with pytest.raises(DataError, match=message):
        list(read_label_studio(export, texts={"b": "News"}))


def test_a_text_that_begins_with_a_link_is_a_text(tmp_path: Path) -> None:
    export = written(tmp_path, task_of(text="https://ferry.example/again\nNews"))
    assert next(read_label_studio(export)).labels == (None, None)


def test_offsets_as_browsers_count_them_are_those_of_the_same_lines(tmp_path: Path) -> None:
    value = {"start": 3, "end": 7, "text": "News", "labels": [N]}
    [page] = read_label_studio(written(tmp_path, task_of(value, text="🚢\nNews")))
    assert page.labels == (None, N)


def test_offsets_of_marked_up_text_are_those_of_all_of_it(tmp_path: Path) -> None:
    value = {
        "start": "/p[1]/text()[1]",
        "end": "/p[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 4,
        "globalOffsets": {"start": 5, "end": 9},
        "labels": [N],
    }
    [page] = read_label_studio(written(tmp_path, task_of(value, text="News\nMore")))
    assert page.labels == (None, N)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"start": 0, "end": 4, "labels": ["advert"]}, "label 'advert' is none of"),
        (
            {"start": 0, "end": 4, "labels": [N, C]},
            r'\{"start": 0, .*\} is no span with start, end and one label',
        ),
        ({"start": 0, "end": 99, "labels": [N]}, "span 0 to 99 lies outside the text"),
        ({"start": 0, "end": 4, "text": "Sport", "labels": [N]}, "should hold 'Sport'"),
    ],
)
def test_a_span_that_cannot_be_used_is_named_by_file_and_task(
    tmp_path: Path, value: dict[str, Any], message: str
) -> None:
    export = written(tmp_path, task_of(value, text="News", page_id="a"))
    with pytest.raises(DataError, match=rf"export\.json: task 7, page a: .*{message}"):
        list(read_label_studio(export))


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        "[" * 100_000,
        "[1]",
        '[{"data": 1}]',
        '[{"id": 1}]',
        '[{"data": {"text": "News"}, "annotations": [1]}]',
    ],
    ids=lambda content: content[:60],
)
def test_what_is_no_export_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"export\.json: "):
        list(read_label_studio(path))


def test_an_export_that_is_no_utf8_is_refused_as_that(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes('[{"data": {"text": "Café"}}]'.encode("latin-1"))
    with pytest.raises(DataError, match=r"export\.json: not UTF-8: "):
        list(read_label_studio(path))


def test_a_task_holds_a_prediction_of_every_line() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    assert [region["value"]["text"] for region in prediction["result"]] == [
        "Harbour Post",
        "The ferry 🚢 runs again.",
        "Subscribe to read on",
    ]


def test_a_task_holds_an_annotation_where_a_line_has_a_label_only() -> None:
    assert set(label_studio_task(make_page("a", "News"))) == {"data"}


def test_a_prediction_names_its_model() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    assert prediction["model_version"] == "toy"


def test_a_prediction_stands_where_its_text_does() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    values = [region["value"] for region in prediction["result"]]
    assert [PAGE.text[value["start"] : value["end"]] for value in values] == [
        value["text"] for value in values
    ]


def test_each_region_of_a_task_has_an_id_of_its_own() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    assert len({region["id"] for region in prediction["result"]}) == 3


def test_a_prediction_says_of_each_line_how_sure_the_model_is() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    sure = [line.confidence for line in toy().classify(PAGE.text).lines]
    assert [region["score"] for region in prediction["result"]] == pytest.approx(sure, abs=1e-4)


def test_a_prediction_of_a_page_without_a_line_is_empty() -> None:
    [prediction] = label_studio_task(make_page("a", "\n"), toy())["predictions"]
    assert (prediction["score"], prediction["result"]) == (0, [])


def test_a_prediction_says_how_sure_the_model_is() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    mean = sum(line.confidence for line in toy().classify(PAGE.text).lines) / 3
    assert prediction["score"] == pytest.approx(mean, abs=1e-4)


def test_predictions_are_not_read_back_as_labels(tmp_path: Path) -> None:
    write_label_studio([make_page("a", PAGE.text)], tmp_path / "tasks.json", classifier=toy())
    [page] = read_label_studio(tmp_path / "tasks.json")
    assert page.labels == (None, None, None)


def interface() -> Any:
    sdk = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="label-studio-sdk is not installed"
    )
    return sdk.LabelInterface(LABELLING)


def test_label_studio_takes_the_labelling_interface() -> None:
    assert interface().is_valid


def test_label_studio_takes_a_task_s_data() -> None:
    assert interface().validate_task({"data": label_studio_task(PAGE)["data"]})


def test_label_studio_finds_no_error_in_a_prediction() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    assert interface().validate_prediction(prediction, return_errors=True) == []


def test_label_studio_takes_an_annotation() -> None:
    [annotation] = label_studio_task(PAGE)["annotations"]
    assert interface().validate_annotation(annotation)


def test_a_prediction_with_a_fifth_label_would_not_be_taken() -> None:
    [prediction] = label_studio_task(PAGE, toy())["predictions"]
    prediction["result"][0]["value"]["labels"] = ["advert"]
    assert interface().validate_prediction(prediction, return_errors=True) != []


def test_label_studio_s_own_minimal_export_is_read(tmp_path: Path) -> None:
    converter = pytest.importorskip(
        "label_studio_sdk.converter", reason="label-studio-sdk is not installed"
    )
    out = tmp_path / "out"
    converter.Converter(config=LABELLING, project_dir=None).convert_to_json_min(
        str(EXPORT), str(out), is_dir=False
    )
    assert sorted(read(out / "result.json"), key=str) == sorted(read(MINIMAL), key=str)


def test_the_labelling_interface_is_that_of_the_docs() -> None:
    docs = Path(__file__).parents[3] / "docs" / "labelled-pages.md"
    assert f"```xml\n{LABELLING}```" in docs.read_text("utf-8")
