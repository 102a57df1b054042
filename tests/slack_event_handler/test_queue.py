"""The queue: every job once, whoever takes it and whatever becomes of him."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from boost_collectors.core.database import Database
from boost_collectors.slack_event_handler import services
from boost_collectors.slack_event_handler.services import Job, NewJob
from boost_collectors.slack_event_handler.slots import CommentLimit
from tests.slack_event_handler.desk import JOBS, Desk

ALL = ("comment", "reply")


def new(number: int, kind: str = "reply", lane: str = "") -> NewJob:
    return NewJob(f"job {number}", kind, "T1", lane or f"lane {number}", {"number": number})


def queue(database: Database, *jobs: NewJob) -> int:
    with database.session() as session:
        return services.queue(session, jobs)


def claim(database: Database, lease: float = 60.0, team: str = "T1") -> Job | None:
    with database.session() as session:
        return services.claim(session, [team], ALL, lease)


def claimed(database: Database) -> Job:
    job = claim(database)
    assert job is not None
    return job


def change(database: Database, action: Any, *arguments: Any, **more: Any) -> bool:
    with database.session() as session:
        return bool(action(session, *arguments, **more))


def test_many_at_once_queue_and_take_every_job_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: queue(database, new(number % 30)), range(60)))
        assert sum(added) == 30
        taken = [job.key for job in pool.map(lambda _: claim(database), range(40)) if job is not None]
    assert sorted(taken) == sorted(f"job {number}" for number in range(30))


def test_a_job_is_passed_over_while_somebody_is_taking_it(database: Database) -> None:
    queue(database, new(1), new(2))
    with database.session() as session:
        first = services.claim(session, ["T1"], ALL, 60.0)
        second = claim(database)  # does not wait for the other transaction
    assert (first and first.key, second and second.key) == ("job 1", "job 2")


def test_a_lease_that_runs_out_lets_another_begin_anew(desk: Desk) -> None:
    queue(desk.database, new(1))
    first = claimed(desk.database)
    assert claim(desk.database) is None
    desk.execute(f"UPDATE {JOBS} SET leased_until = now() - interval '1 second'")
    second = claimed(desk.database)
    assert (first.claims, second.claims) == (1, 2)
    assert not change(desk.database, services.extend, first, 60.0)
    assert not change(desk.database, services.postpone, first, "too late", 0.0)
    assert change(desk.database, services.extend, second, 60.0)


def test_only_who_ends_a_job_first_queues_what_follows(database: Database) -> None:
    queue(database, new(1))
    job = claimed(database)
    assert change(database, services.finish, job, {}, then=[new(2)])
    assert not change(database, services.finish, job, {}, then=[new(3)])
    assert claimed(database).key == "job 2"
    assert claim(database) is None


def test_jobs_of_a_lane_are_done_in_their_order(database: Database) -> None:
    queue(database, new(1, lane="a"), new(2, lane="a"), new(3, lane="b"))
    first = claimed(database)
    assert claimed(database).key == "job 3"
    assert claim(database) is None
    change(database, services.postpone, first, "again", 60.0)
    assert claim(database) is None
    change(database, services.bury, first, "never")
    assert claimed(database).key == "job 2"


def test_other_workspaces_jobs_are_left_alone(database: Database) -> None:
    queue(database, new(1))
    assert claim(database, team="T2") is None


def test_a_dead_job_stays_until_it_is_asked_for_again(desk: Desk) -> None:
    queue(desk.database, new(1))
    change(desk.database, services.bury, claimed(desk.database), "no \0 way")
    assert desk.rows(f"SELECT status, error FROM {JOBS}") == [("dead", "no  way")]
    assert claim(desk.database) is None
    with desk.database.session() as session:
        assert services.depth(session) == services.Depth(0, 1, 0.0)
        assert services.revive_dead(session) == 1
    assert claimed(desk.database).failures == 0
    assert queue(desk.database, new(1)) == 0


def test_the_limit_counts_comments_that_are_being_written(database: Database) -> None:
    queue(database, *(new(number, "comment") for number in range(4)))
    limit = CommentLimit(2, 3600.0)

    def take(_: int) -> Job | None:
        with database.session() as session:
            return services.claim_comment(session, "T1", "comment", 60.0, limit)

    with ThreadPoolExecutor(4) as pool:
        first, second = [job for job in pool.map(take, range(4)) if job is not None]
    change(database, services.finish, first, {}, is_comment=True)
    assert take(0) is None
    change(database, services.postpone, second, "failed", 3600.0)  # a failure gives its place back
    assert take(0) is not None


def test_what_is_old_goes_and_what_waits_stays(desk: Desk) -> None:
    queue(desk.database, new(1), new(2), new(3, "comment"))
    with desk.database.session() as session:
        services.store_event(session, "T1", "Ev1", {"text": "hello"})
        assert not services.store_event(session, "T1", "Ev1", {})
    change(desk.database, services.finish, claimed(desk.database), {})
    change(desk.database, services.finish, claimed(desk.database), {}, is_comment=True)
    desk.execute(f"UPDATE {JOBS} SET finished_at = finished_at - interval '31 days', created_at = '2020-01-01'")
    desk.execute("UPDATE slack_event_handler_event SET received_at = '2020-01-01'")
    with desk.database.session() as session:
        assert services.forget_old(session, 30, 3600.0) == 2
    assert desk.rows(f"SELECT key FROM {JOBS} ORDER BY id") == ["job 2", "job 3"]
