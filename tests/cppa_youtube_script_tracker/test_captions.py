"""Caption files as text: every word that is said, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from boost_collectors.cppa_youtube_script_tracker.captions import caption_text, read_captions

DATA = Path(__file__).parents[3] / "shared" / "data" / "youtube" / "transcripts"
ROLLING = """WEBVTT
Kind: captions
Language: en

NOTE made by a machine

00:00:00.000 --> 00:00:02.000 align:start position:0%
so<00:00:00.500><c> ranges</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
so ranges

00:00:02.010 --> 00:00:04.000 align:start position:0%
so ranges
and<00:00:02.500><c> views</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
and views

00:00:04.010 --> 00:00:06.000 align:start position:0%
and views
and views
"""


def test_a_rolling_caption_says_everything_once() -> None:
    # The last cue shows the old line and says the same words again.
    assert caption_text(ROLLING) == "so ranges and views and views"


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("<v Ada Example>Hello.", "Hello."),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("one\ntwo", "one two"),
        ("line <b>bold</b>  line", "line bold line"),
    ],
)
def test_tags_go_and_entities_are_read(cue: str, text: str) -> None:
    assert caption_text(f"WEBVTT\n\n7\n00:00:00.000 --> 00:00:01.000\n{cue}\n") == text


def test_what_is_no_caption_file_is_refused_or_empty(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no WebVTT"):
        caption_text("<html>")
    assert read_captions(tmp_path / "none.vtt") == ""
    (tmp_path / "bad.vtt").write_bytes(b"\xff\xfe")
    assert read_captions(tmp_path / "bad.vtt") == ""
    (tmp_path / "marked.vtt").write_bytes(b"\xef\xbb\xbfWEBVTT\n\n00:00.000 --> 00:01.000\nHi\n")
    assert read_captions(tmp_path / "marked.vtt") == "Hi"


@pytest.fixture
def real() -> Path:
    if not DATA.is_dir():
        pytest.skip(f"there is no folder of real captions at {DATA}")
    return DATA


def test_real_files_give_their_words_only(real: Path) -> None:
    said = caption_text((real / "webvtt-py_youtube_dl.vtt").read_text(encoding="utf-8"))
    assert said == "yeah what this will happen is I'm telling"
    assert caption_text((real / "webvtt-py_cue_tags.vtt").read_text(encoding="utf-8")) == (
        "When the moon hits your eye Like a big-a pizza pie That's amore"
    )
    film = (real / "videojs_elephantsdream_captions.en.vtt").read_text(encoding="utf-8")
    words = [
        line for line in film.splitlines()[1:] if line.strip() and "-->" not in line and not line.strip().isdigit()
    ]
    assert caption_text(film).split() == " ".join(words).split()


def test_rolling_repeats_are_worth_more_than_half_of_the_old_text(real: Path) -> None:
    """What the earlier system took: every line that is no header, no time and no setting."""
    old = [
        line.strip()
        for line in ROLLING.splitlines()
        if line.strip() and not line.startswith(("WEBVTT", "NOTE", "align:", "position:")) and "-->" not in line
    ]
    assert len(" ".join(old).split()) >= 2 * len(caption_text(ROLLING).split())
