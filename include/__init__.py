"""What surrounds the collectors: the Airflow layer, the schedule, the local stack and the sandbox of sources."""
