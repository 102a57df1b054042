"""REST's JSON for a repository: its many links, and its facts."""

from __future__ import annotations

from typing import Any

from include.sandbox.github.ids import node_id
from include.sandbox.github.model import SITE
from include.sandbox.github.repository import Repository

LINKS = {
    "forks": "",
    "keys": "{/key_id}",
    "collaborators": "{/collaborator}",
    "teams": "",
    "hooks": "",
    "events": "",
    "assignees": "{/user}",
    "branches": "{/branch}",
    "tags": "",
    "languages": "",
    "stargazers": "",
    "contributors": "",
    "subscribers": "",
    "subscription": "",
    "commits": "{/sha}",
    "comments": "{/number}",
    "contents": "/{+path}",
    "merges": "",
    "downloads": "",
    "issues": "{/number}",
    "pulls": "{/number}",
    "milestones": "{/number}",
    "notifications": "{?since,all,participating}",
    "labels": "{/name}",
    "releases": "{/id}",
    "deployments": "",
}
OTHER_LINKS = {
    "issue_events_url": "/issues/events{/number}",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "git_commits_url": "/git/commits{/sha}",
    "issue_comment_url": "/issues/comments{/number}",
    "compare_url": "/compare/{base}...{head}",
    "archive_url": "/{archive_format}{/ref}",
}
COUNTS = ("has_projects", "has_downloads", "has_wiki")


def repository_json(
    root: str, repository: Repository, owner: dict[str, Any], license_json: dict[str, Any] | None
) -> dict[str, Any]:
    """The form in lists. Open issues count pull requests too, as GitHub does."""
    open_issues = repository.items.open_count()
    url, page = f"{root}/repos/{repository.full_name}", SITE + repository.path
    languages = repository.languages
    facts = {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": owner,
        "html_url": page,
        "description": repository.description,
        "fork": repository.fork,
        "url": url,
        "created_at": repository.created_at,
        "updated_at": repository.updated_at,
        "pushed_at": repository.pushed_at or repository.created_at,
        "git_url": page.replace("https:", "git:") + ".git",
        "ssh_url": f"git@github.com:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": repository.homepage,
        "size": repository.size,
        "stargazers_count": repository.stars,
        "watchers_count": repository.stars,
        "watchers": repository.stars,
        "language": max(languages, key=lambda name: languages[name]) if languages else None,
        "has_issues": repository.has_issues,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": repository.forks,
        "forks": repository.forks,
        "mirror_url": None,
        "archived": repository.archived,
        "disabled": False,
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "license": license_json,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": list(repository.topics),
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
    }
    links = {f"{name}_url": f"{url}/{name}{rest}" for name, rest in LINKS.items()}
    return facts | links | {name: url + rest for name, rest in OTHER_LINKS.items()} | dict.fromkeys(COUNTS, True)
