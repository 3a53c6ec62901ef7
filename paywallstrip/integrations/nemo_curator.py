"""NeMo Curator: a modifier that leaves the body of a document's text."""

from collections.abc import Collection

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing

try:
    import pandas as pd
    from nemo_curator.stages.text.modifiers import DocumentModifier
except ModuleNotFoundError as error:
    raise missing(error, "nemo-curator") from error


class BodyModifier(DocumentModifier):
    """Keeps the body of a page's text; for the stage `Modify`.

    Args:
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that every worker can read; None for the shipped model.

    Raises:
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.
    """

    def __init__(
        self,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
        model: str | None = None,
    ) -> None:
        super().__init__()
        self.settings = Settings(drop, strictness, model)

    def modify_document(self, text: str | None) -> str | None:
        """Return the body of a text; a missing one stays missing, be it None or pandas' NaN."""
        # Of a list pandas says it for each element; that is no text, and refused as such.
        if not isinstance(text, str) and pd.isna(text) is True:
            return text
        return self.settings.clean(text)  # type: ignore[arg-type]
