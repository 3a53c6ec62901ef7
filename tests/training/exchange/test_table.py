"""CSV, as spreadsheets write it, too."""

import csv
from pathlib import Path

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.exchange.table import read_table, write_table
from paywallstrip.training.records import make_page

EXCEL = Path(__file__).parents[2] / "cases" / "exchange" / "excel-de.csv"
HEADER = "page,line,text,label\n"
C, N = "content", "navigation"


def written(folder: Path, content: str) -> Path:
    path = folder / "pages.csv"
    path.write_text(content, "utf-8")
    return path


def test_a_table_from_excel_with_semicolons_is_read() -> None:
    assert list(read_table(EXCEL)) == [
        make_page(
            "ferry:1",
            'Harbour Post\nNews\n\nThe ferry 🚢 runs again; "at last".\nSubscribe to read on\n',
            ["navigation", "navigation", "content", None],
        ),
        make_page("bote:2", "Stadtbote\nMehr zum Thema\n", ["navigation", "related-links"]),
    ]


def test_other_marks_may_stand_in_a_name(tmp_path: Path) -> None:
    path = written(tmp_path, 'page;line;text;label;"seen, when"\na;1;News;content;today\n')
    assert list(read_table(path)) == [make_page("a", "News\n", ["content"])]


def test_rows_of_a_page_that_do_not_stand_together_are_refused(tmp_path: Path) -> None:
    rows = "a,1,Home,content\nb,1,Start,content\na,2,Rain,content\n"
    path = written(tmp_path, f"page,line,text,label\n{rows}")
    with pytest.raises(DataError, match=r":4: page a comes again with other lines"):
        list(read_table(path))


@pytest.mark.parametrize(
    ("other", "message"),
    [("News", "comes twice in a row"), ("\n\nMore", "comes with other lines, too")],
)
def test_pages_that_would_be_read_back_as_one_are_refused(
    tmp_path: Path, other: str, message: str
) -> None:
    pages = [make_page("a", "News", ["content"]), make_page("a", other, ["content"])]
    between = [make_page("b", "")] if other == "News" else [make_page("b", "Home", [None])]
    with pytest.raises(DataError, match=f"page a {message}"):
        write_table([pages[0], *between, pages[1]], tmp_path / "pages.csv")


def test_a_page_that_could_not_be_read_back_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"page a has more than 1,048,576 lines"):
        write_table([make_page("a", "\n" * (1 << 20) + "News")], tmp_path / "pages.csv")


def test_a_page_of_as_many_lines_as_a_sheet_has_rows_comes_back(tmp_path: Path) -> None:
    page = make_page("a", "\n" * ((1 << 20) - 1) + "News\n", [C])
    write_table([page], tmp_path / "pages.csv")
    assert list(read_table(tmp_path / "pages.csv")) == [page]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_rows_may_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    path = tmp_path / "pages.csv"
    path.write_bytes(f"page,line,text,label{end}a,1,News,content{end}".encode())
    assert list(read_table(path)) == [make_page("a", "News\n", [C])]


def test_rows_that_a_spreadsheet_left_empty_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "a,1,News,content\n,,,\n\n")
    assert list(read_table(path)) == [make_page("a", "News\n", [C])]


def test_white_space_around_a_label_does_not_matter(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "a,1,News, content \n")
    assert next(read_table(path)).labels == (C,)


def test_an_open_line_is_by_nobody(tmp_path: Path) -> None:
    path = written(tmp_path, "page,line,text,label,by\na,1,News,,Ada\n")
    assert list(read_table(path)) == [make_page("a", "News\n")]


def test_reading_leaves_the_longest_field_of_others_as_it_was() -> None:
    before = csv.field_size_limit(1000)
    try:
        list(read_table(EXCEL))
    finally:
        after = csv.field_size_limit(before)
    assert after == 1000


def test_tabs_part_columns_too(tmp_path: Path) -> None:
    path = written(tmp_path, "label\tpage\tline\ttext\ncontent\ta\t1\tNews, again\n")
    assert list(read_table(path)) == [make_page("a", "News, again\n", ["content"])]


def test_every_field_is_quoted(tmp_path: Path) -> None:
    write_table([make_page("a", "News", ["content"])], tmp_path / "pages.csv")
    assert (tmp_path / "pages.csv").read_bytes().splitlines()[1] == (
        b'"a","1","News","content","","","","",""'
    )


def test_a_line_s_number_counts_blank_lines(tmp_path: Path) -> None:
    write_table([make_page("a", "\n\r\nNews\r \nMore")], tmp_path / "pages.csv")
    rows = (tmp_path / "pages.csv").read_text().splitlines()[1:]
    assert [row.split(",")[1] for row in rows] == ['"3"', '"5"']


def test_a_page_labelled_twice_needs_another_one_in_between(tmp_path: Path) -> None:
    pages = [
        make_page(name, "News\n", [label]) for name, label in zip("aba", [C, C, N], strict=True)
    ]
    write_table(pages, tmp_path / "pages.csv")
    assert list(read_table(tmp_path / "pages.csv")) == pages


def test_a_page_without_a_line_is_left_out(tmp_path: Path) -> None:
    write_table([make_page("a", "\n"), make_page("b", "News\n")], tmp_path / "pages.csv")
    assert [page.id for page in read_table(tmp_path / "pages.csv")] == ["b"]


def test_one_id_twice_in_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="page a comes twice in a row"):
        write_table([make_page("a", "News")] * 2, tmp_path / "pages.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"csv:1: column 'page' is missing: expected page, line, text, label"),
        ("page,line,text\n", r"csv:1: column 'label' is missing"),
        ("label,page,line,text,label\n", r"csv:1: column 'label' stands there twice"),
        ("page,line,text,label,by,by\n", r"csv:1: column 'by' stands there twice"),
        (HEADER + "a,1,News\n", r"csv:2: 3 fields, but 4 columns"),
        ("text,label,line,page\nNews\n", r"csv:2: 1 fields, but 4 columns"),
        (HEADER + ",1,News,content\n", r"csv:2: column 'page' is empty"),
        (HEADER + "a,1,News,advert\n", r"csv:2: page a, line 1: label 'advert' is none of"),
        (HEADER + "a,x,News,content\n", r"csv:2: page a, line x: line numbers must be whole"),
        (HEADER + "a,²,News,content\n", r"csv:2: page a, line ²: line numbers must be whole"),
        (HEADER + "a,0,News,content\n", r"csv:2: page a, line 0: line numbers must be whole"),
        (HEADER + "a,2000000000,News,content\n", r"csv:2: page a, line 2.*: .* end by 1,048,576"),
        (HEADER + f"a,{'9' * 5000},News,content\n", r"csv:2: page a, line 9+: line numbers"),
        (HEADER + "a,2,B,\na,1,A,\n", r"csv:3: page a, line 1: line numbers must .* rise"),
        (HEADER + "a,1, ,content\n", r"csv:2: page a, line 1: ' ' is not one non-blank line"),
        (HEADER + 'a,1,"A\nB",content\n', r"csv:3: page a, line 1: 'A\\nB' is not one"),
        (HEADER + 'a,1,"A"B,content\n', r"csv: not CSV: "),
    ],
)
def test_what_cannot_be_used_is_named_by_file_and_row(
    tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        list(read_table(written(tmp_path, content)))


@pytest.mark.parametrize("domains", [("x.example", ""), ("", "x.example")])
def test_a_domain_may_stand_in_one_row_of_a_page(tmp_path: Path, domains: tuple[str, str]) -> None:
    rows = f"a,1,Home,content,{domains[0]}\na,2,News,content,{domains[1]}\n"
    [page] = read_table(written(tmp_path, f"page,line,text,label,domain\n{rows}"))
    assert page.domain == "x.example"


def test_two_domains_of_one_page_are_refused(tmp_path: Path) -> None:
    rows = "a,1,Home,content,x.example\na,2,News,content,y.example\n"
    path = written(tmp_path, f"page,line,text,label,domain\n{rows}")
    with pytest.raises(DataError, match=r"csv:3: page a: domain 'y.example', but 'x.example'"):
        list(read_table(path))


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="half a surrogate pair cannot be written here"):
        write_table([make_page("a", "\ud800")], tmp_path / "pages.csv")
