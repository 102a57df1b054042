"""From scored pairs to people: which groups can be merged at once, and which two should be shown to somebody."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from boost_collectors.cppa_user_tracker.matching.clusters import Clusters
from boost_collectors.cppa_user_tracker.matching.names import Tokens
from boost_collectors.cppa_user_tracker.models import DecisionKind
from boost_collectors.cppa_user_tracker.services.workbench import Workbench, words

UNDONE = "EXISTS (SELECT FROM cppa_user_tracker_identitydecision AS u WHERE u.undoes_id = d.id)"
"""Whether decision ``d`` does not hold any more."""
BY_HAND = f"""NOT EXISTS (SELECT FROM cppa_user_tracker_identitydecision AS d
              WHERE d.identity_id = b.identity_id AND d.kind = '{DecisionKind.MERGE}' AND NOT {UNDONE})"""
"""Whether the person of profile ``b`` was made by somebody, and not by merging profiles."""


class Pairs:
    """Many pairs of positions, in sixteen bytes each."""

    def __init__(self) -> None:
        self._flat = array("q")

    def add(self, one: int, other: int) -> None:
        self._flat.extend((one, other))

    def __len__(self) -> int:
        return len(self._flat) // 2

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._flat[::2], self._flat[1::2], strict=True)


@dataclass(slots=True)
class Groups:
    """What is to be done. ``tree`` are the pairs by which groups were joined, ``proposed`` those to be shown."""

    clusters: Clusters
    tree: Pairs = field(default_factory=Pairs)
    proposed: Pairs = field(default_factory=Pairs)


def group(bench: Workbench, merge_score: float) -> Groups:
    """Join the best pairs first, as far as they score ``merge_score``; propose what else was kept.

    What decisions keep apart is neither joined nor proposed, and never comes together through a third profile.
    """
    clusters = Clusters(bench.population.people)
    groups = Groups(clusters)
    _start(bench, clusters)
    doubtful = Pairs()
    for one, other, score, left, right in _links(bench):
        if clusters.find(one) == clusters.find(other) or clusters.are_apart(one, other):
            continue
        if score < merge_score or clusters.is_doubtful(one, other, left, right):
            doubtful.add(one, other)
        else:
            clusters.join(one, other, (*left, *right))
            groups.tree.add(one, other)
    groups.proposed = _forest(clusters, doubtful)
    return groups


def _forest(clusters: Clusters, doubtful: Iterable[tuple[int, int]]) -> Pairs:
    """As few pairs as would make one of all that may belong together, the best ones first."""
    shadow = clusters.copy()
    found = Pairs()
    for one, other in doubtful:
        if shadow.find(one) != shadow.find(other) and not shadow.are_apart(one, other):
            shadow.join(one, other)
            found.add(one, other)
    return found


def _start(bench: Workbench, clusters: Clusters) -> None:
    """The people there are already, and what was decided about who is not whom."""
    known = f"""
        SELECT b.identity_id, p.stage_position, p.name, p.alias, {BY_HAND}
        FROM {bench.people} AS p JOIN cppa_user_tracker_baseprofile AS b ON b.id = p.id
        WHERE b.identity_id IS NOT NULL ORDER BY b.identity_id, p.stage_position
    """
    person, first = None, 0
    for identity, position, name, alias, given in bench.rows(known):
        if identity != person:
            person, first = identity, position
        clusters.join(first, position, _names(name, alias))
        if given:
            clusters.mark_given(first)
    apart = f"""
        SELECT d.id, array_agg(p.stage_position ORDER BY p.stage_position)
        FROM cppa_user_tracker_identitydecision AS d
        JOIN cppa_user_tracker_identitydecisionpart AS part ON part.decision_id = d.id
        JOIN {bench.people} AS p ON p.id = part.profile_id
        WHERE d.keeps_apart AND NOT {UNDONE} GROUP BY d.id, part.part ORDER BY d.id, part.part
    """
    parts: dict[int, list[list[int]]] = {}
    for decision, positions in bench.rows(apart):
        for others in parts.setdefault(decision, []):
            clusters.keep_apart(others, positions)
        parts[decision].append(positions)


def _links(bench: Workbench) -> Iterator[tuple[int, int, float, tuple[Tokens, ...], tuple[Tokens, ...]]]:
    query = f"""
        SELECT a, b, score, l.name, l.alias, r.name, r.alias FROM {bench.links}
        JOIN {bench.people} AS l ON l.stage_position = a JOIN {bench.people} AS r ON r.stage_position = b
        ORDER BY score DESC, a, b
    """
    for one, other, score, *names in bench.rows(query):
        yield one, other, score, _names(*names[:2]), _names(*names[2:])


def _names(name: str, alias: str) -> tuple[Tokens, ...]:
    return tuple(tokens for each in (name, alias) if len(tokens := words(each)) > 1)
