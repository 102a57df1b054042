"""Which headers a file includes, and so which library needs which: as Boost's own ``boostdep`` counts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from sys import intern

HEADERS, SOURCES = "include/", "src/"
"""The folders of a library whose files make it need other libraries."""

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(?:<[ \t]*(boost/[^>\n]+)>|"(boost/[^"\n]+)")', re.MULTILINE)


def included(content: bytes) -> tuple[str, ...]:
    """The Boost headers that a file names in ``#include`` lines, each once: ``boost/config.hpp``.

    Every line counts, whatever condition it stands under, as ``boostdep --track-sources`` has it.
    """
    found = (angled or quoted for angled, quoted in _INCLUDE.findall(content))
    return tuple(dict.fromkeys(intern(path.decode("utf-8", "replace").strip()) for path in found))


def needed_modules(includes: Iterable[str], owners: Mapping[str, str], own: str) -> set[str]:
    """The modules whose headers are included, without the module itself. ``owners`` says whose a header is."""
    return {owner for path in includes if (owner := owners.get(path)) is not None and owner != own}
