"""The start, with and without the extra."""

import subprocess
import sys

import pytest

from paywallstrip.cli import entry

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


def test_memory_that_runs_out_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_out() -> int:
        raise MemoryError

    monkeypatch.setattr(entry, "_run", run_out)
    with pytest.raises(SystemExit, match="1"):
        entry.main()
    assert capsys.readouterr().err.startswith("paywallstrip: there is not enough memory")


def test_importing_the_library_imports_no_command_line() -> None:
    code = "import paywallstrip, sys; print(sorted({'click', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
