"""A first load that is killed again and again, at points drawn from a seed, until it has died so often.

    python -m tests.github_activity_tracker.killed_load '{"kills": 50, "seed": 1, "whole": {...}, "killed": {...}}'

``whole`` and ``killed`` are the variables of an undisturbed load, which is run first, and of the one that is killed.
Each life is a process of its own, forked from this one so that it need not import everything again, and dies by
SIGKILL at the Nth event of some kind. Prints a JSON object: how often each kind of event ended a life (``deaths``).
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from boost_collectors import registry
from boost_collectors.core.errors import AlreadyRunning
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings

COMMAND = registry.find("run_boost_github_activity_tracker")
ARGUMENTS = ("--skip-markdown-export",)
AUDITED = {"http.client.send": "request", "subprocess.Popen": "git", "os.rename": "file"}
KINDS = ("statement", "commit", *AUDITED.values())
LOCK_IS_HELD = 75


@dataclass
class Life:
    """What happened in a process so far; it ends at event ``number`` of ``kind``."""

    kind: str = ""
    number: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str) -> None:
        self.seen[kind] += 1
        if kind == self.kind and self.seen[kind] == self.number:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on, for good: for a process that will not return."""
        event.listen(Engine, "before_cursor_execute", lambda *_: self.note("statement"))
        event.listen(Engine, "commit", lambda *_: self.note("commit"))
        sys.addaudithook(lambda name, _: self.note(AUDITED[name]) if name in AUDITED else None)


def live(variables: Mapping[str, str], life: Life) -> tuple[int, Counter[str]]:
    """One run of the command in a process of its own. Returns how it ended, as ``waitstatus`` says, and what it did."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.close(reader)
        life.watch()
        os._exit(_run(variables, life, writer))
    os.close(writer)
    with os.fdopen(reader) as told:
        seen = Counter(json.loads(told.read() or "{}"))
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), seen


def _run(variables: Mapping[str, str], life: Life, writer: int) -> int:
    settings = Settings.load(variables, env_file=None)
    try:
        execute(COMMAND, Request(ARGUMENTS), settings=settings)
    except AlreadyRunning:
        return LOCK_IS_HELD  # PostgreSQL has not noticed yet that the last one is dead
    os.write(writer, json.dumps(life.seen).encode())
    return 0


def main(kills: int, seed: int, whole: dict[str, str], killed: dict[str, str]) -> dict[str, Any]:
    """Both loads; see the module."""
    COMMAND.load()
    _, total = live(whole, Life())
    _, idle = live(whole, Life())
    draw = random.Random(seed)
    deaths: Counter[str] = Counter()
    while deaths.total() < kills:
        kind = draw.choice(KINDS)
        # Enough to get past what every run does, and then to some of what is left.
        life = Life(kind, draw.randint(1, idle[kind] // 5 + total[kind] // kills))
        ended = LOCK_IS_HELD
        while ended == LOCK_IS_HELD:
            ended, _ = live(killed, life)
        if ended != -signal.SIGKILL:
            raise SystemExit(f"the load ended ({ended}) after {deaths.total()} deaths: {deaths} {total} {idle}")
        deaths[kind] += 1
    return {"deaths": deaths, "total": total, "idle": idle}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))))
