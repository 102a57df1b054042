"""What Airflow shows of a task whose error names a secret."""

from __future__ import annotations

import pytest
from airflow.sdk.log import mask_logs

from boost_collectors.core.commands import CommandSpec
from include.orchestration.task_settings import settings_for

PASSWORD = "correct-horse-battery"
SPEC = CommandSpec("sample", "nowhere:Nothing", "A sample.")


def test_the_secrets_of_the_settings_never_reach_the_task_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{PASSWORD}@db.example.org/data")
    monkeypatch.setenv("GITHUB_TOKEN", "a-token-of-no-known-form")
    settings = settings_for(SPEC)
    assert settings.github_token == "a-token-of-no-known-form"
    # The processor through which Airflow sends all that a task logs, its last exception included.
    shown = mask_logs(
        None,
        "error",
        {
            "event": "Task failed with exception",
            "error_detail": [{"exc_value": f"password {PASSWORD} refused", "exc_notes": [settings.github_token]}],
        },
    )
    assert shown["error_detail"] == [{"exc_value": "password *** refused", "exc_notes": ["***"]}]
