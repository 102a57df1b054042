"""Who speaks: names, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from boost_collectors.cppa_youtube_script_tracker.speakers import external_id, slug, speakers_of


def told(title: str = "", description: str = "", channel: str = "CppCon", transcript: str = "") -> list[str]:
    return speakers_of(title, description, channel, transcript)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Lifetimes - Ada Example - CppCon 2022", ["Ada Example"]),
        ("Lifetimes | Ada Example & Bo Other | CppCon", ["Ada Example", "Bo Other"]),
        ("CppCon 2017: Lifetimes \u2014 Ada Example \u2014 Day 2", ["Ada Example"]),
        ("Lifetimes - Ada Example - Meeting C++ 2022", []),
        ("Lifetimes - Ada Example", []),
        ("A well-known talk by-the-book", []),
    ],
)
def test_the_last_part_but_one_of_a_title_when_the_channel_stands_at_an_end(title: str, names: list[str]) -> None:
    assert told(title) == names


@pytest.mark.parametrize(
    ("description", "names"),
    [
        ("Speaker: Ada Example", ["Ada Example"]),
        ("Speakers: Ada Example, Bo Other and ADA EXAMPLE", ["Ada Example", "Bo Other"]),
        ("one\n\ntwo\nthree\nLifetimes - Ada Example - CppCon 2022", ["Ada Example"]),
        ("Hello, I am Ada Example.", ["Ada Example"]),
        ("my name is Jos\u00e9 \u00c1lvarez and I build compilers", ["Jos\u00e9 \u00c1lvarez"]),
        ("I'm Guido van Someone. Let us begin", ["Guido van Someone"]),
        ("I'm J. Q. Public, hello", ["J. Q. Public"]),
        # W37: verbs and adjectives are no names
        ("I am going to talk about move", []),
        ("I'm really happy to be here", []),
        ("I am C++ developer", []),
        ("", []),
    ],
)
def test_a_description(description: str, names: list[str]) -> None:
    assert told(description=description) == names


def test_the_first_source_with_a_name_wins() -> None:
    title, transcript = "Talk - Title Name - CppCon", "my name is Transcript Name"
    assert told(title, "Speaker: Description Name", transcript=transcript) == ["Description Name"]
    assert told(title, "", transcript=transcript) == ["Title Name"]
    assert told("Talk", "", transcript=transcript) == ["Transcript Name"]
    assert told("Talk", "", transcript="x" * 8000 + transcript) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Ada  Example", "ada_example"),
        ("Jos\u00e9 \u00c1lvarez", "jos\u00e9_\u00e1lvarez"),
        ("\u5f20\u4f1f", "\u5f20\u4f1f"),
        ("++", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_slug_keeps_letters_of_every_script(name: str, wanted: str) -> None:
    assert slug(name) == wanted
    assert external_id(name) == f"youtube:name:{wanted}"
    assert len(external_id(name * 400)) <= 255
