"""The files of the pages: a safe name for every library, and never one for two."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """The name with ``_`` for every character that a file or a link may not hold; ``unknown`` for none."""
    return _UNSAFE.sub("_", name) or "unknown"


def page_names(libraries: Iterable[str]) -> dict[str, str]:
    """The file name, without ``.html``, of each library's page.

    Where several come to the same, also in another case, the one that is spelled so keeps it, and the others end in
    a hash of their own name: it does not depend on which libraries there are besides.
    """
    taken: set[str] = set()
    found = {}
    for library in sorted(libraries, key=lambda library: (safe_name(library) != library, library)):
        name = safe_name(library)
        if name.casefold() in taken or name.startswith(".") or _DEVICES.fullmatch(name):
            name = f"{name.lstrip('.')}-{hashlib.sha256(library.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        taken.add(name.casefold())
        found[library] = name
    return found
