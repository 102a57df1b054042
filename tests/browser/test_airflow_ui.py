"""What an operator sees and does in Airflow's UI, on a running stack."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.airflow.local_stack import LocalStack, eventually
from tests.browser.airflow_ui import AirflowUi
from tests.browser.conftest import GROUP, ON_THE_STACK

pytestmark = ON_THE_STACK

MAPPED = "run_boost_github_activity_tracker"


def test_strangers_see_a_login_form_and_nothing_else(stranger: AirflowUi) -> None:
    page = stranger.open("dags")
    expect(page.locator("input[name=password]")).to_be_visible()
    expect(page.get_by_text(GROUP)).to_have_count(0)


def test_the_groups_are_listed_with_what_kind_they_are(ui: AirflowUi, running_stack: LocalStack) -> None:
    page = ui.open("dags")
    for dag in running_stack.api.dags():
        expect(page.get_by_role("link", name=dag["dag_id"], exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="daily batch").first).to_be_visible()
    expect(page.get_by_role("link", name="interval").first).to_be_visible()


def test_a_group_shows_its_part_of_the_schedule(ui: AirflowUi) -> None:
    page = ui.open(f"dags/{GROUP}")
    page.get_by_test_id("markdown-button").click()
    expect(page.get_by_role("dialog")).to_contain_text("command: run_boost_mailing_list_tracker")


def test_the_graph_shows_the_plan_the_mapped_task_and_the_verdict_of_a_run(ui: AirflowUi, finished: str) -> None:
    page = ui.graph(GROUP, finished)
    graph = page.locator(".react-flow")
    for name in (f"plan: {MAPPED}", f"{MAPPED} [1]", "run_wg21_paper_tracker", "verdict"):
        expect(graph.get_by_text(name, exact=True)).to_be_visible()
    expect(graph.get_by_text("success", exact=True)).to_have_count(5)


def test_a_mapped_task_names_its_units_and_shows_its_counts(ui: AirflowUi, finished: str) -> None:
    page = ui.open(f"dags/{GROUP}/runs/{finished}/tasks/{MAPPED}/mapped")
    page.get_by_role("link", name="boostorg/").first.click()
    expect(page.get_by_text("Collector finished").first).to_be_visible()
    page.goto(f"{page.url.rstrip('/')}/xcom")
    expect(page.get_by_text("return_value")).to_be_visible()
    page.get_by_label("Expand").first.click()
    # The editor only draws the lines in view.
    expect(page.get_by_text(re.compile("_inserted")).first).to_be_visible()


def test_a_dry_run_of_one_command_from_the_form(ui: AirflowUi, stack: LocalStack) -> None:
    form = ui.trigger_form(GROUP)
    labels = form.locator("label")
    for name in ("Window", "Since", "Until", "Commands", "Only", "Dry run", "Force"):
        expect(labels.filter(has_text=re.compile(rf"^{name}\W*$"))).to_be_visible()
    expect(form.get_by_text("As usual: from the checkpoint on")).to_be_visible()
    form.locator("#element_commands").click()
    ui.page.get_by_role("option", name="run_wg21_paper_tracker").click()
    form.get_by_label("Dry run").press("Space")
    expect(form.get_by_label("Dry run")).to_be_checked()
    known = {run["dag_run_id"] for run in stack.api.dag_runs(GROUP)}
    form.get_by_role("button", name="Trigger").click()
    runs = eventually(
        "the run is there", lambda: [run for run in stack.api.dag_runs(GROUP) if run["dag_run_id"] not in known]
    )
    run = stack.ended(GROUP, runs[0]["dag_run_id"])
    assert run["conf"]["commands"] == ["run_wg21_paper_tracker"]
    assert run["conf"]["dry_run"] is True
    assert run["state"] == "success"
    states = stack.api.states(GROUP, run["dag_run_id"])
    assert {task for task, state in states.items() if state == "success"} == {"run_wg21_paper_tracker", "verdict"}
    assert sum(sum(rows.values()) for rows in stack.content().values()) == 0


def test_the_health_page_is_readable_without_a_login(stranger: AirflowUi) -> None:
    page = stranger.open("health/")
    assert json.loads(page.locator("pre").inner_text())["checks"]["database"]["ok"] is True
