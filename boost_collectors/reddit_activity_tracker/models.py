"""Reddit submissions and comments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import Computed, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Zero, cascade, set_null
from boost_collectors.cppa_user_tracker.models import RedditUser

USER = f"{RedditUser.__tablename__}.baseprofile_ptr_id"

WrittenAt = Annotated[datetime, mapped_column(Computed("to_timestamp((created_utc)::double precision)"), nullable=True)]
"""``created_utc``, seconds since 1970, as an instant; PostgreSQL fills it in."""
FetchedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now())]
"""When the row was last changed by what Reddit answered."""
ChangedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now(), index=True)]


class RedditSubmission(Base):
    """A submission, by its full name (``t3_…``).

    ``gone_at``: when it was first seen to be deleted or removed; its text is then the last one that was read. A row
    without a title stands for a submission of which only comments could be read.
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
    fetched_at: Mapped[FetchedAt]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[ChangedAt]


class RedditComment(Base):
    """A comment, by its full name (``t1_…``); ``parent_id`` is the full name of what it answers.

    ``gone_at``: when it was first seen to be deleted or removed; its text is then the last one that was read.
    """

    __tablename__ = "reddit_activity_tracker_redditcomment"
    __table_args__ = (UniqueConstraint("reddit_comment_id"), PrefixIndex("reddit_comment_id"))

    id: Mapped[BigIntPrimaryKey]
    reddit_comment_id: Mapped[str] = mapped_column(String(20))
    submission_id: Mapped[int] = mapped_column(cascade(f"{RedditSubmission.__tablename__}.id"), index=True)
    parent_id: Mapped[str] = mapped_column(String(20), server_default="")
    reddit_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    body: Mapped[EmptyText]
    url: Mapped[EmptyText]
    score: Mapped[Zero]
    created_utc: Mapped[BigInt] = mapped_column(index=True)
    written_at: Mapped[WrittenAt]
    edited_at: Mapped[Timestamp | None]
    gone_at: Mapped[Timestamp | None]
    fetched_at: Mapped[FetchedAt]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[ChangedAt]
