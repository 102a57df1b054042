"""Why the stack cannot start, or ended."""

from __future__ import annotations

from pathlib import Path

TAIL_LINES = 20


class StackError(Exception):
    """Something a person has to look at; the message says what and where."""


class StopRequested(Exception):
    """A signal, or the death of the process that started us, asks the stack to end."""

    def __init__(self, reason: str, signal_number: int = 0) -> None:
        super().__init__(reason)
        self.signal_number = signal_number


class ComponentDied(StackError):
    """A component ended by itself. ``returncode`` is None for one that is not our child."""

    def __init__(self, name: str, returncode: int | None, log: Path) -> None:
        super().__init__(f"{name} {_how(returncode)}.\n{tail(log)}")
        self.name = name


def _how(returncode: int | None) -> str:
    if returncode is None:
        return "is gone"
    return f"was killed by signal {-returncode}" if returncode < 0 else f"ended with code {returncode}"


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The end of a log file, headed by its path, for a message."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join([f"The end of {log}:", *(f"  {line}" for line in text.splitlines()[-lines:])])
