"""The only writer of the event handler's tables, and what others may read of them."""

from boost_collectors.slack_event_handler.services.inbox import NewJob, queue, store_event
from boost_collectors.slack_event_handler.services.leases import (
    Job,
    bury,
    claim,
    claim_comment,
    comment_times,
    extend,
    finish,
    hand_back,
    postpone,
)
from boost_collectors.slack_event_handler.services.listeners import note_connection, note_event
from boost_collectors.slack_event_handler.services.upkeep import (
    Depth,
    depth,
    forget_old,
    revive_dead,
    summary,
    waiting,
)

__all__ = [
    "Depth",
    "Job",
    "NewJob",
    "bury",
    "claim",
    "claim_comment",
    "comment_times",
    "depth",
    "extend",
    "finish",
    "forget_old",
    "hand_back",
    "note_connection",
    "note_event",
    "postpone",
    "queue",
    "revive_dead",
    "store_event",
    "summary",
    "waiting",
]
