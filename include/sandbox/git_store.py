"""The repositories of the git sandbox: built from recipes, unpacked from bundles and tar files, kept in a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from include.sandbox.git_recipe import fast_import_stream, read_recipe
from include.sandbox.shelf import Generated, Shelf

# The caller's own git configuration must change neither hashes nor answers.
GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "HOME": os.devnull,
}
SERVED = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true", "gc.auto": "0"}


class RepositoryStore:
    """Bare repositories by owner and name. A changed recipe or data file is built anew, at its next request."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.RLock()
        self._real = dict(_real_files(shelf.real / "git")) if shelf.real else {}

    def find(self, owner: str, name: str) -> Path | None:
        """The repository's folder, built if need be; None if there is no such repository."""
        if self._shelf.releases is not None and (released := self._made(self._shelf.releases, owner, name)):
            return released
        real = self._real.get((owner, name))
        if real is not None:
            return self._from_file(owner, name, real)
        recipe = self._recipe_path(owner, name)
        return self._from_recipe(owner, name, recipe) if recipe else self._generated(owner, name)

    def push_token(self, owner: str, name: str) -> str:
        """What a push to the repository must bring along; empty if it takes none."""
        recipe = None if (owner, name) in self._real else self._recipe_path(owner, name)
        return read_recipe(recipe).push_token if recipe else ""

    def commit(self, slug: str, commit_id: str) -> str:
        """The hash of a recipe's commit: what a superproject's gitlink points at. Raises KeyError."""
        owner, _, name = slug.partition("/")
        path = self._recipe_path(owner, name)
        if path is None:
            raise KeyError(slug)
        marks = dict(line.split() for line in (self._from_recipe(owner, name, path) / "marks").read_text().splitlines())
        return marks[f":{read_recipe(path).mark(commit_id)}"]

    def _recipe_path(self, owner: str, name: str) -> Path | None:
        path = (self._shelf.samples / owner / f"{name}.yaml").resolve()
        inside = path.is_relative_to(self._shelf.samples.resolve())
        return path if inside and path.is_file() else None

    def _from_recipe(self, owner: str, name: str, path: Path) -> Path:
        recipe = read_recipe(path)
        links = {link: self.commit(*link) for link in recipe.links()}

        def build(fresh: Path) -> None:
            git(fresh, "init", "--quiet", "--bare", ".")
            git(fresh, "fast-import", "--quiet", "--export-marks=marks", stdin=fast_import_stream(recipe, links))
            git(fresh, "symbolic-ref", "HEAD", f"refs/heads/{recipe.default_branch}")

        return self._built(owner, name, [path.read_text(encoding="utf-8"), *links.values()], build)

    def _generated(self, owner: str, name: str) -> Path | None:
        for organization in self._shelf.generated:
            if made := self._made(organization, owner, name):
                return made
        return None

    def _made(self, maker: Generated, owner: str, name: str) -> Path | None:
        stream = maker.history(owner, name)
        if stream is None:
            return None
        return self._built(owner, name, [maker.identity, owner, name], partial(_import_stream, stream))

    def _from_file(self, owner: str, name: str, source: Path) -> Path:
        stat = source.stat()
        unpack = _clone_bundle if source.suffix == ".bundle" else _extract_tar
        identity = [str(source), str(stat.st_size), str(stat.st_mtime_ns)]
        return self._built(owner, name, identity, lambda fresh: unpack(source, fresh))

    def _built(self, owner: str, name: str, identity: list[str], build: Callable[[Path], None]) -> Path:
        """The cached repository of this identity. It appears under its name only when it is complete."""
        digest = hashlib.sha256("\0".join([*identity, repr(SERVED)]).encode()).hexdigest()[:16]
        folder = self._shelf.cache / owner / f"{name}-{digest}.git"
        with self._lock:
            if not folder.exists():
                folder.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as scratch:
                    fresh = Path(scratch) / "repository"
                    fresh.mkdir()
                    build(fresh)
                    for key, value in SERVED.items():
                        git(fresh, "config", key, value)
                    _take_place(fresh, folder)
        return folder


def git(repository: Path, *arguments: str, stdin: bytes | None = None) -> None:
    """Run git in a folder. Raises CalledProcessError, with git's own words in ``stderr``."""
    subprocess.run(
        ["git", *arguments], cwd=repository, env=GIT_ENVIRONMENT, input=stdin, check=True, capture_output=True
    )


def _import_stream(stream: Iterable[bytes], fresh: Path) -> None:
    git(fresh, "init", "--quiet", "--bare", ".")
    command = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=fresh, env=GIT_ENVIRONMENT, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.writelines(stream)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    git(fresh, "symbolic-ref", "HEAD", "refs/heads/develop")


def _take_place(fresh: Path, folder: Path) -> None:
    try:
        fresh.rename(folder)
    except OSError:
        # Another process with the same cache was faster; what it built is the same.
        if not folder.exists():
            raise


def _clone_bundle(source: Path, fresh: Path) -> None:
    git(fresh, "clone", "--quiet", "--mirror", str(source), ".")


def _extract_tar(source: Path, fresh: Path) -> None:
    with tarfile.open(source) as archive:
        archive.extractall(fresh, filter="data")
    (unpacked,) = fresh.iterdir()
    for entry in unpacked.iterdir():
        shutil.move(entry, fresh)
    unpacked.rmdir()


def _real_files(folder: Path) -> Iterator[tuple[tuple[str, str], Path]]:
    """``boostorg-json.shallow.git.tar`` is boostorg/json; ``-superproject-…`` only says which branch was kept."""
    for path in sorted([*folder.glob("*.bundle"), *folder.glob("*.tar")]):
        owner, _, name = path.name.partition(".")[0].partition("-")
        yield (owner, name.partition("-superproject")[0]), path
