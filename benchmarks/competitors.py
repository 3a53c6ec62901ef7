"""What is measured: each tool as the lines of Python that its user would write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

OURS = "paywallstrip"
RESILIPARSE = "resiliparse plain text"


class Competitor(NamedTuple):
    """A tool, as source code: the same lines run in a fresh process and in the rounds.

    Attributes:
        name: names it in the tables.
        takes: what its `page` is, the text of a dump or the HTML it came from.
        module: the package it needs, as Python imports it.
        requirement: the same as pip takes it.
        setup: statements that run once; `folder` is where the inputs lie.
        call: an expression: the text that it gives for `page`.
        many: an expression: an iterable over its texts for `pages`, in `jobs` processes;
            empty for one call a page.
        largest: whether it runs at the largest sizes.
    """

    name: str
    takes: Literal["text", "html"]
    module: str
    requirement: str
    setup: str
    call: str
    many: str = ""
    largest: bool = False

    @property
    def installed(self) -> bool:
        """Whether its package can be imported."""
        return find_spec(self.module) is not None

    def load(self, folder: Path) -> Loaded:
        """Run the set-up.

        Args:
            folder: where the inputs lie.

        Returns:
            The functions to call.
        """
        names: dict[str, Any] = {"folder": folder}
        exec(self.setup, names)
        clean = eval(f"lambda page: {self.call}", names)
        return Loaded(clean, eval(f"lambda pages, jobs: {self.many}", names) if self.many else None)


class Loaded:
    """A tool that is ready; pages on which it fails are counted and give no text.

    Args:
        clean: gives the text of a page.
        many: gives the texts of many, in so many processes; None for one call a page.
    """

    def __init__(
        self,
        clean: Callable[[str], object],
        many: Callable[[Iterable[str], int], Iterable[object]] | None,
    ) -> None:
        self.failures = 0
        self._clean = clean
        self._many = many

    def clean(self, page: str) -> object:
        """Run on one page."""
        try:
            return self._clean(page)
        except Exception:  # extractors raise the oddest errors on real pages
            self.failures += 1
            return ""

    def stream(self, pages: Iterable[str], jobs: int) -> Iterator[object]:
        """Run on many pages, in order."""
        return iter(map(self.clean, pages) if self._many is None else self._many(pages, jobs))


COMPETITORS = (
    Competitor(
        OURS,
        "text",
        "paywallstrip",
        "paywallstrip",
        "import paywallstrip",
        "paywallstrip.clean(page)",
        "paywallstrip.clean_many(pages, n_jobs=jobs)",
        largest=True,
    ),
    Competitor(
        RESILIPARSE,
        "html",
        "resiliparse",
        "resiliparse",
        "from resiliparse.extract.html2text import extract_plain_text",
        "extract_plain_text(page)",
        largest=True,
    ),
    Competitor(
        "resiliparse main content",
        "html",
        "resiliparse",
        "resiliparse",
        "from resiliparse.extract.html2text import extract_plain_text",
        "extract_plain_text(page, main_content=True)",
    ),
    Competitor(
        "turbohtml main text",
        "html",
        "turbohtml",
        "turbohtml",
        "import turbohtml",
        "turbohtml.parse(page).main_text()",
    ),
    Competitor(
        "trafilatura",
        "html",
        "trafilatura",
        "trafilatura",
        "import trafilatura",
        "trafilatura.extract(page)",
    ),
    Competitor(
        "trafilatura fast",
        "html",
        "trafilatura",
        "trafilatura",
        "import trafilatura",
        "trafilatura.extract(page, fast=True)",
    ),
    Competitor(
        "jusText",
        "html",
        "justext",
        "jusText lxml_html_clean",
        "import justext; words = justext.get_stoplist('English')",
        r"'\n'.join(p.text for p in justext.justext(page, words) if not p.is_boilerplate)",
    ),
    Competitor(
        "readability-lxml",
        "html",
        "readability",
        "readability-lxml lxml_html_clean",
        "from readability import Document",
        "Document(page).summary()",
    ),
    Competitor(
        "html-text",
        "html",
        "html_text",
        "html-text",
        "import html_text",
        "html_text.extract_text(page)",
    ),
    Competitor(
        "scikit-learn pipeline",
        "text",
        "sklearn",
        "scikit-learn",
        "from benchmarks.baselines import LinePipeline; pipeline = LinePipeline.load(folder)",
        "pipeline.clean(page)",
        "pipeline.clean_many(pages)",
    ),
    Competitor(
        "C4 line rules",
        "text",
        "paywallstrip",
        "paywallstrip",
        "from benchmarks.baselines import c4_clean",
        "c4_clean(page)",
    ),
)
"""Every tool, this library first."""
