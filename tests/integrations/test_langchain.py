"""LangChain's document transformer."""

import asyncio
import pickle

import pytest

from paywallstrip import Page

pytest.importorskip("langchain_core", reason="LangChain is not installed")
from langchain_core.documents import Document

from paywallstrip.integrations.langchain import BodyTransformer


@pytest.fixture(scope="module")
def documents(records: list[str]) -> list[Document]:
    return [
        Document(page_content=text, id=str(i), metadata={"n": i}) for i, text in enumerate(records)
    ]


def test_documents_get_their_bodies(documents: list[Document], expected: list[Page]) -> None:
    cleaned = BodyTransformer().transform_documents(documents)
    assert [doc.page_content for doc in cleaned] == [page.body for page in expected]


def test_documents_of_a_generator_get_their_own_bodies(
    documents: list[Document], expected: list[Page]
) -> None:
    cleaned = BodyTransformer().transform_documents(document for document in documents[:3])
    assert [doc.page_content for doc in cleaned] == [page.body for page in expected[:3]]


def test_ids_and_metadata_stay(documents: list[Document]) -> None:
    cleaned = BodyTransformer().transform_documents(documents[:3])
    assert [(doc.id, doc.metadata) for doc in cleaned] == [(str(n), {"n": n}) for n in range(3)]


def test_metadata_set_on_what_is_returned_leaves_the_documents_as_they_are() -> None:
    document = Document(page_content="Log in", metadata={"n": [1]})
    (cleaned,) = BodyTransformer().transform_documents([document])
    cleaned.metadata["n"].append(2)
    assert document.metadata == {"n": [1]}


def test_the_documents_passed_stay_as_they_are(
    documents: list[Document], records: list[str]
) -> None:
    BodyTransformer().transform_documents(documents)
    assert [doc.page_content for doc in documents] == records


def test_it_can_be_awaited(documents: list[Document], expected: list[Page]) -> None:
    cleaned = asyncio.run(BodyTransformer().atransform_documents(documents[:3]))
    assert [doc.page_content for doc in cleaned] == [page.body for page in expected[:3]]


def test_settings_are_used(menu: str) -> None:
    (kept,) = BodyTransformer(drop=()).transform_documents([Document(page_content=menu)])
    assert kept.page_content == menu


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="drop names 'adverts'"):
        BodyTransformer(drop=["adverts"])


def test_a_used_transformer_pickles_small(documents: list[Document]) -> None:
    used = BodyTransformer()
    used.transform_documents(documents[:1])
    assert len(pickle.dumps(used)) < 10_000
