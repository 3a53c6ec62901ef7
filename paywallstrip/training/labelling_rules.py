"""The labelling rules as they stand in docs/LABELS.md, in a wheel or in a checkout."""

import hashlib
from pathlib import Path

FILE = "LABELS.md"


def rules_path() -> Path:
    """Return the file of the labelling rules.

    Returns:
        The copy inside an installed package, else the file in the checkout's docs.

    Raises:
        FileNotFoundError: neither is there; the installation is damaged.
    """
    package = Path(__file__).parent.parent
    for folder in (package / "_docs", package.parent / "docs"):
        if (folder / FILE).is_file():
            return folder / FILE
    raise FileNotFoundError(f"{FILE} is missing from {package}: install paywallstrip anew")


def rules_text() -> str:
    """Return the labelling rules.

    Returns:
        Markdown.

    >>> rules_text().splitlines()[0]
    '# How a line is labelled'
    """
    return rules_path().read_text(encoding="utf-8")


def rules_version() -> str:
    """Return what stands for this wording of the rules beside the labels.

    Returns:
        The first 12 hex digits of the file's SHA-256.

    >>> len(rules_version())
    12
    """
    return hashlib.sha256(rules_path().read_bytes()).hexdigest()[:12]
