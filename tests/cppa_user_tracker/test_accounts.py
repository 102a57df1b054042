"""Accounts that a platform numbers: GitHub, Slack, Discord, YouTube, Reddit."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from boost_collectors.core.database import Base, Database
from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_user_tracker.models import BaseProfile, Email, GithubAccount, RedditUser, SlackUser
from boost_collectors.cppa_user_tracker.services import (
    SeenDiscordProfile,
    SeenGithubAccount,
    SeenRedditUser,
    create_identity,
    ensure_discord_profiles,
    ensure_github_accounts,
    ensure_reddit_users,
    ensure_slack_users,
    ensure_youtube_speakers,
    get_github_account_by_username,
    get_or_create_discord_profile,
    get_or_create_github_account,
    get_or_create_owner_account,
    get_or_create_reddit_user,
    get_or_create_slack_user,
    get_or_create_unknown_github_account,
    get_or_create_youtube_speaker,
    resolve_reddit_user_from_author_data,
    update_email,
)

Count = Callable[[type[Base]], int]


class TestGithubAccounts:
    def test_a_new_account(self, session: Session) -> None:
        person = create_identity(session, "Ann")
        account, created = get_or_create_github_account(session, 7, "ann", None, identity=person)
        assert created
        assert (account.type, account.username, account.display_name, account.account_type, account.identity_id) == (
            "github",
            "ann",
            "",
            "user",
            person.id,
        )

    def test_only_what_is_given_changes_an_account(self, session: Session) -> None:
        get_or_create_github_account(session, 7, "boostorg", "Boost", "https://x.org/1.png", "organization")
        account, created = get_or_create_github_account(session, 7, "boost-org", "", None)
        assert not created
        assert (account.username, account.display_name, account.avatar_url) == (
            "boost-org",
            "Boost",
            "https://x.org/1.png",
        )
        assert account.account_type == "organization"
        assert get_or_create_github_account(session, 7, account_type="user")[0].account_type == "user"

    def test_an_identity_is_set_on_creation_only(self, session: Session) -> None:
        get_or_create_github_account(session, 7, "ann")
        account, _ = get_or_create_github_account(session, 7, identity=create_identity(session, "Ann"))
        assert account.identity_id is None

    def test_an_unchanged_account_is_not_written(self, database: Database, statements: Callable[..., Any]) -> None:
        seen = [SeenGithubAccount(n, f"user{n}", f"User {n}") for n in range(1, 2001)]
        with database.session() as session, statements() as first:
            ids = ensure_github_accounts(session, seen)
        with database.session() as session:
            moved = session.scalar(select(GithubAccount.updated_at).where(GithubAccount.github_account_id == 5))
        with database.session() as session, statements() as second:
            assert ensure_github_accounts(session, seen) == ids
            assert ensure_github_accounts(session, [SeenGithubAccount(5)]) == {5: ids[5]}
        with database.session() as session:
            assert moved == session.scalar(select(GithubAccount.updated_at).where(GithubAccount.github_account_id == 5))
        assert len(first) <= 5
        assert [sql.split()[0] for sql in second] == ["SELECT", "SELECT"]

    def test_a_change_moves_updated_at_of_that_account_only(self, database: Database) -> None:
        with database.session() as session:
            ensure_github_accounts(session, [SeenGithubAccount(1, "a"), SeenGithubAccount(2, "b")])
        with database.session() as session:
            ensure_github_accounts(session, [SeenGithubAccount(1, "a"), SeenGithubAccount(2, "c")])
        with database.session() as session:
            one, two = session.scalars(select(GithubAccount).order_by(GithubAccount.github_account_id))
            assert one.updated_at == one.created_at
            assert two.updated_at > two.created_at
            assert two.username == "c"

    def test_of_several_sightings_the_last_given_values_count(self, session: Session, count: Count) -> None:
        seen = [SeenGithubAccount(1, "a", "Ann"), SeenGithubAccount(1, "b", ""), SeenGithubAccount(1)]
        ids = ensure_github_accounts(session, seen)
        account = session.get_one(GithubAccount, ids[1])
        assert (account.username, account.display_name) == ("b", "Ann")
        assert count(BaseProfile) == 1

    @pytest.mark.parametrize(("field", "limit"), [("username", 255), ("display_name", 255), ("avatar_url", 512)])
    def test_long_text_is_refused_before_any_write(
        self, session: Session, count: Count, field: str, limit: int
    ) -> None:
        long = SeenGithubAccount(2, **{field: "x" * (limit + 1)})  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=f"{field} must not be longer than {limit}"):
            ensure_github_accounts(session, [SeenGithubAccount(1, "fine"), long])
        assert count(BaseProfile) == 0

    def test_an_unknown_account_type_is_refused(self, session: Session) -> None:
        with pytest.raises(ValueError, match="robot"):
            get_or_create_github_account(session, 1, account_type="robot")

    def test_lookup_by_login_is_exact_and_oldest_first(self, session: Session) -> None:
        first, _ = get_or_create_github_account(session, 9, "Ann")
        get_or_create_github_account(session, 3, "Ann")
        assert get_github_account_by_username(session, " Ann ") is first
        assert get_github_account_by_username(session, "ann") is None
        assert get_github_account_by_username(session, " ") is None
        assert get_github_account_by_username(session, None) is None

    def test_an_account_that_github_named_comes_before_a_synthetic_one_of_its_login(self, session: Session) -> None:
        get_or_create_unknown_github_account(session, "boostorg")
        named, _ = get_or_create_github_account(session, 41, "boostorg")
        assert get_github_account_by_username(session, "boostorg") is named


class TestOwners:
    def test_a_stored_owner_costs_no_request(self, session: Session) -> None:
        account, _ = get_or_create_github_account(session, 9, "boostorg")

        def fail(path: str) -> Any:
            raise AssertionError(path)

        assert get_or_create_owner_account(session, fail, "boostorg") is account

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("Organization", "organization"),
            ("ENTERPRISE", "enterprise"),
            ("User", "user"),
            ("Bot", "user"),
            (None, "user"),
        ],
    )
    def test_a_new_owner_is_asked_for(self, session: Session, kind: str | None, expected: str) -> None:
        asked = []

        def answer(path: str) -> Any:
            asked.append(path)
            return {"id": 5, "login": "boostorg", "name": None, "avatar_url": "u", "type": kind, "email": " b@x.org "}

        account = get_or_create_owner_account(session, answer, "boost/org")
        assert asked == ["/users/boost%2Forg"]
        assert (account.github_account_id, account.username, account.account_type) == (5, "boostorg", expected)
        email = session.scalars(select(Email)).one()
        assert (email.email, email.is_primary, email.base_profile_id) == ("b@x.org", True, account.id)

    def test_an_answer_without_id_writes_nothing(self, session: Session, count: Count) -> None:
        with pytest.raises(SourceError, match="boostorg"):
            get_or_create_owner_account(session, lambda _: {"login": "boostorg"}, "boostorg")
        assert count(BaseProfile) == 0


class TestSlackUsers:
    def test_a_user_with_address(self, session: Session) -> None:
        payload = {"id": " U1 ", "name": "ann", "real_name": "", "profile": {"email": "a@x.org", "image_72": "i"}}
        user, created = get_or_create_slack_user(session, payload)
        assert created
        assert (user.slack_user_id, user.username, user.display_name, user.avatar_url) == ("U1", "ann", "ann", "i")
        assert session.scalars(select(Email.email)).all() == ["a@x.org"]

    def test_news_replace_and_silence_keeps(self, session: Session) -> None:
        get_or_create_slack_user(session, {"id": "U1", "name": "ann", "real_name": "Ann", "profile": {"image_72": "i"}})
        user, created = get_or_create_slack_user(session, {"id": "U1", "name": "", "real_name": "Ann Lee"})
        assert not created
        assert (user.username, user.display_name, user.avatar_url) == ("ann", "Ann Lee", "i")

    def test_a_second_address_is_primary_only_without_one_in_use(self, session: Session) -> None:
        user, _ = get_or_create_slack_user(session, {"id": "U1", "profile": {"email": "a@x.org"}})
        get_or_create_slack_user(session, {"id": "U1", "profile": {"email": "b@x.org"}})
        get_or_create_slack_user(session, {"id": "U1", "profile": {"email": "A@X.org"}})
        rows = session.scalars(select(Email).where(Email.base_profile_id == user.id).order_by(Email.id)).all()
        assert [(row.email, row.is_primary) for row in rows] == [("a@x.org", True), ("b@x.org", False)]
        for row in rows:
            update_email(session, row, is_active=False, is_primary=False)
        ensure_slack_users(session, [{"id": "U1", "profile": {"email": "c@x.org"}}])
        assert session.scalars(select(Email.email).where(Email.is_primary)).all() == ["c@x.org"]

    @pytest.mark.parametrize(
        "payload",
        [{}, {"id": ""}, {"id": "U1", "name": None}, {"id": "U1", "profile": None}, {"id": "U1", "updated": 1.5}, []],
    )
    def test_what_is_no_user_is_refused(self, session: Session, count: Count, payload: Any) -> None:
        with pytest.raises(SourceError, match="Invalid Slack user"):
            ensure_slack_users(session, [{"id": "U0"}, payload])
        assert count(BaseProfile) == 0

    def test_a_blank_id_is_refused(self, session: Session) -> None:
        with pytest.raises(ValueError, match="Slack user ID"):
            get_or_create_slack_user(session, {"id": "  "})

    def test_many_users_cost_a_handful_of_statements(
        self, session: Session, count: Count, statements: Callable[..., Any]
    ) -> None:
        users = [{"id": f"U{n}", "name": f"n{n}", "profile": {"email": f"{n}@x.org"}} for n in range(1000)]
        with statements() as sent:
            ensure_slack_users(session, users)
        assert len(sent) <= 9
        assert count(SlackUser) == count(Email) == 1000


class TestDiscordProfiles:
    def test_the_bot_flag_changes_only_when_given(self, session: Session) -> None:
        bot, created = get_or_create_discord_profile(session, 2**60, "bot", is_bot=True)
        assert created
        assert bot.is_bot
        assert get_or_create_discord_profile(session, 2**60, display_name="Bot")[0].is_bot
        assert not get_or_create_discord_profile(session, 2**60, is_bot=False)[0].is_bot
        assert (bot.username, bot.display_name) == ("bot", "Bot")

    def test_many_users(self, session: Session, count: Count) -> None:
        found = ensure_discord_profiles(session, [SeenDiscordProfile(n, f"u{n}") for n in range(200)])
        assert len(set(found.values())) == 200 == count(BaseProfile)


class TestYoutubeSpeakers:
    def test_a_name_replaces_and_nothing_keeps(self, session: Session) -> None:
        speaker, created = get_or_create_youtube_speaker(session, " youtube:name:ann ", "Ann")
        assert created
        assert speaker.external_id == "youtube:name:ann"
        assert get_or_create_youtube_speaker(session, "youtube:name:ann")[0].display_name == "Ann"
        assert get_or_create_youtube_speaker(session, "youtube:name:ann", "Ann Lee")[0].display_name == "Ann Lee"
        assert ensure_youtube_speakers(session, [("youtube:name:ann", "")]) == {"youtube:name:ann": speaker.id}

    def test_a_blank_external_id_is_refused(self, session: Session) -> None:
        with pytest.raises(ValueError, match="external_id"):
            get_or_create_youtube_speaker(session, " ")


class TestRedditUsers:
    @pytest.mark.parametrize("name", [None, "", "  ", "[deleted]", "AutoModerator"])
    def test_nobodies(self, session: Session, count: Count, name: str | None) -> None:
        assert get_or_create_reddit_user(session, name) is None
        assert ensure_reddit_users(session, [SeenRedditUser(name or "")]) == {}
        assert count(BaseProfile) == 0

    @pytest.mark.parametrize(
        ("profile", "expected"),
        [
            ({"id": "abc", "fullname": "t2_no", "subreddit": {"title": "Page"}}, ("t2_abc", "Page")),
            ({"fullname": "t2_full", "subreddit": "u_ann"}, ("t2_full", "Ann")),
            ({}, ("t2_given", "Ann")),
            (None, ("t2_given", "Ann")),
        ],
    )
    def test_a_new_user_is_asked_for(
        self, session: Session, profile: dict[str, Any] | None, expected: tuple[str, str]
    ) -> None:
        user = get_or_create_reddit_user(session, "Ann", "t2_given", fetch=lambda _: profile)
        assert user is not None
        assert (user.reddit_user_id, user.display_name) == expected

    def test_a_known_user_costs_no_request(self, session: Session) -> None:
        def fail(name: str) -> Any:
            raise AssertionError(name)

        known = get_or_create_reddit_user(session, "Ann", "t2_a", "Anna")
        assert get_or_create_reddit_user(session, "Ann", display_name="Other", fetch=fail) is known
        assert known is not None
        assert known.display_name == "Anna"

    def test_letter_case_makes_no_second_user_and_the_id_wins(self, session: Session, count: Count) -> None:
        tal = get_or_create_reddit_user(session, "Tal", "t2_t")
        assert tal is not None
        assert get_or_create_reddit_user(session, "tal") is tal
        assert get_or_create_reddit_user(session, "renamed", "t2_t") is tal
        other = get_or_create_reddit_user(session, "AutoMODERATOR")
        assert other is not None
        found = ensure_reddit_users(
            session,
            [
                SeenRedditUser("New"),
                SeenRedditUser("new", "t2_n"),
                SeenRedditUser("Newer", "t2_n"),
                SeenRedditUser("TAL"),
            ],
        )
        assert found["New"] == found["new"] == found["Newer"]
        assert found["TAL"] == tal.id
        assert count(RedditUser) == 3

    def test_the_author_of_a_post(self, session: Session) -> None:
        user = resolve_reddit_user_from_author_data(session, {"author": "Ann", "author_fullname": "t2_a"})
        assert user is not None
        post = SimpleNamespace(author="Ann", author_fullname=None)
        assert resolve_reddit_user_from_author_data(session, post) is user
        assert resolve_reddit_user_from_author_data(session, {"author": None}) is None
