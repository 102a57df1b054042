"""What a path says about a file: whether it can include Boost, declare it, or is part of a copy of Boost."""

from __future__ import annotations

import re

_SOURCES = frozenset(
    (
        *(
            "c",
            "cc",
            "cp",
            "cpp",
            "cxx",
            "c++",
            "ccm",
            "cppm",
            "cxxm",
            "c++m",
            "ixx",
            "mpp",
            "m",
            "mm",
            "cu",
            "cl",
            "ino",
        ),
        *("h", "hh", "hp", "hpp", "hxx", "h++", "cuh", "pch", "inl", "inc", "ipp", "ipl", "impl", "def"),
        *("tcc", "tpp", "txx", "tpl", "swg"),
    )
)
_TEMPLATE = re.compile(r"\.(?:in|tmpl|template|j2|jinja|mustache)\Z", re.IGNORECASE)
# A folder of the name of Boost: "boost", "boost_1_84_0", "boost-1.84.0".
_BOOST_FOLDER = re.compile(r"(?:^|/)boost(?:[-_.]?v?\d+(?:[-_.]\d+)*)?/", re.IGNORECASE)
_VERSION_HEADER = re.compile(r"(?:^|/)boost/version\.hpp\Z")

ROOT_FILES = ("CMakeLists.txt", "conanfile.txt", "conanfile.py", "vcpkg.json")
"""Files of the root folder that are asked for the version of Boost, in this order, before all other manifests."""


def may_include(path: str) -> bool:
    """Whether a file is C, C++, Objective-C or CUDA by its ending; ``config.hpp.in`` counts too."""
    name = _TEMPLATE.sub("", path.rpartition("/")[2])
    stem, dot, ending = name.rpartition(".")
    return bool(stem or dot) and ending.lower() in _SOURCES


def is_vendored(path: str) -> bool:
    """Whether a file belongs to a copy of Boost, or lies where one would: it uses nothing, it is Boost."""
    return _BOOST_FOLDER.search(path) is not None


def is_version_header(path: str) -> bool:
    """Whether this is the header in which a copy of Boost says which version it is."""
    return _VERSION_HEADER.search(path) is not None


def manifest_order(path: str) -> tuple[int, int, str]:
    """The place of a manifest among those that may tell the version: ROOT_FILES first, then the less deep ones."""
    first = ROOT_FILES.index(path) if path in ROOT_FILES else len(ROOT_FILES)
    return first, path.count("/"), path
