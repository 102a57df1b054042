"""The command and the decisions: who is merged, who is proposed, and that what somebody decided stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_user_tracker import services
from boost_collectors.cppa_user_tracker.collector import UserTracker
from boost_collectors.cppa_user_tracker.models import BaseProfile, GithubAccount, Identity
from boost_collectors.cppa_user_tracker.services import SeenGithubAccount, SeenRedditUser
from boost_collectors.cppa_user_tracker.services import merging as merging_services
from tests.cppa_user_tracker.population import Generator, merged, proposed, store

TABLES = ("identity", "tmpidentity", "tempprofileidentityrelation", "identityproposal", "baseprofile")


class Hub:
    """The hub of one database: profiles by short names, and what is known about them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings

    def run(self, command: str = "run_cppa_user_tracker", *arguments: str, **request: Any) -> dict[str, int]:
        result = execute(registry.find(command), Request(arguments=arguments, **request), settings=self.settings)
        return dict(result.counts) if result else {}

    def senders(self, *senders: tuple[str, str]) -> list[int]:
        with self.database.session() as session:
            found = services.ensure_mailing_list_profiles(session, senders)
            return [found[sender] for sender in senders]

    def do(self, act: Callable[..., int], *arguments: Any, by: str = "ann", reason: str = "I know") -> int:
        with self.database.session() as session:
            return act(session, *arguments, by, reason)

    def persons(self, *profiles: int) -> list[int | None]:
        with self.database.session() as session:
            rows = {row[0]: row[1] for row in session.execute(select(BaseProfile.id, BaseProfile.identity_id))}
        return [rows[profile] for profile in profiles]

    def are_one(self, *profiles: int) -> bool:
        return None not in (found := set(self.persons(*profiles))) and len(found) == 1

    def proposals(self) -> list[services.Proposal]:
        with self.database.session() as session:
            return services.waiting_proposals(session)

    def decision(self) -> int:
        with self.database.session() as session:
            return services.decisions(session, limit=1)[0].id

    def rows(self, tables: Sequence[str] = TABLES) -> dict[str, list[Any]]:
        with self.database.session() as session:
            names = [f"cppa_user_tracker_{name}" for name in tables]
            return {n: sorted(session.scalars(text(f"SELECT to_jsonb(t)::text FROM {n} AS t")).all()) for n in names}


@pytest.fixture
def hub(database: Database, settings: Settings) -> Hub:
    return Hub(database, settings)


@pytest.fixture
def couple(hub: Hub) -> list[int]:
    """A sender's two addresses of the same rare name: likely one person, but not certain."""
    return hub.senders(("Zoltan Quibbler", "zq@one.org"), ("Zoltan Quibbler", "zoltan@two.org"))


class TestTheCommand:
    def test_a_population_is_merged_rightly(self, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
        truth = store(hub.database, Generator(600, seed=3).accounts())
        counts = hub.run()
        assert "completed" in capsys.readouterr().out
        precision, recall = truth.quality(merged(hub.database))
        assert precision >= 0.99
        assert recall >= 0.85
        right = [truth.person[one] == truth.person[other] for one, other in proposed(hub.database)]
        assert sum(right) > len(right) / 2
        assert counts["proposals_waiting"] == len(right)
        nobody = [profile for profile, person in truth.person.items() if person < 0]
        assert set(hub.persons(*nobody)) == {None}

    def test_what_is_certain_is_merged_under_the_fullest_name(self, hub: Hub) -> None:
        one, other = hub.senders(("ann", "a@x.org"), ("Ann Lee", "A@x.org"))
        hub.run()
        assert hub.are_one(one, other)
        with hub.database.session() as session:
            assert session.scalars(select(Identity.display_name)).all() == ["Ann Lee"]

    def test_a_newcomer_joins_the_person_there_is(self, hub: Hub) -> None:
        first = hub.senders(("Ann Lee", "a@x.org"), ("Ann M. Lee", "a@x.org"))
        hub.run()
        (person, _) = hub.persons(*first)
        new = hub.senders(("Lee, Ann", "a@x.org"))
        hub.run()
        assert hub.persons(*new) == [person]

    def test_organisations_stay_what_they_are(self, hub: Hub) -> None:
        with hub.database.session() as session:
            accounts = [
                SeenGithubAccount(7, "boostorg", "Boost", account_type="organization"),
                SeenGithubAccount(8, "x"),
            ]
            found = services.ensure_github_accounts(session, accounts)
            services.ensure_emails(session, GithubAccount, [(found[7], "a@x.org"), (found[8], "a@x.org")])
        (sender,) = hub.senders(("Ann Lee", "a@x.org"))
        hub.run()
        with hub.database.session() as session:
            services.ensure_github_accounts(session, [SeenGithubAccount(7, "boostorg")])
            account = session.get_one(GithubAccount, found[7])
            assert (account.account_type, account.identity_id) == ("organization", None)
        assert hub.are_one(found[8], sender)

    def test_a_shared_mailbox_makes_nobody_one(self, hub: Hub) -> None:
        names = ("Ann Lee", "Bob Orff", "Carl Nagy", "carl", "Dora")
        team = hub.senders(*((name, "lab@x.org") for name in names))
        hub.run()
        assert set(hub.persons(*team)) == {None}

    def test_two_people_made_by_hand_are_only_proposed(self, hub: Hub) -> None:
        profiles = hub.senders(("Ann Lee", "a@x.org"), ("Lee, Ann", "a@x.org"))
        with hub.database.session() as session:
            for profile in profiles:
                session.get_one(BaseProfile, profile).identity = services.create_identity(session, "Ann")
        before = hub.persons(*profiles)
        hub.run()
        assert hub.persons(*profiles) == before
        assert len(hub.proposals()) == 1

    def test_a_dry_run_counts_and_writes_nothing(self, hub: Hub, couple: list[int]) -> None:
        hub.senders(("Ann Lee", "a@x.org"), ("Ann M. Lee", "a@x.org"))
        before = hub.rows()
        counts = hub.run(dry_run=True)
        assert (counts["people_merged"], counts["proposals_waiting"]) == (1, 1)
        assert hub.rows() == before


class TestDecisions:
    def test_accepting_and_its_undo(self, hub: Hub, couple: list[int]) -> None:
        hub.run()
        (proposal,) = hub.proposals()
        assert sorted(proposal.sides) == [(couple[0],), (couple[1],)]
        before = hub.rows()
        accepted = hub.do(services.accept_proposal, proposal.id)
        assert hub.are_one(*couple)
        assert hub.proposals() == []
        hub.run()
        hub.do(services.undo_decision, accepted)
        assert hub.rows() == before
        hub.run()
        assert hub.rows() == before

    def test_what_is_rejected_is_never_proposed_or_merged_again(self, hub: Hub, couple: list[int]) -> None:
        hub.run()
        before = hub.rows()
        rejected = hub.do(services.reject_proposal, hub.proposals()[0].id)
        hub.run()
        assert hub.proposals() == []
        with hub.database.session() as session:  # now there is even an address that says so
            sender = session.get_one(BaseProfile, couple[0])
            services.ensure_emails(session, type(sender), [(couple[0], "zoltan@two.org")])
        hub.run()
        assert hub.persons(*couple) == [None, None]
        assert hub.proposals() == []
        with hub.database.session() as session:
            email = services.find_email(session, session.get_one(BaseProfile, couple[0]), "zoltan@two.org")
            assert email is not None
            services.remove_email(session, email)
        hub.do(services.undo_decision, rejected)
        assert hub.rows() == before

    def test_nor_through_a_third_profile(self, hub: Hub, couple: list[int]) -> None:
        hub.run()
        hub.do(services.reject_proposal, hub.proposals()[0].id)
        with hub.database.session() as session:
            third = services.ensure_reddit_users(session, [SeenRedditUser("zoltanquibbler")])["zoltanquibbler"]
            for email in ("zq@one.org", "zoltan@two.org"):
                services.add_email(session, session.get_one(BaseProfile, third), email)
        hub.run()
        assert sum(hub.are_one(third, each) for each in couple) == 1
        assert not hub.are_one(*couple)
        other = next(each for each in couple if not hub.are_one(third, each))
        with pytest.raises(CommandError, match=r"keeps profiles .* apart: undo it first"):
            hub.do(services.accept_profiles, [third, other])

    def test_an_automatic_merge_that_was_undone_stays_undone(self, hub: Hub) -> None:
        pair = hub.senders(("Ann Lee", "a@x.org"), ("Ann M. Lee", "a@x.org"))
        before = hub.rows()
        hub.run()
        undo = hub.do(services.undo_decision, hub.decision())
        assert hub.rows() == before
        hub.run()
        assert hub.rows() == before
        hub.do(services.undo_decision, undo)
        hub.run()
        assert hub.are_one(*pair)

    def test_merging_people_and_taking_them_apart_restores_both(self, hub: Hub) -> None:
        ann = hub.senders(("Ann Lee", "a@x.org"), ("Ann M. Lee", "a@x.org"))
        bob = hub.senders(("Bob Orff", "b@x.org"), ("B. Orff", "b@x.org"))
        hub.run()
        before = hub.rows()
        decision = hub.do(services.accept_profiles, [ann[0], bob[1]])
        assert hub.are_one(*ann, *bob)
        later = hub.do(services.accept_profiles, [ann[0], *hub.senders(("Carl", "c@x.org"))])
        with pytest.raises(CommandError, match=f"decision {later} rests on decision {decision}"):
            hub.do(services.undo_decision, decision)
        hub.do(services.undo_decision, later)
        hub.do(services.undo_decision, decision)
        assert hub.rows(("identity",)) == {"cppa_user_tracker_identity": before["cppa_user_tracker_identity"]}
        assert hub.persons(*ann, *bob) == [hub.persons(ann[0])[0]] * 2 + [hub.persons(bob[0])[0]] * 2

    @pytest.mark.parametrize(
        ("act", "arguments", "told"),
        [
            (services.accept_proposal, (99,), "no proposal 99"),
            (services.accept_profiles, ([1],), "no profile 1"),
            (services.undo_decision, (99,), "no decision 99"),
        ],
    )
    def test_what_is_not_there(self, hub: Hub, act: Any, arguments: tuple[Any, ...], told: str) -> None:
        with pytest.raises(CommandError, match=told):
            hub.do(act, *arguments)

    def test_somebody_must_decide(self, hub: Hub, couple: list[int]) -> None:
        for nobody in (" ", "run_cppa_user_tracker"):
            with pytest.raises(CommandError, match="--by"):
                hub.do(services.accept_profiles, couple, by=nobody)

    @pytest.mark.parametrize("statement", ["UPDATE {} SET reason = ''", "DELETE FROM {}"])
    def test_decisions_are_only_added(self, hub: Hub, couple: list[int], statement: str) -> None:
        hub.do(services.reject_profiles, couple)
        with pytest.raises(DBAPIError, match="only ever added"), hub.database.session() as session:
            session.execute(text(statement.format("cppa_user_tracker_identitydecision")))

    def test_a_decision_made_while_the_command_runs_wins(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        pair = hub.senders(("Ann Lee", "a@x.org"), ("Ann M. Lee", "a@x.org"))
        merge = UserTracker._merge

        def after_a_decision(*arguments: Any) -> None:
            hub.do(services.reject_profiles, pair)
            merge(*arguments)

        monkeypatch.setattr(UserTracker, "_merge", after_a_decision)
        assert hub.run()["groups_changed_meanwhile"] == 1
        assert hub.persons(*pair) == [None, None]

    def test_killed_between_two_groups_and_rerun(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = [hub.senders((f"Ann Lee{n}", f"a{n}@x.org"), (f"A. Lee{n}", f"a{n}@x.org")) for n in range(3)]
        monkeypatch.setattr("boost_collectors.cppa_user_tracker.collector.GROUPS_AT_A_TIME", 1)
        write, calls = merging_services.write_merges, []

        def breaking(session: Session, merges: Any) -> list[int]:
            calls.append(merges)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return write(session, merges)

        monkeypatch.setattr(services, "write_merges", breaking)
        with pytest.raises(KeyboardInterrupt):
            hub.run()
        assert sum(hub.are_one(*pair) for pair in pairs) == 1
        hub.run()
        assert all(hub.are_one(*pair) for pair in pairs)
        assert len({hub.persons(pair[0])[0] for pair in pairs}) == 3


def test_the_commands_show_and_decide(hub: Hub, couple: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    hub.run()
    proposal = str(hub.proposals()[0].id)
    capsys.readouterr()
    hub.run("list_identity_proposals")
    shown = capsys.readouterr().out
    assert "1 proposals waiting" in shown
    assert "name quibbler zoltan" in shown or "name zoltan quibbler" in shown
    assert "<zq@one.org>" in shown
    hub.run("accept_identity_proposal", proposal, "--by", "ann", "--reason", "told me so")
    hub.run("list_identity_decisions", "--by-people")
    told = capsys.readouterr().out
    assert "merge by ann" in told
    assert "told me so" in told
    hub.run("undo_identity_decision", str(hub.decision()), "--by", "bob")
    hub.run("reject_identity_proposal", "--profiles", *map(str, couple), "--by", "bob")
    hub.run("list_identity_decisions")
    told = capsys.readouterr().out
    assert all(word in told for word in ("reject by bob", "undo of decision", "undone by decision"))
    with hub.database.session() as session:
        assert services.count_waiting_proposals(session) == 0
