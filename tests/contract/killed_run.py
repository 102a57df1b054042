"""``python -m tests.contract.killed_run N COMMAND``: run a command that is killed just before its Nth commit.

Exits with 137 when it was killed, with 0 when it made fewer commits and ended well.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys

from sqlalchemy import Engine, event

from boost_collectors import registry
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings


def main(number: int, command: str) -> None:
    commits = itertools.count(1)

    @event.listens_for(Engine, "commit")
    def before_commit(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings.load(env_file=None)
    execute(registry.find(command), Request(run_id=f"killed at {number}"), settings=settings)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
