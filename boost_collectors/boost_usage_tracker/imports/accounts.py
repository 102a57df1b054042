"""GitHub accounts out of JSON files, as GitHub's API shows them or as they are stored."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from boost_collectors.boost_usage_tracker.imports.csv_files import ImportResult
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.json_stream import json_items
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.cppa_user_tracker.services import SeenGithubAccount

logger = logging.getLogger(__name__)

TABLE = "github_account"
BATCH = 1000
LARGEST_ID = 2**63 - 1

_TYPES: Mapping[str, str] = {"organization": "organization", "org": "organization", "enterprise": "enterprise"}


def import_accounts(database: Database, table: str, source: Path) -> ImportResult:
    """Store the accounts of a JSON file, or of all below a folder. A record that is none costs no other.

    Every thousand accounts are committed: an import that was cut off is repeated.
    """
    counts = Counts()
    try:
        if table != TABLE:
            raise CommandError(f"Unsupported table: {table!r}; there is {TABLE}")
        accounts = (account for file, value in _records(source) if (account := _account(file, value)))
        while batch := list(islice(accounts, BATCH)):
            _store(database, batch, counts)
    except CommandError as error:
        return ImportResult(source, _counted(counts), (str(error),))
    return ImportResult(source, _counted(counts))


def _counted(counts: Counts) -> dict[str, int]:
    return {name: counts[name] for name in ("created", "updated")}


def _store(database: Database, accounts: list[SeenGithubAccount], counts: Counts) -> None:
    try:
        with database.session() as session:
            created = people.store_github_accounts(session, accounts)
    except ValueError as error:
        if len(accounts) == 1:
            logger.warning("Skipping the account %d: %s", accounts[0].github_account_id, error)
            return
        # One of them is too long for its column: the others are stored without it.
        middle = len(accounts) // 2
        _store(database, accounts[:middle], counts)
        _store(database, accounts[middle:], counts)
        return
    counts.add("created", created)
    counts.add("updated", len(accounts) - created)


def _records(source: Path) -> Iterator[tuple[Path, Any]]:
    if source.is_dir():
        for file in _files(source):
            if problem := _broken(file):
                logger.warning("Skipping %s: %s", file, problem)
            else:
                yield from _values(file)
    elif source.suffix.lower() == ".json" and source.is_file():
        if problem := _broken(source):
            raise CommandError(f"Skipping {source}: {problem}")
        yield from _values(source)
    else:
        raise CommandError(f"{source} is not a directory or .json file")


def _files(folder: Path) -> list[Path]:
    """The JSON files below a folder in the order of their paths, without what is hidden."""
    found = (path for path in folder.rglob("*.json") if path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _broken(file: Path) -> str:
    """Why a file is no JSON, read to its end, so that nothing of such a file is stored; empty if it is."""
    try:
        for _ in _values(file):
            pass
    except (OSError, ValueError, RecursionError) as error:
        return str(error)
    return ""


def _values(file: Path) -> Iterator[tuple[Path, Any]]:
    with file.open(encoding="utf-8") as stream:
        for value, _ in json_items(stream):
            yield file, value


def _account(file: Path, value: Any) -> SeenGithubAccount | None:
    """The account that a record is, or is about; None with a warning if it is none."""
    record = value.get("owner", value) if isinstance(value, dict) else value
    try:
        if not isinstance(record, dict):
            raise ValueError(f"{str(record)[:80]!r} is no object")
        account = SeenGithubAccount(
            github_account_id=_id(_either(record, "id", "github_account_id")),
            username=_text(record, "login", "username"),
            display_name=_text(record, "name", "display_name"),
            avatar_url=_text(record, "avatar_url", "avatar_url"),
            account_type=_type(record),
        )
    except ValueError as error:
        logger.warning("Skipping a record of %s: %s", file, error)
        return None
    if not account.username:
        logger.warning("%s: the account %d has an empty username", file, account.github_account_id)
    return account


def _either(record: Mapping[str, Any], name: str, stored: str) -> Any:
    return record.get(name, record.get(stored))


def _id(value: Any) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value) if len(value.strip()) < 20 else 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_ID:
        raise ValueError(f"{str(value)[:80]!r} is no id of an account")
    return value


def _text(record: Mapping[str, Any], name: str, stored: str) -> str:
    value = _either(record, name, stored)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"its {name if name in record else stored} is no text: {str(value)[:80]!r}")
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _type(record: Mapping[str, Any]) -> str | None:
    """The kind of account; None if the record says nothing of it, which changes nothing that is stored."""
    if "type" not in record and "account_type" not in record:
        return None
    return _TYPES.get(_text(record, "type", "account_type").lower(), "user")
