"""What build files and manifests say about Boost, in their own words and with what must not count switched off."""

from __future__ import annotations

from pathlib import Path

import pytest

from boost_collectors.boost_usage_tracker.scan.manifests import declaration, file_version, manifest_kind

DATA = Path(__file__).parents[4] / "shared" / "data" / "external-repos"

VERSIONS = {
    "CMakeLists.txt": {
        "find_package(Boost 1.82 REQUIRED)": "1.82.0",
        "find_package( Boost\n  1.70.0 COMPONENTS system)": "1.70.0",
        "find_package(Boost REQUIRED VERSION 1.71)": "1.71.0",
        'set(BOOST_VERSION "1.66.0")\nfind_package(Boost ${BOOST_VERSION})': "1.66.0",
        'set(MINIMUM_BOOST_VERSION "1_58")': "1.58.0",
        'FetchContent_Declare(Boost GIT_TAG "boost-1.84.0")': "1.84.0",
        "FetchContent_Declare(Boost URL https://x/boost-1.85.0-cmake.tar.xz)": "1.85.0",
        "boost-1.70.0.tar.xz": "1.70.0",
        "https://x/boost_1_69_0.tar.gz": "1.69.0",
        "message(Boost 1.60 REQUIRED)": "1.60.0",
        'CPMAddPackage(NAME Boost VERSION 1.84.0 URL "u")': "1.84.0",
        'CPMAddPackage("gh:boostorg/boost@1.83.0")': "1.83.0",
        "find_package(Boost 1.70...1.84 REQUIRED)": "1.70.0",
        "find_package(Boost 1.70)\nset(BOOST_VERSION 1.60)": "1.70.0",
        "# find_package(Boost 1.70)\nset(BOOST_VERSION 1.60)": "1.60.0",
        "#[[ find_package(Boost 1.70)\n]] find_package(Boost 1.71)": "1.71.0",
        "#[==[ ]] find_package(Boost 1.70) ]==]": None,
        "find_package(Boost 0.9)": None,
        "find_package(Boost 1.82. REQUIRED)": None,
        "find_package(Boost ... 1.2)": None,
        "find_package(Boost 1)": None,
        "find_package(Boost REQUIRED)": None,
        "find_package(Qt5 5.15)": None,
        "": None,
    },
    "conanfile.txt": {
        'requires = "boost/1.78.0"': "1.78.0",
        "[requires]\nboost/1.81.0@user/stable": "1.81.0",
        "[requires]\nboost/[>=1.75.0]": "1.75.0",
        "[requires]\n# boost/1.78.0\nzlib/1.2.11": None,
        "[requires]\nmyboost/1.78.0": None,
    },
    "conanfile.py": {
        "requires = ['fmt/10.1.1', 'boost/1.82.0']": "1.82.0",
        'versions = {"boost": "1.79.0"}': "1.79.0",
        "url = 'http://x#y'  # boost/1.70.0\nself.requires('boost/1.71.0')": "1.71.0",
    },
    "vcpkg.json": {
        '{"name": "boost", "version": "1.85.0"}': "1.85.0",
        '{"dependencies": [{"name": "boost", "version>=": "1.84.0#1"}]}': "1.84.0",
        '{"dependencies": ["boost-asio"], "overrides": [{"name": "boost-asio", "version": "1.83.0"}]}': "1.83.0",
        '{"boost": {"features": [], "version": "1.80.0"}}': "1.80.0",
        '{"dependencies": ["boost-asio"], // "boost": {"version": "1.70.0"}\n "name": "x"}': None,
        '{"dependencies": ["boost"': None,
    },
    "version.hpp": {
        "#define BOOST_VERSION 106300": "1.63.0",
        "//#define BOOST_VERSION 106300\n# define BOOST_VERSION 108601 // here": "1.86.1",
        "#define BOOST_LIB_VERSION 106300": None,
        "": None,
    },
    "MODULE.bazel": {
        'bazel_dep(name = "boost.asio", version = "1.83.0.bcr.1")': "1.83.0",
        '# bazel_dep(name = "boost.asio", version = "1.83.0")': None,
        'bazel_dep(name = "rules_cc", version = "1.83.0")': None,
    },
    "WORKSPACE": {'http_archive(name = "boost", urls = ["https://x/boost_1_77_0.tar.gz"])': "1.77.0"},
    "meson.build": {
        "boost = dependency('boost', version : '>=1.70', modules : ['system'])": "1.70.0",
        "dependency('boost')": None,
    },
    "subprojects/boost.wrap": {"[wrap-file]\ndirectory = boost_1_86_0": "1.86.0"},
    "Jamroot": {"using boost : 1.68 : <include>/x ;": "1.68.0", "# using boost : 1.68 ;": None},
    "sub/cmakelists.TXT": {"find_package(Boost 1.82)": "1.82.0"},
    "README.md": {"find_package(Boost 1.82)": None},
}

COMPONENTS = {
    "CMakeLists.txt": {
        "find_package(Boost 1.82 REQUIRED CONFIG COMPONENTS program_options log_setup)": [
            "log_setup",
            "program_options",
        ],
        "find_package(Boost REQUIRED)\ntarget_link_libraries(a PRIVATE Boost::System ${X})": ["system"],
        "target_link_libraries(a Boost::headers)": ["boost"],
        "target_link_libraries(a ${Boost_LIBRARIES})": ["boost"],
        "find_package(boost_asio CONFIG REQUIRED)": ["asio"],
        "# target_link_libraries(a Boost::system)": None,
        "project(Booster)": None,
    },
    "cmake/deps.cmake": {"find_dependency(Boost COMPONENTS regex)": ["regex"]},
    "conanfile.txt": {"[requires]\nboost/1.78.0": ["boost"]},
    "vcpkg.json": {
        '{"name": "boost-tool", "dependencies": ["boost-asio", "boost-program-options"]}': [
            "asio",
            "program_options",
            "tool",
        ]
    },
    "src/BUILD.bazel": {
        'deps = ["@boost//:filesystem", "@boost.asio//:boost.asio", "//boost:x"]': ["asio", "filesystem"]
    },
    "meson.build": {
        "dependency('boost', modules : ['system', 'thread'])": ["system", "thread"],
        "dependency('boost', modules : 'regex')": ["regex"],
        "# dependency('boost')": None,
    },
    "src/Jamfile.v2": {
        "exe a : a.cpp /boost/filesystem//boost_filesystem /boost//headers ;": ["boost", "filesystem"],
        "#| /boost//regex |# lib x : /usr/boost/y ;": None,
    },
    ".gitmodules": {
        '[submodule "a"]\n\turl = https://github.com/boostorg/asio.git\n': ["asio"],
        '[submodule "b"]\n\turl = ../x/boost\n': None,
    },
}


@pytest.mark.parametrize("path", VERSIONS)
def test_versions(path: str) -> None:
    cases = VERSIONS[path]
    assert {content: file_version(path, content.encode()) for content in cases} == cases


@pytest.mark.parametrize("path", COMPONENTS)
def test_components(path: str) -> None:
    found = {content: declaration(path, content.encode()) for content in COMPONENTS[path]}
    assert {content: list(one.components) if one else None for content, one in found.items()} == COMPONENTS[path]


def test_bytes_that_are_no_text_raise_nothing() -> None:
    junk = bytes(range(256)) + b"boost Boost" + b"[" * 2000
    for path in ("CMakeLists.txt", "conanfile.py", "vcpkg.json", "BUILD", "meson.build", "Jamroot", ".gitmodules"):
        assert manifest_kind(path)
        assert declaration(path, junk) is None


@pytest.mark.parametrize(("name", "ports"), [("mapnik-mapnik", 18), ("otland-forgottenserver", 9)])
def test_real_manifests(name: str, ports: int) -> None:
    file = DATA / "manifests" / f"{name}.vcpkg.json"
    if not file.exists():
        pytest.skip(f"there is no {file}")
    found = declaration("vcpkg.json", file.read_bytes())
    assert found is not None
    assert len(found.components) == ports
