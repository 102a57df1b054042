"""Which repositories there are: those of the organisation, and those that the superproject names as submodules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boost_collectors.github_activity_tracker.api import repositories as api
from boost_collectors.github_activity_tracker.records import RepositoryState

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient


@dataclass(slots=True)
class Catalogue:
    """Repository keys in the order to be read, and what GitHub says of each.

    ``states`` lacks those that do not exist (``missing``) or could not be read (``unread``, with the reason), and is
    empty when GitHub was not asked.
    """

    keys: list[str]
    states: dict[str, RepositoryState] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)


def whole(client: GitHubClient, owner: str, named: Iterable[str]) -> Catalogue:
    """The repositories that ``named`` lists, in its order, then the owner's others by name.

    A repository that is named by a former name stands under its present one, once.
    """
    listed = {state.key: state for state in api.repositories(client, owner)}
    catalogue = Catalogue([], dict(listed))
    names = list(dict.fromkeys(named))
    looked = api.overview(client, [key for key in names if key not in listed])
    catalogue.missing, catalogue.unread = looked.missing, looked.unread
    for state in looked.states.values():
        catalogue.states.setdefault(state.key, state)
    present = [looked.states[key].key if key in looked.states else key for key in names]
    catalogue.keys = list(dict.fromkeys([*present, *listed]))
    return catalogue


def some(client: GitHubClient, keys: Iterable[str]) -> Catalogue:
    """The repositories of these keys, under the keys given."""
    names = list(dict.fromkeys(keys))
    looked = api.overview(client, names)
    return Catalogue(names, looked.states, looked.missing, looked.unread)
