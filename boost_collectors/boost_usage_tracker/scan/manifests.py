"""What build files and package manifests say about Boost: which of its libraries are wanted, and which version."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from boost_collectors.boost_usage_tracker.scan import text
from boost_collectors.core.utils.boost_version_operations import decode_boost_version, normalize_boost_version_string

WHOLE = "boost"
"""The component that stands for Boost as a whole."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A file that asks for Boost. ``components`` are libraries in lower case; ``version`` is X.Y.Z or empty."""

    kind: str
    components: tuple[str, ...]
    version: str = ""


def manifest_kind(path: str) -> str:
    """The build system or package manager that reads a file of this name; empty if none that we know does."""
    name = path.rpartition("/")[2].lower()
    if name in _KINDS:
        return _KINDS[name]
    if name.startswith(("jamfile", "jamroot")) or name.endswith(".jam"):
        return "b2"
    return _KINDS_BY_ENDING.get(name.rpartition(".")[2] if "." in name else "", "")


def declaration(path: str, content: bytes) -> Declaration | None:
    """What the file asks of Boost; None if nothing. Comments do not count. Never raises, whatever the bytes are."""
    kind = manifest_kind(path)
    if not kind or b"boost" not in content.lower():
        return None
    components, version = _READERS[kind](text.decoded(content))
    names = tuple(sorted({_component(name) for name in components}))
    return Declaration(kind, names or (WHOLE,), version or "") if names or version else None


def file_version(path: str, content: bytes) -> str | None:
    """The version of Boost that a file names, as X.Y.Z; None if it names none, or is none of the files that do."""
    if "version.hpp" in path.rpartition("/")[2].lower():
        return version_macro(content)
    found = declaration(path, content)
    return (found.version or None) if found else None


def version_macro(content: bytes) -> str | None:
    """The version in ``boost/version.hpp``, from its macro BOOST_VERSION."""
    match = _MACRO.search(text.without_c_comments(text.decoded(content)))
    return ".".join(map(str, decode_boost_version(int(match[1])))) if match else None


def valid_version(value: str | None) -> str | None:
    """A version as X.Y.Z; None for anything that is not one."""
    normal = normalize_boost_version_string(value)
    return normal if normal and _XYZ.match(normal) else None


_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+BOOST_VERSION[ \t]+(\d{5,9})\b", re.MULTILINE)
_XYZ = re.compile(r"\d+\.\d+\.\d+\Z")
_KINDS = {
    **dict.fromkeys(("cmakelists.txt", "cmakelists.cmake"), "cmake"),
    **dict.fromkeys(("conanfile.txt", "conanfile.py"), "conan"),
    "vcpkg.json": "vcpkg",
    **dict.fromkeys(
        ("module.bazel", "workspace", "workspace.bazel", "workspace.bzlmod", "build", "build.bazel"), "bazel"
    ),
    **dict.fromkeys(("meson.build", "boost.wrap"), "meson"),
    **dict.fromkeys(("project-config.jam", "user-config.jam", "site-config.jam"), "b2"),
    ".gitmodules": "submodule",
}
_KINDS_BY_ENDING = {"cmake": "cmake", "bzl": "bazel"}

Found = tuple[Iterable[str], str | None]

_V = r"[\"']?\s*v?(\d[\d._-]*)"
# In the order in which they are asked; the first that matches answers.
_CMAKE_VERSIONS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bfind_package\s*\(\s*Boost\s+{_V}",
        rf"\bfind_package\s*\(\s*Boost\s+REQUIRED\s+VERSION\s+{_V}",
        rf"\bset\s*\(\s*BOOST_VERSION\s+{_V}",
        rf"\bset\s*\(\s*MINIMUM_BOOST_VERSION\s+{_V}",
        r"\bGIT_TAG\s+[\"']?boost-(\d[\d._-]*)",
        r"\bBoost\s+(\d[\d._-]*)\s+REQUIRED",
        r"\bboost[-_](\d[\d._-]*?)(?:-cmake)?\.(?:tar\.(?:xz|gz|bz2)|zip|7z)\b",
        rf"\bCPM\w*Package\s*\(\s*NAME\s+Boost\b[^)]*?\bVERSION\s+{_V}",
        r"\bgh:boostorg/boost[@#](?:boost-)?(\d[\d._-]*)",
    )
]
_CMAKE_PACKAGE = re.compile(r"\bfind_(?:package|dependency)\s*\(\s*Boost\b([^)]*)\)", re.IGNORECASE)
_CMAKE_ONE_PACKAGE = re.compile(r"\bfind_(?:package|dependency)\s*\(\s*(boost_\w+)", re.IGNORECASE)
_CMAKE_TARGET = re.compile(r"\bBoost::(\w+)")
_CMAKE_WHOLE = re.compile(
    r"\$\{Boost_(?:LIBRARIES|INCLUDE_DIRS?|LIBRARY_DIRS)\}|\b(?:FetchContent_Declare|CPM\w*Package|ExternalProject_Add)"
    r"\s*\(\s*(?:NAME\s+)?[\"']?(?:Boost\b|gh:boostorg/boost)",
    re.IGNORECASE,
)
_CMAKE_OPTIONS = {
    "required",
    "quiet",
    "config",
    "module",
    "no_module",
    "components",
    "optional_components",
    "exact",
    "global",
}


def _cmake(content: str) -> Found:
    plain = text.without_cmake_comments(content)
    components = [name for name in _CMAKE_TARGET.findall(plain) if name not in ("headers", "boost")]
    components += _CMAKE_ONE_PACKAGE.findall(plain)
    packages = _CMAKE_PACKAGE.findall(plain)
    for arguments in packages:
        words = re.findall(r"[^\s;\"]+", arguments)
        components += [word for word in words if re.fullmatch(r"[a-z]\w*", word) and word not in _CMAKE_OPTIONS]
    whole = packages or _CMAKE_TARGET.search(plain) or _CMAKE_WHOLE.search(plain)
    return components or ([WHOLE] if whole else []), _first(_CMAKE_VERSIONS, plain)


def _first(patterns: Iterable[re.Pattern[str]], plain: str) -> str | None:
    """The answer of the first pattern that matches at all. Of a range (``1.70...1.84``) it is the lower end."""
    for pattern in patterns:
        if match := pattern.search(plain):
            return valid_version(match[1].partition("...")[0])
    return None


_CONAN = re.compile(r"(?<![\w/.-])boost/(?:\[[^\]\d]*)?(\d[\w.-]*)")
_CONAN_ANY = re.compile(r"(?<![\w/.-])boost/[\[\d*]")
_CONAN_PAIR = re.compile(r"[\"']boost[\"']\s*:\s*[\"'](\d[\w.-]*)[\"']")


def _conan(content: str) -> Found:
    plain = text.without_hash_comments(content)
    known = _CONAN_ANY.search(plain) or _CONAN_PAIR.search(plain)
    return [WHOLE] if known else [], _first((_CONAN, _CONAN_PAIR), plain)


def _vcpkg(content: str) -> Found:
    try:
        manifest = json.loads(text.without_c_comments(content))
    except (ValueError, RecursionError):
        return [], None
    ports = list(_ports(manifest))
    names = [name for name, _ in ports]
    exact = [version for name, version in ports if name == WHOLE and version]
    return names, next(filter(None, map(valid_version, [*exact, *(version for _, version in ports)])), None)


def _ports(part: Any, key: str = "") -> Iterable[tuple[str, str | None]]:
    """Every port of Boost in a manifest, wherever it is wanted or pinned, with its version if it has one."""
    if isinstance(part, str) and _is_port(part) and key != "name":
        yield part, None
    elif isinstance(part, list):
        for child in part:
            yield from _ports(child)
    elif isinstance(part, dict):
        named = part.get("name")
        if isinstance(named, str) and _is_port(named):
            yield named, _port_version(part)
        for child_key, child in part.items():
            if _is_port(child_key) and isinstance(child, dict):
                yield child_key, _port_version(child)
            yield from _ports(child, child_key)


def _is_port(name: str) -> bool:
    return name == WHOLE or name.startswith("boost-")


def _port_version(port: dict[str, Any]) -> str | None:
    given = (port.get(key) for key in ("version", "version>=", "version-string", "version-semver"))
    return next((str(value).partition("#")[0] for value in given if value), None)


_BAZEL_DEP = re.compile(r"\bbazel_dep\s*\(([^)]*)\)")
_BAZEL_NAME = re.compile(r"\bname\s*=\s*[\"'](boost(?:\.\w+)?)[\"']")
_BAZEL_VERSION = re.compile(r"\bversion\s*=\s*[\"'](\d+\.\d+\.\d+)")
_BAZEL_LABEL = re.compile(r"[\"']@+boost(?:(?:\.(\w+))|//:(\w+)|//libs/(\w+))")
_BAZEL_ARCHIVE = re.compile(r"\bboost[-_](\d+[._]\d+[._]\d+)")
_BAZEL_RULES = re.compile(r"\brules_boost\b|\bname\s*=\s*[\"']boost[\"']")


def _bazel(content: str) -> Found:
    plain = text.without_hash_comments(content)
    components = ["".join(groups) for groups in _BAZEL_LABEL.findall(plain)]
    versions: list[str] = []
    for arguments in _BAZEL_DEP.findall(plain):
        if name := _BAZEL_NAME.search(arguments):
            components.append(name[1].removeprefix("boost."))
            versions += _BAZEL_VERSION.findall(arguments)
    archive = _BAZEL_ARCHIVE.search(plain)
    if archive or _BAZEL_RULES.search(plain):
        components.append(WHOLE)
    return components, valid_version(versions[0] if versions else archive[1] if archive else None)


_MESON = re.compile(r"\bdependency\s*\(\s*'boost'([^)]*)\)")
_MESON_VERSION = re.compile(r"\bversion\s*:\s*\[?\s*'[^\d']*(\d[\d.]*)")
_MESON_MODULES = re.compile(r"\bmodules\s*:\s*(\[[^\]]*\]|'[^']*')")
_WRAP = re.compile(r"\bdirectory\s*=\s*boost[-_](\d[\d._]*)")


def _meson(content: str) -> Found:
    plain = text.without_hash_comments(content)
    components: list[str] = []
    version = None
    for arguments in _MESON.findall(plain):
        modules = _MESON_MODULES.search(arguments)
        components += re.findall(r"'(\w+)'", modules[1]) if modules else [WHOLE]
        version = version or _first([_MESON_VERSION], arguments)
    wrap = _WRAP.search(plain)
    return [*components, *([WHOLE] if wrap else [])], version or (valid_version(wrap[1]) if wrap else None)


_JAM = re.compile(r"(?<![\w/.])/boost(?:/(?!/)(\w+))?(?://(\w+))?")
_JAM_USING = re.compile(r"\busing\s+boost\s*:\s*(\d[\d.]*)?")


def _b2(content: str) -> Found:
    plain = text.without_jam_comments(content)
    components = [library or target for library, target in _JAM.findall(plain) if library or target]
    using = _JAM_USING.search(plain)
    components += [WHOLE] if using else []
    return [WHOLE if name == "headers" else name for name in components], valid_version(using[1]) if using else None


_SUBMODULE = re.compile(r"^\s*url\s*=\s*\S*[/:]boostorg/([\w.-]+?)(?:\.git)?/?\s*$", re.MULTILINE | re.IGNORECASE)


def _submodule(content: str) -> Found:
    return _SUBMODULE.findall(text.without_hash_comments(content)), None


_READERS: dict[str, Callable[[str], Found]] = {
    "cmake": _cmake,
    "conan": _conan,
    "vcpkg": _vcpkg,
    "bazel": _bazel,
    "meson": _meson,
    "b2": _b2,
    "submodule": _submodule,
}


def _component(name: str) -> str:
    """The library's name however the build system spells it: ``boost_system``, ``boost-system``, ``System``."""
    plain = re.sub(r"\Aboost[-_.]", "", name.lower()).replace("-", "_")
    return plain or WHOLE
