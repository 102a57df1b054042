"""Issues and pull requests of one repository: in order of update, by number, or only what tells of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from boost_collectors.core.errors import SourceError
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.github_activity_tracker.api import nodes, queries
from boost_collectors.github_activity_tracker.api.answers import Answer, ask_split, chunks
from boost_collectors.github_activity_tracker.api.assignees import complete_issues, next_from
from boost_collectors.github_activity_tracker.api.overflow import complete, complete_pulls
from boost_collectors.github_activity_tracker.api.pages import Listing, Page, PageSize, Unread, read
from boost_collectors.github_activity_tracker.records import Issue, Item, PullRequest, Stamp

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

Kind = Literal["issues", "pulls"]
KINDS: tuple[Kind, ...] = ("issues", "pulls")
Letter = Literal["i", "p", "x"]

_ISSUES = Listing(queries.ISSUES, ("repository", "issues"), nodes.issue, complete_issues, next_from)
_PULLS = Listing(queries.PULLS, ("repository", "pullRequests"), nodes.pull_request, complete_pulls)
_STAMPS = {
    "issues": (Listing(queries.ISSUE_STAMPS, ("repository", "issues"), nodes.stamp), queries.ISSUE_STAMPS_PAGE),
    "pulls": (Listing(queries.PULL_STAMPS, ("repository", "pullRequests"), nodes.stamp), queries.PULL_STAMPS_PAGE),
}
# As many as cost one point.
_AT_ONCE: Mapping[Letter, int] = {"i": queries.ISSUES_AT_ONCE, "p": queries.PULLS_PAGE, "x": 13}


def issues(
    client: GitHubClient,
    owner: str,
    name: str,
    *,
    since: datetime | None = None,
    after: str | None = None,
    size: PageSize | None = None,
) -> Iterator[Page[Issue]]:
    """Issues updated at or after ``since``, oldest update first, from the cursor ``after`` on.

    An issue that is updated meanwhile moves to the end and comes again. Raises NotFoundError for an unknown
    repository, and as the client does.
    """
    start = format_utc_z(since) if since else None
    variables = {"owner": owner, "name": name, "since": start, "from": start}
    return read(client, _ISSUES, variables, size or PageSize.remembered(None, queries.ISSUES_PAGE), after)


def pull_requests(
    client: GitHubClient,
    owner: str,
    name: str,
    *,
    since: datetime | None = None,
    after: str | None = None,
    size: PageSize | None = None,
) -> Iterator[Page[PullRequest]]:
    """Pull requests in order of update, from the cursor ``after`` on.

    GitHub cannot limit this list by time: without ``since`` it comes oldest update first, with it newest first, up to
    the page that reaches an older one, whose older items are left out. Raises as ``issues``.
    """
    variables = {"owner": owner, "name": name, "direction": "DESC" if since else "ASC"}
    size = size or PageSize.remembered(None, queries.PULLS_PAGE)
    for page in read(client, _PULLS, variables, size, after):
        if since is None:
            yield page
            continue
        fresh = tuple(pull for pull in page.items if pull.updated_at is None or pull.updated_at >= since)
        reached = len(fresh) < len(page.items)
        has_next = page.has_next and not reached
        yield Page(fresh, page.cursor, page.total_count, page.cost, has_next, page.unread)
        if reached:
            return


def sweep(
    client: GitHubClient, owner: str, name: str, kind: Kind, *, size: PageSize | None = None
) -> Iterator[Page[Stamp]]:
    """Every item's number, id, update time and number of comments, oldest item first: a point for a hundred items."""
    listing, most = _STAMPS[kind]
    return read(client, listing, {"owner": owner, "name": name}, size or PageSize.remembered(None, most))


@dataclass(slots=True)
class Lookup:
    """Items asked for by number; ``missing`` are those that the repository does not have (any more), and why."""

    items: list[Item] = field(default_factory=list)
    missing: dict[int, str] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    cost: int = 0


def by_number(client: GitHubClient, owner: str, name: str, numbers: Iterable[int]) -> list[Item]:
    """The items of these numbers, whatever their kind; those that do not exist are left out.

    Raises SourceError for one that GitHub cannot show whole.
    """
    found = lookup(client, owner, name, unknown=numbers)
    if found.unread:
        raise SourceError(f"{owner}/{name}#{found.unread[0].number}: {found.unread[0].reason}")
    return found.items


def lookup(
    client: GitHubClient,
    owner: str,
    name: str,
    *,
    issues: Iterable[int] = (),
    pulls: Iterable[int] = (),
    unknown: Iterable[int] = (),
) -> Lookup:
    """Items by number; those of unknown kind cost four times as much. Raises as ``issues``."""
    found = Lookup()
    asked: tuple[tuple[Letter, Iterable[int]], ...] = (("i", issues), ("p", pulls), ("x", unknown))
    for letter, numbers in asked:
        for chunk in chunks(sorted(set(numbers)), _AT_ONCE[letter]):
            for part, answer in ask_split(client, chunk, partial(_numbered, owner, name, letter)):
                found.cost += answer.cost
                _take(client, answer, {number: f"{letter}{number}" for number in part}, found)
    return found


def _numbered(owner: str, name: str, letter: Letter, numbers: Sequence[int]) -> tuple[str, dict[str, Any]]:
    asked = {"i": (), "p": (), "x": ()} | {letter: numbers}
    return queries.by_number(asked["i"], asked["p"], asked["x"]), {"owner": owner, "name": name}


def _take(client: GitHubClient, answer: Answer, aliases: Mapping[int, str], found: Lookup) -> None:
    here = str(answer.demand("repository", "nameWithOwner")).lower()
    whole: dict[str, dict[int, dict[str, Any]]] = {"Issue": {}, "PullRequest": {}}
    for number, alias in aliases.items():
        node = answer.at("repository", alias)
        reason = answer.wrong("repository", alias)
        if answer.is_missing("repository", alias) or (node is None and not reason):
            found.missing[number] = "not found"
        elif node is None or reason:
            found.unread.append(Unread(number, reason))
        elif (there := str(node["repository"]["nameWithOwner"])).lower() != here:
            found.missing[number] = f"transferred to {there}"
        else:
            whole[node["__typename"]][number] = node
    for kind, items in whole.items():
        done = complete(client, items, kind)
        found.cost += done.cost
        found.unread += [Unread(number, reason) for number, reason in done.failed.items()]
        _convert({number: node for number, node in items.items() if number not in done.failed}, found)


def _convert(items: Mapping[int, Mapping[str, Any]], found: Lookup) -> None:
    for number, node in items.items():
        try:
            found.items.append(nodes.item(node))
        except SourceError as exc:
            found.unread.append(Unread(number, str(exc)))
