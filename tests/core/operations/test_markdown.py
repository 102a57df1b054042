from __future__ import annotations

from typing import Any

import pytest

from boost_collectors.core.operations.diff_hunks import hunk_starts, numbered_tail, suggestions_as_diffs
from boost_collectors.core.operations.markdown import issue_json_to_md, pr_json_to_md

HUNK = "@@ -10,3 +10,4 @@ void f()\n context\n-old\n+new\n more"


def issue(*comments: dict[str, Any], **info: Any) -> str:
    return issue_json_to_md({"issue_info": info, "comments": list(comments)})


def pull(*comments: dict[str, Any], reviews: list[dict[str, Any]] | None = None, **info: Any) -> str:
    return pr_json_to_md({"pr_info": info, "comments": list(comments), "reviews": reviews or []})


def test_an_issue() -> None:
    text = issue(
        {"user": {"login": "late"}, "created_at": "2020-01-22T00:00:00Z", "body": "second"},
        {
            "user": {"login": "early"},
            "created_at": "2020-01-21T00:00:00Z",
            "updated_at": "2020-01-21T01:00:00Z",
            "html_url": "https://x/1#c",
            "body": "a\r\nb",
        },
        number=7,
        title="  Broken  ",
        state="closed",
        user={"login": "ada"},
        created_at="2020-01-20T09:05:53Z",
        updated_at="2020-01-23T00:00:00Z",
        closed_at="2020-01-23T00:00:00Z",
        html_url="https://x/1",
        body="\r\nfirst\r\nline\n",
    )
    assert text == (
        "# #7 - Broken [Closed]\n\n"
        "> Username: ada  \n> Created at: 2020-01-20 09:05:53 UTC  \n> Updated at: 2020-01-23 00:00:00 UTC  \n"
        "> Closed at: 2020-01-23 00:00:00 UTC  \n> Url: https://x/1  \n\n"
        "first  \nline\n\n"
        "---\n\n## Comment 1\n> Username: early  \n> Created at: 2020-01-21 00:00:00 UTC  \n"
        "> Updated at: 2020-01-21 01:00:00 UTC  \n> Url: https://x/1#c  \n\na  \nb\n\n"
        "---\n\n## Comment 2\n> Username: late  \n> Created at: 2020-01-22 00:00:00 UTC  \n> Url:   \n\nsecond\n"
    )


def test_an_issue_of_which_nothing_is_known() -> None:
    assert issue() == "# #? -  [Open]\n\n> Username: unknown  \n> Created at:   \n> Updated at:   \n> Url:   \n"
    assert issue_json_to_md({}) == issue()
    assert issue(user=None, url="https://api/1", body=None).count("https://api/1") == 1


@pytest.mark.parametrize(
    ("state", "shown"), [("closed", "Closed"), ("open", "Open"), ("CLOSED", "Open"), (None, "Open")]
)
def test_the_state_of_an_issue(state: str | None, shown: str) -> None:
    assert f"[{shown}]" in issue(number=1, title="t", state=state, closed_at="2020-01-20T09:05:53Z")


def test_an_open_issue_has_no_closing_time() -> None:
    assert "Closed at" not in issue(state="open", closed_at="2020-01-20T09:05:53Z")


def test_a_comment_that_was_not_edited_names_one_time() -> None:
    same = "2020-01-20T09:05:53Z"
    assert issue({"created_at": same, "updated_at": same}, updated_at="x").count("Updated at") == 1


def test_a_pull_request() -> None:
    text = pull(
        number=3,
        title="Add it",
        state="closed",
        merged=True,
        user={"login": "ada"},
        created_at="2020-01-20T09:05:53Z",
        updated_at="odd",
        merged_at="2020-01-21T00:00:00Z",
        closed_at="2020-01-21T00:00:00Z",
        html_url="https://x/3",
        body="one\r\ntwo\r",
    )
    assert text == (
        "# #3 Add it [Merged]\n\n> Username: ada  \n> Created at: 2020-01-20 09:05:53 UTC  \n> Updated at: odd  \n"
        "> Merged at: 2020-01-21 00:00:00 UTC  \n> Closed at: 2020-01-21 00:00:00 UTC  \n> Url: https://x/3  \n\n"
        "one  \ntwo\n\n---\n"
    )


def test_a_pull_request_of_which_nothing_is_known() -> None:
    text = pull(state="open")
    assert text.startswith(
        "# #N/A No Title [Open]\n\n> Username: Unknown  \n> Created at: N/A  \n> Updated at: N/A  \n"
    )
    assert "Merged at" not in text
    assert "Closed at" not in text


def test_comments_and_reviews_share_one_counter_in_the_order_of_time() -> None:
    review = {"id": 5, "state": "APPROVED", "submitted_at": "2020-01-20T11:00:00Z", "body": "fine"}
    text = pull({"created_at": "2020-01-20T10:00:00Z", "body": "hm"}, {"body": "no time"}, reviews=[review])
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Comment 1", "## Comment 2", "## Review 3 [Approved]"]
    assert text.index("no time") < text.index("hm") < text.index("fine")


@pytest.mark.parametrize(
    ("state", "tag"),
    [
        ("APPROVED", "Approved"),
        ("CHANGES_REQUESTED", "Changes requested"),
        ("DISMISSED", "Commented"),
        ("", "Commented"),
    ],
)
def test_verdicts(state: str, tag: str) -> None:
    text = pull(reviews=[{"id": 1, "state": state, "body": "b", "user": {"login": "bob"}, "html_url": "https://x/r"}])
    expected = (
        f"## Review 1 [{tag}]\n\n> Username: bob  \n> Created_at: N/A  \n> State: {state}  \n> Url: https://x/r  \n"
    )
    assert expected in text


def test_a_review_that_says_nothing_takes_no_number() -> None:
    silent = {"id": 1, "state": "APPROVED", "body": " ", "submitted_at": "2020-01-20T10:00:00Z"}
    text = pull({"created_at": "2020-01-20T11:00:00Z", "body": "c"}, reviews=[silent])
    assert "Review" not in text
    assert "## Comment 1" in text


def inline(id: int, **more: Any) -> dict[str, Any]:
    given = {"id": id, "pull_request_review_id": 5, "path": "a.cpp", "diff_hunk": HUNK, "body": f"inline {id}"}
    return given | {"user": {"login": "bob"}, "created_at": f"2020-01-20T10:00:{id:02}Z"} | more


def test_comments_on_lines_stand_below_their_review() -> None:
    text = pull(
        inline(1),
        inline(2, in_reply_to_id=1, pull_request_review_id=6, user={"login": "eve"}),
        inline(3, in_reply_to_id=2, pull_request_review_id=7),
        inline(4),
        inline(8, path=None, resolved=True),
        reviews=[{"id": 5, "state": "COMMENTED", "body": ""}, {"id": 6, "state": "COMMENTED", "body": ""}],
    )
    assert "## Comment" not in text
    assert text.count("## Review") == 1
    fence = "```diff\n  11 |- old\n  11 |+ new\n  12 | more\n```"
    first, second = (
        f"> Username: bob  \n> Created_at: 2020-01-20 10:00:0{id} UTC  \n> Url:   \n\ninline {id}" for id in (1, 4)
    )
    reply = "    > Username: eve  \n    > Created_at: 2020-01-20 10:00:02 UTC  \n    > Url:   \n\n    inline 2"
    deeper = "\n\n        inline 3"
    assert f"\N{FILE FOLDER} a.cpp\n\n{fence}\n\n{first}\n\n{reply}" in text
    assert deeper in text
    assert f"{deeper}\n\n---\n\n{fence}\n\n{second}\n\n\N{FILE FOLDER} Unknown file [Resolved]\n\n{fence}" in text


def test_an_answer_to_a_comment_that_is_gone_stays() -> None:
    text = pull(inline(2, in_reply_to_id=1), reviews=[{"id": 5, "state": "COMMENTED", "body": ""}])
    assert "\ninline 2" in text


def test_a_circle_of_answers_ends() -> None:
    circle = [inline(1, in_reply_to_id=2), inline(2, in_reply_to_id=1), inline(3, in_reply_to_id=3)]
    assert "inline 3" in pull(*circle, reviews=[{"id": 5, "state": "COMMENTED", "body": "b"}])


@pytest.mark.parametrize(
    ("header", "starts"),
    [("@@ -10,3 +12,4 @@", (10, 12)), ("@@ -1 +2 @@ x", (1, 2)), ("@@ nonsense", (1, 1)), ("", (1, 1))],
)
def test_hunk_starts(header: str, starts: tuple[int, int]) -> None:
    assert hunk_starts(header) == starts


def test_the_end_of_a_hunk() -> None:
    assert numbered_tail(HUNK) == ["  11 |- old", "  11 |+ new", "  12 | more"]
    assert numbered_tail(HUNK, 9)[0] == "  10 | context"
    assert numbered_tail("") == numbered_tail("@@ -1 +1 @@") == []
    assert numbered_tail("@@ -1 +1 @@\n+a\n\\ No newline at end of file") == ["   1 |+ a"]


ADDED = "@@ -1,0 +5,3 @@\n+five\n+six\n+seven"


@pytest.mark.parametrize(
    ("body", "line", "shown"),
    [
        ("```suggestion\nSIX\n```", 6, "```diff\n- six\n+ SIX\n```"),
        ("a\r\n```suggestion\r\nSIX\r\nSEVEN\r\n```\r\nb", 6, "a\r\n```diff\n- six\n- seven\n+ SIX\n+ SEVEN\n```\nb"),
        ("```suggestion\nX\nY\n```", None, "```diff\n- six\n- seven\n+ X\n+ Y\n```"),
        ("```suggestion\n1\n2\n3\n4\n```", None, "```diff\n- five\n- six\n- seven\n+ 1\n+ 2\n+ 3\n+ 4\n```"),
        ("```suggestion\nX\n```", 99, "```diff\n+ X\n```"),
        ("```suggestion\n```", 6, "```diff\n- six\n```"),
        ("no suggestion\r\nhere", 6, "no suggestion\r\nhere"),
        ("````suggestion\n```\n````", 6, "````diff\n- six\n+ ```\n````"),
    ],
)
def test_suggestions(body: str, line: int | None, shown: str) -> None:
    assert suggestions_as_diffs(body, ADDED, line).replace("\r\n", "\n") == shown.replace("\r\n", "\n")


def test_a_suggestion_in_a_review() -> None:
    comment = inline(1, body="try\n```suggestion\nnewer\n```", original_line=None, line=11)
    text = pull(comment, reviews=[{"id": 5, "state": "COMMENTED", "body": ""}])
    assert "try  \n```diff  \n- new  \n+ newer  \n```" in text
