"""Mail addresses: which of them name one person, and which are two spellings of one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

# The number is optional in addresses from before 2017.
_NO_REPLY = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[a-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com")
_GRAVATAR = re.compile(r"gravatar\.com/avatar/([0-9a-f]{32})")
_GITHUB_AVATAR = re.compile(r"avatars\d*\.githubusercontent\.com/u/(\d+)")
_ADDRESS = re.compile(r"[^@\s]+@(?P<domain>[a-z0-9.-]+\.[a-z]{2,})")
_MAILBOXES_WITH_DOTS = frozenset({"gmail.com", "googlemail.com"})
_NOWHERE = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|invalid|local|localdomain|localhost|lan|internal|test)$")
_ROLES = frozenset(
    {
        *("abuse", "admin", "admins", "administrator", "all", "announce", "billing", "bot", "bots", "bounce", "build"),
        *("buildbot", "builds", "bugs", "ci", "committee", "community", "contact", "contributors", "daemon", "dev"),
        *("developer", "developers", "devnull", "dev-null", "devel", "email", "enquiries", "feedback", "git", "github"),
        *("gitlab", "hello", "help", "helpdesk", "hostmaster", "hr", "info", "jenkins", "jobs", "list", "lists"),
        *("mail", "mailer-daemon", "maintainer", "maintainers", "marketing", "me", "news", "newsletter", "nobody"),
        *("no-reply", "noreply", "donotreply", "do-not-reply", "notifications", "office", "ops", "owner", "post"),
        *("postmaster", "press", "privacy", "release", "releases", "root", "sales", "security", "server", "service"),
        *("staff", "steering", "support", "svn", "system", "team", "test", "tester", "travis", "unknown", "user"),
        *("users", "web", "webmaster", "website", "www", "www-data", "you", "your"),
    }
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address in use by one person, as far as its spelling tells. ``canonical`` is equal for equal mailboxes."""

    canonical: str
    local: str
    domain: str
    keys: tuple[str, ...]


def personal(address: str) -> Address | None:
    """The address when it may belong to a person; None for role accounts, no-reply addresses and made-up hosts."""
    lowered = address.lower()
    match = _ADDRESS.fullmatch(lowered)
    if match is None or _NOWHERE.search(match["domain"]) or match["domain"].endswith("users.noreply.github.com"):
        return None
    local, domain = lowered[: match.start("domain") - 1], match["domain"]
    base = local.partition("+")[0] or local
    if is_role(base):
        return None
    if domain in _MAILBOXES_WITH_DOTS:
        base, domain = base.replace(".", ""), "gmail.com"
    canonical = f"{base}@{domain}"
    spellings = (lowered,) if canonical == lowered else (lowered, canonical)
    return Address(canonical, base, domain, tuple(digest(spelling) for spelling in spellings))


def is_role(local: str) -> bool:
    """True if the part before the @ names an office rather than a person: ``info``, ``build-bot``, ``boost-users``."""
    words = re.split(r"[._-]", local)
    return local in _ROLES or words[0] in _ROLES or words[-1] in _ROLES


def digest(address: str) -> str:
    """What Gravatar makes of an address, in lower case."""
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()


def gravatar(avatar_url: str) -> str | None:
    """The digest of an address that an avatar's URL carries, or None."""
    match = _GRAVATAR.search(avatar_url)
    return None if match is None else match[1]


def github_accounts(address: str, avatar_url: str = "") -> list[str]:
    """The GitHub accounts that an address or an avatar's URL names: numbers, and logins with an @ in front."""
    found = [match[1] for match in _GITHUB_AVATAR.finditer(avatar_url)]
    match = _NO_REPLY.fullmatch(address.lower())
    if match is not None:
        found.append(match["id"] or f"@{match['login']}")
    return found
