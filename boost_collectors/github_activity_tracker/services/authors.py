"""Whose account an address in a commit belongs to, by GitHub's own answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, func, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.arrays import rows_of
from boost_collectors.core.database.bulk import bulk_merge
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import CommitAuthor, GitCommit
from boost_collectors.github_activity_tracker.records import Actor
from boost_collectors.github_activity_tracker.services.actors import ensure_profiles
from boost_collectors.github_activity_tracker.services.writing import storable, table_of

Author = tuple[str, str | None]
"""Name and mail address."""

_ACCOUNT = table_of(GithubAccount)
_EMAIL_LIMIT = 255


def ensure_authors(session: Session, authors: Iterable[Author]) -> dict[Author, int]:
    """The accounts of authors as git names them, by the pairs as given.

    An address that GitHub named an account for belongs to that account; of the others those that name nobody get
    synthetic accounts.
    """
    pairs = list(dict.fromkeys(authors))
    known = _known_accounts(session, {(email or "").lower() for _, email in pairs})
    unknown = [pair for pair in pairs if (pair[1] or "").lower() not in known]
    found = {pair: known[(pair[1] or "").lower()] for pair in pairs if (pair[1] or "").lower() in known}
    return found | people.ensure_git_authors(session, unknown)


def _known_accounts(session: Session, emails: Iterable[str]) -> dict[str, int]:
    given = rows_of({"email": (Text(), sorted(emails))})
    query = select(CommitAuthor.email, CommitAuthor.account_id).join(given, given.c.email == CommitAuthor.email)
    rows = session.execute(query.where(CommitAuthor.account_id.is_not(None)))
    return {row[0]: int(row[1] or 0) for row in rows}


def authors_to_ask(session: Session, repo_id: int, limit: int) -> dict[str, str]:
    """Addresses in a repository's commits whose account nobody asked GitHub about, each with the hash of a commit.

    At most ``limit``; addresses are in lower case. Commits whose author GitHub named already are left out, and those
    that no ref reaches any more.
    """
    email = func.lower(GitCommit.author_email).label("email")
    query = (
        select(email, GitCommit.commit_hash)
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GitCommit.account_id)
        .outerjoin(CommitAuthor, CommitAuthor.email == email)
        .where(GitCommit.repo_id == repo_id, GitCommit.author_email != "", GitCommit.gone_at.is_(None))
        .where(_ACCOUNT.c.github_account_id < 0, CommitAuthor.id.is_(None))
        .ext(distinct_on(email))
        .order_by(email, GitCommit.committed_at.desc().nulls_last(), GitCommit.commit_hash)
        .limit(limit)
    )
    return {row.email: row.commit_hash for row in session.execute(query)}


def remember_authors(session: Session, answers: Mapping[str, Actor | None], now: datetime) -> Counts:
    """Remember what GitHub answered about addresses, and give their commits to the accounts it named.

    Concerns the commits of all repositories; later ones find the account when they are stored. A commit whose account
    GitHub itself told keeps it. The account learns the address. An answer that names nobody takes no account away.
    """
    counts = Counts()
    given = {_address(email): actor for email, actor in answers.items() if _address(email)}
    if not given:
        return counts
    profiles = ensure_profiles(session, (actor for actor in given.values() if actor))
    ids = {email: None if actor is None else profiles.of(actor) for email, actor in given.items()}
    _remember(session, ids, now)
    named = {email: account for email, account in ids.items() if account is not None}
    people.ensure_emails(session, GithubAccount, [(account, email) for email, account in named.items()])
    counts.add("authors_named", len(named))
    counts.add("commits_reassigned", _reassign(session, named))
    return counts


def _address(email: str) -> str:
    address = storable(email).strip().lower()
    return address if len(address) <= _EMAIL_LIMIT else ""


def _remember(session: Session, ids: Mapping[str, int | None], now: datetime) -> None:
    touch = {"asked_at": literal(now, DateTime(timezone=True))}
    columns = ("email", "account_id", "asked_at")
    for rows, update_columns in (
        ([(email, account, now) for email, account in ids.items() if account], ("account_id",)),
        ([(email, None, now) for email, account in ids.items() if not account], ()),
    ):
        if rows:
            chosen = touch if update_columns else {}
            bulk_merge(session, CommitAuthor, columns, rows, key=("email",), update=update_columns, touch=chosen)


def _reassign(session: Session, named: Mapping[str, int]) -> int:
    if not named:
        return 0
    given = rows_of({"email": (Text(), list(named)), "account": (BigInteger(), list(named.values()))})
    moved = session.execute(
        update(GitCommit)
        .where(func.lower(GitCommit.author_email) == given.c.email)
        .where(GitCommit.account_id == _ACCOUNT.c.baseprofile_ptr_id, _ACCOUNT.c.github_account_id < 0)
        .values(account_id=given.c.account)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(moved, "rowcount", 0))
