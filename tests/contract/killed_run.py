"""``python -m tests.contract.killed_run``: runs of commands that are killed just before their Nth commit.

Reads one JSON object a line from standard input: ``number`` (N; 0 for a run that is not killed), ``command``,
``arguments``, ``environment`` (the run's variables), ``run_id`` and ``log`` (the file to which what the run says is
added). Answers each with a line: how the run ended, -9 when it
was killed and 0 when it made fewer commits and ended well. Each run is a process of its own, forked from this one so
that it need not import everything again.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import traceback
from typing import Any

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
            os._exit(_run(spec, asked))
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(spec: CommandSpec, asked: dict[str, Any]) -> int:
    number = asked["number"]
    said = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.environ.update(asked["environment"])
    commits = itertools.count(1)

    @event.listens_for(Engine, "commit")
    def before_commit(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        request = Request(asked["arguments"], run_id=asked["run_id"] or f"killed at {number}")
        execute(spec, request, settings=Settings.load(env_file=None))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
