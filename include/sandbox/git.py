"""Git hosting: smart HTTP for ``<url>/git/<owner>/<repository>[.git]``, by git's own ``http-backend``.

Samples are recipes (``<owner>/<repository>.yaml``, see :mod:`include.sandbox.git_recipe`), built when first asked
for and again when the recipe changes. Real data are the bundles and tar files of ``git/`` in the data folder; they
take the place of a sample of the same name. Partial clones are allowed, as on GitHub. A sample with a ``push_token``
takes pushes, from who gives that token as password; they last as long as the cache.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from flask import Blueprint, Response, current_app, request

from include.sandbox.git_store import GIT_ENVIRONMENT, RepositoryStore
from include.sandbox.github import EXTENSION, GitHub
from include.sandbox.shelf import Shelf

CHUNK = 1 << 16
# What CGI hands over besides the request line.
PASSED = {
    "CONTENT_TYPE": "CONTENT_TYPE",
    "HTTP_CONTENT_ENCODING": "HTTP_CONTENT_ENCODING",
    "HTTP_GIT_PROTOCOL": "HTTP_GIT_PROTOCOL",
}


def blueprint(shelf: Shelf) -> Blueprint:
    """Git over HTTP. An unknown repository is 404, as for git hosts; a push without the right token is 401 or 403."""
    pages = Blueprint("git", __name__, url_prefix="/git")
    store = RepositoryStore(shelf)

    @pages.route("/<owner>/<name>/<path:rest>", methods=["GET", "POST"])
    def serve(owner: str, name: str, rest: str) -> Response:
        repository = store.find(*_present_place(owner, name.removesuffix(".git")))
        if repository is None:
            return Response("Repository not found.\n", status=404, mimetype="text/plain")
        if not _is_push(rest):
            return http_backend(repository, rest)
        token = store.push_token(owner, name.removesuffix(".git"))
        return _refusal(token) or http_backend(repository, rest, {"REMOTE_USER": "publisher"})

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The setting that makes collectors clone from here."""
    return {"GITHUB_GIT_URL": f"{base_url}/git"}


def publishing() -> dict[str, str]:
    """The settings that make the GitHub collectors and the dashboard publish to sample repositories of the sandbox."""
    targets = {
        "BOOST_LIBRARY_TRACKER_REPO": ("sample-publisher", "activity"),
        "CLANG_GITHUB_CONTEXT_REPO": ("sample-publisher", "clang"),
    }
    names = {f"{target}_OWNER": owner for target, (owner, _) in targets.items()}
    names |= {f"{target}_NAME": name for target, (_, name) in targets.items()}
    dashboard = "BOOST_LIBRARY_USAGE_DASHBOARD_PUBLISH"
    names |= {f"{dashboard}_OWNER": "sample-publisher", f"{dashboard}_REPO": "dashboard"}
    return {**names, "GITHUB_TOKEN_WRITE": "sandbox-write-token"}


def _present_place(owner: str, name: str) -> tuple[str, str]:
    """Where the history of this name is kept: tests rename and delete repositories on the sandbox's GitHub."""
    github: GitHub | None = current_app.extensions.get(EXTENSION)
    return github.git_place(owner, name) if github else (owner, name)


def _is_push(rest: str) -> bool:
    return "git-receive-pack" in (rest, request.args.get("service"))


def _refusal(token: str) -> Response | None:
    """The answer to a push without the right token, as GitHub gives it; None for one that may go on."""
    if token and request.authorization is None:
        return Response("", status=401, headers={"WWW-Authenticate": 'Basic realm="sandbox"'})
    if not token or request.authorization is None or request.authorization.password != token:
        return Response("Permission denied.\n", status=403, mimetype="text/plain")
    return None


def http_backend(repository: Path, rest: str, extra: Mapping[str, str] | None = None) -> Response:
    """Run ``git http-backend`` for the current request, with ``extra`` CGI variables, and stream its answer."""
    variables = GIT_ENVIRONMENT | {
        "GIT_PROJECT_ROOT": str(repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{rest}",
        "QUERY_STRING": request.query_string.decode("ascii"),
        "REQUEST_METHOD": request.method,
        "REMOTE_ADDR": request.remote_addr or "",
    }
    variables |= dict(extra or {})
    variables |= {name: request.environ[key] for key, name in PASSED.items() if key in request.environ}
    with tempfile.TemporaryFile() as body:
        # A file, not a pipe: the backend may start to answer before it has read everything.
        copyfileobj(request.stream, body)
        variables["CONTENT_LENGTH"] = str(body.tell())
        body.seek(0)
        process = subprocess.Popen(
            ["git", "http-backend"], stdin=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables
        )
    assert process.stdout is not None
    status, headers = _cgi_headers(process.stdout)
    response = Response(_chunks(process), status=status, headers=headers)
    response.call_on_close(lambda: _end(process))
    return response


def _cgi_headers(output: IO[bytes]) -> tuple[int, list[tuple[str, str]]]:
    status, headers = 200, []
    for line in iter(output.readline, b""):
        name, colon, value = line.decode("latin-1").strip().partition(": ")
        if not colon:
            break
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value))
    return status, headers


def _chunks(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout is not None
    while chunk := process.stdout.read(CHUNK):
        yield chunk


def _end(process: subprocess.Popen[bytes]) -> None:
    # The client may have gone away in the middle: the backend must not be left waiting for it.
    assert process.stdout is not None
    process.stdout.close()
    process.kill()
    process.wait()
