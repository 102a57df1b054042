"""GitHub accounts: those that GitHub told us of, and authors of commits whose account nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Subquery, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_user_tracker.models import GithubAccount, GithubAccountType, Identity
from boost_collectors.cppa_user_tracker.services.accounts import Platform, ensure_accounts
from boost_collectors.cppa_user_tracker.services.checks import clean, table_of
from boost_collectors.cppa_user_tracker.services.emails import ensure_email
from boost_collectors.cppa_user_tracker.services.people import Kind, NameAndEmail, Person, ensure_people

UNKNOWN = "unknown"
_NO_REPLY = re.compile(r"(?P<id>[1-9]\d{0,17})\+(?P<login>[^@+\s]+)@users\.noreply\.github\.com", re.IGNORECASE)
_ACCOUNT = table_of(GithubAccount)
_DEFAULTS = {"username": "", "display_name": "", "avatar_url": "", "account_type": GithubAccountType.USER.value}
_ACCOUNTS = Platform(GithubAccount, "github_account_id", _DEFAULTS)
# An address in an old commit bears the login of that time.
_FROM_COMMITS = Platform(GithubAccount, "github_account_id", _DEFAULTS, frozenset({"username", "display_name"}))


def _first(people: Sequence[Person], _email: str) -> Person | None:
    return people[0] if people else None


def _synthetic(session: Session, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """Rows with the next negative ids; the lock on making accounts keeps them from being given twice."""
    lowest = session.scalar(select(func.least(func.min(_ACCOUNT.c.github_account_id), 0))) or 0
    return [
        {"github_account_id": lowest - place, "username": name, "display_name": name}
        for place, name in enumerate(names, 1)
    ]


_UNKNOWN = Kind(GithubAccount, _first, _synthetic, among=_ACCOUNT.c.github_account_id < 0, grows=True, unnamed=UNKNOWN)


@dataclass(frozen=True, slots=True)
class SeenGithubAccount:
    """An account as a source shows it. Empty text, and None as type, mean that the source did not say."""

    github_account_id: int
    username: str | None = ""
    display_name: str | None = ""
    avatar_url: str | None = ""
    account_type: GithubAccountType | str | None = None


def ensure_github_accounts(session: Session, accounts: Iterable[SeenGithubAccount]) -> dict[int, int]:
    """The profile ids of accounts, by GitHub's id; new ones are made, others change only where something was given.

    Raises ValueError for text that is too long or an unknown account type; nothing is written then.
    """
    found = ensure_accounts(session, _ACCOUNTS, [_values(account) for account in accounts])
    return {key: profile.id for key, profile in found.items()}


def store_github_accounts(session: Session, accounts: Iterable[SeenGithubAccount]) -> int:
    """As ``ensure_github_accounts``. Returns how many accounts were made."""
    found = ensure_accounts(session, _ACCOUNTS, [_values(account) for account in accounts])
    return sum(profile.created for profile in found.values())


def get_or_create_github_account(
    session: Session,
    github_account_id: int,
    username: str | None = "",
    display_name: str | None = "",
    avatar_url: str | None = "",
    account_type: GithubAccountType | str | None = None,
    identity: Identity | None = None,
) -> tuple[GithubAccount, bool]:
    """One account as (profile, created). The identity is set on creation only; see ``ensure_github_accounts``."""
    seen = SeenGithubAccount(github_account_id, username, display_name, avatar_url, account_type)
    person = None if identity is None else identity.id
    found = ensure_accounts(session, _ACCOUNTS, [_values(seen)], identity_id=person)[github_account_id]
    return session.get_one(GithubAccount, found.id, populate_existing=True), found.created


def get_github_account_by_username(session: Session, username: str | None) -> GithubAccount | None:
    """The oldest account of exactly that login (blanks around it ignored), GitHub's before synthetic ones, or None."""
    login = clean(username)
    if not login:
        return None
    synthetic_last = (GithubAccount.github_account_id < 0, GithubAccount.id)
    statement = select(GithubAccount).where(GithubAccount.username == login).order_by(*synthetic_last).limit(1)
    return session.scalars(statement).first()


def github_logins() -> Subquery:
    """The account of each login, to be joined: ``login`` and ``account_id``.

    Which of several it is, is as in ``get_github_account_by_username``.
    """
    login, number, key = _ACCOUNT.c.username, _ACCOUNT.c.github_account_id, _ACCOUNT.c.baseprofile_ptr_id
    return (
        select(login.label("login"), key.label("account_id"))
        .where(login != "")
        .ext(distinct_on(login))
        .order_by(login, number < 0, key)
        .subquery("github_login")
    )


def get_or_create_owner_account(session: Session, get_json: Callable[[str], Any], owner: str) -> GithubAccount:
    """The account of a repository's owner: the stored one, else what ``get_json("/users/<owner>")`` answers.

    ``get_json`` is given a path of GitHub's API. Raises SourceError when the answer has no id, and what ``get_json``
    raises; nothing is written then.
    """
    known = get_github_account_by_username(session, owner)
    if known is not None:
        return known
    answer = get_json(f"/users/{quote(owner.strip(), safe='')}")
    if not isinstance(answer, Mapping) or not isinstance(answer.get("id"), int):
        raise SourceError(f"GitHub's answer about the owner {owner!r} has no id")
    account, _ = get_or_create_github_account(
        session,
        answer["id"],
        answer.get("login") or owner,
        answer.get("name"),
        answer.get("avatar_url"),
        _type_of(answer.get("type")),
    )
    if clean(answer.get("email")):
        ensure_email(session, account, answer["email"])
    return account


def ensure_unknown_github_accounts(session: Session, authors: Iterable[NameAndEmail]) -> dict[NameAndEmail, int]:
    """Synthetic accounts, with negative ids, for (name, address) pairs, by the pairs as given.

    The name is the key (blank is ``unknown``); every new address of it is added. Raises ValueError for text that is
    too long; nothing is written then.
    """
    return {pair: found.id for pair, found in ensure_people(session, _UNKNOWN, authors).items()}


def get_or_create_unknown_github_account(
    session: Session, name: str | None = None, email: str | None = ""
) -> tuple[GithubAccount, bool]:
    """One synthetic account as (profile, created); see ``ensure_unknown_github_accounts``."""
    found = ensure_people(session, _UNKNOWN, [(name or "", email)])[name or "", email]
    return session.get_one(GithubAccount, found.id), found.created


def ensure_git_authors(session: Session, authors: Iterable[NameAndEmail]) -> dict[NameAndEmail, int]:
    """Accounts for the authors that git shows, as (name, address) pairs, without asking GitHub.

    GitHub's own ``<id>+<login>@users.noreply.github.com`` addresses name the account; all others become synthetic
    accounts. What GitHub itself told about an account is never overwritten from here. Raises ValueError for text that
    is too long.
    """
    pairs = list(dict.fromkeys(authors))
    real = {pair: seen for pair in pairs if (seen := account_from_address(*pair))}
    found = ensure_unknown_github_accounts(session, [pair for pair in pairs if pair not in real])
    profiles = ensure_accounts(session, _FROM_COMMITS, [_values(seen) for seen in real.values()])
    return found | {pair: profiles[seen.github_account_id].id for pair, seen in real.items()}


def account_from_address(name: str, email: str | None) -> SeenGithubAccount | None:
    """The account that a no-reply address of GitHub names, or None for any other address."""
    match = _NO_REPLY.fullmatch(clean(email))
    return None if match is None else SeenGithubAccount(int(match["id"]), match["login"], clean(name))


def _values(account: SeenGithubAccount) -> dict[str, Any]:
    values = asdict(account)
    if account.account_type is not None:
        values["account_type"] = GithubAccountType(account.account_type).value
    return values


def _type_of(kind: object) -> GithubAccountType:
    try:
        return GithubAccountType(str(kind).lower())
    except ValueError:
        return GithubAccountType.USER
