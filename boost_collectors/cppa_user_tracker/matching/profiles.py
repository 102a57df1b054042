"""A profile as matching sees it: the raw row brought to comparable form, and the keys under which it is found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boost_collectors.cppa_user_tracker.matching.addresses import github_accounts, gravatar, personal
from boost_collectors.cppa_user_tracker.matching.names import Tokens, fold, skeleton, tokens_of
from boost_collectors.cppa_user_tracker.models import GithubAccountType, ProfileType

_SHORTEST_HANDLE = 3
_OF_A_MACHINE = re.compile(r"(?:^|[-_ .])(?:bots?|ci|robot)$|\[bot\]")
_MACHINES = frozenset(
    {
        *("automoderator", "appveyor", "boostbot", "codecov", "coveralls", "dependabot", "github", "githubactions"),
        *("githubwebflow", "gitlab", "greenkeeper", "mergify", "renovate", "slackbot", "snyk", "travisci", "webflow"),
    }
)
# Words that name an office, a group of people or nobody; a name that holds one is no person's.
_OFFICES = frozenset(
    {
        *("admin", "administrator", "administrators", "announcements", "authors", "committee", "contributors"),
        *("daemon", "developers", "foundation", "helpdesk", "maintainer", "maintainers", "moderator", "moderators"),
        *("newsletter", "noreply", "notifications", "office", "postmaster", "project", "secretary", "support", "team"),
        *("webmaster", "inc", "gmbh", "llc", "ltd", "corp", "corporation", "organization", "university"),
    }
)
_NOBODY = frozenset(
    {
        *("", "author", "deleted", "deleteduser", "ghost", "guest", "me", "name", "noauthor", "nobody", "none", "root"),
        *("test", "ubuntu", "unknown", "user", "username", "you", "yourname", "anonymous", "anon", "pi", "vagrant"),
        *("runner", "jovyan", "localuser", "system", "deactivateduser"),
    }
)
_WITHOUT_ACCOUNT = frozenset({ProfileType.MAILING_LIST, ProfileType.WG21, ProfileType.YOUTUBE})


@dataclass(frozen=True, slots=True)
class RawProfile:
    """A profile as it is stored. ``number`` is GitHub's (0 elsewhere), ``alias`` a second name."""

    id: int
    platform: str
    username: str = ""
    display_name: str = ""
    alias: str = ""
    avatar_url: str = ""
    number: int = 0
    account_type: str = ""
    is_bot: bool = False
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's profile in comparable form.

    ``account``: the platform, when it knows its people by account rather than by name; two accounts there are more
    likely two persons. ``links`` name accounts and addresses elsewhere that belong to it. ``gathered``:
    it stands for all who had one name, with the addresses of all of them.
    """

    id: int
    account: str
    name: Tokens
    alias: Tokens
    handles: tuple[str, ...]
    addresses: tuple[str, ...]
    links: tuple[str, ...]
    gathered: bool = False


def person_of(raw: RawProfile) -> Profile | None:
    """The profile in comparable form; None when it is no person's: a bot, an organisation, an office, a placeholder."""
    name, alias = tokens_of(raw.display_name), tokens_of(raw.alias)
    if _is_kept_apart(raw, name):
        return None
    addresses = [found for email in raw.emails if (found := personal(email))]
    links = [f"gravatar:{key}" for address in addresses for key in address.keys]
    accounts = [key for email in raw.emails for key in github_accounts(email)]
    accounts += github_accounts("", raw.avatar_url)
    if raw.number > 0:
        accounts += [str(raw.number), *([f"@{raw.username.lower()}"] if raw.username else [])]
    links += [f"github:{key}" for key in accounts]
    if (shown := gravatar(raw.avatar_url)) is not None:
        links.append(f"gravatar:{shown}")
    handles = [raw.username, *(address.local for address in addresses), *(name if len(name) == 1 else ())]
    return Profile(
        raw.id,
        "" if raw.platform in _WITHOUT_ACCOUNT or raw.number < 0 else raw.platform,
        name,
        alias,
        _unique(handle for text in handles if len(handle := bare(text)) >= _SHORTEST_HANDLE),
        _unique(address.canonical for address in addresses),
        _unique(links),
        raw.number < 0 and len(addresses) > 1,
    )


def keys_of(profile: Profile) -> Iterator[tuple[str, str]]:
    """What profiles of one person are likely to share, as (kind, value): only such pairs are compared."""
    for link in profile.links:
        yield "link", link
    for address in profile.addresses:
        yield "address", address
    for handle in {*profile.handles, *("".join(name) for name in names_of(profile))}:
        yield "handle", handle
    for name in names_of(profile):
        yield "name", " ".join(sorted(name))
        yield "skeleton", skeleton(name)


def names_of(profile: Profile) -> list[Tokens]:
    """The full names that a profile gives."""
    return [name for name in dict.fromkeys((profile.name, profile.alias)) if len(name) > 1]


def bare(handle: str) -> str:
    """A handle without what people put between its words."""
    return re.sub(r"[\W_]+", "", fold(handle))


def key_hash(kind: str, value: str) -> int:
    """A key as a ``bigint``; that two keys meet in one is possible, so values are compared all the same."""
    digest = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _is_kept_apart(raw: RawProfile, name: Tokens) -> bool:
    if raw.is_bot or (raw.account_type and raw.account_type != GithubAccountType.USER):
        return True
    if any(_OF_A_MACHINE.search(text.lower()) for text in (raw.username, raw.display_name) if text):
        return True
    if not _MACHINES.isdisjoint({bare(raw.username), "".join(name), *name[:1]}):
        return True
    if not _OFFICES.isdisjoint(name):
        return True
    return "".join(name) in _NOBODY and bare(raw.username) in _NOBODY


def _unique(texts: Sequence[str] | Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
