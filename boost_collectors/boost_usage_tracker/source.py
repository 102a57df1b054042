"""GitHub's search: repositories by language, stars and dates, and which of them hold an include of Boost."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from boost_collectors.boost_usage_tracker.records import SearchResult
from boost_collectors.core.errors import AuthenticationError, PermanentError, SourceError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime_lenient

if TYPE_CHECKING:
    from boost_collectors.core.github import RestAnswer

logger = logging.getLogger(__name__)

MOST_RESULTS = 1000
"""What GitHub shows of a search at most, however many results it counts."""

PAGE = 100
ATTEMPTS = 3
"""How often a search is asked whose answer is not complete: GitHub's time ran out, or the pages moved meanwhile."""

Days = tuple[date, date]
"""First and last day, both meant."""


class Asks(Protocol):
    """What is needed of GitHub's client: GET, charged to the bucket of the path."""

    def rest(self, path: str, *, params: Mapping[str, Any] | None = None) -> RestAnswer: ...


@dataclass(frozen=True, slots=True)
class RepositoryQuery:
    """``language:C++ stars:>10 pushed:2024-06-01..2024-06-01``, and ``created:…`` if ``created`` is given.

    ``min_stars`` None means any number of stars.
    """

    field: str
    days: Days
    min_stars: int | None = 10
    language: str = "C++"
    created: Days | None = None

    @property
    def text(self) -> str:
        language = f'"{self.language}"' if " " in self.language else self.language
        terms = [f"language:{language}", _between(self.field, self.days)]
        if self.min_stars is not None:
            terms.insert(1, f"stars:>{self.min_stars}")
        return " ".join([*terms, *([_between("created", self.created)] if self.created else [])])


def _between(field: str, days: Days) -> str:
    return f"{field}:{days[0].isoformat()}..{days[1].isoformat()}"


@dataclass(slots=True)
class Found:
    """What a search brought: each repository once, by its name. Not ``complete`` if GitHub may have held some back.

    ``errors``: what GitHub answered instead of the parts that are missing.
    """

    repositories: dict[str, SearchResult] = field(default_factory=dict)
    complete: bool = True
    errors: list[PermanentError] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take over what is new; the first of a name stays."""
        for name, result in other.repositories.items():
            self.repositories.setdefault(name, result)
        self.complete = self.complete and other.complete
        self.errors += other.errors


def count_repositories(client: Asks, query: RepositoryQuery) -> int:
    """How many repositories GitHub counts."""
    return _total(_ask(client, "/search/repositories", {"q": query.text, "per_page": 1, "page": 1}))


def list_repositories(client: Asks, query: RepositoryQuery) -> Found:
    """The first 1,000 repositories of a query, those with most stars first.

    Asked again while GitHub's answer is incomplete by its own word or by its count. Raises RateLimited, NetworkError
    and AuthenticationError; after any other error what was read until then is what was found, and not complete.
    """
    found = Found()
    for _ in range(ATTEMPTS):
        found = _listed(client, query)
        if found.complete or found.errors:
            return found
    logger.warning("GitHub's answer to %s stays incomplete: %d results", query.text, len(found.repositories))
    return found


def _listed(client: Asks, query: RepositoryQuery) -> Found:
    found, total = Found(), 0
    parameters = {"q": query.text, "sort": "stars", "order": "desc", "per_page": PAGE}
    for page in range(1, MOST_RESULTS // PAGE + 1):
        try:
            answer = _ask(client, "/search/repositories", {**parameters, "page": page})
        except PermanentError as error:
            logger.warning("Page %d of %s cannot be read: %s", page, query.text, error)
            found.complete, found.errors = False, [unless_ours(error)]
            return found
        total = max(total, _total(answer))
        found.complete = found.complete and not answer.get("incomplete_results")
        items = _items(answer)
        for item in items:
            if result := search_result(item):
                found.repositories.setdefault(result.full_name, result)
        if len(items) < PAGE:
            break
    found.complete = found.complete and len(found.repositories) >= min(total, MOST_RESULTS)
    return found


def search_result(item: Mapping[str, Any]) -> SearchResult | None:
    """One item of a search; None without a name or an id, which no repository lacks. Raises SourceError for junk."""
    owner = item.get("owner") or {}
    if not item.get("full_name") or not item.get("id"):
        return None
    try:
        return SearchResult(
            github_id=int(item["id"]),
            full_name=str(item["full_name"]),
            owner_id=int(owner["id"]),
            owner_kind=str(owner.get("type") or "User"),
            owner_avatar=str(owner.get("avatar_url") or ""),
            stars=int(item.get("stargazers_count") or 0),
            forks=int(item.get("forks_count") or 0),
            description=str(item.get("description") or ""),
            license_spdx=license_name(item.get("license")),
            default_branch=str(item.get("default_branch") or ""),
            size=int(item.get("size") or 0),
            is_archived=bool(item.get("archived")),
            created_at=_moment(item.get("created_at")),
            updated_at=_moment(item.get("updated_at")),
            pushed_at=_moment(item.get("pushed_at")),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SourceError(f"GitHub's search shows {item['full_name']} in no known form: {error!r}") from error


def license_name(license: Any) -> str:
    """The licence as GitHub names it: by SPDX id, else key, else name; empty for anything else."""
    if not isinstance(license, Mapping):
        return ""
    return next((str(license[key]) for key in ("spdx_id", "key", "name") if license.get(key)), "")


def _moment(value: Any) -> datetime | None:
    return ensure_aware_utc(parse_iso_datetime_lenient(str(value or "")))


INCLUDE_PHRASE = '"#include <boost/"'
REPOSITORIES_PER_QUERY = 20
"""GitHub limits the words of a query, not its qualifiers."""


def code_query(names: Sequence[str]) -> str:
    """The search for an include of Boost in these repositories."""
    return " ".join([INCLUDE_PHRASE, "language:C++", *(f"repo:{name}" for name in names)])


def hinted(client: Asks, names: Sequence[str]) -> dict[str, bool]:
    """Which of the repositories GitHub's index knows an include of Boost in; those it cannot say are left out.

    Repositories are asked for together; where they have more results than can be read, those not seen yet are asked
    for in halves. Raises RateLimited and NetworkError.
    """
    if not names:
        return {}
    try:
        seen, complete = _seen(client, names)
    except PermanentError as error:
        unless_ours(error)
        logger.warning("GitHub's code search does not answer for %s: %s", ", ".join(names), error)
        return {}
    known = dict.fromkeys(seen, True)
    left = [name for name in names if name not in seen]
    if complete:
        return known | dict.fromkeys(left, False)
    if len(left) == len(names) <= 1:
        return {}
    middle = (len(left) + 1) // 2
    return known | hinted(client, left[:middle]) | hinted(client, left[middle:])


def _seen(client: Asks, names: Sequence[str]) -> tuple[set[str], bool]:
    """The repositories with a result on the pages that it takes to see each once, and whether there are no others."""
    spelled = {name.lower(): name for name in names}
    seen: set[str] = set()
    for page in count(1):
        answer = _ask(client, "/search/code", {"q": code_query(names), "per_page": PAGE, "page": page})
        items, complete = _items(answer), not answer.get("incomplete_results")
        for item in items:
            name = spelled.get(str((item.get("repository") or {}).get("full_name", "")).lower())
            seen.update([name] if name else [])
        if len(seen) == len(names):
            return seen, True
        if not complete or len(items) < PAGE or page == MOST_RESULTS // PAGE:
            return seen, complete and _total(answer) <= (page - 1) * PAGE + len(items)
        if _total(answer) > PAGE and page == 1 and len(names) > 1 and seen:
            return seen, False  # halves without those that have many results take fewer pages
    raise AssertionError("count never ends")


def _ask(client: Asks, path: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = client.rest(path, params=parameters).data
    if not isinstance(answer, Mapping) or not isinstance(answer.get("items"), list):
        raise SourceError(f"{path}: the answer for {parameters['q']!r} has no list of items")
    return answer


def _total(answer: Mapping[str, Any]) -> int:
    total = answer.get("total_count")
    return total if isinstance(total, int) else 0


def _items(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in answer["items"] if isinstance(item, Mapping)]


def unless_ours(error: PermanentError) -> PermanentError:
    """The error, if it is about the query. Raises it if it is about our token."""
    if isinstance(error, AuthenticationError):
        raise error
    return error
