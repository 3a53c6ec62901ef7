"""Examples that need an extra are skipped where it is not installed."""

import doctest
from importlib.util import find_spec

import pytest

# What is asked for where the name of an example, or a line of README.md, holds one of these.
NEEDS = dict.fromkeys(("html", "read_markup", "decode_declared"), "turbohtml")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples of functions whose extra is missing; of README.md, its lines."""
    missing = {part: package for part, package in NEEDS.items() if find_spec(package) is None}
    for item in items:
        if isinstance(item, pytest.DoctestItem):
            function = item.name.rpartition(".")[2]
            for part, package in missing.items():
                if part in function:
                    item.add_marker(pytest.mark.skip(reason=f"{package} is not installed"))
            # One item holds all of README.md, most of which needs no extra.
            for example in item.dtest.examples if item.path.suffix == ".md" else ():
                if any(part in example.source for part in missing):
                    example.options[doctest.SKIP] = True
