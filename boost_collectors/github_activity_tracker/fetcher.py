"""Reading GitHub's REST API for callers of ``sync_api``: commits, comments, issues and pull requests of one repository.

The collector itself reads git and GraphQL, which costs a hundredth of the requests. What is yielded here are payloads
(``payloads.to_mapping`` makes plain mappings of them). Every function raises what the client raises.
"""

from __future__ import annotations

from boost_collectors.github_activity_tracker.rest.comments import (
    fetch_comments_from_github,
    fetch_pr_reviews_from_github,
)
from boost_collectors.github_activity_tracker.rest.commits import fetch_commits_from_github
from boost_collectors.github_activity_tracker.rest.items import fetch_issues_and_prs_from_github
from boost_collectors.github_activity_tracker.rest.users import fetch_user_from_github

__all__ = [
    "fetch_comments_from_github",
    "fetch_commits_from_github",
    "fetch_issues_and_prs_from_github",
    "fetch_pr_reviews_from_github",
    "fetch_user_from_github",
]
