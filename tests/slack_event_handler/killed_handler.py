"""``python -m tests.slack_event_handler.killed_handler N``: do what is due, killed just before the Nth commit.

Exits with 0 when there were fewer commits.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys

from sqlalchemy import Engine, event

from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from tests.slack_event_handler.desk import SPEC


def main(number: int) -> None:
    commits = itertools.count(1)

    @event.listens_for(Engine, "commit")
    def before_commit(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    execute(SPEC, Request(arguments=("--drain",)), settings=Settings.load(env_file=None))


if __name__ == "__main__":
    main(int(sys.argv[1]))
