"""Reddit submissions and comments."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import EmptyText, Zero, cascade, set_null, varchar
from boost_collectors.cppa_user_tracker.models import RedditUser

USER = f"{RedditUser.__tablename__}.baseprofile_ptr_id"


class RedditSubmission(Base):
    """A submission, by its full name (``t3_…``). ``created_utc`` counts seconds since 1970."""

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
    title: Mapped[str] = varchar(1024)
    selftext: Mapped[EmptyText]
    selftext_html: Mapped[EmptyText]
    url: Mapped[str] = varchar(1024)
    permalink: Mapped[str] = varchar(512)
    score: Mapped[Zero]
    num_comments: Mapped[Zero]
    created_utc: Mapped[int] = mapped_column(index=True)
    fetched_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now())


class RedditComment(Base):
    """A comment, by its full name (``t1_…``); ``parent_id`` is the full name of what it answers."""

    __tablename__ = "reddit_activity_tracker_redditcomment"
    __table_args__ = (UniqueConstraint("reddit_comment_id"), PrefixIndex("reddit_comment_id"))

    id: Mapped[BigIntPrimaryKey]
    reddit_comment_id: Mapped[str] = mapped_column(String(20))
    submission_id: Mapped[int] = mapped_column(cascade(f"{RedditSubmission.__tablename__}.id"), index=True)
    parent_id: Mapped[str] = varchar(20)
    reddit_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    body: Mapped[EmptyText]
    url: Mapped[str] = varchar(1024)
    score: Mapped[Zero]
    created_utc: Mapped[int] = mapped_column(index=True)
    fetched_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now())
