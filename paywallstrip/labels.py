"""The four labels of a line."""

from enum import StrEnum
from typing import Any, NoReturn, TypeVar

Value = TypeVar("Value")


class Label(StrEnum):
    """What a line of a web page is.

    The rules in full are docs/LABELS.md, in an installed package paywallstrip/_docs/LABELS.md.
    The order of the members is the order of the columns in every array of
    scores or probabilities.

    Attributes:
        CONTENT: the author or the newsroom wrote it as part of this page's own piece.
        PAYWALL: it gates, meters or sells access to reading, or asks the reader for money.
        NAVIGATION: everything else, the page's furniture.
        RELATED_LINKS: it points the reader to another piece.

    >>> Label("related-links") is Label.RELATED_LINKS
    True
    """

    CONTENT = "content"
    PAYWALL = "paywall"
    NAVIGATION = "navigation"
    RELATED_LINKS = "related-links"


LABELS: tuple[Label, ...] = tuple(Label)
CONTENT = LABELS.index(Label.CONTENT)
PAYWALL = LABELS.index(Label.PAYWALL)
NAVIGATION = LABELS.index(Label.NAVIGATION)
RELATED = LABELS.index(Label.RELATED_LINKS)


def labelled_line(label: Label, kept: bool, text: str) -> str:
    """Write a line behind its label and what becomes of it, as programs read it.

    >>> labelled_line(Label.PAYWALL, False, "Subscribe now")
    'paywall\\tdrop\\tSubscribe now\\n'
    """
    return f"{label.value}\t{'keep' if kept else 'drop'}\t{text}\n"


class ByLabel(dict[Label, Value]):
    """A value for each label, which cannot be changed.

    A dict, so that it pickles, goes into JSON and through `dataclasses.asdict`, none of which
    a read-only view of one does.

    >>> found = ByLabel({Label.CONTENT: 2})
    >>> found[Label.CONTENT]
    2
    >>> found[Label.CONTENT] = 3
    Traceback (most recent call last):
    TypeError: what a page says of its lines cannot be changed; dict(...) gives a copy that can
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            "what a page says of its lines cannot be changed; dict(...) gives a copy that can"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        # A dict is put together again item by item.
        return type(self), (dict(self),)
