"""One worker process: asks until there is no quota left, then prints how often it was answered and when to return."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.settings import Settings


def main(api_url: str, database_url: str, tokens: str, now: str, threads: str) -> None:
    variables = {"GITHUB_API_URL": api_url, "GITHUB_TOKENS_SCRAPING": tokens, "GITHUB_QUOTA_RESERVE": "0"}
    settings = Settings.load({**variables, "DATABASE_URL": database_url}, env_file=None)
    moment = datetime.fromisoformat(now)

    def no_sleep(seconds: float) -> None:
        raise AssertionError(f"a wait of {seconds} s")

    with Database(database_url) as database:
        client = GitHubClient.from_settings(settings, database, clock=lambda: moment, sleep=no_sleep)
        with client, ThreadPoolExecutor(int(threads)) as pool:
            ended = list(pool.map(lambda _: _until_spent(client), range(int(threads))))
    retry_at = max(retry_at for _, retry_at in ended)
    sys.stdout.write(f"{sum(answered for answered, _ in ended)} {retry_at.isoformat()}\n")


def _until_spent(client: GitHubClient) -> tuple[int, datetime]:
    answered = 0
    while True:
        try:
            client.rest(f"/repos/o/r{answered}")
        except RateLimited as error:
            return answered, error.retry_at
        answered += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
