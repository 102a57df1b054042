"""Running git: no prompt, no secret on a command line or on disk, an end to everything that hangs.

    git = Git(clone, credentials=GitCredentials("https://github.com", token), stop=context.stop)
    head = git.run("rev-parse", "HEAD")
    with git.stream("log", "--stdin", input=revisions) as output:
        while chunk := output.read():
            ...

Needs git 2.31 or newer: credentials travel in ``GIT_CONFIG_*`` environment variables, which the process list of
other users does not show and which no file keeps.
"""

from __future__ import annotations

import base64
import os
import re
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    NotFoundError,
    PermanentError,
    RateLimited,
    TransientError,
)
from boost_collectors.core.redaction import sanitize_git_output

LOCAL_TIMEOUT = 60.0
"""Seconds for a command that reads a local repository."""

NETWORK_TIMEOUT = 300.0
"""Seconds for a command that talks to a remote one."""

PIPE_BYTES = 1 << 20
"""How far git may run ahead of its reader, where the system lets a pipe grow."""

THROTTLE_WAIT = timedelta(minutes=15)
"""How long to stay away from a host that answers 429: git does not show what it asked for."""

_POLL_SECONDS = 0.5
# git writes a few kilobytes at a time: waking up for each costs more than reading them. The pipe holds more than git
# writes in this time.
_GATHER_SECONDS = 0.002
_SMALL_BYTES = 1 << 16
_STDERR_CHARACTERS = 2000
# Variables of git that describe the machine, not the repository a caller happens to stand in.
_KEPT = {"GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_COMMAND", "GIT_PROXY_SSL_CAINFO"}


class GitError(PermanentError):
    """git ended with ``returncode``, and trying again will not help."""

    def __init__(self, message: str, *, returncode: int, repair: str | None = None) -> None:
        super().__init__(message, repair=repair)
        self.returncode = returncode


class GitTimeout(NetworkError):
    """git did not end, or said nothing, for ``timeout`` seconds and was stopped."""

    def __init__(self, message: str, *, timeout: float) -> None:
        super().__init__(message)
        self.timeout = timeout


class GitLocked(TransientError):
    """Another git changes the repository, or one that died left its lock behind."""


_FAILURES: tuple[tuple[re.Pattern[str], type[CollectorError]], ...] = (
    (
        re.compile(r"Authentication failed|could not read (Username|Password)|returned error: 40[13]"),
        AuthenticationError,
    ),
    (
        re.compile(r"[Rr]epository .*not found|returned error: 404|does not appear to be a git repository"),
        NotFoundError,
    ),
    (
        re.compile(
            r"Could not resolve|[Ff]ailed to connect|Couldn't connect|Connection (refused|reset|timed out|was reset)"
            r"|[Tt]imed? ?out|early EOF|RPC failed|hung up|unexpected disconnect|unable to access|Empty reply"
            r"|transfer closed|invalid index-pack|bad pack|bad band|fetch-pack: |expected (flush|packfile)|SSL|TLS"
        ),
        NetworkError,
    ),
    (re.compile(r"\.lock'|cannot lock ref"), GitLocked),
)


@dataclass(frozen=True, slots=True)
class GitCredentials:
    """A token that git sends to ``url`` and what lies below it, and nowhere else."""

    url: str
    token: str = field(repr=False)
    user: str = "x-access-token"

    def config(self) -> tuple[str, str]:
        """The configuration entry that carries the token."""
        secret = base64.b64encode(f"{self.user}:{self.token}".encode()).decode("ascii")
        return f"http.{self.url.rstrip('/')}/.extraHeader", f"Authorization: Basic {secret}"


def without_credentials(url: str) -> tuple[str, GitCredentials | None]:
    """A URL without its user info, and that user info as credentials for its host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit(parts._replace(netloc=host))
    user, token = unquote(parts.username or ""), unquote(parts.password or "")
    return plain, GitCredentials(f"{parts.scheme}://{host}", token or user, user if token else "x-access-token")


class Git:
    """git, in one repository (or in none: ``directory=None``).

    Only the repository's own and our configuration count, unless ``machine_config`` asks for the machine's too,
    as network commands must (proxies, certificates). ``stop`` ends a running command soon after it is set.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        credentials: GitCredentials | None = None,
        stop: threading.Event | None = None,
        machine_config: bool = False,
    ) -> None:
        self.directory = directory
        self._stop = stop or threading.Event()
        config = {"safe.directory": str(directory)} if directory else {}
        if credentials is not None:
            config.update([credentials.config()])
        self._environment = _environment(config, machine_config=machine_config)

    def run(
        self,
        *arguments: str,
        input: bytes | Iterable[bytes] = b"",
        timeout: float = LOCAL_TIMEOUT,
        accept: Sequence[int] = (0,),
    ) -> bytes:
        """Run to the end and return stdout. ``accept`` are the exit codes that are answers, not failures.

        ``input`` in pieces goes to git by way of a temporary file, one piece in memory at a time.

        Raises AuthenticationError, NotFoundError, NetworkError, TransientError or GitError by what git said, and
        GitTimeout; their text holds no credentials.
        """
        with self._started(arguments, input) as running:
            output = running.read_all(timeout)
            running.finish(accept)
        return output

    def succeeds(self, *arguments: str, timeout: float = LOCAL_TIMEOUT) -> bool:
        """Whether a question answered by exit code 0 or 1 is answered by 0. Raises as ``run`` for other codes."""
        with self._started(arguments, b"") as running:
            running.read_all(timeout)
            return running.finish((0, 1)) == 0

    @contextmanager
    def stream(self, *arguments: str, input: bytes = b"", idle_timeout: float = NETWORK_TIMEOUT) -> Iterator[GitOutput]:
        """Read stdout as it comes. The end of what git wrote is an error if git failed.

        Leaving the block early stops git quietly. ``idle_timeout`` bounds the silence between two chunks.
        """
        with self._started(arguments, input) as running:
            yield GitOutput(running, idle_timeout)

    @contextmanager
    def _started(self, arguments: Sequence[str], input: bytes | Iterable[bytes]) -> Iterator[_Process]:
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
            stdin.writelines([input] if isinstance(input, bytes) else input)
            stdin.seek(0)
            process = _Process(self._command(arguments), self._environment, stdin, stderr, self._stop)
            try:
                yield process
            finally:
                process.kill()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        where = ["-C", str(self.directory)] if self.directory else []
        return ["git", *where, *arguments]


class GitOutput:
    """The stdout of a running git."""

    def __init__(self, process: _Process, idle_timeout: float) -> None:
        self._process = process
        self._idle_timeout = idle_timeout
        self._behind = True

    def read(self) -> bytes:
        """The next bytes, up to a mebibyte; nothing at the end of a git that did well.

        Raises what ``Git.run`` raises, so nobody takes what a failing git wrote for the whole.
        """
        if not self._behind:
            time.sleep(_GATHER_SECONDS)
        chunk = self._process.read(time.monotonic() + self._idle_timeout, self._idle_timeout)
        if not chunk:
            self._process.finish((0,))
        self._behind = len(chunk) >= _SMALL_BYTES
        return chunk


class _Process:
    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        stdin: IO[bytes],
        stderr: IO[bytes],
        stop: threading.Event,
    ) -> None:
        self._command, self._stderr, self._stop = command, stderr, stop
        # A session of its own, so that the helpers git starts (git-remote-https, index-pack) end with it.
        self._popen = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=dict(environment),
            pipesize=PIPE_BYTES,
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        self._stdout = self._popen.stdout
        self._poll = select.poll()
        self._poll.register(self._stdout.fileno(), select.POLLIN | select.POLLHUP)

    def read(self, deadline: float, timeout: float) -> bytes:
        while not self._poll.poll(_POLL_SECONDS * 1000):
            if self._stop.is_set():
                raise TransientError(f"{self._name} was stopped because the run was asked to end")
            if time.monotonic() > deadline:
                message = f"{self._name} gave no answer within {timeout:g} s"
                raise GitTimeout(message, timeout=timeout) from TimeoutError()
        return os.read(self._stdout.fileno(), PIPE_BYTES)

    def read_all(self, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        chunks: list[bytes] = []
        while chunk := self.read(deadline, timeout):
            chunks.append(chunk)
        return b"".join(chunks)

    def finish(self, accept: Sequence[int]) -> int:
        returncode = self._popen.wait()
        if returncode not in accept:
            self._stderr.seek(0)
            raise failure(self._command, returncode, self._stderr.read())
        return returncode

    def kill(self) -> None:
        if self._popen.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self._stdout.close()

    @property
    def _name(self) -> str:
        return _plain_command(self._command)


def failure(command: Sequence[str], returncode: int, stderr: bytes) -> CollectorError:
    """The error for a git that ended badly, chosen by its words; no credentials in it."""
    said = sanitize_git_output(stderr).strip()[-_STDERR_CHARACTERS:]
    message = f"{_plain_command(command)} failed with exit code {returncode}: {said or 'it said nothing'}"
    if "returned error: 429" in said:
        return RateLimited(message, retry_at=utc_now() + THROTTLE_WAIT)
    for pattern, error in _FAILURES:
        if pattern.search(said):
            return error(message)
    return GitError(message, returncode=returncode)


def _plain_command(command: Sequence[str]) -> str:
    """A command as people read it: without options and without credentials."""
    words = [word for before, word in pairwise(command) if before not in ("-c", "-C") and not word.startswith("-")]
    return sanitize_git_output(" ".join(["git", *words]))


def _environment(config: Mapping[str, str], *, machine_config: bool) -> dict[str, str]:
    # Handed on, not read: git needs PATH, HOME and the proxy variables. Variables such as GIT_DIR would make it
    # work on another repository than the one it is asked for.
    environment = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    if not machine_config:
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_REPLACE_OBJECTS": "1"}
    environment["GIT_CONFIG_COUNT"] = str(len(config))
    for position, (key, value) in enumerate(config.items()):
        environment |= {f"GIT_CONFIG_KEY_{position}": key, f"GIT_CONFIG_VALUE_{position}": value}
    return environment
