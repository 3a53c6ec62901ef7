"""Reading the corpora, the split by site, languages and scripts."""

import dataclasses
import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.corpus import (
    fold_of,
    is_final,
    language_of,
    read_bodies,
    read_labelled,
    split_of,
)

LABELLED = {
    "id": "invented:1",
    "source": "invented",
    "url": "",
    "domain": "ferry.example",
    "converter": "html-text 0.7.1",
    "lines": ["Home", "The ferry runs."],
    "labels": ["navigation", "content"],
    "html": "<p>The ferry runs.",
}
BODY = {
    "id": "invented:2",
    "source": "invented",
    "url": "https://ferry.example/2",
    "domain": "ferry.example",
    "page_type": "article",
    "title": "Ferry",
    "body": "The ferry runs.\nAgain.",
    "must_have": ["ferry"],
    "must_not_have": None,
    "html": "<p>The ferry runs.",
}


def written(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "pages.jsonl.xz"
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return path


def test_a_labelled_page_comes_with_its_lines(tmp_path: Path) -> None:
    [page] = read_labelled(written(tmp_path, LABELLED))
    assert page.lines == ("Home", "The ferry runs.")


def test_a_labelled_page_comes_with_its_labels(tmp_path: Path) -> None:
    [page] = read_labelled(written(tmp_path, LABELLED))
    assert page.labels == ("navigation", "content")


def test_a_label_too_few_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, LABELLED | {"labels": ["content"]})
    with pytest.raises(ValueError, match="invented:1: 2 lines, 1 labels"):
        list(read_labelled(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"domain": None}, "field 'domain' must be a string, found null"),
        ({"lines": "Home"}, "field 'lines' must be a list, found a string"),
        ({"lines": ["Home", 3]}, "field 'lines' must hold strings, found a number"),
        ({"url": 3}, "field 'url' must be a string, found a number"),
        ({"labels": ["navigation", "advert"]}, "label 'advert' is none of content, paywall"),
        ({"lines": ["Home", " "]}, "' ' is not one non-blank line"),
        ({"lines": ["Home", "a\nb"]}, r"'a\\nb' is not one non-blank line"),
    ],
)
def test_a_fault_is_named_by_file_row_and_page(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = written(tmp_path, BODY | LABELLED, LABELLED | change)
    with pytest.raises(DataError, match=f"pages.jsonl.xz:2: page invented:1: {message}"):
        list(read_labelled(path))


def test_a_fault_of_a_body_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, BODY | {"must_have": "ferry"})
    with pytest.raises(DataError, match=":1: page invented:2: field 'must_have' must be a list"):
        list(read_bodies(path))


def test_a_page_cannot_be_changed(tmp_path: Path) -> None:
    [page] = read_labelled(written(tmp_path, LABELLED))
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.id = "other"  # type: ignore[misc]


def test_a_body_comes_as_it_stands(tmp_path: Path) -> None:
    [page] = read_bodies(written(tmp_path, BODY))
    assert page.body == "The ferry runs.\nAgain."


def test_unknown_snippets_are_none_at_all(tmp_path: Path) -> None:
    [page] = read_bodies(written(tmp_path, BODY))
    assert page.must_not_have == ()


def test_pages_come_in_the_file_s_order(tmp_path: Path) -> None:
    path = written(tmp_path, *(BODY | {"id": name} for name in "bca"))
    assert [page.id for page in read_bodies(path)] == ["b", "c", "a"]


def test_the_bucket_is_the_hash_of_the_domain() -> None:
    # `printf example.org | sha1sum` starts with 20116dfd6774a9e7.
    assert split_of("example.org") == 0x20116DFD6774A9E7 % 100 == 95


@pytest.mark.parametrize("domain", ["example.org", "bücher.example", "", "a.b.example"])
def test_a_bucket_is_below_a_hundred(domain: str) -> None:
    assert split_of(domain) in range(100)


def test_buckets_from_eighty_on_are_final() -> None:
    sites = [f"{number}.example" for number in range(300)]
    assert all(is_final(site) == (split_of(site) >= 80) for site in sites)


def test_about_a_fifth_of_the_sites_is_final() -> None:
    assert 0.17 < sum(is_final(f"{number}.example") for number in range(3000)) / 3000 < 0.23


def test_a_training_site_has_one_of_five_folds() -> None:
    sites = [f"{number}.example" for number in range(300)]
    assert {fold_of(site) for site in sites if not is_final(site)} == set(range(5))


def test_a_final_site_has_no_fold() -> None:
    site = next(f"{number}.example" for number in range(300) if is_final(f"{number}.example"))
    with pytest.raises(ValueError, match="final part"):
        fold_of(site)


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<!DOCTYPE html>\n<html lang="de-AT">', "de"),
        ("<html class='a b' lang='EN'>", "en"),
        ("<HTML LANG=fr>", "fr"),
        ('<html xml:lang="pt_BR">', "pt"),
        ('<html\n  prefix="og: http://ogp.me/ns#"\n  lang = "ja">', "ja"),
        ("<html>", "und"),
        ('<html lang="">', "und"),
        ('<html data-lang="sv">', "und"),
        ('<html><body lang="sv">', "und"),
        ("", "und"),
        ("<html lang=", "und"),
    ],
)
def test_the_language_is_what_the_page_declares(html: str, language: str) -> None:
    assert language_of(html) == language
