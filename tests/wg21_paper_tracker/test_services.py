"""Writing mailings, papers and authors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from boost_collectors.core.database import Database
from boost_collectors.core.database.bulk import MergeResult
from boost_collectors.cppa_user_tracker.services import get_or_create_wg21_paper_author_profile
from boost_collectors.wg21_paper_tracker import services
from boost_collectors.wg21_paper_tracker.models import DownloadStatus, WG21Mailing, WG21Paper, WG21PaperAuthor
from boost_collectors.wg21_paper_tracker.records import PaperInput, fold, normalise_year
from tests.contract.content import versions

DAY = date(2025, 1, 5)
URL = "https://www.open-std.org/p1r0.pdf"


def _mailing(database: Database, mailing_date: str = "2025-01") -> WG21Mailing:
    with database.session() as session:
        return services.get_or_create_mailing(session, mailing_date, f"{mailing_date} mailing")[0]


def _store(database: Database, *papers: PaperInput, mailing: str = "2025-01", announce: bool = False) -> Any:
    row = _mailing(database, mailing)
    with database.session() as session:
        return services.store_papers(session, row, papers, announce=announce)


def _upsert(database: Database, **fields: Any) -> tuple[WG21Paper, bool]:
    row = _mailing(database)
    given = {"paper_id": "p1r0", "url": URL, "title": "T", "document_date": DAY, "mailing": row, **fields}
    with database.session() as session:
        return services.get_or_create_paper(session, **given)


def _papers(database: Database) -> dict[tuple[str, int], WG21Paper]:
    with database.session() as session:
        return {(paper.paper_id, paper.year): paper for paper in session.scalars(select(WG21Paper))}


def _authors(database: Database) -> list[tuple[str, int]]:
    query = text(
        "SELECT p.display_name, a.author_order FROM wg21_paper_tracker_wg21paperauthor a "
        "JOIN cppa_user_tracker_wg21paperauthorprofile p ON p.baseprofile_ptr_id = a.profile_id ORDER BY 2, 1"
    )
    with database.session() as session:
        return [(name, order) for name, order in session.execute(query)]


def _paper(paper_id: str = "p1r0", year: int = 2025, **fields: Any) -> PaperInput:
    return PaperInput(paper_id, year, **{"url": URL, "title": "T", **fields})


# The table of upserts: what is given, what exists, what becomes of it.


def test_a_dated_paper_that_exists_is_updated(database: Database) -> None:
    _upsert(database, year=2025)
    paper, created = _upsert(database, year=2025, title="New")
    assert not created
    assert paper.title == "New"
    assert set(_papers(database)) == {("p1r0", 2025)}


def test_a_placeholder_becomes_the_dated_paper(database: Database) -> None:
    placeholder, _ = _upsert(database)
    paper, created = _upsert(database, year=2025, title="New", subgroup="SG1")
    assert not created
    assert (paper.id, paper.year, paper.title, paper.subgroup) == (placeholder.id, 2025, "New", "SG1")
    assert set(_papers(database)) == {("p1r0", 2025)}


def test_a_placeholder_that_becomes_dated_is_not_announced_as_new(database: Database) -> None:
    _store(database, _paper(year=0))
    _store(database, _paper(year=2025), announce=True)
    with database.session() as session:
        assert services.waiting_announcements(session) == []


def test_a_dated_paper_that_is_new_is_created(database: Database) -> None:
    paper, created = _upsert(database, paper_id=" P1R0 ", year=2025)
    assert created
    assert (paper.paper_id, paper.year) == ("p1r0", 2025)


def test_a_paper_without_year_updates_its_placeholder(database: Database) -> None:
    first, _ = _upsert(database)
    second, created = _upsert(database, title="New", year=0)
    assert not created
    assert (second.id, second.year, second.title) == (first.id, 0, "New")


def test_a_paper_without_year_updates_its_placeholder_even_beside_a_dated_one(database: Database) -> None:
    _upsert(database, year=2025, title="dated")
    with database.session() as session:
        session.execute(
            text(
                "INSERT INTO wg21_paper_tracker_wg21paper (paper_id, year, mailing_id, url, title) "
                "SELECT paper_id, 0, mailing_id, url, 'placeholder' FROM wg21_paper_tracker_wg21paper"
            )
        )
    assert not _upsert(database, title="New")[1]
    assert {key: paper.title for key, paper in _papers(database).items()} == {
        ("p1r0", 0): "New",
        ("p1r0", 2025): "dated",
    }


def test_a_paper_without_year_updates_the_only_dated_one(database: Database) -> None:
    _upsert(database, year=2025)
    paper, created = _upsert(database, title="New")
    assert not created
    assert (paper.year, paper.title) == (2025, "New")
    assert set(_papers(database)) == {("p1r0", 2025)}


def test_a_paper_without_year_is_a_placeholder_when_two_are_dated(database: Database) -> None:
    _upsert(database, year=2024)
    _upsert(database, year=2025)
    paper, created = _upsert(database)
    assert created
    assert paper.year == 0
    assert set(_papers(database)) == {("p1r0", 0), ("p1r0", 2024), ("p1r0", 2025)}


def test_the_same_id_may_exist_in_two_years(database: Database) -> None:
    assert _upsert(database, year=2024)[1]
    assert _upsert(database, year=2025)[1]
    assert set(_papers(database)) == {("p1r0", 2024), ("p1r0", 2025)}


def test_a_dated_paper_stored_by_another_writer_meanwhile_is_updated(database: Database) -> None:
    _upsert(database)
    mailing = _mailing(database)
    with ThreadPoolExecutor(1) as pool:
        with database.session() as other:
            other.execute(
                text(
                    "INSERT INTO wg21_paper_tracker_wg21paper (paper_id, year, mailing_id, url, title) "
                    f"VALUES ('p1r0', 2025, {mailing.id}, 'x', 'theirs')"
                )
            )
            mine = pool.submit(_store, database, _paper(title="mine"))
            _wait_for_a_blocked_writer(database)
        stored = mine.result(timeout=60)
    assert stored.papers.inserted == 0
    assert {key: paper.title for key, paper in _papers(database).items()} == {("p1r0", 0): "T", ("p1r0", 2025): "mine"}


def _wait_for_a_blocked_writer(database: Database) -> None:
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(600):
        with database.session() as session:
            if session.scalar(blocked):
                return
        pause.wait(0.05)
    raise AssertionError("no writer waits")


# What is written and what is left alone.


def test_all_fields_are_overwritten_by_what_is_given(database: Database) -> None:
    _upsert(database, year=2025, subgroup="SG1")
    later = _mailing(database, "2025-02")
    paper, _ = _upsert(
        database, year=2025, url=f"{URL}2", title="U", document_date=date(2025, 2, 1), subgroup="SG2", mailing=later
    )
    assert (paper.url, paper.title, paper.document_date, paper.subgroup, paper.mailing_id) == (
        f"{URL}2",
        "U",
        date(2025, 2, 1),
        "SG2",
        later.id,
    )


def test_what_is_absent_erases_nothing(database: Database) -> None:
    known, _ = _upsert(database, year=2025, subgroup="SG1", author_names=["Ada"])
    unknown = _mailing(database, services.UNKNOWN_MAILING)
    paper, _ = _upsert(database, year=2025, document_date=None, subgroup="", title="p1r0", mailing=unknown)
    assert (paper.document_date, paper.subgroup, paper.title, paper.mailing_id) == (DAY, "SG1", "T", known.mailing_id)
    assert _authors(database) == [("Ada", 1)]


def test_storing_the_same_again_writes_nothing(database: Database) -> None:
    papers = [_paper("p1r0", authors=("Ada", "Bo")), _paper("p2r0", document_date=DAY)]
    assert _store(database, *papers, announce=True).papers == MergeResult(inserted=2)
    before = versions(database)
    again = _store(database, *papers, announce=True)
    assert (again.papers, again.authors) == (MergeResult(unchanged=2), MergeResult(unchanged=2))
    assert versions(database) == before


def test_a_change_bumps_the_time_of_change_of_that_paper_only(database: Database) -> None:
    _store(database, _paper("p1r0"), _paper("p2r0"))
    before = {key: paper.updated_at for key, paper in _papers(database).items()}
    _store(database, _paper("p1r0", title="New"), _paper("p2r0"))
    after = {key: paper.updated_at for key, paper in _papers(database).items()}
    assert after["p1r0", 2025] > before["p1r0", 2025]
    assert after["p2r0", 2025] == before["p2r0", 2025]


@pytest.mark.parametrize("author_names", [None, []])
def test_no_authors_leave_the_stored_ones_alone(database: Database, author_names: Any) -> None:
    _upsert(database, year=2025, author_names=["Ada", "Bo"])
    _upsert(database, year=2025, author_names=author_names)
    assert _authors(database) == [("Ada", 1), ("Bo", 2)]


def test_the_first_place_of_a_repeated_name_counts(database: Database) -> None:
    _upsert(database, year=2025, author_names=["A", "B", "A"])
    assert _authors(database) == [("A", 1), ("B", 2)]


def test_two_names_of_one_person_are_one_author(database: Database) -> None:
    with database.session() as session:
        profile, _ = get_or_create_wg21_paper_author_profile(session, "Ada Lovelace")
        profile.author_alias = "A. Lovelace"
    _upsert(database, year=2025, author_names=["Ada Lovelace", "Bo", "A. Lovelace"])
    assert _authors(database) == [("Ada Lovelace", 1), ("Bo", 2)]


def test_the_nth_address_belongs_to_the_nth_name(database: Database) -> None:
    _upsert(database, year=2025, author_names=["Ada", "Bo", "Cy"], author_emails=["ada@x.org", "", "cy@x.org", "who@x"])
    query = text(
        "SELECT p.display_name, e.email FROM cppa_user_tracker_wg21paperauthorprofile p "
        "LEFT JOIN cppa_user_tracker_email e ON e.base_profile_id = p.baseprofile_ptr_id ORDER BY 1"
    )
    with database.session() as session:
        assert [tuple(row) for row in session.execute(query)] == [
            ("Ada", "ada@x.org"),
            ("Bo", None),
            ("Cy", "cy@x.org"),
        ]


@pytest.mark.parametrize("paper_id", ["", "  ", None])
def test_a_paper_needs_an_id(database: Database, paper_id: Any) -> None:
    with pytest.raises(ValueError, match="paper_id is required"):
        _upsert(database, paper_id=paper_id)


@pytest.mark.parametrize("field", ["url", "title", "subgroup", "paper_id"])
def test_what_no_column_can_hold_is_refused_alone(database: Database, field: str) -> None:
    bad = _paper(**{"paper_id": "p2r0", field: "x" * 1025})
    stored = _store(database, _paper(), bad)
    assert stored.papers == MergeResult(inserted=1)
    [(refused, reason)] = stored.refused
    assert refused == bad
    assert f"{field} is longer than" in reason
    with pytest.raises(ValueError, match=f"{field} is longer than"):
        _upsert(database, **{field: "x" * 1025})


def test_what_the_database_refuses_does_not_take_the_others_with_it(database: Database) -> None:
    with database.session() as session:
        session.execute(text("ALTER TABLE wg21_paper_tracker_wg21paper ADD CONSTRAINT x CHECK (title <> 'odd')"))
    papers = [_paper(f"p{number}r0", title="odd" if number == 3 else "T") for number in range(6)]
    stored = _store(database, *papers, announce=True)
    assert stored.papers == MergeResult(inserted=5)
    assert [paper.paper_id for paper, _ in stored.refused] == ["p3r0"]
    with database.session() as session:
        assert len(services.waiting_announcements(session)) == 1  # all stand at the same URL
    assert len(_papers(database)) == 5


def test_rows_of_one_batch_are_folded() -> None:
    first = _paper(document_date=DAY, subgroup="SG1", authors=("Ada",), emails=("a@x",), title="Real")
    later = _paper(url=f"{URL}2", title="p1r0")
    undated = _paper(year=0, url=f"{URL}3", title="Late")
    assert fold([first, later]) == [
        _paper(url=f"{URL}2", title="Real", document_date=DAY, subgroup="SG1", authors=("Ada",), emails=("a@x",))
    ]
    assert [(paper.year, paper.url) for paper in fold([undated, later])] == [(2025, f"{URL}2")]
    assert [paper.year for paper in fold([undated, later, _paper(year=2024)])] == [0, 2025, 2024]


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (None, 0),
        (0, 0),
        (-5, 0),
        (10_000, 0),
        (2025, 2025),
        ("2025", 2025),
        ("2025-01", 2025),
        ("unknown", 0),
        ("", 0),
        ("20x5", 0),
        (9999, 9999),
        ([], 0),
    ],
)
def test_years(value: Any, year: int) -> None:
    assert normalise_year(value) == year


def test_a_mailing_takes_over_another_title(database: Database) -> None:
    with database.session() as session:
        made, created = services.get_or_create_mailing(session, "2025-01", "First")
        assert created
    before = versions(database)
    with database.session() as session:
        assert not services.get_or_create_mailing(session, "2025-01", "First")[1]
    assert versions(database) == before
    with database.session() as session:
        found, created = services.get_or_create_mailing(session, "2025-01", "Second")
    assert (found.id, found.title, created) == (made.id, "Second", False)
    with database.session() as session:
        stored = session.get_one(WG21Mailing, made.id)
        assert stored.title == "Second"
        assert stored.updated_at > made.updated_at


def test_an_imported_mailing_keeps_the_title_it_has(database: Database) -> None:
    _mailing(database)
    with database.session() as session:
        known, created = services.find_or_create_imported_mailing(session, "2025-01")
        assert (known.title, created) == ("2025-01 mailing", False)
        new, created = services.find_or_create_imported_mailing(session, "2025-02")
        assert (new.title, created) == ("2025-02 (from metadata)", True)
        assert services.find_or_create_imported_mailing(session, "unknown")[0].title == "Unknown"


def test_a_mailing_is_complete_only_with_papers(database: Database) -> None:
    _store(database, _paper())
    _mailing(database, "2025-02")
    _mailing(database, services.UNKNOWN_MAILING)
    with database.session() as session:
        for mailing in session.scalars(select(WG21Mailing)):
            services.record_attempt(session, mailing, DownloadStatus.COMPLETE, datetime.now(UTC))
    with database.session() as session:
        assert services.mailing_statuses(session) == {"2025-01": "complete", "2025-02": "failed"}


def test_a_link_of_paper_and_author(database: Database) -> None:
    paper, _ = _upsert(database, year=2025)
    with database.session() as session:
        profile, _ = get_or_create_wg21_paper_author_profile(session, "Ada")
        link, created = services.get_or_create_paper_author(session, paper, profile, 2)
        assert (created, link.author_order) == (True, 2)
        again, created = services.get_or_create_paper_author(session, paper, profile, 1)
        assert (created, again.id, again.author_order) == (False, link.id, 1)
    with database.session() as session:
        assert session.scalars(select(WG21PaperAuthor.author_order)).all() == [1]


@pytest.mark.parametrize("order", [0, -1, "1", None, True, 1.0])
def test_an_author_has_a_place(database: Database, order: Any) -> None:
    paper, _ = _upsert(database, year=2025)
    with database.session() as session:
        profile, _ = get_or_create_wg21_paper_author_profile(session, "Ada")
        with pytest.raises(ValueError, match="author_order must be a positive integer"):
            services.get_or_create_paper_author(session, paper, profile, order)


def test_a_converted_paper_is_marked(database: Database) -> None:
    for year in (2024, 2025):
        _upsert(database, year=year)
    with database.session() as session:
        services.mark_paper_downloaded(session, " P1R0 ", 2025)
        services.mark_paper_downloaded(session, "p1r0", 2020)
    assert {year: paper.is_downloaded for (_, year), paper in _papers(database).items()} == {2024: False, 2025: True}


def test_a_placeholder_is_marked_with_year_0(database: Database) -> None:
    _upsert(database)
    with database.session() as session:
        services.mark_paper_downloaded(session, "p1r0", 0)
    assert _papers(database)["p1r0", 0].is_downloaded


@pytest.mark.parametrize(
    ("paper_id", "year", "told"), [(" ", 2025, "paper_id is required"), ("p1r0", None, "year is required")]
)
def test_marking_needs_id_and_year(database: Database, paper_id: str, year: Any, told: str) -> None:
    with database.session() as session, pytest.raises(ValueError, match=told):
        services.mark_paper_downloaded(session, paper_id, year)
