"""Print the lowest versions that pyproject.toml promises, as pip constraints.

Usage: python .ci/lowest.py [NAME...]: those of the base install and of the extras and dependency
groups named.
"""

import re
import sys
import tomllib
from pathlib import Path

REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)>=([0-9][0-9A-Za-z.]*)")


def main(names: list[str]) -> None:
    """Print one constraint a line.

    Args:
        names: extras and dependency groups whose lower bounds count too.

    Raises:
        SystemExit: a requirement is not of the one form `name>=version`.
    """
    project = tomllib.loads(Path(__file__, "../../pyproject.toml").resolve().read_text("utf-8"))
    requirements = list(project["project"]["dependencies"])
    known = project["dependency-groups"] | project["project"]["optional-dependencies"]
    for name in names:
        requirements += known[name]
    for requirement in requirements:
        match = REQUIREMENT.fullmatch(requirement)
        if match is None:
            raise SystemExit(f"not a plain lower bound: {requirement}")
        print("==".join(match.groups()))


if __name__ == "__main__":
    main(sys.argv[1:])
