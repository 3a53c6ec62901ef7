"""Other projects' HTML-to-text converters and extractors behind one interface.

A *dump* holds all the visible text of a page, a *leftover* is what an extractor takes for its
main content. Each extractor is imported when its converter is first called.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType
from typing import Literal

from paywallstrip.training.corpus import language_of

Kind = Literal["dump", "leftover"]
_Convert = Callable[[str], "str | None"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Converter:
    """A named function from HTML to text.

    A page for which the extractor has no text, or on which it fails, gives `""`: extractors
    raise the oddest errors on real pages, and one page must not end a run over thousands. What
    failed is logged at debug level.

    Attributes:
        name: the converter's name, as in `CONVERTERS`.
        kind: what its output is.
        requirement: what to install, as pip takes it.
    """

    name: str
    kind: Kind
    requirement: str
    _load: Callable[[], _Convert] = field(repr=False)

    def __call__(self, html: str) -> str:
        """Convert a page.

        Args:
            html: the page.

        Returns:
            Its text as the extractor gives it; `""` where it gives none.

        Raises:
            ImportError: the extractor is not installed; the message holds the pip line.
        """
        convert = self.load()
        try:
            return convert(html) or ""
        except Exception as error:  # see the class: whatever it is, the page has no text
            _log.debug("%s failed on a page: %r", self.name, error)
            return ""

    def load(self) -> _Convert:
        """Import the extractor.

        Returns:
            The bare function, which may raise on a page and may return None.

        Raises:
            ImportError: the extractor is not installed; the message holds the pip line.
        """
        try:
            return self._load()
        except ImportError as error:
            message = f"converter {self.name!r} is missing: pip install {self.requirement}"
            raise ImportError(message) from error


@cache
def _html_text() -> _Convert:
    import html_text

    return lambda html: str(html_text.extract_text(html))


@cache
def _inscriptis() -> _Convert:
    import inscriptis

    return lambda html: str(inscriptis.get_text(html))


@cache
def _markdownify() -> _Convert:
    from markdownify import markdownify

    return lambda html: str(markdownify(html))


@cache
def _beautifulsoup(separator: str) -> _Convert:
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    def convert(html: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
            soup = BeautifulSoup(html, "lxml")
        return str(soup.get_text(separator, strip=bool(separator)))

    return convert


@cache
def _resiliparse(main_content: bool) -> _Convert:
    from resiliparse.extract.html2text import extract_plain_text

    return partial(extract_plain_text, main_content=main_content)


@cache
def _trafilatura(option: str | None = None) -> _Convert:
    import trafilatura

    return partial(
        trafilatura.extract,
        fast=option == "fast",
        favor_precision=option == "precision",
        favor_recall=option == "recall",
    )


@cache
def _readability() -> _Convert:
    import html_text
    from readability import Document

    return lambda html: html_text.extract_text(Document(html).summary())


@cache
def _newspaper() -> _Convert:
    with warnings.catch_warnings():
        # It warns that its optional language tools are missing; the text needs none of them.
        warnings.simplefilter("ignore")
        from newspaper import Article

    def convert(html: str) -> str:
        # Without `fetch_images` it would load the page's images to weigh them.
        article = Article("https://page.example/", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return str(article.text)

    return convert


# fmt: off
# <html lang> -> name of jusText's stop list, for the languages that have one.
_STOP_LISTS = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ka": "Georgian", "kk": "Kazakh", "kn": "Kannada",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "nb": "Norwegian_Bokmal",
    "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian_Nynorsk", "no": "Norwegian_Bokmal",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
}
# fmt: on


@cache
def _stop_words(language: str) -> frozenset[str]:
    import justext

    name = _STOP_LISTS.get(language)
    if name in justext.get_stoplists():
        return frozenset(justext.get_stoplist(name))
    every = (justext.get_stoplist(name) for name in justext.get_stoplists())
    return frozenset().union(*every)


@cache
def _justext() -> _Convert:
    import justext

    def convert(html: str) -> str:
        paragraphs = justext.justext(html, _stop_words(language_of(html)))
        return "\n".join(part.text for part in paragraphs if not part.is_boilerplate)

    return convert


@cache
def _goose() -> _Convert:
    from goose3 import Goose

    def convert(html: str) -> str:
        # A fresh object a page: it carries the language of one page over to the next.
        with Goose({"enable_image_fetching": False}) as goose:
            return str(goose.extract(raw_html=html).cleaned_text)

    return convert


@cache
def _boilerpy() -> _Convert:
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor()
    return lambda html: str(extractor.get_content(html))


@cache
def _turbohtml() -> _Convert:
    import turbohtml

    return lambda html: str(turbohtml.parse(html).main_text())


def _table(*converters: Converter) -> Mapping[str, Converter]:
    return MappingProxyType({converter.name: converter for converter in converters})


CONVERTERS: Mapping[str, Converter] = _table(
    Converter("html-text", "dump", "html-text", _html_text),
    Converter("inscriptis", "dump", "inscriptis", _inscriptis),
    Converter("resiliparse-plain", "dump", "resiliparse", partial(_resiliparse, False)),
    # Markdown, addresses of links and all.
    Converter("markdownify", "dump", "markdownify", _markdownify),
    # What many call first: line ends as the source has them, or one behind every text node.
    Converter("beautifulsoup", "dump", "beautifulsoup4 lxml", partial(_beautifulsoup, "")),
    Converter("beautifulsoup-lines", "dump", "beautifulsoup4 lxml", partial(_beautifulsoup, "\n")),
    Converter("resiliparse-main", "leftover", "resiliparse", partial(_resiliparse, True)),
    Converter("trafilatura", "leftover", "trafilatura", _trafilatura),
    Converter(
        "trafilatura-precision",
        "leftover",
        "trafilatura",
        partial(_trafilatura, "precision"),
    ),
    Converter("trafilatura-recall", "leftover", "trafilatura", partial(_trafilatura, "recall")),
    Converter("trafilatura-fast", "leftover", "trafilatura", partial(_trafilatura, "fast")),
    Converter(
        "readability-lxml",
        "leftover",
        "readability-lxml lxml_html_clean html-text",
        _readability,
    ),
    Converter("newspaper4k", "leftover", "newspaper4k", _newspaper),
    Converter("justext", "leftover", "jusText lxml_html_clean", _justext),
    Converter("goose3", "leftover", "goose3", _goose),
    Converter("boilerpy3", "leftover", "boilerpy3", _boilerpy),
)
"""Every converter by name, dumps first."""


RIVALS: Mapping[str, Converter] = _table(
    Converter("turbohtml", "leftover", "turbohtml", _turbohtml),
)
"""Extractors that are only compared with: no model is trained on or cleans their output."""


def load_all(converters: Iterable[Converter]) -> None:
    """Import extractors, so that a missing one shows before any page is converted.

    Args:
        converters: the converters that will be used.

    Raises:
        ImportError: some are not installed; the message holds one pip line for all of them.
    """
    missing: list[str] = []
    cause: ImportError | None = None
    for converter in converters:
        try:
            converter.load()
        except ImportError as error:
            missing += converter.requirement.split()
            cause = error
    if missing:
        packages = " ".join(dict.fromkeys(missing))
        raise ImportError(f"converters are missing: pip install {packages}") from cause


DUMPS: tuple[str, ...] = tuple(name for name, each in CONVERTERS.items() if each.kind == "dump")
LEFTOVERS: tuple[str, ...] = tuple(name for name in CONVERTERS if name not in DUMPS)
