"""The collector contract: what every source implements, and the order in which a run calls it."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, final, runtime_checkable

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import (
    CollectionSkipped,
    CollectorError,
    CollectorFailureCategory,
    CommandError,
    PermanentError,
    RateLimited,
    TransientError,
    classify_failure,
    retry_may_help,
)
from boost_collectors.core.log import bind
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import (
    GenericActivityRecord,
    GenericIncrementalState,
    GenericTrackerResult,
    fill_duration,
)
from boost_collectors.core.protocols import (
    IncrementalState,
    TrackerResult,
    require_incremental_state,
    require_tracker_result,
)

__all__ = [
    "AbstractCollector",
    "BaseCollectorCommand",
    "CollectorFailureCategory",
    "CollectorRunnable",
    "GenericActivityRecord",
    "GenericIncrementalState",
    "GenericTrackerResult",
    "Unit",
    "UnitCollector",
    "classify_failure",
]

logger = logging.getLogger(__name__)

T = TypeVar("T")

MOST_NAMED = 10
"""How many failed units a message names."""


@runtime_checkable
class CollectorRunnable(Protocol):
    """What the command layer needs of a collector."""

    @property
    def last_result(self) -> TrackerResult | None: ...

    def run(self) -> TrackerResult: ...

    def sync_pinecone(self) -> None: ...

    def handle_error(self, exc: BaseException) -> None: ...


class AbstractCollector(ABC):
    """One source. Subclasses say what to check and what to collect; ``run`` keeps the order."""

    _error_phase: str | None = None

    def __init__(self) -> None:
        self.last_result: TrackerResult | None = None
        self.incoming_state: IncrementalState | None = None
        self.outgoing_state: IncrementalState | None = None

    @property
    @abstractmethod
    def name(self) -> str:
        """A stable, non-empty id used in logs."""

    @abstractmethod
    def validate_config(self) -> None:
        """Cheap checks of settings and arguments, before any work. Raises what the caller must fix."""

    @abstractmethod
    def collect(self) -> TrackerResult:
        """The main work."""

    def pre_collect(self) -> None:
        """Hook: work that must precede collecting, such as a backlog."""

    def load_incremental_state(self) -> IncrementalState | None:
        """Hook: where the last run ended."""
        return None

    def post_collect(self) -> None:
        """Hook: what follows a collection. The outgoing state is kept whatever an override does."""

    def persist_incremental_state(self, state: IncrementalState) -> None:
        """Hook: keep where this run ended, for collectors whose checkpoint is not already stored with their rows."""

    def on_error(self, exc: BaseException) -> None:
        """Hook: told of any failure of ``run`` before it propagates; must not swallow it."""

    def sync_pinecone(self) -> None:
        """Hook: hand changed documents to the vector store, after a successful run."""

    def handle_error(self, exc: BaseException) -> None:
        """Log a failure with its collector, phase and category, and the traceback of what nobody foresaw."""
        logger.error(
            "Collector %s failed: %s",
            self.name,
            exc,
            exc_info=None if isinstance(exc, CollectorError) else exc,
            extra={
                "collector": self.name or type(self).__name__,
                "collector_phase": self._error_phase or "unknown",
                "failure_category": classify_failure(exc).value,
            },
        )

    @final
    def run(self) -> TrackerResult:
        """Check, collect, keep the state; returns the result. Not to be overridden.

        Configuration is checked before anything else, so that a wrong setting costs no work. The state is kept even
        when a subclass overrides ``post_collect``. ``last_result`` is None unless this very run succeeded.
        """
        self.last_result = None
        self.incoming_state = None
        self.outgoing_state = None
        started = time.monotonic()
        try:
            self.validate_config()
            self.pre_collect()
            state = self.load_incremental_state()
            self.incoming_state = None if state is None else require_incremental_state(state)
            result = fill_duration(require_tracker_result(self.collect()), time.monotonic() - started)
            self.post_collect()
            self._keep_outgoing_state()
        except Exception as exc:
            self._tell_on_error(exc)
            raise
        self.last_result = result
        return result

    def _keep_outgoing_state(self) -> None:
        if self.outgoing_state is not None:
            self.persist_incremental_state(require_incremental_state(self.outgoing_state))

    def _tell_on_error(self, exc: Exception) -> None:
        try:
            self.on_error(exc)
        except Exception:
            logger.exception("on_error of %s failed; the original error follows", self.name)


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work that can succeed or fail alone: a repository, a channel, a list.

    ``key`` is stable across runs (checkpoints, ``--only`` and mapped tasks use it); ``cost`` is a relative weight
    that balances batches; ``label`` is what people read (the key when empty).
    """

    key: str
    cost: float = 1.0
    label: str = ""


class UnitCollector(AbstractCollector):
    """A collector whose work falls into units. One failing unit never loses the others, and is never hidden."""

    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self.context = context
        self.counts = Counts()
        self.failures: dict[str, Exception] = {}

    @property
    def name(self) -> str:
        return self.context.command

    @abstractmethod
    def plan(self) -> Sequence[Unit]:
        """The units of work as the source names them now, in the order to be done, without regard to ``only``."""

    @abstractmethod
    def collect_unit(self, unit: Unit) -> Counts:
        """Do one unit; what it counted is added to ``self.counts``. Raise what the caller should do.

        Rows and their checkpoint are committed together. A unit that may fail half-way adds to ``self.counts`` itself
        as it goes, so that the result of a failed run tells what it did.
        """

    def limit_scope(self, unit: Unit) -> str:  # noqa: ARG002 - for overrides
        """Hook: units with the same answer share the source's rate limit; by default all do."""
        return ""

    @final
    def selected_units(self) -> list[Unit]:
        """The planned units, restricted to the run's ``only``. Raises CommandError for names that are not units."""
        units = list(self.plan())
        only = self.context.only
        if not only:
            return units
        by_key = {unit.key: unit for unit in units}
        unknown = [key for key in only if key not in by_key]
        if unknown:
            known = ", ".join(sorted(by_key)[:20]) or "none"
            raise CommandError(f"{self.name} has no unit {', '.join(unknown)}; it has: {known}")
        return [by_key[key] for key in only]

    def collect(self) -> TrackerResult:
        """Every selected unit in turn; a failure moves on to the next one, and a rate limit to the next that does not
        share it (see ``limit_scope``)."""
        self.failures = {}
        counts = self.counts = Counts()
        units = self.selected_units()
        with self.context.progress.task(self.name, total=len(units)) as task:
            for position, unit in enumerate(units):
                if self.context.stop.is_set():
                    self._not_reached(units[position:], TransientError("the run was asked to stop"))
                    break
                if unit.key in self.failures:
                    continue
                try:
                    with bind(unit=unit.key):
                        counts += self.collect_unit(unit)
                except CollectionSkipped as reason:
                    counts.add("units_skipped")
                    self.context.log.info("Unit %s of %s skipped: %s", unit.key, self.name, reason)
                except RateLimited as exc:
                    scope = self.limit_scope(unit)
                    self._not_reached([each for each in units[position:] if self.limit_scope(each) == scope], exc)
                except Exception as exc:
                    self._unit_failed(unit, exc)
                task.advance(label=unit.label or unit.key)
        counts.add("units", len(units))
        counts.add("requests", self.context.http.requests)
        counts.add("failed_count", len(self.failures))
        errors = [f"{key}: {exc}" for key, exc in self.failures.items()]
        if errors:
            return GenericTrackerResult.failed(*errors, **counts.as_dict())
        return GenericTrackerResult.ok(**counts.as_dict())

    def _unit_failed(self, unit: Unit, exc: Exception) -> None:
        self.failures[unit.key] = exc
        self.context.log.error(
            "Unit %s of %s failed: %s",
            unit.key,
            self.name,
            exc,
            exc_info=None if isinstance(exc, CollectorError) else exc,
            extra={"collector": self.name, "unit": unit.key, "failure_category": classify_failure(exc).value},
        )

    def _not_reached(self, units: Sequence[Unit], exc: CollectorError) -> None:
        for unit in units:
            self.failures[unit.key] = exc
        self.context.log.warning("%s stopped before %s: %s", self.name, ", ".join(unit.key for unit in units), exc)


class BaseCollectorCommand(BaseCommand):
    """A command that runs one collector: build, run, log the result, hand over to the vector store."""

    options = Options

    @abstractmethod
    def get_collector(self, **options: Any) -> CollectorRunnable:
        """The collector for these options. ``self.context`` holds everything it may use."""

    @final
    def execute(self, options: Options) -> TrackerResult | None:
        """Run the collector and its vector sync. Raises what the collector raised, or for a result that says
        ``success=False`` the error class that tells the caller whether trying again helps."""
        collector = self._build(options)
        result = self._phase(collector, "run", collector.run)
        if isinstance(result, TrackerResult):
            self._log_result(collector, result)
            if not result.success:
                raise failed_result_error(collector, result)
        self._phase(collector, "sync_pinecone", collector.sync_pinecone)
        return result if isinstance(result, TrackerResult) else None

    def _build(self, options: Options) -> CollectorRunnable:
        try:
            return self.get_collector(**dict(options))
        except CollectionSkipped:
            raise
        except Exception as exc:
            self._log_failure(self.context.command, "build", exc)
            raise

    def _phase(self, collector: CollectorRunnable, phase: str, action: Callable[[], T]) -> T:
        collector._error_phase = phase  # type: ignore[attr-defined]
        try:
            return action()
        except (CommandError, CollectionSkipped) as exc:
            if isinstance(exc, CommandError):
                self._log_failure(_name_of(collector), phase, exc)
            raise
        except Exception as exc:
            collector.handle_error(exc)
            raise
        finally:
            del collector._error_phase  # type: ignore[attr-defined]

    def _log_failure(self, name: str, phase: str, exc: Exception) -> None:
        logger.error(
            "Command %s failed: %s",
            name,
            exc,
            extra={"collector": name, "collector_phase": phase, "failure_category": classify_failure(exc).value},
        )

    def _log_result(self, collector: CollectorRunnable, result: TrackerResult) -> None:
        counts = dict(result.counts)
        extra: dict[str, Any] = {
            "collector": _name_of(collector),
            "success": result.success,
            "records_collected": sum(n for key, n in counts.items() if key not in ("errors", "failed_count")),
            "error_count": len(result.errors),
            "duration_seconds": result.duration_seconds,
            "counts": counts,
        }
        if isinstance(result, GenericTrackerResult):
            extra |= {"result_repr": repr(result), "result_json": result.to_json()}
        logger.info("Collector finished: %s %s", extra["collector"], counts, extra=extra)


def failed_result_error(collector: CollectorRunnable, result: TrackerResult) -> CollectorError:
    """The error for ``success=False``: wait if a unit was limited, retry if any can succeed, else fail."""
    failures: dict[str, Exception] = getattr(collector, "failures", {})
    message = f"{_name_of(collector)} did not finish: " + (_shortened(result.errors, "; ") or "no reason given")
    repair = f"python -m boost_collectors {_name_of(collector)}"
    if 0 < len(failures) <= MOST_NAMED:
        repair += "".join(f" --only {key}" for key in failures)
    limits = [exc.retry_at for exc in failures.values() if isinstance(exc, RateLimited)]
    if limits:
        return RateLimited(message, retry_at=max(limits), repair=repair, result=result)
    if any(retry_may_help(exc) for exc in failures.values()):
        return TransientError(message, repair=repair, result=result)
    return PermanentError(message, repair=repair, result=result)


def _shortened(texts: Sequence[str], separator: str) -> str:
    """The first few texts, and how many more there are: a message must stay readable with hundreds of units."""
    more = len(texts) - MOST_NAMED
    return separator.join([*texts[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _name_of(collector: CollectorRunnable) -> str:
    return str(getattr(collector, "name", "")) or type(collector).__name__
