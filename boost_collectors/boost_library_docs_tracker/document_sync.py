"""``sync_boost_library_documents``: the documentation into the vector index, and a note in each row of what it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from boost_collectors.boost_library_docs_tracker import services
from boost_collectors.boost_library_docs_tracker.preprocessor import preprocess_boost_library_docs
from boost_collectors.core.collectors import AbstractCollector, BaseCollectorCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone

PLACE = "boost-library-documentation"
"""Application type and namespace."""


class LibraryDocumentsOptions(Options):
    full: bool = Field(False, description="Offer all documents again; what the index holds is still not sent.")
    strict: bool = Field(False, description="Fail when any document failed, not only when the whole sync did.")
    dry_run: bool = Field(False, description="Compare and count; send and write nothing.")


class LibraryDocuments(AbstractCollector):
    """Runs the sync. A run that was cut off before it noted anything is repeated, which sends nothing twice."""

    def __init__(self, context: RunContext, options: LibraryDocumentsOptions) -> None:
        super().__init__()
        self._context, self._options = context, options
        self._gone: set[str] = set()

    @property
    def name(self) -> str:
        return self._context.command

    def validate_config(self) -> None:
        """There is nothing to be wrong: which key is needed stands in the registry."""

    def collect(self) -> GenericTrackerResult:
        """Raises what the index raises. Documents that failed are on the list of the next run."""
        summary = sync_to_pinecone(PLACE, PLACE, self._offer, context=self._context)
        if not self._context.dry_run:
            self._note(summary)
        counts = {name: value for name, value in summary.items() if isinstance(value, int)}
        log = self._context.log
        log.info("upserted=%d total=%d failed=%d", counts["upserted"], counts["total"], counts["failed_count"])
        errors = tuple(str(error) for error in [*summary["errors"], *summary["update_errors"]])
        for error in errors:
            log.warning("%s", error)
        success = not (self._options.strict and (errors or counts["failed_count"]))
        return GenericTrackerResult(success=success, counts=counts, errors=errors)

    def _offer(self, failed: Sequence[str], since: datetime | None) -> tuple[Iterator[Item], bool]:
        items, chunked = preprocess_boost_library_docs(
            failed, None if self._options.full else since, context=self._context
        )
        return self._watched(items), chunked

    def _watched(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            if item.get("gone"):
                self._gone.add(item["metadata"]["source_ids"])
            yield item

    def _note(self, summary: dict[str, Any]) -> None:
        # What has too little text to be there is settled as well: offering it each time would be in vain.
        settled = {*summary["successful_source_ids"], *summary["dropped_source_ids"]}
        with self._context.database.session() as session:
            services.set_doc_content_upserted_by_ids(session, _ids(settled - self._gone), True)
            services.set_doc_content_upserted_by_ids(
                session, _ids({*summary["failed_ids"], *self._gone & settled}), False
            )


class LibraryDocumentsCommand(BaseCollectorCommand):
    options = LibraryDocumentsOptions

    def get_collector(self, **options: Any) -> LibraryDocuments:
        return LibraryDocuments(self.context, LibraryDocumentsOptions(**options))


def _ids(names: Iterable[str]) -> list[int]:
    return sorted(map(int, names))
