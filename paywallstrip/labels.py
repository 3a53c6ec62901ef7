"""The four labels of a line."""

from enum import StrEnum


class Label(StrEnum):
    """What a line of a web page is; `docs/LABELS.md` has the rules.

    The order of the members is the order of the columns in every array of
    scores or probabilities.

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
