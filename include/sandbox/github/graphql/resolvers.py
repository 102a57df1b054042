"""Every resolver, by type and field."""

from __future__ import annotations

from include.sandbox.github.graphql.connections import CONNECTION, EDGE, PAGE_INFO
from include.sandbox.github.graphql.git_resolvers import GIT_TYPES
from include.sandbox.github.graphql.item_resolvers import ITEM_TYPES, Map
from include.sandbox.github.graphql.repository_resolvers import REPOSITORY_TYPES
from include.sandbox.github.graphql.root_resolvers import ROOT_TYPES

LISTED = (
    *("CommitHistory", "Commit", "GitActor", "IssueComment", "Issue", "Label", "PullRequest", "PullRequestReview"),
    *("PullRequestReviewComment", "PullRequestReviewThread", "Ref", "Repository", "RepositoryTopic", "User"),
)
RESOLVERS: dict[str, Map] = {
    **ROOT_TYPES,
    **REPOSITORY_TYPES,
    **ITEM_TYPES,
    **GIT_TYPES,
    "PageInfo": PAGE_INFO,
    "SearchResultItemEdge": EDGE,
    **{f"{name}Connection": CONNECTION for name in LISTED},
    **{f"{name}Edge": EDGE for name in LISTED},
}
RESOLVERS["RepositoryConnection"] = CONNECTION | {
    "totalDiskUsage": lambda page, _a, _c: sum(row.size for row in page.nodes)
}
RESOLVERS["LanguageConnection"] = CONNECTION | {"totalSize": lambda page, _a, _c: page.extra}
RESOLVERS["LanguageEdge"] = EDGE | {"size": lambda edge, _a, _c: edge[1][1]}
