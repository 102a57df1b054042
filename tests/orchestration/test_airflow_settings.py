"""Loading airflow_settings.yaml: complete, repeatable, and told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from boost_collectors import registry
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import PROJECT_ROOT
from include.orchestration.airflow_settings import load_settings, main, read_settings

SHIPPED = PROJECT_ROOT / "airflow_settings.yaml"
FILE = """
airflow:
  connections:
    - {conn_id: from_parts, conn_type: http, conn_host: example.org, conn_port: 8080, conn_login: me,
       conn_password: secret, conn_schema: https, conn_extra: {timeout: 5}}
    - {conn_id: from_uri, conn_uri: "postgres://me:secret@db.example.org:5433/data"}
    - {conn_id: , conn_type: , conn_host: , conn_password: }
  pools:
    - {pool_name: narrow, pool_slot: 1, pool_description: one at a time}
    - {pool_name: , pool_slot: , pool_description: }
  variables:
    - {variable_name: colour, variable_value: blue}
    - {variable_name: number, variable_value: 0}
    - {variable_name: , variable_value: }
"""


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "airflow_settings.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_the_shipped_file_names_exactly_the_pools_of_the_registry() -> None:
    # A task whose pool does not exist stays scheduled for ever.
    pools = {entry["pool_name"] for entry in read_settings(SHIPPED)["pools"]}
    assert pools == {spec.pool for spec in registry.COMMANDS.values() if spec.pool}


@pytest.mark.airflow
def test_loading_twice_gives_the_same_entries(airflow_metadata: None, settings_file: Path) -> None:
    from airflow.models import Connection, Pool, Variable
    from airflow.utils.session import create_session

    for _ in range(2):
        assert load_settings(settings_file) == {"connections": 2, "pools": 1, "variables": 2}
        with create_session() as session:
            rows = session.scalars(select(Connection).where(Connection.conn_id.in_(["from_parts", "from_uri"])))
            found = {row.conn_id: (row.host, row.port, row.login, row.password, row.schema) for row in rows}
            pool = session.scalars(select(Pool).where(Pool.pool == "narrow")).one()
            assert (pool.slots, pool.description, pool.include_deferred) == (1, "one at a time", False)
        assert found == {
            "from_parts": ("example.org", 8080, "me", "secret", "https"),
            "from_uri": ("db.example.org", 5433, "me", "secret", "data"),
        }
        assert (Variable.get("colour"), Variable.get("number")) == ("blue", "0")


@pytest.mark.airflow
def test_a_changed_entry_is_brought_up_to_date_and_others_stay(airflow_metadata: None, settings_file: Path) -> None:
    from airflow.models import Pool, Variable

    load_settings(settings_file)
    settings_file.write_text(FILE.replace("pool_slot: 1,", "pool_slot: 7,").replace("blue", "red"), encoding="utf-8")
    Variable.set("somebody_elses", "kept")
    load_settings(settings_file)
    assert Pool.get_pool("narrow").slots == 7
    assert Variable.get("colour") == "red"
    assert Variable.get("somebody_elses") == "kept"
    assert Pool.get_pool("default_pool") is not None


@pytest.mark.airflow
def test_the_command_line_loads_the_shipped_file(airflow_metadata: None, capsys: pytest.CaptureFixture[str]) -> None:
    from airflow.models import Pool

    assert main([str(SHIPPED)]) == 0
    assert "pools" in capsys.readouterr().out
    assert Pool.get_pool("git") is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "'airflow' must hold a mapping"),
        ("airflow: {pools: [git]}", "pools entry 1 must be a mapping"),
        ("airflow: [", "cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(path)
    assert "wrong.yaml" in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.airflow
def test_a_pool_without_slots_is_refused_and_nothing_is_written(airflow_metadata: None, tmp_path: Path) -> None:
    from airflow.models import Pool

    path = tmp_path / "wrong.yaml"
    path.write_text(
        "airflow: {pools: [{pool_name: half_written, pool_slot: 3}, {pool_name: no_slots}]}", encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="'no_slots': pool_slot must be a whole number"):
        load_settings(path)
    assert Pool.get_pool("half_written") is None


def test_a_wrong_call_or_file_ends_with_a_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main([str(tmp_path / "gone.yaml")]) == 1
    assert "gone.yaml" in capsys.readouterr().err
