"""The sandbox's Pinecone: its limits, and its answers against Pinecone's own description where the data has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from include.sandbox import Sandbox
from include.sandbox.pinecone import KEY, MOST_RECORDS

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "pinecone"
NEW = {"name": "i", "cloud": "aws", "region": "us-east-1"}
DENSE = {"model": "multilingual-e5-large", "field_map": {"text": "chunk_text"}}


@pytest.fixture
def api() -> Iterator[httpx.Client]:
    with Sandbox() as sandbox, httpx.Client(base_url=f"{sandbox.url}/pinecone", headers={"Api-Key": KEY}) as client:
        yield client


@pytest.fixture
def index(api: httpx.Client) -> Any:
    assert api.post("/indexes/create-for-model", json={**NEW, "embed": DENSE}).status_code == 201

    def call(method: str, path: str, **arguments: Any) -> httpx.Response:
        return api.request(method, f"/data/i{path}", **arguments)

    return call


def upsert(index: Any, *records: dict[str, Any], namespace: str = "n") -> httpx.Response:
    lines = "\n".join(json.dumps(record) for record in records)
    answer: httpx.Response = index("POST", f"/records/namespaces/{namespace}/upsert", content=lines)
    return answer


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {"_id": f"v{number}", "chunk_text": f"text {number}", **fields}


def test_only_known_keys_are_let_in(api: httpx.Client) -> None:
    answer = api.get("/indexes", headers={"Api-Key": "other"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def test_indexes_are_made_once_and_in_regions_that_exist(api: httpx.Client) -> None:
    statuses = [
        api.post("/indexes/create-for-model", json={**NEW, "embed": DENSE} | changed).status_code
        for changed in ({}, {}, {"name": "j", "region": "atlantis-1"})
    ]
    assert statuses == [201, 409, 404]
    assert api.get("/indexes/j").status_code == 404


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ([record(number) for number in range(MOST_RECORDS)], 201),
        ([record(number) for number in range(MOST_RECORDS + 1)], 400),
        ([record(1, blob="x" * 41_000)], 400),
        ([record(1, nested={"a": 1})], 400),
        ([record(1, nothing=None)], 400),
        ([record(1, tags=["a", 1])], 400),
        ([{"chunk_text": "no id"}], 400),
        ([{"_id": "no text"}], 400),
        ([record(number, blob="x" * 39_000) for number in range(60)], 413),
    ],
)
def test_the_limits_of_a_request_are_kept(index: Any, records: list[dict[str, Any]], status: int) -> None:
    assert upsert(index, *records).status_code == status
    total = index("POST", "/describe_index_stats", json={}).json()["totalVectorCount"]
    assert total == (len(records) if status == 201 else 0)


def test_ids_are_listed_in_pages(index: Any) -> None:
    for start in range(0, 240, 80):
        upsert(index, *(record(number) for number in range(start, start + 80)))
    ids, token = [], ""
    while token is not None:
        page = index("GET", "/vectors/list", params={"namespace": "n", "paginationToken": token}).json()
        ids += [vector["id"] for vector in page["vectors"]]
        token = page.get("pagination", {}).get("next")
    assert sorted(ids) == sorted(f"v{number}" for number in range(240))


def test_updates_merge_and_deletions_need_a_namespace(index: Any) -> None:
    upsert(index, record(1, a=1, b=1))
    for identifier in ("v1", "absent"):
        answer = index("POST", "/vectors/update", json={"id": identifier, "setMetadata": {"b": 2}, "namespace": "n"})
        assert answer.status_code == 200
    query = {"query": {"top_k": 3, "inputs": {"text": "Text"}}}
    (hit,) = index("POST", "/records/namespaces/n/search", json=query).json()["result"]["hits"]
    assert hit["fields"] == {"chunk_text": "text 1", "a": 1, "b": 2}
    assert index("POST", "/vectors/delete", json={"ids": ["v1"], "namespace": "other"}).status_code == 404
    assert index("POST", "/vectors/delete", json={"ids": ["v1", "absent"], "namespace": "n"}).status_code == 200
    assert index("POST", "/vectors/delete", json={"ids": ["x"] * 1001, "namespace": "n"}).status_code == 400


def described(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}_2025-04.oas.yaml"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def check(schema: dict[str, Any], value: Any, description: dict[str, Any], where: str) -> None:
    """That a value has the type, the required fields and no other types than a schema says."""
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    if kind := schema.get("type"):
        assert isinstance(value, kinds[kind]), where
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), where
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                check(inner, value[name], description, f"{where}.{name}")
    for number, element in enumerate(value if isinstance(value, list) else ()):
        check(schema.get("items", {}), element, description, f"{where}[{number}]")


@pytest.mark.parametrize(
    ("name", "method", "path", "status", "body"),
    [
        ("db_control", "GET", "/indexes", 200, None),
        ("db_control", "GET", "/indexes/{index_name}", 200, None),
        ("db_control", "POST", "/indexes/create-for-model", 201, {**NEW, "name": "j", "embed": DENSE}),
        ("db_data", "POST", "/describe_index_stats", 200, {}),
        ("db_data", "GET", "/vectors/list", 200, {"namespace": "n"}),
        ("db_data", "POST", "/vectors/update", 200, {"id": "v1", "setMetadata": {"a": 1}, "namespace": "n"}),
        ("db_data", "POST", "/vectors/delete", 200, {"ids": ["v1"], "namespace": "n"}),
        (
            *("db_data", "POST", "/records/namespaces/{namespace}/search", 200),
            {"query": {"top_k": 3, "inputs": {"text": "text"}}},
        ),
    ],
)
def test_requests_and_answers_are_as_described(
    api: httpx.Client, index: Any, name: str, method: str, path: str, status: int, body: Any
) -> None:
    description = described(name)
    operation = description["paths"][path][method.lower()]
    upsert(index, record(1))
    asked = path.replace("{index_name}", "i").replace("{namespace}", "n")
    arguments = {"params" if method == "GET" else "json": body}
    if method == "POST":
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        check(schema, body, description, "request")
    answer = api.request(method, f"/data/i{asked}" if name == "db_data" else asked, **arguments)
    assert answer.status_code == status
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    check(schema, answer.json(), description, "answer")
