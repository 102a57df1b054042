"""What an answer means: on hand-made answers, and on recorded exchanges with the real GitHub."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.errors import AuthenticationError, NetworkError, NotFoundError, SourceError
from boost_collectors.core.github.decision import Fail, Ok, Reply, Retry, SwitchToken, WaitUntil, decide
from boost_collectors.core.github.errors import GraphQLError
from boost_collectors.core.github.quota import Bucket, bucket_of, reported_limit

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RECORDED = Path(__file__).parents[4] / "shared" / "data" / "github-api"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded exchanges are not here")


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, given, b"" if body is None else json.dumps(body).encode(), "GET", "https://api.github.com/x")


def at(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def spent(reset: datetime = NOW + timedelta(minutes=20)) -> dict[str, str]:
    return {"x_ratelimit_limit": "5000", "x_ratelimit_remaining": "0", "x_ratelimit_reset": at(reset)}


@pytest.mark.parametrize(
    "answer",
    [reply(200, []), reply(201, {}), reply(204), reply(304), reply(200, {}, **spent()), reply(304, **spent())],
)
def test_an_answer_is_kept_also_when_it_spent_the_last_point(answer: Reply) -> None:
    assert decide(answer, Bucket.CORE, NOW) == Ok()


def test_a_file_that_speaks_of_errors_is_no_throttle() -> None:
    assert decide(reply(200, {"errors": [], "data": None}, **spent()), Bucket.CORE, NOW) == Ok()


@pytest.mark.parametrize("status", [403, 429])
def test_a_spent_bucket_waits_for_its_reset(status: int) -> None:
    answer = reply(status, {"message": "API rate limit exceeded for user ID 1."}, **spent())
    decision = decide(answer, Bucket.SEARCH, NOW)
    assert isinstance(decision, WaitUntil)
    assert (decision.bucket, decision.until) == (Bucket.SEARCH, NOW + timedelta(minutes=20))
    assert "API rate limit exceeded for user ID 1." in decision.reason


def test_the_answer_says_which_bucket_is_spent() -> None:
    decision = decide(reply(403, {}, **spent(), x_ratelimit_resource="code_search"), Bucket.SEARCH, NOW)
    assert isinstance(decision, WaitUntil)
    assert decision.bucket is Bucket.CODE_SEARCH


def test_a_graphql_answer_of_errors_alone_can_be_a_spent_bucket() -> None:
    body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit already exceeded for user ID 1."}]}
    decision = decide(reply(200, body, **spent()), Bucket.GRAPHQL, NOW)
    assert isinstance(decision, WaitUntil)
    assert (decision.bucket, decision.until) == (Bucket.GRAPHQL, NOW + timedelta(minutes=20))


def test_a_reset_in_the_past_still_waits_a_little() -> None:
    decision = decide(reply(403, {}, **spent(NOW - timedelta(seconds=3))), Bucket.CORE, NOW)
    assert isinstance(decision, WaitUntil)
    assert decision.until > NOW


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("30", 30.0), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0)],
    ids=["seconds", "date"],
)
def test_retry_after_is_a_secondary_limit_of_all_buckets(asked: str, seconds: float) -> None:
    decision = decide(reply(403, {"message": "Slow down"}, retry_after=asked), Bucket.CORE, NOW)
    assert isinstance(decision, WaitUntil)
    assert (decision.bucket, decision.until, decision.named) == (None, NOW + timedelta(seconds=seconds), True)


@pytest.mark.parametrize(
    "message",
    [
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation.",
        "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.",
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    ],
)
@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_is_known_by_its_words(message: str, status: int) -> None:
    answer = reply(status, {"message": message}, x_ratelimit_remaining="4999", x_ratelimit_reset=at(NOW))
    decision = decide(answer, Bucket.CORE, NOW)
    assert isinstance(decision, WaitUntil)
    assert (decision.bucket, decision.until, decision.named) == (None, NOW + timedelta(minutes=1), False)


@pytest.mark.parametrize("asked", ["0", "-4", "soon"])
def test_a_retry_after_that_names_no_time_waits_a_minute(asked: str) -> None:
    decision = decide(reply(429, {}, retry_after=asked), Bucket.CORE, NOW)
    assert isinstance(decision, WaitUntil)
    assert (decision.until, decision.named) == (NOW + timedelta(minutes=1), False)


def test_a_refused_token_is_switched() -> None:
    decision = decide(reply(401, {"message": "Bad credentials"}), Bucket.CORE, NOW)
    assert isinstance(decision, SwitchToken)
    assert isinstance(decision.error, AuthenticationError)
    assert "Bad credentials" in str(decision.error)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_stumble_is_tried_again(status: int) -> None:
    decision = decide(reply(status, {"message": "Server Error"}), Bucket.CORE, NOW)
    assert isinstance(decision, Retry)
    assert isinstance(decision.error, NetworkError)
    assert decision.error.status == status
    assert decision.after is None


def test_a_stumble_may_say_when() -> None:
    decision = decide(reply(503, {}, retry_after="7"), Bucket.CORE, NOW)
    assert isinstance(decision, Retry)
    assert decision.after == 7


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, AuthenticationError), (404, NotFoundError), (410, NotFoundError), (422, SourceError), (400, SourceError)],
)
def test_a_refusal_keeps_githubs_words(status: int, kind: type[Exception]) -> None:
    body = {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing"}]}
    decision = decide(reply(status, body, x_ratelimit_remaining="12"), Bucket.CORE, NOW)
    assert isinstance(decision, Fail)
    assert type(decision.error) is kind
    assert decision.error.status == status
    assert str(decision.error).endswith("Validation Failed; Issue title missing")


def test_graphql_errors_keep_the_partial_data() -> None:
    body = {"data": {"a": 1, "b": None}, "errors": [{"type": "NOT_FOUND", "path": ["b"], "message": "No such thing"}]}
    decision = decide(reply(200, body, **spent()), Bucket.GRAPHQL, NOW)
    assert isinstance(decision, Fail)
    assert isinstance(decision.error, GraphQLError)
    assert decision.error.data == {"a": 1, "b": None}
    assert decision.error.types == {"NOT_FOUND"}
    assert str(decision.error) == "GraphQL errors: No such thing (at b)"


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]"])
def test_what_is_no_graphql_answer_is_asked_for_again(body: bytes) -> None:
    assert isinstance(decide(Reply(200, {}, body), Bucket.GRAPHQL, NOW), Retry)


def test_a_query_that_ran_out_of_time_is_asked_again() -> None:
    body = {"errors": [{"message": "Something went wrong while executing your query. This may be a timeout."}]}
    assert isinstance(decide(reply(200, body), Bucket.GRAPHQL, NOW), Retry)


def test_an_answer_in_preparation_is_asked_for_again() -> None:
    assert isinstance(decide(reply(202, {}), Bucket.CORE, NOW), Retry)


def test_secrets_of_a_url_are_not_told() -> None:
    answer = Reply(404, {}, b"{}", "GET", "https://u:pw@api.github.com/x?access_token=s3cret")
    assert "pw" not in answer.told
    assert "s3cret" not in answer.told


def octokit() -> Iterator[Reply]:
    for path in sorted(RECORDED.glob("octokit-fixtures/*.raw.json")):
        for exchange in json.loads(path.read_text()):
            raw = exchange["rawHeaders"]
            headers = {name.lower(): value for name, value in zip(raw[::2], raw[1::2], strict=True)}
            body = b"" if exchange["response"] in ("", None) else json.dumps(exchange["response"]).encode()
            yield Reply(exchange["status"], headers, body, exchange["method"].upper(), exchange["path"])


def pygithub(pattern: str = "*.txt") -> Iterator[Reply]:
    for path in sorted(RECORDED.glob(f"pygithub-replay/{pattern}")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for start in (number for number, line in enumerate(lines) if line in ("https", "http")):
            if start + 9 < len(lines) and lines[start + 7].isdigit():
                headers = {name.lower(): value for name, value in ast.literal_eval(lines[start + 8])}
                url = f"https://{lines[start + 2]}{lines[start + 4]}"
                yield Reply(int(lines[start + 7]), headers, lines[start + 9].encode(), lines[start + 1], url)


def outcome(recorded: Reply) -> str:
    bucket = bucket_of(recorded.url.partition(".com")[2] or recorded.url)
    when = datetime.fromtimestamp(int(recorded.headers.get("x-ratelimit-reset", "0")) - 60, UTC)
    return type(decide(recorded, bucket, when)).__name__


@needs_recordings
def test_recorded_exchanges_are_judged_by_their_status() -> None:
    judged = Counter((recorded.status // 100, outcome(recorded)) for recorded in [*octokit(), *pygithub()])
    assert judged[2, "Ok"] > 100
    # A query that failed is answered with 200.
    assert {kind for status, kind in judged if status == 2} <= {"Ok", "Fail"}
    failed = [each for each in [*octokit(), *pygithub()] if each.status == 200 and outcome(each) == "Fail"]
    assert all(each.url.endswith("/graphql") and each.json["errors"] for each in failed)
    assert {kind for status, kind in judged if status == 5} == {"Retry"}
    assert {kind for status, kind in judged if status == 4} <= {"Fail", "WaitUntil", "SwitchToken"}


@needs_recordings
def test_the_recorded_secondary_limit_is_recognised_with_its_wait() -> None:
    answers = [each for each in pygithub("*AuthenticatedRateLimitExceeded*") if each.status == 403]
    assert answers
    for answer in answers:
        assert reported_limit(answer.headers) is None
        decision = decide(answer, Bucket.CODE_SEARCH, NOW)
        assert isinstance(decision, WaitUntil), answer.told
        wait = timedelta(seconds=int(answer.headers["retry-after"]))
        assert (decision.bucket, decision.until) == (None, NOW + wait)


@needs_recordings
def test_the_recorded_refusals_keep_githubs_message() -> None:
    refused = [answer for answer in octokit() if answer.status in (400, 404, 422)]
    assert refused
    for answer in refused:
        decision = decide(answer, Bucket.CORE, NOW)
        assert isinstance(decision, Fail)
        assert json.loads(answer.content)["message"] in str(decision.error)
