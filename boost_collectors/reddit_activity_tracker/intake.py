"""From things as Reddit tells them to rows: checked, chosen, completed by what they refer to, stored with a cursor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_user_tracker.services import (
    SeenRedditUser,
    is_reddit_nobody,
    known_reddit_users,
    with_reddit_profile,
)
from boost_collectors.reddit_activity_tracker import services
from boost_collectors.reddit_activity_tracker.files import RowFiles
from boost_collectors.reddit_activity_tracker.page import Page
from boost_collectors.reddit_activity_tracker.raw_archive import RawArchive
from boost_collectors.reddit_activity_tracker.records import (
    MISSING,
    Json,
    Record,
    Thing,
    stub_of,
)

MOST_NAMED = 5
Keep = Callable[[Record], bool]


class Asks(Protocol):
    """What the intake asks Reddit for."""

    def info(self, fullnames: Sequence[str]) -> list[Thing]:
        """Up to 100 things by full name."""
        ...

    def profile(self, username: str) -> Json | None:
        """What a user's page says."""
        ...


class Keywords:
    """REDDIT_KEYWORDS: which texts are wanted."""

    def __init__(self, words: Sequence[str]) -> None:
        joined = "|".join(re.escape(word) for word in words)
        # Not \b, beside which a word such as c++ does not end.
        self._pattern = re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE) if words else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def match(self, text: str) -> bool:
        """True if the text has one of the words, or every text is wanted."""
        return self._pattern is None or self._pattern.search(text) is not None


class Intake:
    """Of one unit. Adds what it does to ``counts``. A thing that cannot be stored waits in quarantine.

    ``api`` is None for archives: nothing is asked for then, no files are written, what is stored stays as it is, and
    what cannot be stored is only told.
    """

    def __init__(self, context: RunContext, api: Asks | None, unit: str, counts: Counts) -> None:
        self._context, self._api, self._unit, self._counts = context, api, unit, counts
        self._raw = RawArchive(context.workspace)
        self._files = RowFiles(context.workspace)
        self._authors = services.Authors()
        self.keywords = Keywords(context.settings.reddit_keywords)
        with context.database.session() as session:
            self._set_aside = pending.keys(session, context.command, unit)
        self._failed: dict[str, str] = {}

    def take(
        self,
        things: Iterable[Thing],
        *,
        keep: Keep | None = None,
        cursor: Mapping[str, Any] | None = None,
        known: bool = False,
    ) -> list[Record]:
        """Store things in one transaction, with the unit's cursor if one is given; returns what was kept.

        ``keep`` chooses among them, and so do the keywords unless the things are ``known`` to be wanted. Raises as
        the API does, when it has to be asked for submissions and profiles.
        """
        page = Page()
        page.read(things)
        return self.take_page(page, keep=keep, cursor=cursor, known=known)

    def take_page(
        self, page: Page, *, keep: Keep | None = None, cursor: Mapping[str, Any] | None = None, known: bool = False
    ) -> list[Record]:
        """``take`` for things that are read already."""
        self._counts.add("things_read", len(page.records) + len(page.refused))
        if keep is not None:
            page.keep(keep)
        if self.keywords and not known:
            self._choose(page)
        self._complete(page)
        newcomers = self._meet(page.records.values())
        if page.records or page.refused or cursor is not None:
            self._store(page, newcomers, cursor)
        return list(page.records.values())

    def refuse(self, session: Session, key: str, reason: str, payload: Any = None) -> None:
        """Set something aside that cannot be had, and let the unit fail at its end when that is new."""
        if key in self._set_aside:
            return
        self._failed[key] = reason
        self._counts.add("things_quarantined")
        if self._api is None:
            return
        self._context.log.error("%s of %s goes into quarantine: %s", key, self._unit, reason)
        kept = {} if payload is None else {"thing": repr(payload)[:2000].replace("\\x00", "")}
        pending.quarantine(session, self._context.command, self._unit, key, reason, kept)
        self._set_aside.add(key)

    def raise_failures(self) -> None:
        """Raise SourceError that names what went into quarantine in this run, if anything did."""
        if refused := self.refused_lately():
            raise SourceError(f"of {self._unit} cannot be stored: {refused}")

    def refused_lately(self) -> str:
        """What was refused since this was asked last, with the reasons of the first few; empty when nothing was."""
        named = [f"{key}: {reason}" for key, reason in self._failed.items()]
        self._failed.clear()
        more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
        return "; ".join([*named[:MOST_NAMED], *more])

    def _choose(self, page: Page) -> None:
        """Keep what has a keyword, and comments on submissions that have one."""
        texts = {record.fullname: record.text for record in page.submissions}
        links = {comment.submission for comment in page.comments} - texts.keys()
        if links:
            with self._context.database.session() as session:
                texts |= services.stored_submissions(session, links)
        wanted = {name for name, text in texts.items() if self.keywords.match(text)}
        page.keep(lambda record: self.keywords.match(record.text) or getattr(record, "submission", "") in wanted)

    def _complete(self, page: Page) -> None:
        """Add the submissions that comments belong to and that are not stored, or what stands for them."""
        wanted = {comment.submission: comment for comment in page.comments if comment.submission not in page.records}
        if not wanted:
            return
        with self._context.database.session() as session:
            unknown = wanted.keys() - services.stored_names(session, wanted.keys())
        names = sorted(unknown)
        if self._api is not None and names:
            for start in range(0, len(names), 100):
                page.read(self._api.info(names[start : start + 100]))
        why = MISSING if self._api is not None else ""
        for name in unknown - page.records.keys():
            page.records[name] = stub_of(wanted[name], why)

    def _meet(self, records: Iterable[Record]) -> set[str]:
        """Find out who the authors are; returns the names of those who are not stored yet."""
        seen = {record.author.username: record.author for record in records if record.author}
        unknown = [author for name, author in seen.items() if name not in self._authors.known]
        if self._api is None or not unknown:
            return set()
        new = self._unstored(unknown)
        for author in new:
            if self._context.settings.reddit_read_profiles and author.username not in self._authors.given:
                profile = self._api.profile(author.username)
                self._authors.given[author.username] = with_reddit_profile(author, profile)
        return {author.username for author in new}

    def _unstored(self, authors: Sequence[SeenRedditUser]) -> list[SeenRedditUser]:
        with self._context.database.session() as session:
            found = known_reddit_users(session, authors)
        new = (author for author in authors if author.username not in found)
        return [author for author in new if not is_reddit_nobody(author.username)]

    def _store(self, page: Page, newcomers: set[str], cursor: Mapping[str, Any] | None) -> None:
        records = list(page.records.values())
        if self._api is not None:
            # Before the rows: a cursor must not stand beyond what is archived.
            self._raw.save(page.raw[record.fullname] for record in records if record.fullname in page.raw)
        with self._context.database.session() as session:
            stored = services.store_things(session, records, authors=self._authors, archived=self._api is None)
            self._note_refused(session, page, stored)
            if self._api is not None:
                self._files.save(session, page.records.keys(), newcomers)
            if cursor is not None:
                checkpoints.save(session, self._context.command, self._unit, cursor)
        self._counts.merged("submissions", stored.submissions)
        self._counts.merged("comments", stored.comments)
        self._counts.add("users", len(newcomers))

    def _note_refused(self, session: Session, page: Page, stored: services.StoredThings) -> None:
        refused = dict(page.refused)
        refused |= {record.fullname: (reason, page.raw.get(record.fullname)) for record, reason in stored.refused}
        for key, (reason, thing) in refused.items():
            self.refuse(session, key, reason, thing)
        for key in self._set_aside.intersection(page.records) - refused.keys():
            pending.done(session, self._context.command, self._unit, key)
            self._set_aside.discard(key)
