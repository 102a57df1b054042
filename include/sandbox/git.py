"""Git hosting: smart HTTP for ``<url>/git/<owner>/<repository>[.git]``, by git's own ``http-backend``.

Samples are recipes (``<owner>/<repository>.yaml``, see :mod:`include.sandbox.git_recipe`), built when first asked
for and again when the recipe changes. Real data are the bundles and tar files of ``git/`` in the data folder; they
take the place of a sample of the same name. Partial clones are allowed, as on GitHub.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from flask import Blueprint, Response, request

from include.sandbox.git_store import GIT_ENVIRONMENT, RepositoryStore
from include.sandbox.shelf import Shelf

CHUNK = 1 << 16
# What CGI hands over besides the request line.
PASSED = {
    "CONTENT_TYPE": "CONTENT_TYPE",
    "HTTP_CONTENT_ENCODING": "HTTP_CONTENT_ENCODING",
    "HTTP_GIT_PROTOCOL": "HTTP_GIT_PROTOCOL",
}


def blueprint(shelf: Shelf) -> Blueprint:
    """Read-only git over HTTP. An unknown repository is 404, as for git hosts."""
    pages = Blueprint("git", __name__, url_prefix="/git")
    store = RepositoryStore(shelf)

    @pages.route("/<owner>/<name>/<path:rest>", methods=["GET", "POST"])
    def serve(owner: str, name: str, rest: str) -> Response:
        repository = store.find(owner, name.removesuffix(".git"))
        if repository is None:
            return Response("Repository not found.\n", status=404, mimetype="text/plain")
        return http_backend(repository, rest)

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The setting that makes collectors clone from here."""
    return {"GITHUB_GIT_URL": f"{base_url}/git"}


def http_backend(repository: Path, rest: str) -> Response:
    """Run ``git http-backend`` for the current request and stream its answer."""
    variables = GIT_ENVIRONMENT | {
        "GIT_PROJECT_ROOT": str(repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{rest}",
        "QUERY_STRING": request.query_string.decode("ascii"),
        "REQUEST_METHOD": request.method,
        "REMOTE_ADDR": request.remote_addr or "",
    }
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
