"""GitHub: REST under ``<url>/github-api`` and GraphQL at ``<url>/github-api/graphql``.

The world is hand-made (``include/sandbox/data/github``), real (the recorded issues of ``--data``) or generated
(``Sandbox(generated=...)``, ``--generate``), and may be changed while it is read: ``sandbox.github`` is a
:class:`include.sandbox.github.service.GitHub` with its clock, limits, tokens and changes. Commits, tags and files are
those of the git sandbox. Requests cost what GitHub's published rules say.

``POST /repos/<owner>/<repository>/dispatches`` keeps what it took in ``dispatches.jsonl`` of the cache folder, one
JSON object a line.
"""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from include.sandbox.github.app_tokens import add_app
from include.sandbox.github.control import control
from include.sandbox.github.gate import Gate
from include.sandbox.github.graphql_endpoint import add_graphql
from include.sandbox.github.rest_git import add_git
from include.sandbox.github.rest_items import add_items
from include.sandbox.github.rest_repositories import TAKEN, add_repositories
from include.sandbox.github.rest_search import add_search
from include.sandbox.github.service import GitHub
from include.sandbox.shelf import Shelf

PREFIX = "/github-api"
EXTENSION = "sandbox-github"

__all__ = ["EXTENSION", "PREFIX", "TAKEN", "GitHub", "blueprint", "environment"]


def blueprint(shelf: Shelf) -> Blueprint:
    """Every endpoint; any other path is 404. The app holds the GitHub object as an extension."""
    github = GitHub(shelf)
    pages = Blueprint("github", __name__, url_prefix=PREFIX)
    gate = Gate(github, PREFIX)
    add_repositories(pages, gate, shelf)
    add_items(pages, gate)
    add_git(pages, gate)
    add_search(pages, gate)
    add_graphql(pages, gate)
    add_app(pages, gate)

    @pages.record
    def registered(state: BlueprintSetupState) -> None:
        state.app.extensions[EXTENSION] = github
        state.app.register_blueprint(control(github))

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make collectors talk to here, with a token of the samples."""
    return {
        "GITHUB_API_URL": f"{base_url}{PREFIX}",
        "GITHUB_TOKENS_SCRAPING": "token-of-collector",
        "REPO_COUNT_LANGUAGES": "C++",
    }
