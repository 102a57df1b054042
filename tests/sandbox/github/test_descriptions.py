"""The sandbox against GitHub's own descriptions of its APIs, where the data folder has them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema, build_schema, is_input_object_type, is_interface_type, is_object_type, print_ast

from include.sandbox.github.graphql.binding import schema
from include.sandbox.github.graphql.resolvers import RESOLVERS

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "github-api" / "schema"
GRAPHQL = FOLDER / "github-graphql-schema.graphql.gz"
OPENAPI = FOLDER / "github-rest-openapi.json.gz"


@pytest.fixture(scope="module")
def real() -> GraphQLSchema:
    if not GRAPHQL.is_file():
        pytest.skip(f"{GRAPHQL} is not there")
    return build_schema(gzip.decompress(GRAPHQL.read_bytes()).decode(), assume_valid=True)


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    if not OPENAPI.is_file():
        pytest.skip(f"{OPENAPI} is not there")
    described: dict[str, Any] = json.loads(gzip.decompress(OPENAPI.read_bytes()))
    return described


def test_every_type_field_and_argument_is_githubs(real: GraphQLSchema) -> None:
    ours = schema()
    for name, kind in ours.type_map.items():
        if name.startswith("__") or not hasattr(kind, "fields"):
            continue
        theirs = real.type_map[name]
        for field_name, field in kind.fields.items():
            other = theirs.fields[field_name]  # type: ignore[attr-defined]
            assert str(field.type) == str(other.type), f"{name}.{field_name}"
            if not is_input_object_type(kind):
                assert _arguments(field) == _arguments(other), f"{name}.{field_name}"


def _arguments(field: Any) -> dict[str, tuple[str, str]]:
    found = {}
    for name, argument in field.args.items():
        node = argument.ast_node
        found[name] = (str(argument.type), print_ast(node.default_value) if node and node.default_value else "")
    return found


def test_enums_interfaces_and_unions_are_githubs(real: GraphQLSchema) -> None:
    for name, kind in schema().type_map.items():
        theirs = real.type_map[name]
        if hasattr(kind, "values") and not name.startswith("__"):
            assert set(kind.values) == set(theirs.values), name  # type: ignore[attr-defined]
        if is_object_type(kind) and name != "Query":
            assert {i.name for i in kind.interfaces} <= {i.name for i in theirs.interfaces}, name  # type: ignore[attr-defined]
        if hasattr(kind, "types"):
            assert {t.name for t in kind.types} <= {t.name for t in theirs.types}, name  # type: ignore[attr-defined]
        assert is_interface_type(kind) == is_interface_type(theirs), name


def test_every_field_of_the_schema_is_answered() -> None:
    for name, kind in schema().type_map.items():
        if is_object_type(kind) and not name.startswith("__"):
            assert kind.fields.keys() <= RESOLVERS[name].keys(), name


R = "/repos/{owner}/{repo}"
ANSWERS = {
    "/user": "/user",
    "/users/ada": "/users/{username}",
    "/user/5001": "/user/{account_id}",
    "/rate_limit": "/rate_limit",
    "/orgs/boostorg": "/orgs/{org}",
    "/orgs/boostorg/repos": "/orgs/{org}/repos",
    "/repos/boostorg/system": R,
    "/repos/boostorg/system/issues?state=all": f"{R}/issues",
    "/repos/boostorg/system/issues/1": f"{R}/issues/{{issue_number}}",
    "/repos/boostorg/system/issues/1/comments": f"{R}/issues/{{issue_number}}/comments",
    "/repos/boostorg/system/issues/comments": f"{R}/issues/comments",
    "/repos/boostorg/system/issues/comments/2900000001": f"{R}/issues/comments/{{comment_id}}",
    "/repos/boostorg/system/pulls?state=all": f"{R}/pulls",
    "/repos/boostorg/system/pulls/7": f"{R}/pulls/{{pull_number}}",
    "/repos/boostorg/system/pulls/7/comments": f"{R}/pulls/{{pull_number}}/comments",
    "/repos/boostorg/system/pulls/comments": f"{R}/pulls/comments",
    "/repos/boostorg/system/pulls/7/reviews": f"{R}/pulls/{{pull_number}}/reviews",
    "/repos/boostorg/system/commits": f"{R}/commits",
    "/repos/boostorg/system/commits/develop": f"{R}/commits/{{ref}}",
    "/repos/boostorg/system/labels": f"{R}/labels",
    "/repos/boostorg/system/languages": f"{R}/languages",
    "/repos/boostorg/system/tags": f"{R}/tags",
    "/repos/boostorg/system/topics": f"{R}/topics",
    "/repos/boostorg/system/contents/README.md": f"{R}/contents/{{path}}",
    "/repos/llvm/llvm-project/license": f"{R}/license",
    "/repos/boostorg/system/git/ref/tags/boost-1.85.0": f"{R}/git/ref/{{ref}}",
    "/search/repositories?q=org:boostorg": "/search/repositories",
    "/search/users?q=ada": "/search/users",
    "/search/issues?q=repo:boostorg/system": "/search/issues",
    "/search/code?q=error_code+repo:boostorg/system": "/search/code",
}


@pytest.mark.parametrize("asked", ANSWERS)
def test_rest_answers_have_what_the_description_requires(
    asked: str, client: httpx.Client, openapi: dict[str, Any]
) -> None:
    answer = client.get(asked)
    assert answer.status_code == 200, answer.text
    described = openapi["paths"][ANSWERS[asked]]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    missing = list(_missing(answer.json(), described, openapi, "$"))
    assert missing == []


def _missing(value: Any, described: dict[str, Any], openapi: dict[str, Any], place: str) -> list[str]:
    """Paths of required keys that are not there, of nulls that may not be, of values of another type."""
    described = _followed(described, openapi)
    for part in described.get("allOf", []):
        if problems := _missing(value, part, openapi, place):
            return problems
    choices = described.get("oneOf") or described.get("anyOf")
    if choices:
        found = [_missing(value, choice, openapi, place) for choice in choices]
        return min(found, key=len)
    if value is None:
        allowed = _nullable(described) or place.endswith(NULL_ALL_THE_SAME)
        return [] if allowed else [f"{place} is null"]
    return _wrong_type(value, described, place) or _below(value, described, openapi, place)


def _below(value: Any, described: dict[str, Any], openapi: dict[str, Any], place: str) -> list[str]:
    if isinstance(value, list):
        items = described.get("items", {})
        return [each for i, row in enumerate(value) for each in _missing(row, items, openapi, f"{place}[{i}]")]
    if not isinstance(value, dict):
        return []
    problems = [f"{place}.{name} is missing" for name in described.get("required", []) if name not in value]
    for name, part in described.get("properties", {}).items():
        if name in value:
            problems += _missing(value[name], part, openapi, f"{place}.{name}")
    return problems


# GitHub does send null for these, whatever its description says.
NULL_ALL_THE_SAME = ("body", "company", "description", "email", "line", "location", "name", "position")
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": (int, float)}


def _wrong_type(value: Any, described: dict[str, Any], place: str) -> list[str]:
    named = described.get("type", [])
    kinds = [named] if isinstance(named, str) else named
    wanted = [TYPES[kind] for kind in kinds if kind != "null"]
    fits = not wanted or any(isinstance(value, kind) for kind in wanted)  # type: ignore[arg-type]
    return [] if fits else [f"{place} is no {' or '.join(kinds)}"]


def _nullable(described: dict[str, Any]) -> bool:
    return bool(described.get("nullable")) or "null" in described.get("type", ["null"])


def _followed(described: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in described:
        target: Any = openapi
        for step in described["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        described = target
    return described
