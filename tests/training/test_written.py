"""The pages written for the project, as labelled pages."""

from pathlib import Path

import pytest

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.corpus import is_final
from paywallstrip.training.datafile import read_pages, validate_file
from paywallstrip.training.records import PageRecord
from paywallstrip.training.written import WRITTEN, main, read_written
from tests.written import FOLDER, INDEX, read_page, read_short_texts


def test_every_written_page_is_a_labelled_page() -> None:
    pages = list(read_written(FOLDER))
    assert [(page.id, page.domain, page.language) for page in pages] == [
        (entry["name"], entry["domain"], entry["language"]) for entry in INDEX
    ]


@pytest.mark.slow
@pytest.mark.parametrize("page", read_written(FOLDER), ids=lambda page: page.id)
def test_a_page_s_lines_are_those_of_its_file(page: PageRecord) -> None:
    path = FOLDER / f"{page.id}.tsv"
    lines = [line.partition("\t") for line in path.read_text("utf-8").split("\n") if line]
    got = zip(page.labels, page.line_texts, strict=True)
    assert list(got) == [(label, text) for label, _, text in lines]


def test_the_pages_can_be_written_by_a_command(tmp_path: Path) -> None:
    main([str(FOLDER), str(tmp_path / "pages.jsonl")])
    assert list(read_pages(tmp_path / "pages.jsonl")) == list(read_written(FOLDER))


def test_what_the_command_writes_is_valid(tmp_path: Path) -> None:
    main([str(FOLDER), str(tmp_path / "pages.jsonl")])
    assert validate_file(tmp_path / "pages.jsonl") == []


def test_some_of_the_pages_can_be_chosen() -> None:
    pages = read_written(FOLDER, names=["preview-it", "badges-de"])
    assert sorted(page.id for page in pages) == ["badges-de", "preview-it"]


def test_a_page_that_is_not_in_the_index_is_refused() -> None:
    with pytest.raises(DataError, match=r"index\.json has no page nowhere"):
        list(read_written(FOLDER, names=["nowhere"]))


def test_a_line_without_a_label_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('[{"name": "a", "domain": "", "language": ""}]')
    (tmp_path / "a.tsv").write_text("content\tNews\nNews\n")
    with pytest.raises(DataError, match=r"a\.tsv:2: expected a label, a tab and the line: 'News'"):
        list(read_written(tmp_path))


def test_the_tests_read_the_same_page() -> None:
    page = next(read_written(FOLDER))
    written = read_page(page.id)
    assert (page.text, page.labels) == (written.text, written.labels)


TRAINED_ON = list(read_written(WRITTEN))


def test_pages_to_train_on_are_many() -> None:
    assert len(TRAINED_ON) >= 250


def test_they_hold_all_four_labels_in_many_languages() -> None:
    languages = {page.language for page in TRAINED_ON if len(set(page.labels)) == len(LABELS)}
    assert len(languages) >= 30


@pytest.mark.slow
@pytest.mark.parametrize("page", TRAINED_ON, ids=lambda page: page.id)
def test_a_page_to_train_on_is_valid(page: PageRecord) -> None:
    assert set(page.labels) <= set(LABELS)
    assert all(line == " ".join(line.split()) for line in page.line_texts)


def test_no_made_up_site_falls_into_the_final_part() -> None:
    assert not any(is_final(page.domain) for page in TRAINED_ON)


def test_no_long_line_of_a_page_that_judges_is_trained_on() -> None:
    judging = {line for page in read_written(FOLDER) for line in page.line_texts}
    judging |= {line for text in read_short_texts().values() for line in text.text.split("\n")}
    trained = {line for page in TRAINED_ON for line in page.line_texts}
    assert not [line for line in judging & trained if len(line) > 40]
