"""The order of a run, what it tells whom, and what a failed unit does to the others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from boost_collectors.core.collectors import (
    AbstractCollector,
    BaseCollectorCommand,
    CollectorRunnable,
    Unit,
    UnitCollector,
)
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectionSkipped,
    CommandError,
    NetworkError,
    PermanentError,
    RateLimited,
    TransientError,
)
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericIncrementalState, GenericTrackerResult
from boost_collectors.core.protocols import IncrementalState, TrackerResult

MakeContext = Callable[..., RunContext]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STEPS = ["validate_config", "pre_collect", "load_incremental_state", "collect", "post_collect"]


class Recorder(AbstractCollector):
    """Notes each step; raises what it is told to, where it is told to."""

    def __init__(self, failing: str = "", error: BaseException | None = None, name: str = "recorder") -> None:
        super().__init__()
        self.steps: list[str] = []
        self.failing, self.error = failing, error
        self.result: Any = GenericTrackerResult.ok(rows=2, errors=5, failed_count=7)
        self.state: Any = None
        self.persisted: list[IncrementalState] = []
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def _step(self, step: str) -> None:
        self.steps.append(step)
        if step == self.failing and self.error is not None:
            raise self.error

    def validate_config(self) -> None:
        self._step("validate_config")

    def pre_collect(self) -> None:
        self._step("pre_collect")

    def load_incremental_state(self) -> IncrementalState | None:
        self._step("load_incremental_state")
        state: IncrementalState | None = self.state
        return state

    def collect(self) -> TrackerResult:
        self._step("collect")
        result: TrackerResult = self.result
        return result

    def post_collect(self) -> None:
        # The parent is not called on purpose: the state must be kept all the same.
        self._step("post_collect")

    def persist_incremental_state(self, state: IncrementalState) -> None:
        self._step("persist")
        self.persisted.append(state)

    def on_error(self, exc: BaseException) -> None:
        self._step("on_error")

    def handle_error(self, exc: BaseException) -> None:
        self._step(f"handle_error in {self._error_phase}")
        super().handle_error(exc)

    def sync_pinecone(self) -> None:
        self._step("sync_pinecone")


def test_a_run_checks_before_it_works_and_returns_the_very_result() -> None:
    collector = Recorder()
    collector.result = GenericTrackerResult.ok(rows=1).with_duration(3.0)
    assert collector.run() is collector.result
    assert collector.last_result is collector.result
    assert collector.steps == STEPS


def test_a_missing_duration_is_filled_in() -> None:
    collector = Recorder()
    result = collector.run()
    assert result.duration_seconds is not None
    assert 0 <= result.duration_seconds < 60
    assert collector.last_result is result


@pytest.mark.parametrize("failing", [*STEPS, "persist"])
def test_a_failing_step_ends_the_run_and_is_told(failing: str) -> None:
    error = KeyError("x")
    collector = Recorder()
    collector.run()
    collector.steps.clear()
    collector.failing, collector.error = failing, error

    def leave_state() -> GenericTrackerResult:
        collector._step("collect")
        collector.outgoing_state = GenericIncrementalState("1")
        return GenericTrackerResult.ok()

    collector.collect = leave_state  # type: ignore[method-assign]  # a collector that leaves a state
    with pytest.raises(KeyError) as caught:
        collector.run()
    assert caught.value is error
    order = [*STEPS, "persist"]
    assert collector.steps == [*order[: order.index(failing) + 1], "on_error"]
    assert collector.last_result is None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_being_ended_is_no_error_of_the_collector(error: BaseException) -> None:
    collector = Recorder("collect", error)
    with pytest.raises(type(error)):
        collector.run()
    assert "on_error" not in collector.steps


def test_an_on_error_that_fails_does_not_hide_the_error(caplog: pytest.LogCaptureFixture) -> None:
    class Clumsy(Recorder):
        def on_error(self, exc: BaseException) -> None:
            raise RuntimeError("clumsy")

    with pytest.raises(ValueError, match="original"):
        Clumsy("collect", ValueError("original")).run()
    assert "on_error of recorder failed" in caplog.text
    assert "clumsy" in caplog.text


@pytest.mark.parametrize("result", [{"success": True, "counts": {}}, None, "done"])
def test_a_result_must_be_one(result: object) -> None:
    collector = Recorder()
    collector.result = result
    with pytest.raises(TypeError, match="TrackerResult"):
        collector.run()
    assert collector.steps[-1] == "on_error"


def test_a_state_must_be_one() -> None:
    collector = Recorder()
    collector.state = {"checkpoint_token": "1"}
    with pytest.raises(TypeError, match="IncrementalState"):
        collector.run()


def test_the_state_comes_in_and_goes_out() -> None:
    class Counting(Recorder):
        def collect(self) -> TrackerResult:
            assert self.incoming_state is not None
            number = int(self.incoming_state.checkpoint_token or 0)
            self.outgoing_state = GenericIncrementalState(str(number + 1))
            return super().collect()

    collector = Counting()
    collector.state = GenericIncrementalState("4")
    collector.run()
    assert collector.persisted == [GenericIncrementalState("5")]
    collector.state = None
    with pytest.raises(AssertionError):
        collector.run()
    assert collector.outgoing_state is None


def test_a_collector_must_say_how_it_collects() -> None:
    class Idle(AbstractCollector):
        pass

    with pytest.raises(TypeError, match="collect, name, validate_config"):
        Idle()  # type: ignore[abstract]  # what is tested


def test_collectors_are_runnable() -> None:
    assert isinstance(Recorder(), CollectorRunnable)
    assert not isinstance(object(), CollectorRunnable)


class RecorderOptions(Options):
    number: int = 0


class RecorderCommand(BaseCollectorCommand):
    """Runs the collector it is given."""

    options = RecorderOptions
    collector: ClassVar[Any]

    def get_collector(self, **options: Any) -> CollectorRunnable:
        if isinstance(self.collector, Exception):
            raise self.collector
        self.collector.given = options
        runnable: CollectorRunnable = self.collector
        return runnable


@pytest.fixture
def command(make_context: MakeContext) -> Callable[[Any], RecorderCommand]:
    def make(collector: Any) -> RecorderCommand:
        kind = type("Command", (RecorderCommand,), {"collector": collector})
        made: RecorderCommand = kind(make_context("run_recorder"))
        return made

    return make


Command = Callable[[Any], RecorderCommand]


def only_record(caplog: pytest.LogCaptureFixture, level: int) -> Any:
    """The one record of the collector layer at that level, with its extras as attributes."""
    (record,) = [
        record
        for record in caplog.records
        if record.levelno == level and record.name == "boost_collectors.core.collectors"
    ]
    return record


def test_a_command_runs_then_syncs_and_logs_what_was_done(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    collector = Recorder()
    result = command(collector).execute(RecorderOptions(number=4))
    assert result is collector.last_result
    assert collector.given == {"number": 4}  # type: ignore[attr-defined]  # set by the command
    assert collector.steps == [*STEPS, "sync_pinecone"]
    record = only_record(caplog, logging.INFO)
    assert record.getMessage().startswith("Collector finished")
    assert (record.collector, record.success, record.records_collected, record.error_count) == ("recorder", True, 2, 0)
    assert record.counts == {"rows": 2, "errors": 5, "failed_count": 7}
    assert isinstance(result, GenericTrackerResult)
    assert (record.duration_seconds, record.result_json) == (result.duration_seconds, result.to_json())
    assert record.result_repr == repr(result)


def test_the_phase_is_gone_afterwards(command: Command) -> None:
    collector = Recorder()
    command(collector).execute(RecorderOptions())
    assert "_error_phase" not in vars(collector)


@pytest.mark.parametrize(("failing", "phase"), [("collect", "run"), ("sync_pinecone", "sync_pinecone")])
def test_a_failure_is_handled_in_its_phase(
    command: Command, caplog: pytest.LogCaptureFixture, failing: str, phase: str
) -> None:
    collector = Recorder(failing, PermissionError("no"))
    with pytest.raises(PermissionError):
        command(collector).execute(RecorderOptions())
    told = [f"handle_error in {phase}"]
    assert collector.steps[collector.steps.index(failing) + 1 :] == (["on_error"] if phase == "run" else []) + told
    assert "_error_phase" not in vars(collector)
    record = only_record(caplog, logging.ERROR)
    assert (record.collector, record.collector_phase, record.failure_category) == ("recorder", phase, "permission")
    assert record.exc_info[1] is collector.error


def test_a_command_error_is_logged_but_not_handled(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    collector = Recorder("validate_config", CommandError("--limit is wrong", returncode=3))
    with pytest.raises(CommandError) as caught:
        command(collector).execute(RecorderOptions())
    assert caught.value.returncode == 3
    assert collector.steps == ["validate_config", "on_error"]
    record = only_record(caplog, logging.ERROR)
    assert (record.collector, record.collector_phase, record.failure_category) == ("recorder", "run", "command")
    assert "--limit is wrong" in record.getMessage()


def test_a_blank_name_is_replaced_by_the_class(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="x"):
        command(Recorder("collect", ValueError("x"), name="")).execute(RecorderOptions())
    assert only_record(caplog, logging.ERROR).collector == "Recorder"


def test_outside_a_command_the_phase_is_unknown(caplog: pytest.LogCaptureFixture) -> None:
    AbstractCollector.handle_error(Recorder(), ValueError("x"))
    assert only_record(caplog, logging.ERROR).collector_phase == "unknown"


def test_a_handler_that_fails_is_what_propagates(command: Command) -> None:
    class Clumsy(Recorder):
        def handle_error(self, exc: BaseException) -> None:
            raise RuntimeError("double fault")

    collector = Clumsy("collect", ValueError("x"))
    with pytest.raises(RuntimeError, match="double fault"):
        command(collector).execute(RecorderOptions())
    assert "_error_phase" not in vars(collector)


def test_an_interrupt_cleans_up_and_is_not_handled(command: Command) -> None:
    collector = Recorder("collect", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        command(collector).execute(RecorderOptions())
    assert collector.steps[-1] == "collect"
    assert "_error_phase" not in vars(collector)


def test_a_failure_to_build_the_collector_is_classified(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AuthenticationError):
        command(AuthenticationError("token refused")).execute(RecorderOptions())
    record = only_record(caplog, logging.ERROR)
    assert (record.collector, record.collector_phase, record.failure_category) == ("run_recorder", "build", "auth")


@pytest.mark.parametrize("where", ["build", "run"])
def test_nothing_to_do_is_no_error(command: Command, caplog: pytest.LogCaptureFixture, where: str) -> None:
    reason = CollectionSkipped("no new release")
    with pytest.raises(CollectionSkipped):
        command(reason if where == "build" else Recorder("collect", reason)).execute(RecorderOptions())
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_result_without_success_fails_the_command(command: Command) -> None:
    collector = Recorder()
    collector.result = GenericTrackerResult.failed("list x is gone", rows=3)
    with pytest.raises(PermanentError, match="list x is gone") as caught:
        command(collector).execute(RecorderOptions())
    assert caught.value.result is collector.last_result
    assert "sync_pinecone" not in collector.steps


def test_a_runnable_of_another_kind_need_not_return_a_result(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    synced: list[bool] = []
    foreign = SimpleNamespace(
        last_result=None, run=lambda: None, sync_pinecone=lambda: synced.append(True), handle_error=lambda exc: None
    )
    assert command(foreign).execute(RecorderOptions()) is None
    assert synced == [True]
    assert "Collector finished" not in caplog.text


def test_a_command_must_name_its_collector(make_context: MakeContext) -> None:
    class Nothing(BaseCollectorCommand):
        pass

    with pytest.raises(TypeError, match="get_collector"):
        Nothing(make_context())  # type: ignore[abstract]  # what is tested


class Lists(UnitCollector):
    """Three units; what each does is told by a table of outcomes."""

    def __init__(self, context: RunContext, **outcomes: Exception | Callable[[], None]) -> None:
        super().__init__(context)
        self.outcomes = outcomes
        self.done: list[str] = []

    def validate_config(self) -> None:
        """Nothing can be wrong."""

    def plan(self) -> Sequence[Unit]:
        return [Unit("a"), Unit("b", cost=3, label="list b"), Unit("c")]

    def collect_unit(self, unit: Unit) -> Counts:
        outcome = self.outcomes.get(unit.key)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            outcome()
        self.done.append(unit.key)
        counts = Counts()
        counts.add("rows", 10)
        return counts


class ListsCommand(BaseCollectorCommand):
    options = Options
    made: Lists

    def get_collector(self, **options: Any) -> CollectorRunnable:
        return self.made


def execute(collector: Lists) -> TrackerResult | None:
    command = ListsCommand(collector.context)
    command.made = collector
    return command.execute(Options())


def test_units_are_done_in_turn_and_counted(make_context: MakeContext) -> None:
    collector = Lists(make_context("run_lists"))
    result = execute(collector)
    assert result is not None
    assert collector.done == ["a", "b", "c"]
    assert dict(result.counts) == {"rows": 30, "units": 3, "requests": 0, "failed_count": 0}
    assert collector.name == "run_lists"


def test_only_some_units(make_context: MakeContext) -> None:
    collector = Lists(make_context(only=("c", "a")))
    execute(collector)
    assert collector.done == ["c", "a"]


def test_a_unit_that_does_not_exist_is_named(make_context: MakeContext) -> None:
    with pytest.raises(CommandError, match="run_lists has no unit x, y; it has: a, b, c"):
        execute(Lists(make_context("run_lists", only=("x", "a", "y"))))


def test_a_failing_unit_does_not_lose_the_others(make_context: MakeContext) -> None:
    collector = Lists(make_context("run_lists"), b=PermanentError("gone"))
    with pytest.raises(PermanentError, match="run_lists did not finish: b: gone") as caught:
        execute(collector)
    assert collector.done == ["a", "c"]
    assert caught.value.repair == "python -m boost_collectors run_lists --only b"
    assert caught.value.result is not None
    assert dict(caught.value.result.counts) == {"rows": 20, "units": 3, "requests": 0, "failed_count": 1}


@pytest.mark.parametrize(
    ("outcomes", "kind"),
    [
        ({"a": PermanentError("x"), "b": ValueError("x")}, PermanentError),
        ({"a": PermanentError("x"), "b": NetworkError("x")}, TransientError),
        ({"a": TimeoutError("x")}, TransientError),
        ({"a": TransientError("busy")}, TransientError),
    ],
)
def test_trying_again_is_offered_if_any_unit_can_succeed(
    make_context: MakeContext, outcomes: dict[str, Exception], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        execute(Lists(make_context(), **outcomes))


def test_a_rate_limit_ends_the_run_and_says_when_to_come_back(make_context: MakeContext) -> None:
    collector = Lists(make_context(), a=NetworkError("x"), b=RateLimited("slow down", retry_at=NOW))
    with pytest.raises(RateLimited) as caught:
        execute(collector)
    assert (collector.done, list(collector.failures)) == ([], ["a", "b", "c"])
    assert caught.value.retry_at == NOW


def test_a_run_that_is_asked_to_stop_ends_between_units_and_can_be_repeated(make_context: MakeContext) -> None:
    stop = threading.Event()
    collector = Lists(make_context(stop=stop), a=stop.set)
    with pytest.raises(TransientError, match="asked to stop"):
        execute(collector)
    assert (collector.done, list(collector.failures)) == (["a"], ["b", "c"])


def test_a_unit_with_nothing_to_do_is_no_failure(make_context: MakeContext, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    result = execute(Lists(make_context("run_lists"), b=CollectionSkipped("archived")))
    assert result is not None
    assert (result.success, result.counts["units_skipped"], result.counts["failed_count"]) == (True, 1, 0)
    assert "Unit b of run_lists skipped: archived" in caplog.text


def test_a_failed_unit_is_logged_with_its_category(make_context: MakeContext, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TransientError):
        execute(Lists(make_context("run_lists"), b=NetworkError("cut")))
    record: Any = next(record for record in caplog.records if record.getMessage().startswith("Unit b"))
    assert (record.levelno, record.unit, record.failure_category) == (logging.ERROR, "b", "network")
    assert record.exc_info is None


def test_a_second_run_starts_clean(make_context: MakeContext) -> None:
    collector = Lists(make_context(), b=PermanentError("gone"))
    assert not collector.run().success
    collector.outcomes = {}
    assert collector.run().success
    assert collector.failures == {}


def test_units_cost_one_by_default() -> None:
    assert (Unit("a").cost, Unit("a").label) == (1.0, "")
