"""What GitHub has against what is stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.models import CountedKind, GoneReason
from tests.github_activity_tracker.services.samples import NOW, issue, pull


def test_every_kind_is_counted_without_what_is_gone(database: Database, repo_id: int) -> None:
    with database.session() as session:
        services.store_issues(session, repo_id, [issue(1), issue(2)])
        services.store_pull_requests(session, repo_id, [pull(3)])
        services.mark_items_gone(session, repo_id, {1: GoneReason.DELETED}, NOW)
        assert services.stored_counts(session, repo_id) == {
            CountedKind.COMMITS: 0,
            CountedKind.ISSUES: 1,
            CountedKind.PULL_REQUESTS: 1,
            CountedKind.ISSUE_COMMENTS: 3,
            CountedKind.PR_COMMENTS: 3,
            CountedKind.REVIEW_COMMENTS: 3,
            CountedKind.REVIEWS: 1,
        }
        later = services.stored_counts(session, repo_id, since=NOW + timedelta(minutes=3))
        assert (later[CountedKind.ISSUES], later[CountedKind.PULL_REQUESTS]) == (0, 1)
        assert services.stored_counts(session, repo_id, until=NOW)[CountedKind.ISSUES] == 0


def test_the_last_comparison_of_a_window_counts(database: Database, repo_id: int) -> None:
    with database.session() as session:
        for stored in (3, 5):
            services.note_completeness(session, repo_id, CountedKind.ISSUES, 9, stored, NOW)
        services.note_completeness(session, repo_id, "issues", 2, 2, NOW, since=NOW)
        summary = services.completeness_summary(session)
    assert (summary.checked, summary.gaps, summary.oldest_check) == (2, 1, NOW)
    assert [(gap.key, gap.kind, gap.missing) for gap in summary.worst] == [("boostorg/system", "issues", 4)]


def test_gaps_of_windows_are_forgotten_when_nothing_is_missing(database: Database, repo_id: int) -> None:
    with database.session() as session:
        for kind in (CountedKind.ISSUES, CountedKind.PULL_REQUESTS):
            services.note_completeness(session, repo_id, kind, 4, 3, NOW, since=NOW, until=NOW + timedelta(days=1))
        services.note_completeness(session, repo_id, CountedKind.ISSUES, 9, 8, NOW)
        assert services.completeness_summary(session).gaps == 3
        services.note_completeness(session, repo_id, CountedKind.ISSUES, 9, 9, NOW)
        (gap,) = services.completeness_summary(session).worst
    assert (gap.kind, gap.since, gap.until) == ("pull_requests", NOW, NOW + timedelta(days=1))


def test_the_worst_gaps_come_first_and_gone_repositories_not_at_all(database: Database, repo_id: int) -> None:
    with database.session() as session:
        for place, name in enumerate("abcd"):
            other = services.ensure_repository(session, "boostorg", name)
            services.note_completeness(session, other, CountedKind.PULL_REQUESTS, 10, 10 - place, NOW)
        services.note_completeness(session, repo_id, CountedKind.ISSUES, 1, 9, NOW)
        services.mark_repository_gone(session, "boostorg", "c", NOW)
        summary = services.completeness_summary(session, worst=2)
    assert (summary.checked, summary.gaps) == (4, 3)
    assert [(gap.key, gap.missing) for gap in summary.worst] == [("boostorg/system", -8), ("boostorg/d", 3)]


def test_a_count_below_nought_is_refused(database: Database, repo_id: int) -> None:
    with pytest.raises(IntegrityError), database.session() as session:
        services.note_completeness(session, repo_id, CountedKind.ISSUES, -1, 0, NOW)
