"""The Airflow layer: DAGs made from the schedule file, and operators that run the collectors' commands."""
