"""Archives made for a test: mbox files that the sandbox serves, and the collector pointed at them."""

from __future__ import annotations

import itertools
import mailbox
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from boost_collectors import registry
from include.sandbox.mailing_list import message_hash
from tests.bench import CollectorBench

BOOST, USERS = "boost@lists.boost.org", "boost-users@lists.boost.org"
START = datetime(2024, 1, 1, tzinfo=UTC)

_clock = itertools.count(1)


class Mailboxes:
    """Lists in the order of archiving, as mbox files. Every message is an hour younger than the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists: dict[str, dict[str, EmailMessage]] = {}
        folder.mkdir(parents=True)

    def add(self, name: str, *, to: str = BOOST, sent: datetime | None = None, **headers: str) -> str:
        """Archive a message on top of a list. Returns its id in the archive."""
        msg_id = self._archive(name, to, sent, headers)
        self._write(to)
        return msg_id

    def _archive(self, name: str, to: str, sent: datetime | None, headers: Mapping[str, str]) -> str:
        messages = self._lists.setdefault(to, {})
        mail = EmailMessage()
        mail["Message-ID"] = f"<{name}>"
        mail["Date"] = format_datetime(sent or START + timedelta(hours=len(messages)))
        for header, value in {"From": "Mila Aster <mila@aster.example>", "Subject": name, **headers}.items():
            mail[header.replace("_", "-")] = value
        mail.set_content(f"Text of {name}.")
        messages[name] = mail
        return message_hash(name)

    def fill(self, number: int, *, to: str = BOOST, prefix: str = "m", **headers: str) -> list[str]:
        """Archive so many messages; their ids, oldest first."""
        ids = [self._archive(f"{prefix}{index}@x", to, None, headers) for index in range(number)]
        self._write(to)
        return ids

    def edit(self, name: str, content: str, *, to: str = BOOST) -> None:
        self._lists[to][name].set_content(content)
        self._write(to)

    def remove(self, *names: str, of: str = BOOST) -> None:
        for name in names:
            del self._lists[of][name]
        self._write(of)

    def raise_to_top(self, name: str, *, of: str = BOOST) -> None:
        """Archive a message anew, as an archive does that is rebuilt in part."""
        self._lists[of][name] = self._lists[of].pop(name)
        self._write(of)

    def _write(self, name: str) -> None:
        path = self._folder / f"{name}.mbox"
        path.unlink(missing_ok=True)
        box = mailbox.mbox(path)
        for mail in self._lists[name].values():
            box.add(mail)
        box.close()
        # The sandbox tells versions apart by this time, which the file system may not resolve.
        os.utime(path, ns=(next(_clock), next(_clock)))


class Bench(CollectorBench):
    """The collector on mailing lists of the test's own."""

    spec = registry.find("run_boost_mailing_list_tracker")

    def __init__(self, mail: Mailboxes, *args: Any) -> None:
        super().__init__(*args, BOOST_MAILING_LISTS=BOOST)
        self.mail = mail

    @property
    def stored(self) -> set[str]:
        """Ids of the stored messages."""
        return set(self.rows("SELECT msg_id FROM boost_mailing_list_tracker_mailinglistmessage"))

    def cursor(self, unit: str = BOOST) -> dict[str, Any]:
        [cursor] = self.rows(f"SELECT cursor FROM core_checkpoint WHERE unit = '{unit}'") or [{}]
        return dict(cursor)

    def offsets(self, unit: str = BOOST) -> list[int]:
        """The offsets of the index that the last run asked for."""
        index = [request for request in self.sandbox.requests if request.path.endswith(f"/{unit}/emails/")]
        return [int(dict(request.query)["offset"]) for request in index]

    @property
    def bodies(self) -> list[str]:
        """The ids of the messages that the last run asked for."""
        return [request.path.split("/")[-2] for request in self.sandbox.requests if "/email/" in request.path]


def path_of(msg_id: str) -> str:
    """The path of a message, as a pattern for the sandbox's faults."""
    return f"*/email/{msg_id}/"
