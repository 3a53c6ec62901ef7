"""Write notebooks/pages.jsonl: some of the pages in tests/pages/, as labelled pages.

python -m tools.make_sample_pages [OUT]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from paywallstrip.training.datafile import write_pages
from paywallstrip.training.records import make_page
from tests.written import INDEX, read_page

SAMPLE = Path(__file__).resolve().parent.parent / "notebooks" / "pages.jsonl"
LANGUAGES = ("de", "en", "es", "fr", "it", "pt")
"""Languages of the pages that are taken, those of no set: many a reader of the notebooks knows one."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Args:
        arguments: the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=SAMPLE, help="notebooks/pages.jsonl")
    out = parser.parse_args(arguments).out
    pages = []
    for entry in INDEX:
        if entry["language"] in LANGUAGES and "set" not in entry:
            written = read_page(entry["name"])
            pages.append(
                make_page(
                    written.name,
                    written.text,
                    [label.value for label in written.labels],
                    by="paywallstrip",
                    domain=entry["domain"],
                    language=entry["language"],
                )
            )
    write_pages(pages, out)


if __name__ == "__main__":
    main()
