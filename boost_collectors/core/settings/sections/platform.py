"""Settings of the house itself: workspace, database, queue and schedule, health, logs, HTTP, web."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from boost_collectors.core.settings import database_url as postgres
from boost_collectors.core.settings.kinds import (
    PROJECT_ROOT,
    Flag,
    Integer,
    IntegerOrInvalid,
    Location,
    Number,
    NumberOrInvalid,
    Section,
    SlashedText,
    WebhookUrl,
    Words,
    one_of,
    or_default,
    setting,
)
from boost_collectors.core.version import __version__

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(or_default(one_of("DEBUG", "INFO", "WARNING", "ERROR"))),
]
LogFormat = Annotated[Literal["text", "json"], BeforeValidator(or_default(one_of("text", "json")))]
DatabaseUrl = Annotated[str | None, BeforeValidator(postgres.normalise)]


class GeneralSection(Section):
    title: ClassVar[str] = "General"

    debug: Flag = setting(
        False, "Development mode: more detail in the logs, and a broken schedule file is no error unless asked for."
    )
    secret_key: str = setting("", "Key for signing. Needed by what signs, unless DEBUG is true.", secret=True)


class WorkspaceSection(Section):
    title: ClassVar[str] = "Workspace"

    workspace_dir: Location = setting(
        PROJECT_ROOT / "workspace", "Folder for working files, a folder below it per collector.", shown="workspace"
    )
    raw_dir: Location = setting(
        lambda fields: fields["workspace_dir"] / "raw",
        "Folder for what the sources answered, kept for replaying.",
        shown="<WORKSPACE_DIR>/raw",
    )
    workspace_orphan_cleanup_enabled: Flag = setting(False, "Remove empty and broken cache files when a stack starts.")
    workspace_orphan_use_quarantine_for_invalid_json: Flag = setting(
        False, "Move broken JSON files to <WORKSPACE_DIR>/_quarantine instead of deleting them."
    )
    workspace_orphan_json_stale_max_age_seconds: Integer = setting(
        -1, "Age in seconds from which a valid cache file is warned about; negative means never."
    )
    workspace_orphan_invalid_json_grace_seconds: Number = setting(
        5.0, "Age in seconds below which a broken file is left alone: it may be in the writing.", ge=0
    )


class DatabaseSection(Section):
    title: ClassVar[str] = "Database"

    db_name: str | None = setting(
        None, "Database name. All DB_* variables count only while DATABASE_URL is blank.", shown=postgres.DEFAULT_NAME
    )
    db_user: str | None = setting(None, "User of the database.")
    db_password: str | None = setting(None, "Password of that user.", secret=True)
    db_host: str | None = setting(None, "Host of the server, or the folder of its socket.", shown=postgres.DEFAULT_HOST)
    db_port: Integer | None = setting(None, "Port of the server.", shown=str(postgres.DEFAULT_PORT), ge=1, le=65535)
    db_options_sslmode: str | None = setting(None, "TLS mode, such as require or verify-full.")
    database_url: DatabaseUrl = setting(
        postgres.from_parts,
        "PostgreSQL URL of the project database, postgres:// or postgresql://, with options such as ?sslmode=require. "
        "Blank, and no DB_* variable set: an embedded server in EMBEDDED_POSTGRES_DIR.",
        shown="",
        secret=True,
    )
    embedded_postgres_dir: Location = setting(
        lambda fields: fields["workspace_dir"] / "postgres",
        "Folder of the embedded PostgreSQL server.",
        shown="<WORKSPACE_DIR>/postgres",
    )
    backup_dir: Location = setting(
        lambda fields: fields["workspace_dir"] / "backups", "Folder of the backups.", shown="<WORKSPACE_DIR>/backups"
    )
    backup_keep: Integer = setting(7, "How many backups are kept; older ones are removed after a new one.", ge=1)


class ScheduleSection(Section):
    title: ClassVar[str] = "Schedule and queue"

    boost_collector_schedule_yaml: Location = setting(
        PROJECT_ROOT / "include" / "schedule" / "boost_collector_schedule.yaml",
        "The schedule file.",
        shown="include/schedule/boost_collector_schedule.yaml",
    )
    boost_collector_schedule_strict: Flag = setting(
        False, "A missing or broken schedule file is an error even when DEBUG is true."
    )
    celery_broker_url: str = setting(
        "redis://localhost:6379/0", "Queue of the Celery executor; other executors need none.", secret=True
    )
    celery_result_backend: str = setting(
        lambda fields: fields["celery_broker_url"],
        "Result store of the Celery executor.",
        shown="<CELERY_BROKER_URL>",
        secret=True,
    )
    celery_max_tasks_per_child: Integer = setting(50, "Tasks after which a Celery worker process is replaced.", ge=1)


class HealthSection(Section):
    title: ClassVar[str] = "Health"

    health_check_token: str = setting(
        "", "Token that GET /health/ asks for, as Authorization: Bearer; blank means open.", secret=True
    )
    health_celery_min_workers: IntegerOrInvalid = setting(
        1, "Workers that must answer; 0 means always ok. A malformed value makes the check fail, not the start."
    )
    health_celery_inspect_timeout: NumberOrInvalid = setting(
        3.0, "Seconds to wait for the workers' answers. A malformed value makes the check fail, not the start."
    )
    health_collector_stale_hours: NumberOrInvalid = setting(
        26.0,
        "Hours without success after which a daily group is stale. A malformed value makes the check fail, "
        "not the start.",
    )
    health_enforce_collector_freshness: Flag = setting(
        True, "Whether a stale group makes the answer unhealthy; false suits CI and a first start."
    )


class LoggingSection(Section):
    title: ClassVar[str] = "Logging and notices"

    log_level: LogLevel = setting(
        lambda fields: "DEBUG" if fields["debug"] else "INFO",
        "Least level that is logged: DEBUG, INFO, WARNING or ERROR; other words are ignored with a warning.",
        shown="INFO, or DEBUG when DEBUG is true",
    )
    log_format: LogFormat = setting(
        "text", "text, or json for one JSON object a line on the console and in the file; other words mean text."
    )
    log_dir: Location = setting(PROJECT_ROOT / "logs", "Folder of the log file.", shown="logs")
    log_file: str = setting("app.log", "Name of the log file.")
    log_max_bytes: Integer = setting(5_242_880, "Size at which the log file is rotated; 0 means never.", ge=0)
    log_backup_count: Integer = setting(5, "Rotated log files to keep; 0 means that the file is never rotated.", ge=0)
    discord_webhook_url: WebhookUrl | Literal[""] = setting("", "Discord webhook for error notices.", secret=True)
    slack_webhook_url: WebhookUrl | Literal[""] = setting("", "Slack webhook for error notices.", secret=True)
    enable_error_notifications: Flag = setting(
        lambda fields: bool(fields["discord_webhook_url"] or fields["slack_webhook_url"]),
        "Whether errors are sent to the webhooks; false mutes them while their URLs stay.",
        shown="true when a webhook URL is set",
    )
    error_notification_repeat_hours: Number = setting(
        20.0, "Hours after which a failing task or group that was told of is told of again.", ge=0
    )
    enable_startup_notifications: Flag = setting(True, "Whether a start of the stack is told to the webhooks.")


class HttpSection(Section):
    title: ClassVar[str] = "HTTP"

    http_user_agent: str = setting(
        f"boost-data-collector/{__version__}",
        "User agent of all requests but Reddit's.",
        shown="boost-data-collector/<version>",
    )
    http_timeout_seconds: Number = setting(30.0, "Seconds without a byte after which a request fails.", gt=0)
    http_max_attempts: Integer = setting(5, "Times a request is sent before its failure is final.", ge=1)
    http_max_wait_seconds: Number = setting(
        300.0, "Longest wait inside a run that a source may ask for; a longer one ends the run until then.", ge=0
    )


class WebSection(Section):
    title: ClassVar[str] = "Web (without effect)"

    allowed_hosts: Words = setting(
        ("localhost", "127.0.0.1"), "Accepted from older .env files. The pages are Airflow's: its proxy checks hosts."
    )
    csrf_trusted_origins: Words = setting((), "Accepted from older .env files; Airflow sets its own cookie rules.")
    use_x_forwarded_host: Flag = setting(False, "Accepted from older .env files; see AIRFLOW__API__BASE_URL.")
    use_tls_proxy_headers: Flag = setting(False, "Accepted from older .env files; start the api-server with -P.")
    static_url: SlashedText = setting("static/", "Accepted from older .env files; a slash is added at the end.")
    force_script_name: str = setting("", "Accepted from older .env files; see AIRFLOW__API__BASE_URL.")
