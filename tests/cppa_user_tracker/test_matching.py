"""Names, addresses and scores: what makes two profiles one person's, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.cppa_user_tracker.matching.addresses import personal
from boost_collectors.cppa_user_tracker.matching.clusters import Clusters
from boost_collectors.cppa_user_tracker.matching.names import Agreement, agreement, is_derived, tokens_of
from boost_collectors.cppa_user_tracker.matching.population import Population
from boost_collectors.cppa_user_tracker.matching.profiles import Profile, RawProfile, key_hash, person_of
from boost_collectors.cppa_user_tracker.matching.scoring import MOST_OF_ONE_KIND, score

MERGE, PROPOSE = 0.99, 0.7
NAMES = st.lists(st.text("abo", min_size=1, max_size=6), max_size=3).map(" ".join)


def profile(key: int = 1, platform: str = "mailing_list", **values: object) -> Profile:
    found = person_of(RawProfile(key, platform, **values))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ann Lee", "Lee, Ann", Agreement.EQUAL),
        ("Dr. Ann Lee (work)", "ANN LEE via Boost", Agreement.EQUAL),
        ("Agustín Bergé", "Agustin Berge", Agreement.EQUAL),
        ("Vinnie Falco", "Vinnie Flaco", Agreement.TYPO),
        ("AnnL ee", "Ann Lee", Agreement.TYPO),
        ("V. Falco", "Vinnie Falco", Agreement.INITIALS),
        ("Rob Smith", "Robert Smith", Agreement.INITIALS),
        ("Ann Marie Lee", "Ann Lee", Agreement.PART),
        ("pdimov", "Peter Dimov", Agreement.PART),
        ("Ann Lee", "Ann Orff", Agreement.GIVEN),
        ("Ann Lee", "Bob Lee", Agreement.FAMILY),
        ("Ann Lee", "Carl Orff", Agreement.DIFFERENT),
        ("dragon", "Ann Lee", Agreement.UNKNOWN),
        ("Петр Димов", "Peter Dimov", Agreement.UNKNOWN),
        ("", "Ann Lee", Agreement.UNKNOWN),
    ],
)
def test_names_agree_or_not_whichever_comes_first(one: str, other: str, expected: Agreement) -> None:
    left, right = tokens_of(one), tokens_of(other)
    assert agreement(left, right) is expected
    assert agreement(right, left) is expected


@given(NAMES, NAMES)
def test_agreement_knows_no_order(one: str, other: str) -> None:
    assert agreement(tokens_of(one), tokens_of(other)) is agreement(tokens_of(other), tokens_of(one))


def test_handles_made_of_names() -> None:
    assert all(is_derived(handle, ("john", "smith")) for handle in ("jsmith", "smithj2", "johnsmith", "js"))
    assert not is_derived("kballo", ("john", "smith"))


@pytest.mark.parametrize(
    "address",
    ["info@x.org", "builds@x.org", "boost-users@x.org", "me@localhost", "7+ann@users.noreply.github.com", "-"],
)
def test_addresses_of_nobody(address: str) -> None:
    assert personal(address) is None


def test_spellings_of_one_mailbox() -> None:
    spellings = ("A.Lee@gmail.com", "alee+boost@googlemail.com")
    assert {found.canonical for text in spellings if (found := personal(text))} == {"alee@gmail.com"}


@pytest.mark.parametrize(
    "raw",
    [
        RawProfile(1, "discord", "ann", "Ann Lee", is_bot=True),
        RawProfile(1, "github", "boostorg", "Boost", number=7, account_type="organization"),
        RawProfile(1, "github", "dependabot[bot]", "", number=7, account_type="user"),
        RawProfile(1, "mailing_list", display_name="Boost Webmaster", emails=("ann@x.org",)),
        RawProfile(1, "github", "unknown", "unknown", number=-1, emails=("ann@x.org",)),
    ],
)
def test_who_is_no_person_is_kept_apart(raw: RawProfile) -> None:
    assert person_of(raw) is None


class TestScores:
    population = Population(people=100_000)

    def of(self, left: Profile, right: Profile) -> float:
        found = score(left, right, self.population)
        assert found == score(right, left, self.population)
        return found.value

    def test_one_address_is_enough(self) -> None:
        left, right = (
            profile(display_name="Ann Lee", emails=("a@x.org",)),
            profile(2, username="al", emails=("A@x.org",)),
        )
        assert self.of(left, right) >= MERGE

    def test_one_address_of_two_names_is_proposed(self) -> None:
        family = [profile(n, display_name=name, emails=("lee@x.org",)) for n, name in enumerate(("Ann Lee", "Bob Lee"))]
        assert PROPOSE <= self.of(*family) < MERGE

    def test_one_address_of_a_family_name_that_changed_is_enough(self) -> None:
        married = [profile(n, display_name=name, emails=("a@x.org",)) for n, name in enumerate(("Ann Lee", "Ann Orff"))]
        assert self.of(*married) >= MERGE
        assert self.of(*(profile(each.id, display_name=" ".join(each.name)) for each in married)) < PROPOSE

    def test_a_name_alone_is_never_enough(self) -> None:
        assert self.of(profile(display_name="Ann Lee"), profile(2, display_name="Ann Lee")) <= MOST_OF_ONE_KIND

    def test_a_name_and_a_handle_of_its_own_are(self) -> None:
        left = profile(1, "reddit", username="kballo77", display_name="Agustin Berge")
        right = profile(2, display_name="Agustin Berge", emails=("kballo77@x.org",))
        assert self.of(left, right) >= MERGE

    def test_a_handle_made_of_the_name_is_not(self) -> None:
        left = profile(1, "reddit", username="johnsmith", display_name="John Smith")
        right = profile(2, display_name="John Smith", emails=("john.smith@x.org",))
        assert self.of(left, right) < MERGE

    def test_but_the_number_in_it_is_more_than_the_name(self) -> None:
        left = profile(1, "reddit", username="johnsmith4711", display_name="John Smith")
        right = profile(2, display_name="John Smith", emails=("john.smith4711@x.org",))
        assert self.of(left, right) >= MERGE

    def test_a_common_name_says_little(self) -> None:
        common = Population(people=100_000)
        common.words.update({"john": 4_000, "smith": 3_000})
        pair = profile(display_name="John Smith"), profile(2, display_name="John Smith")
        assert score(*pair, common).value < PROPOSE

    def test_a_mailbox_of_many_says_little(self) -> None:
        shared = Population(people=100_000, shared=frozenset({key_hash("address", "lab@x.org")}))
        pair = [profile(n, display_name=name, emails=("lab@x.org",)) for n, name in enumerate(("Ann Lee", "ann"))]
        assert score(*pair, shared).value < PROPOSE

    def test_links_name_accounts_and_addresses(self) -> None:
        github = profile(1, "github", username="ann", number=7)
        assert self.of(github, profile(2, display_name="A", emails=("7+old@users.noreply.github.com",))) >= MERGE
        face = "https://secure.gravatar.com/avatar/0e3e5ad9b4a87be1a8e4d7d1aa4f3c32?s=72"
        pictured = [profile(n, "slack", username=f"u{n}xyz", avatar_url=face) for n in (1, 2)]
        assert self.of(*pictured) >= PROPOSE

    def test_a_row_that_stands_for_a_name_is_only_proposed_when_others_bear_it(self) -> None:
        author = profile(1, "github", username="john", display_name="john", number=-1, emails=("j@x.org", "j@y.org"))
        assert self.of(author, profile(2, display_name="John Able", emails=("j@x.org",))) < MERGE


class TestClusters:
    def test_what_is_kept_apart_never_meets_through_a_third(self) -> None:
        groups = Clusters(4)
        groups.keep_apart([0], [1])
        groups.join(0, 2)
        groups.join(1, 3)
        assert groups.are_apart(2, 3)
        assert groups.are_apart(3, 0)
        assert not groups.copy().are_apart(0, 2)

    def test_names_that_disagree_and_people_made_by_hand_are_doubtful(self) -> None:
        ann, bob = ("ann", "lee"), ("bob", "orff")
        groups = Clusters(4)
        groups.join(0, 1, [ann])
        assert groups.is_doubtful(1, 2, [], [bob])
        assert not groups.is_doubtful(1, 2, [], [ann])
        groups.mark_given(0)
        groups.mark_given(3)
        assert groups.is_doubtful(1, 3, [], [])
