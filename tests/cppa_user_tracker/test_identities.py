"""Persons, staged links and addresses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.models import (
    BaseProfile,
    Email,
    Identity,
    MailingListProfile,
    TempProfileIdentityRelation,
)
from boost_collectors.cppa_user_tracker.services import (
    add_email,
    add_temp_profile_identity_relation,
    create_identity,
    create_tmp_identity,
    find_email,
    get_or_create_identity,
    get_or_create_mailing_list_profile,
    remove_email,
    remove_temp_profile_identity_relation,
    update_email,
)


@pytest.fixture
def ann(session: Session) -> MailingListProfile:
    return get_or_create_mailing_list_profile(session, "Ann", "")[0]


class TestIdentities:
    def test_create_always_inserts(self, session: Session) -> None:
        assert create_identity(session, "Ann").id != create_identity(session, "Ann").id
        assert create_identity(session).display_name == ""
        assert create_tmp_identity(session, "Ann").id != create_tmp_identity(session, "Ann").id

    def test_of_equal_names_the_oldest_is_found(self, session: Session) -> None:
        first = create_identity(session, "Ann")
        create_identity(session, "Ann")
        assert get_or_create_identity(session, "Ann") == (first, False)

    def test_a_description_is_never_blanked(self, session: Session) -> None:
        made, created = get_or_create_identity(session, "Ann", "writes")
        assert created
        get_or_create_identity(session, "Ann")
        get_or_create_identity(session, "Ann", "")
        assert made.description == "writes"

    def test_a_new_description_moves_updated_at(self, database: Database) -> None:
        with database.session() as session:
            get_or_create_identity(session, "Ann", defaults={"description": "first"})
        with database.session() as session:
            get_or_create_identity(session, "Ann", "second")
        with database.session() as session:
            ann = session.scalars(select(Identity)).one()
            assert ann.description == "second"
            assert ann.updated_at > ann.created_at

    def test_concurrent_calls_make_one(self, database: Database) -> None:
        together = Barrier(3)

        def call(_: int) -> int:
            with database.session() as session:
                together.wait()
                return get_or_create_identity(session, "Ann")[0].id

        with ThreadPoolExecutor(3) as pool:
            assert len(set(pool.map(call, range(3)))) == 1

    def test_a_name_that_is_too_long_is_refused(self, session: Session) -> None:
        with pytest.raises(ValueError, match="display_name"):
            get_or_create_identity(session, "x" * 256)

    def test_deleting_a_person_keeps_the_profiles(self, session: Session, ann: MailingListProfile) -> None:
        ann.identity = create_identity(session, "Ann")
        session.flush()
        session.execute(delete(Identity))
        session.expire_all()
        assert session.get_one(BaseProfile, ann.id).identity_id is None


class TestStagedLinks:
    def test_a_pair_is_proposed_once(self, session: Session, ann: MailingListProfile) -> None:
        target = create_tmp_identity(session, "Ann")
        relation, created = add_temp_profile_identity_relation(session, ann, target)
        assert created
        assert add_temp_profile_identity_relation(session, ann, target) == (relation, False)

    def test_removing_leaves_other_pairs_alone(self, session: Session, ann: MailingListProfile) -> None:
        one, two = create_tmp_identity(session, "1"), create_tmp_identity(session, "2")
        add_temp_profile_identity_relation(session, ann, one)
        kept, _ = add_temp_profile_identity_relation(session, ann, two)
        for _ in range(2):
            remove_temp_profile_identity_relation(session, ann, one)
        assert session.scalars(select(TempProfileIdentityRelation)).all() == [kept]


class TestEmails:
    def test_one_address_is_stored_once_per_profile(self, session: Session, ann: MailingListProfile) -> None:
        first = add_email(session, ann, " a@x.org ", is_primary=True)
        assert first.email == "a@x.org"
        assert add_email(session, ann, "A@X.org") is first
        assert first.is_primary
        assert find_email(session, ann, "a@X.ORG") is first

    def test_profiles_may_share_an_address(self, session: Session, ann: MailingListProfile) -> None:
        bob, _ = get_or_create_mailing_list_profile(session, "Bob", "")
        assert add_email(session, ann, "a@x.org").id != add_email(session, bob, "a@x.org").id

    def test_a_profile_has_one_primary_address(self, session: Session, ann: MailingListProfile) -> None:
        old = add_email(session, ann, "a@x.org", is_primary=True)
        new = add_email(session, ann, "b@x.org", is_primary=True)
        session.refresh(old)
        assert (old.is_primary, new.is_primary) == (False, True)
        update_email(session, old, is_primary=True)
        session.refresh(new)
        assert (old.is_primary, new.is_primary) == (True, False)

    def test_update_changes_only_what_may_change(self, session: Session, ann: MailingListProfile) -> None:
        row = add_email(session, ann, "a@x.org")
        assert update_email(session, row, email="b@x.org", is_active=False, base_profile_id=1, nonsense=2) is row
        assert (row.email, row.is_active, row.base_profile_id) == ("b@x.org", False, ann.id)

    @pytest.mark.parametrize(("email", "what"), [("", "empty"), ("  ", "empty"), ("x" * 256, "longer than 255")])
    def test_what_is_no_address_is_refused(
        self, session: Session, ann: MailingListProfile, email: str, what: str
    ) -> None:
        row = add_email(session, ann, "a@x.org")
        with pytest.raises(ValueError, match=f"email must not be {what}"):
            add_email(session, ann, email)
        with pytest.raises(ValueError, match=f"email must not be {what}"):
            update_email(session, row, email=email)

    def test_remove(self, session: Session, ann: MailingListProfile) -> None:
        remove_email(session, add_email(session, ann, "a@x.org"))
        assert session.scalars(select(Email)).all() == []

    def test_addresses_go_with_their_profile(self, session: Session, ann: MailingListProfile) -> None:
        add_email(session, ann, "a@x.org")
        session.execute(delete(BaseProfile.__table__))  # type: ignore[arg-type]
        assert session.scalars(select(Email)).all() == []
        assert session.scalars(select(MailingListProfile)).all() == []
