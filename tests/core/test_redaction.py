"""What redaction takes out, what it leaves, and that it is quick about it."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.redaction import MASK, Redactor, sanitize_git_output

GITHUB = "ghp_" + "Ab1" * 12
FINE_GRAINED = "github_pat_" + "11ABC_" * 8
SLACK = "xox" + "b-123456789012-abcdefABCDEF"
PINECONE = "pcsk_" + "4xY_" * 12
GOOGLE = "AIza" + "Sy0_-" * 7
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
DISCORD = "M" + "T" * 23 + ".Gabcde." + "x" * 38

# A secret made of parts of the mask itself would be found again in what replaces the others.
secret = st.text(st.characters(exclude_characters="<>"), min_size=6, max_size=40).filter(lambda text: text not in MASK)
secrets = st.lists(secret, min_size=1, max_size=5)


class TestConfiguredSecrets:
    @given(secrets, st.lists(st.text(max_size=30), min_size=2, max_size=8))
    def test_none_is_left(self, values: list[str], words: list[str]) -> None:
        text = "".join(word + value for word, value in zip(words, values * 8, strict=False))
        redacted = Redactor(values).redact(text)
        for value in values:
            assert value not in redacted

    @given(secrets)
    def test_nor_in_a_url_in_json_or_in_a_repr(self, values: list[str]) -> None:
        redactor = Redactor(values)
        for value in values:
            assert value not in redactor.redact(f"GET /x?{quote(value, safe='', errors='surrogatepass')}=1")
            assert json.dumps(value)[1:-1] not in redactor.redact(json.dumps({"k": f"a {value} b"}))
            assert repr(value)[1:-1] not in redactor.redact(repr([f"a {value}"]))

    @given(secrets, st.text(max_size=200))
    def test_a_second_pass_changes_nothing(self, values: list[str], text: str) -> None:
        redactor = Redactor(values)
        once = redactor.redact(text + "".join(values))
        assert redactor.redact(once) == once

    def test_the_longest_goes_first(self) -> None:
        assert Redactor(["abcdef", "abcdefghi"]).redact("x abcdefghi y") == f"x {MASK} y"

    def test_short_values_are_words(self) -> None:
        assert Redactor(["boost", ""]).redact("boost") == "boost"

    def test_two_redactors_in_one(self) -> None:
        both = Redactor(["secret-one"]).including(Redactor(["secret-two"]))
        assert both.redact("secret-one secret-two") == f"{MASK} {MASK}"


class TestTokenPatterns:
    @pytest.mark.parametrize(
        "token",
        [GITHUB, "gho_" + "a" * 36, "ghs_" + "a" * 20 + ".b" * 9, FINE_GRAINED, SLACK, "xapp-1-A1B2-345-abcdef",
         "xoxe.xoxp-1-abcdefgh", "xoxd-abc%2Fdef", PINECONE, GOOGLE, JWT, DISCORD],
    )  # fmt: skip
    @pytest.mark.parametrize("around", ["{}", "token {} expired", '{{"t": "{}"}}', "({})", "a\n{}\nb", "={}&x=1"])
    def test_bare_tokens(self, token: str, around: str) -> None:
        redacted = Redactor().redact(around.format(token))
        assert token[:-4] not in redacted
        assert redacted == around.format(MASK)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Authorization: Bearer abc.def", f"Authorization: {MASK}"),
            ("authorization: Basic dXNlcjpwYXNz", f"authorization: {MASK}"),
            ("{'Authorization': 'token abc123'}", f"{{'Authorization': '{MASK}'}}"),
            ("(b'Authorization', b'Bot abc123')", f"(b'Authorization', b'{MASK}')"),
            ("sent Bearer abcdef123456", f"sent Bearer {MASK}"),
            ("Cookie: a=1; reddit_session=2\nHost: x", f"Cookie: {MASK}\nHost: x"),
            ("{'Set-Cookie': 'sid=1; Path=/'}", f"{{'Set-Cookie': '{MASK}'}}"),
            ("reddit_session=abc.def; x", f"reddit_session={MASK}; x"),
            ("Api-Key: 1234-5678", f"Api-Key: {MASK}"),
            ("/search?part=id&key=abcdefg&q=x", f"/search?part=id&key={MASK}&q=x"),
            ("/x?access_token=abcdefg", f"/x?access_token={MASK}"),
            ("host=h password=hunter2 user=u", f"host=h password={MASK} user=u"),
            ('{"client_secret": "abcdefg"}', f'{{"client_secret": "{MASK}"}}'),
            ("https://hooks.slack.com/services/T0/B0/xyz", f"https://hooks.slack.com/{MASK}"),
            ("https://discord.com/api/webhooks/12/ab-c_d", f"https://discord.com/api/webhooks/{MASK}"),
            ("postgresql+psycopg://me:p@ss@h:5/d", f"postgresql+psycopg://{MASK}@h:5/d"),
            ("redis://:pw@q:6379/0", f"redis://{MASK}@q:6379/0"),
            ("https://user@host/x", f"https://{MASK}@host/x"),
        ],
    )
    def test_named_secrets(self, text: str, expected: str) -> None:
        redactor = Redactor()
        assert redactor.redact(text) == expected
        assert redactor.redact(expected) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "No scraping token: set GITHUB_TOKEN",
            "ssh://git@github.com/boostorg/asio.git",
            "git@github.com:boostorg/asio.git",
            "https://lists.boost.org/archives/list/boost@lists.boost.org/",
            "key: value, primary_key=commit_id, password=None, token=None",
            "2.5 Mbit.second",
            "cookie jar and bearer of news",
            "See https://discord.com/channels/1/2 and https://slack.com/",
            "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        ],
    )
    def test_harmless_text_stays_the_same_object(self, text: str) -> None:
        assert Redactor(["unrelated-secret"]).redact(text) is text


class TestGitOutput:
    @pytest.mark.parametrize(
        ("output", "expected"),
        [
            (None, None),
            ("", ""),
            (b"", ""),
            ("https://user:pw@host/x", f"https://{MASK}@host/x"),
            ("HTTPS://T@github.com/o/r", f"HTTPS://{MASK}@github.com/o/r"),
            ("https://x-access-token:T@github.com", f"https://{MASK}@github.com"),
            ("http://a:b@c and https://d:e@f", f"http://{MASK}@c and https://{MASK}@f"),
            ("https://u:p@q@host/x@y", f"https://{MASK}@host/x@y"),
            ("user x-access-token:T0K@github.com", f"user {MASK}@github.com"),
            (f"fatal: bad {GITHUB}", f"fatal: bad {MASK}"),
            (b"caf\xff https://t@h", f"caf� https://{MASK}@h"),
            ("ssh://git@github.com/o/r", "ssh://git@github.com/o/r"),
            ("git@github.com:o/r", "git@github.com:o/r"),
            ("https://host/list/boost@lists", "https://host/list/boost@lists"),
            ("https://host?mail=a@b", "https://host?mail=a@b"),
            ("https://host#a@b", "https://host#a@b"),
        ],
    )
    def test_cases(self, output: str | bytes | None, expected: str | None) -> None:
        assert sanitize_git_output(output) == expected


def test_redaction_of_long_text_is_linear() -> None:
    hostile = ["eyJ-", "a@", "x-access-token:", "'token': '", "https://a:b", "M-", "ghp_", "cookie: '", "A"]
    started = time.perf_counter()
    for piece in hostile:
        Redactor(["configured-secret"]).redact(piece * (500_000 // len(piece)))
    # Any quadratic pattern takes minutes here, a linear one well under a second.
    assert time.perf_counter() - started < 20
