"""URLs as nobody should write them: no name leads out of its folder, no credential goes to a host it is not for."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from boost_collectors.core.git import without_credentials
from boost_collectors.core.git_hosting import Hosting, submodule_key
from boost_collectors.core.github.links import guarded_path

API = "https://api.github.test/v3"
HOSTING = Hosting.at("https://github.test/mirror", "a-token")
PIECES = st.sampled_from(
    [
        *("https://", "http://", "HTTPS://", "file://", "ssh://", "git@", "//", "/", "\\", "./", "../", "..", "."),
        *("github.com", "github.test", "api.github.test", "evil.test", "mirror", "v3", "owner", "name", ".git", "[::1"),
        *(":", "@", "?", "#", "%2e%2e", "%2f", "%00", "\0", "\n", "\t", " ", ":443", ":99999", "user:pw@", "ä", "?a=b"),
    ]
)
URLS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=40))


@given(URLS)
@example("https://github.com/../name")
@example("https://github.com/owner/..git")
@example("https://[::1/owner/name")
@example("../../../../etc")
@example("git@github.com:../name")
def test_a_submodule_is_an_owner_and_a_name_or_nobodys(url: str) -> None:
    key = submodule_key(url, "boostorg/boost", HOSTING)
    if key is not None:
        owner, name = key.split("/")
        assert {owner, name}.isdisjoint({"", ".", ".."})
        assert not set("\\:@?#% \0\n\t") & set(key)
        assert HOSTING.repository(key).startswith(f"{HOSTING.url}/")


@given(URLS)
@example("https://api.github.test@evil.test/v3/x")
@example("https://api.github.test/v3/../x")
@example("https://api.github.test/v3/%2e%2e/x")
@example("https://api.github.test:99999/v3/x")
@example("https://api.github.test\\@evil.test/v3/x")
def test_a_page_link_stays_below_the_api(url: str) -> None:
    with suppress(ValueError):
        path = guarded_path(url, API)
        assert path.startswith("/")
        assert not path.startswith("//")
        there = urlsplit(API + path)
        assert (there.scheme, there.hostname) == ("https", "api.github.test")
        assert ".." not in there.path.lower().replace("%2e", ".").split("/")


@given(st.text(st.characters(exclude_characters="/?#@[]\\", exclude_categories=["C", "Z"]), min_size=1, max_size=20))
@example("x-access-token:pw")
@example("user:pw:more")
def test_user_info_never_stays_in_a_url(user_info: str) -> None:
    plain, credentials = without_credentials(f"https://{user_info}@github.test/owner/name")
    assert plain == "https://github.test/owner/name"
    assert credentials is not None
    assert credentials.url == "https://github.test"


@given(URLS)
def test_a_token_for_cloning_is_for_one_host_over_https(url: str) -> None:
    with suppress(ValueError):
        hosting = Hosting.at(url, "a-token")
        assert "a-token" not in hosting.url
        if hosting.credentials is not None and hosting.credentials.token == "a-token":
            assert hosting.url.startswith("https://")
            assert urlsplit(hosting.credentials.url).netloc == urlsplit(hosting.url).netloc
