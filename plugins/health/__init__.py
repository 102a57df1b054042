"""``GET /health/`` of the Airflow api-server; docs/health.md says what each field means."""
