from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from boost_collectors.core.errors import CommandError, NetworkError
from boost_collectors.core.publishing import PublishTarget
from boost_collectors.core.publishing import publish as publish_files
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.export import boost_target, clang_target, publish, write_files
from boost_collectors.github_activity_tracker.models import ExportedItem, ExportKind
from boost_collectors.github_activity_tracker.records import Comment
from tests.github_activity_tracker.export.samples import ADA, ISSUE, PULL, Publishing, at

ISSUE_PATH = "boost/issues/2024/2024-03/#7 - Crash on start.md"
PULL_PATH = "boost/pull_requests/2024/2024-03/#8 - Fix it.md"


def pushes(publishing: Publishing) -> int:
    return sum(request.path.endswith("git-receive-pack") for request in publishing.sandbox.requests)


def test_everything_stored_is_published_by_one_push(publishing: Publishing) -> None:
    publishing.store(ISSUE, PULL)
    publishing.store(replace(ISSUE, id=701), name="system")
    assert publishing.publish() == {"commits": 1, "published": 3}
    assert publishing.files() == [ISSUE_PATH.replace("boost/", "boost.system/"), ISSUE_PATH, PULL_PATH]
    assert publishing.log() == ["chore: update Boost issues/PRs markdown"]
    assert pushes(publishing) == 1


def test_the_page_of_an_issue(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    url = f"{publishing.context.settings.github_git_url}/boostorg/boost/issues/7"
    assert publishing.text(ISSUE_PATH) == (
        "# #7 - Crash: on <start> [Open]\n\n> Username: ada  \n> Created at: 2024-03-01 00:00:00 UTC  \n"
        f"> Updated at: 2024-03-02 00:00:00 UTC  \n> Url: {url}  \n\nIt crashes\n\n---\n\n## Comment 1\n"
        f"> Username: bob  \n> Created at: 2024-03-02 00:00:00 UTC  \n> Url: {url}#issuecomment-71  \n\nConfirmed\n"
    )


def test_reviews_stand_with_verdict_file_hunk_and_thread(publishing: Publishing) -> None:
    publishing.store(PULL)
    publishing.publish()
    text = publishing.text(PULL_PATH)
    assert text.startswith("# #8 Fix it [Merged]\n")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Comment 1", "## Review 2 [Changes requested]"]
    assert "\N{FILE FOLDER} a.cpp [Resolved]\n\n```diff\n   1 |+ new\n```" in text
    assert "```diff  \n- new  \n+ newer  \n```" in text
    assert "\n    Done" in text
    assert "N/A" not in text


def test_an_unchanged_source_costs_no_commit_no_request_and_no_write(publishing: Publishing) -> None:
    publishing.store(ISSUE, PULL)
    publishing.publish()
    with publishing.context.database.session() as session:
        before = session.scalars(select(ExportedItem.updated_at)).all()
    publishing.sandbox.requests.clear()
    publishing.store(ISSUE, PULL)
    assert publishing.publish() == {}
    assert list(publishing.sandbox.requests) == []
    with publishing.context.database.session() as session:
        assert session.scalars(select(ExportedItem.updated_at)).all() == before


def test_only_what_changed_is_published_again(publishing: Publishing) -> None:
    publishing.store(ISSUE, PULL)
    publishing.publish()
    more = Comment(72, ADA, "Still there", at(6), at(6))
    publishing.store(replace(ISSUE, comments=(*ISSUE.comments, more), updated_at=at(6)))
    assert publishing.publish() == {"commits": 1, "published": 1}
    assert "## Comment 2" in publishing.text(ISSUE_PATH)


def test_a_comment_that_is_gone_leaves_the_page(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    publishing.store(replace(ISSUE, comments=()))
    assert publishing.publish() == {"commits": 1, "published": 1}
    assert "Confirmed" not in publishing.text(ISSUE_PATH)


def test_a_change_that_no_page_shows_costs_no_commit(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    publishing.store(replace(ISSUE, labels=("bug",)))
    assert publishing.publish() == {"unchanged": 1}
    assert publishing.publish() == {}
    assert len(publishing.log()) == 1


def test_a_new_title_takes_the_old_file_away(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    publishing.store(replace(ISSUE, title="Another", updated_at=at(6)))
    assert publishing.publish() == {"commits": 1, "published": 1, "removed": 1}
    assert publishing.files() == ["boost/issues/2024/2024-03/#7 - Another.md"]


def test_files_that_an_earlier_version_left_go_too(publishing: Publishing) -> None:
    left = {"boost/issues/2024/2024-03/#7 - Older.md": b"x", "boost/issues/2024/2024-03/#70 - Other.md": b"y"}
    publish_files(publishing.context, PublishTarget("pub", "pages"), {**left, "README.md": b"z"}, message="before")
    publishing.store(ISSUE)
    publishing.publish()
    assert publishing.files() == ["README.md", "boost/issues/2024/2024-03/#7 - Crash on start.md", *list(left)[1:]]


def test_a_failed_push_leaves_everything_due(publishing: Publishing) -> None:
    publishing.store(ISSUE, PULL)
    publishing.sandbox.faults.add("*/git-receive-pack", "dropped", times=1)
    with pytest.raises(NetworkError, match="Git push failed"):
        publishing.publish()
    with publishing.context.database.session() as session:
        assert session.scalars(select(ExportedItem)).all() == []
    assert publishing.publish() == {"commits": 1, "published": 2}


def test_a_push_that_was_made_but_not_noted_is_noted_by_the_next_run(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    with publishing.context.database.session() as session:
        services.forget_exports(session, "pub/pages@master")
    publishing.store(replace(ISSUE, title="Another", updated_at=at(6)))
    assert publishing.publish()["commits"] == 1
    assert publishing.files() == ["boost/issues/2024/2024-03/#7 - Another.md"]
    with publishing.context.database.session() as session:
        services.forget_exports(session, "pub/pages@master")
    assert publishing.publish() == {"published": 1}
    assert publishing.publish() == {}


def test_what_changes_while_it_is_published_stays_due(publishing: Publishing) -> None:
    publishing.store(ISSUE)

    class Stored:
        """Stores a change when the run asks for the time of its commit: after the texts were chosen."""

        def __init__(self) -> None:
            self.asked = False

        def __call__(self) -> object:
            if not self.asked:
                self.asked = True
                publishing.store(replace(ISSUE, body="Changed meanwhile", updated_at=at(6)))
            return at(7)

    publishing.publish(clock=Stored())
    assert "Changed meanwhile" not in publishing.text(ISSUE_PATH)
    assert publishing.publish() == {"commits": 1, "published": 1}
    assert "Changed meanwhile" in publishing.text(ISSUE_PATH)


def test_a_mark_publishes_a_lost_file_again(publishing: Publishing) -> None:
    repo = publishing.store(ISSUE)
    publishing.publish()
    target = PublishTarget("pub", "pages")
    publish_files(publishing.context, target, {"README.md": b"z"}, message="lost", stale=[ISSUE_PATH])
    assert publishing.publish() == {}
    with publishing.context.database.session() as session:
        assert services.mark_for_export(session, repo, ExportKind.ISSUE, [7, 8]) == 1
    assert publishing.publish() == {"commits": 1, "published": 1}
    assert ISSUE_PATH in publishing.files()


def test_another_target_gets_everything(publishing: Publishing) -> None:
    publishing.store(ISSUE)
    publishing.publish()
    export = boost_target(publishing.context)
    with pytest.raises(CommandError, match="no branch other"):
        publish(publishing.context, replace(export, target=PublishTarget("pub", "pages", "other")))


def test_without_a_target_nothing_is_done(publishing: Publishing, caplog: pytest.LogCaptureFixture) -> None:
    publishing.store(ISSUE)
    export = clang_target(publishing.context)
    with caplog.at_level(logging.ERROR):
        assert publish(publishing.context, export).as_dict() == {}
    assert "no target repository is configured" in caplog.text


def test_a_dry_run_only_counts(publishing: Publishing) -> None:
    publishing.store(ISSUE, PULL)
    assert publishing.publish(dry_run=True) == {"due": 2}
    assert list(publishing.sandbox.requests) == []


def test_files_may_be_written_instead_and_stay_due(publishing: Publishing, tmp_path: Path) -> None:
    publishing.store(ISSUE)
    old = tmp_path / "tree" / Path(ISSUE_PATH).with_name("#7 - Old.md")
    old.parent.mkdir(parents=True)
    old.write_text("old")
    counts = write_files(publishing.context, boost_target(publishing.context), tmp_path / "tree")
    assert counts.as_dict() == {"markdown_written": 1}
    assert [path.name for path in old.parent.iterdir()] == ["#7 - Crash on start.md"]
    assert publishing.publish()["published"] == 1


def test_an_item_without_a_time_keeps_its_folder(publishing: Publishing) -> None:
    publishing.store(replace(ISSUE, created_at=None))
    publishing.publish()
    (path,) = publishing.files()
    publishing.store(replace(ISSUE, created_at=None, body="other", updated_at=at(9)))
    publishing.publish()
    assert publishing.files() == [path]
