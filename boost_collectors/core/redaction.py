"""Taking secrets out of text before anybody sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import overload
from urllib.parse import quote

MASK = "<redacted>"
SHORTEST_SECRET = 6
"""Shorter configured values are not looked for: they would take ordinary words out of the text."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A regex that is tried only on text holding one of its hints: looking for those costs next to nothing."""

    hints: tuple[str, ...]
    regex: re.Pattern[str]
    replacement: str = MASK
    any_case: bool = False

    def apply(self, text: str, lowered: str) -> str:
        searched = lowered if self.any_case else text
        if any(hint in searched for hint in self.hints):
            return self.regex.sub(self.replacement, text)
        return text


_KEPT = r"\g<kept>" + MASK
_WEB_LOGIN = _Pattern(("://",), re.compile(r"(?P<kept>https?://)[^/\s?#]+(?=@)", re.IGNORECASE), _KEPT)
_ACCESS_TOKEN_USER = _Pattern(
    ("x-access-token:",), re.compile(r"x-access-token:[^@/\s]+(?P<kept>@?)", re.IGNORECASE), MASK + r"\g<kept>", True
)

_TOKENS = (
    _Pattern(("github_pat_",), re.compile(r"\bgithub_pat_\w{10,}")),
    _Pattern(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), re.compile(r"(?<![A-Za-z0-9])gh[pousr]_[\w.-]{10,}")),
    _Pattern(("xox", "xapp-"), re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w%.-]{6,}")),
    _Pattern(("pcsk_",), re.compile(r"\bpcsk_[\w-]{10,}")),
    _Pattern(("AIza",), re.compile(r"\bAIza[\w-]{30,}")),
    _Pattern(("eyJ",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")),
    _Pattern((".",), re.compile(r"(?<![\w-])[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}")),
)

_WEBHOOKS = (
    _Pattern(("hooks.slack",), re.compile(r"(?P<kept>hooks\.slack(?:-gov)?\.com/)[\w/-]+", re.IGNORECASE), _KEPT, True),
    _Pattern(("/api/webhooks/",), re.compile(r"(?P<kept>/api/webhooks/)[\w/-]+", re.IGNORECASE), _KEPT, True),
)

_NAMES = (
    r"(?:(?:x-)?api[-_]?key|(?:access|refresh|auth|bearer|bot|app|csrf|id)[-_]token|\btoken|client[-_]secret|"
    r"password|passwd)"
)
_VALUE = r"(?!<redacted>|none\b|null\b|true\b|false\b)[^\s'\"&,;(){}\[\]<>]{4,}"

_NAMED = (
    _Pattern(
        ("authorization",),
        re.compile(
            r"(?P<kept>\b(?:proxy-)?authorization\b['\"]?\s*[:=,]\s*+(?:b?['\"])?+)"
            r"(?:(?:bearer|basic|token|bot|digest)\s+)?[^\s'\",;<]+",
            re.IGNORECASE,
        ),
        _KEPT,
        True,
    ),
    _Pattern(("bearer",), re.compile(r"(?P<kept>\bbearer\s+)[\w.~+/=-]{6,}", re.IGNORECASE), _KEPT, True),
    _Pattern(
        ("cookie:",),
        re.compile(r"(?P<kept>\bcookie:[ \t]*)(?!<redacted>)[^\s'\"][^\r\n'\"]*", re.IGNORECASE),
        _KEPT,
        True,
    ),
    _Pattern(
        ("cookie'", 'cookie"'),
        re.compile(
            r"(?P<kept>\bcookie['\"]\s*[:,]\s*b?(?P<quote>['\"]))(?!<redacted>)(?:(?!(?P=quote))[^\r\n])+",
            re.IGNORECASE,
        ),
        _KEPT,
        True,
    ),
    _Pattern(
        ("key=", "token=", "secret=", "password=", "passwd="),
        re.compile(rf"(?P<kept>(?:[?&]key|{_NAMES})=(?:b?['\"])?+){_VALUE}", re.IGNORECASE),
        _KEPT,
        True,
    ),
    _Pattern(
        tuple(name + mark for name in ("key", "token", "secret", "password", "passwd") for mark in "'\""),
        re.compile(rf"(?P<kept>['\"]{_NAMES}['\"]\s*[:,]\s*b?['\"]){_VALUE}", re.IGNORECASE),
        _KEPT,
        True,
    ),
    _Pattern(("api-key:",), re.compile(rf"(?P<kept>\bapi-key:\s*){_VALUE}", re.IGNORECASE), _KEPT, True),
    _Pattern(("reddit_session",), re.compile(r"(?P<kept>\breddit_session=)[^\s;'\"<]+", re.IGNORECASE), _KEPT, True),
)

_LOGINS = (
    _WEB_LOGIN,
    _Pattern(("://",), re.compile(r"(?<=://)[^/\s?#@:]*:[^/\s?#]+(?=@)")),
    _ACCESS_TOKEN_USER,
)

_PATTERNS = (*_LOGINS, *_WEBHOOKS, *_TOKENS, *_NAMED)


class Redactor:
    """Replaces secrets by ``<redacted>``: the values given, however they are quoted, and what looks like a token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = frozenset(secrets)
        forms = {form for secret in self.secrets for form in _forms(secret)}
        # The longest first, so that a secret that begins with another one goes as a whole.
        self._values = sorted(forms, key=lambda form: (-len(form), form))
        self._regex = re.compile("|".join(map(re.escape, self._values)))

    def redact(self, text: str) -> str:
        """The text without secrets; the same object when there was none."""
        return _without_tokens(_LEARNT.redactor.without_values(self.without_values(text)), _PATTERNS)

    def without_values(self, text: str) -> str:
        """The text without the values given, whatever else it holds."""
        return self._regex.sub(MASK, text) if any(value in text for value in self._values) else text

    def including(self, other: Redactor) -> Redactor:
        """A redactor that knows the secrets of both."""
        return Redactor(self.secrets | other.secrets)


class _Learnt:
    """The secrets that sources issued to this process while it ran: no setting holds them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.redactor = Redactor()

    def add(self, secret: str) -> None:
        with self._lock:
            self.redactor = self.redactor.including(Redactor((secret,)))


_LEARNT = _Learnt()


def learn_secret(secret: str) -> None:
    """From now on every redactor of this process takes this value out too: a token that a source issued for a while."""
    _LEARNT.add(secret)


@overload
def sanitize_git_output(output: None) -> None: ...
@overload
def sanitize_git_output(output: str | bytes) -> str: ...
def sanitize_git_output(output: str | bytes | None) -> str | None:
    """What git printed, without the logins of http(s) URLs and without tokens; bytes are decoded as UTF-8.

    ``ssh://git@…``, ``git@host:path`` and an ``@`` in a path stay. Empty text stays empty, None stays None.
    """
    if isinstance(output, bytes):
        output = output.decode("utf-8", errors="replace")
    if not output:
        return output
    return _without_tokens(output, (_WEB_LOGIN, _ACCESS_TOKEN_USER, *_TOKENS))


def _without_tokens(text: str, patterns: Iterable[_Pattern]) -> str:
    lowered = text.lower()
    for pattern in patterns:
        text = pattern.apply(text, lowered)
    return text


def _forms(secret: str) -> Iterator[str]:
    """The secret as it stands, as a URL holds it, as JSON and as ``repr`` write it."""
    if len(secret) < SHORTEST_SECRET or secret in MASK:
        return
    yield secret
    yield quote(secret, safe="", errors="surrogatepass")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
