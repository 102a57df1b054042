"""One normaliser for every shape a message comes in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.boost_mailing_list_tracker.normalise import deobfuscate, iter_cached, last_segment, normalise


@pytest.mark.parametrize(
    ("printed", "address"),
    [
        ("User (a) Example.COM", "user@example.com"),
        ("u [at] x.org", "u@x.org"),
        ("u[at] x.org", "u@x.org"),
        ("u [at]x.org", "u@x.org"),
        ("u(at)x.org", "u@x.org"),
        ("u AT x.org", "u@x.org"),
        ("u at x.org", "u@x.org"),
        ("(u@x.org).", "u@x.org"),
        ("u@x.org;", "u@x.org"),
        ("<u@x.org>", "<u@x.org>"),
        ("u (a)x.org", "u (a)x.org"),
        ("first at home at x.org", "first at home@x.org"),
        ("", ""),
    ],
)
def test_addresses_as_archives_print_them(printed: str, address: str) -> None:
    assert deobfuscate(printed) == address


@given(st.text())
def test_no_address_text_breaks_it(text: str) -> None:
    once = deobfuscate(text)
    assert once == once.lower()
    assert once.count("@") <= max(1, text.count("@"))


@pytest.mark.parametrize(
    ("given_from", "address", "name"),
    [
        ('"Doe, Jo" <jo.d@x.org>', "jo.d@x.org", "Doe, Jo"),
        ("Jo Doe <Jo.D@X.org>", "jo.d@x.org", "Jo Doe"),
        ("jo@x.org", "", "jo@x.org"),
    ],
)
def test_the_from_header_fills_what_is_missing(given_from: str, address: str, name: str) -> None:
    record = normalise({"msg_id": "1", "from": given_from})
    assert (record.sender_address, record.sender_name) == (address, name)


@pytest.mark.parametrize(
    ("payload", "moment"),
    [
        ({"date": "Sat, 03 Apr 2010 18:32:00 +0200"}, datetime(2010, 4, 3, 16, 32, tzinfo=UTC)),
        ({"date": "Sat, 03 Apr 2010 18:32:00"}, datetime(2010, 4, 3, 18, 32, tzinfo=UTC)),
        ({"date": "Sat, 03 Apr 2010 18:32:00 -0000"}, datetime(2010, 4, 3, 18, 32, tzinfo=UTC)),
        ({"date": "2024-06-15T12:00:00+02:00"}, datetime(2024, 6, 15, 10, tzinfo=UTC)),
        ({"date": "not-valid"}, None),
        ({"sent_at": "2024-13-01", "date": ""}, None),
        ({"date": "0001-01-01T00:00:00+14:00"}, None),
        ({"date": "9999-12-31T23:59:59-14:00"}, None),
        ({"sent_at": "iso-only", "date": "2024-01-01"}, None),
        ({"sent_at": " ", "date": "2024-01-01"}, datetime(2024, 1, 1, tzinfo=UTC)),
        ({"sent_at": "2024-01-01T25:00:00"}, None),
        ({"sent_at": " 2025-01-15T10:00:00Z ", "date": "2000-01-01"}, datetime(2025, 1, 15, 10, tzinfo=UTC)),
        ({}, None),
    ],
)
def test_when_it_was_sent(payload: dict[str, Any], moment: datetime | None) -> None:
    assert normalise({"msg_id": "1", **payload}).sent_at == moment


def test_an_answer_of_the_archive() -> None:
    base = "https://lists.boost.org/archives/api/list/boost@lists.boost.org"
    record = normalise(
        {
            "url": f"{base}/email/HASH/",
            "message_id_hash": "HASH",
            "message_id": "x@y",
            "thread": f"{base}/thread/ROOT/?format=json",
            "parent": f"{base}/email/UP/",
            "sender": {"address": "Mila (a) Aster.example", "mailman_id": None},
            "sender_name": "Mila Aster",
            "subject": " Hello ",
            "content": "a\x00b\n",
            "date": "2025-01-15T10:00:00Z",
        },
        list_name="boost@lists.boost.org",
    )
    assert (record.msg_id, record.thread_id, record.parent_id) == ("HASH", "ROOT", "UP")
    assert (record.sender_address, record.sender_name) == ("mila@aster.example", "Mila Aster")
    assert (record.subject, record.content) == ("Hello", "ab\n")
    assert record.list_name == "boost@lists.boost.org"
    assert record.incomplete == ""


@pytest.mark.parametrize("sender", [None, "somebody", ["x"], {"address": None}, {}])
def test_a_malformed_sender_is_only_a_missing_one(sender: Any) -> None:
    record = normalise({"msg_id": "1", "sender": sender, "sent_at": "2024-01-01"})
    assert record.sender_address == ""
    assert record.sender_name == "Unknown Sender"
    assert record.incomplete == "missing sender_address"


def test_each_part_of_the_sender_comes_from_the_first_place_that_has_it() -> None:
    sender = {"address": " ", "email": "Jo (a) X.org", "display_name": "Jo"}
    record = normalise({"msg_id": "1", "sender_address": " ", "sender": sender, "from": '"Doe" <d@x.org>'})
    assert (record.sender_address, record.sender_name) == ("jo@x.org", "Jo")
    record = normalise({"msg_id": "1", "sender_name": "Jo", "from": '"Doe" <d@x.org>'})
    assert (record.sender_address, record.sender_name) == ("d@x.org", "Jo")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()), lambda inner: st.lists(inner, max_size=3)
)


@given(
    st.dictionaries(st.sampled_from(["msg_id", "url", "thread", "subject", "content", "sender", "from", "date"]), _JSON)
)
def test_whatever_a_payload_holds_becomes_text_that_can_be_stored(payload: dict[str, Any]) -> None:
    record = normalise(payload, list_name="boost@lists.boost.org")
    for text in (record.msg_id, record.thread_id, record.subject, record.content, record.sender_name):
        assert "\x00" not in text
        text.encode("utf-8")


def test_an_unknown_sender_is_called_by_the_local_part() -> None:
    assert normalise({"msg_id": "1", "sender_address": "someone@example.org"}).sender_name == "someone"


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"list_name": "boost@lists.boost.org"}, "boost@lists.boost.org"),
        ({"url": "https://x/list/boost-users@lists.boost.org/email/1/"}, "boost-users@lists.boost.org"),
        ({"to": "Boost <boost-announce@lists.boost.org>"}, "boost-announce@lists.boost.org"),
        ({"url": "https://x/list/boost"}, ""),
        ({"to": "boost@lists.boost.org."}, "boost@lists.boost.org"),
        ({"to": "boost@lists.boost.organic, boost@lists.boost.org.uk"}, ""),
        ({"url": "https://x/boost@lists.boost.org", "to": "x/list/other@x/"}, "boost@lists.boost.org"),
    ],
)
def test_the_list_of_a_cached_record(payload: dict[str, Any], name: str) -> None:
    assert normalise({"msg_id": "1", **payload}).list_name == name


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ([{"msg_id": "a"}, 3, {"msg_id": "b"}], ["a", "b"]),
        ({"messages": [{"msg_id": "a"}], "thread_info": {"thread_id": "t"}}, ["a"]),
        ({"messages": [{"msg_id": "a"}], "thread_info": "junk"}, ["a"]),
        ({"msg_id": "a"}, ["a"]),
        (7, []),
        (None, []),
    ],
)
def test_the_shapes_of_a_cached_file(document: Any, ids: list[str]) -> None:
    assert [normalise(item, thread_info=thread).msg_id for item, thread in iter_cached(document)] == ids


def test_numbers_become_text() -> None:
    assert normalise({"msg_id": 5, "subject": 7, "content": 8}).content == "8"


@pytest.mark.parametrize(
    ("field", "reason"),
    [("msg_id", "msg_id is longer"), ("sender_name", "sender_name is longer"), ("thread_id", "thread_id is longer")],
)
def test_what_no_column_can_hold_is_refused(field: str, reason: str) -> None:
    assert reason in normalise({"msg_id": "1", field: "x" * 256}).unstorable
    assert normalise({"msg_id": "1", field: "x" * 255}).unstorable == ""


def test_a_long_subject_is_cut_rather_than_refused() -> None:
    record = normalise({"msg_id": "1", "subject": "x" * 2000})
    assert len(record.subject) == 1024
    assert record.unstorable == ""


def test_the_last_segment_of_a_url() -> None:
    assert [last_segment(url) for url in ("https://x/a/b/?format=json", "https://x/a/b", "plain", "")] == [
        "b",
        "b",
        "plain",
        "",
    ]
