"""People known by name and address: senders, paper authors, authors of commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from boost_collectors.core.database import Base, Database
from boost_collectors.cppa_user_tracker.models import (
    BaseProfile,
    Email,
    GithubAccount,
    Identity,
    MailingListProfile,
    WG21PaperAuthorProfile,
)
from boost_collectors.cppa_user_tracker.services import (
    ensure_git_authors,
    ensure_mailing_list_profiles,
    ensure_unknown_github_accounts,
    ensure_wg21_author_profiles,
    get_mailing_list_profile_by_id,
    get_mailing_list_profiles_by_ids,
    get_or_create_github_account,
    get_or_create_mailing_list_profile,
    get_or_create_unknown_github_account,
    get_or_create_wg21_paper_author_profile,
)

Count = Callable[[type[Base]], int]


def emails_of(session: Session, profile_id: int) -> list[tuple[str, bool]]:
    rows = session.execute(
        select(Email.email, Email.is_primary).where(Email.base_profile_id == profile_id).order_by(Email.id)
    )
    return [(email, primary) for email, primary in rows]


class TestMailingListProfiles:
    def test_a_new_sender_gets_profile_and_primary_address(self, session: Session) -> None:
        profile, created = get_or_create_mailing_list_profile(session, "  Ann Lee ", " ann@example.org ")
        assert created
        assert (profile.type, profile.display_name, profile.identity_id) == ("mailing_list", "Ann Lee", None)
        assert emails_of(session, profile.id) == [("ann@example.org", True)]

    def test_name_and_address_together_are_the_key(self, session: Session, count: Count) -> None:
        pairs = [("Ann", "a@x.org"), ("Ann", "b@x.org"), ("Bob", "a@x.org")]
        found = ensure_mailing_list_profiles(session, pairs)
        assert len(set(found.values())) == 3
        assert ensure_mailing_list_profiles(session, pairs) == found
        assert count(MailingListProfile) == count(BaseProfile) == count(Email) == 3

    def test_case_of_the_address_makes_no_second_sender(self, session: Session) -> None:
        first = ensure_mailing_list_profiles(session, [("Ann", "Ann@X.org"), ("Ann", "ann@x.org")])
        assert len(set(first.values())) == 1
        assert ensure_mailing_list_profiles(session, [("Ann", "ANN@x.ORG")]) == {
            ("Ann", "ANN@x.ORG"): first["Ann", "Ann@X.org"]
        }

    def test_senders_without_address_are_one_profile_per_name(self, session: Session, count: Count) -> None:
        with_address, _ = get_or_create_mailing_list_profile(session, "Ann", "a@x.org")
        without, created = get_or_create_mailing_list_profile(session, "Ann", "")
        assert created
        assert without.id != with_address.id
        assert emails_of(session, without.id) == []
        assert get_or_create_mailing_list_profile(session, "Ann", None) == (without, False)
        assert count(MailingListProfile) == 2

    @pytest.mark.parametrize("name", ["", "   ", "\0"])
    def test_an_empty_name_is_refused(self, session: Session, name: str) -> None:
        with pytest.raises(ValueError, match="display_name must not be empty"):
            get_or_create_mailing_list_profile(session, name, "a@x.org")

    @pytest.mark.parametrize(
        ("name", "email", "field"), [("n" * 256, "a@x.org", "display_name"), ("Ann", "a" * 256, "email")]
    )
    def test_text_that_is_too_long_is_refused_before_any_write(
        self, session: Session, count: Count, name: str, email: str, field: str
    ) -> None:
        with pytest.raises(ValueError, match=rf"{field} must not be longer than 255"):
            ensure_mailing_list_profiles(session, [("Fine", "fine@x.org"), (name, email)])
        assert count(BaseProfile) == 0

    def test_longest_text_is_stored(self, session: Session) -> None:
        profile, _ = get_or_create_mailing_list_profile(session, "n" * 255, "e" * 255)
        assert len(profile.display_name) == 255

    def test_thousands_of_senders_cost_a_handful_of_statements(
        self, session: Session, statements: Callable[..., Any]
    ) -> None:
        pairs = [(f"Sender {n}", f"{n}@x.org" if n % 3 else "") for n in range(5000)]
        with statements() as sent:
            found = ensure_mailing_list_profiles(session, pairs)
        assert len(sent) <= 5
        assert len(set(found.values())) == 5000
        with statements() as again:
            assert ensure_mailing_list_profiles(session, pairs) == found
        assert len(again) == 1

    def test_two_processes_meeting_one_new_sender_make_one_profile(self, database: Database) -> None:
        together = Barrier(4)

        def meet(number: int) -> int:
            with database.session() as session:
                together.wait()
                return ensure_mailing_list_profiles(session, [("Ann", "a@x.org"), (f"Own {number}", "")])[
                    "Ann", "a@x.org"
                ]

        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(meet, range(4)))
        assert len(found) == 1
        with database.session() as session:
            assert len(session.scalars(select(MailingListProfile)).all()) == 5

    def test_profiles_are_read_by_id(self, session: Session, statements: Callable[..., Any]) -> None:
        ann, _ = get_or_create_mailing_list_profile(session, "Ann", "a@x.org")
        author, _ = get_or_create_wg21_paper_author_profile(session, "Ann")
        ann.identity = Identity(display_name="Ann")
        session.flush()
        session.expunge_all()
        with statements() as sent:
            found = get_mailing_list_profiles_by_ids(session, [ann.id, ann.id, 0, -5, author.id, 10**9])
            assert found.keys() == {ann.id}
            identity = found[ann.id].identity
            assert identity is not None
            assert identity.display_name == "Ann"
            assert get_mailing_list_profiles_by_ids(session, []) == {}
        assert len(sent) == 1
        assert get_mailing_list_profile_by_id(session, ann.id) is found[ann.id]
        assert get_mailing_list_profile_by_id(session, author.id) is None
        assert get_mailing_list_profile_by_id(session, 0) is None
        with pytest.raises(TypeError, match="must be an int"):
            get_mailing_list_profile_by_id(session, "7")  # type: ignore[arg-type]


class TestWg21Authors:
    def make(self, session: Session, *emails: str | None) -> list[int]:
        """Profiles of one name with these addresses, in this order."""
        ids = []
        for email in emails:
            profile = WG21PaperAuthorProfile(display_name="Ann")
            session.add(profile)
            session.flush()
            if email:
                session.add(Email(base_profile_id=profile.id, email=email, is_primary=True))
            ids.append(profile.id)
        session.flush()
        return ids

    @pytest.mark.parametrize(
        ("stored", "email", "expected"),
        [
            ([], None, "new"),
            ([], "a@x.org", "new"),
            ([None], None, 0),
            ([None], "a@x.org", "new"),
            ([None, None], None, 0),
            ([None, "a@x.org"], "a@x.org", 1),
            ([None, "a@x.org"], "A@X.org", 1),
            ([None, "a@x.org"], "b@x.org", "new"),
            (["a@x.org"], None, 0),
            (["a@x.org", "b@x.org"], None, "new"),
        ],
    )
    def test_which_profile_is_meant(
        self, session: Session, stored: list[str | None], email: str | None, expected: int | str
    ) -> None:
        ids = self.make(session, *stored)
        profile, created = get_or_create_wg21_paper_author_profile(session, " Ann ", email)
        if expected == "new":
            assert created
            assert profile.id not in ids
            assert emails_of(session, profile.id) == ([(email, True)] if email else [])
        else:
            assert (profile.id, created) == (ids[int(expected)], False)
        assert get_or_create_wg21_paper_author_profile(session, "Ann", email) == (profile, False)

    def test_an_alias_finds_the_author(self, session: Session) -> None:
        ann, _ = get_or_create_wg21_paper_author_profile(session, "Ann Lee")
        ann.author_alias = "A. Lee"
        session.flush()
        assert get_or_create_wg21_paper_author_profile(session, "A. Lee") == (ann, False)
        bearer, created = get_or_create_wg21_paper_author_profile(session, "A. Lee", "other@x.org")
        assert created
        assert ensure_wg21_author_profiles(session, [("A. Lee", "other@x.org")]) == {
            ("A. Lee", "other@x.org"): bearer.id
        }

    def test_many_authors_at_once(self, session: Session, count: Count) -> None:
        names = [(f"Author {n}", None) for n in range(300)]
        found = ensure_wg21_author_profiles(session, [*names, ("Author 0", "zero@x.org")])
        assert found["Author 0", "zero@x.org"] != found["Author 0", None]
        assert count(WG21PaperAuthorProfile) == 301
        assert ensure_wg21_author_profiles(session, names) == {name: found[name] for name in names}

    def test_an_empty_name_is_refused(self, session: Session) -> None:
        with pytest.raises(ValueError, match="display_name"):
            get_or_create_wg21_paper_author_profile(session, " ", "a@x.org")


class TestAuthorsOfCommits:
    def test_unknown_authors_get_falling_negative_ids(self, session: Session) -> None:
        ann, _ = get_or_create_unknown_github_account(session, " Ann ", "a@x.org")
        bob, created = get_or_create_unknown_github_account(session, "Bob")
        assert (ann.github_account_id, ann.username, ann.display_name) == (-1, "Ann", "Ann")
        assert (bob.github_account_id, created, ann.account_type) == (-2, True, "user")
        session.add(GithubAccount(github_account_id=-40, username="old", display_name="old"))
        session.flush()
        assert get_or_create_unknown_github_account(session, "Cid")[0].github_account_id == -41

    def test_real_accounts_do_not_disturb_the_negative_ids(self, session: Session) -> None:
        real, _ = get_or_create_github_account(session, 7, "ann", "Ann")
        unknown, created = get_or_create_unknown_github_account(session, "Ann", "a@x.org")
        assert created
        assert unknown.id != real.id
        assert unknown.github_account_id == -1

    def test_the_name_is_the_key_and_addresses_are_collected(self, session: Session) -> None:
        pairs = [("Ann", "a@x.org"), ("Ann", "b@x.org"), ("Ann", "A@x.org"), ("Ann", "")]
        found = ensure_unknown_github_accounts(session, pairs)
        (profile,) = set(found.values())
        assert emails_of(session, profile) == [("a@x.org", True), ("b@x.org", False)]
        ensure_unknown_github_accounts(session, [("Ann", "c@x.org"), ("Ann", "B@X.ORG")])
        assert emails_of(session, profile)[2:] == [("c@x.org", False)]

    def test_the_first_address_found_later_is_primary(self, session: Session) -> None:
        ann, _ = get_or_create_unknown_github_account(session, "Ann")
        ensure_unknown_github_accounts(session, [("Ann", "a@x.org"), ("Ann", "b@x.org")])
        assert emails_of(session, ann.id) == [("a@x.org", True), ("b@x.org", False)]

    @pytest.mark.parametrize("name", [None, "", "  "])
    def test_nameless_authors_are_one_unknown_account(self, session: Session, name: str | None) -> None:
        first, _ = get_or_create_unknown_github_account(session, "unknown")
        assert get_or_create_unknown_github_account(session, name) == (first, False)

    def test_no_reply_addresses_name_the_account(self, session: Session, count: Count) -> None:
        told, _ = get_or_create_github_account(session, 42, "new-login", "", "https://x.org/a.png", "organization")
        authors = [
            ("Ann", "42+old-login@users.noreply.github.com"),
            ("Bob", "43+bob@Users.NoReply.GitHub.com"),
            ("Cid", "cid@users.noreply.github.com"),
            ("Dan", "dan@x.org"),
        ]
        found = ensure_git_authors(session, authors)
        assert found[authors[0]] == told.id
        session.refresh(told)
        assert (told.username, told.display_name, told.account_type) == ("new-login", "Ann", "organization")
        bob = session.get_one(GithubAccount, found[authors[1]])
        assert (bob.github_account_id, bob.username, bob.display_name) == (43, "bob", "Bob")
        assert session.get_one(GithubAccount, found[authors[2]]).github_account_id < 0
        assert session.get_one(GithubAccount, found[authors[3]]).github_account_id < 0
        assert ensure_git_authors(session, authors) == found
        assert count(GithubAccount) == 4

    def test_concurrent_readers_share_accounts_and_never_an_id(self, database: Database) -> None:
        together = Barrier(4)

        def read(number: int) -> dict[tuple[str, str | None], int]:
            with database.session() as session:
                together.wait()
                mine = [(f"Author {number} {n}", "") for n in range(50)]
                shared = [(f"Shared {n}", f"{n}@x.org") for n in range(50)]
                return ensure_git_authors(session, mine + shared)

        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(read, range(4)))
        assert len({result["Shared 7", "7@x.org"] for result in results}) == 1
        with database.session() as session:
            ids = session.scalars(select(GithubAccount.github_account_id)).all()
        assert sorted(ids) == list(range(-250, 0))
