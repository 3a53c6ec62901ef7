"""Write notebooks/pages.jsonl: some of the pages in tests/pages/, as labelled pages.

Usage: python -m tools.make_sample_pages [OUT].
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from paywallstrip.training.datafile import make_page, write_pages
from tests.written import INDEX, read_page

SAMPLE = Path(__file__).resolve().parent.parent / "notebooks" / "pages.jsonl"
LANGUAGES = ("de", "en", "es", "fr", "it", "pt")
"""Languages of the pages that are taken: many a reader of the notebooks knows one of them."""


def main(arguments: Sequence[str]) -> None:
    """Write the file.

    Args:
        arguments: where to write it; nothing for its place in notebooks/.
    """
    pages = []
    for entry in INDEX:
        if entry["language"] in LANGUAGES:
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
    write_pages(pages, arguments[0] if arguments else SAMPLE)


if __name__ == "__main__":
    main(sys.argv[1:])
