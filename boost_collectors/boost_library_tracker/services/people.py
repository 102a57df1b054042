"""Authors and maintainers: the accounts of people who are known by what a library's metadata calls them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.records import person
from boost_collectors.cppa_user_tracker import services as accounts
from boost_collectors.cppa_user_tracker.models import GithubAccount

NAME_CHARACTERS = 255


def accounts_of(session: Session, texts: Iterable[str]) -> dict[str, int]:
    """The account ids of people by the text that names them, in a handful of statements however many they are.

    An account whose login is the name, GitHub's own before synthetic ones, else a synthetic account of that name,
    which is made where there is none.
    """
    people = {text: person(text.replace("\0", "")) for text in texts}
    people = {text: (name[:NAME_CHARACTERS], address) for text, (name, address) in people.items()}
    known = _by_login(session, {name for name, _ in people.values() if name})
    unknown = {pair for pair in people.values() if pair[0] not in known}
    made = accounts.ensure_unknown_github_accounts(session, sorted(unknown))
    return {text: known[pair[0]] if pair[0] in known else made[pair] for text, pair in people.items()}


def _by_login(session: Session, logins: set[str]) -> dict[str, int]:
    # Where several accounts have a login the last one wins: GitHub's own before synthetic ones, then the oldest.
    order = ((GithubAccount.github_account_id < 0).desc(), GithubAccount.id.desc())
    query = select(GithubAccount.username, GithubAccount.id).where(GithubAccount.username.in_(logins)).order_by(*order)
    return {row.username: row.id for row in session.execute(query)}
