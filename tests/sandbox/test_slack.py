"""The sandbox's Slack answers as the documented Web API does, seen through Slack's own client library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from include.sandbox import Sandbox
from include.sandbox.slack.editing import SampleWorkspace
from include.sandbox.slack.workspace import GeneratedWorkspace

REAL = Path(__file__).parents[3] / "shared/data"
Client = Callable[[str], WebClient]


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples" / "slack"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(REAL if REAL.is_dir() else None, samples=tmp_path / "samples") as server:
        yield server


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    def make(team: str) -> WebClient:
        found = WebClient(f"xoxb-{team}", base_url=f"{sandbox.url}/slack/api/", retry_handlers=[])
        found.proxy = None
        return found

    return make


@pytest.fixture
def work(samples: Path) -> SampleWorkspace:
    workspace = SampleWorkspace(samples, "T1", "Workshop")
    workspace.user("U1", "mila")
    workspace.channel("C1", "general")
    return workspace


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        call(**parameters)
    return str(error.value.response["error"])


def test_the_token_names_the_workspace(work: SampleWorkspace, client: Client) -> None:
    assert client("T1").auth_test()["team_id"] == "T1"
    assert client("T1").team_info()["team"]["name"] == "Workshop"
    assert refusal(client("T404").auth_test) == "invalid_auth"


def test_history_is_newest_first_and_goes_on_by_cursor_or_by_time(work: SampleWorkspace, client: Client) -> None:
    posted = work.fill("C1", 25)
    api = client("T1")
    pages = [page["messages"] for page in api.conversations_history(channel="C1", limit=10)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [message["ts"] for page in pages for message in page] == posted[::-1]
    below = api.conversations_history(channel="C1", latest=posted[10], oldest=posted[5], limit=3)
    assert [message["ts"] for message in below["messages"]] == [posted[9], posted[8], posted[7]]
    assert below["has_more"]


def test_replies_stand_in_their_thread_and_the_first_message_tells_of_them(
    work: SampleWorkspace, client: Client
) -> None:
    parent = work.post("C1", "question")
    first = work.reply("C1", parent, "answer")
    shown = work.reply("C1", parent, "for all", subtype="thread_broadcast")
    api = client("T1")
    history = api.conversations_history(channel="C1")["messages"]
    assert [message["ts"] for message in history] == [shown, parent]
    assert (history[1]["reply_count"], history[1]["latest_reply"]) == (2, shown)
    thread = [
        message for page in api.conversations_replies(channel="C1", ts=parent, limit=2) for message in page["messages"]
    ]
    assert [message["ts"] for message in thread] == [parent, first, shown]
    assert refusal(api.conversations_replies, channel="C1", ts="1.000000") == "thread_not_found"


def test_lists_are_paged_and_filtered(work: SampleWorkspace, client: Client) -> None:
    for number in range(2, 8):
        work.user(f"U{number}")
        work.channel(f"C{number}", is_archived=number > 5)
    work.channel("G1", is_private=True)
    api = client("T1")
    users = [user["id"] for page in api.users_list(limit=3) for user in page["members"]]
    assert users == [f"U{number}" for number in range(1, 8)]
    assert len(api.conversations_list()["channels"]) == 7
    assert len(api.conversations_list(exclude_archived=True)["channels"]) == 5
    assert [c["id"] for c in api.conversations_list(types="private_channel")["channels"]] == ["G1"]
    assert refusal(api.users_list, cursor="!") == "invalid_cursor"


def test_a_channel_is_read_by_members_only(work: SampleWorkspace, client: Client) -> None:
    work.channel("C2", is_member=False)
    work.channel("C3", is_member=False, is_archived=True)
    api = client("T1")
    assert refusal(api.conversations_history, channel="C2") == "not_in_channel"
    assert api.conversations_join(channel="C2")["channel"]["is_member"]
    assert api.conversations_history(channel="C2")["messages"] == []
    assert api.conversations_info(channel="C2")["channel"]["is_member"]
    assert refusal(api.conversations_join, channel="C3") == "is_archived"
    assert refusal(api.conversations_info, channel="C404") == "channel_not_found"
    assert refusal(api.users_info, user="U404") == "user_not_found"


def test_files_are_found_by_id(work: SampleWorkspace, client: Client) -> None:
    work.post("C1", files=[{"id": "F1", "name": "a.png"}])
    assert client("T1").files_info(file="F1")["file"]["name"] == "a.png"
    assert refusal(client("T1").files_info, file="F2") == "file_not_found"


def test_limits_and_errors_can_be_set(work: SampleWorkspace, client: Client, samples: Path) -> None:
    (samples / "limits.json").write_text(json.dumps({"users.list": 2}))
    (samples / "errors.json").write_text(json.dumps({"conversations.history C1": "internal_error"}))
    api = client("T1")
    api.users_list()
    api.users_list()
    with pytest.raises(SlackApiError) as error:
        api.users_list()
    assert (error.value.response.status_code, error.value.response["error"]) == (429, "ratelimited")
    assert 0 < int(error.value.response.headers["Retry-After"]) <= 61
    assert refusal(api.conversations_history, channel="C1") == "internal_error"


def test_any_number_of_messages_is_made_up_as_it_is_asked_for(samples: Path, client: Client) -> None:
    (samples / "T9").mkdir()
    (samples / "T9" / "team.json").write_text(json.dumps({"id": "T9", "name": "Huge"}))
    (samples / "T9" / "generated.json").write_text(json.dumps({"count": 10_000_000}))
    api = client("T9")
    page = api.conversations_history(channel="C0GEN0", limit=999)
    assert len(page["messages"]) == 999
    assert page["has_more"]
    older = api.conversations_history(channel="C0GEN0", limit=5, latest=page["messages"][-1]["ts"])["messages"]
    assert float(older[0]["ts"]) < float(page["messages"][-1]["ts"])


def test_the_made_up_history_and_threads_hold_every_message_once() -> None:
    workspace = GeneratedWorkspace({"id": "T9", "name": "Small"}, 103, channel_count=2)
    for channel in ("C0GEN0", "C0GEN1"):
        whole = {message["ts"] for message in workspace.everything(channel)}
        history = list(workspace.history(channel, 0, 1e12))
        threads = [workspace.replies(channel, m["ts"])[1:] for m in history if m.get("reply_count")]
        found = [m["ts"] for m in history] + [reply["ts"] for thread in threads for reply in thread]
        assert sorted(found) == sorted(whole)
        assert len(found) == workspace.size(channel)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the real Slack samples")
@pytest.mark.usefixtures("samples")
class TestRealData:
    def test_a_real_export_is_served_whole(self, client: Client) -> None:
        api = client("T0EXPORT")
        folder = next((REAL / "slack" / "workspace-export").glob("*/"))
        files = [json.loads(path.read_text()) for path in folder.glob("*/*.json")]
        served = [
            message
            for channel in api.conversations_list()["channels"]
            for page in api.conversations_history(channel=channel["id"], limit=50)
            for message in page["messages"]
        ]
        assert len(served) == sum(map(len, files)) > 100

    def test_recorded_answers_are_served_as_a_workspace(self, client: Client) -> None:
        api = client("T0ANSWERS")
        [channel] = api.conversations_list()["channels"]
        pages = [json.loads(path.read_text()) for path in (REAL / "slack" / "web-api").glob("perceval_slack_history*")]
        recorded = {message["ts"] for page in pages for message in page["messages"]}
        assert len(api.conversations_history(channel=channel["id"])["messages"]) == len(recorded) > 5
        assert len(api.conversations_members(channel=channel["id"])["members"]) > 50
