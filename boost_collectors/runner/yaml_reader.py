"""A YAML text as plain values that still know their lines.

The dialect is the JSON-like core of YAML 1.2 with the booleans of 1.1 as values. ``16:10`` is text, not a number in
base 60; ``010`` is text, not eight; a date is text; an unquoted ``on`` or ``no`` in the place of a key is text.
Nothing but mappings, lists and scalars is ever built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from yaml.error import Mark

MAX_DEPTH = 50

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_STR = "tag:yaml.org,2002:str"
_SEQ = "tag:yaml.org,2002:seq"
_MAP = "tag:yaml.org,2002:map"
_MERGE = "tag:yaml.org,2002:merge"

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with our own rules for unquoted scalars."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    (_NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (_BOOL, r"(?i:true|false|yes|no|on|off)", list("tTfFyYnNoO")),
    (_INT, r"[-+]?(?:0|[1-9][0-9]{0,17})", list("-+0123456789")),
    (
        _FLOAT,
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    (_MERGE, r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key that stands twice in one mapping: the key, its line and the line of the first."""

    key: Any
    line: int
    first_line: int


@dataclass(slots=True)
class Document:
    """Plain data, and where it stands in the text when it came from one."""

    data: Any
    root: yaml.Node | None = None
    is_text: bool = False
    _repeats: dict[int, list[Repeat]] = field(default_factory=dict)
    _entries: dict[int, dict[Any, tuple[yaml.Node, yaml.Node]]] = field(default_factory=dict)

    def line(self, *path: Any) -> int | None:
        """The line (from 1) of the key or list element at this path, or of the nearest thing around it."""
        *_, (found, _node) = self._walk(path)
        return found

    def repeats(self, *path: Any) -> list[Repeat]:
        """The keys that stand twice in the mapping at this path."""
        if not self._repeats:
            return []
        *_, (_line, node) = self._walk(path)
        return self._repeats.get(id(node), [])

    def _walk(self, path: tuple[Any, ...]) -> Iterator[tuple[int | None, yaml.Node | None]]:
        node = self.root
        yield (_line(node) if node else 1 if self.is_text else None), node
        for step in path:
            if isinstance(node, yaml.MappingNode) and step in self._index(node):
                at, node = self._index(node)[step]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                at = node = node.value[step]
            else:
                return
            yield _line(at), node

    def _index(self, node: yaml.MappingNode) -> dict[Any, tuple[yaml.Node, yaml.Node]]:
        if id(node) not in self._entries:
            self._entries[id(node)] = {
                _key(key): (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)
            }
        return self._entries[id(node)]


def read(text: str) -> Document:
    """Parse one YAML document. Raises yaml.YAMLError, with a mark where the parser knows it, and nothing else."""
    _refuse_deep_nesting(text)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeEncodeError as error:
        raise yaml.YAMLError(f"character {error.start} cannot be part of a text: {error.reason}") from None
    document = Document(data=None, root=root, is_text=True)
    if root is not None:
        document.data = _Builder(document._repeats).value(root)
    return document


def _refuse_deep_nesting(text: str) -> None:
    # The composer recurses in C and dies with the process, so the depth is counted on the flat events first.
    # A short and flat-looking text cannot be deep: each level needs a bracket or a column.
    longest = max(map(len, text.split("\n")))
    if 2 * longest + text.count("[") + text.count("{") < 1000:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _error(event, f"nested more than {MAX_DEPTH} levels")
    except UnicodeEncodeError:
        return


class _Builder:
    """Turns nodes into plain values. An alias gives the same object again, so a text of aliases stays small."""

    def __init__(self, repeats: dict[int, list[Repeat]]) -> None:
        self._repeats = repeats
        self._built: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._built:
            return self._built[id(node)]
        if id(node) in self._open or len(self._open) > MAX_DEPTH:
            raise _error(node, "contains itself or is nested too deep")
        self._open.add(id(node))
        built = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self._open.remove(id(node))
        self._built[id(node)] = built
        return built

    def _sequence(self, node: yaml.Node) -> list[Any]:
        _require_tag(node, _SEQ)
        return [self.value(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        _require_tag(node, _MAP)
        own: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = self._merge(value_node) | merged
                continue
            key = _key(key_node)
            if key in lines:
                self._repeats.setdefault(id(node), []).append(Repeat(key, _line(key_node), lines[key]))
            lines[key] = _line(key_node)
            own[key] = self.value(value_node)
        return merged | own if merged else own

    def _merge(self, node: yaml.Node) -> dict[Any, Any]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[Any, Any] = {}
        for part in parts:
            if not isinstance(part, yaml.MappingNode):
                raise _error(part, "'<<' takes a mapping")
            merged = self.value(part) | merged
        return merged


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _key(node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise _error(node, "a key must be a single word or number")
    if node.tag == _BOOL and node.value.lower() not in ("true", "false"):
        return node.value
    return _scalar(node)


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.tag == _STR:
        return text
    if node.tag == _NULL:
        return None
    try:
        if node.tag == _BOOL:
            return _boolean(text)
        if node.tag == _INT:
            return int(text)
        if node.tag == _FLOAT:
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise _error(node, f"{text[:40]!r} is not what its tag says") from None
    raise _foreign(node)


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _TRUE and lowered not in _FALSE:
        raise ValueError(text)
    return lowered in _TRUE


def _require_tag(node: yaml.Node, tag: str) -> None:
    if node.tag != tag:
        raise _foreign(node)


def _foreign(node: yaml.Node) -> yaml.MarkedYAMLError:
    return _error(node, f"the tag {node.tag!r} is not allowed here")


def _error(at: yaml.Node | yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=cast("Mark", at.start_mark))
