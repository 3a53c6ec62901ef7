"""Building the views of a corpus, on invented pages and with invented converters."""

import time
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training import views
from paywallstrip.training.converters import Converter
from paywallstrip.training.corpus import LabelledPage
from paywallstrip.training.views import View, fold_lines, read_views, time_limit, views_of
from tests.tiny import pack

PAGE = LabelledPage(
    id="invented:1",
    source="invented",
    url="",
    domain="ferry.example",
    converter="none",
    lines=("Home", "The ferry runs."),
    labels=("navigation", "content"),
    html="Home\n\n  The \t ferry runs.\nNew",
)


def same(html: str) -> str:
    return html


def endless(_html: str) -> str:
    while True:
        try:
            time.sleep(0.01)
        except Exception:  # an extractor that goes on whatever happens
            continue


@pytest.fixture(autouse=True)
def converters(monkeypatch: pytest.MonkeyPatch, forked: None) -> None:
    table = {"same": Converter("same", "dump", "numpy", lambda: same)}
    monkeypatch.setattr(views, "CONVERTERS", table)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    labelled = {"source": "", "domain": "", "converter": "", "lines": ["Home"]}
    labelled |= {"labels": ["navigation"], "html": "Home"}
    body = {"source": "", "domain": "", "html": "Home\ud800"}
    pack(folder / "labelled.jsonl.xz", [labelled | {"id": str(number)} for number in range(40)])
    types = ("forum", "article")
    pack(folder / "bodies.jsonl.xz", [body | {"id": kind, "page_type": kind} for kind in types])
    return folder


def test_lines_are_folded_and_empty_ones_left_out() -> None:
    assert fold_lines(" a \u00a0 b\r\n\r\rc\u2028d\n \n") == ["a b", "c d"]


def test_a_view_carries_the_labels_along() -> None:
    lines = ("Home", "The ferry runs.", "New")
    assert views_of(PAGE) == [View("invented:1", "same", lines, ("navigation", "content", None))]


def test_a_converter_that_takes_too_long_gives_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"endless": Converter("endless", "dump", "numpy", lambda: endless)}
    monkeypatch.setattr(views, "CONVERTERS", table)
    assert views_of(PAGE, seconds=0.05)[0].lines == ()


def test_a_time_limit_that_is_kept_leaves_no_alarm() -> None:
    with time_limit(0.01):
        pass
    time.sleep(0.03)


def test_every_page_has_its_views(corpus: Path, tmp_path: Path) -> None:
    views.build_views(corpus, tmp_path / "out")
    built = read_views(tmp_path / "out" / "labelled.jsonl.xz")
    assert [view.id for view in built] == [str(number) for number in range(40)]


def test_articles_come_before_other_bodies(corpus: Path, tmp_path: Path) -> None:
    views.build_views(corpus, tmp_path / "out")
    built = read_views(tmp_path / "out" / "bodies.jsonl.xz")
    assert [view.id for view in built] == ["article", "forum"]


def test_views_of_bodies_have_no_labels(corpus: Path, tmp_path: Path) -> None:
    views.build_views(corpus, tmp_path / "out")
    built = read_views(tmp_path / "out" / "bodies.jsonl.xz")
    assert [view.labels for view in built] == [None, None]


def test_a_run_that_was_broken_off_goes_on(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "labelled.jsonl.xz"
    views.build_views(corpus, tmp_path / "out")
    whole = list(read_views(path))
    path.write_bytes(path.read_bytes()[:-20])
    views.build_views(corpus, tmp_path / "out")
    assert list(read_views(path)) == whole


def test_a_second_run_changes_nothing(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "labelled.jsonl.xz"
    views.build_views(corpus, tmp_path / "out")
    first = path.read_bytes()
    views.build_views(corpus, tmp_path / "out", n_jobs=2)
    assert path.read_bytes() == first


def test_views_by_other_versions_are_not_mixed(corpus: Path, tmp_path: Path) -> None:
    views.build_views(corpus, tmp_path / "out")
    (tmp_path / "out" / "versions.json").write_text('{"numpy": "0"}')
    with pytest.raises(ValueError, match="other versions of numpy"):
        views.build_views(corpus, tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"view": None}, "field 'view' must be a string, found null"),
        ({"labels": ["advert"]}, "label 'advert' is none of"),
        ({"labels": []}, "1 lines, 0 labels"),
    ],
)
def test_what_is_no_view_is_named_by_file_row_and_page(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    view = {"id": "a", "view": "same", "lines": ["Home"], "labels": [None]}
    pack(tmp_path / "views.jsonl.xz", [view, view | change])
    with pytest.raises(DataError, match=rf"views\.jsonl\.xz:2: page a: {message}"):
        list(read_views(tmp_path / "views.jsonl.xz"))


def test_only_the_pages_asked_for_are_converted(corpus: Path, tmp_path: Path) -> None:
    views.build_views(corpus, tmp_path / "out", wanted=lambda page: page.id == "nowhere")
    assert list(read_views(tmp_path / "out" / "labelled.jsonl.xz")) == []
