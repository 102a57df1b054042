"""The places in existing files where a collector is named. Each edit is a function from text to text."""

from __future__ import annotations

import re
from collections.abc import Callable

from boost_collectors.core.errors import CommandError

LINE = 120
Edit = Callable[[str], str]


def insert_before(anchor: str, addition: str) -> Edit:
    """Put a text before the only place where the anchor stands."""

    def edit(text: str) -> str:
        if text.count(anchor) != 1:
            raise CommandError(f"{anchor.strip()!r} stands {text.count(anchor)} times in it, not once")
        return text.replace(anchor, addition + anchor)

    return edit


def append(addition: str) -> Edit:
    """Put a text at the end."""
    return lambda text: text.rstrip("\n") + "\n" + addition


def add_source(name: str) -> Edit:
    """Name a blueprint in the sandbox's list of sources."""
    pattern = re.compile(r"^SOURCES = \(([^)]*)\)", re.MULTILINE)

    def edit(text: str) -> str:
        match = pattern.search(text)
        if match is None:
            raise CommandError("it has no tuple SOURCES")
        names = sorted({*re.findall(r'"(\w+)"', match[1]), name})
        quoted = [f'"{each}"' for each in names]
        line = f"SOURCES = ({', '.join(quoted)})"
        if len(line) > LINE:
            line = "SOURCES = (\n" + "".join(f"    {each},\n" for each in quoted) + ")"
        return text[: match.start()] + line + text[match.end() :]

    return edit


def add_layer(name: str) -> Edit:
    """Name a package beside the other trackers in the import contract."""
    pattern = re.compile(
        r'^(    "boost_collectors\.[\w.| ]*\bboost_collectors\.wg21_paper_tracker)(.*",)$', re.MULTILINE
    )

    def edit(text: str) -> str:
        if len(pattern.findall(text)) != 1:
            raise CommandError("it has no layer with boost_collectors.wg21_paper_tracker")
        return pattern.sub(rf"\1 | boost_collectors.{name}\2", text)

    return edit


def add_section(name: str, pascal: str) -> Edit:
    """Make a section of settings part of ``Settings``."""
    imports = re.compile(r"^from boost_collectors\.core\.settings\.sections import ([\w, ]+)$", re.MULTILINE)

    def edit(text: str) -> str:
        match = imports.search(text)
        if match is None:
            raise CommandError("it imports no sections")
        names = sorted({*(each.strip() for each in match[1].split(",")), name})
        line = f"from boost_collectors.core.settings.sections import {', '.join(names)}"
        if len(line) > LINE:
            listed = "".join(f"    {each},\n" for each in names)
            line = f"from boost_collectors.core.settings.sections import (\n{listed})"
        text = text[: match.start()] + line + text[match.end() :]
        return insert_before("    platform.HttpSection,\n", f"    {name}.{pascal}Section,\n")(text)

    return edit
