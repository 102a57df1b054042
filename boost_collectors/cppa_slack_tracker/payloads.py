"""What Slack's objects must look like to be used. Unknown keys are allowed everywhere; users are checked by the hub."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from boost_collectors.core.errors import SourceError

SHOWN_PROBLEMS = 5


class SlackPayloadError(SourceError, ValueError):
    """A Slack object that is not what it should be; the message begins with "Invalid Slack <kind>"."""


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class TextValue(_Payload):
    """A channel's purpose or topic."""

    value: str = ""


class ChannelPayload(_Payload):
    """A channel as ``conversations.list``, ``conversations.info`` and an export's ``channels.json`` tell it."""

    id: str = Field(min_length=1)
    name: str = ""
    is_im: bool = False
    is_mpim: bool = False
    is_private: bool = False
    is_channel: bool = False
    type: str | None = None
    purpose: TextValue = TextValue()
    topic: TextValue = TextValue()
    creator: str | None = None
    is_archived: bool = False
    is_member: bool = False

    @property
    def title(self) -> str:
        """The trimmed name, or the id of a channel without one."""
        return self.name.strip() or self.id

    @property
    def kind(self) -> str:
        """``im``, ``mpim``, ``private_channel`` or ``public_channel``; the first flag that is set decides."""
        flags = {
            "im": self.is_im,
            "mpim": self.is_mpim,
            "private_channel": self.is_private,
            "public_channel": self.is_channel,
        }
        return next((kind for kind, is_set in flags.items() if is_set), self.type or "public_channel")

    @property
    def description(self) -> str:
        return self.purpose.value or self.topic.value


class Edited(_Payload):
    """When a message was last edited."""

    ts: str = ""


class MessagePayload(_Payload):
    """The fields of a message that decide what is stored; the whole payload is kept beside them."""

    ts: str | None = None
    text: str = ""
    user: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    thread_ts: str | None = None
    edited: Edited | None = None
    comment: dict[str, Any] | None = None
    reply_count: int | None = None
    latest_reply: str | None = None


class TeamPayload(_Payload):
    """A workspace as ``team.info`` (``id``, ``name``) and ``auth.test`` (``team_id``, ``team``) tell it."""

    id: str = Field(min_length=1)
    name: str = ""


Model = TypeVar("Model", bound=BaseModel)


def checked(kind: str, model: type[Model], payload: Any) -> Model:
    """The payload as a model. Raises SlackPayloadError that says what is wrong with this ``kind`` of object."""
    if not isinstance(payload, dict):
        raise SlackPayloadError(f"Invalid Slack {kind}: expected object, got {type(payload).__name__}")
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise SlackPayloadError(f"Invalid Slack {kind}: {_problems(error)}") from None


def _problems(error: ValidationError) -> str:
    told = [
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    total = f" ({len(told)} problems)" if len(told) > SHOWN_PROBLEMS else ""
    return "; ".join(told[:SHOWN_PROBLEMS]) + total
