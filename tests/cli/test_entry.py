"""The start, with and without the extra."""

import subprocess
import sys

import pytest

# Import hooks stand in for an environment without a package; tests/packaging has a real one.
WITHOUT = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name == {name!r} else found(name, package)
)
from paywallstrip.cli.entry import main
main()
"""


@pytest.mark.parametrize("name", ["click", "rich"])
def test_either_missing_package_gives_the_pip_line_and_2(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(name=name), "clean"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "paywallstrip[cli]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_importing_the_library_imports_no_command_line() -> None:
    code = "import paywallstrip, sys; print(sorted({'click', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
