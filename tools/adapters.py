"""Test the adapters against the real frameworks, each set of them in an environment of its own.

    python tools/adapters.py                    every environment
    python tools/adapters.py scrapers corpora   some of them

`tests/integrations/environments.toml` says what is in each. An environment is made under
`.venv-integrations/` when it is first used, and again when its requirements change.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = Path("tests/integrations")
FOLDER = ROOT / ".venv-integrations"
# Where it is there, it takes seconds for what pip takes minutes for.
UV = shutil.which("uv")
# What the tests themselves need; the rest of the group builds wheels.
RUNNER = ("hypothesis>=6.100", "pytest>=8.2", "pytest-timeout>=2.3")


@dataclass(frozen=True)
class Environment:
    """One environment.

    Attributes:
        name: its name in the file, and that of its folder.
        tests: the files in `tests/integrations/` to run in it.
        requirements: what to install, as pip takes it.
        without_requirements: what to install without what it requires.
    """

    name: str
    tests: list[str]
    requirements: list[str]
    without_requirements: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return FOLDER / self.name / "bin" / "python"

    def make(self) -> None:
        """Install what is needed, unless that was done before."""
        stamp = FOLDER / self.name / "installed"
        wanted = [*RUNNER, *self.requirements, *self.without_requirements]
        mark = hashlib.sha256(json.dumps([sys.version, wanted]).encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == mark:
            return
        venv.create(FOLDER / self.name, clear=True, with_pip=True)
        if UV is None:
            # The pip that comes with Python 3.11 stumbles over an extra named twice.
            self._install("--upgrade", "pip>=25.1")
        self._install(*RUNNER, *self.requirements, "--editable", str(ROOT))
        if self.without_requirements:
            self._install("--no-deps", *self.without_requirements)
        stamp.write_text(mark)

    def _install(self, *what: str) -> None:
        if UV is None:
            command = [str(self.python), "-m", "pip", "install"]
        else:
            command = [UV, "pip", "install", "--python", str(self.python)]
        subprocess.run([*command, "--quiet", *what], check=True)

    def run(self) -> int:
        """Run the tests and return pytest's exit code."""
        files = [str(TESTS / name) for name in self.tests]
        options = ["-p", "no:cacheprovider", "-W", "ignore", "--continue-on-collection-errors"]
        command = [str(self.python), "-m", "pytest", *options, *files]
        # A file whose framework is missing all the same would be skipped, and pass.
        environment = {**os.environ, "PAYWALLSTRIP_FRAMEWORKS": "1"}
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


def read_environments() -> dict[str, Environment]:
    """Read the file of environments."""
    tables = tomllib.loads((ROOT / TESTS / "environments.toml").read_text("utf-8"))
    return {name: Environment(name, **table) for name, table in tables.items()}


def main() -> int:
    """Make the environments asked for, run their tests, and return 1 if any failed."""
    known = read_environments()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ENV", help=f"one of {', '.join(known)}")
    names = parser.parse_args().names or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no environment {unknown[0]!r}; there are {', '.join(known)}")
    failed = []
    for name in names:
        begin = time.perf_counter()
        known[name].make()
        made = time.perf_counter()
        if known[name].run():
            failed.append(name)
        took = time.perf_counter()
        print(f"{name}: {made - begin:.0f} s to install, {took - made:.0f} s to test", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
