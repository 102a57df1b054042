"""Free local ports."""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel takes the ports of outgoing connections, so that a free one stays free.
RANGE = range(18_000, 32_000)


def free_ports(count: int) -> list[int]:
    """That many different ports on which nothing listens now."""
    found: list[int] = []
    for port in random.sample(RANGE, len(RANGE)):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no local port is free")


def is_free(port: int) -> bool:
    """True if a server could listen on the port, on any address of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True
