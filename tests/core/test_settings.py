"""Settings: every kind of value, where it comes from, and that all that is wrong is told at once."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import PROJECT_ROOT, Settings, known_variables
from boost_collectors.core.settings.kinds import FALSE_WORDS, TRUE_WORDS


def load(**environ: str) -> Settings:
    return Settings.load(environ, env_file=None)


def load_file(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / ".env"
    path.write_text(text, encoding="utf-8")
    return Settings.load(environ, env_file=path)


def problem(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(**environ)
    return str(caught.value)


class TestDefaults:
    def test_nothing_set_gives_the_documented_defaults(self) -> None:
        settings = load()
        assert settings.database_url is None
        assert settings.pinecone_batch_size == 96
        assert settings.health_collector_stale_hours == 26.0
        assert settings.http_max_attempts == 5
        assert settings.allowed_hosts == ("localhost", "127.0.0.1")
        assert settings.github_api_url == "https://api.github.com"
        assert settings.workspace_dir == PROJECT_ROOT / "workspace"
        assert settings.embedded_postgres_dir == PROJECT_ROOT / "workspace" / "postgres"
        assert settings.boost_collector_schedule_yaml == (
            PROJECT_ROOT / "include" / "schedule" / "boost_collector_schedule.yaml"
        )

    @pytest.mark.parametrize("blank", ["", " ", "\t "])
    def test_blank_means_default_for_every_variable(self, blank: str) -> None:
        names = [variable.name.replace("<team>", "T1") for variable in known_variables()]
        assert Settings.load(dict.fromkeys(names, blank), env_file=None) == load()

    def test_one_field_per_variable_named_in_lower_case(self) -> None:
        variables = known_variables()
        assert [variable.field for variable in variables] == list(Settings.model_fields)
        for variable in variables:
            if variable.prefix is None:
                assert variable.field == variable.name.lower()
            assert variable.help.endswith((".", "…")), variable.name
            assert variable.section

    def test_every_default_read_as_text_is_the_default(self) -> None:
        texts = {variable.name: variable.default for variable in known_variables() if not variable.derived}
        assert Settings.load(texts, env_file=None) == load()

    def test_defaults_that_follow_other_settings(self, tmp_path: Path) -> None:
        settings = load(
            WORKSPACE_DIR=str(tmp_path),
            GITHUB_TOKEN="token-1",
            CELERY_BROKER_URL="redis://queue:6379/3",
            SLACK_TEAM_ID="T1",
            DEBUG="yes",
            SLACK_WEBHOOK_URL="https://hooks.slack.com/services/a/b/c",
        )
        assert settings.raw_dir == tmp_path / "raw"
        assert settings.chrome_profile_path == tmp_path / "slack_event_handler" / "chrome_profile"
        assert settings.github_tokens_scraping == ("token-1",)
        assert settings.github_token_write == "token-1"
        assert settings.celery_result_backend == "redis://queue:6379/3"
        assert settings.slack_team_ids == ("T1",)
        assert settings.log_level == "DEBUG"
        assert settings.enable_error_notifications is True
        assert load().enable_error_notifications is False

    def test_loading_creates_nothing(self, tmp_path: Path) -> None:
        load(WORKSPACE_DIR=str(tmp_path / "w"), LOG_DIR=str(tmp_path / "l"), RAW_DIR=str(tmp_path / "r"))
        assert list(tmp_path.iterdir()) == []

    def test_settings_cannot_be_changed(self) -> None:
        settings = load()
        with pytest.raises(ValidationError):
            settings.debug = True  # type: ignore[misc]

    def test_importing_is_light(self) -> None:
        code = (
            "import sys; import boost_collectors.core.settings; "
            "print(sorted({'sqlalchemy', 'httpx', 'rich', 'airflow', 'pydantic_settings'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
        )
        assert done.stdout.strip() == "[]"


class TestKinds:
    @pytest.mark.parametrize("word", [*TRUE_WORDS, "TRUE", " Yes "])
    def test_words_for_yes(self, word: str) -> None:
        assert load(DEBUG=word).debug is True

    @pytest.mark.parametrize("word", [*FALSE_WORDS, "False", " OFF "])
    def test_words_for_no(self, word: str) -> None:
        assert load(HEALTH_ENFORCE_COLLECTOR_FRESHNESS=word).health_enforce_collector_freshness is False

    def test_other_words_are_malformed(self) -> None:
        assert "DEBUG='maybe' (environment) must be one of true, on, ok" in problem(DEBUG="maybe")

    @pytest.mark.parametrize(("word", "is_open"), [("TRUE", True), ("true", True), ("1", False), ("yes", False)])
    def test_only_true_opens_the_gate_for_session_tokens(self, word: str, is_open: bool) -> None:
        assert load(ALLOW_INTERNAL_SLACK_TOKENS=word).allow_internal_slack_tokens is is_open

    def test_lists_are_trimmed_and_hold_no_blanks(self) -> None:
        settings = load(ALLOWED_HOSTS=" a , ,b,", CHANNEL_ALLOWLIST="General, C0X", GITHUB_TOKENS_SCRAPING="t1, t2,t1")
        assert settings.allowed_hosts == ("a", "b")
        assert settings.channel_allowlist == ("general", "c0x")
        assert settings.github_tokens_scraping == ("t1", "t2")

    @pytest.mark.parametrize("text", ["97", "0", "-1", "9_6", "96.0", "x", "1e2", "٩"])
    def test_whole_numbers_in_range(self, text: str) -> None:
        assert "PINECONE_BATCH_SIZE=" in problem(PINECONE_BATCH_SIZE=text)

    @pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "ten", "-0.1"])
    def test_numbers_are_finite_and_in_range(self, text: str) -> None:
        assert "REQUEST_INTERVAL=" in problem(REQUEST_INTERVAL=text)

    @pytest.mark.parametrize("text", ["nan", "inf", "soon"])
    def test_health_is_left_to_report_its_own_malformed_numbers(
        self, text: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings = load(
            HEALTH_COLLECTOR_STALE_HOURS=text, HEALTH_CELERY_MIN_WORKERS=text, HEALTH_CELERY_INSPECT_TIMEOUT=text
        )
        assert settings.health_collector_stale_hours is None
        assert settings.health_celery_min_workers is None
        assert settings.health_celery_inspect_timeout is None
        assert "HEALTH_COLLECTOR_STALE_HOURS must be a" in caplog.text

    def test_lenient_settings_warn_and_take_the_default(self, caplog: pytest.LogCaptureFixture) -> None:
        settings = load(
            LOG_LEVEL="loud",
            LOG_FORMAT="xml",
            CHANNEL_JOIN_INTERVAL_MINUTES="often",
            BOOST_DASHBOARD_ACTIVITY_TREND_WEIGHT="nan",
            DISCORD_SERVER_ID="home",
            YOUTUBE_MAX_QUERY_PAIRS="many",
        )
        assert (settings.log_level, settings.log_format) == ("INFO", "text")
        assert settings.channel_join_interval_minutes == 15
        assert settings.boost_dashboard_activity_trend_weight == 0.3
        assert settings.discord_server_id is None
        assert settings.youtube_max_query_pairs == 30
        assert len(caplog.records) == 6

    def test_numbers_with_a_floor(self) -> None:
        assert load(CHANNEL_JOIN_INTERVAL_MINUTES="0").channel_join_interval_minutes == 15
        assert load(YOUTUBE_MAX_QUERY_PAIRS="-3").youtube_max_query_pairs == 1
        assert load(PINECONE_UPDATE_MAX_WORKERS="0").pinecone_update_max_workers == 1
        assert "PINECONE_UPDATE_MAX_WORKERS='few'" in problem(PINECONE_UPDATE_MAX_WORKERS="few")

    @pytest.mark.parametrize("level", ["warning", "WARNING", " Warning "])
    def test_log_level_in_any_case(self, level: str) -> None:
        assert load(LOG_LEVEL=level).log_level == "WARNING"

    def test_channel_ids_that_are_no_ids_are_dropped_but_never_mean_all(self) -> None:
        assert load(DISCORD_CHANNEL_IDS="1, x,22").discord_channel_ids == ("1", "22")
        assert "DISCORD_CHANNEL_IDS='x,y'" in problem(DISCORD_CHANNEL_IDS="x,y")

    def test_paths_are_absolute(self) -> None:
        settings = load(WORKSPACE_DIR="data/w", LOG_DIR="~/logs", RAW_DIR="/raw")
        assert settings.workspace_dir == PROJECT_ROOT / "data" / "w"
        assert settings.log_dir == Path.home() / "logs"
        assert settings.raw_dir == Path("/raw")

    @pytest.mark.parametrize("path", ["/x;rm", "/x$HOME", "/x\0", "/ö"])
    def test_profile_paths_hold_harmless_characters_only(self, path: str) -> None:
        assert "CHROME_PROFILE_PATH" in problem(CHROME_PROFILE_PATH=path)

    def test_base_urls_end_as_their_readers_expect(self) -> None:
        settings = load(
            GITHUB_API_URL="http://127.0.0.1:9/api/", WG21_PAPERS_URL="http://h/p", STATIC_URL="https://cdn/x"
        )
        assert settings.github_api_url == "http://127.0.0.1:9/api"
        assert settings.wg21_papers_url == "http://h/p/"
        assert settings.static_url == "https://cdn/x/"

    @pytest.mark.parametrize("url", ["api.github.com", "ftp://h", "https://", "http://h:x", "http://[", "http://h:0/"])
    def test_base_urls_are_http_urls(self, url: str) -> None:
        assert "GITHUB_API_URL" in problem(GITHUB_API_URL=url)

    def test_chunk_overlap_fits_into_a_chunk(self) -> None:
        assert load(PINECONE_CHUNK_SIZE="10", PINECONE_CHUNK_OVERLAP="10").pinecone_chunk_overlap == 10
        assert "chunk overlap" in problem(PINECONE_CHUNK_SIZE="10", PINECONE_CHUNK_OVERLAP="11")

    def test_instants_are_iso(self) -> None:
        assert load(YOUTUBE_DEFAULT_PUBLISHED_AFTER="2020-01-01T00:00:00Z")
        assert "YOUTUBE_DEFAULT_PUBLISHED_AFTER" in problem(YOUTUBE_DEFAULT_PUBLISHED_AFTER="last year")

    def test_signing_needs_a_key_unless_debugging(self) -> None:
        assert load(SECRET_KEY="k3y-k3y").signing_key() == "k3y-k3y"
        assert load(DEBUG="1").signing_key()
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            load().signing_key()


class TestSlackTeams:
    def test_tokens_and_scopes_of_the_listed_teams(self, caplog: pytest.LogCaptureFixture) -> None:
        settings = load(
            SLACK_TEAM_IDS="T1, T2,T3",
            SLACK_BOT_TOKEN_T1=" xoxb-1 ",
            SLACK_BOT_TOKEN_T2=" ",
            SLACK_BOT_TOKEN_T9="xoxb-9",
            SLACK_APP_TOKEN_T2="xapp-2",
            SLACK_TEAM_SCOPE_T1="1, x, 7",
            SLACK_TEAM_SCOPE_T2="nothing",
        )
        assert settings.slack_bot_tokens == {"T1": "xoxb-1"}
        assert settings.slack_app_tokens == {"T2": "xapp-2"}
        assert settings.slack_team_scopes == {"T1": (1,), "T2": (0, 1), "T3": (0, 1)}
        assert "SLACK_BOT_TOKEN_T9 has no effect" in caplog.text

    def test_tokens_stay_where_no_team_is_listed_so_that_commands_can_tell(self) -> None:
        assert load(SLACK_BOT_TOKEN_T9="xoxb-9").slack_bot_tokens == {"T9": "xoxb-9"}

    def test_one_team_needs_no_list(self) -> None:
        settings = load(SLACK_TEAM_ID="T1", SLACK_BOT_TOKEN_T1="xoxb-1")
        assert settings.slack_bot_tokens == {"T1": "xoxb-1"}

    def test_the_default_team_is_one_of_the_list(self) -> None:
        assert "SLACK_TEAM_IDS='T2' (environment) must include SLACK_TEAM_ID" in problem(
            SLACK_TEAM_ID="T1", SLACK_TEAM_IDS="T2"
        )


class TestErrors:
    def test_all_are_reported_together_by_name_and_place(self, tmp_path: Path) -> None:
        text = "# comment\nLOG_MAX_BYTES=big\nexport DB_PORT='70000'\nWORKSPACE_DIR=ok\n"
        with pytest.raises(ConfigurationError) as caught:
            load_file(tmp_path, text, DEBUG="perhaps")
        message = str(caught.value)
        assert message.startswith("3 settings are malformed: ")
        assert f"LOG_MAX_BYTES='big' ({tmp_path}/.env line 2) must be a whole number" in message
        assert f"DB_PORT='70000' ({tmp_path}/.env line 3) must be less than or equal to 65535" in message
        assert "DEBUG='perhaps' (environment)" in message

    def test_no_secret_is_shown(self) -> None:
        message = problem(
            DATABASE_URL="mysql://u:hunter22@h/d",
            DISCORD_WEBHOOK_URL="hunter22",
            LOG_MAX_BYTES="ghp_" + "A" * 36,
        )
        assert "DATABASE_URL (environment) must be" in message
        assert "DISCORD_WEBHOOK_URL (environment) must be" in message
        assert "hunter22" not in message
        assert "AAAA" not in message

    def test_repr_shows_no_secret(self) -> None:
        settings = load(
            GITHUB_TOKEN="hunter22", DATABASE_URL="postgres://u:hunter22@h/d", SLACK_TEAM_IDS="T1",
            SLACK_BOT_TOKEN_T1="hunter22",
        )  # fmt: skip
        assert "hunter22" not in repr(settings)

    @given(
        st.sets(
            st.sampled_from(
                [
                    "DEBUG", "LOG_MAX_BYTES", "PINECONE_BATCH_SIZE", "REQUEST_INTERVAL", "DATABASE_URL", "DB_PORT",
                    "GITHUB_API_URL", "DISCORD_CHANNEL_IDS", "HTTP_TIMEOUT_SECONDS", "YOUTUBE_DEFAULT_PUBLISHED_AFTER",
                    "RUN_BENCHMARKS", "BENCHMARK_COMMIT_N",
                ]
            ),
            min_size=1,
        )
    )  # fmt: skip
    def test_every_malformed_variable_is_named_and_no_other(self, names: set[str]) -> None:
        message = problem(**dict.fromkeys(names, "£"))
        reported = [part.split()[0].partition("=")[0] for part in message.partition(": ")[2].split("; ")]
        assert sorted(reported) == sorted(names)


class TestSources:
    def test_the_environment_wins_even_when_blank(self, tmp_path: Path) -> None:
        settings = load_file(tmp_path, "LOG_FILE=a\nGIT_AUTHOR_NAME=b\nBRANCH=c", LOG_FILE="x", GIT_AUTHOR_NAME="")
        assert (settings.log_file, settings.git_author_name, settings.branch) == ("x", "unknown", "c")

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("LOG_FILE=a.log", "a.log"),
            ("  export LOG_FILE = a.log  ", "a.log"),
            ("LOG_FILE='a b'", "a b"),
            ('LOG_FILE="a \\"b\\""', 'a "b"'),
            ("LOG_FILE=a #b", "a #b"),
            ("LOG_FILE=a=b", "a=b"),
            ("\ufeffLOG_FILE=bom", "bom"),
            ("LOG_FILE='open", "'open"),
            ("LOG_FILE=one\nLOG_FILE=two", "two"),
        ],
    )
    def test_lines_of_an_env_file(self, tmp_path: Path, line: str, value: str) -> None:
        assert load_file(tmp_path, line).log_file == value

    def test_bad_lines_are_warned_about_and_ignored(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        assert load_file(tmp_path, "what is this\nLOG_FILE=a\n1X=2\n").log_file == "a"
        assert "line 1 is not KEY=VALUE" in caplog.text
        assert "line 3 is not KEY=VALUE" in caplog.text

    @pytest.mark.parametrize("name", ["missing/.env", "."])
    def test_no_env_file_is_fine(self, tmp_path: Path, name: str) -> None:
        assert Settings.load({}, env_file=tmp_path / name) == load()

    def test_references_are_followed(self) -> None:
        assert load(LOG_FILE="$NAME", NAME="${OTHER}", OTHER="x.log").log_file == "x.log"
        assert load(LOG_FILE="$NAME").log_file == "app.log"
        assert load(LOG_FILE="$A", A="$B", B="$A").log_file == "app.log"
        assert load(LOG_FILE="$NAME.log", NAME="x").log_file == "$NAME.log"

    def test_secrets_are_not_expanded(self) -> None:
        settings = load(GITHUB_TOKEN="$HOME", HOME="/root", SLACK_TEAM_IDS="T1", SLACK_BOT_TOKEN_T1="$HOME")
        assert settings.github_token == "$HOME"
        assert settings.slack_bot_tokens == {"T1": "$HOME"}

    def test_unknown_names_in_the_file_are_warned_about(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        text = (
            "PINECONE_API_KY=x\nBOOST_LIBRARY_TRACKER_PRIVATE_REPO_OWNER=y\nSLACK_UNHEARD_OF_THING=z\n"
            "AIRFLOW__CORE__X=1\nMY_OWN=2\nSLACK_BOT_TOKEN_T7=xoxb-7\nDEBUG=1\n"
        )
        load_file(tmp_path, text, PINECONE_KEY="not of the file")
        warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert [message.split(": ", 1)[1] for message in warned if " is not a setting" in message] == [
            "PINECONE_API_KY is not a setting; did you mean PINECONE_API_KEY?",
            "BOOST_LIBRARY_TRACKER_PRIVATE_REPO_OWNER is not a setting; did you mean BOOST_LIBRARY_TRACKER_REPO_OWNER?",
            "SLACK_UNHEARD_OF_THING is not a setting and has no effect",
        ]

    def test_the_process_environment_is_read_by_default(self) -> None:
        code = "from boost_collectors.core.settings import Settings; print(Settings.load(env_file=None).pinecone_cloud)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, check=True, cwd=PROJECT_ROOT,
            env={"PINECONE_CLOUD": "gcp", "PATH": ""},
        )  # fmt: skip
        assert done.stdout == "gcp\n"


class TestSecretValues:
    def test_tokens_passwords_and_webhooks(self) -> None:
        settings = load(
            GITHUB_TOKEN="gh-token",
            GITHUB_TOKENS_SCRAPING="gh-a,gh-b",
            DATABASE_URL="postgres://me:p%40ss@h/d",
            CELERY_BROKER_URL="redis://:queue-pw@q/0",
            SLACK_WEBHOOK_URL="https://hooks.slack.com/services/a",
            SLACK_TEAM_IDS="T1",
            SLACK_BOT_TOKEN_T1="xoxb-1",
            LOG_FILE="no-secret",
        )
        assert set(settings.secret_values()) == {
            "gh-token", "gh-a", "gh-b", "p%40ss", "p@ss", "queue-pw", "https://hooks.slack.com/services/a", "xoxb-1",
        }  # fmt: skip

    def test_defaults_are_no_secrets(self) -> None:
        assert load().secret_values() == ()

    @pytest.mark.parametrize("word", ["TOKEN", "KEY", "PASSWORD", "SECRET", "COOKIE", "WEBHOOK"])
    def test_what_is_named_like_a_secret_is_one(self, word: str) -> None:
        open_ones = {
            "ALLOW_INTERNAL_SLACK_TOKENS", "ALLOW_INTERNAL_DISCORD_TOKENS", "SLACK_INTERNAL_TOKENS_JSON",
            "DISCORD_INTERNAL_TOKENS_JSON", "YOUTUBE_COOKIES_FILE", "REDDIT_KEYWORDS",
        }  # fmt: skip
        named = [variable for variable in known_variables() if word in variable.name]
        assert named
        assert [v.name for v in named if not v.secret and v.name not in open_ones] == []
