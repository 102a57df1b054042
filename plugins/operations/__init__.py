"""The operations page of the Airflow UI; docs/operations.md says what it shows."""
