"""Pinecone's API: the control plane under ``<url>/pinecone``, each index under ``<url>/pinecone/data/<name>``.

As described by Pinecone's OpenAPI files of 2025-04, with the fields that newer clients read besides. Indexes live in
memory, as long as the server. It keeps the published limits: 96 records and 2 MB a request, 40 KB of metadata a record,
1,000 ids a deletion. A search ranks by the words that query and text share.
"""

from __future__ import annotations

import json
import operator
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from include.sandbox.shelf import Shelf

PREFIX = "/pinecone"
KEY = "sandbox-pinecone-key"
PRIVATE_KEY = "sandbox-pinecone-private-key"
EXTENSION = "pinecone"
MOST_RECORDS, MOST_BYTES, MOST_METADATA, MOST_DELETED = 96, 2_000_000, 40 * 1024, 1000
LIST_PAGE = 100
DIMENSIONS = {"multilingual-e5-large": 1024}
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")

_WORD = re.compile(r"\w+")

Json = dict[str, Any]
Vectors = dict[str, Json]


@dataclass(slots=True)
class Index:
    """An index that embeds text; ``namespaces`` holds the fields of each record by namespace and id."""

    name: str
    cloud: str
    region: str
    model: str
    text_field: str
    namespaces: defaultdict[str, Vectors] = field(default_factory=lambda: defaultdict(dict))

    @property
    def dimension(self) -> int | None:
        return DIMENSIONS.get(self.model)


@dataclass(slots=True)
class Account:
    """The indexes of one key."""

    indexes: dict[str, Index] = field(default_factory=dict)


class Pinecone:
    """Every account of the server; tests read what was stored here."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts = {KEY: Account(), PRIVATE_KEY: Account()}
        self.sent: list[tuple[str, str]] = []
        """Index and text of every record that was ever upserted, in order."""

    def vectors(self, index: str, namespace: str, *, key: str = KEY) -> Vectors:
        """What an index holds, by id; empty when there is no such index."""
        with self.lock:
            found = self.accounts[key].indexes.get(index)
            return dict(found.namespaces[namespace]) if found else {}


def blueprint(_shelf: Shelf) -> Blueprint:
    """Both planes. Nothing is read from the shelf: an index is empty until somebody writes to it."""
    pages = Blueprint(EXTENSION, __name__, url_prefix=PREFIX)

    @pages.record_once
    def remember(state: Any) -> None:
        state.app.extensions[EXTENSION] = Pinecone()

    @pages.errorhandler(_Refusal)
    def refused(error: _Refusal) -> tuple[Response, int]:
        return jsonify(status=error.status, error={"code": error.code, "message": str(error)}), error.status

    _control_plane(pages)
    _upserting(pages)
    _changing(pages)
    _reading(pages)
    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the vector sync write here."""
    return {
        "PINECONE_CONTROLLER_HOST": f"{base_url}{PREFIX}",
        "PINECONE_API_KEY": KEY,
        "PINECONE_PRIVATE_API_KEY": PRIVATE_KEY,
    }


def _control_plane(pages: Blueprint) -> None:
    @pages.get("/indexes")
    def listed() -> Response:
        return jsonify(indexes=[_described(index) for index in _account().indexes.values()])

    @pages.get("/indexes/<name>")
    def described(name: str) -> Response:
        return jsonify(_described(_index(name)))

    @pages.post("/indexes/create-for-model")
    def created() -> tuple[Response, int]:
        asked = request.get_json()
        account = _account()
        if asked["region"] not in REGIONS:
            raise _Refusal(404, "NOT_FOUND", f"Resource not found: region {asked['region']}")
        if asked["name"] in account.indexes:
            raise _Refusal(409, "ALREADY_EXISTS", f"Resource {asked['name']} already exists")
        embed = asked["embed"]
        index = Index(asked["name"], asked["cloud"], asked["region"], embed["model"], embed["field_map"]["text"])
        account.indexes[index.name] = index
        return jsonify(_described(index)), 201


def _upserting(pages: Blueprint) -> None:
    @pages.post("/data/<name>/records/namespaces/<namespace>/upsert")
    def upserted(name: str, namespace: str) -> tuple[str, int]:
        index = _index(name)
        if len(request.get_data()) > MOST_BYTES:
            raise _Refusal(413, "OUT_OF_RANGE", f"Request size exceeds {MOST_BYTES} bytes")
        records = [json.loads(line) for line in request.get_data().splitlines() if line.strip()]
        if len(records) > MOST_RECORDS:
            raise _Refusal(400, "INVALID_ARGUMENT", f"Batch size exceeds {MOST_RECORDS}")
        for record in records:
            _check_record(record, index)
        with _store().lock:
            for record in records:
                index.namespaces[namespace][record.pop("_id")] = record
                _store().sent.append((name, record[index.text_field]))
        return "", 201


def _changing(pages: Blueprint) -> None:
    @pages.post("/data/<name>/vectors/update")
    def updated(name: str) -> Response:
        asked = request.get_json()
        vectors = _index(name).namespaces[asked.get("namespace", "")]
        if asked["id"] in vectors:  # an update of what is not there is taken silently
            vectors[asked["id"]] = {**vectors[asked["id"]], **asked["setMetadata"]}
        return jsonify({})

    @pages.post("/data/<name>/vectors/delete")
    def deleted(name: str) -> Response:
        asked = request.get_json()
        index, namespace = _index(name), asked.get("namespace", "")
        if len(asked["ids"]) > MOST_DELETED:
            raise _Refusal(400, "INVALID_ARGUMENT", f"Cannot delete more than {MOST_DELETED} ids")
        if namespace not in index.namespaces:
            raise _Refusal(404, "NOT_FOUND", "Namespace not found")
        for identifier in asked["ids"]:
            index.namespaces[namespace].pop(identifier, None)
        return jsonify({})


def _reading(pages: Blueprint) -> None:
    @pages.get("/data/<name>/vectors/list")
    def vector_ids(name: str) -> Response:
        namespace = request.args.get("namespace", "")
        names = sorted(_index(name).namespaces.get(namespace, {}))
        start = int(request.args.get("paginationToken") or 0)
        page = names[start : start + LIST_PAGE]
        more = {"pagination": {"next": str(start + LIST_PAGE)}} if start + LIST_PAGE < len(names) else {}
        found = [{"id": identifier} for identifier in page]
        return jsonify({"vectors": found, "namespace": namespace, "usage": {"readUnits": 1}, **more})

    @pages.post("/data/<name>/describe_index_stats")
    def stats(name: str) -> Response:
        index = _index(name)
        counts = {space: {"vectorCount": len(vectors)} for space, vectors in index.namespaces.items()}
        total = sum(map(len, index.namespaces.values()))
        size = {"dimension": index.dimension} if index.dimension else {}
        return jsonify({"namespaces": counts, "indexFullness": 0, "totalVectorCount": total, **size})

    @pages.post("/data/<name>/records/namespaces/<namespace>/search")
    def found(name: str, namespace: str) -> Response:
        index, query = _index(name), request.get_json()["query"]
        wanted, condition = Counter(_words(query["inputs"]["text"])), query.get("filter") or {}
        scores = {
            identifier: sum((wanted & Counter(_words(fields.get(index.text_field, "")))).values())
            for identifier, fields in index.namespaces.get(namespace, {}).items()
            if _meets(fields, condition)
        }
        best = sorted((-score, identifier) for identifier, score in scores.items() if score)[: query["top_k"]]
        hits = [
            {"_id": identifier, "_score": float(-score), "fields": index.namespaces[namespace][identifier]}
            for score, identifier in best
        ]
        return jsonify(result={"hits": hits}, usage={"read_units": 1, "embed_total_tokens": sum(wanted.values())})


class _Refusal(Exception):
    """Ends a request with a status, and Pinecone's own code for the reason."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def _store() -> Pinecone:
    store: Pinecone = current_app.extensions[EXTENSION]
    return store


def _account() -> Account:
    account = _store().accounts.get(request.headers.get("Api-Key", ""))
    if account is None:
        raise _Refusal(401, "UNAUTHENTICATED", "Invalid API key")
    return account


def _index(name: str) -> Index:
    index = _account().indexes.get(name)
    if index is None:
        raise _Refusal(404, "NOT_FOUND", f"Resource {name} not found")
    return index


def _described(index: Index) -> Json:
    metric = "cosine" if index.dimension else "dotproduct"
    embed = {"model": index.model, "metric": metric, "field_map": {"text": index.text_field}}
    size = {"dimension": index.dimension} if index.dimension else {}
    return {
        "name": index.name,
        "metric": metric,
        "host": f"{request.host_url.rstrip('/')}{PREFIX}/data/{index.name}",
        "deletion_protection": "disabled",
        "vector_type": "dense" if index.dimension else "sparse",
        "status": {"ready": True, "state": "Ready"},
        "spec": {"serverless": {"cloud": index.cloud, "region": index.region}},
        "embed": {**embed, **size},
        **size,
        # What the API of 2026-07 says instead of metric, spec and embed.
        "deployment": {"deployment_type": "managed", "cloud": index.cloud, "region": index.region},
        "schema": {"fields": {index.text_field: {"type": "semantic_text", "model": index.model, "metric": metric}}},
    }


def _check_record(record: Json, index: Index) -> None:
    if not record.get("_id") or not isinstance(record.get(index.text_field), str):
        raise _Refusal(400, "INVALID_ARGUMENT", f"Records must have _id and {index.text_field}")
    if len(json.dumps(record).encode()) > MOST_METADATA:
        raise _Refusal(400, "INVALID_ARGUMENT", f"Metadata size exceeds {MOST_METADATA} bytes per vector")
    for name, value in record.items():
        listed = isinstance(value, list) and all(isinstance(element, str) for element in value)
        if not listed and not isinstance(value, (str, int, float)):
            raise _Refusal(400, "INVALID_ARGUMENT", f"Metadata value for field {name!r} is not supported")


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
    "$in": lambda value, given: value in given,
    "$nin": lambda value, given: value not in given,
}


def _meets(fields: Json, condition: Json) -> bool:
    """Whether metadata meets a filter; what a record does not have meets nothing."""
    for name, asked in condition.items():
        if name in ("$and", "$or"):
            if not (all if name == "$and" else any)(_meets(fields, part) for part in asked):
                return False
            continue
        for comparison, given in (asked if isinstance(asked, dict) else {"$eq": asked}).items():
            if comparison not in _COMPARISONS:
                raise _Refusal(400, "INVALID_ARGUMENT", f"{comparison} is not a valid operator")
            if name not in fields or not _COMPARISONS[comparison](fields[name], given):
                return False
    return True


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
