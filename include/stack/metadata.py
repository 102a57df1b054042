"""``python -m include.stack.metadata``: make Airflow's own database ready, in one process for the price of one import.

Migrates it when it is not current and loads ``airflow_settings.yaml`` (connections, pools, variables). Without the
pools a task that names one would wait for ever.
"""

from __future__ import annotations

import sys
from pathlib import Path

from include.orchestration.airflow_settings import load_settings


def main(settings_file: Path) -> None:
    """Both steps, on the database that Airflow's configuration names."""
    # Imported here, because Airflow reads its configuration when it is imported.
    from airflow.utils import db

    try:
        db.check_migrations(0)
    except TimeoutError:
        db.upgradedb()
    load_settings(settings_file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
