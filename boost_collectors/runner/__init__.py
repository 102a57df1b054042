"""The schedule: what is written in the file, what is due on a date, and running it without Airflow."""
