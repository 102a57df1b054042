"""Settings of the vector store and of what each source calls itself there."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from boost_collectors.core.settings.kinds import ClampedCount, Integer, Section, one_of, setting


def check_overlap(overlap: int, info: ValidationInfo) -> int:
    size = info.data.get("pinecone_chunk_size")
    if size is not None and overlap > size:
        raise ValueError(f"chunk overlap must not be larger than PINECONE_CHUNK_SIZE ({size})")
    return overlap


VectorStore = Annotated[Literal["pinecone", "local"], BeforeValidator(one_of("pinecone", "local"))]
Overlap = Annotated[Integer, AfterValidator(check_overlap)]


class PineconeSection(Section):
    title: ClassVar[str] = "Pinecone"

    vector_store: VectorStore = setting(
        "pinecone", "Where documents go to be searched: pinecone, or local, the project database."
    )
    pinecone_api_key: str = setting("", "Key of the public instance.", secret=True)
    pinecone_private_api_key: str = setting("", "Key of the private instance.", secret=True)
    pinecone_index_name: str = setting("boost-dashboard", "Name of the dense index; the sparse one adds -sparse.")
    pinecone_controller_host: str = setting("", "Address of Pinecone's control plane, when it is not its own.")
    pinecone_environment: str = setting("us-east-1", "Region of the indexes.")
    pinecone_cloud: str = setting("aws", "Cloud of the indexes.")
    pinecone_batch_size: Integer = setting(96, "Chunks in one call; the service takes 96 at most.", ge=1, le=96)
    pinecone_update_max_workers: ClampedCount = setting(8, "Updates of metadata at a time; less than 1 means 1.")
    pinecone_chunk_size: Integer = setting(1000, "Longest chunk of a document, in characters.", ge=1)
    pinecone_chunk_overlap: Overlap = setting(200, "Characters that neighbouring chunks share.", ge=0)
    pinecone_min_text_length: Integer = setting(50, "Shorter texts, in characters, are not stored.", ge=0)
    pinecone_min_words: Integer = setting(5, "Texts of fewer words are not stored.", ge=0)
    pinecone_dense_model: str = setting("multilingual-e5-large", "Embedding model of the dense index.")
    pinecone_sparse_model: str = setting("pinecone-sparse-english-v0", "Embedding model of the sparse index.")


class NamespaceSection(Section):
    title: ClassVar[str] = "Pinecone: names of the sources"

    boost_github_pinecone_app_type: str = setting("github-boostorg", "Application type of Boost's GitHub activity.")
    boost_github_pinecone_namespace: str = setting("github-boostorg", "Namespace of Boost's GitHub activity.")
    clang_github_pinecone_app_type: str = setting("github-clang", "Application type of Clang's GitHub activity.")
    clang_github_pinecone_namespace: str = setting("github-clang", "Namespace of Clang's GitHub activity.")
    boost_mailing_list_pinecone_app_type: str = setting("mailing", "Application type of the mailing lists.")
    boost_mailing_list_pinecone_namespace: str = setting("mailing", "Namespace of the mailing lists.")
    pinecone_slack_app_type_prefix: str = setting("slack", "Start of the application type of a Slack workspace.")
    pinecone_slack_namespace_prefix: str = setting("slack", "Start of the namespace of a Slack workspace.")
    pinecone_discord_app_type: str = setting("discord-together-c-cpp", "Application type of the Discord server.")
    pinecone_discord_namespace: str = setting("discord-together-c-cpp", "Namespace of the Discord server.")
    youtube_pinecone_namespace: str = setting("youtube-scripts", "Namespace of the YouTube transcripts.")
