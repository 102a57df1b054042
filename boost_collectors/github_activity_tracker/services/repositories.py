"""Repositories: their rows, and what GitHub says about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import MergeResult, bulk_merge
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime_lenient
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.cppa_user_tracker.models import GithubAccount, GithubAccountType
from boost_collectors.github_activity_tracker.models import (
    ChangeKind,
    GithubRepository,
    GithubRepositoryLicense,
    GoneReason,
    Language,
    RepoLanguage,
    RepositoryChange,
)
from boost_collectors.github_activity_tracker.records import RepositoryState
from boost_collectors.github_activity_tracker.services.actors import ensure_profiles
from boost_collectors.github_activity_tracker.services.catalogue import get_or_create_license
from boost_collectors.github_activity_tracker.services.single import put
from boost_collectors.github_activity_tracker.services.writing import storable

_ACCOUNT = GithubAccount.__table__
_FIELDS = ("stars", "forks", "description", "repo_pushed_at", "repo_created_at", "repo_updated_at")


def stored_key(session: Session, github_id: int) -> str | None:
    """``owner/name`` under which the repository of this id is stored; None when it is not."""
    key = _ACCOUNT.c.username + "/" + GithubRepository.repo_name
    query = select(key).join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
    return session.scalars(query.where(GithubRepository.github_id == github_id)).one_or_none()


def ensure_repository(session: Session, owner: str, name: str) -> int:
    """The id of a repository, stored if it is new.

    Git knows no accounts: an owner whom GitHub has not named yet gets a synthetic organisation account, which
    ``store_repository`` replaces.
    """
    account = _account_of(session, owner)
    if account is None:
        made, _ = people.get_or_create_unknown_github_account(session, owner)
        people.get_or_create_github_account(
            session, made.github_account_id, owner, account_type=GithubAccountType.ORGANIZATION
        )
        account = made.id
    key = ("owner_account_id", "repo_name")
    bulk_merge(session, GithubRepository, key, [(account, name)], key=key, update=())
    return session.scalars(select(GithubRepository.id).filter_by(owner_account_id=account, repo_name=name)).one()


def _account_of(session: Session, login: str) -> int | None:
    """The account of a login: GitHub's own before a synthetic one, then the oldest."""
    key, number = _ACCOUNT.c.baseprofile_ptr_id, _ACCOUNT.c.github_account_id
    query = select(key).where(_ACCOUNT.c.username == login).order_by(number < 0, key).limit(1)
    return session.scalars(query).first()


def store_repository(session: Session, state: RepositoryState, now: datetime) -> tuple[int, Counts]:
    """Bring a repository's row up to what GitHub shows: the row's id, and what changed.

    The row is that of the owner and name; else, under an earlier name, that of GitHub's id, which is renamed. What
    happened to names is kept in RepositoryChange. Languages and licence are made equal to the state's; a time or a
    branch that it does not have changes nothing, nor does a partial state change those two. A repository that was gone
    is there again.
    """
    owner = ensure_profiles(session, [state.owner]).of(state.owner)
    _replace_synthetic_owner(session, owner, state.owner.login)
    counts = Counts()
    repo, created = _row(session, state, owner, now, counts)
    _set(repo, _values(state))
    changed = session.is_modified(repo)
    session.flush()
    if not state.is_partial:
        changed |= _store_languages(session, repo.id, dict(state.languages))
        changed |= _store_licence(session, repo.id, state)
    result = MergeResult(int(created), int(changed and not created), int(not created and not changed))
    counts.merged("repositories", result)
    return repo.id, counts


def _replace_synthetic_owner(session: Session, owner: int, login: str) -> None:
    """Give the repositories of a synthetic owner to the account of the same login.

    The synthetic account stays: authors of commits who bear the same name may share it.
    """
    other = aliased(GithubRepository)
    synthetic = select(_ACCOUNT.c.baseprofile_ptr_id).where(
        _ACCOUNT.c.username == login, _ACCOUNT.c.github_account_id < 0
    )
    taken = select(other.id).where(other.owner_account_id == owner, other.repo_name == GithubRepository.repo_name)
    session.execute(
        update(GithubRepository)
        .where(GithubRepository.owner_account_id.in_(synthetic), ~taken.correlate(GithubRepository).exists())
        .values(owner_account_id=owner)
        .execution_options(synchronize_session=False)
    )


def _row(
    session: Session, state: RepositoryState, owner: int, now: datetime, counts: Counts
) -> tuple[GithubRepository, bool]:
    query = select(GithubRepository).execution_options(populate_existing=True).with_for_update()
    named = session.scalars(query.filter_by(owner_account_id=owner, repo_name=state.name)).one_or_none()
    known = session.scalars(query.filter_by(github_id=state.id)).one_or_none()
    if named is None and known is None:
        return put(session, GithubRepository, {"owner_account_id": owner, "repo_name": state.name})
    if named is None and known is not None:
        kind = ChangeKind.RENAMED if known.owner_account_id == owner else ChangeKind.TRANSFERRED
        _note_change(session, known, kind, now, counts)
        known.owner_account_id, known.repo_name = owner, state.name
        return known, False
    assert named is not None
    if named.github_id not in (None, state.id):
        _note_change(session, named, ChangeKind.RECREATED, now, counts)
    if known is not None and known is not named:
        _supersede(session, known, now)
    return named, False


def _note_change(session: Session, repo: GithubRepository, kind: ChangeKind, now: datetime, counts: Counts) -> None:
    """Keep what the repository was called before."""
    before = (repo.owner_account_id, repo.repo_name, repo.github_id)
    owner, name, github_id = before
    session.add(
        RepositoryChange(
            repo_id=repo.id, kind=kind, owner_account_id=owner, repo_name=name, github_id=github_id, seen_at=now
        )
    )
    counts.add(f"repositories_{kind}")


def _supersede(session: Session, repo: GithubRepository, now: datetime) -> None:
    """The repository is stored under its new name already: what this row has moves there when it is collected again."""
    repo.github_id = None
    repo.gone_at, repo.gone_reason = repo.gone_at or now, GoneReason.REPLACED
    session.flush()


def _values(state: RepositoryState) -> dict[str, Any]:
    values = {
        "github_id": state.id,
        "stars": state.stars,
        "forks": state.forks,
        "description": storable(state.description),
        "is_archived": state.is_archived,
        "gone_reason": "",
    }
    optional = {
        "default_branch": state.default_branch,
        "repo_pushed_at": state.pushed_at,
        "repo_created_at": state.created_at,
        "repo_updated_at": state.updated_at,
    }
    return {**values, "gone_at": None, **{name: value for name, value in optional.items() if value}}


def _set(repo: GithubRepository, values: Mapping[str, Any]) -> None:
    """Set what differs."""
    for name, value in values.items():
        if getattr(repo, name) != value:
            setattr(repo, name, value)


def _store_languages(session: Session, repo_id: int, sizes: Mapping[str, int]) -> bool:
    """Make the languages of a repository these. Returns whether they were others."""
    query = (
        select(Language.name, RepoLanguage.line_count)
        .join(RepoLanguage, RepoLanguage.language_id == Language.id)
        .where(RepoLanguage.repo_id == repo_id)
    )
    stored = {row[0]: row[1] for row in session.execute(query)}
    if stored == sizes:
        return False
    bulk_merge(session, Language, ("name",), [(name,) for name in sizes], key=("name",), update=())
    ids = {row[0]: row[1] for row in session.execute(select(Language.name, Language.id))}
    rows = [(repo_id, ids[name], size) for name, size in sizes.items()]
    key, touch = ("repo_id", "language_id"), {"updated_at": func.now()}
    bulk_merge(session, RepoLanguage, (*key, "line_count"), rows, key=key, touch=touch)
    left = [ids[name] for name in stored.keys() - sizes.keys()]
    session.execute(delete(RepoLanguage).where(RepoLanguage.repo_id == repo_id, RepoLanguage.language_id.in_(left)))
    return True


def _store_licence(session: Session, repo_id: int, state: RepositoryState) -> bool:
    """Make the licence of a repository the state's. Returns whether it was another."""
    licence = state.licence
    wanted: set[int] = set()
    if licence is not None and licence.name.strip():
        wanted = {get_or_create_license(session, licence.name, licence.spdx_id, licence.url)[0].id}
    link = GithubRepositoryLicense
    stored = set(session.scalars(select(link.license_id).where(link.githubrepository_id == repo_id)))
    for missing in wanted - stored:
        put(session, link, {"githubrepository_id": repo_id, "license_id": missing})
    session.execute(delete(link).where(link.githubrepository_id == repo_id, link.license_id.in_(stored - wanted)))
    return wanted != stored


def mark_repository_gone(
    session: Session, owner: str, name: str, now: datetime, reason: GoneReason | str = GoneReason.DELETED
) -> int:
    """Note that GitHub does not have a repository any more. Returns 1 if that is news, else 0."""
    account = select(_ACCOUNT.c.baseprofile_ptr_id).where(_ACCOUNT.c.username == owner)
    gone = session.execute(
        update(GithubRepository)
        .where(GithubRepository.owner_account_id.in_(account), GithubRepository.repo_name == name)
        .where(GithubRepository.gone_at.is_(None))
        .values(gone_at=now, gone_reason=str(reason))
        .execution_options(synchronize_session=False)
    )
    return int(getattr(gone, "rowcount", 0))


def get_or_create_repository(
    session: Session, owner_account: GithubAccount, repo_name: str, **fields: Any
) -> tuple[GithubRepository, bool]:
    """A repository as (row, created); those of stars, forks, description and the three times that are given are set.

    Raises TypeError for other fields.
    """
    unknown = fields.keys() - set(_FIELDS)
    if unknown:
        raise TypeError(f"a repository has no {', '.join(sorted(unknown))} to be given here")
    repo, created = put(session, GithubRepository, {"owner_account_id": owner_account.id, "repo_name": repo_name})
    _set(repo, {name: value for name, value in fields.items() if value is not None})
    session.flush()
    return repo, created


def ensure_repository_owner(session: Session, repo: GithubRepository, owner_account: GithubAccount) -> None:
    """Set the owner of a repository that has none."""
    if not repo.owner_account_id:
        repo.owner_account_id = owner_account.id
        session.flush()


def update_repository_metadata_from_api(session: Session, repo: GithubRepository, data: Mapping[str, Any]) -> None:
    """Take over GitHub's REST answer about a repository; what it leaves out stays."""
    numbers = {"stars": data.get("stargazers_count"), "forks": data.get("forks_count")}
    times = {f"repo_{name}": _time(data[name]) for name in ("pushed_at", "created_at", "updated_at") if data.get(name)}
    given = {name: value for name, value in numbers.items() if value is not None}
    if "description" in data:
        given["description"] = storable(data["description"] or "")
    _set(repo, {**given, **times})
    session.flush()


def _time(value: str | datetime) -> datetime | None:
    return ensure_aware_utc(value) if isinstance(value, datetime) else parse_iso_datetime_lenient(value)
