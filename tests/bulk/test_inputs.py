"""Which files are found, and what their outputs are called."""

import os
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.bulk.inputs import find_inputs, kind_of
from paywallstrip.bulk.records import BulkError
from paywallstrip.bulk.run import run
from paywallstrip.bulk.settings import Settings


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(found: list) -> list[str]:
    return [str(each.name) for each in found]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text"),
        ("A.TXT", "text"),
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.xhtml", "html"),
        ("a.jsonl", "jsonl"),
        ("a.json.gz", "jsonl"),
        ("a.ndjson.zst", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.warc.gz", "warc"),
        ("a.warc.wet.gz", "warc"),
        ("a.wet", "warc"),
        ("a.gz", None),
        ("a.csv", None),
        ("jsonl", None),
    ],
)
def test_the_name_tells_the_format(name: str, kind: str | None) -> None:
    assert kind_of(Path(name)) == kind


def test_a_folder_is_searched_through_in_order(tmp_path: Path) -> None:
    make(tmp_path, "in/b.txt", "in/a/c.jsonl", "in/z.png", "in/.hidden.txt", "in/.git/x.txt")
    found = find_inputs([str(tmp_path / "in")], tmp_path / "out")
    assert names(found) == ["b.txt", "a/c.jsonl"]


def test_what_comes_of_html_is_called_text(tmp_path: Path) -> None:
    make(tmp_path, "in/a/b.html")
    found = find_inputs([str(tmp_path / "in")], tmp_path / "out")
    assert names(found) == ["a/b.html.txt"]


def test_two_files_that_would_become_one_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "in/a.html", "in/a.html.txt")
    with pytest.raises(BulkError, match=r"would both be written to a\.html\.txt"):
        find_inputs([str(tmp_path / "in")], tmp_path / "out")


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/b.txt", "in/a.txt")
    (tmp_path / "in/linked").symlink_to(tmp_path / "elsewhere")
    found = find_inputs([str(tmp_path / "in")], tmp_path / "out")
    assert names(found) == ["a.txt", "linked/b.txt"]


def test_a_link_that_leads_back_is_not_followed_for_ever(tmp_path: Path) -> None:
    make(tmp_path, "in/x/a.txt")
    (tmp_path / "in/x/back").symlink_to(tmp_path / "in")
    assert names(find_inputs([str(tmp_path / "in")], tmp_path / "out")) == ["x/a.txt"]


def test_what_a_link_names_once_more_keeps_its_own_name(tmp_path: Path) -> None:
    make(tmp_path, "in/v2/a.txt")
    (tmp_path / "in/current").symlink_to(tmp_path / "in/v2")
    assert names(find_inputs([str(tmp_path / "in")], tmp_path / "out")) == ["v2/a.txt"]


def test_a_link_upwards_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "other/b.txt", "in/a.txt")
    (tmp_path / "in/up").symlink_to(tmp_path)
    assert names(find_inputs([str(tmp_path / "in")], tmp_path / "out")) == ["a.txt"]


@pytest.mark.parametrize("target", ["loop.txt", "nothing.txt"])
def test_a_link_to_nothing_is_passed_over(tmp_path: Path, target: str) -> None:
    make(tmp_path, "in/a.txt")
    (tmp_path / "in/loop.txt").symlink_to(tmp_path / "in" / target)
    assert names(find_inputs([str(tmp_path / "in")], tmp_path / "out")) == ["a.txt"]


def test_a_link_to_nothing_that_is_named_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nothing.txt")
    with pytest.raises(BulkError, match="no such file"):
        find_inputs([str(tmp_path / "a.txt")], tmp_path / "out")


@pytest.mark.parametrize("given", ["in", "in/**"])
def test_a_file_keeps_its_own_name_beside_a_link_to_it(tmp_path: Path, given: str) -> None:
    make(tmp_path, "in/v2/a.txt")
    (tmp_path / "in/0.txt").symlink_to(tmp_path / "in/v2/a.txt")
    assert names(find_inputs([str(tmp_path / given)], tmp_path / "out")) == ["v2/a.txt"]


@pytest.mark.parametrize("given", ["in", "in/**/*.txt"])
def test_a_file_keeps_its_own_name_beside_a_link_to_its_folder(tmp_path: Path, given: str) -> None:
    make(tmp_path, "in/zzz/a.txt")
    (tmp_path / "in/aaa").symlink_to(tmp_path / "in/zzz")
    assert names(find_inputs([str(tmp_path / given)], tmp_path / "out")) == ["zzz/a.txt"]


def test_a_link_to_a_file_elsewhere_is_an_input(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/b.txt", "in/c.txt")
    (tmp_path / "in/a.txt").symlink_to(tmp_path / "elsewhere/b.txt")
    assert names(find_inputs([str(tmp_path / "in")], tmp_path / "out")) == ["c.txt", "a.txt"]


@pytest.mark.parametrize("name", ["a" * 232 + ".txt", "a" * 231 + ".html"])
def test_a_name_too_long_for_what_stands_beside_its_output_is_refused(
    tmp_path: Path, name: str
) -> None:
    make(tmp_path, name)
    with pytest.raises(BulkError, match=r"a name of more than 235 bytes, .* shorten it"):
        find_inputs([str(tmp_path)], tmp_path / "out")


def test_the_longest_name_leaves_room_for_all_that_stands_beside_it(tmp_path: Path) -> None:
    make(tmp_path, "a" * 231 + ".txt")
    (tmp_path / ("a" * 231 + ".txt")).write_bytes(b"\xff")
    (tmp_path / ("a" * 229 + ".jsonl")).write_bytes(b"bad\n")
    out = tmp_path / "out"
    settings = Settings(keep_removed=True)
    *_, last = run(find_inputs([str(tmp_path)], out), out, settings)
    assert last.totals.rejected == 2


def test_a_pattern_keeps_the_folders_behind_its_first_wildcard(tmp_path: Path) -> None:
    make(tmp_path, "in/x/1.txt", "in/y/1.txt", "in/y/2.jsonl")
    found = find_inputs([str(tmp_path / "in/*/*.txt")], tmp_path / "out")
    assert names(found) == ["x/1.txt", "y/1.txt"]


def test_a_pattern_that_leads_out_of_the_output_folder_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "in/x/1.txt", "in/2.txt")
    with pytest.raises(BulkError, match=r"\.\. behind a wildcard .* outside --out"):
        find_inputs([str(tmp_path / "in/*/../*.txt")], tmp_path / "out")


def test_a_pattern_may_lead_upwards_before_its_first_wildcard(tmp_path: Path) -> None:
    make(tmp_path, "in/x/1.txt", "in/2.txt")
    found = find_inputs([str(tmp_path / "in/x/../*.txt")], tmp_path / "out")
    assert names(found) == ["2.txt"]


def test_a_name_with_brackets_is_a_file_if_there_is_one(tmp_path: Path) -> None:
    make(tmp_path, "page[1].txt")
    found = find_inputs([str(tmp_path / "page[1].txt")], tmp_path / "out")
    assert names(found) == ["page[1].txt"]


def test_a_file_named_twice_is_cleaned_once(tmp_path: Path) -> None:
    make(tmp_path, "in/a.txt")
    found = find_inputs([str(tmp_path / "in"), str(tmp_path / "in/a.txt")], tmp_path / "out")
    assert names(found) == ["a.txt"]


def test_the_output_folder_and_rejects_are_no_inputs(tmp_path: Path) -> None:
    make(tmp_path, "a.jsonl", "out/a.jsonl", "b.jsonl.rejects.jsonl")
    assert names(find_inputs([str(tmp_path)], tmp_path / "out")) == ["a.jsonl"]


def test_two_inputs_for_one_output_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "x/a.txt", "y/a.txt")
    with pytest.raises(BulkError, match=r"would both be written to a\.txt"):
        find_inputs([str(tmp_path / "x"), str(tmp_path / "y")], tmp_path / "out")


def test_an_output_never_replaces_its_input(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    with pytest.raises(BulkError, match="would replace it"):
        find_inputs([str(tmp_path / "a.txt")], tmp_path)


def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "in/a.txt", "in/closed/b.txt")
    # Not by its mode, since root may read all.
    opened = os.scandir

    def refused(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(BulkError, match="closed: Permission denied"):
        find_inputs([str(tmp_path / "in")], tmp_path / "out")


def test_standard_input_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="`paywallstrip clean` reads standard input"):
        find_inputs(["-"], tmp_path)


def test_a_folder_that_is_the_output_folder_is_said_to_hold_no_inputs(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    with pytest.raises(BulkError, match="what lies in --out"):
        find_inputs([str(tmp_path)], tmp_path)


def test_a_folder_of_other_files_is_told_which_names_are_read(tmp_path: Path) -> None:
    (tmp_path / "page.pdf").touch()
    with pytest.raises(BulkError, match=r"a name must end in \.txt, .*\.html"):
        find_inputs([str(tmp_path)], tmp_path / "out")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nothing.txt", "no such file or folder"),
        ("*.jsonl", "no file matches"),
        ("a.csv", "of no known format"),
        ("empty", "no file of a known format"),
    ],
)
def test_what_names_nothing_is_refused(tmp_path: Path, given: str, message: str) -> None:
    make(tmp_path, "a.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BulkError, match=message):
        find_inputs([str(tmp_path / given)], tmp_path / "out")


def test_an_empty_name_is_not_the_folder_that_one_is_in(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="an input is empty"):
        find_inputs([""], tmp_path / "out")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(BulkError, match="not a regular file"):
        find_inputs([str(tmp_path / "a.jsonl")], tmp_path / "out")
