"""Naming the GitHub accounts of commit authors whom git alone could not name."""

from __future__ import annotations

from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.api.authors import COMMITS_A_QUERY, commit_authors
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun


def name_authors(run: RepositoryRun) -> None:
    """Ask GitHub for one commit of every address that nobody asked about yet, a hundred a point.

    The answer is remembered for the address, also when it names nobody, and holds for all of its commits.
    """
    owner, name = run.state.owner.login, run.state.name
    while True:
        run.go_on()
        with run.context.database.session() as session:
            asked = services.authors_to_ask(session, run.repo_id, COMMITS_A_QUERY)
        if not asked:
            return
        accounts = commit_authors(run.client, owner, name, asked.values())
        answers = {email: accounts[commit] for email, commit in asked.items() if commit in accounts}
        if not answers:
            return
        with run.context.database.session() as session:
            run.counts += services.remember_authors(session, answers, run.context.clock())
        run.counts.add("authors_asked", len(answers))
        if len(answers) < len(asked):
            return
