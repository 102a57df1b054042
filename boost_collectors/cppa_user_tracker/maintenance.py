"""The commands with which people look through proposals and decisions, and decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from pydantic import Field
from sqlalchemy.orm import Session

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options
from boost_collectors.cppa_user_tracker import services

Decide = Callable[..., int]


class ListProposalsOptions(Options):
    limit: int = Field(20, description="How many to show, the likeliest first.", ge=1)
    profile: int | None = Field(None, description="Only those about this profile, by id.")


class ListIdentityProposalsCommand(BaseCommand):
    """What waits for a decision, with both sides and the reasons."""

    options = ListProposalsOptions

    def execute(self, options: Options) -> None:
        assert isinstance(options, ListProposalsOptions)
        with self.context.database.session() as session:
            waiting = services.count_waiting_proposals(session)
            found = services.waiting_proposals(session, limit=options.limit, profile=options.profile)
            profiles = services.shown_profiles(session, [p for each in found for side in each.sides for p in side])
        click.echo(f"{waiting} proposals waiting, {len(found)} shown")
        for each in found:
            click.echo(f"\nproposal {each.id}, score {each.score:.4f}: {_because(each.evidence)}")
            for side in each.sides:
                _show_side(side, profiles)


class DecideOptions(Options):
    proposal: int | None = Field(None, description="The proposal; its flag is not needed.", json_schema_extra=BARE)
    profiles: tuple[int, ...] = Field((), description="Profile ids instead of a proposal; two or more.")
    by: str = Field(description="Who decides.")
    reason: str = Field("", description="Why.")


class AcceptIdentityProposalCommand(BaseCommand):
    """Two people, or more, are one."""

    options = DecideOptions

    def execute(self, options: Options) -> None:
        with self.context.database.session() as session:
            decision = _decided(session, options, services.accept_proposal, services.accept_profiles)
        click.echo(f"decision {decision}: one person from now on")


class RejectIdentityProposalCommand(BaseCommand):
    """They are not the same person, and are never to be proposed or merged again."""

    options = DecideOptions

    def execute(self, options: Options) -> None:
        with self.context.database.session() as session:
            decision = _decided(session, options, services.reject_proposal, services.reject_profiles)
        click.echo(f"decision {decision}: kept apart from now on")


class ListDecisionsOptions(Options):
    limit: int = Field(20, description="How many to show, the newest first.", ge=1)
    profile: int | None = Field(None, description="Only those about this profile, by id.")
    by_people: bool = Field(False, description="Only what somebody decided, not what was merged automatically.")


class ListIdentityDecisionsCommand(BaseCommand):
    """Who decided what, when and why."""

    options = ListDecisionsOptions

    def execute(self, options: Options) -> None:
        assert isinstance(options, ListDecisionsOptions)
        with self.context.database.session() as session:
            found = services.decisions(
                session, limit=options.limit, profile=options.profile, by_people=options.by_people
            )
            profiles = services.shown_profiles(session, [p for each in found for part in each.parts for p in part])
        for each in found:
            _show_decision(each, profiles)


class UndoOptions(Options):
    decision: int | None = Field(
        None, description="The decision, by id; its flag is not needed.", json_schema_extra=BARE
    )
    by: str = Field(description="Who decides.")
    reason: str = Field("", description="Why.")


class UndoIdentityDecisionCommand(BaseCommand):
    """Take a decision back, and restore what was before."""

    options = UndoOptions

    def execute(self, options: Options) -> None:
        assert isinstance(options, UndoOptions)
        if options.decision is None:
            raise CommandError("say which decision; list_identity_decisions shows them")
        with self.context.database.session() as session:
            undo = services.undo_decision(session, options.decision, options.by, options.reason)
        click.echo(f"decision {undo}: decision {options.decision} is undone")


def _decided(session: Session, options: Options, by_proposal: Decide, by_profiles: Decide) -> int:
    assert isinstance(options, DecideOptions)
    if (options.proposal is None) == (not options.profiles):
        raise CommandError("say either which proposal or which --profiles")
    if options.proposal is not None:
        return by_proposal(session, options.proposal, options.by, options.reason)
    return by_profiles(session, options.profiles, options.by, options.reason)


def _show_decision(each: services.Decision, profiles: Mapping[int, services.ShownProfile]) -> None:
    what = f"{each.kind} of decision {each.undoes_id}" if each.undoes_id else each.kind
    undone = f", undone by decision {each.undone_by}" if each.undone_by else ""
    click.echo(f"\ndecision {each.id}: {what} by {each.decided_by}, {each.created_at:%Y-%m-%d %H:%M:%S}{undone}")
    if each.reason:
        click.echo(f"  why: {each.reason}")
    if each.evidence:
        click.echo(f"  score {each.score or 0:.4f}: {_because(each.evidence)}")
    for part in each.parts:
        _show_side(part, profiles)


def _show_side(side: Iterable[int], profiles: Mapping[int, services.ShownProfile]) -> None:
    click.echo("  " + "; ".join(str(profiles[profile]) for profile in side if profile in profiles))


def _because(evidence: Sequence[Any]) -> str:
    """The reasons of the weakest pair, which is the one to look at."""
    if not evidence:
        return "-"
    weakest: dict[str, Any] = min(evidence, key=lambda pair: pair["score"])
    return ", ".join(f"{piece['kind']} {piece['value']} ({piece['bits']:+.1f})" for piece in weakest["because"])
