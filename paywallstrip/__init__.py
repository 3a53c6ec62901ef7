"""Keep the body of a web page's text, drop paywall notices, navigation and related links.

>>> import paywallstrip
>>> paywallstrip.clean("Log in")
''
"""

from paywallstrip.api import classify, classify_many, clean, clean_many
from paywallstrip.classifier import Classifier
from paywallstrip.errors import PaywallstripError
from paywallstrip.labels import Label
from paywallstrip.page import Line, Page

__all__ = [
    "Classifier",
    "Label",
    "Line",
    "Page",
    "PaywallstripError",
    "classify",
    "classify_many",
    "clean",
    "clean_many",
]


def __getattr__(name: str) -> str:
    # Read from the installed metadata only when asked for: the look-up costs milliseconds.
    if name == "__version__":
        from importlib.metadata import version

        return version("paywallstrip")
    raise AttributeError(f"module 'paywallstrip' has no attribute {name!r}")
