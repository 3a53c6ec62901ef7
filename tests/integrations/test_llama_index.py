"""LlamaIndex's transformation, alone and in an ingestion pipeline."""

import pickle
from pathlib import Path
from threading import Lock

import pytest

from paywallstrip import Page
from paywallstrip.decisions import DROP

pytest.importorskip("llama_index.core", reason="LlamaIndex is not installed")
from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import (
    ImageNode,
    IndexNode,
    MediaResource,
    NodeRelationship,
    TextNode,
)

from paywallstrip.integrations.llama_index import BodyTransformation


@pytest.fixture(scope="module")
def documents(records: list[str]) -> list[Document]:
    return [Document(text=text, id_=str(i), metadata={"n": i}) for i, text in enumerate(records)]


def test_an_ingestion_pipeline_gives_the_bodies(
    documents: list[Document], expected: list[Page]
) -> None:
    nodes = IngestionPipeline(transformations=[BodyTransformation()]).run(documents=documents)
    assert [node.text for node in nodes] == [page.body for page in expected]


def test_nodes_of_a_generator_get_their_own_bodies(
    documents: list[Document], expected: list[Page]
) -> None:
    cleaned = BodyTransformation()(document for document in documents[:3])
    assert [node.text for node in cleaned] == [page.body for page in expected[:3]]


def test_ids_and_metadata_stay(documents: list[Document]) -> None:
    cleaned = BodyTransformation()(documents[:3])
    assert [(doc.id_, doc.metadata) for doc in cleaned] == [(str(n), {"n": n}) for n in range(3)]


def test_the_documents_passed_stay_as_they_are(
    documents: list[Document], records: list[str]
) -> None:
    BodyTransformation()(documents)
    assert [doc.text for doc in documents] == records


def test_metadata_set_on_what_is_returned_leaves_the_documents_as_they_are(menu: str) -> None:
    document = Document(text=menu, metadata={"n": 1})
    (cleaned,) = BodyTransformation()([document])
    cleaned.metadata["n"] = 2
    assert document.metadata == {"n": 1}


def test_a_document_keeps_its_address_and_its_kind(menu: str) -> None:
    about = {"url": "https://page.example/a", "mimetype": "text/plain"}
    resource = MediaResource(text=menu, embeddings={"dense": [1.0]}, **about)
    (cleaned,) = BodyTransformation()([Document(text_resource=resource)])
    assert cleaned.text_resource == MediaResource(text="", **about)


def test_text_nodes_keep_their_relations(menu: str) -> None:
    source = Document(text=menu).as_related_node_info()
    node = TextNode(text=menu, relationships={NodeRelationship.SOURCE: source})
    (cleaned,) = BodyTransformation()([node])
    assert (cleaned.text, cleaned.relationships) == ("", {NodeRelationship.SOURCE: source})


def test_an_image_passes_as_it_is() -> None:
    image = ImageNode(image="aGVsbG8=")
    assert BodyTransformation()([image]) == [image]


def test_a_node_whose_text_changes_loses_the_embedding_of_the_old_one(menu: str) -> None:
    (cleaned,) = BodyTransformation()([TextNode(text=menu, embedding=[1.0])])
    assert cleaned.embedding is None


def test_a_node_whose_text_stays_keeps_its_embedding(menu: str) -> None:
    (same,) = BodyTransformation(drop=())([TextNode(text=menu, embedding=[1.0])])
    assert same.embedding == [1.0]


def test_an_image_loses_the_embedding_of_its_old_text_alone(menu: str) -> None:
    image = ImageNode(text=menu, image="aGVsbG8=", embedding=[1.0], text_embedding=[2.0])
    (cleaned,) = BodyTransformation()([image])
    assert (cleaned.embedding, cleaned.text_embedding) == ([1.0], None)


def test_an_index_node_stands_for_the_same_object_as_before(menu: str) -> None:
    engine = Lock()  # as engines hold, and no copy can be made of
    (cleaned,) = BodyTransformation()([IndexNode(text=menu, index_id="a", obj=engine)])
    assert cleaned.obj is engine


def test_settings_are_used(menu: str) -> None:
    (kept,) = BodyTransformation(drop=())([Document(text=menu)])
    assert kept.text == menu


def test_a_wrong_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="drop names 'adverts'"):
        BodyTransformation(drop=("adverts",))


def test_a_setting_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no setting 'strictnes'; there are drop, str"):
        BodyTransformation(strictnes=0.8)


def test_what_is_written_is_read_again() -> None:
    given = BodyTransformation(strictness=0.2)
    assert BodyTransformation.model_validate(given.model_dump()) == given


def test_the_model_may_be_a_path(tmp_path: Path) -> None:
    assert BodyTransformation(model=tmp_path).model == str(tmp_path)


def test_the_order_of_the_labels_to_drop_makes_no_difference() -> None:
    one, other = (BodyTransformation(drop=list(labels)) for labels in (DROP, DROP[::-1]))
    assert one.to_dict() == other.to_dict() == BodyTransformation().to_dict()


def test_settings_are_part_of_what_the_pipeline_caches_by() -> None:
    assert BodyTransformation(strictness=0.2).to_dict() != BodyTransformation().to_dict()


def test_a_used_transformation_pickles_small(documents: list[Document]) -> None:
    used = BodyTransformation()
    used(documents[:1])
    assert len(pickle.dumps(used)) < 10_000
