"""Repositories as a git client gets them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from include.sandbox import Sandbox
from include.sandbox.git_recipe import Recipe, read_recipe
from include.sandbox.shelf import SAMPLES

REAL = Path(__file__).parents[3] / "shared" / "data"
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def clone(sandbox: Sandbox, slug: str, folder: Path, *options: str) -> Path:
    target = folder / slug.replace("/", "-")
    git(folder, "clone", "--quiet", "--bare", *options, f"{sandbox.url}/git/{slug}.git", str(target))
    return target


def sample(slug: str) -> Recipe:
    return read_recipe(SAMPLES / "git" / f"{slug}.yaml")


@pytest.mark.parametrize("slug", ["boostorg/boost", "boostorg/config", "boostorg/json", "boostorg/system"])
def test_a_clone_has_the_commits_of_the_recipe(sandbox: Sandbox, slug: str, tmp_path: Path) -> None:
    recipe = sample(slug)
    log = git(clone(sandbox, slug, tmp_path), "log", "--all", "--format=%an <%ae>|%ad|%cd|%s", "--date=iso-strict")
    expected = [
        "|".join(
            [
                recipe.people[commit.by],
                commit.at.isoformat(),
                (commit.committed_at or commit.at).isoformat(),
                commit.message.partition("\n")[0],
            ]
        )
        for commit in recipe.commits
    ]
    assert sorted(log.replace("Z|", "+00:00|").splitlines()) == sorted(expected)


def test_hashes_never_change(sandbox: Sandbox, tmp_path: Path) -> None:
    slugs = ("boostorg/boost", "boostorg/system")
    heads = [git(clone(sandbox, slug, tmp_path), "rev-parse", "--short=12", "HEAD").strip() for slug in slugs]
    assert heads == ["7c2f65944c9f", "fea9dc84f427"]


def test_branches_tags_and_pull_request_heads(sandbox: Sandbox, tmp_path: Path) -> None:
    refs = git(tmp_path, "ls-remote", "--symref", f"{sandbox.url}/git/boostorg/system").splitlines()
    assert refs[0] == "ref: refs/heads/develop\tHEAD"
    names = {line.partition("\t")[2] for line in refs}
    assert {"refs/heads/master", "refs/heads/feature/result", "refs/pull/7/head"} <= names
    assert {"refs/tags/boost-1.84.0", "refs/tags/boost-1.85.0", "refs/tags/boost-1.85.0^{}"} <= names
    assert "refs/tags/boost-1.84.0^{}" not in names


def test_renames_deletes_binaries_and_odd_names(sandbox: Sandbox, tmp_path: Path) -> None:
    repository = clone(sandbox, "boostorg/system", tmp_path)
    changes = (
        git(repository, "log", "develop", "-z", "-M", "--name-status", "--format=").replace("\n", "\0").split("\0")
    )
    assert "R100" in changes
    assert "doc/Überblick.md" in changes
    assert 'doc/a "quoted" name.txt' in changes
    assert "D" in changes
    numbers = git(repository, "log", "develop", "--numstat", "--format=").splitlines()
    assert "-\t-\tdoc/logo.png" in numbers
    merges = git(repository, "rev-list", "--merges", "--count", "--all").strip()
    assert merges == "2"


def test_a_history_may_have_two_roots(sandbox: Sandbox, tmp_path: Path) -> None:
    roots = git(clone(sandbox, "boostorg/config", tmp_path), "rev-list", "--max-parents=0", "HEAD").split()
    assert len(roots) == 2


def test_the_superproject_points_at_commits_of_its_libraries(sandbox: Sandbox, tmp_path: Path) -> None:
    boost, system = clone(sandbox, "boostorg/boost", tmp_path), clone(sandbox, "boostorg/system", tmp_path)
    mode, kind, linked, path = git(boost, "ls-tree", "boost-1.85.0", "libs/system").split()
    assert (mode, kind, path) == ("160000", "commit", "libs/system")
    assert linked == git(system, "rev-parse", "boost-1.85.0^{commit}").strip()
    modules = git(boost, "show", "boost-1.85.0:.gitmodules")
    assert [line.split("= ")[1] for line in modules.splitlines() if "url" in line] == [
        "../config.git",
        "../system.git",
        "../json.git",
    ]


def test_partial_clones_are_allowed(sandbox: Sandbox, tmp_path: Path) -> None:
    repository = clone(sandbox, "boostorg/system", tmp_path, "--filter=blob:none")
    missing = git(repository, "rev-list", "--objects", "--all", "--missing=print").splitlines()
    assert any(line.startswith("?") for line in missing)
    assert git(repository, "cat-file", "-p", "develop:README.md") == "# Sample of Boost.System\n"


@pytest.mark.parametrize("slug", ["boostorg/none", "nobody/system", "..%2F..%2Fdata/x", "boostorg/..%2Fsystem"])
def test_an_unknown_repository_is_not_found(sandbox: Sandbox, slug: str) -> None:
    url = f"{sandbox.url}/git/{slug}/info/refs?service=git-upload-pack"
    assert httpx.get(url, trust_env=False).status_code == 404


def test_pushing_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    repository = clone(sandbox, "boostorg/json", tmp_path)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        git(repository, "push", f"{sandbox.url}/git/boostorg/json", "HEAD:refs/heads/mine")
    assert "403" in refused.value.stderr


def test_a_sample_with_a_token_takes_pushes_from_who_has_it(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        work = clone(sandbox, "boostorg/system", tmp_path)
        bare = f"{sandbox.url}/git/sample-publisher/activity"
        for url in (bare, bare.replace("http://", "http://x-access-token:wrong@")):
            with pytest.raises(subprocess.CalledProcessError):
                git(work, "push", "--quiet", url, "develop:refs/heads/master")
        allowed = bare.replace("http://", "http://x-access-token:sandbox-write-token@")
        git(work, "push", "--quiet", allowed, "develop:refs/heads/master")
        assert git(work, "ls-remote", bare, "refs/heads/master").split()[0] == git(work, "rev-parse", "develop").strip()


def test_a_changed_recipe_is_served_at_the_next_fetch(tmp_path: Path) -> None:
    recipe = yaml.safe_load((SAMPLES / "git" / "boostorg" / "json.yaml").read_text())
    path = tmp_path / "samples" / "git" / "boostorg" / "json.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True))
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        repository = clone(sandbox, "boostorg/json", tmp_path)
        before = git(repository, "rev-parse", "develop").strip()
        later = recipe["commits"][-1] | {
            "id": "later",
            "message": "Later\n",
            "write": {"new.txt": "new\n"},
            "delete": [],
        }
        path.write_text(yaml.safe_dump(recipe | {"commits": [*recipe["commits"], later]}, allow_unicode=True))
        git(repository, "fetch", "--quiet", "origin", "develop:develop")
        assert git(repository, "rev-parse", "develop~1").strip() == before
        assert git(repository, "log", "-1", "--format=%s", "develop").strip() == "Later"


@pytest.mark.skipif(not REAL.exists(), reason="the real data is not there")
@pytest.mark.parametrize(("slug", "commits"), [("boostorg/system", 1110), ("boostorg/json", 1332)])
def test_real_repositories_take_the_place_of_samples(slug: str, commits: int, tmp_path: Path) -> None:
    with Sandbox(REAL) as sandbox:
        repository = clone(sandbox, slug, tmp_path, "--mirror")
        assert git(repository, "rev-list", "--count", "--all").strip() == str(commits)
