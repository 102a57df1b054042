"""What the runner's tests share: commands that end in every way there is, a Boost repository to tag, a runner."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal, NoReturn
from uuid import uuid4

import pytest

from boost_collectors.core.commands import BaseCommand, CommandSpec
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectionSkipped, CommandError, NetworkError
from boost_collectors.core.options import Options, parse_arguments
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.settings import Settings
from boost_collectors.runner.command import RunScheduledCollectorsCommand, ScheduledOptions
from boost_collectors.runner.models import CollectorGroupRunStatus
from boost_collectors.runner.services import get_group_status

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)

End = Literal[
    "well", "exit", "skip", "command-error", "boom", "network", "interrupt", "ok-result", "failed-result", "stop"
]


class ActOptions(Options):
    """How the command is to end."""

    end: End = "well"
    code: int | None = None
    words: str | None = None
    say: str = ""


class Act(BaseCommand):
    """Notes that it ran in the workspace, then ends as told."""

    options = ActOptions

    def execute(self, options: Options) -> GenericTrackerResult | None:
        assert isinstance(options, ActOptions)
        note = " ".join(filter(None, [self.context.command, options.say]))
        with (self.context.workspace.path("runner_tests") / "calls.txt").open("a") as calls:
            calls.write(f"{note}\n")
        if options.end == "ok-result":
            return GenericTrackerResult.ok(seen=1)
        if options.end == "failed-result":
            return GenericTrackerResult.failed("half of it", "the other half")
        if options.end == "stop":
            self.context.stop.set()
        elif options.end != "well":
            _raise(options)
        return None


def _raise(options: ActOptions) -> NoReturn:
    errors: dict[str, BaseException] = {
        "exit": SystemExit(options.words or options.code),
        "skip": CollectionSkipped("nothing to do here"),
        "command-error": CommandError("told to fail", returncode=1 if options.code is None else options.code),
        "network": NetworkError("the line is dead"),
        "interrupt": KeyboardInterrupt(),
        "boom": ZeroDivisionError("boom"),
    }
    raise errors[options.end]


NAMES = ("one", "two", "three", "docs")


@pytest.fixture
def commands() -> Mapping[str, CommandSpec]:
    """Four commands by name, all of which take ``--end`` and ``--say``."""
    return {name: CommandSpec(name, f"{__name__}:Act", "For tests.", collects=False) for name in NAMES}


@dataclass(frozen=True)
class BoostRepository:
    """A bare repository at ``<root>/boostorg/boost``, served over HTTP to real git."""

    root: Path
    url: str

    @property
    def folder(self) -> Path:
        return self.root / "boostorg" / "boost"

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "tag.gpgSign=false"]
        command = ["git", *who, "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, input="").stdout.strip()

    def commit(self) -> str:
        """The hash of a new commit."""
        tree = self.git("hash-object", "-t", "tree", "-w", "--stdin")
        commit = self.git("commit-tree", "--no-gpg-sign", "-m", uuid4().hex, tree)
        self.git("update-ref", "HEAD", commit)
        self.git("update-server-info")
        return commit

    def tag(self, *names: str) -> None:
        """Put light tags on the newest commit."""
        for name in names:
            self.git("tag", name)
        self.git("update-server-info")

    def annotate(self, name: str) -> None:
        """Put an annotated tag on the newest commit."""
        self.git("tag", "-a", "-m", name, name)
        self.git("update-server-info")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the test's output is for the test."""


@pytest.fixture
def boost_repository(tmp_path: Path) -> Iterator[BoostRepository]:
    """A Boost repository with one commit and no tag."""
    root = tmp_path / "github"
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        repository = BoostRepository(root, f"http://127.0.0.1:{server.server_port}")
        repository.folder.mkdir(parents=True)
        repository.git("init", "-q", "--bare")
        repository.commit()
        yield repository
        server.shutdown()
        thread.join()


@dataclass
class Runner:
    """Runs ``run_scheduled_collectors`` on a schedule text, with the test commands, on a Sunday noon."""

    make_context: Callable[..., RunContext]
    commands: Mapping[str, CommandSpec]
    settings: Settings
    now: datetime = SUNDAY
    context: RunContext | None = None

    def schedule(self, text: str) -> None:
        """Write the schedule file."""
        self.settings.boost_collector_schedule_yaml.write_text(text)

    def __call__(self, *arguments: str, **fields: Any) -> None:
        """Run with these flags. Raises as the command does."""
        invocation = parse_arguments("run", "", ScheduledOptions, arguments, collects=False)
        self.context = self.make_context(
            "run_scheduled_collectors", **{"settings": self.settings, "clock": lambda: self.now, **fields}
        )
        RunScheduledCollectorsCommand(self.context, self.commands).execute(invocation.options)

    @property
    def calls(self) -> list[str]:
        """What ran so far, in order: the command's name and what it was told to say."""
        path = self.settings.workspace_dir / "runner_tests" / "calls.txt"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def runner(
    make_context: Callable[..., RunContext],
    make_settings: Callable[..., Settings],
    commands: Mapping[str, CommandSpec],
    boost_repository: BoostRepository,
    database_url: str,
    tmp_path: Path,
) -> Runner:
    """A runner of the test commands; its Boost repository has no release yet."""
    settings = make_settings(
        DATABASE_URL=database_url,
        GITHUB_GIT_URL=boost_repository.url,
        BOOST_COLLECTOR_SCHEDULE_YAML=str(tmp_path / "schedule.yaml"),
    )
    return Runner(make_context, commands, settings)


Status = Callable[[str], CollectorGroupRunStatus | None]


@pytest.fixture
def status(database: Database) -> Status:
    """The status row of a group, read afresh for each look."""

    def read(group: str) -> CollectorGroupRunStatus | None:
        with database.session() as session:
            return get_group_status(session, group)

    return read
