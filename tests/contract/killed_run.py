"""``python -m tests.contract.killed_run``: runs of commands that are killed just before their Nth commit.

Reads one JSON object a line from standard input: ``number`` (N), ``command``, ``environment`` (the run's variables)
and ``log`` (the file for what the run says). Answers each with a line: how the run ended, -9 when it was killed and 0
when it made fewer commits and ended well. Each run is a process of its own, forked from this one so that it need not
import everything again.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import traceback
from pathlib import Path

from sqlalchemy import Engine, event

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        spec = registry.find(asked["command"])
        spec.load()
        process = os.fork()
        if not process:
            os._exit(_run(asked["number"], spec, asked["environment"], Path(asked["log"])))
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(number: int, spec: CommandSpec, environment: dict[str, str], log: Path) -> int:
    said = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.environ.update(environment)
    commits = itertools.count(1)

    @event.listens_for(Engine, "commit")
    def before_commit(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        execute(spec, Request(run_id=f"killed at {number}"), settings=Settings.load(env_file=None))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
