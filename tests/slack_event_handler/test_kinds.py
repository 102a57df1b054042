"""What is answered."""

from __future__ import annotations

from boost_collectors.slack_event_handler.kinds import Message
from boost_collectors.slack_event_handler.routing import Wanted

EVENT = {"channel": "C1", "channel_type": "channel", "ts": "2.0", "thread_ts": "1.0", "user": "U1"}


def test_what_somebody_wrote_calls_nobody_when_it_is_repeated() -> None:
    url = "https://github.com/<!here>/a&amp;b/pull/1"
    [job] = Message("T1", EVENT).answers(Wanted(refused=(url,)), "boostorg")
    assert "https://github.com/&lt;!here&gt;/a&amp;b/pull/1 is not served" in job.payload["text"]


def test_answers_go_to_the_thread_or_to_the_conversation() -> None:
    in_thread = Message("T1", EVENT).reply("x", "text")
    alone = Message("T1", EVENT | {"thread_ts": None}).reply("x", "text")
    direct = Message("T1", EVENT | {"channel_type": "im"}).reply("x", "text")
    assert [job.payload["thread_ts"] for job in (in_thread, alone, direct)] == ["1.0", "2.0", None]
    assert in_thread.key == direct.key != Message("T2", EVENT).reply("x", "text").key
