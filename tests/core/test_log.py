"""Log records: where they go, what they look like, which run they belong to, and that no secret is in them."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core import log
from boost_collectors.core.log import CloudLoggingJsonFormatter, configure_logging, configure_redaction
from boost_collectors.core.redaction import MASK
from boost_collectors.core.settings import Settings

SECRET = "-".join(["hunter", "two"])  # tracebacks show source lines, so it must not stand here as a whole

logger = logging.getLogger("tests.core.log")


@pytest.fixture
def make_settings_here(tmp_path: Path) -> Callable[..., Settings]:
    def make(**environ: str) -> Settings:
        return Settings.load({"LOG_DIR": str(tmp_path / "logs"), "GITHUB_TOKEN": SECRET} | environ, env_file=None)

    return make


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    filters = {handler: list(handler.filters) for handler in handlers}
    levels = {name: logging.getLogger(name).level for name in ("celery", "httpx")}
    yield
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if handler not in handlers:
            handler.close()
    for handler in handlers:
        root.addHandler(handler)
        handler.filters[:] = filters[handler]
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def console_of(action: Callable[[], None]) -> str:
    with redirect_stderr(io.StringIO()) as stream:
        action()
    return stream.getvalue()


def json_of(action: Callable[[], None]) -> dict[str, Any]:
    (line,) = console_of(action).splitlines()
    record: dict[str, Any] = json.loads(line)
    return record


Make = Callable[..., Settings]


class TestText:
    def test_layout(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here())
        line = console_of(lambda: logger.warning("read %d rows", 3))
        words = line.split()
        assert words[0] == "WARNING"
        assert words[3:] == ["tests.core.log", "test_log", "read", "3", "rows"]

    def test_the_run_stands_behind_the_message(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here())
        with log.bind(run_id="r1", group="github", command="run_x"):
            line = console_of(lambda: logger.info("here"))
        assert line.endswith("here [github/run_x/r1]\n")
        assert console_of(lambda: logger.info("there")).endswith("there\n")

    def test_traceback_follows(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here())
        text = console_of(lambda: logger.error("failed", exc_info=ValueError("why")))
        assert text.endswith("failed\nValueError: why\n")


class TestJson:
    def test_fields(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here(LOG_FORMAT="JSON"))
        before = datetime.now(UTC)
        record = json_of(lambda: logger.error("read %s", "rows", extra={"collector": "c", "counts": {"a": 1}}))
        assert record["severity"] == "ERROR"
        assert record["message"] == "read rows"
        assert (record["name"], record["module"]) == ("tests.core.log", "test_log")
        assert (record["collector"], record["counts"]) == ("c", {"a": 1})
        assert "levelname" not in record
        assert record["asctime"]
        moment = datetime.fromisoformat(record["timestamp"])
        assert moment.utcoffset() is not None
        assert before <= moment <= datetime.now(UTC)

    def test_the_run_and_the_exception(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here(LOG_FORMAT="json"))
        with log.bind(run_id="r1", group=None, command="run_x"):
            record = json_of(lambda: logger.error("failed", exc_info=ValueError("why")))
        assert (record["run_id"], record["command"]) == ("r1", "run_x")
        assert "group" not in record
        assert record["exc_info"] == "ValueError: why"

    @pytest.mark.parametrize("value", [object, float("nan"), {(1, 2): 3}, {1, 2}, b"\xff", [float("inf")]])
    def test_what_json_cannot_hold_becomes_text(self, value: object) -> None:
        record = logging.makeLogRecord({"msg": "m", "levelname": "INFO", "odd": value, "fine": 1})
        written = json.loads(CloudLoggingJsonFormatter().format(record), parse_constant=lambda name: pytest.fail(name))
        assert written["odd"] == str(value)
        assert written["fine"] == 1

    def test_a_value_that_holds_itself(self) -> None:
        loop: list[object] = []
        loop.append(loop)
        record = logging.makeLogRecord({"msg": "m", "odd": loop})
        assert json.loads(CloudLoggingJsonFormatter().format(record))["message"] == "m"

    def test_the_file_is_json_too(self, make_settings_here: Make) -> None:
        settings = make_settings_here(LOG_FORMAT="json")
        configure_logging(settings)
        console_of(lambda: logger.info("to the file"))
        (line,) = (settings.log_dir / "app.log").read_text().splitlines()
        assert json.loads(line)["message"] == "to the file"


class TestConfiguration:
    def test_level_and_file(self, make_settings_here: Make) -> None:
        settings = make_settings_here(LOG_LEVEL="warning", LOG_FILE="mine.log")
        configure_logging(settings)
        assert console_of(lambda: logger.info("unheard")) == ""
        console_of(lambda: logger.warning("heard"))
        assert (settings.log_dir / "mine.log").read_text().endswith("heard\n")

    def test_again_replaces_only_its_own_handlers(self, make_settings_here: Make) -> None:
        foreign = logging.NullHandler()
        logging.getLogger().addHandler(foreign)
        configure_logging(make_settings_here())
        count = len(logging.getLogger().handlers)
        configure_logging(make_settings_here())
        assert len(logging.getLogger().handlers) == count
        assert foreign in logging.getLogger().handlers
        assert console_of(lambda: logger.info("once")).count("once") == 1

    def test_other_loggers_stay_on(self, make_settings_here: Make) -> None:
        other = logging.getLogger("tests.core.log.other")
        configure_logging(make_settings_here())
        assert not other.disabled
        assert "here" in console_of(lambda: other.info("here"))

    @pytest.mark.parametrize(("level", "of_queue"), [("DEBUG", logging.INFO), ("ERROR", logging.ERROR)])
    def test_the_queue_is_never_at_debug(self, make_settings_here: Make, level: str, of_queue: int) -> None:
        configure_logging(make_settings_here(LOG_LEVEL=level))
        assert logging.getLogger("celery").level == of_queue

    def test_a_folder_that_cannot_be_written_leaves_the_console(self, make_settings_here: Make, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        settings = make_settings_here(LOG_DIR=str(tmp_path / "file" / "logs"))
        assert "No log file" in console_of(lambda: configure_logging(settings))
        assert "still here" in console_of(lambda: logger.info("still here"))

    def test_the_console_is_the_present_stderr(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here())
        assert "first" in console_of(lambda: logger.info("first"))
        assert "second" in console_of(lambda: logger.info("second"))
        assert sys.stderr is not None


class TestRedaction:
    def output(self, settings: Settings, action: Callable[[], None]) -> str:
        configure_logging(settings)
        text = console_of(action)
        return text + (settings.log_dir / "app.log").read_text()

    @pytest.mark.parametrize("layout", ["text", "json"])
    @pytest.mark.parametrize(
        "action",
        [
            lambda: logger.info(f"token {SECRET}"),  # noqa: G004 - what a careless caller does
            lambda: logger.info("token %s of %d", SECRET, 2),
            lambda: logger.info("token %(t)s", {"t": SECRET}),
            lambda: logger.info("token %r", [SECRET]),
            lambda: logger.info("header %s", "Bearer abc.def.ghi"),
            lambda: logger.info("m", extra={"url": f"https://me:{SECRET}@h/", "deep": {"a": [{SECRET: (SECRET,)}]}}),
            lambda: logger.info("m", extra={"thing": ValueError(SECRET)}),
            lambda: logger.error("m", exc_info=ValueError(f"login {SECRET}")),
            lambda: logger.error("m", exc_info=RuntimeError("https://me:abc.def.ghi@h/")),
            lambda: logger.info("too %s few", SECRET, SECRET),
            lambda: logger.info(ValueError(SECRET)),
        ],
    )
    def test_nothing_leaks(self, make_settings_here: Make, layout: str, action: Callable[[], None]) -> None:
        text = self.output(make_settings_here(LOG_FORMAT=layout), action)
        assert SECRET not in text
        assert "abc.def.ghi" not in text
        if "header" in text or "token" in text:
            assert MASK in text

    def test_an_exception_keeps_its_traceback(self, make_settings_here: Make) -> None:
        def fail() -> None:
            try:
                raise ValueError(f"login {SECRET}")
            except ValueError:
                logger.exception("m")

        text = self.output(make_settings_here(), fail)
        assert "in fail\n" in text
        assert f"ValueError: login {MASK}\n" in text

    def test_clean_records_are_left_alone(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here())
        seen: list[logging.LogRecord] = []

        class Keeper(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                seen.append(record)

        logging.getLogger().addHandler(Keeper())
        configure_redaction(make_settings_here())
        thing = object()
        error = ValueError("fine")
        console_of(lambda: logger.info("%s and %d", "a", 1, extra={"thing": thing}, exc_info=error))
        (record,) = seen
        assert (record.msg, record.args) == ("%s and %d", ("a", 1))
        assert record.__dict__["thing"] is thing
        assert record.exc_info is not None
        assert record.exc_info[1] is error

    def test_redaction_of_foreign_handlers_is_idempotent_and_adds_up(self, make_settings_here: Make) -> None:
        stream = io.StringIO()
        foreign = logging.StreamHandler(stream)
        logging.getLogger().addHandler(foreign)
        configure_redaction(make_settings_here())
        configure_redaction(make_settings_here())
        assert len(foreign.filters) == 2
        configure_redaction(make_settings_here(GITHUB_TOKEN="another-secret"))
        logger.warning("%s and another-secret", SECRET)
        assert stream.getvalue() == f"{MASK} and {MASK}\n"


class TestBind:
    def test_inner_facts_add_to_outer_ones(self) -> None:
        with log.bind(run_id="r1", command="a"):
            with log.bind(command="b", unit="u"):
                assert log.bound() == {"run_id": "r1", "command": "b", "unit": "u"}
            assert log.bound() == {"run_id": "r1", "command": "a"}
        assert log.bound() == {}

    def test_a_records_own_extra_wins(self, make_settings_here: Make) -> None:
        configure_logging(make_settings_here(LOG_FORMAT="json"))
        with log.bind(command="a"):
            assert json_of(lambda: logger.info("m", extra={"command": "own"}))["command"] == "own"

    def test_threads_belong_to_the_only_run(self) -> None:
        with log.bind(run_id="r1"), ThreadPoolExecutor(1) as pool:
            assert pool.submit(log.bound).result() == {"run_id": "r1"}

    def test_threads_know_the_innermost_facts(self) -> None:
        with log.bind(run_id="r1"), ThreadPoolExecutor(1) as pool:
            with log.bind(unit="u"):
                assert pool.submit(log.bound).result() == {"run_id": "r1", "unit": "u"}
            assert pool.submit(log.bound).result() == {"run_id": "r1"}

    def test_threads_of_several_runs_are_nobodys(self) -> None:
        inside, done = threading.Barrier(2), threading.Event()

        def other_run() -> None:
            with log.bind(run_id="r2"):
                inside.wait(10)
                done.wait(10)

        thread = threading.Thread(target=other_run)
        thread.start()
        try:
            with log.bind(run_id="r1"), ThreadPoolExecutor(1) as pool:
                inside.wait(10)
                assert log.bound() == {"run_id": "r1"}
                assert pool.submit(log.bound).result() == {}
        finally:
            done.set()
            thread.join()
        assert log.bound() == {}

    def test_an_error_ends_it_too(self) -> None:
        with pytest.raises(ValueError, match="x"), log.bind(run_id="r1"):
            raise ValueError("x")
        assert log.bound() == {}
