"""Runs the real command in a process of its own."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(sysconfig.get_path("scripts"), "paywallstrip")
EXTRA = all(map(find_spec, ("click", "rich")))
TRAIN = all(map(find_spec, ("sklearn", "joblib", "scipy")))
needs_training = pytest.mark.skipif(not TRAIN, reason="the extra [train] is not installed")
HERE = Path(__file__).parent
# One that is not shipped.
OTHER_MODEL = str(HERE.parent / "models" / "format-4")
PAGE = """\
Home | News | Sport | Subscribe
Harbour bridge closes for repairs
The old harbour bridge closes on Monday for six weeks, the town council said on Friday.
“We found cracks in two of its four bearings,” said the chief engineer, Åsa Lindqvist.
Subscribe to continue reading
"""

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@contextmanager
def unread() -> Iterator[int]:
    """Give the end of a pipe to write to, whose other end nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the folder's tests where the command line cannot work."""
    if EXTRA:
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="the extra [cli] is not installed"))


@pytest.fixture(params=["script", "module"])
def command(request: pytest.FixtureRequest) -> list[str]:
    """Both ways to start it: the console script and the module."""
    if request.param == "module":
        return [sys.executable, "-m", "paywallstrip"]
    return [str(SCRIPT)]


@pytest.fixture
def run() -> Run:
    """Start the console script with arguments, input and extra environment variables."""

    def start(
        *arguments: str | bytes, text: bytes = b"", **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [SCRIPT, *arguments],
            input=text,
            capture_output=True,
            env={**os.environ, **variables},
            timeout=120,
            check=False,
        )

    return start


@pytest.fixture
def page() -> bytes:
    """A small page, as bytes."""
    return PAGE.encode()
