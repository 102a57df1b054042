"""Flags of every command that reads GitHub and publishes what it read."""

from __future__ import annotations

from pydantic import Field

from boost_collectors.core.options import Options


class ActivityOptions(Options):
    """Which of the phases are left out."""

    skip_github_sync: bool = Field(False, description="Read nothing from GitHub; only publish what waits for it.")
    skip_markdown_export: bool = Field(False, description="Neither write nor publish Markdown; what changed waits.")
    skip_remote_push: bool = Field(False, description="Write the Markdown of what changed, but do not push it.")
    skip_pinecone: bool = Field(False, description="Leave vectors as they are.")

    @property
    def pushes(self) -> bool:
        """Whether Markdown is pushed, where a target is configured."""
        return not (self.skip_markdown_export or self.skip_remote_push)
