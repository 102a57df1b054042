"""People and their accounts.

A profile is one account on one platform: a ``BaseProfile`` row, extended by a row of the platform's table with the
same key. An identity is a person and may own many profiles. The staging tables hold links that are proposed, but not
yet accepted.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex
from boost_collectors.core.database.columns import (
    CreatedAt,
    EmptyText,
    Switch,
    UpdatedAt,
    cascade,
    set_null,
    varchar,
)


class ProfileType(StrEnum):
    """The platform of a profile."""

    GITHUB = "github"
    SLACK = "slack"
    MAILING_LIST = "mailing_list"
    WG21 = "wg21"
    DISCORD = "discord"
    YOUTUBE = "youtube"
    REDDIT = "reddit"


class GithubAccountType(StrEnum):
    """What kind of owner a GitHub account is."""

    USER = "user"
    ORGANIZATION = "organization"
    ENTERPRISE = "enterprise"


class Identity(Base):
    """A person, whatever the platforms that know them."""

    __tablename__ = "cppa_user_tracker_identity"
    __table_args__ = (PrefixIndex("display_name"),)

    id: Mapped[BigIntPrimaryKey]
    display_name: Mapped[str] = varchar(255, index=True)
    description: Mapped[EmptyText]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class TmpIdentity(Base):
    """A person proposed by matching, waiting for the links to be accepted."""

    __tablename__ = "cppa_user_tracker_tmpidentity"
    __table_args__ = (PrefixIndex("display_name"),)

    id: Mapped[BigIntPrimaryKey]
    display_name: Mapped[str] = varchar(255, index=True)
    description: Mapped[EmptyText]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BaseProfile(Base):
    """One account on one platform. ``type`` follows from the platform's table and is never chosen by a caller."""

    __tablename__ = "cppa_user_tracker_baseprofile"
    __table_args__: Any = (PrefixIndex("type"),)

    id: Mapped[BigIntPrimaryKey]
    type: Mapped[str] = mapped_column(String(20), index=True)
    identity_id: Mapped[int | None] = mapped_column(set_null("cppa_user_tracker_identity.id"), index=True)

    identity: Mapped[Identity | None] = relationship()

    __mapper_args__ = {"polymorphic_on": "type"}


class TempProfileIdentityRelation(Base):
    """A proposed link of a profile to a staged identity."""

    __tablename__ = "cppa_user_tracker_tempprofileidentityrelation"
    __table_args__ = (UniqueConstraint("base_profile_id", "target_identity_id"),)

    id: Mapped[BigIntPrimaryKey]
    base_profile_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"))
    target_identity_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_tmpidentity.id"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class Email(Base):
    """An address of a profile. Several profiles may have the same; one profile has it once, whatever the case."""

    __tablename__ = "cppa_user_tracker_email"
    __table_args__ = (
        PrefixIndex("email"),
        Index(
            "uq_cppa_user_tracker_email_base_profile_id_lower",
            "base_profile_id",
            func.lower(text("email")),
            unique=True,
        ),
        Index(
            "uq_cppa_user_tracker_email_base_profile_id_primary",
            "base_profile_id",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
        CheckConstraint("email <> ''", name="not_empty"),
    )

    id: Mapped[BigIntPrimaryKey]
    base_profile_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"))
    email: Mapped[str] = mapped_column(String(255), index=True)
    is_primary: Mapped[Switch]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class GithubAccount(BaseProfile):
    """A GitHub account. Negative ids are synthetic: authors of commits whose account nobody knows."""

    __tablename__ = "cppa_user_tracker_githubaccount"
    __table_args__ = (
        UniqueConstraint("github_account_id"),
        PrefixIndex("username"),
        PrefixIndex("display_name"),
        PrefixIndex("account_type"),
    )
    __mapper_args__ = {"polymorphic_identity": ProfileType.GITHUB.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    github_account_id: Mapped[BigInt]
    username: Mapped[str] = varchar(255, index=True)
    display_name: Mapped[str] = varchar(255, index=True)
    avatar_url: Mapped[str] = varchar(512)
    account_type: Mapped[str] = mapped_column(String(20), server_default=GithubAccountType.USER.value, index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackUser(BaseProfile):
    """A member of a Slack workspace."""

    __tablename__ = "cppa_user_tracker_slackuser"
    __table_args__ = (
        UniqueConstraint("slack_user_id"),
        PrefixIndex("slack_user_id"),
        PrefixIndex("username"),
        PrefixIndex("display_name"),
    )
    __mapper_args__ = {"polymorphic_identity": ProfileType.SLACK.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    slack_user_id: Mapped[str] = mapped_column(String(64))
    username: Mapped[str] = varchar(255, index=True)
    display_name: Mapped[str] = varchar(255, index=True)
    avatar_url: Mapped[str] = varchar(512)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class MailingListProfile(BaseProfile):
    """A sender to the mailing lists: a display name together with an address (or with none)."""

    __tablename__ = "cppa_user_tracker_mailinglistprofile"
    __table_args__ = (PrefixIndex("display_name"),)
    __mapper_args__ = {"polymorphic_identity": ProfileType.MAILING_LIST.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    display_name: Mapped[str] = varchar(255, index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class WG21PaperAuthorProfile(BaseProfile):
    """An author of committee papers. ``author_alias`` is another spelling, under which the author is found too."""

    __tablename__ = "cppa_user_tracker_wg21paperauthorprofile"
    __table_args__ = (PrefixIndex("display_name"), PrefixIndex("author_alias"))
    __mapper_args__ = {"polymorphic_identity": ProfileType.WG21.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    display_name: Mapped[str] = varchar(255, index=True)
    author_alias: Mapped[str] = varchar(255, index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class DiscordProfile(BaseProfile):
    """A Discord user or bot."""

    __tablename__ = "cppa_user_tracker_discordprofile"
    __table_args__ = (UniqueConstraint("discord_user_id"), PrefixIndex("username"), PrefixIndex("display_name"))
    __mapper_args__ = {"polymorphic_identity": ProfileType.DISCORD.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    discord_user_id: Mapped[BigInt]
    username: Mapped[str] = varchar(255, index=True)
    display_name: Mapped[str] = varchar(255, index=True)
    avatar_url: Mapped[str] = varchar(512)
    is_bot: Mapped[Switch]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class RedditUser(BaseProfile):
    """A Reddit user. ``reddit_user_id`` (``t2_…``) is null as long as Reddit did not tell it."""

    __tablename__ = "cppa_user_tracker_reddituser"
    __table_args__ = (
        UniqueConstraint("reddit_user_id"),
        UniqueConstraint("username"),
        PrefixIndex("reddit_user_id"),
        PrefixIndex("username"),
        PrefixIndex("display_name"),
        Index("ix_cppa_user_tracker_reddituser_username_lower", func.lower(text("username"))),
    )
    __mapper_args__ = {"polymorphic_identity": ProfileType.REDDIT.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    reddit_user_id: Mapped[str | None] = mapped_column(String(64))
    username: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = varchar(255, index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class YoutubeSpeaker(BaseProfile):
    """A speaker in a video; ``external_id`` names the channel or video that the name was found in."""

    __tablename__ = "cppa_user_tracker_youtubespeaker"
    __table_args__ = (UniqueConstraint("external_id"), PrefixIndex("external_id"), PrefixIndex("display_name"))
    __mapper_args__ = {"polymorphic_identity": ProfileType.YOUTUBE.value}

    baseprofile_ptr_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = varchar(255, index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
