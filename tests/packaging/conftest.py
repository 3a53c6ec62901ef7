"""Builds the distributions once, and installs them where the sources are not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__, "../../..").resolve()
# What an environment is told from outside would let the checkout in.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class Distributions(NamedTuple):
    """The files that one build of the checkout made."""

    sdist: Path
    wheel: Path
    wheel_of_sdist: Path


class Environment:
    """A fresh environment, used from a folder that holds nothing else."""

    def __init__(self, folder: Path, *requirements: str | Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, env=CLEAN)
        self.run("python", "-m", "pip", "install", "--quiet", *requirements)

    def run(
        self, program: str, *arguments: str | Path, text: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; a failure shows what it printed."""
        done = subprocess.run(
            [self.folder / "venv" / "bin" / program, *arguments],
            cwd=self.folder,
            env=CLEAN,
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def python(self, code: str, text: str = "") -> str:
        """Run Python code and return what it printed; `-I` keeps the folder off its path."""
        return self.run("python", "-I", "-c", code, text=text).stdout


def build(out: Path, *options: str) -> list[Path]:
    """Build the checkout into a folder and return the files made."""
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", out, *options, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(out.iterdir())


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """An sdist, a wheel built from it, and a wheel built from the checkout."""
    wheel_of_sdist, sdist = build(tmp_path_factory.mktemp("sdist"))
    (wheel,) = build(tmp_path_factory.mktemp("wheel"), "--wheel")
    assert (sdist.suffix, wheel_of_sdist.suffix) == (".gz", ".whl")
    return Distributions(sdist, wheel, wheel_of_sdist)


@pytest.fixture(scope="session")
def installed(
    distributions: Distributions, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """An environment with the wheel and what it requires, nothing else."""
    return Environment(tmp_path_factory.mktemp("installed"), distributions.wheel_of_sdist)


@pytest.fixture(scope="session")
def with_cli(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and its command line."""
    return Environment(
        tmp_path_factory.mktemp("with_cli"), f"paywallstrip[cli] @ {distributions.wheel.as_uri()}"
    )


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with an editable install of the checkout."""
    return Environment(tmp_path_factory.mktemp("editable"), "--editable", ROOT)
