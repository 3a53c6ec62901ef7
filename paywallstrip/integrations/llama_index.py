"""LlamaIndex: a transformation that leaves the body in a node's text."""

import os
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from paywallstrip.decisions import DROP, STRICTNESS
from paywallstrip.integrations.settings import Settings, missing
from paywallstrip.labels import LABELS

try:
    from llama_index.core.bridge.pydantic import field_validator, model_validator
    from llama_index.core.schema import BaseNode, MetadataMode, TransformComponent
except ModuleNotFoundError as error:
    raise missing(error, "llama-index-core") from error


class BodyTransformation(TransformComponent):
    """Keeps the body of each document or node; put it before a node parser.

    Attributes:
        drop: the labels whose lines are not part of the body.
        strictness: 0 (keep when in doubt) to 1 (drop when in doubt).
        model: a model folder; None for the shipped model.

    Raises:
        ValueError: if `drop` names an unknown label, `strictness` lies outside 0 to 1, or
            there is no such setting.

    A pipeline's cache knows these settings and not what is in the model's folder: give it a
    new cache, or `disable_cache=True`, once another model is there.

    >>> from llama_index.core import Document
    >>> [node.text for node in BodyTransformation()([Document(text="Log in")])]
    ['']
    """

    drop: tuple[str, ...] = tuple(label.value for label in DROP)
    strictness: float = STRICTNESS
    model: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        # LlamaIndex passes over names it does not know, and writes one of its own.
        known = {*cls.model_fields, "class_name"}
        for name in given if isinstance(given, dict) else ():
            if name not in known:
                raise ValueError(
                    f"there is no setting {name!r}; there are {', '.join(cls.model_fields)}"
                )
        return given

    @field_validator("drop")
    @classmethod
    def _in_order(cls, drop: tuple[str, ...]) -> tuple[str, ...]:
        # A pipeline caches by the settings, and a set has another order in every process.
        Settings(drop)
        return tuple(label.value for label in LABELS if label in drop)

    @field_validator("model", mode="before")
    @classmethod
    def _as_str(cls, model: Any) -> Any:
        return os.fspath(model) if isinstance(model, os.PathLike) else model

    @model_validator(mode="after")
    def _check(self) -> "BodyTransformation":
        Settings(self.drop, self.strictness, self.model)
        return self

    def __call__(self, nodes: Iterable[BaseNode], **kwargs: Any) -> list[BaseNode]:
        """Return the nodes with their bodies as text.

        Args:
            nodes: left as they are; a generator is read to its end.
            kwargs: not used.

        Returns:
            As many new nodes, with ids, metadata and relations of the old ones; one
            without a body has the text `""`. What an `IndexNode` stands for stays the same
            object. A node whose text changes loses the embedding of the old one.
        """
        settings = Settings(self.drop, self.strictness, self.model)
        nodes = list(nodes)  # a generator can be read only once
        texts = [node.get_content(metadata_mode=MetadataMode.NONE) for node in nodes]
        copies = [_copied(node) for node in nodes]
        for node, text, body in zip(copies, texts, settings.clean_many(texts), strict=True):
            # Setting the text of a node that has none, such as an image, could unmake it.
            if body != text:
                _set_text(node, body)
        return copies


def _copied(node: BaseNode) -> BaseNode:
    """Copy a node with all it holds, but for the index or the engine that it may stand for."""
    held = getattr(node, "obj", None)
    return deepcopy(node, {id(held): held})


def _set_text(node: BaseNode, body: str) -> None:
    """Set a node's text; `set_content` would drop its address and its MIME type."""
    if hasattr(node, "text_embedding"):  # of images, whose other embedding is of the image
        node.text_embedding = None
    else:
        node.embedding = None
    resource = getattr(node, "text_resource", None)  # nodes of text alone have none
    if resource is None:
        node.set_content(body)
    else:
        node.text_resource = resource.model_copy(update={"text": body, "embeddings": None})
