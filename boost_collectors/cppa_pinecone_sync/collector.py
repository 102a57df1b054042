"""``run_cppa_pinecone_sync``: one kind of documents into one namespace."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from boost_collectors.core.collectors import AbstractCollector, BaseCollectorCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance, Place
from boost_collectors.cppa_pinecone_sync.preprocessors import load_preprocessor
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone


class PineconeSyncOptions(Options):
    app_type: str = Field("", description="Kind of the documents, such as mailing.")
    namespace: str = Field("", description="Namespace of the index they go to.")
    preprocessor: str = Field("", description="Dotted path of the callable that returns the documents.")
    pinecone_instance: str = Field("public", description="Whose account: public or private.")
    full: bool = Field(False, description="Offer all documents again; what the index holds is still not sent.")
    strict: bool = Field(False, description="Fail when any document failed, not only when the whole sync did.")
    dry_run: bool = Field(False, description="Compare and count; send and write nothing.")

    @field_validator("app_type", "namespace", "preprocessor")
    @classmethod
    def _blank_is_not_given(cls, value: str) -> str:
        return value.strip()

    @field_validator("pinecone_instance")
    @classmethod
    def _known_instance(cls, value: str) -> str:
        return PineconeInstance.coerce(value or None).value


class PineconeSyncTrackerResult(GenericTrackerResult):
    """A result made of a sync's summary."""

    @classmethod
    def from_summary(cls, summary: dict[str, Any]) -> PineconeSyncTrackerResult:
        """Success only when nothing failed; further counts of chunks and documents beside the stable three."""
        counts = {name: value for name, value in summary.items() if isinstance(value, int)}
        errors = tuple(str(error) for error in [*summary["errors"], *summary["update_errors"]])
        return cls(success=not summary["failed_count"] and not errors, counts=counts, errors=errors)


class PineconeSync(AbstractCollector):
    """Runs one sync and tells what came of it."""

    def __init__(self, context: RunContext, options: PineconeSyncOptions) -> None:
        super().__init__()
        self._context, self._options = context, options

    @property
    def name(self) -> str:
        return self._context.command

    def validate_config(self) -> None:
        """Raises CommandError for arguments that do not go together."""
        app_type, others = self._options.app_type, (self._options.namespace, self._options.preprocessor)
        if not app_type and any(others):
            raise CommandError("--app-type is required with --namespace and --preprocessor")
        if not app_type:
            raise CommandError("nothing to sync: pass --app-type, --namespace and --preprocessor")
        if not all(others):
            raise CommandError("--app-type needs both --namespace and --preprocessor")

    def collect(self) -> GenericTrackerResult:
        options = self._options
        try:
            place = Place.of(options.app_type, options.namespace, options.pinecone_instance)
        except ValueError as error:
            raise CommandError(str(error)) from error
        preprocess = load_preprocessor(options.preprocessor, self._context)
        offer = (lambda failed, _since: preprocess(failed, None)) if options.full else preprocess
        summary = sync_to_pinecone(
            place.app_type, place.namespace, offer, instance=place.instance, context=self._context
        )
        return self._told(PineconeSyncTrackerResult.from_summary(summary))

    def _told(self, result: GenericTrackerResult) -> GenericTrackerResult:
        for error in result.errors:
            self._context.log.warning("%s", error)
        if result.success or self._options.strict:
            return result
        # What failed is on the list of the next run; the warnings and counts tell of it.
        return GenericTrackerResult(success=True, counts=result.counts, errors=result.errors)


class PineconeSyncCommand(BaseCollectorCommand):
    """The flags of the earlier system, and ``--full``, ``--strict`` and ``--dry-run``."""

    options = PineconeSyncOptions

    def get_collector(self, **options: Any) -> PineconeSync:
        return PineconeSync(self.context, PineconeSyncOptions(**options))
