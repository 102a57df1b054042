"""What the GitHub client gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boost_collectors.core.errors import SourceError
from boost_collectors.core.github.decision import Reply
from boost_collectors.core.github.links import parse_links


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """An answer of the REST API.

    ``data`` is the parsed JSON, the bytes themselves for another media type, None for an empty body and when
    ``not_modified``. ``headers`` have names in lower case; ``links`` are the URLs of the Link header by relation.
    """

    status: int
    data: Any
    etag: str | None
    links: dict[str, str]
    headers: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        """True if the resource is still what the given ETag stands for."""
        return self.status == 304


def rest_answer(reply: Reply, etag: str | None) -> RestAnswer:
    """The answer in a reply to a request that was sent with ``etag``. Raises SourceError for JSON that is none."""
    data = None if reply.status == 304 else _data(reply)
    return RestAnswer(reply.status, data, reply.headers.get("etag") or etag, parse_links(reply.headers), reply.headers)


def _data(reply: Reply) -> Any:
    media = reply.headers.get("content-type", "application/json").partition(";")[0].strip()
    # GitHub calls a file as it is "raw+json", whatever is in it.
    if not media.endswith("json") or ".raw" in media:
        return reply.content
    try:
        return reply.json
    except ValueError:
        raise SourceError(f"{reply.told}: the answer is not the JSON it says it is") from None
