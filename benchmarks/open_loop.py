"""Requests at a fixed rate, sent whether or not the ones before have been answered, and how long each took."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked: ``rate`` requests per second, for ``seconds``."""

    url: str
    rate: float
    seconds: float
    method: str = "GET"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds from sending a request to the last byte of its answer, in no order."""

    milliseconds: Sequence[float]

    @classmethod
    def of(cls, parts: Iterable[Latencies]) -> Latencies:
        """All of them taken together."""
        return cls([value for part in parts for value in part.milliseconds])

    def percentile(self, percent: int) -> float:
        """The latency that this share of the requests did not exceed."""
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


def send(load: Load) -> Latencies:
    """Send the load from a process of its own. Raises RuntimeError if an answer has another status."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_send, (load,))


def _send(load: Load) -> Latencies:
    return asyncio.run(_Sender(load).run())


class _Sender:
    """Sends over as many kept connections as there are requests under way at once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        address = urlsplit(load.url)
        self._host, self._port = address.hostname or "", address.port or 80
        self._request = (
            f"{load.method} {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        self._idle: deque[Connection] = deque()

    async def run(self) -> Latencies:
        started = time.perf_counter()
        asked = []
        for number in range(round(self._load.rate * self._load.seconds)):
            await asyncio.sleep(max(0.0, started + number / self._load.rate - time.perf_counter()))
            asked.append(asyncio.create_task(self._ask()))
        taken = await asyncio.gather(*asked)
        for _, writer in self._idle:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        return Latencies([seconds * 1000 for seconds in taken])

    async def _ask(self) -> float:
        begun = time.perf_counter()
        connection = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        reader, writer = connection
        writer.write(self._request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = _parse(head)
        await reader.readexactly(length)
        taken = time.perf_counter() - begun
        self._idle.append(connection)
        if status != self._load.status:
            raise RuntimeError(f"{self._load.method} {self._load.url}: status {status}, not {self._load.status}")
        return taken


def _parse(head: bytes) -> tuple[int, int]:
    first, *lines = head.split(b"\r\n")
    fields = dict(line.lower().split(b":", 1) for line in lines if line)
    return int(first.split()[1]), int(fields.get(b"content-length", b"0"))
