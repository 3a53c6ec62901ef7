"""LangChain: a document transformer that leaves the body in a document's content."""

from collections.abc import Collection, Iterable
from typing import Any

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing

try:
    from langchain_core.documents import BaseDocumentTransformer, Document
except ModuleNotFoundError as error:
    raise missing(error, "langchain-core") from error


class BodyTransformer(BaseDocumentTransformer):
    """Keeps the body of each document; put it before a text splitter.

    Args:
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder; None for the shipped model.

    Raises:
        ValueError: if `drop` names an unknown label or `strictness` lies outside 0 to 1.

    >>> BodyTransformer().transform_documents([Document(page_content="Log in", id="a")])
    [Document(id='a', metadata={}, page_content='')]
    """

    def __init__(
        self,
        drop: Collection[str] = DROP,
        strictness: float = STRICTNESS,
        model: str | None = None,
    ) -> None:
        self.settings = Settings(drop, strictness, model)

    def transform_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[Document]:
        """Return the documents with their bodies as content.

        Args:
            documents: left as they are; a loader's `lazy_load()` is read to its end.
            kwargs: not used.

        Returns:
            As many new documents, with the ids and metadata of the old ones; one without a
            body has the content `""`.
        """
        # A generator can be read only once.
        documents = list(documents)
        bodies = self.settings.clean_many(doc.page_content for doc in documents)
        return [
            doc.model_copy(update={"page_content": body}, deep=True)
            for doc, body in zip(documents, bodies, strict=True)
        ]
