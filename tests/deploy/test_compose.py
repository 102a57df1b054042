"""docker-compose.yaml, the image and the chart's values name only what exists, and grant no more than is needed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from boost_collectors import registry
from boost_collectors.core.settings import known_variables
from include.deploy.alive import CHECKS
from include.deploy.make_secrets import make_secrets
from include.deploy.secret_files import AIRFLOW_SECRETS
from include.sandbox.server import environment as sandbox_environment
from include.stack.airflow import PROJECT
from tests.deploy.files import airflow_options, compose, unknown_airflow_names

SETTINGS = {variable.name: variable for variable in known_variables()}
SERVICES: dict[str, Any] = compose()["services"]
OURS = sorted(set(SERVICES) - {"postgres", "redis"})
FOREIGN = {"AIRFLOW_HOME", "AIRFLOW_PASSWORDS_FILE", "POSTGRES_PASSWORD_FILE"}
MANIFESTS = yaml.safe_load((PROJECT / "deploy/kubernetes/boost-collector.yaml").read_text(encoding="utf-8"))["items"]
VALUES = yaml.safe_load((PROJECT / "deploy/kubernetes/values.yaml").read_text(encoding="utf-8"))


def test_the_file_is_valid_by_the_compose_specification() -> None:
    package = Path(str(find_spec("check_jsonschema").submodule_search_locations[0]))
    schema = json.loads((package / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(compose())] == []


@pytest.mark.parametrize("profile", ["", "slack", "ci"])
def test_docker_accepts_the_file(profile: str) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    command = [docker, "compose", *(["--profile", profile] if profile else []), "config", "--quiet"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_a_setting_of_ours_or_of_airflow(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    files = {variable.removesuffix("_FILE") for variable in given if variable.endswith("_FILE")}
    plain = {variable for variable in given if variable.removesuffix("_FILE") not in AIRFLOW_SECRETS} - FOREIGN
    secret = {variable for variable, facts in SETTINGS.items() if facts.secret} | AIRFLOW_SECRETS
    ours = {variable for variable in plain if not variable.startswith("AIRFLOW__")}
    assert unknown_airflow_names(plain) == []
    assert {
        variable for variable in ours if variable not in SETTINGS and variable.removesuffix("_FILE") not in secret
    } == set()
    wanted = {variable for variable in files if variable in secret}
    mounted = set(SERVICES[name].get("secrets", []))
    assert {Path(given[f"{variable}_FILE"]).name for variable in wanted} <= mounted
    assert not {variable for variable in given if variable in secret}, "a secret stands in the file itself"


def test_every_secret_is_made_by_the_maker_and_used(tmp_path: Path) -> None:
    declared = compose()["secrets"]
    assert set(declared) == set(make_secrets(tmp_path))
    assert {entry["file"] for entry in declared.values()} == {f"./secrets/{name}" for name in declared}
    assert {secret for service in SERVICES.values() for secret in service.get("secrets", [])} == set(declared)


@pytest.mark.parametrize("name", OURS)
def test_every_service_of_ours_starts_what_exists_and_cannot_write_its_code(name: str) -> None:
    service = SERVICES[name]
    for module, argument in re.findall(r"python -m ([\w.]+)(?: (\w+))?", " ".join(service["command"])):
        assert find_spec(module) is not None
        assert module != "boost_collectors" or argument in registry.COMMANDS
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "user" not in service, "the image's own user is not root"
    check = service.get("healthcheck", {}).get("test")
    assert check is None or (check[:-1] == ["CMD", "python", "-m", "include.deploy.alive"] and check[-1] in CHECKS)
    assert check or name in ("migrate", "sandbox", "smoke")
    assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_workers_have_neither_airflows_database_nor_its_keys() -> None:
    for name in ("worker", "slack-events"):
        text = json.dumps(SERVICES[name])
        assert not [secret for secret in ("database_url", "fernet", "jwt") if secret in text]
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


def test_only_the_ui_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"api-server": ["127.0.0.1:${PORT:-8080}:8080"]}


def test_the_smoke_test_reads_the_sources_of_the_sandbox() -> None:
    lines = (PROJECT / "deploy" / "ci.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert given == {"HEALTH_ENFORCE_COLLECTOR_FRESHNESS": "false", **sandbox_environment("http://sandbox:8099")}


def test_the_image_holds_what_it_needs_and_runs_as_its_user() -> None:
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()}
    allowed = {
        line[1:] for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    assert copied == allowed
    assert {name for name in copied if not (PROJECT / name).exists()} == set()
    assert [line for line in text.splitlines() if line.startswith(("USER", "COPY", "RUN"))][-1] == "USER app"
    (uv,) = set(re.findall(r"uv==([\d.]+)", text))
    assert f"UV_VERSION := {uv}\n" in (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_the_charts_values_name_options_that_airflow_has() -> None:
    given = {(section, option) for section, options in VALUES["config"].items() for option in options}
    assert given - airflow_options() == set()
    assert {entry["name"] for entry in VALUES["env"]} <= set(SETTINGS)
    assert yaml.safe_load(VALUES["extraEnvFrom"]) == [{"secretRef": {"name": "boost-collector"}}]
    (airflow,) = re.findall(r"^apache-airflow==(\S+)$", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    assert VALUES["airflowVersion"] == airflow
    compared = SERVICES["worker"]["environment"]
    for section, options in VALUES["config"].items():
        for option, value in options.items():
            name = f"AIRFLOW__{section.upper()}__{option.upper()}"
            assert name not in compared or "$" in compared[name] or compared[name] == value, name


def test_the_manifests_beside_the_chart_fit_it_and_run_without_rights() -> None:
    image = f"{VALUES['images']['airflow']['repository']}:{VALUES['images']['airflow']['tag']}"
    pods = [manifest["spec"]["template"]["spec"] for manifest in MANIFESTS if "template" in manifest["spec"]]
    assert len(pods) == 2
    for pod in pods:
        (container,) = pod["containers"]
        assert container["image"] == image
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == VALUES["uid"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        names = {entry["name"] for entry in container["env"]} - FOREIGN
        assert unknown_airflow_names(names) == []
        assert {name for name in names if not name.startswith("AIRFLOW__")} <= set(SETTINGS)
    commands = [pod["containers"][0]["args"] for pod in pods]
    assert commands == [SERVICES["migrate"]["command"], SERVICES["slack-events"]["command"]]
