"""The git runner: answers, errors by what the caller should do, and no secret anywhere."""

from __future__ import annotations

import http.server
import os
import select
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorFailureCategory,
    NetworkError,
    NotFoundError,
    PermanentError,
    TransientError,
    classify_failure,
)
from boost_collectors.core.git import (
    Git,
    GitCredentials,
    GitError,
    GitLocked,
    GitTimeout,
    failure,
    without_credentials,
)

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ456789"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "some repository"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=master", str(path)], check=True)
    (path / "file").write_text("text\n", encoding="utf-8")
    git = ("git", "-C", str(path), "-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=one"], check=True)
    return path


@contextmanager
def server(status: int, headers: dict[str, str] | None = None) -> Iterator[tuple[str, list[str | None]]]:
    """Answers every request with one status; yields its URL and the Authorization headers it was sent."""
    seen: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}", seen
        listener.shutdown()
        thread.join()


def slow_git(folder: Path, script: str) -> None:
    """Put a program named git that does ``script`` into a folder."""
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_output_is_returned(repository: Path) -> None:
    assert Git(repository).run("log", "--format=%s") == b"one\n"


def test_input_reaches_git(repository: Path) -> None:
    head = Git(repository).run("rev-parse", "HEAD").strip()
    assert Git(repository).run("rev-list", "--count", "--stdin", input=head + b"\n") == b"1\n"


def test_an_accepted_exit_code_is_an_answer(repository: Path) -> None:
    git = Git(repository)
    assert git.run("config", "--get", "no.such.key", accept=(0, 1)) == b""
    assert git.succeeds("rev-parse", "--quiet", "--verify", "HEAD")
    assert not git.succeeds("rev-parse", "--quiet", "--verify", "refs/heads/none")


def test_a_failure_says_what_git_said(repository: Path) -> None:
    with pytest.raises(GitError, match=r"^git rev-parse nowhere failed with exit code 128: fatal") as caught:
        Git(repository).run("rev-parse", "--verify", "nowhere")
    assert caught.value.returncode == 128


def test_a_stream_is_read_to_its_end(repository: Path) -> None:
    with Git(repository).stream("cat-file", "--batch", "--batch-all-objects") as output:
        text = b"".join(iter(output.read, b""))
    assert b"text\n" in text


def test_a_stream_that_ends_badly_is_an_error(repository: Path) -> None:
    def read_all() -> bytes:
        with Git(repository).stream("log", "nowhere") as output:
            return b"".join(iter(output.read, b""))

    with pytest.raises(GitError):
        read_all()


def test_a_stream_left_early_is_stopped(repository: Path) -> None:
    with Git(repository).stream("cat-file", "--batch", input=b"HEAD\n" * 200_000) as output:
        assert output.read()


def test_variables_of_the_caller_s_repository_do_not_leak_in(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert Git(repository).run("rev-parse", "--absolute-git-dir").decode().strip() == str(repository / ".git")


def test_the_machine_s_configuration_counts_only_when_asked_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text("[log]\n\tshowSignature = true\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    ask = ("config", "--get", "log.showSignature")
    assert Git(repository).run(*ask, accept=(0, 1)) == b""
    assert Git(repository, machine_config=True).run(*ask, accept=(0, 1)) == b"true\n"


def test_a_command_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_git(tmp_path, "exec sleep 600")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(GitTimeout, match="no answer within") as caught:
        Git().run("fetch", timeout=0.01)
    assert isinstance(caught.value, TransientError)
    assert classify_failure(caught.value) is CollectorFailureCategory.TIMEOUT


def ends(process: int) -> bool:
    """Whether the process ends within ten seconds: a killed one may be seen running for a moment more."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


def test_the_helpers_of_a_hanging_command_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_git(tmp_path, f"sleep 600 & echo $! > {tmp_path}/helper; wait")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(GitTimeout):
        Git().run("fetch", timeout=1)
    assert ends(int((tmp_path / "helper").read_text(encoding="utf-8")))


def test_a_run_that_is_asked_to_stop_ends_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_git(tmp_path, "exec sleep 600")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    stop = threading.Event()
    stop.set()
    with pytest.raises(TransientError, match="asked to end"):
        Git(stop=stop).run("fetch")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("fatal: Authentication failed for 'https://x/'", AuthenticationError),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", AuthenticationError),
        ("remote: Repository not found.\nfatal: repository 'https://x/' not found", NotFoundError),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 404", NotFoundError),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", NetworkError),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", NetworkError),
        ("error: RPC failed; curl 18 transfer closed with outstanding read data remaining", NetworkError),
        ("fatal: early EOF\nfatal: fetch-pack: invalid index-pack output", NetworkError),
        ("fatal: Unable to create '/c/packed-refs.lock': File exists.", GitLocked),
        ("fatal: unable to read 1234", GitError),
        ("", GitError),
    ],
)
def test_errors_are_chosen_by_what_git_said(said: str, error: type[Exception]) -> None:
    assert type(failure(["git", "fetch"], 128, said.encode())) is error


def test_no_credentials_in_an_error() -> None:
    url = f"https://x-access-token:{TOKEN}@github.com/o/r"
    error = failure(["git", "-C", "/clone", "fetch", url], 128, f"fatal: cannot read {url}".encode())
    assert TOKEN not in f"{error} {error!r}"
    assert "https://<redacted>@github.com/o/r" in str(error)


def test_the_token_travels_in_a_header_and_not_on_the_command_line(tmp_path: Path) -> None:
    with server(404) as (url, seen):
        git = Git(credentials=GitCredentials(url, TOKEN), machine_config=True)
        with pytest.raises(NotFoundError) as caught:
            git.run("ls-remote", f"{url}/o/r.git")
    assert seen
    assert all(header is not None and header.startswith("Basic ") for header in seen)
    assert TOKEN not in str(caught.value)


def test_the_token_is_sent_to_its_own_url_only() -> None:
    with server(404) as (url, seen):
        git = Git(credentials=GitCredentials("https://github.com", TOKEN))
        with pytest.raises(NotFoundError):
            git.run("ls-remote", f"{url}/o/r.git")
    assert seen == [None] * len(seen)
    assert seen


def test_no_prompt_when_credentials_are_asked_for() -> None:
    with (
        server(401, {"WWW-Authenticate": 'Basic realm="x"'}) as (url, _),
        pytest.raises(AuthenticationError),
    ):
        Git().run("ls-remote", f"{url}/o/r.git", timeout=60)


def test_an_unreachable_host_is_a_network_error() -> None:
    with pytest.raises(NetworkError) as caught:
        Git().run("ls-remote", "http://127.0.0.1:9/o/r.git")
    assert not isinstance(caught.value, PermanentError)


def test_a_token_is_not_shown_by_its_credentials() -> None:
    assert TOKEN not in repr(GitCredentials("https://github.com", TOKEN))


def test_user_info_is_taken_out_of_urls() -> None:
    plain, credentials = without_credentials(f"https://x-access-token:{TOKEN}@github.com/o")
    assert plain == "https://github.com/o"
    assert credentials == GitCredentials("https://github.com", TOKEN)
    assert without_credentials(f"https://{TOKEN}@github.com")[1] == GitCredentials("https://github.com", TOKEN)
    assert without_credentials("https://github.com/a@b") == ("https://github.com/a@b", None)
    assert without_credentials("git@github.com:o/r") == ("git@github.com:o/r", None)
