"""From a query to a plan: what to call for each field of each type, with the arguments already worked out.

The schema and the validation are graphql-core's. Its executor is not used: it spends most of its time on what a
server of plain objects does not need, and the sandbox must answer as fast as its clients ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values
from graphql.type import GraphQLField, GraphQLNamedType

Resolver = Callable[[Any, dict[str, Any], Any], Any]
CACHED_DOCUMENTS = 128


class QueryRefused(Exception):
    """The query cannot be run; ``errors`` is what the client gets."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(slots=True)
class BoundField:
    """One field of an answer. ``fields`` gives those below it for the type that is found there."""

    key: str
    name: str
    resolve: Resolver
    arguments: dict[str, Any]
    type: GraphQLNamedType
    required: bool
    is_list: bool
    item_required: bool
    location: dict[str, int]
    fields: FieldsByType | None = None


@dataclass(slots=True)
class FieldsByType:
    """The selections below a field, bound for a type when it is first met."""

    binder: Binder
    selections: list[SelectionSetNode]
    type: GraphQLNamedType
    _bound: dict[str, list[BoundField]] = field(default_factory=dict)

    @property
    def is_abstract(self) -> bool:
        return is_abstract_type(self.type)

    def of(self, typename: str) -> list[BoundField]:
        """The fields asked for of an object of this type."""
        bound = self._bound.get(typename)
        if bound is None:
            bound = self._bound[typename] = self.binder.bind(self.selections, typename)
        return bound

    def possible(self) -> list[str]:
        """The names of the object types that may be found here."""
        if is_abstract_type(self.type):
            return [kind.name for kind in self.binder.schema.get_possible_types(self.type)]
        return [self.type.name]


class Binder:
    """Binds the selections of one request: a document, its variables and the resolvers by type and field."""

    def __init__(self, document: DocumentNode, variables: Any, resolvers: Mapping[str, Mapping[str, Resolver]]) -> None:
        self.schema = schema()
        self._variables, self._resolvers = variables, resolvers
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def bind(self, selections: list[SelectionSetNode], typename: str) -> list[BoundField]:
        """The fields of these selections for an object of this type, in the order of the query."""
        grouped: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            for node in self._fields(selection_set, typename):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
        return [self._bound(key, nodes, typename) for key, nodes in grouped.items()]

    def _fields(self, selections: SelectionSetNode, typename: str) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else typename
                if self._applies(condition, typename):
                    yield from self._fields(node.selection_set, typename)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, typename):
                    yield from self._fields(fragment.selection_set, typename)

    def _applies(self, condition: str, typename: str) -> bool:
        if condition == typename:
            return True
        wanted, found = self.schema.type_map[condition], self.schema.type_map[typename]
        return is_abstract_type(wanted) and self.schema.is_sub_type(wanted, found)

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _bound(self, key: str, nodes: list[FieldNode], typename: str) -> BoundField:
        node = nodes[0]
        place = {"line": node.loc.start_token.line, "column": node.loc.start_token.column} if node.loc else {}
        if node.name.value == "__typename":
            name_type = self.schema.type_map["String"]
            return BoundField(key, "__typename", lambda *_: typename, {}, name_type, True, False, False, place)
        kind = self.schema.type_map[typename]
        assert isinstance(kind, GraphQLObjectType)
        definition = kind.fields[node.name.value]
        bound = BoundField(
            key,
            node.name.value,
            self._resolvers[typename][node.name.value],
            get_argument_values(definition, node, self._variables),
            get_named_type(definition.type),
            isinstance(definition.type, GraphQLNonNull),
            *_list_of(definition),
            place,
        )
        if not is_leaf_type(bound.type):
            below = [node.selection_set for node in nodes if node.selection_set]
            bound.fields = FieldsByType(self, below, bound.type)
        return bound


def _list_of(definition: GraphQLField) -> tuple[bool, bool]:
    """Whether a field is a list, and whether its elements may not be null."""
    kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    return isinstance(kind, GraphQLList), isinstance(kind, GraphQLList) and isinstance(kind.of_type, GraphQLNonNull)


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The part of GitHub's schema that is played here."""
    return build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _document(text: str) -> DocumentNode:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise QueryRefused([_as_json(error)]) from error
    if errors := validate(schema(), document):
        raise QueryRefused([_as_json(error) for error in errors])
    return document


def bind_query(
    text: str, variables: dict[str, Any], operation: str | None, resolvers: Mapping[str, Mapping[str, Resolver]]
) -> list[BoundField]:
    """The top fields of a request, ready to be run. Raises QueryRefused for what cannot be."""
    document = _document(text)
    chosen = _operation(document, operation)
    values = get_variable_values(schema(), chosen.variable_definitions or (), variables)
    if isinstance(values, list):
        raise QueryRefused([_as_json(error) for error in values])
    return Binder(document, values, resolvers).bind([chosen.selection_set], "Query")


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if name is None or (node.name and node.name.value == name)]
    if len(named) != 1:
        raise QueryRefused([{"message": "An operation name is required" if len(named) > 1 else "No such operation"}])
    return named[0]


def _as_json(error: GraphQLError) -> dict[str, Any]:
    return dict(error.formatted)
