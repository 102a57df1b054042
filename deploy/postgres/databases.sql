-- Run once by the postgres image, as its superuser: one database and one role without further rights for each of the
-- two users of the server. The passwords are the secrets that docker-compose.yaml mounts.
\set collector_password `cat /run/secrets/db_password`
\set airflow_password `cat /run/secrets/airflow_db_password`

CREATE ROLE boost LOGIN PASSWORD :'collector_password';
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE boost_dashboard OWNER boost;
CREATE DATABASE airflow OWNER airflow;
REVOKE CONNECT ON DATABASE boost_dashboard, airflow FROM PUBLIC;
