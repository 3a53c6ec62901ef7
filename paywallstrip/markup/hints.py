"""What a page claims of itself in JSON-LD: hints that may be missing or wrong."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_CLAIMS = _BODY, _HEADLINE, _FREE = "articleBody", "headline", "isAccessibleForFree"
"""The names of what `Hints` has."""


class Hints(NamedTuple):
    """The claims of a page's JSON-LD; None where it makes none.

    Attributes:
        article_body: the article's text, as far as the publisher gives it.
        headline: the article's headline.
        is_free: whether the article is accessible for free.
    """

    article_body: str | None
    headline: str | None
    is_free: bool | None


def read_hints(scripts: Iterable[str]) -> Hints:
    """Read the hints out of a page's JSON-LD.

    Args:
        scripts: the texts of its `<script type="application/ld+json">`.

    Returns:
        The first claim of each kind; what is no JSON is passed over.

    >>> read_hints(['{"@type": "NewsArticle", "headline": "Rain", "isAccessibleForFree": "False"}'])
    Hints(article_body=None, headline='Rain', is_free=False)
    """
    body = headline = free = None
    for item in _objects(filter(_may_claim, scripts)):
        if not (_is_article(item.get("@type")) or _BODY in item):
            continue
        body = body or _text(item.get(_BODY))
        headline = headline or _text(item.get(_HEADLINE))
        if free is None:
            free = _flag(item.get(_FREE))
    return Hints(body, headline, free)


def _may_claim(script: str) -> bool:
    """Tell whether any of the claims can be in a text; most sites say more of themselves."""
    # A letter of a name may be written as an escape.
    return "\\u" in script or any(name in script for name in _CLAIMS)


def _objects(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield all objects, those of the outer levels first."""
    for script in scripts:
        try:
            level = [json.loads(script, strict=False)]
        except (ValueError, RecursionError):
            continue
        while level:
            inner: list[Any] = []
            for value in level:
                if isinstance(value, dict):
                    yield value
                    inner += value.values()
                elif isinstance(value, list):
                    inner += value
            level = inner


def _is_article(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and k.endswith(("Article", "Posting", "Report")) for k in kinds)


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().rpartition("/")[2].lower())
    return None
