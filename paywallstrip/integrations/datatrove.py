"""datatrove: a filter that leaves the body in a document's text, or labels it only."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing
from paywallstrip.outcome import Outcome

try:
    from datatrove.pipeline.filters.base_filter import BaseFilter
except ModuleNotFoundError as error:
    raise missing(error, "datatrove") from error

if TYPE_CHECKING:
    from datatrove.data import Document
    from datatrove.pipeline.writers.disk_base import DiskWriter

KEY = "paywallstrip"


class BodyFilter(BaseFilter):
    """Cuts a document's text down to its body, and counts what it finds.

    `doc.metadata["paywallstrip"]` gets the number of lines of each label and the share of
    their characters that is kept; what stood there before is replaced. The stats count lines
    by label (`line-navigation`), lines removed, and documents emptied. A document that is
    empty from the start passes.

    Args:
        exclusion_writer: gets the documents that are dropped, with their text as it was
            and the reason `emptied`; None for nothing.
        emptied: what becomes of a document that has lines, none of them part of the body:
            `"drop"` it, or `"keep"` it with an empty text.
        label_only: leave the text alone; the metadata then gets `spans` too, a list of
            `start`, `end` (character offsets in the text), `label` and `kept` for each line,
            and the stats count lines by label alone.
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder that every worker can read; None for the shipped model.
        batch_size: documents read together; more of them cost less each where they are
            short.
        key: the metadata's field, where `paywallstrip` is already in use.

    Raises:
        ValueError: if `emptied` is neither of the two, `drop` names an unknown label,
            `strictness` lies outside 0 to 1, or `key` is empty.
    """

    name = "📰 paywallstrip"

    def __init__(
        self,
        exclusion_writer: "DiskWriter | None" = None,
        *,
        emptied: str = "drop",
        label_only: bool = False,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
        model: str | None = None,
        batch_size: int = 50,
        key: str = KEY,
    ) -> None:
        if emptied not in ("drop", "keep"):
            raise ValueError(f"emptied must be drop or keep, got {emptied!r}")
        if not key:
            raise ValueError("key must be the name of a field of the metadata, got ''")
        super().__init__(exclusion_writer, batch_size)
        self.key = key
        self.emptied = emptied
        self.label_only = label_only
        self.settings = Settings(drop, strictness, model)

    def filter(self, doc: "Document") -> bool | tuple[bool, str]:
        """Clean or label one document; False with a reason drops it."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: "list[Document]") -> list[bool | tuple[bool, str]]:
        """Clean or label documents; False with a reason drops one."""
        found = self.settings.outcomes(doc.text for doc in batch)
        return [self._apply(doc, each) for doc, each in zip(batch, found, strict=True)]

    def _apply(self, doc: "Document", found: Outcome) -> bool | tuple[bool, str]:
        self._note(doc, found)
        if self.label_only:
            doc.metadata[self.key]["spans"] = found.spans()
            return True
        self.stat_update("line-removed", value=int((~found.kept).sum()), unit="doc")
        if found.emptied:
            self.stat_update("emptied")
            if self.emptied == "drop":
                return False, "emptied"
        doc.text = found.body
        return True

    def _note(self, doc: "Document", found: Outcome) -> None:
        counts = {label.value: number for label, number in found.counts.items()}
        doc.metadata[self.key] = {"lines": counts, "kept_share": round(found.kept_share, 4)}
        for label, number in counts.items():
            self.stat_update(f"line-{label}", value=number, unit="doc")
