"""Settings of deployment scripts, of the containers and of the benchmarks."""

from __future__ import annotations

from typing import ClassVar

from boost_collectors.core.settings.kinds import Flag, Integer, LenientCount, LenientNumber, Section, setting


class ServerSection(Section):
    title: ClassVar[str] = "Web server (without effect)"

    gunicorn_bind: str = setting("0.0.0.0:8000", "Accepted from older .env files; see AIRFLOW__API__HOST and __PORT.")
    web_concurrency: LenientCount = setting(2, "Accepted from older .env files; see AIRFLOW__API__WORKERS.")
    gunicorn_threads: LenientCount = setting(4, "Accepted from older .env files; the api-server is asynchronous.")
    gunicorn_worker_class: str = setting("gthread", "Accepted from older .env files; see AIRFLOW__API__SERVER_TYPE.")
    gunicorn_timeout: LenientCount = setting(120, "Accepted from older .env files; see AIRFLOW__API__WORKER_TIMEOUT.")


class DeploymentSection(Section):
    title: ClassVar[str] = "Deployment"

    repo_url: str = setting("", "Repository that the deployment script clones.")
    branch: str = setting("", "Branch that it checks out.")
    deploy_dir: str = setting("/opt/boost-data-collector", "Folder that it deploys to.")
    deploy_branch: str = setting("unknown", "Branch named in the notice about a start.")
    allow_root_entrypoint: Flag = setting(
        False,
        "Whether a container may start as root, mend the owners of its folders and go on as the application user.",
    )
    slack_profile_wait_timeout: Integer = setting(600, "Seconds to wait for the Slack browser profile.", ge=1)
    slack_profile_wait_interval: Integer = setting(5, "Seconds between two looks at it.", ge=1)
    discord_profile_wait_timeout: Integer = setting(600, "Seconds to wait for the Discord browser profile.", ge=1)
    discord_profile_wait_interval: Integer = setting(5, "Seconds between two looks at it.", ge=1)


class BenchmarkSection(Section):
    title: ClassVar[str] = "Benchmarks"

    run_benchmarks: Flag = setting(False, "Whether the test run includes the benchmarks.")
    benchmark_commit_n: Integer = setting(50, "Commits in one round of a benchmark.", ge=1)
    benchmark_regression_ratio: LenientNumber = setting(1.10, "Times the baseline at which a benchmark fails.")
