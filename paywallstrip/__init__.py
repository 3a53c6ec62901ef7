"""Keep the body of a web page's text, drop paywall notices, navigation and related links.

>>> import paywallstrip
>>> paywallstrip.clean("Log in")
''
"""

from typing import TYPE_CHECKING

from paywallstrip.api import (
    classify,
    classify_html,
    classify_html_many,
    classify_many,
    clean,
    clean_html,
    clean_html_many,
    clean_many,
)
from paywallstrip.classifier import Classifier
from paywallstrip.errors import PaywallstripError
from paywallstrip.labels import Label
from paywallstrip.page import Line, Page

if TYPE_CHECKING:
    from paywallstrip.explanation import Explanation

    __version__: str

__all__ = [
    "Classifier",
    "Explanation",
    "Label",
    "Line",
    "Page",
    "PaywallstripError",
    "classify",
    "classify_html",
    "classify_html_many",
    "classify_many",
    "clean",
    "clean_html",
    "clean_html_many",
    "clean_many",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Only when asked for: the look-up in the metadata and the module cost milliseconds.
        if name == "__version__":
            from importlib.metadata import PackageNotFoundError, version

            try:
                return version("paywallstrip")
            except PackageNotFoundError:
                # Else `hasattr` and `getattr` with a default would raise it.
                raise AttributeError(
                    "paywallstrip was not installed, which alone tells its version"
                ) from None
        if name == "Explanation":
            from paywallstrip.explanation import Explanation

            return Explanation
        raise AttributeError(f"module 'paywallstrip' has no attribute {name!r}")
