"""A vector sync against the sandbox's Pinecone, through its real client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.local_store import LocalClient
from boost_collectors.cppa_pinecone_sync.models import LocalEmbedding, LocalText
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from include.sandbox import Sandbox
from include.sandbox.pinecone import KEY

APP_TYPE, NAMESPACE = "mailing", "mail"
DENSE, SPARSE = "boost-dashboard", "boost-dashboard-sparse"
PINECONE, LOCAL = "pinecone", "local"
PROSE = "A sentence of some length that says something about the library in more than five words, number {}."

Items = Iterable[Mapping[str, Any]]


def paragraphs(*names: Any) -> str:
    """A text of which each paragraph becomes a chunk of its own."""
    return "\n\n".join(" ".join([PROSE.format(name)] * 9) for name in names)


def item(name: str, content: str = "", **metadata: Any) -> dict[str, Any]:
    """What a preprocessor returns for one row, whose id is the document's name."""
    return {
        "content": content or PROSE.format(name),
        "metadata": {"doc_id": name, "source_ids": f"row-{name}", **metadata},
    }


@dataclass(frozen=True)
class Store:
    """The sandbox's index beside the ledger in the test's database."""

    sandbox: Sandbox
    database: Database
    settings: Settings
    make_context: Callable[..., RunContext]

    def sync(self, *items: Mapping[str, Any], chunked: bool = False, **arguments: Any) -> dict[str, Any]:
        """Sync these items, as if the preprocessor had chosen them."""
        return self.run(lambda _failed, _since: (list(items), chunked), **arguments)

    def run(
        self, preprocess: Any, *, app_type: str = APP_TYPE, namespace: str = NAMESPACE, **context: Any
    ) -> dict[str, Any]:
        """Sync with a preprocessor, in a fresh context of these fields."""
        instance = context.pop("instance", None)
        given = {"settings": self.settings, "database": self.database, **context}
        return sync_to_pinecone(app_type, namespace, preprocess, instance=instance, context=self.make_context(**given))

    def offered(self, **arguments: Any) -> tuple[list[str], datetime | None]:
        """What the next run would hand to a preprocessor."""
        seen: list[tuple[list[str], datetime | None]] = []

        def preprocess(failed: list[str], since: datetime | None) -> tuple[list[Any], bool]:
            seen.append((failed, since))
            return [], False

        self.run(preprocess, **arguments)
        return seen[0]

    def vectors(self, index: str = DENSE, namespace: str = NAMESPACE, key: str = KEY) -> dict[str, dict[str, Any]]:
        return self.sandbox.pinecone.vectors(index, namespace, key=key)

    def texts(self, index: str = DENSE) -> list[str]:
        return sorted(fields["chunk_text"] for fields in self.vectors(index).values())

    def calls(self, part: str = "/pinecone") -> list[str]:
        """Method and path of the requests whose path has ``part``, since the last :meth:`forget`."""
        return [f"{request.method} {request.path}" for request in self.sandbox.requests if part in request.path]

    def forget(self) -> None:
        self.sandbox.requests.clear()

    @property
    def account(self) -> str:
        """What the ledger calls the public account of this store."""
        return "public"

    def ids(self, index: str) -> set[str]:
        """What an index holds."""
        return set(self.vectors(index))


class LocalStore(Store):
    """The same with the store in the project database."""

    @property
    def account(self) -> str:
        return "local-public"

    def ids(self, index: str) -> set[str]:
        client = LocalClient(self.database, self.account, DENSE)
        return set(client.get_index(name=index).list_ids(namespace=NAMESPACE))

    def vectors(self, index: str = DENSE, namespace: str = NAMESPACE, key: str = KEY) -> dict[str, dict[str, Any]]:
        """The records with their texts, which only the sparse index has."""
        with self.database.session() as session:
            texts = {
                row.vector_id: {**row.fields, "chunk_text": row.chunk_text}
                for row in session.scalars(select(LocalText).filter_by(account=self.account, namespace=namespace))
            }
            query = select(LocalEmbedding.vector_id).filter_by(account=self.account, namespace=namespace)
            return texts if index == SPARSE else {name: texts.get(name, {}) for name in session.scalars(query)}

    def written(self) -> list[tuple[Any, ...]]:
        """The physical version of every record: differs as soon as anything was written, even the same values."""
        with self.database.session() as session:
            return [
                tuple(row)
                for table in (LocalText, LocalEmbedding)
                for row in session.execute(text(f"SELECT ctid::text, xmin::text FROM {table.__tablename__}"))
            ]
