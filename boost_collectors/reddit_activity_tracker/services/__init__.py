"""The only writers of the Reddit tables, and the reads that others may use.

The session comes first and is never committed here. Things are named by Reddit's full names (``t3_…``, ``t1_…``).
"""

from boost_collectors.reddit_activity_tracker.services.items import (
    Authors,
    StoredThings,
    mark_missing,
    store_things,
)
from boost_collectors.reddit_activity_tracker.services.reads import (
    Reread,
    SavedThing,
    SavedUser,
    changed_things,
    stored_names,
    stored_submissions,
    stubs,
    things_to_reread,
    users_named,
)
from boost_collectors.reddit_activity_tracker.services.threads import Thread, ThreadComment, find_threads
from boost_collectors.reddit_activity_tracker.services.trees import DueTree, due_trees, note_tree, unseen_comments

__all__ = [
    "Authors",
    "DueTree",
    "Reread",
    "SavedThing",
    "SavedUser",
    "StoredThings",
    "Thread",
    "ThreadComment",
    "changed_things",
    "due_trees",
    "find_threads",
    "mark_missing",
    "note_tree",
    "store_things",
    "stored_names",
    "stored_submissions",
    "stubs",
    "things_to_reread",
    "unseen_comments",
    "users_named",
]
