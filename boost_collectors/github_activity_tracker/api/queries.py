"""The GraphQL documents that are sent to GitHub, sized by what they cost.

GitHub charges one point per hundred connections that a document asks for, rounded to the nearest whole point and at
least one. A connection below a page of N nodes counts N times, whatever its own size. Page sizes are therefore the
largest that still cost one point: an issue has three connections (1 + 3 x 49 = 148), a pull request five and one more
for each of three threads (1 + 8 x 18 = 145).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ISSUES_PAGE = 65
ASSIGNED_PAGE = 17
ISSUES_AT_ONCE = 49
PULLS_PAGE = 18
REPOSITORIES_PAGE = 49
ISSUE_STAMPS_PAGE = 100
PULL_STAMPS_PAGE = 49
NEWEST = 5
"""How many of the items updated last tell whether anything changed."""

_LIMITS = "rateLimit { cost limit remaining resetAt }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"

_ACTOR = """
fragment actor on Actor {
  __typename
  login
  avatarUrl
  ... on User { databaseId name }
  ... on Bot { databaseId }
  ... on Organization { databaseId name }
  ... on Mannequin { databaseId }
}
"""
_COMMENT = """
fragment comment on IssueComment {
  fullDatabaseId
  body
  createdAt
  updatedAt
  url
  author { ...actor }
}
"""
_LABEL = """
fragment label on Label {
  name
}
"""
_REVIEW = """
fragment review on PullRequestReview {
  fullDatabaseId
  state
  body
  submittedAt
  updatedAt
  url
  author { ...actor }
  commit { oid }
}
"""
_REVIEW_COMMENT = """
fragment reviewComment on PullRequestReviewComment {
  fullDatabaseId
  body
  createdAt
  updatedAt
  url
  path
  line
  originalLine
  diffHunk
  author { ...actor }
  replyTo { fullDatabaseId }
  pullRequestReview { fullDatabaseId }
  commit { oid }
  originalCommit { oid }
}
"""
_THREAD = """
fragment thread on PullRequestReviewThread {
  id
  path
  line
  isResolved
  isOutdated
  resolvedBy { ...actor }
  comments(first: 30) { nodes { ...reviewComment } @page }
}
""".replace("@page", _PAGE_INFO)
_ISSUE = """
fragment issue on Issue {
  id
  fullDatabaseId
  number
  title
  body
  state
  stateReason(enableDuplicate: true)
  createdAt
  updatedAt
  closedAt
  url
  author { ...actor }
  repository { nameWithOwner }
  labels(first: 20) { nodes { ...label } @page }
  comments(first: 40) { nodes { ...comment } @page }
}
""".replace("@page", _PAGE_INFO)
_ASSIGNED = """
fragment assigned on Issue {
  id
  updatedAt
  assignees(first: 10) { nodes { ...actor } @page }
}
""".replace("@page", _PAGE_INFO)
_PULL = """
fragment pull on PullRequest {
  id
  fullDatabaseId
  number
  title
  body
  pullState: state
  isDraft
  createdAt
  updatedAt
  mergedAt
  closedAt
  url
  headRefOid
  baseRefOid
  author { ...actor }
  repository { nameWithOwner }
  labels(first: 20) { nodes { ...label } @page }
  assignees(first: 10) { nodes { ...actor } @page }
  comments(first: 40) { nodes { ...comment } @page }
  reviews(first: 20) { nodes { ...review } @page }
  reviewThreads(first: 3) { nodes { ...thread } @page }
}
""".replace("@page", _PAGE_INFO)
_STATE = """
fragment state on Repository {
  databaseId
  name
  owner { __typename login avatarUrl ... on User { databaseId } ... on Organization { databaseId name } }
  description
  stargazerCount
  forkCount
  createdAt
  updatedAt
  pushedAt
  defaultBranchRef { name }
  isArchived
  licenseInfo { name spdxId url }
  languages(first: 100) { edges { size node { name } } }
  issues(first: @newest, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount
    nodes { number fullDatabaseId updatedAt }
  }
  pullRequests(first: @newest, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount
    nodes { number fullDatabaseId updatedAt }
  }
}
""".replace("@newest", str(NEWEST))

_ISSUE_PARTS = (_ISSUE, _COMMENT, _LABEL, _ACTOR)
_WHOLE_ISSUE_PARTS = (*_ISSUE_PARTS, _ASSIGNED)
_PULL_PARTS = (_PULL, _COMMENT, _LABEL, _REVIEW, _THREAD, _REVIEW_COMMENT, _ACTOR)


def _document(variables: str, body: str, *fragments: str) -> str:
    return f"query({variables}) {{\n  {_LIMITS}\n  {body}\n}}\n{''.join(fragments)}"


def _page(variables: str, connection: str, fields: str, *fragments: str) -> str:
    body = f"""repository(owner: $owner, name: $name) {{
    {connection} {{ totalCount {_PAGE_INFO} nodes {{ {fields} }} }}
  }}"""
    return _document(f"$owner: String!, $name: String!, $first: Int!, $after: String{variables}", body, *fragments)


_BY_UPDATE = "orderBy: {field: UPDATED_AT, direction: ASC}"

ISSUES = _document(
    "$owner: String!, $name: String!, $first: Int!, $after: String, $since: DateTime, $from: DateTime",
    f"""repository(owner: $owner, name: $name) {{
    issues(first: $first, after: $after, filterBy: {{since: $since}}, {_BY_UPDATE}) {{
      totalCount {_PAGE_INFO} nodes {{ ...issue }}
    }}
    assigned: issues(first: {ASSIGNED_PAGE}, filterBy: {{since: $from, assignee: "*"}}, {_BY_UPDATE}) {{
      {_PAGE_INFO} nodes {{ ...assigned }}
    }}
  }}""",
    *_WHOLE_ISSUE_PARTS,
)
"""Issues in order of update, oldest first, and the first of those since ``from`` that have assignees; variables owner,
name, first, after, since, from."""

ASSIGNEES = _document("$ids: [ID!]!", "nodes(ids: $ids) { ...assigned }", _ASSIGNED, _ACTOR)
"""The assignees of up to a hundred issues; variable ids."""

PULLS = _page(
    ", $direction: OrderDirection!",
    "pullRequests(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: $direction})",
    "...pull",
    *_PULL_PARTS,
)
"""Pull requests in order of update; variables owner, name, first, after, direction."""

ISSUE_STAMPS = _page(
    "",
    "issues(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: ASC})",
    "number fullDatabaseId updatedAt comments(first: 1) { totalCount }",
)
"""What tells whether a stored issue differs; variables owner, name, first, after."""

PULL_STAMPS = _page(
    "",
    "pullRequests(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: ASC})",
    "number fullDatabaseId updatedAt comments(first: 1) { totalCount } "
    "reviews(first: 1) { totalCount } reviewThreads(first: 1) { totalCount }",
)
"""The same of pull requests."""

REPOSITORIES = _document(
    "$owner: String!, $first: Int!, $after: String",
    f"""repositoryOwner(login: $owner) {{
    repositories(first: $first, after: $after, privacy: PUBLIC, ownerAffiliations: [OWNER],
                 orderBy: {{field: NAME, direction: ASC}}) {{
      totalCount {_PAGE_INFO} nodes {{ ...state }}
    }}
  }}""",
    _STATE,
)
"""The public repositories of an account with their state; variables owner, first, after."""


def overview(count: int) -> str:
    """The state of ``count`` repositories as ``r0``, ``r1`` and so on; variables ``o0``, ``n0`` and so on."""
    places = range(count)
    variables = ", ".join(f"$o{place}: String!, $n{place}: String!" for place in places)
    fields = "\n  ".join(f"r{place}: repository(owner: $o{place}, name: $n{place}) {{ ...state }}" for place in places)
    return _document(variables, fields, _STATE)


def by_number(issues: Iterable[int], pulls: Iterable[int], unknown: Iterable[int] = ()) -> str:
    """Items of one repository as ``i12`` or ``p12``, those of unknown kind as ``x12``; variables owner and name."""
    issues, pulls, unknown = list(issues), list(pulls), list(unknown)
    fields = [f"i{number}: issue(number: {number}) {{ __typename ...issue ...assigned }}" for number in issues]
    fields += [f"p{number}: pullRequest(number: {number}) {{ __typename ...pull }}" for number in pulls]
    fields += [
        f"x{number}: issueOrPullRequest(number: {number}) {{ __typename ...issue ...assigned ...pull }}"
        for number in unknown
    ]
    parts = [*(_WHOLE_ISSUE_PARTS if issues or unknown else ()), *(_PULL_PARTS if pulls or unknown else ())]
    body = "repository(owner: $owner, name: $name) {\n    nameWithOwner\n    " + "\n    ".join(fields) + "\n  }"
    return _document("$owner: String!, $name: String!", body, *dict.fromkeys(parts))


def authors(count: int) -> str:
    """The accounts of ``count`` commits' authors as ``c0`` and so on; variables owner, name, ``h0`` and so on."""
    places = range(count)
    variables = "".join(f", $h{place}: GitObjectID!" for place in places)
    fields = "\n    ".join(
        f"c{place}: object(oid: $h{place}) {{ ... on Commit {{ author {{ user {{ ...actor }} }} }} }}"
        for place in places
    )
    body = f"repository(owner: $owner, name: $name) {{\n    {fields}\n  }}"
    return _document(f"$owner: String!, $name: String!{variables}", body, _ACTOR)


@dataclass(frozen=True, slots=True)
class Rest:
    """A list below a node that is longer than what was asked for, and where it goes on."""

    kind: str
    node_id: str
    connection: str
    after: str


_NODES = {
    "comments": ("...comment", (_COMMENT, _ACTOR)),
    "labels": ("...label", (_LABEL,)),
    "assignees": ("...actor", (_ACTOR,)),
    "reviews": ("...review", (_REVIEW, _ACTOR)),
    "reviewThreads": ("...thread", (_THREAD, _REVIEW_COMMENT, _ACTOR)),
}


def rest(wanted: Iterable[Rest]) -> str:
    """The rest of some lists as ``n0`` and so on; variables ``i0`` (node id), ``a0`` (cursor) and so on."""
    variables: list[str] = []
    fields: list[str] = []
    fragments: list[str] = []
    for place, part in enumerate(wanted):
        node, needed = _NODES[part.connection]
        if part.kind == "PullRequestReviewThread":
            node, needed = "...reviewComment", (_REVIEW_COMMENT, _ACTOR)
        first = 50 if part.connection == "reviewThreads" else 100
        variables.append(f"$i{place}: ID!, $a{place}: String!")
        fields.append(
            f"n{place}: node(id: $i{place}) {{ ... on {part.kind} {{ {part.connection}"
            f"(first: {first}, after: $a{place}) {{ nodes {{ {node} }} {_PAGE_INFO} }} }} }}"
        )
        fragments += needed
    return _document(", ".join(variables), "\n  ".join(fields), *dict.fromkeys(fragments))
