"""Accounts that a platform numbers: the platform's own id is the key."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, any_, cast, literal, select
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import BaseProfile
from boost_collectors.cppa_user_tracker.services.checks import fitting, table_of
from boost_collectors.cppa_user_tracker.services.directory import (
    Found,
    NewProfile,
    insert_profiles,
    look_then_write,
    update_profiles,
)


@dataclass(frozen=True, slots=True)
class Platform:
    """How a platform's accounts are kept: ``key`` holds its id, ``defaults`` are the other columns of a new row.

    ``weak`` columns are only filled when empty: their source may be out of date.
    """

    model: type[BaseProfile]
    key: str
    defaults: Mapping[str, Any]
    weak: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Plan:
    known: dict[Any, int] = field(default_factory=dict)
    missing: dict[Any, dict[str, Any]] = field(default_factory=dict)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.missing or self.changes)


def ensure_accounts(
    session: Session, platform: Platform, seen: Iterable[Mapping[str, Any]], *, identity_id: int | None = None
) -> dict[Any, Found]:
    """The profile of every account seen, made or brought up to date where needed, by the platform's id.

    A value that is None or empty text was not given: it changes nothing. Of several sightings of one account the last
    given value counts. ``identity_id`` is set on new profiles only. An account that is stored with the same values is
    not written. Raises ValueError naming a field that is too long.
    """
    wanted = _combined(platform, seen)
    if not wanted:
        return {}
    plan = look_then_write(
        session, platform.model, lambda: _plan(session, platform, wanted), lambda plan: plan.is_empty
    )
    update_profiles(session, platform.model, plan.changes)
    profiles = [NewProfile(values, identity_id=identity_id) for values in plan.missing.values()]
    made = insert_profiles(session, platform.model, profiles)
    found = {key: Found(profile) for key, profile in plan.known.items()}
    return found | {key: Found(profile, created=True) for key, profile in zip(plan.missing, made, strict=True)}


def _combined(platform: Platform, seen: Iterable[Mapping[str, Any]]) -> dict[Hashable, dict[str, Any]]:
    wanted: dict[Hashable, dict[str, Any]] = {}
    for values in seen:
        given = {name: _without_nul(value) for name, value in values.items() if value not in (None, "")}
        fitting(platform.model, given)
        wanted.setdefault(given[platform.key], {}).update(given)
    return wanted


def _plan(session: Session, platform: Platform, wanted: Mapping[Hashable, Mapping[str, Any]]) -> _Plan:
    plan = _Plan()
    stored = _stored(session, platform, wanted.keys())
    for key, given in wanted.items():
        if key not in stored:
            plan.missing[key] = {platform.key: key, **platform.defaults, **given}
            continue
        profile, values = stored[key]
        plan.known[key] = profile
        new = {name: _chosen(name in platform.weak, values[name], given.get(name)) for name in platform.defaults}
        if new != values:
            plan.changes[profile] = new
    return plan


def _chosen(weak: bool, stored: Any, given: Any) -> Any:
    return stored if given is None or (weak and stored != "") else given


def _stored(session: Session, platform: Platform, keys: Collection[Hashable]) -> dict[Any, tuple[int, dict[str, Any]]]:
    table = table_of(platform.model)
    key = table.c[platform.key]
    given = cast(literal(list(keys), ARRAY(key.type)), ARRAY(key.type))
    columns = [table.c[name] for name in platform.defaults]
    rows = session.execute(select(key, table.c.baseprofile_ptr_id, *columns).where(key == any_(given)))
    return {row[0]: (row[1], dict(zip(platform.defaults, row[2:], strict=True))) for row in rows}


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
