"""Answers that GitHub really gave: every one is taken, and nothing of it is lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.github.decision import Reply
from boost_collectors.github_activity_tracker.archive import (
    issue_from_payload,
    issue_to_payload,
    pull_request_from_payload,
    pull_request_to_payload,
)
from boost_collectors.github_activity_tracker.commit_conversion import commit_from_payload
from boost_collectors.github_activity_tracker.payloads import (
    CommitPayload,
    GitHubApiValidationError,
    IssueBundle,
    Payload,
    PullRequestBundle,
    parse_comment,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
    parse_review,
    to_mapping,
)

DATA = Path(__file__).parents[4] / "shared" / "data" / "github-api"
COUNTERS = {"comments", "reviews"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded answers are not here")

Parse = Callable[[object], Payload]
REPOSITORY = r"(?:/repos/[^/]+/[^/]+|/repositories/\d+)"
KINDS: tuple[tuple[str, Parse], ...] = (
    (rf"{REPOSITORY}/issues(/\d+)?", parse_issue_bundle),
    (rf"{REPOSITORY}/issues(/\d+/comments|/comments(/\d+)?)", parse_comment),
    (rf"{REPOSITORY}/pulls(/\d+)?|{REPOSITORY}/commits/\w+/pulls", parse_pr_bundle),
    (rf"{REPOSITORY}/pulls(/\d+/comments|/comments(/\d+)?)", parse_review),
    (rf"{REPOSITORY}(/pulls/\d+)?/commits(/\w+)?", parse_commit),
)
FILES: dict[str, tuple[Parse, int]] = {
    "github-to-sqlite/commits.json": (parse_commit, 2),
    "github-to-sqlite/issue-comments.json": (parse_comment, 3),
    "github-to-sqlite/issues.json": (parse_issue_bundle, 2),
    "github-to-sqlite/pull_requests.json": (parse_pr_bundle, 1),
    "perceval/github_issue_comments_1.json": (parse_comment, 1),
    "perceval/github_request_from_2016_03_01.json": (parse_issue_bundle, 1),
}


def _check(parse: Parse, entry: dict[str, Any]) -> None:
    if parse in (parse_issue_bundle, parse_pr_bundle) and "number" not in entry:
        with pytest.raises(GitHubApiValidationError, match="number: Field required"):
            parse(entry)
        return
    payload = parse(entry)
    kept = to_mapping(payload)
    if isinstance(payload, IssueBundle | PullRequestBundle):
        kept = kept.get("issue_info") or kept["pr_info"]
        entry = {name: value for name, value in entry.items() if name not in COUNTERS}
    assert kept == entry
    _check_record(payload, entry)


def _check_record(payload: Payload, entry: dict[str, Any]) -> None:
    if isinstance(payload, IssueBundle):
        issue = issue_from_payload(payload)
        assert (issue.number, issue.title, len(issue.labels)) == (entry["number"], entry["title"], len(entry["labels"]))
        assert issue_from_payload(issue_to_payload(issue)) == issue
    elif isinstance(payload, PullRequestBundle):
        pull = pull_request_from_payload(payload)
        assert (pull.number, pull.head_hash) == (entry["number"], entry["head"]["sha"])
        assert pull_request_from_payload(pull_request_to_payload(pull)) == pull
    elif isinstance(payload, CommitPayload):
        commit = commit_from_payload(payload)
        assert (commit.hash, len(commit.files)) == (entry["sha"], len(entry.get("files", ())))
        assert commit.committed_at is not None


@pytest.mark.parametrize("name", FILES)
def test_answer_bodies(name: str) -> None:
    parse, number = FILES[name]
    entries = json.loads((DATA / name).read_text(encoding="utf-8"))
    assert len(entries) == number
    for entry in entries:
        _check(parse, entry)


def _replayed(path: Path) -> Iterator[tuple[str, Any]]:
    """Path and body of every answered exchange: ten lines each, then an empty one."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for start in range(0, len(lines) - 9, 11):
        _, verb, _, _, url, _, _, status, _, body = lines[start : start + 10]
        if verb == "GET" and status == "200":
            yield url, Reply(int(status), {}, body.encode()).json


def _recorded(path: Path) -> Iterator[tuple[str, Any]]:
    for exchange in json.loads(path.read_text(encoding="utf-8")):
        if exchange["method"] in ("get", "post") and exchange["status"] in (200, 201):
            yield exchange["path"], exchange["response"]


def _check_all(exchanges: Iterator[tuple[str, Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for url, body in exchanges:
        for pattern, parse in KINDS:
            if re.fullmatch(pattern, url.split("?")[0]):
                for entry in body if isinstance(body, list) else [body]:
                    _check(parse, entry)
                    counts[getattr(parse, "__name__", "")] += 1
    return counts


def _all(folder: str, pattern: str, read: Callable[[Path], Iterator[tuple[str, Any]]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in sorted((DATA / folder).glob(pattern)):
        counts += _check_all(read(path))
    return counts


def test_exchanges_recorded_for_pygithub() -> None:
    assert _all("pygithub-replay", "*.txt", _replayed) == {
        "parse_issue_bundle": 1080,
        "parse_comment": 181,
        "parse_commit": 142,
        "parse_pr_bundle": 10,
        "parse_review": 7,
    }


def test_exchanges_recorded_for_octokit() -> None:
    exchanges = [
        exchange
        for path in (DATA / "octokit-fixtures").glob("*.json")
        for exchange in json.loads(path.read_text("utf-8"))
    ]
    own = sum(
        len(exchange["response"]) if isinstance(exchange["response"], list) else 1
        for exchange in exchanges
        if exchange["path"].split("?")[0].endswith("/issues")
    )
    assert _all("octokit-fixtures", "*.json", _recorded) == {"parse_issue_bundle": own}
