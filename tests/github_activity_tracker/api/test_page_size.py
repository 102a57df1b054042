"""How many items are asked for at once."""

from __future__ import annotations

from boost_collectors.github_activity_tracker.api.pages import GROW_AFTER, PageSize


def test_it_halves_down_to_one() -> None:
    size = PageSize.remembered(None, 49)
    tried = [size.size]
    while size.failed():
        tried.append(size.size)
    assert tried == [49, 24, 12, 6, 3, 1]


def test_it_grows_again_after_some_good_pages_and_never_above_the_most() -> None:
    size = PageSize.remembered(12, 49)
    sizes = []
    for _ in range(GROW_AFTER * 5):
        size.succeeded()
        sizes.append(size.size)
    assert sizes[GROW_AFTER - 2 : GROW_AFTER] == [12, 18]
    assert sizes[-1] == 49


def test_a_remembered_size_is_kept_within_bounds() -> None:
    assert [PageSize.remembered(kept, 49).size for kept in (None, 0, 7, 500)] == [49, 49, 7, 49]
