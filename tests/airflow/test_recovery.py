from __future__ import annotations
import time
import pytest
from tests.airflow.local_stack import LocalStack
pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]

def test_a(stack: LocalStack) -> None:
    for i in range(2):
        t = time.time()
        run = stack.run("everything")
        print(time.time() - t, run["state"], stack.api.states("everything", run["dag_run_id"]))
        for r in stack.run_log(run["dag_run_id"]):
            print(r.command, r.group_id, r.window_mode, r.window_since, r.units, r.status, r.started_at, r.finished_at, r.counts)
        for x in stack.api.tasks("everything", run["dag_run_id"]):
            print(x["task_id"], x["map_index"], x["queued_when"], x["start_date"], x["end_date"], x["pid"])
    print({k: sum(v.values()) for k, v in stack.content().items()})
    for d in ("clockwork", "clockwork__every_1000min"):
        print(stack.api.dag_runs(d))
    print(stack.api.health("").text)
