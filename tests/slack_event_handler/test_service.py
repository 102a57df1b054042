"""The whole event handler over a real websocket: from what is said in Slack to what stands on GitHub."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.errors import ConfigurationError, PermanentError
from boost_collectors.slack_event_handler.housekeeping import forget_old_files
from tests.slack_event_handler.desk import CHANNEL, DIRECT, JOBS, NUMBER, OTHER, PULL, REPOSITORY, TEAM, Desk

NAME = f"{REPOSITORY}#{NUMBER}"
BOTH = {
    "SLACK_TEAM_IDS": f"{TEAM},{OTHER}",
    f"SLACK_BOT_TOKEN_{OTHER}": f"xoxb-{OTHER}",
    f"SLACK_APP_TOKEN_{OTHER}": f"xapp-{OTHER}",
}


def acknowledge(desk: Desk, *envelopes: Any) -> None:
    desk.slack.wait(lambda: all(each.is_acknowledged for each in envelopes))


class TestPullRequests:
    def test_one_named_in_the_channel_gets_its_comment(self, desk: Desk) -> None:
        with desk.listening():
            asked = desk.slack.say(TEAM, CHANNEL, f"please look at <{PULL}|this> soon")
            desk.slack.wait(lambda: desk.slack.reactions)
        desk.drain()
        [comment] = desk.comments()
        assert comment.startswith("Automated comment from Slack bot.")
        assert desk.texts() == [f"✅ Comment on {NAME} queued.", f"✅ Comment posted on {NAME}."]
        ts = asked.payload["event"]["ts"]
        assert {message["thread_ts"] for message in desk.slack.posted(TEAM, CHANNEL)} == {ts}
        assert desk.slack.reactions == [(TEAM, CHANNEL, ts, "white_check_mark")]
        assert desk.jobs == {"comment": "done", "reaction": "done", "reply": "done,done"}

    def test_a_direct_message_is_answered_without_a_thread(self, desk: Desk) -> None:
        with desk.listening(SLACK_PR_BOT_CHANNEL_NAME="no-such-channel", SLACK_PR_BOT_COMMENT_TEMPLATE="Seen."):
            acknowledge(desk, desk.slack.say(TEAM, DIRECT, PULL), desk.slack.say(TEAM, CHANNEL, PULL))
            desk.slack.wait(lambda: len(desk.texts(DIRECT)) == 2)
        desk.drain()
        assert [comment.splitlines()[0] for comment in desk.comments()] == ["Seen."]
        assert all("thread_ts" not in message for message in desk.slack.posted(TEAM, DIRECT))
        assert desk.texts(CHANNEL) == []

    def test_two_requests_for_one_pull_request_are_two_comments(self, desk: Desk) -> None:
        with desk.listening():
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL), desk.slack.say(TEAM, CHANNEL, f"{PULL} {PULL}"))
        desk.drain()
        assert len(desk.comments()) == 2

    def test_one_that_is_not_there_is_told_and_not_tried_again(self, desk: Desk) -> None:
        with desk.listening():
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL.replace("/10", "/4040")))
        desk.drain()
        assert desk.rows(f"SELECT status, failures FROM {JOBS} WHERE kind = 'comment'") == [("dead", 1)]
        assert desk.texts()[1].startswith(f"❌ No comment on {REPOSITORY}#4040: ")
        assert "404" in desk.texts()[1]

    def test_another_organisations_is_refused_with_a_warning_and_others_are_served(self, desk: Desk) -> None:
        foreign = "https://github.com/llvm/llvm-project/pull/1"
        with desk.listening(SLACK_PR_BOT_TEAM="BoostOrg"):
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, f"{foreign} {PULL}"), desk.slack.say(TEAM, DIRECT, "hm"))
        desk.drain()
        assert desk.texts()[0] == f"⚠️ {foreign} is not served: only pull requests of `BoostOrg` are."
        assert len(desk.comments()) == 1
        assert "https://github.com/BoostOrg/repo/pull/123" in desk.texts(DIRECT)[0]

    def test_several_handlers_share_the_work(self, desk: Desk) -> None:
        limit = {"SLACK_PR_BOT_COMMENTS_MAX_PER_WINDOW": "100"}
        with desk.listening(**limit), desk.listening(**limit):
            desk.slack.wait(lambda: len(desk.slack.socket.connections[TEAM]) == 2)
            asked = [desk.slack.say(TEAM, CHANNEL, PULL) for _ in range(6)]
            acknowledge(desk, *asked)
            for envelope in asked:
                desk.slack.socket.send(envelope)  # as Slack does when an acknowledgement gets lost
            desk.slack.wait(lambda: len(desk.slack.reactions) == 6)
        desk.drain(**limit)
        assert len(desk.comments()) == 6
        assert len(desk.texts()) == 12

    def test_without_a_github_token_the_setting_is_named(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        with desk.listening(SLACK_PR_BOT_GITHUB_TOKEN=""):
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL))
        desk.drain(SLACK_PR_BOT_GITHUB_TOKEN="")
        assert "SLACK_PR_BOT_GITHUB_TOKEN" in desk.texts()[1]
        assert "SLACK_PR_BOT_GITHUB_TOKEN is not set: no comment can be written" in caplog.text

    def test_comments_over_the_limit_wait_and_say_how_long(self, desk: Desk) -> None:
        limit = {"SLACK_PR_BOT_COMMENTS_MAX_PER_WINDOW": "2", "SLACK_PR_BOT_COMMENTS_WINDOW_SECONDS": "3600"}
        with desk.listening(**limit):
            acknowledge(desk, *(desk.slack.say(TEAM, CHANNEL, PULL) for _ in range(3)))
            desk.slack.wait(lambda: len(desk.texts()) == 5)
        desk.drain(**limit)
        assert len(desk.comments()) == 2
        waits = [line for line in desk.texts() if "queued, in about " in line]
        assert len(waits) == 1
        assert 3500 < int(waits[0].split("about ")[1].rstrip("s.")) <= 3601
        desk.execute(f"UPDATE {JOBS} SET posted_at = posted_at - interval '1 hour'")
        desk.drain(**limit)
        assert len(desk.comments()) == 3

    def test_a_failed_post_takes_no_slot_and_a_lost_answer_makes_no_second_comment(self, desk: Desk) -> None:
        limit = {"SLACK_PR_BOT_COMMENTS_MAX_PER_WINDOW": "1"}
        with desk.listening(SLACK_PR_BOT_COMMENTS_MAX_PER_WINDOW="0"):
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL))
        # GitHub does it, but the answer does not get back whole.
        desk.sandbox.faults.add(f"*/issues/{NUMBER}/comments", "truncated", after=1)
        desk.drain(**limit)
        [lost] = [request for request in desk.sandbox.requests if request.fault]
        assert (lost.method, len(desk.comments())) == ("POST", 1)
        assert desk.rows(f"SELECT status, failures, posted_at FROM {JOBS} WHERE kind = 'comment'") == [
            ("waiting", 1, None)
        ]
        desk.make_due()
        desk.drain(**limit)
        assert len(desk.comments()) == 1
        assert desk.rows(f"SELECT result->>'found' FROM {JOBS} WHERE kind = 'comment'") == ["true"]

    def test_a_lost_answer_of_slack_makes_no_second_reply(self, desk: Desk) -> None:
        with desk.listening(SLACK_PR_BOT_COMMENTS_MAX_PER_WINDOW="0"):
            desk.sandbox.faults.add("/slack/api/chat.postMessage", "truncated", times=1)
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, "<@U0BOT> hello"), desk.slack.say(TEAM, DIRECT, "hello"))
            desk.slack.wait(lambda: desk.texts() and desk.texts(DIRECT))
        desk.make_due()
        desk.drain()
        assert len(desk.texts()) == len(desk.texts(DIRECT)) == 1
        assert "No GitHub PR URL" in desk.texts()[0]
        assert desk.jobs == {"reply": "done,done"}

    def test_a_failing_reaction_does_not_make_the_comment_look_failed(self, desk: Desk) -> None:
        with desk.listening():
            desk.sandbox.faults.add("/slack/api/reactions.add*", "status", status=403)
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL))
            desk.slack.wait(lambda: len(desk.texts()) == 3)
        assert len(desk.comments()) == 1
        assert desk.texts()[1] == f"✅ Comment posted on {NAME}."
        assert desk.texts()[2].startswith(f"The comment on {NAME} is posted, but the reaction failed")


class TestHuddles:
    def test_the_notes_become_a_published_page(self, desk: Desk, tmp_path: Path) -> None:
        with desk.listening():
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        desk.drain()
        assert desk.jobs == {"huddle": "done"}
        [url] = desk.rows(f"SELECT result->>'github_url' FROM {JOBS}")
        name = "build-help_2024-07-04_10-00_mila_tomas_U404GONE.md"
        assert url == f"https://github.com/sample-publisher/activity/blob/master/slack_huddles/{name}"
        clone = tmp_path / "clone"
        origin = f"{desk.sandbox.url}/git/sample-publisher/activity.git"
        subprocess.run(["git", "clone", "-q", origin, str(clone)], check=True)
        page = (clone / "slack_huddles" / name).read_text(encoding="utf-8")
        assert page.startswith(
            "# #build-help Huddle 2024-07-04\n\n**datetime:** 2024-07-04_10-00 PDT - 2024-07-04_11-30 PDT  \n"
        )
        assert "**attendees:** mila, tomas, and U404GONE  " in page
        assert "**@mila [0:05]:** Does std::vector<int> build on the old compiler?" in page
        assert "**@tomas [1:12]:** It does since yesterday." in page
        assert "- **@tomas** mended it in #build-help" in page
        assert "nobody said this" not in page

    def test_the_same_notes_are_done_once_however_often_they_are_told(self, desk: Desk) -> None:
        with desk.listening():
            acknowledge(desk, *(desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001") for _ in range(3)))
        desk.drain()
        assert desk.jobs == {"huddle": "done"}
        assert desk.rows("SELECT count(*) FROM slack_event_handler_event") == [3]

    def test_a_session_that_was_renewed_is_used(self, desk: Desk) -> None:
        desk.sign_in("xoxc-T0GONE", "xoxd-T0GONE")
        with desk.listening():
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        desk.drain()
        [(status, error)] = desk.rows(f"SELECT status, error FROM {JOBS}")
        assert status == "dead"
        assert "must be renewed" in error
        assert "xoxc" not in error
        desk.sign_in(f"xoxc-{TEAM}", f"xoxd-{TEAM}")
        desk.run("--retry-dead")
        desk.drain()
        assert desk.jobs == {"huddle": "done"}

    def test_notes_that_failed_are_tried_again_when_they_are_told_again(self, desk: Desk) -> None:
        closed = {"ALLOW_INTERNAL_SLACK_TOKENS": "false"}
        with desk.listening(**closed):
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        desk.drain(**closed)
        assert "ALLOW_INTERNAL_SLACK_TOKENS" in desk.rows(f"SELECT error FROM {JOBS} WHERE status = 'dead'")[0]
        with desk.listening():
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        desk.drain()
        assert desk.jobs == {"huddle": "done"}

    def test_what_was_fetched_goes_after_some_days(self, desk: Desk) -> None:
        data = desk.settings().workspace_dir / "slack_event_handler" / "data"
        with desk.listening():
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        desk.drain()
        [kept] = data.iterdir()
        assert sorted(path.suffix for path in kept.iterdir()) == [".html", ".json", ".md"]
        context = desk.context(clock=lambda: datetime.now(UTC) + timedelta(days=29))
        assert forget_old_files(context) == 0
        assert forget_old_files(desk.context(clock=lambda: datetime.now(UTC) + timedelta(days=31))) == 1
        assert list(data.iterdir()) == []

    def test_a_huddle_waits_in_the_table_and_not_in_memory(self, desk: Desk) -> None:
        with desk.listening(SLACK_HUDDLE_DELAY_SECONDS="3600"):
            acknowledge(desk, desk.slack.huddle(TEAM, CHANNEL, "F0HUDDLE0001"))
        assert desk.rows(f"SELECT available_at > now() + interval '59 minutes' FROM {JOBS}") == [True]
        desk.drain()
        assert desk.jobs == {"huddle": "waiting"}
        desk.make_due()
        desk.drain()
        assert desk.jobs == {"huddle": "done"}


class TestConnections:
    def test_what_is_not_acknowledged_comes_again_and_is_done_once(self, desk: Desk) -> None:
        envelope = desk.slack.say(TEAM, CHANNEL, PULL)  # while nobody listens
        with desk.listening():
            acknowledge(desk, envelope)
            desk.slack.socket.send(envelope)
            desk.slack.socket.send(envelope)
            later = desk.slack.say(TEAM, CHANNEL, "and now for something else")
            acknowledge(desk, later)
        desk.drain()
        assert envelope.sent >= 3
        assert len(desk.comments()) == 1
        assert desk.rows("SELECT count(*) FROM slack_event_handler_event") == [1]

    @pytest.mark.parametrize("how", ["refresh_requested", "warning", "dropped"])
    def test_a_lost_or_renewed_connection_is_made_anew(self, desk: Desk, how: str) -> None:
        with desk.listening():
            if how == "dropped":
                desk.slack.socket.drop(TEAM)
            else:
                desk.slack.socket.say_goodbye(TEAM, how)
            desk.slack.wait(lambda: desk.slack.socket.opened == 2 and len(desk.slack.socket.connections[TEAM]) == 1)
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL))
        desk.drain()
        assert len(desk.comments()) == 1

    def test_it_goes_on_trying_while_slack_cannot_be_reached(self, desk: Desk) -> None:
        desk.sandbox.faults.add("/slack/api/apps.connections.open*", "status", status=503, times=2)
        with desk.listening():
            assert desk.rows("SELECT state FROM slack_event_handler_listener") in (["connected"], ["waiting"])
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, "hello"))
        asked = [request.status for request in desk.sandbox.requests if "connections.open" in request.path]
        assert asked == [503, 503, 200]

    def test_a_link_that_was_disabled_ends_the_service_with_an_error(self, desk: Desk) -> None:
        def switch_off() -> None:
            with desk.listening() as running:
                desk.slack.socket.say_goodbye(TEAM, "link_disabled")
                running.thread.join(20)
                assert not running.thread.is_alive()

        with pytest.raises(PermanentError, match="Socket Mode is switched off"):
            switch_off()
        assert desk.rows("SELECT state FROM slack_event_handler_listener") == ["stopped"]
        assert desk.slack.socket.opened == 1

    def test_one_workspace_that_cannot_be_listened_to_costs_the_other_nothing(self, desk: Desk) -> None:
        desk.slack.socket.refused[OTHER] = "invalid_auth"
        with desk.listening(TEAM, **BOTH):
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL))
        desk.drain()
        assert len(desk.comments()) == 1
        states = dict(desk.rows("SELECT team_id, message FROM slack_event_handler_listener"))
        assert "invalid_auth" in states[OTHER]
        assert states[TEAM] == ""

    def test_each_workspace_answers_with_its_own_token(self, desk: Desk) -> None:
        with desk.listening(TEAM, OTHER, **BOTH):
            acknowledge(desk, desk.slack.say(TEAM, DIRECT, PULL), desk.slack.say(OTHER, DIRECT, PULL))
            desk.slack.wait(lambda: len(desk.texts(DIRECT)) == 2 and len(desk.texts(DIRECT, OTHER)) == 2)
        assert len(desk.comments()) == 2
        used = {r.headers["authorization"] for r in desk.sandbox.requests if r.path.endswith("chat.postMessage")}
        assert used == {f"Bearer xoxb-{TEAM}", f"Bearer xoxb-{OTHER}"}

    def test_what_the_database_does_not_take_is_not_acknowledged(self, desk: Desk) -> None:
        with desk.listening():
            desk.execute("ALTER TABLE slack_event_handler_event RENAME TO away")
            envelope = desk.slack.say(TEAM, CHANNEL, PULL)
            quiet = desk.slack.say(TEAM, CHANNEL, "hello")
            acknowledge(desk, quiet)
            assert not envelope.is_acknowledged
            desk.execute("ALTER TABLE away RENAME TO slack_event_handler_event")
            desk.slack.socket.send(envelope)
            acknowledge(desk, envelope)
        desk.drain()
        assert len(desk.comments()) == 1

    def test_text_that_no_database_takes_is_no_reason_to_be_sent_it_for_ever(self, desk: Desk) -> None:
        with desk.listening():
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, f"nul \0 and half \ud83d a pair {PULL}"))
        desk.drain()
        assert len(desk.comments()) == 1
        assert desk.rows("SELECT payload->'event'->>'text' FROM slack_event_handler_event") == [
            f"nul  and half ? a pair {PULL}"
        ]


class TestCommand:
    def test_without_a_usable_workspace_it_fails(self, desk: Desk) -> None:
        with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN"):
            desk.run(**{f"SLACK_APP_TOKEN_{TEAM}": ""})

    def test_a_dry_run_says_which_tokens_are_there(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("INFO"):
            desk.run("--dry-run", **{f"SLACK_APP_TOKEN_{TEAM}": ""})
        assert f"SLACK_BOT_TOKEN_{TEAM} is set" in caplog.text
        assert f"SLACK_APP_TOKEN_{TEAM} is not set" in caplog.text
        assert "would start" in caplog.text
        assert len(desk.sandbox.requests) == 0

    def test_the_status_tells_of_connections_and_the_queue(
        self, desk: Desk, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with desk.listening():
            acknowledge(desk, desk.slack.say(TEAM, CHANNEL, PULL.replace("/10", "/4040")))
        desk.drain()
        desk.run("--status")
        told = capsys.readouterr().out
        assert '"dead": 1' in told
        assert '"state": "stopped"' in told
        assert '"last_event_at": "20' in told
