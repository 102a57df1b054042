"""The short cut to the schedule's settings must say what the settings say."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import PROJECT_ROOT, Settings, schedule_source
from boost_collectors.runner.schedule_config import is_schedule_strict

FLAGS = ("", " ", "true", "no", "ON")
PATHS = ("", "relative.yaml", "/absolute/schedule.yaml", "$ELSEWHERE", "${NOWHERE}", "~/schedule.yaml")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("strict", "debug"), list(itertools.product(FLAGS, FLAGS)))
def test_it_agrees_with_the_settings(path: str, strict: str, debug: str) -> None:
    environ = {
        "BOOST_COLLECTOR_SCHEDULE_YAML": path,
        "BOOST_COLLECTOR_SCHEDULE_STRICT": strict,
        "DEBUG": debug,
        "ELSEWHERE": "/elsewhere/schedule.yaml",
    }
    settings = Settings.load(environ, env_file=None)
    source = schedule_source(environ, env_file=None)
    assert source.path == settings.boost_collector_schedule_yaml
    assert source.strict is is_schedule_strict(settings=settings)


def test_it_reads_the_env_file_below_the_environment(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("DEBUG=true\nBOOST_COLLECTOR_SCHEDULE_YAML=/from/file.yaml\n", encoding="utf-8")
    assert schedule_source({}, env_file) == (Path("/from/file.yaml"), False)
    assert schedule_source({"DEBUG": "false"}, env_file) == (Path("/from/file.yaml"), True)


@pytest.mark.parametrize("name", ["BOOST_COLLECTOR_SCHEDULE_STRICT", "DEBUG"])
def test_a_malformed_value_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        schedule_source({name: "perhaps"}, env_file=None)


def test_it_does_not_build_the_settings() -> None:
    code = (
        "import sys; from boost_collectors.core.settings import schedule_source; schedule_source({}, None); "
        "print('boost_collectors.core.settings.model' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
