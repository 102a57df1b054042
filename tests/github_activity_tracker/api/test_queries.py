"""Every document against GitHub's real schema, and what it costs by GitHub's published rule."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    parse,
    validate,
)

from boost_collectors.github_activity_tracker.api import queries

DATA = Path(__file__).parents[4] / "shared" / "data"
SCHEMA = DATA / "github-api" / "schema" / "github-graphql-schema.graphql.gz"
LISTS = [("Issue", name) for name in ("comments", "labels", "assignees")]
LISTS += [("PullRequest", name) for name in ("comments", "labels", "assignees", "reviews", "reviewThreads")]
LISTS += [("PullRequestReviewThread", "comments")]
RESTS = [queries.Rest(kind, "id", name, "cursor") for kind, name in LISTS]
DOCUMENTS = {
    "issues": queries.ISSUES,
    "pulls": queries.PULLS,
    "issue stamps": queries.ISSUE_STAMPS,
    "pull stamps": queries.PULL_STAMPS,
    "repositories": queries.REPOSITORIES,
    "overview": queries.overview(3),
    "by number": queries.by_number([1, 2], [3]),
    "issues by number": queries.by_number([1, 2], []),
    "pulls by number": queries.by_number([], [3]),
    "of unknown kind": queries.by_number([], [], [1, 2]),
    "authors": queries.authors(3),
    "assignees": queries.ASSIGNEES,
    "rests": queries.rest(RESTS),
} | {f"rest of {part.kind}.{part.connection}": queries.rest([part]) for part in RESTS}


@cache
def schema() -> GraphQLSchema:
    if not SCHEMA.exists():
        pytest.skip(f"GitHub's schema is not at {SCHEMA}")
    text = gzip.decompress(SCHEMA.read_bytes()).decode()
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def points(document: str, variables: Mapping[str, int] | None = None) -> int:
    """Connections asked for, each times the pages above it, by hundred, at least one."""
    parsed = parse(document)
    fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    asked = _connections(operation.selection_set, fragments, variables or {}, 1)
    return max(1, (asked + 50) // 100)


def _connections(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, int],
    above: int,
) -> int:
    total = 0
    for node in selections.selections if selections else ():
        if isinstance(node, FragmentSpreadNode):
            total += _connections(fragments[node.name.value].selection_set, fragments, variables, above)
        elif isinstance(node, InlineFragmentNode):
            total += _connections(node.selection_set, fragments, variables, above)
        elif isinstance(node, FieldNode):
            size = _size(node, variables)
            total += above if size else 0
            total += _connections(node.selection_set, fragments, variables, above * (size or 1))
    return total


def _size(node: FieldNode, variables: Mapping[str, int]) -> int:
    """How many nodes a connection is asked for; 0 for other fields."""
    for argument in node.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            if isinstance(value, VariableNode):
                return variables[value.name.value]
            assert isinstance(value, IntValueNode)
            return int(value.value)
    return 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid_by_githubs_schema(name: str) -> None:
    assert [error.message for error in validate(schema(), parse(DOCUMENTS[name]))] == []


@pytest.mark.parametrize(
    ("document", "size"),
    [
        (queries.ISSUES, queries.ISSUES_PAGE),
        (queries.PULLS, queries.PULLS_PAGE),
        (queries.ISSUE_STAMPS, queries.ISSUE_STAMPS_PAGE),
        (queries.PULL_STAMPS, queries.PULL_STAMPS_PAGE),
        (queries.REPOSITORIES, queries.REPOSITORIES_PAGE),
    ],
)
def test_a_page_is_as_large_as_one_point_buys(document: str, size: int) -> None:
    assert points(document, {"first": size}) == 1
    assert size == 100 or points(document, {"first": size + 1}) == 2


def test_what_is_asked_by_alias_costs_one_point() -> None:
    assert points(queries.overview(queries.REPOSITORIES_PAGE)) == 1
    assert points(queries.authors(100)) == 1
    assert points(queries.by_number(range(queries.ISSUES_AT_ONCE), [])) == 1
    assert points(queries.by_number([], range(queries.PULLS_PAGE))) == 1
    assert points(queries.by_number([], [], range(13))) == 1
