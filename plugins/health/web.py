"""The HTTP side of the health endpoint: method, token, JSON. What is healthy is decided in ``report``."""

from __future__ import annotations

import hmac
import logging
from http import HTTPStatus

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from plugins.health.report import HealthReport

logger = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__, url_prefix="/health")

# Not only GET: other methods must be refused here, before the token is looked at.
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def create_app(report: HealthReport | None = None) -> Flask:
    """The Flask app; without a report it makes one from the environment's settings on the first request."""
    app = Flask("health")
    app.url_map.strict_slashes = True
    app.extensions["health_report"] = report or HealthReport()
    app.register_blueprint(blueprint)
    app.register_error_handler(Exception, _never_500)
    return app


@blueprint.route("/", methods=ALL_METHODS, provide_automatic_options=False)
def health_view() -> tuple[Response, int] | tuple[Response, int, dict[str, str]]:
    """200 when healthy, 503 when not, 401 without the right token, 405 for anything but GET."""
    if request.method != "GET":
        return jsonify(status="error", detail="Only GET is allowed"), HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"}
    report: HealthReport = current_app.extensions["health_report"]
    if not _authorised(report.token()):
        return jsonify(status="unauthorized", detail="Invalid or missing token"), HTTPStatus.UNAUTHORIZED
    payload, status = report.run()
    return jsonify(payload), status


def _authorised(token: str) -> bool:
    """True without a configured token, else whether the header is exactly ``Bearer <token>``, in constant time."""
    if not token:
        return True
    given = request.headers.get("Authorization", "").encode("latin-1", "replace")
    return hmac.compare_digest(given, f"Bearer {token}".encode())


def _never_500(error: Exception) -> tuple[Response, int]:
    """Any failure is an answer a probe understands, without the exception's text."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return jsonify(status="error", detail=error.name), error.code
    logger.error("The health endpoint failed", exc_info=error)
    return jsonify(status="unhealthy", checks={}, error="health_check_failed"), HTTPStatus.SERVICE_UNAVAILABLE
