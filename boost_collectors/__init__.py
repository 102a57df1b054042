"""Collector libraries of Boost Data Collector. They know nothing of Airflow; see docs/architecture.md."""
