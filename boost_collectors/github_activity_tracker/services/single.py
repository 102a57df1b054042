"""One row at a time: written where it is new or differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.base import Base
from boost_collectors.core.database.bulk import bulk_merge

Model = TypeVar("Model", bound=Base)


def put(
    session: Session,
    model: type[Model],
    key: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    *,
    only_new: Mapping[str, Any] | None = None,
) -> tuple[Model, bool]:
    """The row of ``key``, made to have ``values``; as (row, created). ``only_new`` is for a row that is inserted.

    NUL is removed from text. Raises SourceError for a value that its column cannot take.
    """
    update, new = dict(values or {}), dict(only_new or {})
    row = {**key, **update, **new}
    touch = {"updated_at": func.now()} if "updated_at" in model.__table__.c and update else {}
    result = bulk_merge(
        session,
        model,
        list(row),
        [list(row.values())],
        key=list(key),
        update=list(update),
        touch=touch,
        strip_nul=True,
    )
    clean = {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in key.items()}
    return find(session, model, clean), result.inserted == 1


def find(session: Session, model: type[Model], key: Mapping[str, Any]) -> Model:
    """The one row of ``key`` as it is in the database now. Raises NoResultFound where there is none."""
    query = select(model).filter_by(**key).execution_options(populate_existing=True)
    return session.scalars(query).one()


def required(name: str | None, what: str) -> str:
    """A name without blanks around it. Raises ValueError for one that is empty."""
    text = (name or "").replace("\0", "").strip()
    if not text:
        raise ValueError(f"{what} must not be empty")
    return text
