"""What reading 1,000 messages with threads and reactions costs, over HTTP from the sandbox through the real clients.

Slack: one channel, whose members and workspace were read before; of ten messages three are replies to a fourth, every
seventh has a reaction. Discord: 40 threads of 25 messages, of which one has reactions, with all that a first run reads.
Statements are all that the database was sent, a COPY among them, but for savepoints. The second run finds nothing new;
a request for messages is one for a channel's history or for a thread's replies.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.processes import new_database, server
from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox
from include.sandbox.slack.workspace import GeneratedWorkspace, channel_id
from tests.bench import statements
from tests.discord_activity_tracker.servers import Server

MESSAGES = 1_000
TEAM = "T0GENERATED"
THREADS = 40
SLACK, DISCORD = "run_cppa_slack_tracker", "run_discord_activity_tracker"
REACTIONS = [{"emoji": {"id": None, "name": "👍"}, "count": 2, "me": False, "me_burst": False}]
TABLES = {"slack": "cppa_slack_tracker_slackmessage", "discord": "discord_activity_tracker_discordmessage"}


def run() -> list[Figure]:
    """Measure on a server and a sandbox of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _write_slack(folder / "samples" / "slack" / TEAM)
        _write_discord(folder / "samples" / "discord")
        sandbox = stack.enter_context(Sandbox(samples=folder / "samples"))
        url = new_database(stack.enter_context(server()))
        given = sandbox.environment() | {"DATABASE_URL": url, "WORKSPACE_DIR": str(folder / "workspace")}
        slack = given | {"SLACK_TEAM_IDS": TEAM, f"SLACK_BOT_TOKEN_{TEAM}": f"xoxb-{TEAM}"}
        members = Request(("--sync-users", "--sync-channels"))
        execute(registry.find(SLACK), members, settings=Settings.load(slack, env_file=None))
        channel = Request(only=(f"{TEAM}/{channel_id(0)}",))
        return [
            *_figures("slack", 1, (SLACK, channel), ("/conversations.history", ".replies"), slack, sandbox),
            *_figures("discord", THREADS, (DISCORD, Request()), ("/messages",), given, sandbox),
        ]


def _write_slack(folder: Path) -> None:
    workspace = GeneratedWorkspace({"id": TEAM, "name": "Generated"}, MESSAGES, channel_count=1)
    folder.mkdir(parents=True)
    (folder / "team.json").write_text(json.dumps(workspace.team), encoding="utf-8")
    sizes = {"count": workspace.count, "channel_count": workspace.channel_count}
    (folder / "generated.json").write_text(json.dumps(sizes), encoding="utf-8")


def _write_discord(folder: Path) -> None:
    discord = Server(folder)
    discord.channel()
    for number in range(THREADS):
        thread = discord.thread(f"talk {number}")
        discord.fill(MESSAGES // THREADS - 1, to=thread)
        discord.say("reacted to", to=thread, reactions=REACTIONS)


def _figures(
    name: str,
    channels: int,
    run: tuple[str, Request],
    asks: tuple[str, ...],
    variables: Mapping[str, str],
    sandbox: Sandbox,
) -> list[Figure]:
    settings = Settings.load(variables, env_file=None)
    sent, _ = _costs(run, settings, asks, sandbox)
    before = _fingerprint(settings, TABLES[name])
    _, requests = _costs(run, settings, asks, sandbox)
    rewritten = int(_fingerprint(settings, TABLES[name]) != before)
    return [
        Figure(f"{name}_statements", f"{name}: SQL statements for 1,000 messages", sent, "", at_most=50),
        Figure(
            f"{name}_requests",
            f"{name}: requests for messages a channel, second run",
            requests / channels,
            "",
            at_most=1,
        ),
        Figure(f"{name}_rewritten", f"{name}: tables of messages that it wrote to", rewritten, "", at_most=0),
    ]


def _costs(run: tuple[str, Request], settings: Settings, asks: tuple[str, ...], sandbox: Sandbox) -> tuple[int, int]:
    """Statements and requests for messages of one run."""
    sandbox.requests.clear()
    with statements() as sent:
        execute(registry.find(run[0]), run[1], settings=settings)
    # COPY does not go through SQLAlchemy: there is one for each staging table.
    copies = sum(statement.lstrip().startswith("CREATE TEMPORARY") for statement in sent)
    return len(sent) + copies, sum(request.path.endswith(asks) for request in sandbox.requests)


def _fingerprint(settings: Settings, table: str) -> tuple[int, int]:
    """Differs as soon as a row of the table is written, be it with the same values."""
    with Database.from_settings(settings) as database, database.session() as session:
        query = f"SELECT count(*), sum(hashtext(ctid::text || xmin::text)::bigint) FROM {table}"
        rows, versions = session.execute(text(query)).one()
    assert rows == MESSAGES
    return rows, versions
