"""What people watch a running stack by: metrics, lines of task logs, assets, and notices of groups that are late."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.airflow.local_stack import LocalStack, eventually

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

NAMED_BY_AIRFLOW = {"run_id", "dag_id", "task_id", "try_number"}


def log_lines(stack: LocalStack, dag_id: str, run_id: str, task: str) -> list[dict[str, Any]]:
    folder = stack.folder.root / "airflow" / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task}"
    return [json.loads(line) for line in (folder / "attempt=1.log").read_text(encoding="utf-8").splitlines()]


def headers(stack: LocalStack) -> list[str]:
    """What Slack was told, by the titles."""
    return [post.body["blocks"][0]["text"]["text"] for post in stack.sandbox.webhooks.posts if post.service == "Slack"]


def test_a_late_run_is_told_of_once_while_it_goes_on_and_again_when_it_is_over(stack: LocalStack) -> None:
    # The sample's unit asks to wait for seconds; a late run of this group is one of more than a second.
    run_id = stack.api.ask_for("late")
    eventually("people are told", lambda: "Group late: late" in headers(stack), 25)
    notice = next(post.text for post in stack.sandbox.webhooks.posts if post.service == "Slack")
    assert run_id in notice
    assert stack.ended("late", run_id)["state"] == "success"
    eventually("people are told of its end", lambda: "Works again: late" in headers(stack))
    assert headers(stack) == ["Group late: late", "Works again: late"]
    run_log = [(row.status, row.units) for row in stack.run_log(run_id)]
    assert [status for status, _ in run_log] == ["rate_limited", "success"]

    values = stack.metrics.values()
    assert values["airflow.boost.runs.late.sample.rate_limited"] == "1|c"
    assert values["airflow.boost.rows.late.sample.inserted"] == "2|c"
    assert values["airflow.boost.success_age.sample"].endswith("|g")

    lines = [line for line in log_lines(stack, "late", run_id, "sample") if "dag_id" in line]
    assert all(line.keys() >= NAMED_BY_AIRFLOW for line in lines)
    assert {line["run_id"] for line in lines} == {run_id}
    ours = [line for line in lines if line.get("logger", "").startswith(("boost_collectors", "include", "tests"))]
    assert "Collector finished" in "".join(line["event"] for line in ours)
    assert {(line.get("group"), line.get("command")) for line in ours} == {("late", "sample")}

    events = stack.api.asset_events("sample_table", run_id)
    assert [(event["source_task_id"], event["extra"]["counts"]["things_inserted"]) for event in events] == [
        ("sample", 2)
    ]
    assert stack.api.versions("late") == 1, "parsing it again makes no new version of a DAG with a deadline"
