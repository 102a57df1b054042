"""What runs in the containers besides Airflow: the entry point, the health checks, and the maker of secrets."""
