"""Generated organisations and recorded ones."""

from __future__ import annotations

import subprocess
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.model import Child, Thread
from include.sandbox.github.recorded import ARCHIVE
from include.sandbox.github.world import World

DATA = Path(__file__).parents[4] / "shared" / "data"
SIZES = GeneratedOrganization(repositories=7, issues=411, pull_requests=289, commits=100, seed=4)


def world_of(organization: GeneratedOrganization) -> World:
    world = World()
    world.generate(organization)
    return world


def test_the_numbers_are_exact_and_nothing_is_twice() -> None:
    world = world_of(replace(SIZES))
    items = [item for repository in world.repositories() for item in repository.items.all()]
    assert (len(items), sum(item.pull is not None for item in items)) == (700, 289)
    assert sum(repository.items.count("pull") for repository in world.repositories()) == 289
    parts = [part for item in items for part in (*item.content.children(), *item.content.threads)]
    ids = [item.id for item in items] + [item.pull.issue_id for item in items if item.pull]
    # The first comment of a thread and the thread share a number; they are of different kinds.
    ids += [part.id for item in items for part in item.content.children()]
    assert len(set(ids)) == len(ids)
    assert len(parts) == 700 * 3 + 289 * (3 + 2 + 1)


def test_the_same_seed_makes_the_same_world_and_another_another() -> None:
    first, second, other = (world_of(replace(SIZES, seed=seed)) for seed in (4, 4, 5))
    texts = [
        [(item.title, item.author, item.state) for item in world.repositories()[0].items.all()]
        for world in (first, second, other)
    ]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_lists_are_in_order_and_times_make_sense() -> None:
    for repository in world_of(replace(SIZES)).repositories():
        updated = [item.updated_at for item in repository.items.all("updated")]
        assert updated == sorted(updated)
        assert len(set(updated)) == len(updated)
        for item in repository.items.all():
            assert item.created_at <= (item.closed_at or item.created_at) <= item.updated_at <= "2026-01-01T00:00:00Z"
            assert all(part.updated_at <= item.updated_at for part in item.content.children())


def test_everything_is_found_by_its_id() -> None:
    world = world_of(replace(SIZES))
    for repository in world.repositories():
        item = repository.items.get(1)
        assert item is not None
        assert world.item_by_id(item.id) == item
        parts: list[Child | Thread] = [*item.content.children(), *item.content.threads]
        for part in parts:
            found = world.part(type(part), part.id)
            assert found is not None
            assert (found.id, found.item.number, found.repository) == (part.id, 1, repository)


def test_a_huge_organisation_takes_no_memory() -> None:
    tracemalloc.start()
    world = world_of(GeneratedOrganization(repositories=170, issues=6_000_000, pull_requests=4_000_000))
    repository = world.repositories()[0]
    page = repository.items.page("updated", "pull", 50, 100, reverse=True)
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(page) == 100
    assert peak < 5_000_000


def test_a_generated_history_is_cloned(tmp_path: Path) -> None:
    with Sandbox(generated=[replace(SIZES)], cache=tmp_path / "cache") as sandbox:
        target = tmp_path / "clone"
        subprocess.run(["git", "clone", "--quiet", f"{sandbox.url}/git/generated/lib0000.git", target], check=True)
        count = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=target, capture_output=True, check=True)
    assert int(count.stdout) == SIZES.size(0)[2]


def test_sizes_are_read_from_a_text() -> None:
    parsed = GeneratedOrganization.parse("repositories=2, issues=5,name=big")
    assert (parsed.repositories, parsed.issues, parsed.name) == (2, 5, "big")
    with pytest.raises(TypeError):
        GeneratedOrganization.parse("speed=3")


@pytest.mark.skipif(not (DATA / ARCHIVE).is_file(), reason="the recorded issues are not here")
def test_recorded_issues_are_all_there(tmp_path: Path) -> None:
    with Sandbox(DATA, cache=tmp_path) as sandbox:
        world = sandbox.github.world
        counts = {}
        for name in ("config", "json", "system"):
            repository = world.repository("boostorg", name)
            assert repository is not None
            counts[name] = (repository.items.count("issue"), repository.items.count("pull"))
        assert counts == {"config": (113, 417), "json": (597, 542), "system": (78, 59)}
        contents = [item.content for row in world.repositories("boostorg") for item in row.items.all()]
        assert sum(len(content.comments) for content in contents) == 6310
        assert sum(len(content.reviews) for content in contents) == 480
        item = world.repository("boostorg", "system").items.get(139)  # type: ignore[union-attr]
        assert item is not None
        assert item.pull is not None
        assert len(item.pull.head) == 40
