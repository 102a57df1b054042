"""The licences that sample and generated repositories have: key, SPDX id and name."""

from __future__ import annotations

from typing import NamedTuple


class License(NamedTuple):
    """One licence as GitHub knows it."""

    key: str
    spdx_id: str
    name: str


LICENSES = {
    row.key: row
    for row in (
        License("bsl-1.0", "BSL-1.0", "Boost Software License 1.0"),
        License("apache-2.0", "Apache-2.0", "Apache License 2.0"),
        License("mit", "MIT", "MIT License"),
        License("other", "NOASSERTION", "Other"),
    )
}
