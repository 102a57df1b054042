"""What a run is going to do: groups of positions turned back into profiles, names and reasons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from sqlalchemy import Integer

from boost_collectors.core.database.bulk import Staging, stage
from boost_collectors.cppa_user_tracker.services.grouping import BY_HAND, Groups
from boost_collectors.cppa_user_tracker.services.merging import Merge, name_of
from boost_collectors.cppa_user_tracker.services.proposals import WantedProposal
from boost_collectors.cppa_user_tracker.services.workbench import Workbench

_REASON = """jsonb_build_object('left', l.id, 'right', r.id, 'score', s.score, 'because', s.evidence::jsonb)"""


def planned_merges(bench: Workbench, groups: Groups) -> Iterator[Merge]:
    """Every group that grew, with all its profiles and the pairs that hold it together."""
    find = groups.clusters.find
    with ExitStack() as stack:
        members = _members(bench, stack, groups, {find(one) for one, _ in groups.tree})
        tree = stack.enter_context(stage(bench.session, "tree", {"root": Integer, "a": Integer, "b": Integer}))
        tree.copy((find(one), one, other) for one, other in groups.tree)
        tree.analyze()
        query = f"""
            WITH reasons AS (
                SELECT t.root, min(s.score) AS score, jsonb_agg({_REASON} ORDER BY s.score DESC, s.a, s.b) AS evidence
                FROM {tree.table.name} AS t JOIN {bench.links} AS s ON s.a = t.a AND s.b = t.b
                JOIN {bench.people} AS l ON l.stage_position = s.a JOIN {bench.people} AS r ON r.stage_position = s.b
                GROUP BY t.root
            ), profiles AS (
                SELECT m.root, array_agg(p.id ORDER BY p.id) AS ids, array_agg(b.identity_id ORDER BY p.id) AS persons,
                       array_agg(p.shown ORDER BY p.id) AS shown,
                       min(b.identity_id) FILTER (WHERE b.identity_id IS NOT NULL AND {BY_HAND}) AS given
                FROM {members.table.name} AS m JOIN {bench.people} AS p ON p.stage_position = m.position
                JOIN cppa_user_tracker_baseprofile AS b ON b.id = p.id GROUP BY m.root
            )
            SELECT ids, persons, shown, given, score, evidence FROM profiles JOIN reasons USING (root) ORDER BY root
        """
        for ids, persons, shown, given, score, evidence in bench.rows(query):
            former = dict(zip(ids, persons, strict=True))
            yield Merge(former, name_of(shown), score, evidence, keep=given)


def planned_proposals(bench: Workbench, groups: Groups) -> Iterator[WantedProposal]:
    """Every two people who should be shown to somebody, with all profiles of both."""
    find = groups.clusters.find
    with ExitStack() as stack:
        roots = {find(position) for pair in groups.proposed for position in pair}
        members = _members(bench, stack, groups, roots)
        columns = {"a": Integer, "b": Integer, "one": Integer, "other": Integer}
        pairs = stack.enter_context(stage(bench.session, "proposed", columns))
        pairs.copy((one, other, *sorted((find(one), find(other)))) for one, other in groups.proposed)
        pairs.analyze()
        query = f"""
            SELECT lp.id, rp.id, s.score, jsonb_build_array({_REASON}), array_agg(p.id ORDER BY p.id),
                   array_agg(p.shown ORDER BY p.id)
            FROM {pairs.table.name} AS t JOIN {bench.links} AS s ON s.a = t.a AND s.b = t.b
            JOIN {bench.people} AS l ON l.stage_position = s.a JOIN {bench.people} AS r ON r.stage_position = s.b
            JOIN {bench.people} AS lp ON lp.stage_position = t.one
            JOIN {bench.people} AS rp ON rp.stage_position = t.other
            JOIN {members.table.name} AS m ON m.root IN (t.one, t.other)
            JOIN {bench.people} AS p ON p.stage_position = m.position
            GROUP BY lp.id, rp.id, s.score, s.evidence, l.id, r.id ORDER BY lp.id, rp.id
        """
        for left, right, score, evidence, profiles, shown in bench.rows(query):
            yield WantedProposal(left, right, score, evidence, name_of(shown), profiles)


def _members(bench: Workbench, stack: ExitStack, groups: Groups, roots: set[int]) -> Staging:
    """A table of the positions of these groups."""
    members = stack.enter_context(stage(bench.session, "members", {"root": Integer, "position": Integer}))
    find = groups.clusters.find
    found = ((find(position), position) for position in range(bench.population.people))
    members.copy((root, position) for root, position in found if root in roots)
    members.analyze()
    return members
