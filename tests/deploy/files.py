"""The deployment's files, read, and the names that Airflow's configuration knows."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import yaml

from include.stack.airflow import PROJECT

OPTION = re.compile(r"AIRFLOW__([A-Z_]+?)__([A-Z_]+)")


def compose() -> dict[str, Any]:
    """docker-compose.yaml with its anchors resolved."""
    return dict(yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")))


@cache
def airflow_options() -> frozenset[tuple[str, str]]:
    """Every (section, option) of Airflow and of the Celery provider, read from their files, without importing them."""
    root = Path(str(find_spec("airflow").submodule_search_locations[0]))
    core = yaml.safe_load((root / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    spec = spec_from_file_location("info", root / "providers" / "celery" / "get_provider_info.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sections = {**core, **module.get_provider_info()["config"]}
    return frozenset((name, option) for name, section in sections.items() for option in section["options"])


def unknown_airflow_names(names: Any) -> list[str]:
    """Those of these AIRFLOW__… variables that mean nothing to Airflow."""
    parsed = {name: OPTION.fullmatch(name) for name in names if name.startswith("AIRFLOW__")}
    return [
        name
        for name, match in parsed.items()
        if match is None or (match[1].lower(), match[2].lower()) not in airflow_options()
    ]
