"""What an activity record is made of: where it came from, what happened, who did it, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, format_utc_z, parse_iso_datetime_lenient

if TYPE_CHECKING:
    from boost_collectors.core.protocols import ActivityRecord


class SourceSystem(StrEnum):
    """Where an activity was seen."""

    GITHUB = "github"
    DISCORD = "discord"
    SLACK = "slack"
    REDDIT = "reddit"
    MAILING_LIST = "mailing_list"
    YOUTUBE = "youtube"
    WG21 = "wg21"


@dataclass(frozen=True, slots=True)
class ActivityType:
    """What happened, as ``<source>.<subtype>``. Two of the same text are equal."""

    value: str

    @classmethod
    def github_issue(cls) -> ActivityType:
        return cls("github.issue")

    @classmethod
    def discord(cls, subtype: str = "") -> ActivityType:
        """A Discord message by its message type; without one it is ``Default``, as in Discord's own API."""
        return cls(f"{SourceSystem.DISCORD}.{subtype.strip() or 'Default'}")

    @classmethod
    def parse(cls, value: str | ActivityType) -> ActivityType:
        """The type of that text, trimmed; an ActivityType comes back as it is."""
        return value if isinstance(value, ActivityType) else cls(str(value).strip())

    def __str__(self) -> str:
        return self.value


ActorExternalId = NewType("ActorExternalId", str)
"""A person's id at the source, as text: sources use numbers and names alike."""


def actor_external_id(value: str | int | None) -> ActorExternalId:
    """An id as trimmed text; None is empty."""
    return ActorExternalId("" if value is None else str(value).strip())


def parse_activity_occurred_at(value: str | None) -> datetime | None:
    """An ISO time as aware UTC; None when blank or unreadable."""
    try:
        return ensure_aware_utc(parse_iso_datetime_lenient(value))
    except OverflowError:
        return None


def ensure_activity_occurred_at(moment: datetime | None) -> datetime | None:
    """The same instant as aware UTC; naive means UTC."""
    return ensure_aware_utc(moment)


def format_occurred_at_z(moment: datetime | None) -> str:
    """ISO text ending in ``Z``; empty without a time."""
    return "" if moment is None else format_utc_z(moment)


@dataclass(frozen=True, slots=True)
class MigratedActivityFields:
    """Fields of an earlier record, in today's types."""

    source_system: SourceSystem
    occurred_at: datetime | None
    activity_type: ActivityType
    actor_external_id: ActorExternalId


def migrate_legacy_activity_fields(
    source_system: str, occurred_at: str | datetime | None, activity_type: str, actor: str | int | None = None
) -> MigratedActivityFields:
    """Bring the loose text of earlier records into today's types.

    Raises ValueError for a source system nobody knows. An unreadable time becomes None.
    """
    try:
        source = SourceSystem(source_system.strip().lower())
    except ValueError:
        known = ", ".join(SourceSystem)
        raise ValueError(f"unknown source_system {source_system!r}; known: {known}") from None
    return MigratedActivityFields(
        source_system=source,
        occurred_at=read_occurred_at(occurred_at),
        activity_type=ActivityType.parse(activity_type),
        actor_external_id=actor_external_id(actor),
    )


def read_occurred_at(value: str | datetime | None) -> datetime | None:
    """A time in either form as aware UTC; None when there is none to be read."""
    if isinstance(value, datetime):
        try:
            return ensure_aware_utc(value)
        except OverflowError:
            return None
    return parse_activity_occurred_at(value)


def activity_record_to_legacy_dict(record: ActivityRecord) -> Mapping[str, Any]:
    """The seven keys of earlier records, as text; a missing time is empty, a missing URL stays None."""
    return {
        "source_system": record.source_system.value,
        "external_id": record.external_id,
        "occurred_at": format_occurred_at_z(record.occurred_at),
        "activity_type": str(record.activity_type),
        "actor_external_id": str(record.actor_external_id),
        "source_url": record.source_url,
        "summary": record.summary,
    }
