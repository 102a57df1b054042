"""Where metrics arrive in tests: a StatsD server's socket, and an OpenTelemetry collector's HTTP endpoint."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

END = b"that is all"


class StatsdReceiver:
    """Listens on a free UDP port and keeps what it is sent, a line a metric, in the order of arrival."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """How an operator switches Airflow's metrics on; only ours are sent."""
        return {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(self._socket.getsockname()[1]),
            "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "boost",
        }

    def values(self) -> dict[str, str]:
        """The newest value of each name, as StatsD writes it: ``4|c``, ``17|g``, ``12.5|ms``."""
        return dict(line.split(":", 1) for line in list(self._lines))

    def close(self) -> None:
        """Take no more; may be called again. What was sent before has been received."""
        if not self._thread.is_alive():
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(END, self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()

    def _receive(self) -> None:
        while (packet := self._socket.recv(65_536)) != END:
            self._lines += packet.decode().splitlines()


class OtlpReceiver:
    """An OTLP/HTTP endpoint that keeps the metrics it is sent."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[ExportMetricsServiceRequest] = []

    @property
    def environment(self) -> dict[str, str]:
        """How an operator switches Airflow's metrics on; only ours are sent."""
        return {
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "boost",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }

    def points(self) -> Iterator[tuple[str, Mapping[str, str], float]]:
        """Name, attributes and value of every point of a counter or gauge."""
        for request in self.requests:
            for metric in (m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics):
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points if kind in ("sum", "gauge") else ():
                    value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
                    yield metric.name, {each.key: each.value.string_value for each in point.attributes}, value


@contextmanager
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """A running one, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = OtlpReceiver(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
