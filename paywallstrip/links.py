"""Text to what a reader is shown of it: Markdown's links without their addresses.

Converters to Markdown write `[Home](https://example.com/)` where others write `Home`. The
addresses say nothing that the other lines of such a page do not say as well, and of a menu's item
they make a line as long as a sentence. So features are read from a text without them; what a
caller gets is the line as it stands.
"""

import re

_SIGN = "]("
# What else stands in brackets behind brackets - code, citations, a remark in Japanese - stays: an
# address begins as one does, or is in ASCII with a dot or a slash in it. It may hold pairs of
# brackets and escaped ones; a title may follow it. No line end is ever part of a match, and
# nothing that was matched once is looked at again: time grows with the text alone. What `*+` and
# `?+` repeat is in `(?>`: of `(?:` Python before 3.11.5 may not find what it should.
_BEGINS = (
    r"(?=[/#?<.]|(?i:https?|ftp|mailto|tel|javascript|data|file):|www\."
    r"|[\w%~-]*+[./][!-'*-~]*+[)\s])"
)
_PAIR = r"\([^\s()\\]*+\)"
_TARGET = (
    rf"\({_BEGINS}(?:<[^<>\n\r]*+>|(?>[^\s()<>\\]|\\[^\n\r]|{_PAIR})*+)"
    r"(?>[ \t]++(?:\"(?>[^\"\\\n\r]|\\[^\n\r])*+\"|'(?>[^'\\\n\r]|\\[^\n\r])*+'))?+[ \t]*+\)"
)
_LINK = re.compile(rf"!?\[([^\[\]\n\r]*+)\]{_TARGET}", re.ASCII)
# The end of a link whose text holds brackets, or began on the line before.
_END = re.compile(rf"\]{_TARGET}", re.ASCII)
_NOTHING = "*"
"""What stands for a link without a text, a picture mostly: its line stays one."""


def without_addresses(text: str) -> str:
    """Return a text as a reader of its rendered Markdown sees it, as far as links go.

    Args:
        text: any text; one without a Markdown link is returned as it is.

    Returns:
        The text with each inline link and picture replaced by its text. It has the same lines, and
        a line that was not blank is not blank now.

    >>> without_addresses("* [Home](/) and [News](https://example.com/news 'All of it')")
    '* Home and News'
    >>> without_addresses("[![The harbour](/harbour.jpg)](/2026/harbour)")
    'The harbour'
    >>> without_addresses("![](/logo.png)")
    '*'
    """
    if _SIGN not in text:
        return text
    shown = _LINK.sub(_text_of, text)
    if _SIGN in shown:
        # A picture inside of a link was in its way.
        shown = _LINK.sub(_text_of, shown)
    return _END.sub("]", shown) if _SIGN in shown else shown


def _text_of(link: re.Match[str]) -> str:
    return link[1] if link[1].strip() else _NOTHING
