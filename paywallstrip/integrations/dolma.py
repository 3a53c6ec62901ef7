"""dolma: a tagger of lines, and of the spans whose removal leaves the body.

dolma tag --tagger_modules paywallstrip.integrations.dolma --taggers paywallstrip ...
"""

from collections.abc import Collection
from typing import ClassVar

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.removal import removed_spans
from paywallstrip.integrations.settings import Settings, missing
from paywallstrip.page import line_end

try:
    from dolma import BaseTagger, add_tagger
    from dolma.core.data_types import DocResult, Document, Span
except ModuleNotFoundError as error:
    raise missing(error, "dolma") from error

REMOVED = "removed"


@add_tagger("paywallstrip")
class LineTagger(BaseTagger):
    """Tags every line with its label, and what to cut out with `removed`.

    Offsets are in characters. A line's span runs from its first character to the end of its
    line end; its type is the label, its score the label's probability. The spans of type
    `removed`, with score 1, are made for dolma's mixer: with all of them replaced by
    nothing, the body is left, character for character. `dolma tag` makes attributes of the
    types and writes their hyphens as underscores: `lines__paywallstrip__related_links` for
    an experiment named `lines`.

    dolma makes taggers without arguments. For other settings subclass this one, with a
    name of its own.
    """

    drop: ClassVar[Collection[str]] = DROP
    """The labels whose lines are not part of the body."""
    strictness: ClassVar[float] = STRICTNESS
    """0 (keep when in doubt) to 1 (drop when in doubt)."""
    model: ClassVar[str | None] = None
    """A model folder that every worker can read; None for the shipped model."""

    def __init__(self) -> None:
        self.settings = Settings(self.drop, self.strictness, self.model)

    @property
    def defaults(self) -> list[str]:
        """The types that every document has, be it without a span."""
        return [REMOVED]

    def predict(self, doc: Document) -> DocResult:
        """Tag a document.

        Args:
            doc: anything with a `text`.

        Returns:
            The spans: first one a line, then those to cut out, each in order.
        """
        lines = self.settings.classify(doc.text).lines
        spans = [
            Span(
                line.start,
                line.end + len(line_end(doc.text, line.end)),
                line.label.value,
                line.confidence,
            )
            for line in lines
        ]
        spans += [Span(start, end, REMOVED, 1.0) for start, end in removed_spans(doc.text, lines)]
        return DocResult(doc=doc, spans=spans)
