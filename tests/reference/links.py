"""Markdown's links read character by character: what `paywallstrip.links` does by patterns."""

WHITE = " \t"


def shown(text: str) -> str:
    """Leave out the addresses of the links in a text."""
    if "](" not in text:
        return text
    once = without(text, whole=True)
    twice = without(once, whole=True) if "](" in once else once
    return without(twice, whole=False)


def without(text: str, whole: bool) -> str:
    """Put its text for each link, or where only its end is looked for `]` for that."""
    found, at = "", 0
    while at < len(text):
        end, words = link(text, at) if whole else (target(text, at), "]")
        if end is None:
            found += text[at]
            at += 1
        else:
            found += words if words.strip() else "*"
            at = end
    return found


def link(text: str, at: int) -> tuple[int | None, str]:
    """Return where a link that begins here ends, and its text."""
    begin = at + 1 if text[at] == "!" else at
    if text[begin : begin + 1] != "[":
        return None, ""
    close = begin + 1
    while close < len(text) and text[close] not in "[]\n\r":
        close += 1
    return target(text, close), text[begin + 1 : close]


def target(text: str, at: int) -> int | None:
    """Return where an address and its title end whose `](` stands here."""
    if text[at : at + 2] != "](":
        return None
    for address in (in_angles(text, at + 2), bare(text, at + 2)):
        if address is not None:
            end = closed(text, address)
            # As the pattern does, the second way is tried only where the first finds no end.
            if end is not None:
                return end
    return None


def in_angles(text: str, at: int) -> int | None:
    """Return where an address in angle brackets ends."""
    if text[at : at + 1] != "<":
        return None
    end = at + 1
    while end < len(text) and text[end] not in "<>\n\r":
        end += 1
    return end + 1 if text[end : end + 1] == ">" else None


def bare(text: str, at: int) -> int:
    """Return where an address ends that may hold pairs of brackets."""
    while True:
        while at < len(text) and text[at] not in "()<>" and not text[at].isspace():
            at += 1
        end = at + 1
        while end < len(text) and text[end] not in "()" and not text[end].isspace():
            end += 1
        if text[at : at + 1] != "(" or text[end : end + 1] != ")":
            return at
        at = end + 1
        # Behind a pair of brackets `<` and `>` are characters like others.
        while at < len(text) and text[at] not in "()" and not text[at].isspace():
            at += 1


def closed(text: str, at: int) -> int | None:
    """Return where a link ends whose address ends here: behind a title, if there is one."""
    begin = skipped(text, at)
    if begin > at and text[begin : begin + 1] in ('"', "'"):
        quote, end = text[begin], begin + 1
        while end < len(text) and text[end] not in (quote, "\n", "\r"):
            end += 1
        if text[end : end + 1] == quote:
            at = end + 1
    at = skipped(text, at)
    return at + 1 if text[at : at + 1] == ")" else None


def skipped(text: str, at: int) -> int:
    """Return where the blanks that stand here end."""
    while at < len(text) and text[at] in WHITE:
        at += 1
    return at
