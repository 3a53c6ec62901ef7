"""What the tests of the adapters do where a framework is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.conftest import REQUIRED

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("required", "code"), [("", 5), ("1", 2)], ids=["elsewhere", "required"])
def test_a_missing_framework_fails_its_file_only_where_it_is_required(
    tmp_path: Path, required: str, code: int
) -> None:
    skip = 'import pytest\npytest.importorskip("no_such_module", reason="it is not installed")\n'
    (tmp_path / "test_adapter.py").write_text(skip)
    hook = "from tests.integrations.conftest import pytest_make_collect_report\n"
    (tmp_path / "conftest.py").write_text(hook)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), REQUIRED: required}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == code, done.stdout
