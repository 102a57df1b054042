"""Reddit submissions and comments, and what is known of their trees."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import Computed, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, UpdatedAt, Zero, cascade, set_null, varchar
from boost_collectors.cppa_user_tracker.models import RedditUser

USER = f"{RedditUser.__tablename__}.baseprofile_ptr_id"

WrittenAt = Annotated[datetime, mapped_column(Computed("to_timestamp((created_utc)::double precision)"), nullable=True)]
"""``created_utc``, seconds since 1970, as an instant; PostgreSQL fills it in."""
FetchedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now())]
"""When the row was last changed by what Reddit answered."""
ChangedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now(), index=True)]


class RedditSubmission(Base):
    """A submission, by its full name (``t3_…``).

    ``gone_at``: when it was first seen to be gone, and ``gone_reason`` how: ``deleted`` by its author, ``removed`` by
    moderators or Reddit, or ``missing`` from an answer that should hold it. Its text is then the last one that was
    read. A row without a title stands for a submission of which only comments could be read.
    """

    __tablename__ = "reddit_activity_tracker_redditsubmission"
    __table_args__ = (
        UniqueConstraint("reddit_submission_id"),
        PrefixIndex("reddit_submission_id"),
        PrefixIndex("subreddit"),
    )

    id: Mapped[BigIntPrimaryKey]
    reddit_submission_id: Mapped[str] = mapped_column(String(20))
    subreddit: Mapped[str] = mapped_column(String(128), index=True)
    reddit_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    title: Mapped[EmptyText]
    selftext: Mapped[EmptyText]
    selftext_html: Mapped[EmptyText]
    url: Mapped[EmptyText]
    permalink: Mapped[EmptyText]
    score: Mapped[Zero]
    num_comments: Mapped[Zero]
    created_utc: Mapped[BigInt] = mapped_column(index=True)
    written_at: Mapped[WrittenAt]
    edited_at: Mapped[Timestamp | None]
    gone_at: Mapped[Timestamp | None]
    gone_reason: Mapped[str] = varchar(20)
    fetched_at: Mapped[FetchedAt]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[ChangedAt]


class RedditComment(Base):
    """A comment, by its full name (``t1_…``); ``parent_id`` is the full name of what it answers.

    ``gone_at`` and ``gone_reason`` as of a submission; its text is then the last one that was read.
    """

    __tablename__ = "reddit_activity_tracker_redditcomment"
    __table_args__ = (UniqueConstraint("reddit_comment_id"), PrefixIndex("reddit_comment_id"))

    id: Mapped[BigIntPrimaryKey]
    reddit_comment_id: Mapped[str] = mapped_column(String(20))
    submission_id: Mapped[int] = mapped_column(cascade(f"{RedditSubmission.__tablename__}.id"), index=True)
    parent_id: Mapped[str] = varchar(20)
    reddit_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    body: Mapped[EmptyText]
    url: Mapped[EmptyText]
    score: Mapped[Zero]
    created_utc: Mapped[BigInt] = mapped_column(index=True)
    written_at: Mapped[WrittenAt]
    edited_at: Mapped[Timestamp | None]
    gone_at: Mapped[Timestamp | None]
    gone_reason: Mapped[str] = varchar(20)
    fetched_at: Mapped[FetchedAt]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[ChangedAt]


class RedditTree(Base):
    """A submission whose comments were read as a whole tree.

    ``missing``: how many comments Reddit counted then that its tree does not show, such as those of banned accounts.
    More than that missing means that the tree has to be read again.
    """

    __tablename__ = "reddit_activity_tracker_reddittree"

    id: Mapped[BigIntPrimaryKey]
    submission_id: Mapped[int] = mapped_column(cascade(f"{RedditSubmission.__tablename__}.id"), unique=True)
    missing: Mapped[Zero]
    updated_at: Mapped[UpdatedAt]
