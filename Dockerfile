# syntax=docker/dockerfile:1
# One image for every service of docker-compose.yaml: the code is root's, what runs is the user `app`.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS packages
RUN pip install --no-cache-dir uv==0.13.9
COPY requirements.lock /tmp/requirements.lock
# Compiled here: Airflow's processes start twice as fast, and a read-only file system cannot keep what they compile.
RUN python -m venv /opt/venv \
    && uv pip install --python /opt/venv/bin/python --no-cache --compile-bytecode --require-hashes -r /tmp/requirements.lock

FROM python:${PYTHON}
ARG VERSION=
ARG APP_UID=10001
RUN apt-get update \
    && apt-get install -y --no-install-recommends git tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid "${APP_UID}" --gid 0 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin app \
    && mkdir -p /data/workspace /data/logs /data/airflow \
    && chown -R app:0 /data \
    && chmod -R g=u /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY alembic.ini airflow_settings.yaml ./
COPY boost_collectors boost_collectors
COPY dags dags
COPY include include
COPY migrations migrations
COPY plugins plugins
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/tmp/airflow \
    WORKSPACE_DIR=/data/workspace \
    LOG_DIR=/data/logs
RUN if [ -n "${VERSION}" ]; then echo "${VERSION}" > boost_collectors/VERSION; fi \
    && python -m compileall -q boost_collectors dags include migrations plugins
USER app
VOLUME ["/data"]
ENTRYPOINT ["tini", "--", "python", "-m", "include.deploy.entrypoint"]
CMD ["python", "-m", "boost_collectors", "--help"]
