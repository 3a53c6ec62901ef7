"""A parser that cannot be used is left out, and the table says why."""

from benchmarks.parsers import skipped


def test_a_parser_that_is_not_installed_is_skipped_with_the_pip_line() -> None:
    row = skipped("no-such-parser", ModuleNotFoundError("No module named 'no_such_parser'"))
    assert row == "| no-such-parser | skipped: not installed, pip install no-such-parser |"


def test_a_parser_that_refuses_to_be_imported_is_skipped_with_its_reason() -> None:
    row = skipped("pytest", RuntimeError("built for another libxml2"))
    assert row.startswith("| pytest ")
    assert row.endswith("| skipped: built for another libxml2 |")
