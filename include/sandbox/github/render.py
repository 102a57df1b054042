"""REST's JSON for everything: GitHub's names, as far as clients read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from include.sandbox.github.clock import Stamp
from include.sandbox.github.ids import node_id
from include.sandbox.github.licenses import LICENSES
from include.sandbox.github.model import SITE, Account, Comment, Item, Label, Review, ReviewComment
from include.sandbox.github.render_repository import repository_json
from include.sandbox.github.repository import Repository
from include.sandbox.github.world import GHOST

Json = dict[str, Any]
USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes the JSON of one request; ``root`` is the API's address as the client knows it."""

    root: str
    _repositories: dict[int, Json] = field(default_factory=dict)

    def repository(self, repository: Repository) -> Json:
        """The form in lists, and inside pull requests."""
        known = self._repositories.get(repository.id)
        if known is None:
            owner, license_json = self.account(repository.owner), self.license(repository.license)
            known = repository_json(self.root, repository, owner, license_json)
            self._repositories[repository.id] = known
        return known

    def account(self, account: Account) -> Json:
        """The short form, as it stands inside other things."""
        url = f"{self.root}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id(account.kind, account.id),
            "avatar_url": account.avatar_url,
            "gravatar_id": "",
            "url": url,
            "html_url": SITE + account.path,
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": False,
        } | {name: url + path for name, path in USER_LINKS.items()}

    def author(self, account: Account | None) -> Json:
        """REST names the ghost where the author of an issue or comment was deleted."""
        return self.account(account or GHOST)

    def nullable(self, account: Account | None) -> Json | None:
        return self.account(account) if account else None

    def full_account(self, account: Account) -> Json:
        """The form of ``/users/<login>`` and ``/orgs/<login>``."""
        return self.account(account) | {
            "name": account.name,
            "company": account.company,
            "blog": account.blog or "",
            "location": account.location,
            "email": account.email,
            "hireable": None,
            "bio": account.bio,
            "twitter_username": None,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": account.created_at,
            "updated_at": account.updated_at,
        }

    def organization(self, account: Account) -> Json:
        return self.full_account(account) | {
            "hooks_url": f"{self.root}/orgs/{account.login}/hooks",
            "issues_url": f"{self.root}/orgs/{account.login}/issues",
            "members_url": f"{self.root}/orgs/{account.login}/members{{/member}}",
            "public_members_url": f"{self.root}/orgs/{account.login}/public_members{{/member}}",
            "url": f"{self.root}/orgs/{account.login}",
            "description": account.bio,
            "has_organization_projects": True,
            "has_repository_projects": True,
            "archived_at": None,
        }

    def label(self, label: Label) -> Json:
        url = f"{self._url(label.repository)}/labels/{label.name}" if label.repository else ""
        return {
            "id": label.id,
            "node_id": node_id("Label", label.id),
            "url": url,
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description,
        }

    def issue(self, item: Item) -> Json:
        """An issue, or a pull request in the form of an issue, marked by ``pull_request``."""
        url = f"{self._url(item.repository)}/issues/{item.number}"
        body = self._common(item) | {
            "id": item.pull.issue_id if item.pull else item.id,
            "url": url,
            "repository_url": self._url(item.repository),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "html_url": SITE + item.path,
            "comments": item.comment_count,
            "state_reason": item.state_reason,
            "closed_by": None,
            "reactions": self._reactions(url),
            "performed_via_github_app": None,
        }
        return body | {"pull_request": self._pull_links(item)} if item.pull else body

    def pull(self, item: Item) -> Json:
        """A pull request as it stands in a list."""
        assert item.pull is not None
        url = f"{self._url(item.repository)}/pulls/{item.number}"
        pull = item.pull
        return self._common(item) | {
            "url": url,
            "html_url": SITE + item.path,
            "diff_url": f"{SITE}{item.path}.diff",
            "patch_url": f"{SITE}{item.path}.patch",
            "issue_url": f"{self._url(item.repository)}/issues/{item.number}",
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": f"{self._url(item.repository)}/pulls/comments{{/number}}",
            "comments_url": f"{self._url(item.repository)}/issues/{item.number}/comments",
            "statuses_url": f"{self._url(item.repository)}/statuses/{pull.head}",
            "merged_at": pull.merged_at,
            "merge_commit_sha": pull.merge_commit,
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self._branch(item, pull.head_branch, pull.head),
            "base": self._branch(item, pull.base_branch, pull.base),
            "_links": {name: {"href": link} for name, link in self._links_of(item, url).items()},
            "auto_merge": None,
            "draft": pull.is_draft,
        }

    def full_pull(self, item: Item) -> Json:
        """The form of ``/pulls/<number>``."""
        assert item.pull is not None
        return self.pull(item) | {
            "merged": item.pull.merged_at is not None,
            "mergeable": None,
            "rebaseable": None,
            "mergeable_state": "unknown",
            "merged_by": self.nullable(item.pull.merged_by),
            "comments": item.comment_count,
            "review_comments": len(item.content.review_comments),
            "maintainer_can_modify": False,
            "commits": 1,
            "additions": 1,
            "deletions": 1,
            "changed_files": 1,
        }

    def comment(self, comment: Comment) -> Json:
        base = self._url(comment.repository)
        url = f"{base}/issues/comments/{comment.id}"
        return {
            "url": url,
            "html_url": SITE + comment.path,
            "issue_url": f"{base}/issues/{comment.item.number}",
            "id": comment.id,
            "node_id": node_id("IssueComment", comment.id),
            "user": self.author(comment.author),
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "body": comment.body,
            "author_association": "CONTRIBUTOR" if comment.author else "NONE",
            "reactions": self._reactions(url),
            "performed_via_github_app": None,
        }

    def review(self, review: Review) -> Json:
        pull_url = f"{self._url(review.repository)}/pulls/{review.item.number}"
        return {
            "id": review.id,
            "node_id": node_id("PullRequestReview", review.id),
            "user": self.nullable(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": SITE + review.path,
            "pull_request_url": pull_url,
            "author_association": "CONTRIBUTOR" if review.author else "NONE",
            "_links": {"html": {"href": SITE + review.path}, "pull_request": {"href": pull_url}},
            "submitted_at": review.created_at,
            "commit_id": review.commit,
        }

    def review_comment(self, comment: ReviewComment) -> Json:
        base = self._url(comment.repository)
        url, pull_url = f"{base}/pulls/comments/{comment.id}", f"{base}/pulls/{comment.item.number}"
        links = {"self": url, "html": SITE + comment.path, "pull_request": pull_url}
        body = {
            "id": comment.id,
            "node_id": node_id("PullRequestReviewComment", comment.id),
            "url": url,
            "pull_request_review_id": comment.review_id,
            "diff_hunk": comment.diff_hunk,
            "path": comment.file,
            "position": None,
            "original_position": 1,
            "commit_id": comment.commit,
            "original_commit_id": comment.commit,
            "user": self.nullable(comment.author),
            "body": comment.body,
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "html_url": SITE + comment.path,
            "pull_request_url": pull_url,
            "author_association": "CONTRIBUTOR" if comment.author else "NONE",
            "_links": {name: {"href": link} for name, link in links.items()},
            "reactions": self._reactions(url),
            "start_line": None,
            "original_start_line": None,
            "start_side": None,
            "line": comment.line,
            "original_line": comment.original_line,
            "side": "RIGHT",
            "subject_type": "line",
        }
        return body | {"in_reply_to_id": comment.reply_to} if comment.reply_to else body

    def license(self, key: str | None) -> Json | None:
        row = LICENSES.get(key or "")
        if row is None:
            return None
        url = None if row.key == "other" else f"{self.root}/licenses/{row.key}"
        node = node_id("License", row.key)
        return {"key": row.key, "name": row.name, "spdx_id": row.spdx_id, "url": url, "node_id": node}

    def _common(self, item: Item) -> Json:
        labels = item.repository.labels
        assignees = [self.account(account) for account in item.assignees]
        return {
            "id": item.id,
            "node_id": node_id("PullRequest" if item.pull else "Issue", item.id),
            "number": item.number,
            "title": item.title,
            "user": self.author(item.author),
            "labels": [self.label(labels[name]) for name in item.labels if name in labels],
            "state": item.state,
            "locked": item.locked,
            "active_lock_reason": None,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "milestone": None,
            "created_at": item.created_at,
            "updated_at": item.updated_at,
            "closed_at": item.closed_at,
            "author_association": "CONTRIBUTOR" if item.author else "NONE",
            "body": item.body or None,
        }

    def _pull_links(self, item: Item) -> Json:
        merged: Stamp | None = item.pull.merged_at if item.pull else None
        page = SITE + item.path
        url = f"{self._url(item.repository)}/pulls/{item.number}"
        links = {"url": url, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        return links | {"merged_at": merged}

    def _links_of(self, item: Item, url: str) -> dict[str, str]:
        base = self._url(item.repository)
        return {
            "self": url,
            "html": SITE + item.path,
            "issue": f"{base}/issues/{item.number}",
            "comments": f"{base}/issues/{item.number}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{base}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{base}/statuses/{item.pull.head if item.pull else ''}",
        }

    def _branch(self, item: Item, name: str, sha: str) -> Json:
        owner = item.repository.owner
        return {
            "label": f"{owner.login}:{name}",
            "ref": name,
            "sha": sha,
            "user": self.account(owner),
            "repo": self.repository(item.repository),
        }

    def _reactions(self, url: str) -> Json:
        return {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(REACTIONS, 0)

    def _url(self, repository: Repository) -> str:
        return f"{self.root}/repos/{repository.full_name}"
