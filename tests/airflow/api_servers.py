"""Further api-servers on the metadata database of a running stack, each with an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from boost_collectors.core.database.embedded import EmbeddedPostgres
from include.stack.airflow import PROJECT, Ports, Secrets, airflow_settings, process_environment
from include.stack.ports import free_ports
from include.stack.runtime import METADATA
from tests.airflow.local_stack import DAGS, START_SECONDS, LocalStack, eventually


@contextmanager
def api_server(stack: LocalStack, log: Path, **variables: str) -> Iterator[str]:
    """The URL of an api-server with these variables besides the stack's own; it answers and ends with the block."""
    (port,) = free_ports(1)
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "airflow", "api-server", "--port", str(port)],
            cwd=PROJECT,
            env=environment(stack) | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(f"an api-server answers (see {log})", lambda: _answers(process, url, log), START_SECONDS)
            yield url
        finally:
            process.terminate()


def environment(stack: LocalStack) -> dict[str, str]:
    """What the stack gives its own components."""
    folder = stack.folder
    metadata = EmbeddedPostgres(folder.root / "postgres").url(METADATA)
    ours = airflow_settings(folder, Ports.choose(folder), Secrets.of(folder), metadata_url=metadata, dags=DAGS)
    return {**stack.environment, **process_environment(stack.environment), **ours}


def _answers(process: subprocess.Popen[bytes], url: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    try:
        return httpx.get(f"{url}/api/v2/version", trust_env=False).is_success
    except httpx.TransportError:
        return False
