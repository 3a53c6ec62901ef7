"""Examples that need an extra are skipped where it is not installed."""

from importlib.util import find_spec

import pytest

# What is asked for where the name of an example holds one of these.
NEEDS = {"html": "turbohtml", "read_markup": "turbohtml"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples of functions whose extra is missing."""
    for item in items:
        if isinstance(item, pytest.DoctestItem):
            function = item.name.rpartition(".")[2]
            for part, package in NEEDS.items():
                if part in function and find_spec(package) is None:
                    item.add_marker(pytest.mark.skip(reason=f"{package} is not installed"))
