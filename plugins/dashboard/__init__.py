"""The pages of who uses which Boost library, in the Airflow UI; docs/dashboard.md says how they are made."""
