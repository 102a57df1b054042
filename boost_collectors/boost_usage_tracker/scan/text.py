"""Taking comments out of build files, so that what somebody switched off does not count."""

from __future__ import annotations

import re

_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_HASH = re.compile(rf"(?P<kept>\"\"\".*?\"\"\"|'''.*?'''|{_QUOTED})|#[^\n]*", re.DOTALL)
_CMAKE = re.compile(
    r"(?P<kept>\"(?:[^\"\\]|\\.)*\"|(?<!#)\[(?P<a>=*)\[.*?\](?P=a)\])|#\[(?P<b>=*)\[.*?(?:\](?P=b)\]|\Z)|#[^\n]*",
    re.DOTALL,
)
_JAM = re.compile(r"(?P<kept>\"(?:[^\"\\]|\\.)*\")|#\|.*?(?:\|#|\Z)|(?<!\S)#[^\n]*", re.DOTALL)
_C = re.compile(rf"(?P<kept>{_QUOTED})|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)


def decoded(content: bytes) -> str:
    """Text of a file whose encoding nobody knows, with line feeds; what is not UTF-8 is replaced."""
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def without_hash_comments(text: str) -> str:
    """Python, Starlark, Meson, ini files."""
    return _HASH.sub(_kept, text)


def without_cmake_comments(text: str) -> str:
    """CMake: line comments and bracket comments."""
    return _CMAKE.sub(_kept, text)


def without_jam_comments(text: str) -> str:
    """b2: line comments and ``#| … |#``."""
    return _JAM.sub(_kept, text)


def without_c_comments(text: str) -> str:
    """C++, and JSON with comments."""
    return _C.sub(_kept, text)


def _kept(match: re.Match[str]) -> str:
    return match["kept"] or " "
