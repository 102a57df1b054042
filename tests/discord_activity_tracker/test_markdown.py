"""Days as Markdown, and their publication."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.discord_activity_tracker.markdown import DayPages, readable_body
from boost_collectors.discord_activity_tracker.services import Answered, ExportedMessage
from tests.bench import statements
from tests.discord_activity_tracker.servers import ANA, GENERAL, OTHER, Bench, Server

DAY = date(2024, 3, 1)
TOKEN = "token-of-the-test-that-may-write"
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def exported(number: int, content: str = "text", **fields: Any) -> ExportedMessage:
    values: dict[str, Any] = {"user": "Ana", "is_bot": False, "attachment_urls": [], "reply_to": None, **fields}
    moment = datetime(2024, 3, 1, 14, 30, 25, tzinfo=UTC) + timedelta(seconds=number)
    return ExportedMessage(number, 10, values.pop("written_at", moment), content=content, **values)


def test_a_page_has_its_facts_and_messages() -> None:
    pages = DayPages(4, 'The "server"', {10: "gen/eral"})
    late = exported(2, "> quoted", user="B_ot", is_bot=True, attachment_urls=["https://x.example/a/log.txt?ex=1"])
    page = pages.page(
        10, DAY, [exported(0, "first\nsecond", written_at=datetime(2024, 3, 1, 1, 2, 3, 4000, UTC)), late]
    )
    assert pages.path(10, DAY) == "2024/2024-03/2024-03-01/gen-eral.md"
    assert page == (
        '---\nchannel: "gen/eral"\ndate: "2024-03-01"\nserver: "The \\"server\\""\nmessage_count: 2\nactive_users: 2\n'
        'first_message: "2024-03-01T01:02:03Z"\nlast_message: "2024-03-01T14:30:27Z"\n'
        'discord_channel_url: "https://discord.com/channels/4/10"\n---\n\n'
        "# #gen/eral - 2024-03-01\n\n## 2024-03-01\n\n"
        '<a id="m0"></a>\n### 01:02:03.004 UTC — @Ana\n\n> https://discord.com/channels/4/10/0  \n\nfirst  \nsecond\n\n'
        '<a id="m2"></a>\n### 14:30:27 UTC — @B_ot (bot)\n\n> https://discord.com/channels/4/10/2  \n\n> quoted\n\n'
        "> Attachments:\n> - [log.txt](https://x.example/a/log.txt?ex=1)\n"
    )


@pytest.mark.parametrize(
    ("answered", "link"),
    [
        (Answered(1, 10, datetime(2024, 3, 1, 1, tzinfo=UTC), "Bo", "x" * 90), "#m1"),
        (
            Answered(1, 10, datetime(2023, 12, 31, 1, tzinfo=UTC), "Bo", ""),
            "../../../2023/2023-12/2023-12-31/general.md#m1",
        ),
        (Answered(1, 11, datetime(2024, 3, 1, 1, tzinfo=UTC), "Bo", ""), "chill%20talk.md#m1"),
    ],
)
def test_a_reply_links_to_what_it_answers_wherever_that_is(answered: Answered, link: str) -> None:
    page = DayPages(4, "s", {10: "general", 11: "chill talk"}).page(10, DAY, [exported(5, reply_to=answered)])
    assert f"> Reply to: [@Bo (01:00:00 UTC)]({link})  \n" in page
    assert (f"> Original: {'x' * 80}...  \n" in page) == bool(answered.content)


def test_channels_of_one_name_get_files_of_their_own() -> None:
    pages = DayPages(4, "s", {1: "help", 2: "Help", 3: "???"})
    assert {pages.path(key, DAY).rpartition("/")[2] for key in (1, 2, 3)} == {"help-1.md", "Help-2.md", "-3.md"}


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("hi <@1> <@!2> <@&3> <#4> <a:wave:5>", "hi @user-1 @user-2 @role-3 #channel-4 :wave:"),
        ("`<@1>` and <@1>", "`<@1>` and @user-1"),
        ("a\n```cpp\nv<int>  <@1>\n```\nb", "a  \n```cpp\nv<int>  <@1>\n```\nb"),
        ("```\ncut", "<!-- -->\n```\ncut\n```"),
        ("zero\u200bwidth\n\nend", "zerowidth  \n\nend"),
        ("```one line```\n<@1>", "<!-- -->\n```one line```\n@user-1"),
        ("", ""),
    ],
)
def test_bodies_are_readable(content: str, body: str) -> None:
    assert readable_body(content).strip() == body


def _write_days(server: Server) -> tuple[datetime, list[str]]:
    """Two channels with a day each, a reply across days, and a day too old to be written."""
    server.channel()
    server.channel(OTHER, "other")
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
    old = server.say("long ago", at=noon - timedelta(days=500))
    first = server.say("first", at=noon)
    reply = server.say("second", at=noon + timedelta(days=1), type=19, message_reference={"message_id": first})
    server.say("elsewhere", to=OTHER, at=noon)
    return noon, [old, first, reply]


def test_only_days_that_changed_are_written(bench: Bench, server: Server) -> None:
    noon, [_, first, reply] = _write_days(server)
    folder = bench.settings().discord_context_repo_path
    assert bench.collect()["markdown_files"] == 3
    first_day = folder / f"{noon:%Y/%Y-%m/%Y-%m-%d}" / "general.md"
    second_day = folder / f"{noon + timedelta(days=1):%Y/%Y-%m/%Y-%m-%d}" / "general.md"
    assert sorted(folder.rglob("*.md")) == sorted([first_day, second_day, first_day.with_name("other.md")])
    assert f"#m{first})" in second_day.read_text()
    assert f'<a id="m{reply}"></a>' in second_day.read_text()
    assert bench.collect()["markdown_files"] == 0
    server.change(first, content="first, edited")
    assert bench.collect()["markdown_files"] == 2
    assert "first, edited" in first_day.read_text()
    assert "Original: first, edited" in second_day.read_text()
    server.delete(reply)
    server.say("later", at=noon + timedelta(days=2))
    assert bench.collect()["markdown_files"] == 2
    assert "message_count: 0" in second_day.read_text()


def test_nothing_is_written_where_nothing_is_wanted(bench: Bench, server: Server) -> None:
    _write_days(server)
    bench.collect("--skip-markdown-export")
    bench.collect("--task", "sync")
    assert not bench.settings().discord_context_repo_path.exists()
    assert bench.collect("--task", "export")["markdown_files"] == 3


@pytest.fixture
def clone(bench: Bench, server: Server, tmp_path: Path) -> Path:
    """A clone of a repository that takes pushes, where the Markdown goes."""
    recipe = tmp_path / "samples" / "git" / "pub" / "pages.yaml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(f"push_token: {TOKEN}\ncommits: []\n")
    folder = tmp_path / "pages"
    _git(tmp_path, "init", "-q", "-b", "master", str(folder))
    _git(folder, "remote", "add", "origin", "https://github.com/pub/pages.git")
    return folder


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], env=ENVIRONMENT, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_changed_days_are_pushed_by_one_commit_and_later_when_it_failed(
    bench: Bench, server: Server, clone: Path, tmp_path: Path
) -> None:
    _write_days(server)
    variables = {"DISCORD_CONTEXT_REPO_PATH": str(clone), "DISCORD_CONTEXT_AUTO_COMMIT": "true"}
    settings = bench.settings(**variables, GITHUB_TOKEN_WRITE=TOKEN)
    assert "markdown_published" not in bench.collect("--skip-remote-push", settings=settings)
    assert bench.collect(settings=bench.settings(**variables))["markdown_failed"] == 1
    assert bench.collect(settings=settings)["markdown_published"] == 3
    assert not [request for request in _requests_of(bench, settings) if "receive-pack" in request]
    other = tmp_path / "visitor"
    _git(tmp_path, "clone", "-q", f"{settings.github_git_url}/pub/pages.git", str(other))
    assert _git(other, "log", "--format=%s").startswith("Update Discord archive - ")
    written = {path.relative_to(clone).as_posix() for path in clone.rglob("*.md")}
    assert {path.relative_to(other).as_posix() for path in other.rglob("*.md")} == written
    server.say("news", to=GENERAL, at=datetime.now(UTC) - timedelta(hours=1), author=ANA)
    assert bench.collect(settings=settings)["markdown_published"] == 1


def test_a_day_of_a_hundred_messages_and_their_replies_is_read_by_one_statement(bench: Bench, server: Server) -> None:
    server.channel()
    noon = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=3)
    ids = server.fill(1, at=noon)
    for number in range(99):
        reference = {"message_id": ids[-1]}
        ids.append(server.say("so", at=noon + timedelta(minutes=number + 1), type=19, message_reference=reference))
    bench.collect("--skip-markdown-export")
    with statements() as seen:
        assert bench.collect("--task", "export")["markdown_files"] == 1
    assert len([statement for statement in seen if "discord_activity_tracker_discordmessage" in statement]) <= 3
    assert len(seen) <= 20


def test_a_renamed_channel_takes_its_pages_along(bench: Bench, server: Server, clone: Path, tmp_path: Path) -> None:
    noon, [_, first, _] = _write_days(server)
    server.say("an answer", to=OTHER, at=noon + timedelta(hours=1), type=19, message_reference={"message_id": first})
    variables = {"DISCORD_CONTEXT_REPO_PATH": str(clone), "DISCORD_CONTEXT_AUTO_COMMIT": "true"}
    settings = bench.settings(**variables, GITHUB_TOKEN_WRITE=TOKEN)
    bench.collect(settings=settings)
    day, next_day = (clone / f"{noon + timedelta(days=n):%Y/%Y-%m/%Y-%m-%d}" for n in (0, 1))
    server.rename(GENERAL, "lounge")
    # A crash in between: what is written and not pushed is pushed, and taken away, by the next run.
    assert bench.collect(settings=bench.settings(**variables))["markdown_failed"] == 1
    assert sorted(path.name for path in (*day.iterdir(), *next_day.iterdir())) == ["lounge.md", "lounge.md", "other.md"]
    assert "](lounge.md#m" in (day / "other.md").read_text()
    assert "# #lounge - " in (day / "lounge.md").read_text()
    assert bench.collect(settings=settings)["markdown_published"] == 5
    other = tmp_path / "visitor"
    _git(tmp_path, "clone", "-q", f"{settings.github_git_url}/pub/pages.git", str(other))
    written = {path.relative_to(clone).as_posix() for path in clone.rglob("*.md")}
    assert {path.relative_to(other).as_posix() for path in other.rglob("*.md")} == written
    counts = bench.collect(settings=settings)
    assert counts["markdown_files"] == 0
    assert "markdown_published" not in counts


def test_channels_that_swap_their_names_keep_their_own_pages(bench: Bench, server: Server) -> None:
    noon, _ = _write_days(server)
    bench.collect()
    server.rename(GENERAL, "other")
    server.rename(OTHER, "general")
    bench.collect()
    day = bench.settings().discord_context_repo_path / f"{noon:%Y/%Y-%m/%Y-%m-%d}"
    assert sorted(path.name for path in day.iterdir()) == ["general.md", "other.md"]
    assert GENERAL in (day / "other.md").read_text()
    assert "elsewhere" in (day / "general.md").read_text()


def _requests_of(bench: Bench, settings: Any) -> list[str]:
    bench.collect(settings=settings)
    return [request.url for request in bench.sandbox.requests]


def test_a_folder_that_is_no_clone_is_told(bench: Bench, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    _write_days(server)
    counts = bench.collect(settings=bench.settings(DISCORD_CONTEXT_AUTO_COMMIT="true"))
    assert (counts["markdown_files"], counts["markdown_failed"]) == (3, 1)
    assert "is not a clone" in caplog.text
