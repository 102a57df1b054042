"""``audit_pinecone_sync``: whether both indexes hold what the ledger says, no more and no less."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from boost_collectors.core.collectors import AbstractCollector, BaseCollectorCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.stores import indexes_of


class AuditOptions(Options):
    namespace: str = Field("", description="The namespace to compare.")
    pinecone_instance: str = Field("public", description="Whose account: public or private.")
    repair: bool = Field(
        False, description="Delete what is unknown, and have what is missing sent by the next full sync."
    )


class PineconeAudit(AbstractCollector):
    """Lists the ids of both indexes and compares them with the ledger; reads no text and no vector."""

    def __init__(self, context: RunContext, options: AuditOptions) -> None:
        super().__init__()
        self._context, self._options = context, options

    @property
    def name(self) -> str:
        return self._context.command

    def validate_config(self) -> None:
        """Raises CommandError without a namespace, or for an instance that is none."""
        try:
            store = self._context.settings.vector_store
            self._place = Place.of("audit", self._options.namespace, self._options.pinecone_instance, store=store)
        except ValueError as error:
            raise CommandError(f"audit_pinecone_sync: {error}") from error

    def collect(self) -> GenericTrackerResult:
        place = self._place
        indexes = indexes_of(self._context.settings, self._context.database, place.instance)
        with self._context.database.session() as session:
            dense, sparse = services.ledger_halves(session, place)
        in_dense, in_sparse = indexes.listed(place.namespace)
        missing = (dense - in_dense, sparse - in_sparse)
        unknown = (in_dense - dense) | (in_sparse - sparse)
        if self._options.repair:
            self._repair(indexes, missing, sorted(unknown))
        counts = {"vectors": len(dense | sparse), "unknown": len(unknown), "missing": len(missing[0]) + len(missing[1])}
        if (unknown or any(missing)) and not self._options.repair:
            told = (
                f"namespace {place.namespace!r}: {counts['unknown']} unknown, {counts['missing']} missing; use --repair"
            )
            return GenericTrackerResult.failed(told, **counts)
        return GenericTrackerResult.ok(**counts)

    def _repair(self, indexes: IndexPair, missing: tuple[set[str], set[str]], unknown: list[str]) -> None:
        with self._context.database.session() as session:
            hit = services.mark_missing(session, self._place, *missing)
        failures = indexes.delete(unknown, self._place.namespace) if unknown else {}
        self._context.log.info(
            "%s documents will be sent again by a run with --full; %s unknown vectors deleted, %s could not be",
            hit,
            len(unknown) - len(failures),
            len(failures),
        )


class PineconeAuditCommand(BaseCollectorCommand):
    options = AuditOptions

    def get_collector(self, **options: Any) -> PineconeAudit:
        return PineconeAudit(self.context, AuditOptions(**options))
